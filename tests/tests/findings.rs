//! What the Audit screen stands on, against the real ledger, adapters and authority, with clocks that are moved.

use std::net::Ipv4Addr;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use keyturn_core::account::VendorId;
use keyturn_core::error::FlowError;
use keyturn_core::finding::{FindingKind, FindingSet};
use keyturn_core::flows::{self, Choice, Confirmation};
use keyturn_core::inventory::{Inventory, InventoryRow};
use keyturn_core::journal::Action;
use keyturn_core::key::KeyRef;
use keyturn_core::provider::Paging;
use keyturn_tests::authority::use_from;
use keyturn_tests::flat::{Flat, Plot};
use reqwest::Method;

fn days(count: i64) -> TimeDelta {
    TimeDelta::days(count)
}

async fn refresh(flat: &Flat) -> Result<()> {
    flows::refresh(&flat.ctx, &flat.account.id, &|_| Paging::Continue).await?;
    Ok(())
}

/// The key's row as the list shows it.
async fn judged(flat: &Flat, key: &KeyRef) -> Result<InventoryRow> {
    let (rows, _) = flows::judged_rows(&flat.ctx).await?;
    Inventory::build(rows).find(key).context("the key is not in the list")
}

async fn findings(flat: &Flat, key: &KeyRef) -> Result<FindingSet> {
    Ok(judged(flat, key).await?.findings)
}

/// Name and words of what was done elsewhere, newest first.
async fn outside(flat: &Flat) -> Result<Vec<(String, String)>> {
    let (changes, _) = flows::outside_changes(&flat.ctx, 0, 100).await?;
    Ok(changes.into_iter().map(|change| (change.name, change.words)).collect())
}

