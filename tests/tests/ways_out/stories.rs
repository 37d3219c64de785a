//! Generated stories of buttons, lies, cuts and other hands, over every vendor. At each truthful moment what is shown
//! works; and whatever it has come to, readings and buttons lead to an end.

use std::collections::{HashMap, HashSet};

use anyhow::{Context as _, Result, bail, ensure};
use chrono::TimeDelta;
use keyturn_core::account::VendorId;
use keyturn_core::batch::{BatchId, Deed as Done};
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Choice, Wanted};
use keyturn_core::key::{KeyRecord, KeyRef, KeyStatus, VendorKeyId};
use keyturn_core::operation::{OperationId, Stage};
use keyturn_core::provider::{Manifest, Support};
use keyturn_core::reading::AGREE;
use keyturn_core::rotation::{Phase, Until};
use keyturn_providers::{HttpSettings, providers};
use keyturn_tests::batch::{Pace, carry};
use keyturn_tests::cutter::CUTS;
use keyturn_tests::dice::Dice;
use keyturn_tests::flat::{Flat, Plot};
use keyturn_tests::lies::Lie;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use tokio::task::JoinSet;

use crate::buttons::{Button, is_refusal, offered, press};
use crate::world::{connect_neighbour, elsewhere, gone_elsewhere, lost, truth, unheard};

/// One thing that happens. Numbers choose among what there is at that moment.
#[derive(Debug, Clone)]
enum Deed {
    Create,
    /// A create in doubt: the vendor made the key, or did not.
    Doubt(bool),
    /// Somebody else makes a key of the name that was asked for last.
    Elsewhere,
    /// Somebody else ends a key.
    Ended(usize),
    Press(usize),
    Batch(usize),
    /// A batch is carried on for so many acts.
    Carry(usize),
    Cut(usize),
    /// The vendor says what is not so, for some requests.
    Lie(u64),
    Truth,
    Pass(i64),
    Lock,
    Restart,
    /// Another account at the same project is connected, or disconnected where nothing is lost with it.
    Neighbour,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let one = prop_oneof![
        2 => Just(Deed::Create),
        1 => any::<bool>().prop_map(Deed::Doubt),
        1 => Just(Deed::Elsewhere),
        1 => (0..9_usize).prop_map(Deed::Ended),
        8 => any::<usize>().prop_map(Deed::Press),
        1 => any::<usize>().prop_map(Deed::Batch),
        2 => (0..9_usize).prop_map(Deed::Carry),
        1 => (0..CUTS.len()).prop_map(Deed::Cut),
        2 => any::<u64>().prop_map(Deed::Lie),
        2 => Just(Deed::Truth),
        2 => (1..2_000_i64).prop_map(Deed::Pass),
        1 => Just(Deed::Lock),
        1 => Just(Deed::Restart),
        1 => Just(Deed::Neighbour),
    ];
    proptest::collection::vec(one, 30)
}

/// What a user of the keys knows, and what they have asked to go.
struct World {
    flat: Flat,
    values: HashMap<VendorKeyId, String>,
    given_up: HashSet<VendorKeyId>,
    /// What they have said of: it is theirs, whatever it is.
    left: HashSet<VendorKeyId>,
    /// With which the colleague's account is managed, or was.
    colleagues: HashSet<VendorKeyId>,
    name: String,
    made: usize,
    lies: bool,
}

impl World {
    async fn new(provider: &VendorId) -> Result<Self> {
        Ok(Self {
            flat: Plot::of(provider).build().await?,
            values: HashMap::new(),
            given_up: HashSet::new(),
            left: HashSet::new(),
            colleagues: HashSet::new(),
            name: "Deploy".into(),
            made: 0,
            lies: false,
        })
    }

