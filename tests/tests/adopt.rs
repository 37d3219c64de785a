//! Assisted accounts and adopted keys against the real ledger, vault and adapters; the vendor is scripted.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use chrono::{TimeDelta, Utc};
use keyturn_core::account::{Account, AccountId, Freshness, VendorId};
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, AdoptRequest, ConnectDetails, Context};
use keyturn_core::journal::{Action, Outcome};
use keyturn_core::key::{Environment, KeyRecord, KeyRef, KeyStatus, LastUse};
use keyturn_core::paste::PasteFault;
use keyturn_core::ports::{Purpose, VaultError};
use keyturn_core::provider::{Fault, Paging};
use keyturn_core::secret::Secret;
use keyturn_tests::flat::{MovedClock, RefusingVault, context};
use tempfile::TempDir;
use wiremock::matchers::{any, header, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const LIVE: &str = "sk_live_c0ffee00c0ffee11c0ffee22";
const TEST: &str = "sk_test_deadbeef00deadbeef11aaaa";
const SMART: &str = "8f14e45f-ceea-467f+a34d/1c2b3d4e5f60";

/// A house with one assisted account, whose vendor is a script.
struct Room {
    ctx: Context,
    account: Account,
    vendor: MockServer,
    vault: Arc<RefusingVault>,
    clock: Arc<MovedClock>,
    dir: TempDir,
}

impl Room {
    async fn at(vendor: &str) -> Result<Self> {
        let dir = TempDir::new()?;
        let (ctx, vault, clock) = context(&dir).await?;
        let server = MockServer::start().await;
        let account = flows::connect(&ctx, details("one", vendor, &server.uri())).await?;
        Ok(Self { ctx, account, vendor: server, vault, clock, dir })
    }

    async fn adopt(&self, label: &str, value: &str) -> Result<KeyRef, FlowError> {
        let secret = Secret::new(value.to_owned());
        let request = AdoptRequest { account: self.account.id.clone(), label: label.into(), secret };
        flows::adopt_key(&self.ctx, request).await
    }

    async fn row(&self, key: &KeyRef) -> KeyRecord {
        self.ctx.ledger.key(key).await.expect("the ledger answers").expect("the key is there")
    }

    async fn answers(&self, status: u16, body: &str) {
        self.vendor.reset().await;
        Mock::given(any()).respond_with(says(status, body)).mount(&self.vendor).await;
    }

    async fn requests(&self) -> usize {
        self.vendor.received_requests().await.expect("recorded").len()
    }

    async fn is_sealed(&self, key: &KeyRef) -> bool {
        self.ctx.ledger.sealed(&Purpose::Adopted(key.clone())).await.expect("the ledger answers").is_some()
    }
}

fn says(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body.to_owned(), "application/json")
}

