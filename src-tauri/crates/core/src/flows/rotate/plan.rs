//! The plan of a rotation, in words, before anything is decided.

use chrono::{DateTime, Utc};

use super::choices::{Choice, offered, way};
use crate::account::{Account, AccountId};
use crate::error::FlowError;
use crate::flows::Context;
use crate::flows::account::{account, key};
use crate::flows::create::in_doubt;
use crate::flows::project::{claimed_elsewhere, is_busy};
use crate::key::{KeyRecord, KeyRef, KeyStatus, LastUse, VendorKeyId};
use crate::name::is_same;
use crate::operation::Operation;
use crate::permit::{Permit, Permits};
use crate::ports::Purpose;
use crate::provider::{Manifest, RotateSupport, Support};
use crate::rotation::{Overlap, Way};
use crate::timestamp::Timestamp;

/// What a rotation of one key can look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationPlan {
    pub record: KeyRecord,
    pub permit: Permit,
    pub offers: Vec<Offer>,
    /// Keyturn can ask with the old key itself until it is refused.
    pub can_prove: bool,
}

/// One choice, with everything it would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub choice: Choice,
    pub permit: Permit,
    /// When the overlap would end if the new key were stored at this moment.
    pub until: Option<DateTime<Utc>>,
    /// Both keys work until the person says otherwise: the vendor reports no uses.
    pub until_told: bool,
    pub steps: Vec<String>,
    pub warnings: Vec<String>,
    pub preselected: bool,
    /// The person makes the new key in the dashboard.
    pub by_hand: bool,
}

/// Says in words what a rotation of `target` would do, for each way there is.
///
/// # Errors
/// [`FlowError::NotFound`] where the key is gone.
pub async fn plan_rotation(ctx: &Context, target: &KeyRef) -> Result<RotationPlan, FlowError> {
    let record = key(ctx, target).await?;
    let (account, provider) = account(ctx, &target.account).await?;
    let manifest = provider.manifest();
    let permit = permit(ctx, manifest, target, &record).await?;
    let managing = account.manages_with(&target.key);
    let now = ctx.clock.now();
    let choices = offered(&manifest.capabilities);
    let mut offers: Vec<Offer> =
        choices.into_iter().map(|choice| offer(manifest, &record, choice, managing, now)).collect();
    let preferred = [Choice::OneDay, Choice::OneHour, Choice::Now, Choice::Atomic];
    let best = preferred
        .into_iter()
        .find(|choice| offers.iter().any(|offer| offer.choice == *choice && offer.permit.is_allowed()));
    for offer in &mut offers {
        offer.preselected = Some(offer.choice) == best;
    }
    let can_prove = old_key(ctx, &account, target).await?.is_some();
    Ok(RotationPlan { record, permit, offers, can_prove })
}

/// Where Keyturn holds the value of a key, if it does: as the managing key, adopted, or not yet stored.
pub(super) async fn old_key(
    ctx: &Context,
    account: &Account,
    target: &KeyRef,
) -> Result<Option<Purpose>, FlowError> {
    if account.manages_with(&target.key) {
        return Ok(Some(Purpose::Managing(account.id.clone())));
    }
    let adopted = Purpose::Adopted(target.clone());
    if ctx.ledger.sealed(&adopted).await?.is_some() {
        return Ok(Some(adopted));
    }
    let open = ctx.ledger.operations_of(target).await?;
    let unsaved = open.into_iter().find(|operation| operation.stage.unsaved() == Some(target));
    Ok(unsaved.map(|operation| Purpose::Escrow(operation.id)))
}

/// Whether Keyturn holds the old key of an operation, so that it can ask the vendor with it.
pub(crate) async fn can_prove(
    ctx: &Context,
    operation: &Operation,
    account: &Account,
) -> Result<bool, FlowError> {
    let given = Purpose::Predecessor(operation.id.clone());
    if ctx.ledger.sealed(&given).await?.is_some() {
        return Ok(true);
    }
    match operation.predecessor() {
        Some(old) => Ok(old_key(ctx, account, &old).await?.is_some()),
        None => Ok(false),
    }
}

