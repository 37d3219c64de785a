//! What people met with other software of this kind, through the real ledger, sealing, adapters and authority: each test
//! bears the id of what it is about.

use std::collections::HashMap;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use chrono::{TimeDelta, Timelike};
use keyturn_authority::{Fault, Requests, RetryAfter, TimeForm, Times, Vendor};
use keyturn_core::account::VendorId;
use keyturn_core::error::FlowError;
use keyturn_core::finding::FindingSet;
use keyturn_core::flows::{self, AdoptRequest, Begun, Certainty, Choice};
use keyturn_core::grant::Grant;
use keyturn_core::inventory::{Inventory, Query, SortBy};
use keyturn_core::key::{KeyRef, KeyStatus, LastUse, VendorKeyId};
use keyturn_core::operation::{OperationId, Stage};
use keyturn_core::ports::Purpose;
use keyturn_core::provider::{Connection, Paging};
use keyturn_core::rotation::{Death, Phase, Rotation};
use keyturn_core::secret::Secret;
use keyturn_core::timestamp::Timestamp;
use keyturn_tests::flat::{Flat, Plot};

fn says(error: &FlowError, words: &str) -> Result<()> {
    let said = error.to_string();
    ensure!(said.contains(words), "{said}");
    Ok(())
}

fn id(operation: &str) -> OperationId {
    OperationId(operation.into())
}

async fn rotation(flat: &Flat, operation: &str) -> Result<Option<Rotation>> {
    let found = flat.ctx.ledger.operation(&id(operation)).await?;
    Ok(found.and_then(|found| match found.stage {
        Stage::Rotating(rotation) => Some(rotation),
        _ => None,
    }))
}

fn own_key(flat: &Flat) -> Secret {
    Secret::new(flat.rehearsed.managing_key.clone())
}

/// The vendor, past Keyturn.
fn at<'a>(flat: &'a Flat, base_url: &'a str, managing_key: &'a Secret) -> Connection<'a> {
    Connection { base_url, managing_key, settings: &flat.account.settings }
}

async fn assisted(vendor: Vendor) -> Result<Flat> {
    Plot::of(&VendorId(vendor.to_string())).furnished().build().await
}

