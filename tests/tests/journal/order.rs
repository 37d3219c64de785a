//! D4: each side effect has its record in the journal first. Seen from outside: a provider and a vault that look into
//! the journal before they do anything.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use keyturn_core::account::VendorId;
use keyturn_core::flows::{self, AdoptRequest, Choice, Confirmation, Context, ProviderRegistry};
use keyturn_core::grant::Grant;
use keyturn_core::journal::Action;
use keyturn_core::key::{Hint, Usage, VendorKeyId};
use keyturn_core::operation::OperationId;
use keyturn_core::ports::{JournalFilter, Ledger, OutcomeKind, Source};
use keyturn_core::provider::{
    Connection, Listing, Manifest, Minted, Paging, Probe, Provider, ProviderError, VendorRecord,
};
use keyturn_core::secret::Secret;
use keyturn_tests::flat::{Flat, Plot};

/// What was seen right before each call that changes something: the call, and the newest entry.
type Seen = Arc<Mutex<Vec<(&'static str, Option<(String, OutcomeKind)>)>>>;

/// The real provider behind one that looks first.
struct Watched {
    inner: Arc<dyn Provider>,
    ledger: Arc<dyn Ledger>,
    seen: Seen,
}

impl Watched {
    async fn look(&self, call: &'static str) {
        let ours = JournalFilter { source: Source::Keyturn, ..JournalFilter::default() };
        let window = self.ledger.journal_window(&ours, 0, 1).await;
        let newest = window.ok().and_then(|window| window.rows.into_iter().next());
        let newest = newest.map(|row| (row.action, row.outcome));
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push((call, newest));
    }
}

#[async_trait]
impl Provider for Watched {
    fn manifest(&self) -> &Manifest {
        self.inner.manifest()
    }
    async fn list(
        &self,
        connection: Connection<'_>,
        on_page: &(dyn Fn(usize) -> Paging + Send + Sync),
    ) -> Result<Listing, ProviderError> {
        self.inner.list(connection, on_page).await
    }
    async fn mint(&self, connection: Connection<'_>, grant: &Grant) -> Result<Minted, ProviderError> {
        self.look("mint").await;
        self.inner.mint(connection, grant).await
    }
    async fn rotate(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<Minted, ProviderError> {
        self.look("rotate").await;
        self.inner.rotate(connection, key).await
    }
    async fn revoke(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<(), ProviderError> {
        self.look("revoke").await;
        self.inner.revoke(connection, key).await
    }
    async fn delete(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<(), ProviderError> {
        self.look("delete").await;
        self.inner.delete(connection, key).await
    }
    async fn probe(&self, connection: Connection<'_>) -> Result<Probe, ProviderError> {
        self.inner.probe(connection).await
    }
    async fn usage(
        &self,
        connection: Connection<'_>,
        key: &VendorKeyId,
    ) -> Result<Vec<Usage>, ProviderError> {
        self.inner.usage(connection, key).await
    }
    async fn audit_feed(
        &self,
        connection: Connection<'_>,
        since: Option<DateTime<Utc>>,
    ) -> Result<Vec<VendorRecord>, ProviderError> {
        self.inner.audit_feed(connection, since).await
    }
    fn hint(&self, secret: &Secret) -> Hint {
        self.inner.hint(secret)
    }
}

struct One(Arc<Watched>);

impl ProviderRegistry for One {
    fn provider(&self, vendor: &VendorId) -> Option<Arc<dyn Provider>> {
        (self.0.manifest().vendor == *vendor).then(|| Arc::clone(&self.0) as Arc<dyn Provider>)
    }
    fn all(&self) -> Vec<Arc<dyn Provider>> {
        vec![Arc::clone(&self.0) as Arc<dyn Provider>]
    }
}

fn watched(flat: &Flat) -> (Context, Seen) {
    let seen = Seen::default();
    let watched = Watched {
        inner: Arc::clone(&flat.provider),
        ledger: Arc::clone(&flat.ctx.ledger),
        seen: Arc::clone(&seen),
    };
    (Context { providers: Arc::new(One(Arc::new(watched))), ..flat.ctx.clone() }, seen)
}

fn calls(seen: &Seen) -> Vec<(&'static str, Option<(String, OutcomeKind)>)> {
    std::mem::take(&mut seen.lock().unwrap_or_else(PoisonError::into_inner))
}

fn intended(call: &'static str, action: Action) -> (&'static str, Option<(String, OutcomeKind)>) {
    (call, Some((action.word().to_owned(), OutcomeKind::Intended)))
}

/// What a flow wrote, oldest first.
async fn told(ctx: &Context, from: usize) -> Result<Vec<(String, OutcomeKind)>> {
    let ours = JournalFilter { source: Source::Keyturn, ..JournalFilter::default() };
    let rows = ctx.ledger.journal_after(&ours, None, 10_000).await?;
    Ok(rows.into_iter().skip(from).map(|row| (row.action, row.outcome)).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn d4_the_journal_hears_of_each_act_at_a_vendor_before_the_vendor_does() -> Result<()> {
    let flat = Flat::new().await?;
    let (ctx, seen) = watched(&flat);
    let id = |name: &str| OperationId(name.into());
    let key = flows::create_key(&ctx, flat.wanted("one", "Watched")).await?;
    assert_eq!(calls(&seen), [intended("mint", Action::Create)]);
    flows::acknowledge(&ctx, &id("one")).await?;

    let because = ctx.because(Some("  it stood in a log  "));
    flows::begin_rotation(&because, &key, Choice::Atomic, None, id("two")).await?;
    assert_eq!(calls(&seen), [intended("rotate", Action::Rotate)]);
    let entry = ctx.ledger.history(&key, 10).await?.into_iter().find(|entry| entry.action == Action::Rotate);
    assert_eq!(entry.and_then(|entry| entry.reason).as_deref(), Some("it stood in a log"));
    flows::acknowledge(&ctx, &id("two")).await?;

    let (key, _) = flat.make("three", "Watched to its end").await?;
    flows::begin_rotation(&ctx, &key, Choice::OneHour, None, id("four")).await?;
    assert_eq!(calls(&seen), [intended("mint", Action::Rotate)]);
    flows::undo_rotation(&ctx, &id("four")).await?;
    flows::drive(&ctx, &id("four")).await?;
    assert_eq!(calls(&seen), [intended("revoke", Action::Revoke)]);

    let typed = Confirmation { typed_name: Some("Watched to its end".into()), managing: false };
    flows::revoke_key(&ctx, &key, &typed, id("five")).await?;
    assert_eq!(calls(&seen), [intended("revoke", Action::Revoke)]);
    flows::drive(&ctx, &id("five")).await?;
    flows::delete_key(&ctx, &key, false).await?;
    assert_eq!(calls(&seen), [intended("delete", Action::Delete)]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn d4_a_value_is_handed_out_and_adopted_only_after_its_record() -> Result<()> {
    let flat = Flat::new().await?;
    flows::create_key(&flat.ctx, flat.wanted("one", "Copied")).await?;
    let before = told(&flat.ctx, 0).await?.len();
    flows::take_for(&flat.ctx, &OperationId("one".into()), Action::Copy).await?;
    assert_eq!(told(&flat.ctx, before).await?, [("copy".into(), OutcomeKind::Intended)]);
    // Where the record cannot be written, nothing is handed out.
    let raw = rusqlite::Connection::open(flat.ledger_file())?;
    raw.execute_batch("CREATE TRIGGER stop BEFORE INSERT ON journal BEGIN SELECT raise(ABORT, 'no'); END")?;
    assert!(flows::take_for(&flat.ctx, &OperationId("one".into()), Action::Copy).await.is_err());
    raw.execute_batch("DROP TRIGGER stop")?;

    let flat = Plot::of(&VendorId("leadterra".into())).furnished().build().await?;
    let before = told(&flat.ctx, 0).await?.len();
    let request = AdoptRequest {
        account: flat.account.id.clone(),
        label: "Adopted".into(),
        secret: Secret::new(flat.rehearsed.authority.dashboard_issue("Adopted", None)?.value),
    };
    let key = flows::adopt_key(&flat.ctx, request).await?;
    flows::probe_key(&flat.ctx, &key).await?;
    let [intended, adopted, probed] = told(&flat.ctx, before).await?.try_into().expect("three entries");
    assert_eq!(intended, ("adopt".into(), OutcomeKind::Intended));
    assert_eq!(adopted, ("adopt".into(), OutcomeKind::Done));
    assert_eq!(probed, ("probe".into(), OutcomeKind::Done));
    Ok(())
}
