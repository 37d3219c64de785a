//! A key is made once and kept, or it is not there: never one that nobody has.

use anyhow::{Context, Result, ensure};
use keyturn_authority::{Calls, Fault};
use keyturn_core::account::VendorId;
use keyturn_core::flows::{self, Confirmation};
use keyturn_core::key::{KeyRef, KeyStatus};
use keyturn_core::provider::Support;
use keyturn_tests::flat::Flat;

use super::checks::{is_sound, says_no_secret};
use super::{Sink, arm, bounded, clear, every_fault, impatient, side_by_side};
use crate::house::{id, managed};

/// Half a minute's faults hit only what changes something, or every call.
const ON: [(&str, Calls); 2] = [("writes", Calls::Writes), ("all", Calls::All)];

async fn behaviour(provider: VendorId) -> Result<()> {
    let sink = Sink::open().await?;
    let flat = impatient(&provider).await?;
    let mut secrets = vec![flat.rehearsed.managing_key.clone()];
    for (number, fault) in every_fault(&sink).into_iter().enumerate() {
        for (on, calls) in ON {
            let name = format!("{on} {number}");
            arm(&flat, calls, &fault);
            let made = bounded(&fault, flows::create_key(&flat.ctx, flat.wanted(&name, &name))).await?;
            clear(&flat);
            let told = || format!("{fault:?} on {on}");
            match made {
                Ok(key) => secrets.push(kept(&flat, &fault, &name, &key).await.with_context(told)?),
                Err(error) => {
                    let known: Vec<_> = secrets.iter().map(String::as_str).collect();
                    says_no_secret(&error, &known).with_context(told)?;
                }
            }
            settled(&flat, &name).await.with_context(told)?;
        }
    }
    ensure!(sink.reached() == 0, "a key went elsewhere");
    let known: Vec<_> = secrets.iter().map(String::as_str).collect();
    is_sound(&flat, &known).await
}

/// The key that was made is the one that lives, and what it may do otherwise than asked for is said before it is
/// stored. It is revoked again, to make room.
async fn kept(flat: &Flat, fault: &Fault, name: &str, key: &KeyRef) -> Result<String> {
    let waiting = flows::escrows(&flat.ctx).await?;
    let escrow = waiting.iter().find(|escrow| escrow.key == *key).context("it does not wait")?;
    let changes_scopes = matches!(fault, Fault::ScopeTooMany | Fault::ScopeTooFew);
    let has_scopes = !flat.provider.manifest().scopes.is_empty();
    ensure!(
        escrow.differences.is_empty() != (changes_scopes && has_scopes),
        "what differs: {:?}",
        escrow.differences
    );
    let value = flat.value(name).await?;
    ensure!(flat.works(&value).await?, "its value is not that of a key");
    ensure!(flat.live_at_vendor(name).await? == 1, "made more than once");
    let typed = Confirmation { typed_name: Some(escrow.record.name.clone()), managing: false };
    flows::revoke_key(&flat.ctx, key, &typed, id(&format!("revoke {name}"))).await?;
    Ok(value)
}

/// After two looks at what was left open nothing is: no key at the vendor, no orphan here, nothing owed.
async fn settled(flat: &Flat, name: &str) -> Result<()> {
    flows::recover(&flat.ctx).await?;
    flat.pass(chrono::TimeDelta::minutes(4));
    flows::recover(&flat.ctx).await?;
    // Where no uses are reported, a key that may be ours may be somebody's: it is marked, and a person decides.
    let reports = flat.provider.manifest().capabilities.last_use == Support::Yes;
    for row in flat.ctx.ledger.keys(&flat.account.id).await? {
        if row.status == KeyStatus::Orphan {
            ensure!(!reports, "an orphan that was never used is taken back by itself: {row:?}");
            let key = KeyRef { account: flat.account.id.clone(), key: row.id };
            let typed = Confirmation { typed_name: Some(row.name), managing: false };
            flows::revoke_key(&flat.ctx, &key, &typed, id(&format!("decided {name}"))).await?;
        }
    }
    for operation in flat.ctx.ledger.open_operations().await? {
        flat.outlast(&operation.id.0).await?;
    }
    flat.read_twice().await?;
    ensure!(flat.live_at_vendor(name).await? == 0, "a key is left that nobody has");
    let keys = flat.ctx.ledger.keys(&flat.account.id).await?;
    let orphan = keys.iter().find(|key| key.status == KeyStatus::Orphan);
    ensure!(orphan.is_none(), "{orphan:?}");
    let open = flat.ctx.ledger.open_operations().await?;
    ensure!(open.is_empty(), "still open: {open:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn n2_n3_n4_s2_s3_r2_no_fault_leaves_a_key_that_nobody_has() -> Result<()> {
    side_by_side(managed, behaviour).await
}
