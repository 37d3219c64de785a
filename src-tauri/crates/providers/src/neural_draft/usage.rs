//! From which addresses a key was used. The vendor's pages promise "per-IP usage" and name no field of it.
//!
//! Decided here [assumed]: `usage` in each key of the list, an array of `{ip, last_used_at, count}`.

use std::net::IpAddr;

use keyturn_core::key::{Usage, VendorKeyId};
use keyturn_core::provider::Fault;
use serde::Deserialize;

use crate::http::Reply;
use crate::shape::{Field, Maybe, Page};

/// More addresses than these of one key are cut off: nobody reads them.
const MOST: usize = 1000;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Used {
    id: Field,
    usage: Vec<Maybe<Address>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Address {
    ip: Field,
    last_used_at: Field,
    count: Option<u64>,
}

/// The addresses of one key in a list of keys; empty where the vendor tells none. What is no address is passed
/// over.
///
/// # Errors
/// [`Fault::Malformed`] when it is no list.
pub(super) fn of(reply: &Reply, key: &VendorKeyId) -> Result<Vec<Usage>, Fault> {
    let Page::Items(items) = reply.json::<Page<Used>>()? else {
        return Err(Fault::Malformed("there is no list of keys in it".to_owned()));
    };
    let found = items.into_iter().find(|item| item.id.text() == Some(key.0.as_str()));
    let addresses = found.map(|item| item.usage).unwrap_or_default();
    Ok(addresses.into_iter().filter_map(|address| usage(&address.0?)).take(MOST).collect())
}

fn usage(address: &Address) -> Option<Usage> {
    let ip: IpAddr = address.ip.text()?.trim().parse().ok()?;
    Some(Usage { ip: ip.to_string(), last_used_at: address.last_used_at.time(), count: address.count })
}