/// Whether the key can be rotated now: its state, what is under way, and the vendor's limit of keys.
pub(crate) async fn permit(
    ctx: &Context,
    manifest: &Manifest,
    target: &KeyRef,
    record: &KeyRecord,
) -> Result<Permit, FlowError> {
    let permit = Permits::of(&manifest.capabilities, record).rotate;
    if !permit.is_allowed() {
        return Ok(permit);
    }
    if is_busy(ctx, target).await? {
        return Ok(Permit::Denied("This key is part of a rotation that is not finished.".into()));
    }
    let (owner, _) = account(ctx, &target.account).await?;
    if owner.may_manage_with(record) {
        return Ok(Permit::Denied(NOT_KNOWN_WHICH.into()));
    }
    if let Some(reason) = claimed_elsewhere(ctx, target).await? {
        return Ok(Permit::Denied(reason));
    }
    if is_in_doubt(ctx, &owner, &record.name).await? {
        return Ok(Permit::Denied(in_doubt(&record.name)));
    }
    free_slot(ctx, manifest, &target.account, Some(&target.key)).await
}

/// Whether a request for a key of this name is not settled, from whatever account at the project: of two alike nobody
/// could tell which was made.
async fn is_in_doubt(ctx: &Context, owner: &Account, name: &str) -> Result<bool, FlowError> {
    let open = ctx.ledger.open_operations().await?;
    let alike: Vec<&Operation> =
        open.iter().filter(|it| it.stage.is_minting() && is_same(it.intent.name(), name)).collect();
    if alike.is_empty() {
        return Ok(false);
    }
    let accounts = ctx.ledger.accounts().await?;
    let is_here = |id: &AccountId| accounts.iter().any(|it| it.id == *id && it.is_beside(owner));
    Ok(alike.iter().any(|it| is_here(&it.account)))
}

/// Two keys bear the managing key's hint, and nobody has said which of them it is.
pub(crate) const NOT_KNOWN_WHICH: &str = "This may be the key with which Keyturn manages the account: another bears the same characters. Say under Accounts which of them it is.";

/// Whether the vendor allows the account one key more; `beside`: the key that it is to stand beside.
pub(crate) async fn free_slot(
    ctx: &Context,
    manifest: &Manifest,
    account: &AccountId,
    beside: Option<&VendorKeyId>,
) -> Result<Permit, FlowError> {
    let Some(limit) = manifest.capabilities.key_limit else { return Ok(Permit::Allowed) };
    let keys = ctx.ledger.keys(account).await?;
    // A revoked key counts no more, though it may still be accepted for a while.
    let live: Vec<&KeyRecord> =
        keys.iter().filter(|key| key.status.is_live() && key.status != KeyStatus::Revoking).collect();
    if live.len() < limit as usize {
        return Ok(Permit::Allowed);
    }
    let unused: Vec<&str> = live
        .iter()
        .filter(|key| key.last_use == LastUse::Never && Some(&key.id) != beside)
        .map(|key| key.name.as_str())
        .take(3)
        .collect();
    let hint = match unused.as_slice() {
        [] => "Revoke a key that is not needed any more first.".to_owned(),
        names => format!("Never used, and perhaps not needed: {}.", names.join(", ")),
    };
    let cannot =
        if beside.is_some() { "a new one cannot be made beside this one" } else { "no other can be made" };
    Ok(Permit::Denied(format!(
        "All {limit} keys that {} allows are taken, so that {cannot}. {hint}",
        manifest.name
    )))
}

fn offer(
    manifest: &Manifest,
    record: &KeyRecord,
    choice: Choice,
    managing: bool,
    now: DateTime<Utc>,
) -> Offer {
    let way = way(&manifest.capabilities).filter(|_| choice != Choice::Atomic);
    let overlap = choice.overlap(&manifest.capabilities);
    let until = match overlap {
        Some(Overlap::For(time)) => Some(now + time),
        _ => None,
    };
    Offer {
        choice,
        permit: not_with_its_own(choice, managing).unwrap_or_else(|| allowed(record, until)),
        until,
        until_told: overlap == Some(Overlap::UntilTold),
        steps: steps(manifest, record, choice, way),
        warnings: warnings(manifest, record, choice, way, managing),
        preselected: false,
        by_hand: matches!(way, Some(Way::ByHand { .. })),
    }
}

/// Whether a choice fits the key. `until`: when its overlap would end.
/// Why a key does not go in the one call that is made with it; `None` where that is not the question.
pub(super) fn not_with_its_own(choice: Choice, managing: bool) -> Option<Permit> {
    let words = "Keyturn calls the vendor with this key: if the reply were lost, it would have none left. \
                 With an overlap the new key is seen to work first.";
    (managing && choice == Choice::Atomic).then(|| Permit::Denied(words.into()))
}