    async fn happens(mut self, deed: &Deed) -> Result<Self> {
        self.made += 1;
        let id = format!("deed {}", self.made);
        match deed {
            Deed::Create => {
                self.name = format!("Key {}", self.made);
                drop(flows::create_key(&self.flat.ctx, self.flat.wanted(&id, &self.name)).await);
            }
            Deed::Doubt(made) => {
                self.truthful();
                if *made {
                    lost(&self.flat, &id, &self.name).await?;
                } else {
                    unheard(&self.flat, &id, &self.name).await?;
                }
            }
            Deed::Elsewhere => {
                self.truthful();
                // Where the vendor allows no more keys, nobody makes one.
                if let Ok((key, value)) = elsewhere(&self.flat, &self.name).await {
                    self.given_up.insert(key.key.clone());
                    self.values.insert(key.key, value);
                }
            }
            Deed::Ended(which) => {
                self.truthful();
                if let Some(key) = nth(&self.known(), *which) {
                    drop(gone_elsewhere(&self.flat, &key).await);
                    self.given_up.insert(key.key);
                }
            }
            Deed::Press(which) => self.presses(*which, &id).await?,
            Deed::Batch(which) => self.batch(*which).await?,
            Deed::Carry(acts) => self.carry(*acts + 1).await?,
            Deed::Cut(cut) => self.flat.cutter.cut_next("POST ", CUTS[*cut]),
            Deed::Lie(which) => {
                self.lies = true;
                Lie::any(&mut Dice::new(*which)).tell(self.flat.rehearsed.authority.faults());
            }
            Deed::Truth => self.truthful(),
            Deed::Pass(minutes) => self.flat.pass(TimeDelta::minutes(*minutes)),
            Deed::Lock => {
                self.flat.ctx.vault.lock();
                self.flat.ctx.vault.unlock(true).await?;
                flows::recover(&self.flat.ctx).await?;
            }
            Deed::Restart => {
                self.flat = self.flat.restarted().await?;
                flows::recover(&self.flat.ctx).await?;
            }
            Deed::Neighbour => self.neighbour().await?,
        }
        self.drive().await?;
        Ok(self)
    }

    fn truthful(&mut self) {
        truth(&self.flat);
        self.lies = false;
    }

    /// Presses one of the buttons that are shown. As long as nobody lies, and right after a reading, none is refused.
    async fn presses(&mut self, which: usize, id: &str) -> Result<()> {
        let read = self.read_all().await;
        let shown = offered(&self.flat).await?;
        let Some(button) = nth(&shown, which) else { return Ok(()) };
        self.give_up(&button).await?;
        match press(&self.flat, &button, id).await {
            Ok(saved) => self.values.extend(saved.map(|(key, value)| (key.key, value))),
            Err(FlowError::Ledger(fault)) => bail!("{button:?}: {fault}"),
            Err(error) if !self.lies && read.is_ok() && is_refusal(&error) => {
                bail!("{button:?} was shown, and it was refused: {error}")
            }
            Err(_) => {}
        }
        Ok(())
    }

    /// Every account is read.
    async fn read_all(&self) -> Result<(), FlowError> {
        for account in self.flat.ctx.ledger.accounts().await? {
            press(&self.flat, &Button::Refresh(account.id), "read").await?;
        }
        Ok(())
    }

    async fn neighbour(&mut self) -> Result<()> {
        let accounts = self.flat.ctx.ledger.accounts().await?;
        let Some(other) = accounts.into_iter().find(|account| account.id != self.flat.account.id) else {
            self.truthful();
            let before: HashSet<_> = self.flat.listed().await?.into_iter().map(|key| key.id).collect();
            connect_neighbour(&self.flat).await?;
            let new =
                self.flat.listed().await?.into_iter().map(|key| key.id).filter(|id| !before.contains(id));
            self.colleagues.extend(new);
            return Ok(());
        };
        let lost = flows::plan_disconnect(&self.flat.ctx, &other.id).await?;
        if lost.is_harmless() {
            flows::disconnect(&self.flat.ctx, &other.id, &lost).await?;
        }
        Ok(())
    }

    /// Which keys may be gone after this.
    async fn give_up(&mut self, button: &Button) -> Result<()> {
        match button {
            Button::Rotate(key, _) | Button::Revoke(key) | Button::Delete(key) => {
                self.given_up.insert(key.key.clone());
            }
            Button::Undo(operation) => {
                let found = self.flat.ctx.ledger.operation(operation).await?.context("it is shown")?;
                if let Stage::Rotating(rotation) = found.stage {
                    self.given_up.extend(rotation.successor().map(|new| new.key.key.clone()));
                }
            }
            Button::Leave(operation) => {
                let found = self.flat.ctx.ledger.operation(operation).await?.context("it is shown")?;
                self.left.extend(found.subjects().into_iter().map(|key| key.key));
                if let Stage::Orphaned { keys } = found.stage {
                    self.left.extend(keys.into_iter().map(|key| key.key));
                }
            }
            _ => {}
        }
        Ok(())
    }

