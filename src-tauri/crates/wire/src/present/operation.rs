//! Rotations and other operations as the UI shows them: the state, the next step and its time, in words.

use chrono::{DateTime, Utc};
use keyturn_core::account::Account;
use keyturn_core::flows::{Choice, Offer, OperationPage, RotationPlan};
use keyturn_core::key::{KeyRecord, KeyRef, LastUse};
use keyturn_core::moment::moment;
use keyturn_core::operation::{Intent, Stage};
use keyturn_core::rotation::{Death, Phase, Rotation, Until, Way};

use super::{history, record_view};
use crate::failure::sentence;
use crate::key::ActionView;
use crate::rotation::{OperationStateView, OperationView, ProofView, RotationChoiceView, RotationPlanView};

#[must_use]
pub fn plan(plan: &RotationPlan, account: &Account, vendor: &str, now: DateTime<Utc>) -> RotationPlanView {
    RotationPlanView {
        key: record_view(&plan.record, account, None, now),
        allowed: (&plan.permit).into(),
        choices: plan.offers.iter().map(|offer| choice(offer, plan.offers.len() == 1)).collect(),
        last_use: last_use(&plan.record, vendor),
        proof: if plan.can_prove {
            ProofView::Held
        } else {
            ProofView::Ask {
                words: format!(
                    "Keyturn does not hold the old key. Without it, it takes {vendor}'s word for its end."
                ),
            }
        },
    }
}

/// `alone`: the vendor's dashboard ends the old key as it makes the new one, so that there is nothing to choose.
fn choice(offer: &Offer, alone: bool) -> RotationChoiceView {
    let (title, detail) = match (offer.choice, offer.by_hand) {
        (Choice::Now, true) if alone => ("In the dashboard", String::new()),
        (Choice::Now, true) => ("Kill now", "you revoke it once the new key works".into()),
        (Choice::Now, _) => ("Kill now", "as soon as the new key works".into()),
        (Choice::OneHour, _) => ("1 hour", until(offer)),
        (Choice::OneDay, _) => ("24 hours", until(offer)),
        (Choice::SevenDays, _) => ("7 days", until(offer)),
        (Choice::Quiet, _) if offer.until_told => ("Until I end it", "uses are not reported here".into()),
        (Choice::Quiet, _) => ("Until quiet", "not used for 24 hours".into()),
        (Choice::Atomic, _) => ("At once, in one call", "the old key dies now".into()),
    };
    RotationChoiceView {
        id: offer.choice.word().to_owned(),
        title: title.to_owned(),
        detail,
        steps: offer.steps.clone(),
        warnings: offer.warnings.clone(),
        allowed: (&offer.permit).into(),
        preselected: offer.preselected,
        by_hand: offer.by_hand,
    }
}

fn until(offer: &Offer) -> String {
    offer.until.map(|until| format!("until {}", moment(until))).unwrap_or_default()
}

fn last_use(record: &KeyRecord, vendor: &str) -> String {
    match &record.last_use {
        LastUse::At(at) => format!("The old key was last used on {}.", moment(*at)),
        LastUse::On(day) => format!("The old key was last used on {}.", day.format("%-d %B %Y")),
        LastUse::Unreadable => {
            format!("{vendor} tells when the old key was used in a way that could not be read.")
        }
        LastUse::Never => "The old key was never used.".to_owned(),
        LastUse::NotReported => format!("{vendor} does not report when a key was used."),
        LastUse::UntrackedBefore(at) => {
            format!("No use of the old key since {}; before that nobody kept track.", moment(*at))
        }
        LastUse::Stale { read_at, .. } => {
            format!("The account was last read on {}: what is known of its use is old.", moment(*read_at))
        }
    }
}

/// An operation with its next step.
#[must_use]
pub fn operation(page: &OperationPage, now: DateTime<Utc>) -> OperationView {
    let operation = &page.operation;
    let manifest = page.provider.manifest();
    let view = |record: &KeyRecord| record_view(record, &page.account, None, now);
    let told = tell(page, manifest.name);
    let rotation = match &operation.stage {
        Stage::Rotating(rotation) => Some(rotation),
        _ => None,
    };
    OperationView {
        id: operation.id.0.clone(),
        state: told.state,
        key: page.old.as_ref().map(view),
        successor: page.new.as_ref().map(view),
        name: operation.intent.name().to_owned(),
        account_id: page.account.id.0.clone(),
        account_label: page.account.label.clone(),
        vendor_name: manifest.name.to_owned(),
        headline: told.headline,
        next: told.next,
        next_at: told.next_at,
        stuck: rotation.and_then(|rotation| rotation.retry.as_ref()?.why.as_deref().map(sentence)),
        started_at: operation.started_at,
        evidence: page.evidence.iter().map(history).collect(),
        escrow: operation.stage.unsaved().map(|_| operation.id.0.clone()),
        finish: action(finish(rotation)),
        undo: action(undo(rotation)),
        ask_again: action(ask_again(rotation)),
        leave: action(leave(&operation.stage)),
        dashboard: manifest.dashboard.filter(|_| page.account.managing.is_none()).map(str::to_owned),
    }
}

