//! Generated sequences of what a person, a vendor and a bad line may do, with the authority as the model: whatever
//! the order, ledger and vendor end alike, every value works exactly as long as its row says, and none is lost.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Choice, Confirmation, Wake};
use keyturn_core::key::{KeyRef, KeyStatus};
use keyturn_core::operation::OperationId;
use keyturn_core::provider::Paging;
use keyturn_tests::cutter::CUTS;
use keyturn_tests::dice::Dice;
use keyturn_tests::flat::Flat;
use keyturn_tests::lies::Lie;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::house::{flat, managed, those_that};

/// One thing that happens. Numbers choose among what there is at that moment.
#[derive(Debug, Clone)]
enum Deed {
    Create,
    Rotate(usize, usize),
    Acknowledge(usize),
    Finish(usize),
    Undo(usize),
    Revoke(usize),
    Pass(i64),
    Refresh,
    Restart,
    LoseTheNextReply(usize),
    /// The name of the last key that was asked for is asked for once more.
    CreateAgain,
    /// Locked and unlocked.
    Lock,
    /// The vendor says what is not so, for some requests.
    Lie(u64),
    TheTruth,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let one = prop_oneof![
        3 => Just(Deed::Create),
        4 => (0..9_usize, 0..9_usize).prop_map(|(key, choice)| Deed::Rotate(key, choice)),
        4 => (0..9_usize).prop_map(Deed::Acknowledge),
        2 => (0..9_usize).prop_map(Deed::Finish),
        2 => (0..9_usize).prop_map(Deed::Undo),
        2 => (0..9_usize).prop_map(Deed::Revoke),
        3 => (1..2000_i64).prop_map(Deed::Pass),
        1 => Just(Deed::Refresh),
        1 => Just(Deed::Restart),
        2 => (0..CUTS.len()).prop_map(Deed::LoseTheNextReply),
        1 => Just(Deed::CreateAgain),
        1 => Just(Deed::Lock),
        1 => any::<u64>().prop_map(Deed::Lie),
        2 => Just(Deed::TheTruth),
    ];
    proptest::collection::vec(one, 50)
}

/// What a user of the keys knows: the values that were handed out.
struct World {
    flat: Flat,
    values: HashMap<KeyRef, String>,
    made: usize,
    last_name: String,
    lied: bool,
    /// Rows were missing, perhaps more than once: two readings that agree are a fact, also where both are lies.
    hid_rows: bool,
}

impl World {
    async fn happens(mut self, deed: &Deed) -> Result<Self> {
        self.made += 1;
        let operation = format!("deed {}", self.made);
        // A refusal is an answer too: what may not happen is that both sides differ afterwards.
        match deed {
            Deed::Create => {
                self.last_name = format!("Key {}", self.made);
                let wanted = self.flat.wanted(&operation, &self.last_name);
                drop(flows::create_key(&self.flat.ctx, wanted).await);
            }
            Deed::Rotate(key, choice) => {
                let choices = [Choice::Now, Choice::OneHour, Choice::OneDay];
                if let Some(key) = nth(&self.known().await?, *key) {
                    drop(self.flat.rotate(&key, choices[choice % choices.len()], &operation).await);
                }
            }
            Deed::Acknowledge(which) => self.acknowledge(*which).await?,
            Deed::Finish(which) => {
                if let Some(operation) = nth(&self.open().await?, *which) {
                    drop(flows::finish_rotation(&self.flat.ctx, &operation).await);
                }
            }
            Deed::Undo(which) => {
                if let Some(operation) = nth(&self.open().await?, *which) {
                    drop(flows::undo_rotation(&self.flat.ctx, &operation).await);
                }
            }
            Deed::Revoke(which) => {
                if let Some(key) = nth(&self.known().await?, *which) {
                    let typed_name = self.flat.row(&key).await?.map(|row| row.name);
                    drop(self.flat.revoke(&key, &Confirmation { typed_name, managing: false }).await);
                }
            }
            Deed::Pass(minutes) => self.flat.pass(TimeDelta::minutes(*minutes)),
            Deed::Refresh => {
                drop(flows::refresh(&self.flat.ctx, &self.flat.account.id, &|_| Paging::Continue).await);
            }
            Deed::Restart => {
                self.flat = self.flat.restarted().await?;
                flows::recover(&self.flat.ctx).await?;
            }
            Deed::LoseTheNextReply(cut) => self.flat.cutter.cut_next("POST ", CUTS[*cut]),
            Deed::CreateAgain => {
                let wanted = self.flat.wanted(&operation, &self.last_name);
                drop(flows::create_key(&self.flat.ctx, wanted).await);
            }
            Deed::Lock => {
                self.flat.ctx.vault.lock();
                self.flat.ctx.vault.unlock(true).await?;
                let found = flows::authenticate(&self.flat.ctx).await?;
                ensure!(found.told.is_empty(), "{:?}", found.told);
                flows::recover(&self.flat.ctx).await?;
            }
            Deed::Lie(which) => {
                let lie = Lie::any(&mut Dice::new(*which));
                self.lied = true;
                self.hid_rows |= lie.hides_rows();
                lie.tell(self.flat.rehearsed.authority.faults());
            }
            Deed::TheTruth => self.flat.rehearsed.authority.faults().clear(),
        }
        self.drive().await?;
        Ok(self)
    }

