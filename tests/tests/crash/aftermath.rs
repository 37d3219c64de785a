//! The next start: what it finds is compared with what lives at the vendor, before and after everything was taken to
//! its end.

use anyhow::{Context as _, Result, bail, ensure};
use chrono::TimeDelta;
use keyturn_core::account::Place;
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Confirmation, Context, Recovered, Wake};
use keyturn_core::journal::Action;
use keyturn_core::key::{KeyRecord, KeyRef, KeyStatus};
use keyturn_core::operation::{Intent, Operation, OperationId, Stage};
use keyturn_core::permit::Permits;
use keyturn_core::ports::{JournalCheck, Purpose, Records};
use keyturn_core::provider::{Paging, Support};
use keyturn_core::reading::AGREE;
use keyturn_core::rotation::{Death, Phase};
use keyturn_core::secret::Secret;
use keyturn_storage::SqliteLedger;
use keyturn_tests::doom::Script;
use keyturn_tests::flat::{LEDGER, MovedClock};

use crate::round::is_asked_with;
use crate::world::World;

/// How a living key is accounted for.
#[derive(Debug, PartialEq, Eq)]
enum Hold {
    /// The person has it.
    Stored,
    /// Keyturn has it.
    Sealed,
    /// Nobody has it; the list says so, and it can be revoked.
    Orphan,
    /// Nobody has it, and it is being revoked.
    Going,
}

pub(crate) async fn look(world: &World, script: Script, subject: &KeyRef) -> Result<()> {
    let (ctx, clock) = world.start().await.context("the next start")?;
    if script == Script::Disconnect && ctx.ledger.accounts().await?.iter().all(|it| it.id != world.account) {
        return is_disconnected(world, &ctx).await;
    }
    claims(world, &ctx).await.context("right after the start")?;
    // A list may lag behind the request: what it does not show counts some minutes later.
    let mut found = flows::recover(&ctx).await?;
    if found.iter().any(is_postponed) {
        let minutes = AGREE + TimeDelta::seconds(1);
        world.pass(minutes);
        clock.forward(minutes);
        found = flows::recover(&ctx).await?;
    }
    ensure!(!found.iter().any(is_postponed), "{found:?}");
    if script == Script::Again {
        // What earlier readings lacked, the first one after the start shows.
        read(world, &ctx).await?;
    }
    let mut orphans = 0;
    for key in world.witness.subjects().await? {
        orphans += usize::from(held(world, &ctx, &key).await? == Hold::Orphan);
    }
    // By a clock that goes ahead a new key is an old one: that is for the person to decide.
    // Where no uses are reported, one that may be ours may be somebody's.
    let reports = world.witness.provider.manifest().capabilities.last_use == Support::Yes;
    let is_doubtful = matches!(script, Script::AtOnce | Script::Again)
        || world.weather.wrong > TimeDelta::zero()
        || world.weather.lie.is_some()
        || !reports;
    ensure!(orphans == 0 || is_doubtful, "{orphans} orphan(s) after one reconcile");
    if script == Script::Managing {
        read(world, &ctx).await.context("after the start")?;
    }
    let given_up = settle(world, &ctx, &clock).await?;
    for _ in 0..2 {
        read(world, &ctx).await?;
        world.pass(AGREE + TimeDelta::seconds(1));
        clock.forward(AGREE + TimeDelta::seconds(1));
    }
    claims(world, &ctx).await.context("at the end")?;
    agree(world, &ctx).await?;
    ends_as_it_should(world, &ctx, script, subject, given_up).await?;
    drop(ctx);
    let ledger = SqliteLedger::open(&world.profile.path().join(LEDGER))?.ledger;
    ledger.verify().await?;
    let journal = ledger.verify_journal().await?;
    ensure!(matches!(journal, JournalCheck::Whole { .. }), "the journal: {journal:?}");
    Ok(())
}

/// Where the list is doubted because the ledger missed what was done, the person knows that it is right.
async fn read(world: &World, ctx: &Context) -> Result<()> {
    let read = flows::refresh(ctx, &world.account, &|_| Paging::Continue).await;
    match read {
        Err(FlowError::Doubtful { .. }) => {
            flows::accept_reading(ctx, &world.account, &|_| Paging::Continue).await?;
        }
        other => drop(other?),
    }
    Ok(())
}

/// The person has gone, with both keys in their pocket: nothing is kept of the account, and nothing more was done there.
async fn is_disconnected(world: &World, ctx: &Context) -> Result<()> {
    ensure!(ctx.ledger.sealed_of(&world.account).await?.is_empty(), "something is still sealed");
    let open = ctx.ledger.open_operations().await?;
    ensure!(open.iter().all(|it| it.account != world.account), "{open:?}");
    ensure!(ctx.ledger.keys(&world.account).await?.is_empty(), "rows are left");
    for key in world.witness.subjects().await? {
        let stored = world.stored(&world.of(&key.id.0));
        ensure!(stored.is_some(), "{:?} lives and nobody has it", key.name);
    }
    let mut works = 0;
    for (_, value) in world.all_stored() {
        works += usize::from(world.works(&value).await?);
    }
    ensure!(works > 0, "no key works any more");
    Ok(())
}