pub(crate) fn allowed(record: &KeyRecord, until: Option<DateTime<Utc>>) -> Permit {
    match (until, record.expires.ends()) {
        (Some(until), Some(expires)) if expires < until => {
            Permit::Denied("The old key expires before that.".into())
        }
        _ => Permit::Allowed,
    }
}

fn steps(manifest: &Manifest, record: &KeyRecord, choice: Choice, way: Option<Way>) -> Vec<String> {
    let vendor = manifest.name;
    let old = record.hint.masked();
    let stored = "The new key is sealed in the vault and shown to you once, to be saved.".to_owned();
    let Some(way) = way else {
        return vec![
            format!("{vendor} makes a new key with the same name, scopes, environment and expiry."),
            format!("In the same moment the old key {old} stops working. There is no overlap."),
            stored,
        ];
    };
    let made = match (way, manifest.capabilities.rotate) {
        (Way::ByHand { .. }, RotateSupport::Dashboard { how, .. }) => how.to_owned(),
        _ => format!("{vendor} makes a new key with the same name, scopes and environment."),
    };
    let seen = format!("Keyturn asks {vendor} with the new key, and goes on only if it works.");
    if let Way::ByHand { at_once: true } = way {
        let dead = format!("Keyturn asks {vendor} with the old key {old} until it is refused.");
        return vec![made, seen, stored, dead];
    }
    let both = match choice {
        Choice::Now | Choice::Atomic => "Both keys work until then.".to_owned(),
        Choice::OneHour => "Once you have saved it, both keys work for 1 hour.".to_owned(),
        Choice::OneDay => "Once you have saved it, both keys work for 24 hours.".to_owned(),
        Choice::SevenDays => "Once you have saved it, both keys work for 7 days.".to_owned(),
        Choice::Quiet if manifest.capabilities.last_use != Support::Yes => format!(
            "{vendor} does not report when a key is used. Once you have saved the new key, both work until you say that nobody uses the old one any more."
        ),
        Choice::Quiet => format!(
            "Once you have saved it, both keys work until {vendor} reports the new key as used and the old one as unused for 24 hours."
        ),
    };
    let gone = match way {
        Way::ByHand { .. } => format!("Then you revoke the old key {old} in {vendor}'s dashboard."),
        Way::Api | Way::End => format!("Then Keyturn revokes the old key {old}."),
    };
    vec![made, seen, stored, both, gone, death(manifest)]
}

fn death(manifest: &Manifest) -> String {
    let delay = manifest.capabilities.revocation_delay.as_secs();
    if delay == 0 {
        "It counts as dead once it was refused, or once the vendor says so.".to_owned()
    } else {
        format!(
            "It may be accepted for up to {delay} s more. It counts as dead once it was refused or, where nobody asks with it, once the vendor says so after that time."
        )
    }
}

fn warnings(
    manifest: &Manifest,
    record: &KeyRecord,
    choice: Choice,
    way: Option<Way>,
    managing: bool,
) -> Vec<String> {
    let at_once = way.is_none() || way == Some(Way::ByHand { at_once: true });
    let mut warnings = Vec::new();
    if at_once {
        warnings
            .push("Every system that still uses the old key fails until you give it the new one.".to_owned());
    } else if choice == Choice::Now {
        warnings.push(
            "Every system that still uses the old key fails as soon as the new one works. Choose this for a key that has leaked.".to_owned(),
        );
    }
    if (at_once || choice == Choice::Now) && matches!(record.last_use, LastUse::At(_)) {
        warnings.push("The old key has been used: see above when it was last.".to_owned());
    }
    if managing {
        warnings.push("This is the managing key. Keyturn goes on with the new one by itself.".to_owned());
    }
    let unending = manifest.capabilities.expiry != Support::Yes;
    if way == Some(Way::Api) && record.expires != Timestamp::None && unending {
        warnings.push(format!("The new key does not expire: {} takes no expiry.", manifest.name));
    } else if way == Some(Way::Api) && record.expires == Timestamp::Unreadable {
        warnings.push("When the old key expires could not be read: the new one does not expire.".to_owned());
    }
    warnings
}
