//! Somebody else writes into the ledger's file what an attacker would: nothing is sent elsewhere, nothing is revoked, and
//! each is told. Through the real ledger, vault, adapter and authority.

use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use keyturn_authority::{Authority, Clock, Config, Limits, Vendor};
use keyturn_core::account::AccountId;
use keyturn_core::batch::{BatchId, BatchState};
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Choice, Told, refresh};
use keyturn_core::inventory::Inventory;
use keyturn_core::journal::Action;
use keyturn_core::key::{KeyRef, KeyStatus};
use keyturn_core::operation::{OperationId, Stage};
use keyturn_core::policy::{PolicyDraft, PolicyId};
use keyturn_core::ports::{Foreign, HeadSignature, JournalCheck, VaultError};
use keyturn_core::provider::Paging;
use keyturn_core::rotation::Phase;
use keyturn_storage::{JournalFormat, WriteError, Writing, write_journal};
use keyturn_tests::authority::is_accepted;
use keyturn_tests::flat::{Flat, LEDGER, unchecked};
use rusqlite::{Connection, params};
use tempfile::TempDir;

fn on(_: usize) -> Paging {
    Paging::Continue
}

/// An address where somebody listens for what is sent there.
struct Trap(TcpListener);

impl Trap {
    fn new() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    fn address(&self) -> Result<String> {
        Ok(format!("http://{}", self.0.local_addr()?))
    }

    fn is_untouched(&self) -> bool {
        self.0.accept().is_err()
    }
}

fn does_not_open<T: std::fmt::Debug>(answer: &Result<T, FlowError>) -> Result<()> {
    ensure!(matches!(answer, Err(FlowError::Vault(VaultError::Corrupt))), "{answer:?}");
    Ok(())
}