fn details(id: &str, vendor: &str, base: &str) -> ConnectDetails {
    ConnectDetails {
        id: AccountId(id.into()),
        vendor: VendorId(vendor.into()),
        label: format!("Account {id}"),
        base_url: Some(base.to_owned()),
        managing_key: None,
        settings: BTreeMap::new(),
        rehearsal: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assisted_account_is_connected_without_a_key_and_without_a_request() -> Result<()> {
    for vendor in ["leadterra", "smartlead"] {
        let room = Room::at(vendor).await?;
        assert_eq!(room.account.managing, None);
        assert_eq!(room.account.freshness, Freshness::ByHand);
        let kept = room.ctx.ledger.accounts().await?.remove(0);
        assert_eq!((kept.managing, kept.freshness), (None, Freshness::ByHand));
        let mut with_key = details("two", vendor, &room.vendor.uri());
        with_key.managing_key = Some(Secret::new(LIVE.to_owned()));
        let refused = flows::connect(&room.ctx, with_key).await;
        assert!(matches!(refused, Err(FlowError::NotAllowed(why)) if why.contains("without a key")));
        assert_eq!(room.requests().await, 0);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_of_an_assisted_account_asks_nothing_and_claims_nothing() -> Result<()> {
    let room = Room::at("leadterra").await?;
    let key = room.adopt("production-agent", LIVE).await?;
    let (before, asked) = (room.row(&key).await, room.requests().await);
    let report = flows::refresh(&room.ctx, &room.account.id, &|_| Paging::Continue).await?;
    assert_eq!(report, flows::Refreshed::default());
    assert_eq!(room.row(&key).await, before);
    assert_eq!(room.ctx.ledger.accounts().await?[0].freshness, Freshness::ByHand);
    assert_eq!(room.requests().await, asked);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_checked_before_anything_is_sent() -> Result<()> {
    let room = Room::at("smartlead").await?;
    let mut asked = details("two", "smartlead-clients", &room.vendor.uri());
    asked.managing_key = Some(Secret::new(SMART.to_owned()));
    let refused = flows::connect(&room.ctx, asked).await;
    assert!(matches!(refused, Err(FlowError::Field(fault)) if fault.to_string() == "Client id is missing"));
    let keyless = flows::connect(&room.ctx, details("two", "smartlead-clients", &room.vendor.uri())).await;
    assert!(matches!(keyless, Err(FlowError::Paste(PasteFault::Empty))));
    assert_eq!(room.ctx.ledger.accounts().await?.len(), 1);
    assert_eq!(room.requests().await, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn lt03_and_lt05_an_adopted_key_has_its_label_its_hint_and_its_environment() -> Result<()> {
    let room = Room::at("leadterra").await?;
    let key = room.adopt("  ci-pipeline ", TEST).await?;
    let row = room.row(&key).await;
    assert_eq!((row.name.as_str(), row.hint.masked().as_str()), ("ci-pipeline", "sk_test_…aaaa"));
    assert_eq!(
        (row.environment, row.status, row.last_use),
        (Environment::Test, KeyStatus::Active, LastUse::NotReported)
    );
    assert_eq!(row.checked, None, "nobody answered yet");
    assert_eq!(room.requests().await, 1);
    for label in [" ", "two\nlines", &"x".repeat(256)] {
        assert!(matches!(room.adopt(label, LIVE).await, Err(FlowError::Field(_))), "{label:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn d4_an_adoption_has_its_journal_record_first() -> Result<()> {
    let room = Room::at("leadterra").await?;
    room.answers(200, "[]").await;
    let key = room.adopt("one", LIVE).await?;
    let history = room.ctx.ledger.history(&key, 10).await?;
    let told: Vec<_> = history.into_iter().rev().map(|entry| (entry.action, entry.outcome)).collect();
    let done = Outcome::Done("sk_live_…ee22; accepted by the vendor".into());
    assert_eq!(told, [(Action::Adopt, Outcome::Intended), (Action::Adopt, done)]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_twice_is_recognised_in_every_account_of_the_vendor() -> Result<()> {
    let room = Room::at("leadterra").await?;
    room.adopt("first", LIVE).await?;
    let again = room.adopt("second", LIVE).await;
    let words = "This key is here already, as \"first\" in the account \"Account one\".";
    assert!(matches!(&again, Err(FlowError::NotAllowed(why)) if why == words), "{again:?}");
    let other = flows::connect(&room.ctx, details("two", "leadterra", &room.vendor.uri())).await?;
    let request =
        AdoptRequest { account: other.id.clone(), label: "third".into(), secret: Secret::new(LIVE.into()) };
    assert!(matches!(flows::adopt_key(&room.ctx, request).await, Err(FlowError::NotAllowed(_))));
    assert!(room.ctx.ledger.keys(&other.id).await?.is_empty());
    // Another key that only looks alike is another key.
    room.adopt("alike", "sk_live_00000000000000000000ee22").await?;
    assert_eq!(room.ctx.ledger.keys(&room.account.id).await?.len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn lt15_what_was_not_copied_whole_is_not_kept() -> Result<()> {
    let room = Room::at("leadterra").await?;
    for text in
        ["", " sk_live_c0ffee00c0ffee11", "sk_live_c0ffee00\nc0ffee11", "sk_live_c0f", "sk_live_…ee22"]
    {
        assert!(matches!(room.adopt("one", text).await, Err(FlowError::Paste(_))), "{text:?}");
    }
    assert!(room.ctx.ledger.keys(&room.account.id).await?.is_empty());
    assert!(!room.ctx.ledger.has_sealed().await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_refuses_leaves_no_row_and_the_journal_says_so() -> Result<()> {
    let room = Room::at("leadterra").await?;
    room.vault.refuse_to_seal(Some(VaultError::NoKeyring));
    assert!(matches!(room.adopt("one", LIVE).await, Err(FlowError::Vault(VaultError::NoKeyring))));
    assert!(room.ctx.ledger.keys(&room.account.id).await?.is_empty());
    room.ctx.vault.lock();
    assert!(matches!(room.adopt("one", LIVE).await, Err(FlowError::Vault(VaultError::Locked))));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sl09_f51_a_key_refused_alone_is_dead_once_two_refusals_agree_and_nothing_of_it_is_lost() -> Result<()>
{
    let room = Room::at("leadterra").await?;
    room.answers(200, "[]").await;
    let key = room.adopt("one", LIVE).await?;
    room.answers(401, r#"{"error":{"code":"authentication_failed"}}"#).await;
    let first = flows::probe_key(&room.ctx, &key).await?;
    assert!(!first.alive);
    room.clock.forward(TimeDelta::minutes(5));
    flows::probe_key(&room.ctx, &key).await?;
    assert_eq!(room.row(&key).await.status, KeyStatus::Active, "the vendor may refuse everybody just now");
    room.clock.forward(TimeDelta::hours(2));
    assert_eq!(flows::due_probes(&room.ctx, room.ctx.clock.now()).await?, std::slice::from_ref(&key));
    flows::probe_key(&room.ctx, &key).await?;
    assert!(matches!(room.row(&key).await.status, KeyStatus::Revoked { at: Some(_) }), "two agree");
    assert!(room.is_sealed(&key).await, "the value is still there");
    room.clock.forward(TimeDelta::hours(25));
    assert_eq!(flows::due_probes(&room.ctx, room.ctx.clock.now()).await?, std::slice::from_ref(&key));
    room.answers(200, "[]").await;
    assert!(flows::probe_key(&room.ctx, &key).await?.alive);
    assert_eq!(room.row(&key).await.status, KeyStatus::Active);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn lt14_a_key_that_is_not_permitted_lives() -> Result<()> {
    let room = Room::at("leadterra").await?;
    let key = room.adopt("one", LIVE).await?;
    room.answers(403, "{}").await;
    assert!(flows::probe_key(&room.ctx, &key).await?.alive);
    assert_eq!(room.row(&key).await.status, KeyStatus::Active);
    let seen = &room.vendor.received_requests().await.expect("recorded")[0];
    assert_eq!(seen.headers["authorization"], format!("Bearer {LIVE}"), "lt01");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_seen_changes_nothing_and_is_said() -> Result<()> {
    let room = Room::at("leadterra").await?;
    let key = room.adopt("one", LIVE).await?;
    let before = room.row(&key).await;
    for (status, body) in [(429, "{}"), (503, "{}"), (200, "<html>"), (401, "<html>"), (404, "{}")] {
        room.answers(status, body).await;
        let unseen = flows::probe_key(&room.ctx, &key).await;
        assert!(matches!(unseen, Err(FlowError::Provider(_))), "{status} {unseen:?}");
        assert_eq!(room.row(&key).await, before, "{status} {body}");
    }
    flows::reconnect(&room.ctx, &room.account.id, "http://127.0.0.1:9").await?;
    let Err(FlowError::Provider(error)) = flows::probe_key(&room.ctx, &key).await else { panic!("seen") };
    assert!(matches!(error.fault, Fault::Unreachable(_)));
    assert_eq!(room.row(&key).await, before);
    let last = room.ctx.ledger.history(&key, 1).await?.remove(0);
    assert_eq!((last.action, last.outcome), (Action::Probe, Outcome::Failed(error.to_string())));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sl11_and_sl15_of_two_labelled_keys_the_old_one_is_dead_and_the_new_one_lives() -> Result<()> {
    let room = Room::at("smartlead").await?;
    room.answers(200, "[]").await;
    let old = room.adopt("Production Key", SMART).await?;
    let new = room.adopt("Production Key, November", "0b6f8c1e-new-new-new-77aa77aa77aa").await?;
    room.vendor.reset().await;
    let refused =
        r#"{"success":false,"error":{"code":"UNAUTHORIZED","message":"Invalid or missing API key"}}"#;
    let dead = Mock::given(query_param("api_key", SMART));
    dead.respond_with(says(401, refused)).mount(&room.vendor).await;
    let alive = Mock::given(query_param("api_key", "0b6f8c1e-new-new-new-77aa77aa77aa"));
    alive.respond_with(says(200, "[]")).mount(&room.vendor).await;
    assert!(!flows::probe_key(&room.ctx, &old).await?.alive);
    assert!(flows::probe_key(&room.ctx, &new).await?.alive);
    assert!(matches!(room.row(&old).await.status, KeyStatus::Revoked { .. }));
    assert_eq!(room.row(&new).await.status, KeyStatus::Active);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn lt11_a_key_is_due_until_it_was_probed_and_again_after_a_day() -> Result<()> {
    let room = Room::at("leadterra").await?;
    let (live, dead) = (room.adopt("live", LIVE).await?, room.adopt("dead", TEST).await?);
    assert_eq!(
        flows::due_probes(&room.ctx, Utc::now()).await?,
        [live.clone(), dead.clone()],
        "nobody answered"
    );
    flows::forget_key(&room.ctx, &live).await?;
    flows::forget_key(&room.ctx, &dead).await?;
    room.answers(200, "[]").await;
    let (live, dead) = (room.adopt("live", LIVE).await?, room.adopt("dead", TEST).await?);
    room.vendor.reset().await;
    let alive = Mock::given(header("authorization", format!("Bearer {LIVE}").as_str()));
    alive.respond_with(says(200, "[]")).mount(&room.vendor).await;
    let refused = Mock::given(header("authorization", format!("Bearer {TEST}").as_str()));
    refused.respond_with(says(401, "{}")).mount(&room.vendor).await;
    let due = async |at| flows::due_probes(&room.ctx, at).await;
    assert!(due(Utc::now()).await?.is_empty(), "both were asked with");
    for key in [&live, &dead] {
        flows::probe_key(&room.ctx, key).await?;
    }
    let now = Utc::now();
    assert!(due(now).await?.is_empty());
    assert!(due(now + TimeDelta::hours(23)).await?.is_empty());
    assert_eq!(due(now + TimeDelta::hours(25)).await?, [live.clone(), dead], "a death is looked at again");
    assert_eq!(due(now + TimeDelta::days(15)).await?, std::slice::from_ref(&live), "for two weeks");
    assert_eq!(due(now - TimeDelta::days(400)).await?, [live], "the clock was moved");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_key_is_gone_with_its_value_and_may_come_again() -> Result<()> {
    let room = Room::at("leadterra").await?;
    let key = room.adopt("one", LIVE).await?;
    flows::forget_key(&room.ctx, &key).await?;
    assert!(room.ctx.ledger.key(&key).await?.is_none());
    assert!(!room.is_sealed(&key).await);
    assert!(matches!(flows::forget_key(&room.ctx, &key).await, Err(FlowError::NotFound(_))));
    assert!(matches!(flows::probe_key(&room.ctx, &key).await, Err(FlowError::NotFound(_))));
    let again = room.adopt("one", LIVE).await?;
    assert_ne!(again, key, "its history stays its own");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sl03_and_lt07_no_file_of_the_profile_holds_the_key() -> Result<()> {
    for (vendor, value) in [("leadterra", LIVE), ("smartlead", SMART)] {
        let room = Room::at(vendor).await?;
        let key = room.adopt("one", value).await?;
        for (status, body) in
            [(200, "[]".to_owned()), (500, value.to_owned()), (400, format!("{{\"message\":\"{value}\"}}"))]
        {
            room.answers(status, &body).await;
            let _ = flows::probe_key(&room.ctx, &key).await;
        }
        for file in std::fs::read_dir(room.dir.path())? {
            let bytes = std::fs::read(file?.path())?;
            assert!(memchr::memmem::find(&bytes, value.as_bytes()).is_none(), "{vendor}");
        }
    }
    Ok(())
}