fn is_postponed(one: &Recovered) -> bool {
    matches!(one, Recovered::Postponed { .. })
}

/// Keyturn itself reaches the vendor, "revoked" is said of nothing that the vendor still takes, and "proven" only
/// where it refuses.
async fn claims(world: &World, ctx: &Context) -> Result<()> {
    // EXPOSE: the test uses the key at the authority.
    let managing = world.works(managing_key(world, ctx).await?.expose()).await?;
    ensure!(managing, "the vendor does not take the managing key that is sealed");
    for (key, value) in world.all_stored() {
        let Some(row) = ctx.ledger.key(&key).await? else { continue };
        let says_dead = matches!(row.status, KeyStatus::Revoked { .. });
        ensure!(!says_dead || !world.works(&value).await?, "{key} is called revoked, and it works");
    }
    Ok(())
}

/// Where the account's secrets may go.
async fn place(world: &World, ctx: &Context) -> Result<Place> {
    let mut accounts = ctx.ledger.accounts().await?.into_iter();
    Ok(accounts.find(|it| it.id == world.account).context("it is connected")?.place())
}

/// What Keyturn calls the vendor with.
async fn managing_key(world: &World, ctx: &Context) -> Result<Secret> {
    let sealed = ctx.ledger.sealed(&Purpose::Managing(world.account.clone())).await?;
    Ok(ctx.vault.open(&sealed.context("no managing key is sealed")?, &place(world, ctx).await?)?)
}

/// Who has the value of a key that lives at the vendor.
async fn held(world: &World, ctx: &Context, record: &KeyRecord) -> Result<Hold> {
    let key = world.of(&record.id.0);
    if let Some(value) = world.stored(&key)
        && world.works(&value).await?
    {
        return Ok(Hold::Stored);
    }
    for operation in ctx.ledger.open_operations().await? {
        if operation.stage.unsaved() != Some(&key) {
            continue;
        }
        let sealed = ctx.ledger.sealed(&Purpose::Escrow(operation.id.clone())).await?;
        let sealed = sealed.context("it waits to be saved, and nothing is sealed")?;
        let secret = ctx.vault.open(&sealed, &place(world, ctx).await?)?;
        // EXPOSE: the test uses the key at the authority.
        ensure!(world.works(secret.expose()).await?, "what is sealed does not work");
        return Ok(Hold::Sealed);
    }
    for operation in ctx.ledger.operations_of(&key).await? {
        let Stage::Rotating(rotation) = &operation.stage else { continue };
        let is_taken_back = matches!(rotation.phase, Phase::Undoing(_) | Phase::Fading { .. })
            && rotation.successor().is_some_and(|new| new.key == key);
        let ends = matches!(&operation.intent, Intent::Revoke { .. });
        if is_taken_back || ends {
            return Ok(Hold::Going);
        }
    }
    let row = ctx.ledger.key(&key).await?;
    match row.filter(|row| row.status == KeyStatus::Orphan) {
        Some(row) => {
            let permits = Permits::of(&world.witness.provider.manifest().capabilities, &row);
            ensure!(permits.revoke.is_allowed(), "an orphan that cannot be revoked");
            Ok(Hold::Orphan)
        }
        None => bail!("lost: {:?} lives at the vendor and nobody has it", record.name),
    }
}