/// Days go by, in which Keyturn does whatever it would do by itself.
async fn days_pass(flat: &Flat) -> Result<()> {
    for _ in 0..4 {
        flat.pass(TimeDelta::days(3));
        refresh(&flat.ctx, &flat.account.id, &on).await?;
        flows::recover(&flat.ctx).await?;
        for operation in flat.ctx.ledger.open_operations().await? {
            flat.drive(&operation.id.0).await?;
        }
        ensure!(flows::open_batches(&flat.ctx).await?.is_empty(), "a batch would be carried on");
        let inventory = Inventory::build(flows::inventory_rows(&flat.ctx).await?);
        let due = flows::due_rotations(&flat.ctx, &inventory).await?;
        for (number, row) in due.into_iter().enumerate() {
            flows::rotate_due(&flat.ctx, row, OperationId(format!("due {number}"))).await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f42_under_a_changed_address_nothing_opens_and_nothing_is_sent() -> Result<()> {
    let flat = Flat::new().await?;
    let trap = Trap::new()?;
    let unsaved = flows::create_key(&flat.ctx, flat.wanted("unsaved", "Deploy")).await?;
    let elsewhere = trap.address()?;
    let raw = Connection::open(flat.ledger_file())?;
    raw.execute("UPDATE accounts SET base_url = ?", [&elsewhere])?;
    drop(raw);
    does_not_open(&refresh(&flat.ctx, &flat.account.id, &on).await)?;
    does_not_open(&flows::create_key(&flat.ctx, flat.wanted("another", "Another")).await)?;
    does_not_open(&flat.value("unsaved").await)?;
    // Called the rehearsal it is not let in either, nor as another vendor's.
    for change in ["rehearsal = 1", "vendor = 'natural'"] {
        let raw = Connection::open(flat.ledger_file())?;
        raw.execute_batch(&format!("UPDATE accounts SET {change}"))?;
        drop(raw);
        does_not_open(&refresh(&flat.ctx, &flat.account.id, &on).await)?;
    }
    let was = flat.account.clone();
    let (flat, told) = flat
        .reopened(|raw| raw.execute_batch("UPDATE accounts SET rehearsal = 0, vendor = 'naturalead'"))
        .await?;
    let restored = Told::AddressRestored {
        label: was.label.clone(),
        changed_to: elsewhere,
        restored: was.base_url.clone(),
    };
    assert_eq!(told, [restored]);
    assert!(trap.is_untouched(), "something was sent to the other address");
    refresh(&flat.ctx, &flat.account.id, &on).await?;
    assert!(flat.works(&flat.value("unsaved").await?).await?, "{unsaved} was not lost");
    flat.restarted().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f42_where_the_right_address_is_not_known_it_is_told_and_nothing_is_sent() -> Result<()> {
    let flat = Flat::new().await?;
    let trap = Trap::new()?;
    let elsewhere = trap.address()?;
    // Whoever does this leaves no word of the right one in the journal.
    let (flat, told) = flat
        .reopened(|raw| {
            raw.execute("UPDATE accounts SET base_url = ?", [&elsewhere])?;
            raw.execute_batch(
                "DROP TRIGGER journal_never_shrinks; DELETE FROM journal; DELETE FROM journal_head",
            )?;
            raw.execute_batch(NEVER_SHRINKS)
        })
        .await?;
    let changed = Told::AddressChanged { label: flat.account.label.clone(), changed_to: elsewhere };
    assert_eq!(told, [Told::Journal, changed]);
    does_not_open(&refresh(&flat.ctx, &flat.account.id, &on).await)?;
    assert!(trap.is_untouched());
    Ok(())
}

const NEVER_SHRINKS: &str = "CREATE TRIGGER journal_never_shrinks BEFORE DELETE ON journal
BEGIN SELECT raise(ABORT, 'the journal is only ever appended to'); END";

#[tokio::test(flavor = "multi_thread")]
async fn f42_sealed_entries_that_were_swapped_open_for_nobody() -> Result<()> {
    let flat = Flat::new().await?;
    flows::create_key(&flat.ctx, flat.wanted("one", "One")).await?;
    flows::create_key(&flat.ctx, flat.wanted("two", "Two")).await?;
    let raw = Connection::open(flat.ledger_file())?;
    raw.execute_batch(
        "UPDATE sealed SET nonce = (SELECT nonce FROM sealed WHERE id = 'managing:flat'),
            ciphertext = (SELECT ciphertext FROM sealed WHERE id = 'managing:flat') WHERE id = 'escrow:one'",
    )?;
    does_not_open(&flat.value("one").await)?;
    raw.execute("UPDATE sealed SET form = 1 WHERE id = 'escrow:two'", [])?;
    does_not_open(&flat.value("two").await)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f42_planted_and_bent_operations_revoke_nothing() -> Result<()> {
    let flat = Flat::new().await?;
    let (victim, victims) = flat.make("victim", "Victim").await?;
    let (old, olds) = flat.make("old", "Turning").await?;
    let (gone, _) = flat.make("gone", "Gone").await?;
    flat.rotate(&old, Choice::SevenDays, "bent").await?;
    flat.drive("bent").await?;
    flat.rotate(&gone, Choice::Now, "over").await?;
    flat.drive("over").await?;
    flows::acknowledge(&flat.ctx, &OperationId("over".into())).await?;
    flat.outlast("over").await?;
    let turned = flat.value("bent").await?;
    let (flat, told) = flat
        .reopened(|raw| {
            // A whole row of its own, as Keyturn would have written it.
            raw.execute(
                "INSERT INTO operations (id, account, intent, stage, detail, open, started_at)
                 SELECT 'planted', account, replace(intent, ?1, ?2), stage, replace(detail, '\"minted\"', '\"verified\"'), 1, started_at
                 FROM operations WHERE id = 'bent'",
                params![old.key.0, victim.key.0],
            )?;
            raw.execute(
                "INSERT INTO operations (id, account, intent, stage, detail, open, started_at)
                 VALUES ('revoke', 1, ?1, 'sent', NULL, 1, 0)",
                [format!(r#"{{"revoke":{{"key":"{}","name":"Victim"}}}}"#, victim.key.0)],
            )?;
            raw.execute("UPDATE operations SET intent = replace(intent, ?1, ?2) WHERE id = 'bent'", params![old.key.0, victim.key.0])?;
            // One that is over is opened again.
            raw.execute("UPDATE operations SET open = 1, stage = 'sent', detail = NULL WHERE id = 'over'", [])?;
            Ok(())
        })
        .await?;
    let mut ids: Vec<&str> = told
        .iter()
        .filter_map(|told| match told {
            Told::Foreign(Foreign::Operation { id, .. }) => Some(id.0.as_str()),
            _ => None,
        })
        .collect();
    ids.sort_unstable();
    assert_eq!((ids, told.len()), (vec!["bent", "over", "planted", "revoke"], 4), "{told:?}");
    days_pass(&flat).await?;
    for (value, whose) in [(&victims, "the victim"), (&olds, "the old key"), (&turned, "the new key")] {
        assert!(flat.works(value).await?, "{whose} lives");
    }
    // What waits to be saved is still the person's.
    assert_eq!(flat.value("bent").await?, turned);
    flows::acknowledge(&flat.ctx, &OperationId("bent".into())).await?;
    assert_eq!(flat.ctx.ledger.open_operations().await?, []);
    // And both keys can be rotated anew.
    flat.rotate(&victim, Choice::Now, "again").await?;
    flat.restarted().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f42_what_is_written_while_keyturn_runs_is_not_acted_on_either() -> Result<()> {
    let flat = Flat::new().await?;
    let (old, value) = flat.make("old", "Turning").await?;
    flat.rotate(&old, Choice::SevenDays, "bent").await?;
    flat.drive("bent").await?;
    let raw = Connection::open(flat.ledger_file())?;
    raw.execute_batch(
        "UPDATE operations SET detail = replace(detail, '\"acknowledged\":false', '\"acknowledged\":true'),
            stage = stage WHERE id = 'bent'",
    )?;
    drop(raw);
    days_pass(&flat).await?;
    assert!(flat.works(&value).await?);
    let operation = flat.ctx.ledger.operation(&OperationId("bent".into())).await?.context("it is there")?;
    ensure!(matches!(operation.stage, Stage::Escrowed { .. }), "{:?}", operation.stage);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f42_planted_batches_policies_and_labels_begin_nothing() -> Result<()> {
    let flat = Flat::new().await?;
    let (victim, value) = flat.make("victim", "Victim").await?;
    let (other, _) = flat.make("other", "Other").await?;
    let alone = PolicyDraft {
        account: None,
        label: Some("prod".into()),
        max_age_days: 1,
        remind_days: 0,
        rotate_alone: true,
        choice: "24h".into(),
    };
    flows::save_policy(&flat.ctx, PolicyId("own".into()), alone).await?;
    flows::set_labels(&flat.ctx, std::slice::from_ref(&other), &["prod".into()], &[]).await?;
    let (flat, told) = flat
        .reopened(|raw| {
            raw.execute("INSERT INTO batches (id, deed, state, started_at) VALUES ('planted', 'revoke', 'running', 0)", [])?;
            raw.execute(
                "INSERT INTO batch_items (batch, number, account, key, name, hint_prefix, hint_suffix, state, tries)
                 VALUES ((SELECT n FROM batches), 1, 'flat', ?1, 'Victim', '', '', 'open', 0)",
                [&victim.key.0],
            )?;
            raw.execute("INSERT INTO policies (id, label, max_age, remind, alone) VALUES ('planted', 'dev', 1, 0, 'now')", [])?;
            for label in ["prod", "dev"] {
                raw.execute(
                    "INSERT INTO labels (account, key, folded, label) VALUES (1, ?1, ?2, ?2)",
                    params![victim.key.0, label],
                )?;
            }
            raw.execute("UPDATE keys SET created_at = 0", [])?;
            Ok(())
        })
        .await?;
    let kinds: Vec<&str> = told
        .iter()
        .map(|told| match told {
            Told::Foreign(Foreign::Batch { .. }) => "batch",
            Told::Foreign(Foreign::Policy { .. }) => "policy",
            Told::Foreign(Foreign::Label { .. }) => "label",
            _ => "another",
        })
        .collect();
    assert_eq!(kinds, ["batch", "policy", "label", "label"]);
    // The person puts another label on the key: that takes over none of those.
    flows::set_labels(&flat.ctx, std::slice::from_ref(&victim), &["web".into()], &[]).await?;
    let before = flat.listed().await?.len();
    days_pass(&flat).await?;
    assert!(flat.works(&value).await?);
    assert_eq!(row(&flat, &victim).await?, KeyStatus::Active);
    assert_eq!(flat.listed().await?.len(), before + 1, "the person's own policy is followed, and no other");
    let (batch, _) = flows::batch(&flat.ctx, &BatchId("planted".into())).await?;
    assert_eq!(batch.batch.state, BatchState::Stopped);
    // Taken off and put on again it is the person's own.
    flows::set_labels(&flat.ctx, std::slice::from_ref(&victim), &[], &["prod".into()]).await?;
    flows::set_labels(&flat.ctx, std::slice::from_ref(&victim), &["prod".into()], &[]).await?;
    assert_eq!(flat.ctx.ledger.own_labels(&victim).await?.len(), 2);
    flat.restarted().await?;
    Ok(())
}

async fn row(flat: &Flat, key: &KeyRef) -> Result<KeyStatus> {
    Ok(flat.row(key).await?.context("it is listed")?.status)
}

/// Another item is put into a batch that is the person's own, and one of its own is pointed at another key.
#[tokio::test(flavor = "multi_thread")]
async fn f42_an_item_that_was_put_into_a_batch_is_left_out() -> Result<()> {
    let flat = Flat::new().await?;
    let (victim, value) = flat.make("victim", "Victim").await?;
    let (other, _) = flat.make("other", "Other").await?;
    let wanted = flows::Wanted { deed: keyturn_core::batch::Deed::Revoke, keys: vec![other.clone()] };
    let plan = flows::plan_batch(&flat.ctx, &wanted).await?;
    let phrase = plan.phrase().unwrap_or_default();
    flows::begin_batch(&flat.ctx, &wanted, &phrase, BatchId("batch".into())).await?;
    let (flat, told) = flat
        .reopened(|raw| {
            raw.execute(
                "INSERT INTO batch_items (batch, number, account, key, name, hint_prefix, hint_suffix, state, tries, tag)
                 SELECT batch, 2, account, ?1, 'Victim', hint_prefix, hint_suffix, state, tries, tag FROM batch_items",
                [&victim.key.0],
            )?;
            Ok(())
        })
        .await?;
    ensure!(matches!(told.as_slice(), [Told::Foreign(Foreign::Item { number: 2, .. })]), "{told:?}");
    let mut carried =
        flows::Carried::load(&flat.ctx, &BatchId("batch".into())).await?.context("the rest goes on")?;
    for _ in 0..20 {
        while let Some(act) = carried.next(flat.ctx.clock.now()) {
            let turned = act.carry_out(&flat.ctx).await?;
            carried.turned(turned, flat.ctx.clock.now());
        }
        if carried.end_if_over(&flat.ctx).await? {
            break;
        }
        flat.pass(TimeDelta::minutes(5));
    }
    assert!(flat.works(&value).await?, "the victim lives");
    assert_eq!(flat.live_at_vendor("Other").await?, 0, "what the person chose is done");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f55_a_journal_that_was_cut_is_told_and_no_report_of_it_is_signed() -> Result<()> {
    let flat = Flat::new().await?;
    flat.make("made", "Deploy").await?;
    assert!(report(&flat).await.is_ok());
    let JournalCheck::Whole { entries, signed: HeadSignature::Good { from: 1, to, .. } } =
        flat.ctx.ledger.verify_journal().await?
    else {
        anyhow::bail!("it is signed to its end")
    };
    assert_eq!(entries, to);
    let raw = Connection::open(flat.ledger_file())?;
    cut(&raw, 3)?;
    drop(raw);
    let check = flat.ctx.ledger.verify_journal().await?;
    assert_eq!(check, JournalCheck::Whole { entries: entries - 3, signed: HeadSignature::Bad });
    ensure!(matches!(report(&flat).await, Err(WriteError::Unsound)));
    let (flat, told) = flat.reopened(|_| Ok(())).await?;
    assert_eq!(told, [Told::Journal]);
    let check = flat.ctx.ledger.verify_journal().await?;
    let from = entries - 2;
    ensure!(
        matches!(check, JournalCheck::Whole { signed: HeadSignature::Good { from: it, .. }, .. } if it == from),
        "{check:?}"
    );
    let page = String::from_utf8(report(&flat).await?)?;
    ensure!(page.contains(&format!("Before entry {from} the journal was changed outside Keyturn")), "{page}");
    flat.restarted().await?;
    Ok(())
}

/// The last entries go, and the head is put right, so that the chain itself is whole.
fn cut(raw: &Connection, count: i64) -> rusqlite::Result<()> {
    raw.execute_batch("DROP TRIGGER journal_never_shrinks")?;
    raw.execute("DELETE FROM journal WHERE seq > (SELECT max(seq) FROM journal) - ?", [count])?;
    raw.execute_batch(
        "UPDATE journal_head SET seq = (SELECT max(seq) FROM journal),
            hash = (SELECT hash FROM journal ORDER BY seq DESC LIMIT 1)",
    )?;
    raw.execute_batch(NEVER_SHRINKS)
}

async fn report(flat: &Flat) -> Result<Vec<u8>, WriteError> {
    let sign = |message: &[u8]| flat.ctx.vault.sign(message);
    let writing = Writing {
        format: JournalFormat::Report,
        filter: &keyturn_core::ports::JournalFilter::default(),
        scope: "Every entry.",
        names: &keyturn_core::export::Names::new(),
        made_at: flat.ctx.clock.now(),
        signer: &sign,
    };
    let mut page = Vec::new();
    write_journal(flat.ctx.ledger.as_ref(), &writing, &mut page).await?;
    Ok(page)
}

/// The ledger, the keyring and the vendor of a house that Keyturn left before entries were sealed for an address.
fn house_of_version_8() -> Result<TempDir> {
    let dir = TempDir::new()?;
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("ledgers/8");
    for file in [LEDGER, "keyring", "vendor.db"] {
        std::fs::copy(kept.join(file), dir.path().join(file))?;
    }
    Ok(dir)
}

#[tokio::test(flavor = "multi_thread")]
async fn f42_a_ledger_of_version_8_is_taken_over_without_a_question_and_says_so_once() -> Result<()> {
    let dir = house_of_version_8()?;
    let mut config = Config::new(Vendor::Naturalead, dir.path().join("vendor.db"));
    config.limits = Limits::unlimited();
    (config.clock, _) = Clock::manual(chrono::Utc::now());
    let vendor = Authority::start(config).await?;
    let raw = Connection::open(dir.path().join(LEDGER))?;
    raw.execute("UPDATE accounts SET base_url = ?", [vendor.base_url()])?;
    let older: Vec<u8> =
        raw.query_row("SELECT ciphertext FROM sealed WHERE id = 'managing:house'", [], |row| row.get(0))?;
    let nonce: Vec<u8> =
        raw.query_row("SELECT nonce FROM sealed WHERE id = 'managing:house'", [], |row| row.get(0))?;
    drop(raw);
    let (ctx, clock) = unchecked(dir.path(), TimeDelta::zero()).await?;
    let found = flows::authenticate(&ctx).await?;
    found.settled?;
    assert_eq!(found.told, [Told::TakenOver { accounts: vec![("House".into(), vendor.base_url())] }]);
    assert_eq!(flows::authenticate(&ctx).await?.told, []);
    // What waited is there, what was under way goes on.
    let account = AccountId("house".into());
    refresh(&ctx, &account, &on).await?;
    for operation in ["Unsaved", "rotation"] {
        let operation = OperationId(operation.into());
        let (_, secret) = flows::take_for(&ctx, &operation, Action::Copy).await?;
        // EXPOSE: the test uses the key at the authority.
        assert!(is_accepted(Vendor::Naturalead, &vendor.base_url(), secret.expose()).await?);
        flows::acknowledge(&ctx, &operation).await?;
    }
    flows::drive(&ctx, &OperationId("rotation".into())).await?;
    clock.forward(TimeDelta::minutes(5));
    let rotation = ctx.ledger.operation(&OperationId("rotation".into())).await?.context("it is there")?;
    let Stage::Rotating(rotation) = rotation.stage else { anyhow::bail!("{:?}", rotation.stage) };
    ensure!(matches!(rotation.phase, Phase::Overlap { .. }), "{rotation:?}");
    flows::resume_batch(&ctx, &BatchId("batch".into())).await?;
    assert_eq!(flows::open_batches(&ctx).await?, [BatchId("batch".into())]);
    assert!(ctx.ledger.policies().await?[0].alone.is_some(), "the policy rotates by itself as before");
    ensure!(matches!(
        ctx.ledger.verify_journal().await?,
        JournalCheck::Whole { signed: HeadSignature::Good { from: 1, .. }, .. }
    ));
    drop(ctx);
    // From then on what is of before is not taken any more.
    let raw = Connection::open(dir.path().join(LEDGER))?;
    raw.execute(
        "UPDATE sealed SET nonce = ?, ciphertext = ?, form = 1 WHERE id = 'managing:house'",
        params![nonce, older],
    )?;
    drop(raw);
    let (ctx, _) = unchecked(dir.path(), TimeDelta::zero()).await?;
    flows::authenticate(&ctx).await?;
    does_not_open(&refresh(&ctx, &account, &on).await)
}