    async fn batch(&mut self, which: usize) -> Result<()> {
        let deeds = [Done::Rotate(Choice::Now), Done::Rotate(Choice::OneHour), Done::Revoke];
        let mut keys = self.known();
        keys.truncate(4);
        let wanted = Wanted { deed: deeds[which % deeds.len()], keys };
        let plan = flows::plan_batch(&self.flat.ctx, &wanted).await?;
        if plan.will_do() == 0 {
            return Ok(());
        }
        self.given_up.extend(wanted.keys.iter().map(|key| key.key.clone()));
        let phrase = plan.phrase().unwrap_or_default();
        flows::begin_batch(&self.flat.ctx, &wanted, &phrase, BatchId(format!("batch {}", self.made))).await?;
        Ok(())
    }

    async fn carry(&self, acts: usize) -> Result<()> {
        let pass = |time: TimeDelta| self.flat.pass(time);
        for batch in flows::open_batches(&self.flat.ctx).await? {
            carry(&self.flat.ctx, &batch, &Pace::Moved(&pass), acts).await?;
        }
        Ok(())
    }

    /// In an order that does not depend on the map's.
    fn known(&self) -> Vec<KeyRef> {
        let here = |key: &VendorKeyId| KeyRef { account: self.flat.account.id.clone(), key: key.clone() };
        let mut known: Vec<KeyRef> = self.values.keys().map(here).collect();
        known.sort();
        known
    }

    async fn drive(&self) -> Result<()> {
        for operation in self.flat.ctx.ledger.open_operations().await? {
            self.flat.drive(&operation.id.0).await?;
        }
        Ok(())
    }

    /// Nobody lies any more, and the person does what the words say until nothing is open.
    async fn find_the_way_out(&mut self) -> Result<()> {
        self.truthful();
        for round in 0..40 {
            drop(self.read_all().await);
            for button in offered(&self.flat).await? {
                if self.helps(&button, round).await? {
                    self.give_up(&button).await?;
                    let pressed = press(&self.flat, &button, &format!("settle {round} {button:?}")).await;
                    let saved = match pressed {
                        // Somebody else was faster: the next reading says so.
                        Err(FlowError::Provider(_)) => None,
                        pressed => pressed.with_context(|| format!("{button:?}, on the way out"))?,
                    };
                    self.values.extend(saved.map(|(key, value)| (key.key, value)));
                }
            }
            self.carry(usize::MAX).await?;
            self.drive().await?;
            if self.is_over().await? {
                return Ok(());
            }
            self.flat.pass(if round % 2 == 0 { AGREE } else { TimeDelta::hours(8) });
        }
        let open = self.flat.ctx.ledger.open_operations().await?;
        bail!("there is no way out: {open:?}, {:?}", self.flat.ctx.ledger.keys(&self.flat.account.id).await?)
    }

    /// Whether a person who wants everything settled presses it now: another of the same round may have ended it.
    async fn helps(&self, button: &Button, round: usize) -> Result<bool> {
        if !offered(&self.flat).await?.contains(button) {
            return Ok(false);
        }
        Ok(match button {
            Button::AcceptReading(_) | Button::NameManaging(_) | Button::Save(_) | Button::Resume(_) => true,
            Button::Revoke(key) => {
                self.flat.row(key).await?.is_some_and(|row| row.status == KeyStatus::Orphan)
            }
            // What can be revoked is; what is left of the question is theirs.
            Button::Leave(operation) if round > 20 && self.phase(operation).await?.is_none() => true,
            Button::Undo(operation) | Button::Leave(operation) => {
                matches!(self.phase(operation).await?, Some(Phase::Bereft { .. }))
            }
            Button::Finish(operation) => match self.phase(operation).await? {
                Some(Phase::Overlap { until, .. }) => !matches!(until, Until::Time(_)) || round > 20,
                _ => false,
            },
            _ => false,
        })
    }

    async fn phase(&self, operation: &OperationId) -> Result<Option<Phase>> {
        let found = self.flat.ctx.ledger.operation(operation).await?;
        Ok(match found.map(|found| found.stage) {
            Some(Stage::Rotating(rotation)) => Some(rotation.phase),
            _ => None,
        })
    }