/// Everything is taken to its end: what waits is stored, overlaps run out, deaths are watched. Orphans go: how many.
async fn settle(world: &World, ctx: &Context, clock: &MovedClock) -> Result<usize> {
    let mut given_up = 0;
    for _ in 0..60 {
        for escrow in flows::escrows(ctx).await? {
            let (_, secret) = flows::take_for(ctx, &escrow.operation, Action::Copy).await?;
            // EXPOSE: the person's other store; the vendor is the test's own.
            world.store(&escrow.key, secret.expose());
            match flows::acknowledge(ctx, &escrow.operation).await {
                Ok(()) | Err(FlowError::Step(_)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        flows::recover(ctx).await?;
        given_up += revoke_orphans(world, ctx).await?;
        let mut waits = false;
        finish_what_a_clock_holds(ctx).await?;
        for operation in ctx.ledger.open_operations().await? {
            waits |= flows::drive(ctx, &operation.id).await? != Wake::OnCall;
        }
        if !waits && ctx.ledger.open_operations().await?.is_empty() {
            return Ok(given_up);
        }
        world.pass(TimeDelta::hours(8));
        clock.forward(TimeDelta::hours(8));
    }
    bail!("it never comes to an end: {:?}", ctx.ledger.open_operations().await?)
}

/// Where the vendor's clock was seen days off, the person ends the overlap, as the words say.
async fn finish_what_a_clock_holds(ctx: &Context) -> Result<()> {
    for operation in ctx.ledger.open_operations().await? {
        let Stage::Rotating(rotation) = &operation.stage else { continue };
        let why = rotation.retry.as_ref().and_then(|retry| retry.why.as_deref()).unwrap_or_default();
        if why.contains("end the overlap yourself") {
            flows::finish_rotation(ctx, &operation.id).await?;
        }
    }
    Ok(())
}

async fn revoke_orphans(world: &World, ctx: &Context) -> Result<usize> {
    let mut revoked = 0;
    for row in ctx.ledger.keys(&world.account).await? {
        if row.status == KeyStatus::Orphan {
            let typed = Confirmation { typed_name: Some(row.name.clone()), managing: false };
            let operation = OperationId(format!("orphan {}", row.id.0));
            flows::revoke_key(ctx, &world.of(&row.id.0), &typed, operation).await?;
            revoked += 1;
        }
    }
    Ok(revoked)
}

/// Ledger and vendor list the same living keys, and what the person has works exactly as long as its row says.
async fn agree(world: &World, ctx: &Context) -> Result<()> {
    let mut there: Vec<String> = world.witness.subjects().await?.into_iter().map(|key| key.id.0).collect();
    let rows = ctx.ledger.keys(&world.account).await?;
    let lives = |row: &&KeyRecord| row.status.is_live() && world.witness.is_subject(&row.id);
    let mut here: Vec<String> = rows.iter().filter(lives).map(|row| row.id.0.clone()).collect();
    there.sort();
    here.sort();
    ensure!(there == here, "live at the vendor {there:?}, live in the ledger {here:?}");
    for (key, value) in world.all_stored() {
        let row = ctx.ledger.key(&key).await?;
        let (says, works) = (row.is_some_and(|row| row.status.is_live()), world.works(&value).await?);
        ensure!(says == works, "{key}: the row says live: {says}; it works: {works}");
    }
    Ok(())
}

/// One key lives, and the person has it; or none, where that was wanted.
async fn ends_as_it_should(
    world: &World,
    ctx: &Context,
    script: Script,
    subject: &KeyRef,
    given_up: usize,
) -> Result<()> {
    let living = world.witness.subjects().await?;
    for key in &living {
        let hold = held(world, ctx, key).await?;
        ensure!(hold == Hold::Stored, "{:?} is {hold:?} at the end", key.name);
    }
    let begun = ctx.ledger.operation(&OperationId("script".into())).await?;
    let allowed = match script {
        Script::Create | Script::Again => living.len() <= 1,
        Script::KillNow | Script::Overlap | Script::Undo | Script::Managing | Script::Disconnect => {
            living.len() == 1
        }
        Script::Revoke => living.is_empty() == begun.is_some(),
        // Its value is lost with the reply, or on a full disk: then the new key is revoked, and the person is told.
        Script::AtOnce => living.len() == 1 || given_up == 1 || could_not_be_kept(begun.as_ref()),
    };
    ensure!(allowed, "{} key(s) live at the end of {begun:?}", living.len());
    if script == Script::Managing {
        manages_with(world, ctx, &living).await?;
    }
    let Some(Stage::Rotating(rotation)) = begun.map(|begun| begun.stage) else { return Ok(()) };
    if let (Phase::Done { death: Death::Proven { .. }, .. }, Some(value)) =
        (&rotation.phase, world.stored(subject))
    {
        ensure!(!world.works(&value).await?, "proven dead, and it works");
    }
    let is_declared = matches!(rotation.phase, Phase::Done { death: Death::Declared, .. });
    ensure!(!(is_declared && is_asked_with(script)), "declared dead, and Keyturn could have asked with it");
    Ok(())
}

/// The account's managing key is the one that lives: the ledger names it, and its value is what is sealed.
async fn manages_with(world: &World, ctx: &Context, living: &[KeyRecord]) -> Result<()> {
    let accounts = ctx.ledger.accounts().await?;
    let sealed = managing_key(world, ctx).await?;
    for key in living {
        let is_named = accounts.iter().any(|account| account.manages_with(&key.id));
        ensure!(is_named, "the managing key is another one than the one that lives: {accounts:?}");
        // EXPOSE: compared with what the person has.
        let is_sealed = world.stored(&world.of(&key.id.0)).is_some_and(|value| value == sealed.expose());
        ensure!(is_sealed, "the sealed managing key is another one than the one that lives");
    }
    Ok(())
}

/// Whether the operation says of itself that no key is left.
fn could_not_be_kept(begun: Option<&Operation>) -> bool {
    let stage = begun.map(|begun| &begun.stage);
    matches!(stage, Some(Stage::Failed { reason }) 
        if reason.contains("was revoked") || reason.contains("there is no new one"))
}