fn action(reason: Option<&str>) -> ActionView {
    ActionView { allowed: reason.is_none(), reason: reason.map(str::to_owned) }
}

/// Why the overlap cannot be ended now; `None` where it can.
fn finish(rotation: Option<&Rotation>) -> Option<&'static str> {
    match rotation.map(|rotation| (&rotation.phase, rotation.can_be_finished())) {
        Some((_, true)) => None,
        Some((Phase::Minted(_), _)) => Some("The new key was not seen to work yet."),
        Some((Phase::Verified(_), _)) => Some("Save the new key first."),
        Some((Phase::Bereft { .. }, _)) => Some("The new key does not work, so that the old one must stay."),
        _ => Some("There is no overlap to end."),
    }
}

/// Why it cannot be undone; `None` where it can.
fn undo(rotation: Option<&Rotation>) -> Option<&'static str> {
    match rotation {
        Some(rotation) if rotation.can_be_undone() => None,
        Some(rotation) if rotation.successor().is_some_and(|successor| successor.manages) => {
            Some("Keyturn manages the account with the new key already, so that it must stay.")
        }
        _ => Some("The old key is gone, or on its way."),
    }
}

/// Why the vendor cannot be told once more to revoke a key; `None` where it can.
fn ask_again(rotation: Option<&Rotation>) -> Option<&'static str> {
    match rotation {
        Some(rotation) if rotation.can_be_asked_again() => None,
        _ => Some("No revocation waits to be carried out."),
    }
}

/// Why it cannot be ended where it stands; `None` where it can.
fn leave(stage: &Stage) -> Option<&'static str> {
    if stage.can_be_left() { None } else { Some("There is nothing to end.") }
}

struct Told {
    state: OperationStateView,
    headline: String,
    next: String,
    next_at: Option<DateTime<Utc>>,
}

fn told(state: OperationStateView, headline: impl Into<String>, next: impl Into<String>) -> Told {
    Told { state, headline: headline.into(), next: next.into(), next_at: None }
}

fn tell(page: &OperationPage, vendor: &str) -> Told {
    use OperationStateView as State;
    match &page.operation.stage {
        Stage::Sent => told(
            State::Making,
            "The vendor was asked for the new key",
            "Keyturn looks in the vendor's list for what became of it.",
        ),
        Stage::Escrowed { .. } => {
            told(State::Unsaved, "The new key waits to be saved", "Save it, and say so.")
        }
        Stage::Acknowledged { .. } => told(State::Done, "The new key is saved", ""),
        Stage::Failed { reason } => told(State::Failed, sentence(reason), ""),
        Stage::Orphaned { keys } if is_reset(&page.operation.intent, keys) => told(
            State::Orphaned,
            "The vendor may have made a key whose value never arrived",
            "Rotate it again from its row, so that its value is known.",
        ),
        Stage::Orphaned { .. } => told(
            State::Orphaned,
            "A key was made whose value never arrived",
            "Revoke it from its row, and make a new one. If somebody uses it, leave it as it is.",
        ),
        Stage::Rotating(rotation) => {
            let variable = page.provider.manifest().variable;
            let mut told = rotating(rotation, &page.operation.intent, vendor, variable);
            if matches!(rotation.phase, Phase::Dying { resume: None, .. }) && !page.can_prove {
                told.next =
                    format!("Keyturn does not hold it and cannot ask with it: {vendor}'s list has the word.");
            }
            told
        }
    }
}

/// A rotation in one call that leaves the key its id: whether it has another value now, no list tells.
fn is_reset(intent: &Intent, keys: &[KeyRef]) -> bool {
    matches!(intent, Intent::Rotate { predecessor, .. } if keys.iter().any(|key| key.key == *predecessor))
}

/// After a rotation by hand: who must get the new key, and under which name.
fn update(name: &str, variable: &str) -> String {
    format!("Save it, and update {variable} in every place where {name:?} is used.")
}