    async fn is_over(&self) -> Result<bool> {
        let waits = |status: &KeyStatus| {
            matches!(status, KeyStatus::Orphan | KeyStatus::Unlisted { .. } | KeyStatus::Revoking)
        };
        for account in self.flat.ctx.ledger.accounts().await? {
            let rows = self.flat.ctx.ledger.keys(&account.id).await?;
            if rows.iter().any(|row| waits(&row.status)) {
                return Ok(false);
            }
        }
        Ok(self.flat.ctx.ledger.open_operations().await?.is_empty()
            && flows::open_batches(&self.flat.ctx).await?.is_empty())
    }

    /// Each account and the vendor list the same living keys; each value works exactly as long as its row says; nobody
    /// has lost a key that they did not give up, and none lives that nobody has.
    async fn compare(&self) -> Result<()> {
        // What ended last is in nobody's list yet, and what two readings lack is gone.
        for _ in 0..2 {
            self.flat.pass(AGREE);
            self.read_all().await?;
        }
        let there = living(&self.flat.listed().await?);
        for account in self.flat.ctx.ledger.accounts().await? {
            let here = living(&self.flat.ctx.ledger.keys(&account.id).await?);
            ensure!(there == here, "live at the vendor {there:?}, live in {} {here:?}", account.label);
        }
        let managing = self.flat.account.managing.as_ref().and_then(|managing| managing.key.clone());
        for id in there.iter().filter(|id| managing.as_ref() != Some(id)) {
            let is_had =
                self.values.contains_key(id) || self.left.contains(id) || self.colleagues.contains(id);
            ensure!(is_had, "{id:?} lives and nobody has its value");
        }
        for (id, value) in &self.values {
            let works = self.flat.works(value).await?;
            ensure!(there.contains(id) == works, "{id:?}: listed, and it works: {works}");
            ensure!(works || self.given_up.contains(id), "{id:?} is lost, and nobody gave it up");
        }
        Ok(())
    }
}

fn living(keys: &[KeyRecord]) -> Vec<VendorKeyId> {
    let mut live: Vec<VendorKeyId> =
        keys.iter().filter(|key| key.status.is_live()).map(|key| key.id.clone()).collect();
    live.sort_unstable();
    live
}

fn nth<T: Clone>(of: &[T], which: usize) -> Option<T> {
    of.get(which % of.len().max(1)).cloned()
}

/// The vendors whose keys are managed through their API.
fn managed() -> Vec<VendorId> {
    let all = providers(HttpSettings::default());
    let manages = |manifest: &Manifest| {
        let can = &manifest.capabilities;
        can.list == Support::Yes && can.mint == Support::Yes && can.revoke == Support::Yes
    };
    let manifests = all.iter().map(|provider| provider.manifest());
    manifests.filter(|manifest| manages(manifest)).map(|manifest| manifest.vendor.clone()).collect()
}

async fn story(provider: &VendorId, deeds: &[Deed]) -> Result<()> {
    let mut world = World::new(provider).await?;
    for (number, deed) in deeds.iter().enumerate() {
        world = world.happens(deed).await.with_context(|| format!("at {number}, {deed:?}"))?;
    }
    world.find_the_way_out().await?;
    world.compare().await?;
    for account in world.flat.ctx.ledger.accounts().await? {
        let lost = flows::plan_disconnect(&world.flat.ctx, &account.id).await?;
        ensure!(lost.is_harmless(), "nothing is open, and something would be lost: {lost:?}");
        flows::disconnect(&world.flat.ctx, &account.id, &lost).await?;
    }
    Ok(())
}

/// One story at every vendor, side by side.
async fn everywhere(deeds: &[Deed]) -> Result<()> {
    let mut running = JoinSet::new();
    for provider in managed() {
        let deeds = deeds.to_vec();
        running.spawn(async move { story(&provider, &deeds).await.context(provider.0) });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(())
}

/// `KEYTURN_WAYS` stories for each vendor, from `KEYTURN_SEED`.
fn config() -> ProptestConfig {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    ProptestConfig {
        cases: number("KEYTURN_WAYS").and_then(|count| count.try_into().ok()).unwrap_or(6),
        rng_seed: RngSeed::Fixed(number("KEYTURN_SEED").unwrap_or(7)),
        max_shrink_iters: 30,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn f43_every_button_that_is_shown_works_and_leads_to_an_end(deeds in deeds()) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        if let Err(error) = runtime.block_on(everywhere(&deeds)) {
            return Err(TestCaseError::fail(format!("{error:#}")));
        }
    }
}
