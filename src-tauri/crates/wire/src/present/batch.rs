//! Batches as the UI shows them: the dry run, how far one is, and what became of each key, in words.

use chrono::{DateTime, Utc};
use keyturn_core::batch::{BatchId, BatchState, Deed, ItemKind, ItemState, Standing};
use keyturn_core::flows::{BatchPlan, Choice, ItemPage, Planned};
use keyturn_core::key::LastUse;
use keyturn_core::moment::moment;
use keyturn_core::operation::{Operation, Stage};
use keyturn_core::rotation::{Phase, Rotation, Until};

use super::count;
use crate::batch::{
    BatchChoiceView, BatchItemStateView, BatchItemView, BatchItemsView, BatchKindView, BatchPlanView,
    BatchReasonView, BatchStateView, BatchView,
};
use crate::failure::sentence;
use crate::key::ActionView;

/// How many items of a plan are shown.
const SHOWN: usize = 200;

impl From<BatchItemStateView> for ItemKind {
    fn from(view: BatchItemStateView) -> Self {
        match view {
            BatchItemStateView::Waiting => Self::Waiting,
            BatchItemStateView::Running => Self::Running,
            BatchItemStateView::Done => Self::Done,
            BatchItemStateView::Failed => Self::Failed,
            BatchItemStateView::Skipped => Self::Skipped,
        }
    }
}

fn kind(deed: Deed) -> BatchKindView {
    match deed {
        Deed::Rotate(_) => BatchKindView::Rotate,
        Deed::Revoke => BatchKindView::Revoke,
    }
}

#[must_use]
pub fn plan(plan: &BatchPlan) -> BatchPlanView {
    let skipped = plan.items.iter().filter(|item| item.skip.is_some());
    let done = plan.items.iter().filter(|item| item.skip.is_none());
    BatchPlanView {
        kind: kind(plan.deed),
        total: count(plan.items.len()),
        will_do: count(plan.will_do()),
        will_skip: count(plan.items.len() - plan.will_do()),
        confirmation: plan.phrase().unwrap_or_default(),
        choices: match plan.deed {
            Deed::Rotate(chosen) => plan.choices.iter().map(|choice| choice_view(*choice, chosen)).collect(),
            Deed::Revoke => Vec::new(),
        },
        reasons: reasons(plan),
        warnings: warnings(plan),
        steps: steps(plan.deed),
        estimate: estimate(plan.seconds),
        items: skipped.chain(done).take(SHOWN).map(planned).collect(),
    }
}

fn choice_view(choice: Choice, chosen: Choice) -> BatchChoiceView {
    let (title, detail) = match choice {
        Choice::Now => ("Kill now", "each old key goes as soon as its new one works"),
        Choice::OneHour => ("1 hour", "from the moment a new key is saved"),
        Choice::OneDay => ("24 hours", "from the moment a new key is saved"),
        Choice::SevenDays => ("7 days", "from the moment a new key is saved"),
        Choice::Quiet => ("Until quiet", "not used for 24 hours"),
        Choice::Atomic => ("At once, in one call", "the old key dies now"),
    };
    BatchChoiceView {
        id: choice.word().to_owned(),
        title: title.to_owned(),
        detail: detail.to_owned(),
        preselected: choice == chosen,
    }
}

fn reasons(plan: &BatchPlan) -> Vec<BatchReasonView> {
    let mut reasons: Vec<BatchReasonView> = Vec::new();
    for words in plan.items.iter().filter_map(|item| item.skip.as_ref()) {
        match reasons.iter_mut().find(|reason| reason.words == *words) {
            Some(reason) => reason.count += 1,
            None => reasons.push(BatchReasonView { words: words.clone(), count: 1 }),
        }
    }
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
    reasons
}

fn warnings(plan: &BatchPlan) -> Vec<String> {
    let done = || plan.items.iter().filter(|item| item.skip.is_none());
    let mut warnings = Vec::new();
    match plan.deed {
        Deed::Revoke => warnings.push(
            "A revoked key cannot be brought back. Every system that still uses one of them fails."
                .to_owned(),
        ),
        Deed::Rotate(Choice::Now) => warnings
            .push("Every system that still uses an old key fails as soon as its new one works.".to_owned()),
        Deed::Rotate(_) => {}
    }
    let used = |item: &&Planned| {
        item.record.as_ref().is_some_and(|record| matches!(record.last_use, LastUse::At(_)))
    };
    match done().filter(used).count() {
        0 => {}
        _ if !plan.deed.frees() => {}
        1 => warnings.push("One of these keys has been used.".to_owned()),
        used => warnings.push(format!("{used} of these keys have been used.")),
    }
    for item in done().filter(|item| item.managing) {
        warnings.push(format!(
            "The managing key of {} is among them. It goes last, and Keyturn goes on with the new one.",
            item.account_label
        ));
    }
    warnings
}

