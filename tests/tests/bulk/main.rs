//! Acts on many keys through the real ledger, vault, adapters and authorities: what the dry run says is what happens,
//! whatever the vendor answers and wherever the application is killed.

mod chance;
mod house;
mod killed;
mod limits;
mod people;