/// A call to the vendor by someone who is not Keyturn.
async fn elsewhere(
    flat: &Flat,
    method: Method,
    path: &str,
    body: serde_json::Value,
) -> Result<serde_json::Value> {
    let reply = keyturn_tests::authority::client()?
        .request(method, format!("{}{path}", flat.rehearsed.authority.base_url()))
        .header("X-API-Key", &flat.rehearsed.managing_key)
        .json(&body)
        .send()
        .await?;
    Ok(reply.error_for_status()?.json().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_elsewhere_is_told_and_what_keyturn_did_is_not() -> Result<()> {
    let flat = Flat::new().await?;
    refresh(&flat).await?;
    let (ours, _) = flat.make("ours", "Ours").await?;
    let (revoked, _) = flat.make("revoked", "Revoked elsewhere").await?;
    let successor = flat.rotate(&ours, Choice::Atomic, "rotate").await?;
    flat.revoke(&successor, &Confirmation { typed_name: Some("Ours".into()), managing: false }).await?;
    refresh(&flat).await?;
    assert_eq!(outside(&flat).await?, []);

    let body = serde_json::json!({ "name": "Theirs", "scopes": ["leads:view"], "environment": "live" });
    elsewhere(&flat, Method::POST, "/api/api-keys", body).await?;
    let path = format!("/api/api-keys/{}/revoke", revoked.key.0);
    elsewhere(&flat, Method::PATCH, &path, serde_json::json!({})).await?;
    refresh(&flat).await?;
    let mut told = outside(&flat).await?;
    told.sort();
    let words = |name: &str, words: &str| (name.to_owned(), words.to_owned());
    assert_eq!(
        told,
        [
            words("Revoked elsewhere", "Was active, now revoked."),
            words("Theirs", "Appeared. It was not made with Keyturn.")
        ]
    );
    refresh(&flat).await?;
    assert_eq!(outside(&flat).await?.len(), 2, "once each");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_grows_idle_wakes_up_and_is_no_news_a_month_later() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, value) = flat.make("make", "Sleeper").await?;
    assert!(flat.works(&value).await?);
    refresh(&flat).await?;
    assert!(!findings(&flat, &key).await?.holds(FindingKind::Idle));
    flat.pass(days(91));
    refresh(&flat).await?;
    assert!(findings(&flat, &key).await?.holds(FindingKind::Idle));
    assert!(flat.works(&value).await?);
    refresh(&flat).await?;
    let found = findings(&flat, &key).await?;
    assert!(found.holds(FindingKind::WokeUp) && !found.holds(FindingKind::Idle));
    flat.pass(days(31));
    refresh(&flat).await?;
    assert!(!findings(&flat, &key).await?.holds(FindingKind::WokeUp));

    let seen = flows::key_use(&flat.ctx, &key).await?;
    assert_eq!(seen.days.iter().filter(|day| day.used == Some(true)).count(), 2);
    let quiet = seen.days.iter().filter(|day| day.used == Some(false)).count();
    assert_eq!(quiet, 90 + 30, "between the uses, and since");
    assert_eq!(seen.marks.iter().map(|mark| mark.words).collect::<Vec<_>>(), ["Created"]);
    assert!(
        seen.granularity.starts_with("Naturalead gives the time of the last use"),
        "{}",
        seen.granularity
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_is_marked_in_the_use_of_the_key() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, _) = flat.make("make", "Rotated").await?;
    flat.pass(days(3));
    let successor = flat.rotate(&key, Choice::Atomic, "rotate").await?;
    let marks = flows::key_use(&flat.ctx, &successor).await?.marks;
    assert!(marks.iter().any(|mark| mark.words == "Rotated"), "{marks:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_finding_does_not_count_until_its_end_and_stands_in_the_journal() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, _) = flat.make("make", "Without an end").await?;
    let never = FindingKind::NeverExpires;
    assert!(findings(&flat, &key).await?.holds(never));
    let accept = async |reason: &str, until| {
        flows::accept_finding(&flat.ctx, std::slice::from_ref(&key), never, reason, until).await
    };
    let soon = flat.ctx.clock.now() + days(30);
    assert!(matches!(accept(" ", Some(soon)).await, Err(FlowError::NotAllowed(_))));
    assert!(matches!(accept("late", Some(flat.ctx.clock.now())).await, Err(FlowError::NotAllowed(_))));
    accept("The partner cannot rotate", Some(soon)).await?;
    let row = judged(&flat, &key).await?;
    assert!(!row.findings.holds(never) && row.accepted.holds(never));
    let page = flows::key_page(&flat.ctx, &key).await?;
    let told = flows::key_findings(&flat.ctx, &page, Some(&row)).await?.findings;
    let accepted = told.iter().find(|told| told.kind == never).and_then(|told| told.accepted.clone());
    assert_eq!(accepted.context("it is told as accepted")?.reason, "The partner cannot rotate");
    let entry = flat.ctx.ledger.history(&key, 1).await?.remove(0);
    assert_eq!(entry.action, Action::Accept);
    flat.pass(days(31));
    assert!(findings(&flat, &key).await?.holds(never), "it ended by itself");

    accept("For good", None).await?;
    flat.pass(days(400));
    assert!(!findings(&flat, &key).await?.holds(never));
    flows::withdraw_acceptance(&flat.ctx, &key, never).await?;
    assert!(findings(&flat, &key).await?.holds(never));
    let again = flows::withdraw_acceptance(&flat.ctx, &key, never).await;
    assert!(matches!(again, Err(FlowError::NotFound(_))));
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_was_not_known_before_is_found() -> Result<()> {
    let flat = Plot::of(&VendorId("neural-draft".into())).build().await?;
    let (key, value) = flat.make("make", "Traveller").await?;
    use_from(&flat.rehearsed.authority.base_url(), &value, Ipv4Addr::LOCALHOST).await?;
    refresh(&flat).await?;
    assert!(!findings(&flat, &key).await?.holds(FindingKind::NewAddress), "the first address is no news");
    flat.pass(days(31));
    use_from(&flat.rehearsed.authority.base_url(), &value, Ipv4Addr::LOCALHOST).await?;
    refresh(&flat).await?;
    assert!(!findings(&flat, &key).await?.holds(FindingKind::NewAddress), "nor is one that is known");
    flat.pass(days(1));
    use_from(&flat.rehearsed.authority.base_url(), &value, Ipv4Addr::new(127, 0, 0, 2)).await?;
    refresh(&flat).await?;
    assert!(findings(&flat, &key).await?.holds(FindingKind::NewAddress));
    Ok(())
}