fn steps(deed: Deed) -> Vec<String> {
    let words: &[&str] = match deed {
        Deed::Revoke => &[
            "Keyturn revokes each key at its vendor, a few at a time.",
            "It watches each one until the vendor refuses it or no longer lists it as active.",
        ],
        Deed::Rotate(choice) => {
            let end = match choice {
                Choice::Now | Choice::Atomic => {
                    "Then it revokes the old key, whether you have saved the new one or not."
                }
                Choice::OneHour => {
                    "Once you have saved a new key, both work for 1 hour. Then Keyturn revokes the old one."
                }
                Choice::OneDay => {
                    "Once you have saved a new key, both work for 24 hours. Then Keyturn revokes the old one."
                }
                Choice::SevenDays => {
                    "Once you have saved a new key, both work for 7 days. Then Keyturn revokes the old one."
                }
                Choice::Quiet => {
                    "Once you have saved a new key, both work until the vendor reports the new one as used and the old one as unused for 24 hours. Then Keyturn revokes the old one."
                }
            };
            &[
                "For each key the vendor makes a new one with the same name, scopes and environment, a few at a time.",
                "Keyturn seals it in the vault, where it waits to be saved by you.",
                "Keyturn asks the vendor with the new key, and goes on only if it works.",
                end,
            ]
        }
    };
    let mut steps: Vec<String> = words.iter().map(|step| (*step).to_owned()).collect();
    steps.push("What fails for one key changes nothing for the others.".to_owned());
    steps
}

/// `about 3 minutes`.
fn estimate(seconds: u64) -> String {
    match seconds {
        0..15 => "a few seconds".to_owned(),
        15..60 => format!("about {} seconds", seconds.div_ceil(10) * 10),
        60..90 => "about a minute".to_owned(),
        90..5400 => format!("about {} minutes", (seconds + 30) / 60),
        _ => format!("about {} hours", (seconds + 1800) / 3600),
    }
}

fn planned(item: &Planned) -> BatchItemView {
    let (name, masked) = match &item.record {
        Some(record) => (record.name.clone(), record.hint.masked()),
        None => (item.key.key.0.clone(), String::new()),
    };
    BatchItemView {
        key: item.key.to_string(),
        name,
        masked,
        account_label: item.account_label.clone(),
        vendor_name: item.vendor_name.to_owned(),
        state: if item.skip.is_some() { BatchItemStateView::Skipped } else { BatchItemStateView::Waiting },
        words: item.skip.clone().unwrap_or_default(),
        operation: None,
    }
}

/// A batch with how far it is. `locked`: the vault holds it up.
#[must_use]
pub fn batch(standing: &Standing, locked: bool, now: DateTime<Utc>) -> BatchView {
    let (batch, counts) = (&standing.batch, &standing.counts);
    let verb = match batch.deed {
        Deed::Rotate(_) => "Rotate",
        Deed::Revoke => "Revoke",
    };
    BatchView {
        id: batch.id.0.clone(),
        kind: kind(batch.deed),
        title: format!("{verb} {}", keys(counts.total())),
        state: match batch.state {
            BatchState::Running => BatchStateView::Running,
            BatchState::Paused => BatchStateView::Paused,
            BatchState::Stopped => BatchStateView::Stopped,
            BatchState::Done => BatchStateView::Done,
        },
        total: count(counts.total()),
        waiting: count(counts.waiting),
        running: count(counts.running),
        done: count(counts.done),
        failed: count(counts.failed),
        skipped: count(counts.skipped),
        words: words(standing, locked, now),
        started_at: batch.started_at,
        ended_at: batch.ended_at,
        pause: action(batch.can_be_paused(), "It does not run."),
        resume: action(batch.can_be_resumed(), "It is not paused."),
        stop: action(batch.can_be_stopped(), "It has ended or was stopped already."),
    }
}

fn keys(count: usize) -> String {
    if count == 1 { "1 key".to_owned() } else { format!("{count} keys") }
}

fn action(allowed: bool, otherwise: &str) -> ActionView {
    ActionView { allowed, reason: (!allowed).then(|| otherwise.to_owned()) }
}

fn words(standing: &Standing, locked: bool, now: DateTime<Utc>) -> String {
    let counts = &standing.counts;
    let open = counts.waiting + counts.running;
    match standing.batch.state {
        BatchState::Done if counts.failed == 0 => "Ended.".to_owned(),
        BatchState::Done => format!("Ended. {} failed; each says why.", keys(counts.failed)),
        _ if locked && open > 0 => "Waits until the vault is unlocked.".to_owned(),
        BatchState::Paused | BatchState::Stopped if counts.running > 0 => {
            "What has begun is finished; nothing further begins.".to_owned()
        }
        BatchState::Paused => "Paused.".to_owned(),
        BatchState::Stopped => "Stopped.".to_owned(),
        BatchState::Running => match standing.not_before.filter(|at| *at > now) {
            Some(at) => {
                format!("{} under way. A vendor asked to be left alone until {}.", counts.running, moment(at))
            }
            None => format!("{} under way, {} to go.", counts.running, counts.waiting),
        },
    }
}

