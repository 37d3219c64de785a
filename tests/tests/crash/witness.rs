//! Looks at the vendor after each act there, and at the ledger at that very moment: was it allowed to happen yet?

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Result, ensure};
use keyturn_core::account::AccountId;
use keyturn_core::journal::{Action, Outcome};
use keyturn_core::key::{KeyRecord, KeyRef, VendorKeyId};
use keyturn_core::operation::{Intent, Operation, Stage};
use keyturn_core::ports::{Ledger, Purpose};
use keyturn_core::provider::{Connection, Paging, Provider};
use keyturn_core::rotation::{Phase, Rotation};
use keyturn_core::secret::Secret;
use keyturn_storage::SqliteLedger;
use keyturn_tests::flat::LEDGER;

/// One who sees the vendor's list with a key of its own.
pub(crate) struct Witness {
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) base_url: String,
    pub(crate) own_key: Secret,
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) profile: PathBuf,
    seen: Mutex<Seen>,
    turn: tokio::sync::Mutex<()>,
}

/// What the ledger knew before the vendor heard of a request. The next one goes on once this one is compared.
pub(crate) struct Known<'a> {
    open: Result<Vec<Operation>>,
    most: usize,
    _turn: tokio::sync::MutexGuard<'a, ()>,
}

#[derive(Default)]
struct Seen {
    /// The most keys of the script's that may live side by side; none: nobody looks.
    most: Option<usize>,
    /// The keys that lived before the script and that it is not about. All others are its own.
    house: Vec<VendorKeyId>,
    before: Vec<KeyRecord>,
    faults: Vec<String>,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Witness")
    }
}

impl Witness {
    pub(crate) fn new(
        provider: Arc<dyn Provider>,
        base_url: String,
        own_key: Secret,
        settings: BTreeMap<String, String>,
        profile: PathBuf,
    ) -> Self {
        Self {
            provider,
            base_url,
            own_key,
            settings,
            profile,
            seen: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The script's keys that live at the vendor.
    pub(crate) async fn subjects(&self) -> Result<Vec<KeyRecord>> {
        let mut keys = self.living().await?;
        keys.retain(|key| self.is_subject(&key.id));
        Ok(keys)
    }

    async fn living(&self) -> Result<Vec<KeyRecord>> {
        let (base_url, managing_key) = (self.base_url.as_str(), &self.own_key);
        let connection = Connection { base_url, managing_key, settings: &self.settings };
        let mut keys = self.provider.list(connection, &|_| Paging::Continue).await?.keys;
        keys.retain(|key| key.status.is_live());
        Ok(keys)
    }

    /// Whether a script is about this key. By the id: the house's own keys may bear the same name.
    pub(crate) fn is_subject(&self, id: &VendorKeyId) -> bool {
        !self.seen().house.contains(id)
    }

    /// What lives now but for `subject` is the house's own. From now on at most so many others may live at a time.
    pub(crate) async fn look(&self, subject: &VendorKeyId, most: usize) -> Result<()> {
        let (before, house) = self.living().await?.into_iter().partition(|key| key.id == *subject);
        let house: Vec<KeyRecord> = house;
        let house = house.into_iter().map(|key| key.id).collect();
        *self.seen() = Seen { most: Some(most), house, before, faults: Vec::new() };
        Ok(())
    }

    /// What should not have been.
    pub(crate) fn faults(&self) -> Vec<String> {
        std::mem::take(&mut self.seen().faults)
    }

    /// To be asked before the vendor is.
    pub(crate) async fn before_something_is_done(&self) -> Option<Known<'_>> {
        let most = self.seen().most?;
        let turn = self.turn.lock().await;
        let open = async { Ok(self.ledger()?.open_operations().await?) }.await;
        Some(Known { open, most, _turn: turn })
    }

    pub(crate) async fn something_was_done(&self, known: Known<'_>) {
        if let Err(error) = self.compare(known).await {
            self.seen().faults.push(format!("{error:#}"));
        }
    }

    fn ledger(&self) -> Result<SqliteLedger> {
        Ok(SqliteLedger::open(&self.profile.join(LEDGER))?.ledger)
    }

    async fn compare(&self, known: Known<'_>) -> Result<()> {
        let open = known.open?;
        let now = self.subjects().await?;
        let before = std::mem::replace(&mut self.seen().before, now.clone());
        let is_among = |keys: &[KeyRecord], id: &VendorKeyId| keys.iter().any(|key| key.id == *id);
        ensure!(now.len() <= known.most, "made twice: {} keys live side by side", now.len());
        let ledger = self.ledger()?;
        for made in now.iter().filter(|key| !is_among(&before, &key.id)) {
            let intended = open.iter().any(|operation| operation.stage.is_minting());
            ensure!(intended, "{} was made, and the ledger knows of no intent", made.name);
        }
        for dead in before.iter().filter(|key| !is_among(&now, &key.id)) {
            self.may_die(&ledger, &open, &dead.id).await?;
        }
        Ok(())
    }

    /// A key went: the journal knew of it before, Keyturn does not call the vendor with it any more, and where it has
    /// a successor, that was safe. One whose making is on disk and whose value could not be kept goes without more
    /// words: there is no room for them.
    async fn may_die(&self, ledger: &SqliteLedger, open: &[Operation], id: &VendorKeyId) -> Result<()> {
        let account = AccountId("house".into());
        let history = ledger.history(&KeyRef { account, key: id.clone() }, 100).await?;
        let intended = |entry: &keyturn_core::journal::Entry| {
            entry.outcome == Outcome::Intended && matches!(entry.action, Action::Revoke | Action::Rotate)
        };
        let could_not_be_kept = open
            .iter()
            .any(|operation| operation.stage.is_minting() && operation.intent.predecessor() != Some(id));
        let known_before = history.iter().any(intended) || could_not_be_kept;
        ensure!(known_before, "a key was revoked and the journal did not know of it before");
        let manages = ledger.accounts().await?.iter().any(|account| account.manages_with(id));
        ensure!(!manages, "the key went with which Keyturn itself calls the vendor");
        for operation in open {
            let Intent::Replace { predecessor, .. } = &operation.intent else { continue };
            let Stage::Rotating(rotation) = &operation.stage else { continue };
            if predecessor == id {
                is_safe(ledger, operation, rotation).await?;
            }
        }
        Ok(())
    }
}

/// Whether the successor was seen to work, and is sealed or stored.
async fn is_safe(ledger: &SqliteLedger, operation: &Operation, rotation: &Rotation) -> Result<()> {
    let goes = matches!(rotation.phase, Phase::Revoking { .. } | Phase::Dying { .. });
    ensure!(goes, "the old key went in the state {:?}", rotation.phase);
    let Some(successor) = rotation.successor() else { anyhow::bail!("the old key went without a new one") };
    let history = ledger.history(&successor.key, 100).await?;
    let works = |entry: &keyturn_core::journal::Entry| {
        entry.action == Action::Probe && matches!(entry.outcome, Outcome::Done(_))
    };
    ensure!(history.iter().any(works), "the old key went before the new one was seen to work");
    let sealed = ledger.sealed(&Purpose::Escrow(operation.id.clone())).await?.is_some();
    ensure!(sealed || successor.acknowledged, "the old key went before the new one was sealed");
    Ok(())
}