async fn adopt(flat: &Flat, label: &str, value: &str) -> Result<KeyRef, FlowError> {
    let secret = Secret::new(value.to_owned());
    let request = AdoptRequest { account: flat.account.id.clone(), label: label.into(), secret };
    flows::adopt_key(&flat.ctx, request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_only_a_value_that_the_vendor_accepted_proves_a_death() -> Result<()> {
    let flat = Flat::new().await?;
    let (old, value) = flat.make("make", "Deploy").await?;
    let hint = flat.row(&old).await?.context("listed")?.hint;
    let made_up = format!("{}{}{}", hint.prefix, "0".repeat(60), hint.suffix);
    let (cut, spaced) = (&value[..value.len() - 1], format!("{value} x"));
    for (given, words) in [
        (made_up.as_str(), "does not accept this value"),
        (hint.masked().as_str(), "shortened form"),
        (cut, "cut short"),
        (spaced.as_str(), "space"),
    ] {
        let given = Some(Secret::new(given.to_owned()));
        let begun = flows::begin_rotation(&flat.ctx, &old, Choice::Now, given, id("rotate")).await;
        says(&begun.err().context("it is refused")?, words)?;
        ensure!(rotation(&flat, "rotate").await?.is_none(), "nothing was begun");
        ensure!(flat.live_at_vendor("Deploy").await? == 1, "nothing was made");
    }
    let given = Some(Secret::new(value.clone()));
    flows::begin_rotation(&flat.ctx, &old, Choice::Now, given, id("rotate")).await?;
    flows::acknowledge(&flat.ctx, &id("rotate")).await?;
    flat.outlast("rotate").await?;
    let phase = rotation(&flat, "rotate").await?.context("it is there")?.phase;
    ensure!(matches!(phase, Phase::Done { death: Death::Proven { .. }, .. }), "{phase:?}");
    ensure!(!flat.works(&value).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_a_key_that_is_dead_already_is_told_and_can_go_without_proof() -> Result<()> {
    let flat = Flat::new().await?;
    let (old, value) = flat.make("make", "Deploy").await?;
    // Somebody revokes it elsewhere; the list was not read since.
    let (base_url, own_key) = (flat.rehearsed.authority.base_url(), own_key(&flat));
    flat.provider.revoke(at(&flat, &base_url, &own_key), &old.key).await?;
    let given = Some(Secret::new(value));
    let begun = flows::begin_rotation(&flat.ctx, &old, Choice::Now, given, id("rotate")).await;
    says(&begun.err().context("it is refused")?, "dead already")
}

#[tokio::test(flavor = "multi_thread")]
async fn f02_a_value_that_is_held_is_found_whatever_stands_around_it() -> Result<()> {
    for vendor in [Vendor::SmartLead, Vendor::Leadterra] {
        let flat = assisted(vendor).await?;
        let made = flat.rehearsed.authority.dashboard_issue("CRM bridge", None)?;
        let key = adopt(&flat, "CRM bridge", &made.value).await?;
        let escaped: String = url::form_urlencoded::byte_serialize(made.value.as_bytes()).collect();
        for text in [
            format!("_{}_", made.value),
            format!("xx{}yy", made.value),
            format!("https://h.example/a?x=1&api_key={escaped}&y=2"),
            format!("KEY_{}{}", made.value, made.value),
            format!("{{\"key\":\"{}\"}}", made.value.replace('/', "\\/")),
        ] {
            let report = flows::find_leaks(&flat.ctx, text.as_bytes()).await?;
            let found: Vec<_> = report.matches.iter().map(|one| (one.certainty, one.key.clone())).collect();
            let is_it =
                |key: &Option<(KeyRef, _)>, of: &KeyRef| key.as_ref().is_some_and(|(found, _)| found == of);
            ensure!(
                matches!(found.as_slice(), [(Certainty::Exact, found)] if is_it(found, &key)),
                "{vendor}: {found:?}"
            );
        }
    }
    let flat = Flat::new().await?;
    let (key, value) = flat.make("make", "Deploy").await?;
    let report = flows::find_leaks(&flat.ctx, format!("**_{value}_**").as_bytes()).await?;
    ensure!(report.matches.len() == 1 && report.matches[0].certainty == Certainty::Exact, "{report:?}");
    ensure!(report.matches[0].key.as_ref().is_some_and(|(found, _)| *found == key));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f03_what_the_vault_holds_is_asked_with_and_no_key_is_its_own_successor() -> Result<()> {
    let flat = assisted(Vendor::Leadterra).await?;
    let made = flat.rehearsed.authority.dashboard_issue("CRM bridge", None)?;
    let key = adopt(&flat, "CRM bridge", &made.value).await?;
    // As it was found, with the mark that stood behind it.
    let given = Some(Secret::new(format!("{}_", made.value)));
    let begun = flows::begin_rotation(&flat.ctx, &key, Choice::Now, given, id("rotate")).await?;
    assert_eq!(begun, Begun::ByHand);
    let bring =
        async |value: &str| flows::bring_key(&flat.ctx, &id("rotate"), Secret::new(value.into())).await;
    says(&bring(&made.value).await.err().context("refused")?, "This is the old key")?;
    let other = flat.rehearsed.authority.dashboard_issue("Another", None)?;
    adopt(&flat, "Another", &other.value).await?;
    says(&bring(&other.value).await.err().context("refused")?, "is here already, as “Another”")?;

    let fresh = flat.rehearsed.authority.dashboard_issue("CRM bridge, new", None)?;
    bring(&fresh.value).await?;
    flows::acknowledge(&flat.ctx, &id("rotate")).await?;
    flat.drive("rotate").await?;
    flat.pass(TimeDelta::minutes(5));
    flat.drive("rotate").await?;
    let phase = rotation(&flat, "rotate").await?.context("it is there")?.phase;
    ensure!(!matches!(phase, Phase::Done { .. }), "the old key lives: {phase:?}");
    ensure!(flat.row(&key).await?.context("listed")?.status.is_live());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f12_what_was_never_accepted_is_neither_taken_nor_called_dead() -> Result<()> {
    for vendor in [Vendor::SmartLead, Vendor::Leadterra] {
        let flat = assisted(vendor).await?;
        let made = flat.rehearsed.authority.dashboard_issue("CRM bridge", None)?;
        for wrong in
            [format!("api_key={}", made.value), format!("\"{}\"", made.value), format!("{}0", made.value)]
        {
            adopt(&flat, "CRM bridge", &wrong).await.err().context("it is refused")?;
            ensure!(flat.ctx.ledger.keys(&flat.account.id).await?.is_empty(), "{vendor}: nothing is kept");
        }
        let key = adopt(&flat, "CRM bridge", &made.value).await?;
        let row = flat.row(&key).await?.context("listed")?;
        ensure!(row.checked.is_some_and(|checked| checked.alive) && row.status == KeyStatus::Active);
        says(&adopt(&flat, "Again", &made.value).await.err().context("twice")?, "here already")?;
    }
    Ok(())
}

/// A key may be the only copy: where nobody can be asked it is kept, and its first refusal is no death.
#[tokio::test(flavor = "multi_thread")]
async fn f12_a_key_that_was_kept_unseen_is_not_accepted_before_it_is_dead() -> Result<()> {
    let flat = assisted(Vendor::Leadterra).await?;
    let out = Fault::Unavailable { committed: false, retry_after: RetryAfter::Absent };
    flat.rehearsed.authority.faults().set_on(Requests::reads(), out, Times::UntilCleared);
    let key = adopt(&flat, "CRM bridge", "sk_live_abcdefghijklmnopqrstuvwxyz012345").await?;
    ensure!(flat.ctx.ledger.sealed(&Purpose::Adopted(key.clone())).await?.is_some());
    ensure!(flat.row(&key).await?.context("listed")?.checked.is_none());
    flat.rehearsed.authority.faults().clear();
    for _ in 0..3 {
        ensure!(!flows::probe_key(&flat.ctx, &key).await?.alive);
        let status = flat.row(&key).await?.context("listed")?.status;
        assert_eq!(status, KeyStatus::Unknown("not accepted".into()));
        flat.pass(TimeDelta::hours(3));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f13_a_death_that_the_person_told_is_not_put_into_the_vendors_mouth() -> Result<()> {
    let flat = assisted(Vendor::Leadterra).await?;
    let imported = flows::import_keys(&flat.ctx, &flat.account.id, b"name\nOld importer\n").await?;
    assert_eq!(imported.imported, 1);
    let row = flat.ctx.ledger.keys(&flat.account.id).await?.remove(0);
    let key = KeyRef { account: flat.account.id.clone(), key: row.id };
    flows::begin_rotation(&flat.ctx, &key, Choice::Now, None, id("rotate")).await?;
    let fresh = flat.rehearsed.authority.dashboard_issue("New importer", None)?;
    flows::bring_key(&flat.ctx, &id("rotate"), Secret::new(fresh.value)).await?;
    flows::acknowledge(&flat.ctx, &id("rotate")).await?;
    flat.drive("rotate").await?;
    if let Some(Rotation { phase: Phase::Revoking { .. }, .. }) = rotation(&flat, "rotate").await? {
        flows::finish_rotation(&flat.ctx, &id("rotate")).await?;
    }
    flat.outlast("rotate").await?;
    let told: Vec<String> =
        flat.ctx.ledger.history(&key, 20).await?.iter().map(|entry| format!("{:?}", entry.outcome)).collect();
    ensure!(told.iter().any(|words| words.contains("declared dead by the person")), "{told:?}");
    ensure!(!told.iter().any(|words| words.contains("by the vendor's word")), "{told:?}");
    Ok(())
}

/// From here it looks the same: the reply was lost, and the vendor lists a new key of that kind under a name of its own.
#[tokio::test(flavor = "multi_thread")]
async fn f05_a_key_under_a_name_that_nobody_expects_is_not_made_twice() -> Result<()> {
    let flat = Flat::new().await?;
    let out = Fault::Unavailable { committed: false, retry_after: RetryAfter::Absent };
    flat.rehearsed.authority.faults().set_on(Requests::default(), out, Times::UntilCleared);
    let wanted = flat.wanted("create", "Deploy");
    let (scopes, environment) = (wanted.scopes.clone(), wanted.environment.clone());
    let made = flows::create_key(&flat.ctx, wanted).await;
    ensure!(matches!(made, Err(FlowError::Doubt(_))), "{made:?}");
    flat.rehearsed.authority.faults().clear();
    let grant =
        Grant::check(flat.provider.manifest(), "dply-7", environment, scopes, None, flat.ctx.clock.now())?;
    let (base_url, own_key) = (flat.rehearsed.authority.base_url(), own_key(&flat));
    let key = flat.provider.mint(at(&flat, &base_url, &own_key), &grant).await?.record.id;
    flat.pass(TimeDelta::minutes(4));
    flat.read_twice().await?;
    let found = flat.ctx.ledger.operation(&id("create")).await?.context("it is there")?;
    let theirs = KeyRef { account: flat.account.id.clone(), key };
    ensure!(found.stage == Stage::Orphaned { keys: vec![theirs] }, "{:?}", found.stage);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f22_f32_a_hundred_thousand_names_are_put_in_order_and_searched_at_once() -> Result<()> {
    let flat = Flat::new().await?;
    let sample = flows::inventory_rows(&flat.ctx).await?.pop().context("a key of the rehearsal")?;
    let named = |n: u32| {
        let mut row = sample.clone();
        row.record.id = VendorKeyId(format!("key_{n}"));
        // Every number once, and not in order.
        row.record.name = format!("Caf\u{e9} importer number-{}", u64::from(n) * 7919 % 100_000);
        row
    };
    let rows = (0..100_000).map(named).collect();
    let begun = Instant::now();
    let inventory = Inventory::build(rows);
    let built = begun.elapsed();
    let query = |search: &str| Query {
        search: search.into(),
        accounts: vec![],
        environments: vec![],
        statuses: vec![],
        last_uses: vec![],
        labels: vec![],
        due: false,
        findings: FindingSet::EMPTY,
        keys: None,
        sort: SortBy::Name,
        descending: false,
        offset: 0,
        limit: 20,
    };
    let begun = Instant::now();
    let found = inventory.window(&query("cafe number-99999"), flat.ctx.clock.now());
    let searched = begun.elapsed();
    ensure!(found.total == 1, "{} rows", found.total);
    let first = inventory.window(&query(""), flat.ctx.clock.now());
    let names: Vec<&str> = first.rows.iter().map(|row| row.record.name.as_str()).collect();
    ensure!(
        names[2] == "Caf\u{e9} importer number-2" && names[10] == "Caf\u{e9} importer number-10",
        "{names:?}"
    );
    // Names are folded once, when the list is built: a search that folded them again would take as long.
    ensure!(searched * 4 < built, "built in {built:?}, searched in {searched:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f07_f08_f09_times_are_read_in_every_form_over_every_vendor() -> Result<()> {
    for vendor in [Vendor::Naturalead, Vendor::Natural, Vendor::NeuralDraft] {
        let flat = Plot::of(&VendorId(vendor.to_string())).furnished().build().await?;
        let truth: HashMap<_, _> =
            flat.listed().await?.into_iter().map(|key| (key.id.clone(), key)).collect();
        ensure!(truth.values().any(|key| matches!(key.last_use, LastUse::At(_))), "{vendor}: some are used");
        for fault in Fault::ALL {
            let Fault::WrittenTimes { form } = fault else { continue };
            flat.rehearsed.authority.faults().set_on(Requests::reads(), fault, Times::UntilCleared);
            flows::refresh(&flat.ctx, &flat.account.id, &|_| Paging::Continue).await?;
            flat.rehearsed.authority.faults().clear();
            let (outside, _) = flows::outside_changes(&flat.ctx, 0, 9).await?;
            ensure!(outside.is_empty(), "{vendor} {form:?}: nothing was changed: {outside:?}");
            for key in flat.ctx.ledger.keys(&flat.account.id).await? {
                let told = || format!("{vendor} {form:?}: {key:?}");
                let known = &truth[&key.id];
                ensure!(key.expires == written(known.expires, form), "{}", told());
                if let LastUse::At(at) = known.last_use {
                    ensure!(key.last_use == written(Timestamp::At(at), form).into(), "{}", told());
                } else {
                    ensure!(key.last_use == known.last_use, "{}", told());
                }
            }
        }
    }
    Ok(())
}

/// What can be read of a time that is written so.
fn written(time: Timestamp, form: TimeForm) -> Timestamp {
    let Timestamp::At(at) = time else { return time };
    match form {
        TimeForm::Day => Timestamp::On(at.date_naive()),
        TimeForm::Zero | TimeForm::Milliseconds => time,
        TimeForm::Spaced | TimeForm::CompactZone | TimeForm::Mail | TimeForm::Seconds => {
            Timestamp::At(at.with_nanosecond(0).unwrap_or(at))
        }
    }
}