/// A part of a batch's items.
#[must_use]
pub fn items(pages: &[ItemPage], total: usize, offset: u32, batch: &BatchId) -> BatchItemsView {
    let row = |page: &ItemPage| {
        let item = &page.found.item;
        let (account_label, vendor_name) = match &page.account {
            Some((account, provider)) => (account.label.clone(), provider.manifest().name.to_owned()),
            None => (item.key.account.0.clone(), String::new()),
        };
        let (state, words) = item_words(page);
        BatchItemView {
            key: item.key.to_string(),
            name: item.name.clone(),
            masked: item.hint.masked(),
            account_label,
            vendor_name,
            state,
            words,
            operation: page.found.begun.then(|| item.operation(batch).0),
        }
    };
    BatchItemsView { rows: pages.iter().map(row).collect(), total: count(total), offset }
}

fn item_words(page: &ItemPage) -> (BatchItemStateView, String) {
    let item = &page.found.item;
    match (&item.state, &page.operation) {
        (ItemState::Skipped(words), _) => (BatchItemStateView::Skipped, words.clone()),
        (ItemState::Failed(words), _) => (BatchItemStateView::Failed, sentence(words)),
        (ItemState::Done, operation) => {
            (BatchItemStateView::Done, operation.as_ref().map(standing).unwrap_or_default())
        }
        (ItemState::Open, Some(operation)) => (BatchItemStateView::Running, standing(operation)),
        (ItemState::Open, None) => {
            let words = match item.not_before {
                Some(at) => {
                    format!("The vendor asked to be left alone until {}.", moment(at))
                }
                None => String::new(),
            };
            (BatchItemStateView::Waiting, words)
        }
    }
}

/// Where one key's operation stands, in a sentence.
fn standing(operation: &Operation) -> String {
    match &operation.stage {
        Stage::Rotating(rotation) => {
            let why = rotation.retry.as_ref().and_then(|retry| retry.why.as_deref());
            why.map_or_else(|| phase(rotation), sentence)
        }
        Stage::Failed { reason } => sentence(reason),
        Stage::Orphaned { .. } => "A key was made whose value never arrived.".to_owned(),
        Stage::Sent => "The vendor is asked for the new key.".to_owned(),
        Stage::Escrowed { .. } => "The new key waits to be saved.".to_owned(),
        Stage::Acknowledged { .. } => "The new key is saved.".to_owned(),
    }
}

fn phase(rotation: &Rotation) -> String {
    let save = if rotation.unsaved().is_some() { " Save the new key." } else { "" };
    let gone = match rotation.successor() {
        Some(_) => "The old key",
        None => "The key",
    };
    match &rotation.phase {
        Phase::Minting => "The vendor is asked for the new key.".to_owned(),
        Phase::Bringing => "The new key is made in the dashboard.".to_owned(),
        Phase::Minted(_) => "The new key is sealed and was not seen to work yet.".to_owned(),
        Phase::Verified(successor) if !successor.exact => {
            "The new key works, but it is not what was asked for. Look at it before you save it.".to_owned()
        }
        Phase::Verified(_) => "Both keys work. Save the new key.".to_owned(),
        Phase::Overlap { until: Until::Time(at), .. } => {
            format!("Both keys work until {}.", moment(*at))
        }
        Phase::Overlap { until: Until::Quiet { .. }, .. } => {
            "Both keys work until the old one is quiet.".to_owned()
        }
        Phase::Overlap { until: Until::Told, .. } => "Both keys work until you end it.".to_owned(),
        Phase::Bereft { .. } => "The new key stopped working; the old one is kept.".to_owned(),
        Phase::Revoking { .. } => format!("{gone} is being revoked."),
        Phase::Left { .. } => "Ended by you where it stood.".to_owned(),
        Phase::Dying { .. } => format!("{gone} is revoked by the vendor's word and not seen to be dead yet."),
        Phase::Undoing(_) | Phase::Fading { .. } | Phase::Undone { .. } => {
            "It was undone: the old key stays.".to_owned()
        }
        Phase::Done { death, .. } => match death {
            keyturn_core::rotation::Death::Proven { .. } => {
                format!("{gone} is dead: the vendor refused it.{save}")
            }
            keyturn_core::rotation::Death::Declared => {
                format!("{gone} is dead by the vendor's word.{save}")
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_no_more_exact_than_it_is() {
        let table = [
            (0, "a few seconds"),
            (31, "about 40 seconds"),
            (61, "about a minute"),
            (170, "about 3 minutes"),
            (7200, "about 2 hours"),
        ];
        for (seconds, words) in table {
            assert_eq!(estimate(seconds), words);
        }
    }
}