fn rotating(rotation: &Rotation, intent: &Intent, vendor: &str, variable: &str) -> Told {
    use OperationStateView as State;
    let by_hand = matches!(rotation.way, Way::ByHand { .. });
    let mut told = match &rotation.phase {
        Phase::Minting => told(
            State::Making,
            format!("{vendor} was asked for the new key"),
            "Keyturn looks in the vendor's list for what became of it.",
        ),
        Phase::Bringing => told(
            State::BringNewKey,
            "The new key is made in the dashboard",
            format!("Make it at {vendor}, and bring it here."),
        ),
        Phase::Minted(_) => told(
            State::Verifying,
            "The new key is sealed and was not seen to work yet",
            format!("Keyturn asks {vendor} with it."),
        ),
        Phase::Verified(_) => told(
            State::Unsaved,
            "The new key works and waits to be saved",
            if by_hand {
                update(intent.name(), variable)
            } else {
                "Save it and give it to its users; the overlap begins then.".to_owned()
            },
        ),
        Phase::Overlap { until: Until::Time(at), .. } => Told {
            next_at: Some(*at),
            ..told(
                State::Overlap,
                "Both keys work",
                if by_hand {
                    "Then you revoke the old key in the dashboard."
                } else {
                    "Then the old key is revoked."
                },
            )
        },
        Phase::Overlap { until: Until::Quiet { since, successor_used, .. }, .. } => told(
            State::Overlap,
            format!("Both keys work; the old one has been quiet since {}", moment(*since)),
            if *successor_used {
                "The old key is revoked once it has been quiet for 24 hours, and the vendor had time to report a use."
            } else {
                "Keyturn waits until the vendor reports the new key as used."
            },
        ),
        Phase::Overlap { until: Until::Told, .. } => told(
            State::Overlap,
            "Both keys work",
            format!("{vendor} does not report uses: end the overlap when nobody uses the old key any more."),
        ),
        Phase::Revoking { .. } if by_hand => told(
            State::RevokeByHand,
            "The old key is to be revoked in the dashboard",
            format!("Revoke it at {vendor}. Keyturn asks with it until it is refused."),
        ),
        Phase::Revoking { .. } => told(
            State::Revoking,
            "The old key is being revoked",
            format!("Keyturn asks {vendor} to revoke it."),
        ),
        Phase::Dying { successor: Some(successor), .. } if by_hand && !successor.acknowledged => told(
            State::Proving,
            "The old key is being asked whether it is dead",
            update(intent.name(), variable),
        ),
        Phase::Dying { resume: Some(_), .. } => told(
            State::Died,
            "The old key is not listed as working any more, and not through Keyturn",
            "Keyturn asks whether it is dead. If both keys are listed again, the overlap goes on.",
        ),
        Phase::Dying { .. } if by_hand => told(
            State::Proving,
            if matches!(rotation.way, Way::ByHand { at_once: true }) {
                "You replaced the old key in the dashboard"
            } else {
                "The old key is revoked, as you said"
            },
            format!("Keyturn asks {vendor} with it until it is refused."),
        ),
        Phase::Dying { .. } => told(
            State::Proving,
            "The old key is revoked by the vendor's word",
            format!("Keyturn asks {vendor} with it until it is refused."),
        ),
        Phase::Bereft { .. } => told(
            State::Died,
            "The new key stopped working, and not through Keyturn",
            "The old key is kept. If both keys are listed again, the overlap goes on; otherwise undo, and rotate again when you know why.",
        ),
        Phase::Left { .. } => told(
            State::Left,
            "Ended by you where it stood",
            "Keyturn does nothing more to either key: look at both in the list.",
        ),
        Phase::Fading { .. } => told(
            State::Undoing,
            "The old key stays; the new one is revoked by the vendor's word",
            format!("Keyturn asks {vendor} until the new one is refused."),
        ),
        Phase::Undoing(_) => {
            told(State::Undoing, "The old key stays", format!("Keyturn asks {vendor} to revoke the new one."))
        }
        Phase::Done { death: Death::Proven { after }, .. } => told(
            State::Done,
            format!("The old key is dead: refused {} s after its revocation", after.num_seconds().max(0)),
            "",
        ),
        Phase::Done { death: Death::Declared, .. } if by_hand => {
            told(State::Done, "The old key is declared dead: by your word, nobody asked with it", "")
        }
        Phase::Done { death: Death::Declared, .. } => {
            told(State::Done, "The old key is declared dead: by the vendor's word, nobody asked with it", "")
        }
        Phase::Undone { left: Some(_), .. } => {
            told(State::Undone, "The old key stays", "The new one still works: revoke it in the dashboard.")
        }
        Phase::Undone { left: None, .. } => {
            told(State::Undone, "The old key stays; the new one is revoked", "")
        }
    };
    if let Some(retry) = &rotation.retry {
        told.next_at = Some(retry.at);
    }
    // A plain revocation speaks of one key only.
    if matches!(intent, Intent::Revoke { .. }) {
        told.headline = told.headline.replace("The old key", "The key");
    }
    told
}

#[cfg(test)]
mod tests {
    use keyturn_core::account::AccountId;
    use keyturn_core::key::VendorKeyId;
    use keyturn_core::rotation::{Overlap, Successor};

    use super::*;

    #[test]
    fn sl13_after_a_regenerate_it_says_what_must_be_updated() {
        let key = KeyRef { account: AccountId("smartlead".into()), key: VendorKeyId("new".into()) };
        let successor = Successor { key, exact: true, acknowledged: false, seen_at: None, manages: false };
        let rotation = Rotation {
            way: Way::ByHand { at_once: true },
            overlap: Overlap::None,
            phase: Phase::Dying { successor: Some(successor), since: DateTime::UNIX_EPOCH, resume: None },
            retry: None,
            asked_again: 0,
            refused_at: None,
            skew: None,
        };
        let intent = Intent::Replace {
            predecessor: VendorKeyId("old".into()),
            name: "Website forms".into(),
            grant: None,
            known: Vec::new(),
        };
        let told = rotating(&rotation, &intent, "SmartLead", "SMARTLEAD_API_KEY");
        assert!(
            told.next.contains("SMARTLEAD_API_KEY") && told.next.contains("Website forms"),
            "{}",
            told.next
        );
    }
}