    /// The person takes the value, and says that it is stored.
    async fn acknowledge(&mut self, which: usize) -> Result<()> {
        let waiting = flows::escrows(&self.flat.ctx).await?;
        let Some(escrow) = waiting.get(which % waiting.len().max(1)) else { return Ok(()) };
        let value = self.flat.value(&escrow.operation.0).await?;
        self.values.insert(escrow.key.clone(), value);
        match flows::acknowledge(&self.flat.ctx, &escrow.operation).await {
            Ok(()) | Err(FlowError::Step(_)) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// The keys that were handed out, in an order that does not depend on the map's.
    async fn known(&self) -> Result<Vec<KeyRef>> {
        let mut known: Vec<KeyRef> = self.values.keys().cloned().collect();
        known.sort();
        Ok(known)
    }

    async fn open(&self) -> Result<Vec<OperationId>> {
        let open = self.flat.ctx.ledger.open_operations().await?;
        Ok(open.into_iter().map(|operation| operation.id).collect())
    }

    async fn drive(&self) -> Result<()> {
        for operation in self.open().await? {
            self.flat.drive(&operation.0).await?;
        }
        Ok(())
    }

    /// Everything is taken to its end: what waits is stored, overlaps run out, deaths are watched.
    async fn settle(&mut self) -> Result<()> {
        self.flat.rehearsed.authority.faults().clear();
        for _ in 0..200 {
            self.acknowledge(0).await?;
            flows::recover(&self.flat.ctx).await?;
            if self.lied {
                // What a list lacked twice is found by the next one that shows it, also where nothing is open any more.
                self.flat.read_twice().await?;
                self.give_up_orphans().await?;
            }
            // A request whose reply was lost may reach the vendor after the first look.
            let open = self.flat.ctx.ledger.open_operations().await?;
            let mut waiting = open.iter().any(|operation| operation.stage.is_minting());
            for operation in self.open().await? {
                waiting |= self.flat.drive(&operation.0).await? != Wake::OnCall;
            }
            if !waiting && flows::escrows(&self.flat.ctx).await?.is_empty() {
                return Ok(());
            }
            self.flat.pass(TimeDelta::hours(8));
        }
        anyhow::bail!("it never comes to an end: {:?}", self.flat.ctx.ledger.open_operations().await?)
    }

    /// What could not be told apart because of a lie is for the person to decide: they give it up.
    async fn give_up_orphans(&self) -> Result<()> {
        for row in self.flat.ctx.ledger.keys(&self.flat.account.id).await? {
            if row.status == KeyStatus::Orphan {
                let key = KeyRef { account: self.flat.account.id.clone(), key: row.id };
                let typed_name = Some(row.name);
                drop(self.flat.revoke(&key, &Confirmation { typed_name, managing: false }).await);
            }
        }
        Ok(())
    }

    /// What only the vendor's list can say is known after two more readings.
    async fn compare(&self) -> Result<()> {
        self.flat.read_twice().await?;
        let listed = self.flat.listed().await?;
        let rows = self.flat.ctx.ledger.keys(&self.flat.account.id).await?;
        let mut at_vendor: Vec<&str> =
            listed.iter().filter(|key| key.status.is_live()).map(|key| key.id.0.as_str()).collect();
        let mut here: Vec<&str> =
            rows.iter().filter(|key| key.status.is_live()).map(|key| key.id.0.as_str()).collect();
        at_vendor.sort_unstable();
        here.sort_unstable();
        ensure!(at_vendor == here, "live at the vendor {at_vendor:?}, live in the ledger {here:?}");
        ensure!(rows.iter().all(|row| row.status != KeyStatus::Orphan), "an orphan is left");
        let managing = self.flat.account.managing.as_ref().and_then(|managing| managing.key.clone());
        for row in rows.iter().filter(|row| row.status.is_live() && Some(&row.id) != managing.as_ref()) {
            let key = KeyRef { account: self.flat.account.id.clone(), key: row.id.clone() };
            let is_held = self.values.contains_key(&key) || self.hid_rows;
            ensure!(is_held, "{:?} lives and nobody has its value", row.name);
        }
        for (key, value) in &self.values {
            let says_live = self.flat.row(key).await?.is_some_and(|row| row.status.is_live());
            let lives = self.flat.works(value).await?;
            ensure!(says_live == lives, "{key}: the row says live: {says_live}; it works: {lives}");
        }
        Ok(())
    }
}

fn nth<T: Clone>(of: &[T], which: usize) -> Option<T> {
    of.get(which % of.len().max(1)).cloned()
}

async fn story(provider: &keyturn_core::account::VendorId, deeds: &[Deed]) -> Result<()> {
    let mut world = World {
        flat: flat(provider).await?,
        values: HashMap::new(),
        made: 0,
        last_name: "Key".into(),
        lied: false,
        hid_rows: false,
    };
    for deed in deeds {
        world = world.happens(deed).await.with_context(|| format!("at {deed:?}"))?;
    }
    world.settle().await?;
    world.compare().await
}

/// `KEYTURN_STORIES` stories for each vendor, from `KEYTURN_SEED`: the same ones each time, unless a long night asks
/// for others.
fn config() -> ProptestConfig {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    ProptestConfig {
        cases: number("KEYTURN_STORIES").and_then(|count| count.try_into().ok()).unwrap_or(24),
        rng_seed: RngSeed::Fixed(number("KEYTURN_SEED").unwrap_or(7)),
        max_shrink_iters: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn r7_generated_sequences_leave_ledger_and_vendor_alike(deeds in deeds()) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        for provider in those_that(managed).expect("providers") {
            if let Err(error) = runtime.block_on(story(&provider, &deeds)) {
                return Err(TestCaseError::fail(format!("{}: {error:#}", provider.0)));
            }
        }
    }
}
