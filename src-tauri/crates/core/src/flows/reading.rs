//! Reading a vendor's list, the one way in which it is done: the managing key's row is recognised, what was listed is
//! taken over as far as it is believed, and what a lost reply left behind is settled with it. A failure marks the
//! account stale and keeps its rows.

use chrono::{DateTime, TimeDelta, Utc};

use super::Context;
use super::account::{Opened, open};
use super::orphans::end_where_none_lives;
use super::reconcile::settle_with;
use super::recover::Recovered;
use crate::account::{AccountId, ManagingKey};
use crate::error::FlowError;
use crate::key::{KeyRecord, VendorKeyId};
use crate::ports::{AccountChange, MergeReport, Merged, Moment, Trust};
use crate::process::Share;
use crate::provider::{Fault, Listing, Paging};

/// Hears the running total, and may stop the reading.
pub(super) type OnPage<'a> = &'a (dyn Fn(usize) -> Paging + Send + Sync);

/// One reading that was taken over.
pub(super) struct Read {
    pub(super) keys: Vec<KeyRecord>,
    pub(super) report: MergeReport,
    /// What became of requests whose replies were lost before.
    pub(super) recovered: Vec<Recovered>,
}

/// Lists the account and takes the answer over.
///
/// # Errors
/// What the vendor answered, or [`FlowError::Doubtful`]; the account is stale then, unless the person stopped it.
pub(super) async fn read(
    ctx: &Context,
    opened: &mut Opened,
    trust: Trust,
    on_page: OnPage<'_>,
) -> Result<Read, FlowError> {
    let began = (ctx.clock.now(), ctx.process.turn());
    let Read { keys, report, .. } = read_alone(ctx, opened, trust, on_page).await?;
    // On the heap: it is rarely needed, and every flow that reads would carry its room.
    let recovered = Box::pin(settle_with(ctx, opened, &keys, began)).await?;
    end_where_none_lives(ctx, &opened.account.id, began.0).await?;
    Ok(Read { keys, report, recovered })
}

/// The same without settling anything: for those who do that themselves.
pub(super) async fn read_alone(
    ctx: &Context,
    opened: &mut Opened,
    trust: Trust,
    on_page: OnPage<'_>,
) -> Result<Read, FlowError> {
    // Before the request: what Keyturn itself changes meanwhile is newer than this reading.
    let moment = ctx.ledger.moment(ctx.clock.now()).await?;
    let listing = match opened.provider.list(opened.connection(), on_page).await {
        Ok(listing) => listing,
        Err(error) => {
            ctx.process.made(&opened.account.id, moment.at, ctx.clock.now(), None, false);
            if !matches!(error.fault, Fault::Cancelled) {
                let asked = error.fault.asked_wait().and_then(|wait| TimeDelta::from_std(wait).ok());
                stale(ctx, opened, error.to_string(), false, asked).await?;
            }
            return Err(error.into());
        }
    };
    let Listing { keys, dated } = listing;
    let report = take_listing(ctx, opened, &keys, moment, dated, trust).await?;
    Ok(Read { report, keys, recovered: Vec::new() })
}

/// Takes over a list that was asked for at `moment` in another way than the usual one.
pub(super) async fn take_listing(
    ctx: &Context,
    opened: &mut Opened,
    keys: &[KeyRecord],
    moment: Moment,
    dated: Option<DateTime<Utc>>,
    trust: Trust,
) -> Result<MergeReport, FlowError> {
    let taken = take_over(ctx, opened, keys, moment, trust).await;
    ctx.process.made(&opened.account.id, moment.at, ctx.clock.now(), dated, taken.is_ok());
    taken
}

async fn take_over(
    ctx: &Context,
    opened: &mut Opened,
    keys: &[KeyRecord],
    moment: Moment,
    trust: Trust,
) -> Result<MergeReport, FlowError> {
    recognise(ctx, opened, keys).await?;
    match ctx.ledger.merge_keys(&opened.account.id, keys, moment, trust).await? {
        Merged::Done(report) => Ok(report),
        Merged::Doubtful(doubt) => {
            let vendor = opened.provider.manifest().name;
            let doubted = FlowError::Doubtful { vendor, doubt };
            stale(ctx, opened, doubted.to_string(), true, None).await?;
            Err(doubted)
        }
    }
}

/// Keeps the managing key's row, where it was not known before and is now.
async fn recognise(ctx: &Context, opened: &mut Opened, keys: &[KeyRecord]) -> Result<(), FlowError> {
    let Some(managing) = opened.account.managing.as_mut().filter(|managing| managing.key.is_none()) else {
        return Ok(());
    };
    if let Some(row) = managing_row(managing, keys) {
        ctx.ledger.change_account(&opened.account.id, AccountChange::ManagingRow(&row), None).await?;
        managing.key = Some(row);
    }
    Ok(())
}

/// The managing key's own row, where it is not known yet: the one live key that bears its hint. Of two nobody can tell,
/// and a hint that shows no character of the key names none.
pub(super) fn managing_row(managing: &ManagingKey, keys: &[KeyRecord]) -> Option<VendorKeyId> {
    if managing.hint.is_empty() {
        return None;
    }
    let mut bearing = keys.iter().filter(|key| key.status.is_live() && key.hint == managing.hint);
    match (bearing.next(), bearing.next()) {
        (Some(only), None) => Some(only.id.clone()),
        (_, _) => None,
    }
}

async fn stale(
    ctx: &Context,
    opened: &Opened,
    reason: String,
    doubted: bool,
    asked: Option<TimeDelta>,
) -> Result<(), FlowError> {
    let now = ctx.clock.now();
    let stale = opened.account.freshness.stale(now, reason, doubted, asked.map(|wait| now + wait));
    ctx.ledger.change_account(&opened.account.id, AccountChange::Freshness(&stale), None).await?;
    Ok(())
}

/// Whether the ledger holds a reading that is young enough.
pub(super) enum Young {
    Yes,
    /// Somebody else reads at this moment.
    Later(DateTime<Utc>),
}

/// Sees to it that the account was read at `from` or later. One reading serves all who ask for one.
pub(super) async fn read_since(
    ctx: &Context,
    account: &AccountId,
    from: DateTime<Utc>,
) -> Result<Young, FlowError> {
    match ctx.process.share(account, from, ctx.clock.now()) {
        Share::Made => Ok(Young::Yes),
        Share::Later(at) => Ok(Young::Later(at)),
        Share::Yours => {
            let began = ctx.clock.now();
            let mut opened = match open(ctx, account).await {
                Ok(opened) => match opened.account.freshness.rests_until(began) {
                    Some(until) => {
                        ctx.process.made(account, began, ctx.clock.now(), None, false);
                        return Ok(Young::Later(until));
                    }
                    None => opened,
                },
                Err(error) => {
                    ctx.process.made(account, began, ctx.clock.now(), None, false);
                    return Err(error);
                }
            };
            read(ctx, &mut opened, Trust::Usual, &|_| Paging::Continue).await?;
            Ok(Young::Yes)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Environment, Hint, KeyStatus, LastUse};
    use crate::timestamp::Timestamp;

    fn hint(prefix: &str, suffix: &str) -> Hint {
        Hint { prefix: prefix.into(), suffix: suffix.into() }
    }

    fn listed(id: &str, hint: Hint) -> KeyRecord {
        KeyRecord {
            id: VendorKeyId(id.into()),
            name: "Key".into(),
            hint,
            environment: Environment::Live,
            scopes: Vec::new(),
            status: KeyStatus::Active,
            created_at: None,
            expires: Timestamp::None,
            last_use: LastUse::NotReported,
            creator: None,
            checked: None,
        }
    }

    fn found(own: Hint, keys: &[KeyRecord]) -> Option<VendorKeyId> {
        managing_row(&ManagingKey { hint: own, key: None }, keys)
    }

    #[test]
    fn f46_the_one_key_that_bears_the_hint_is_the_managing_key_and_of_two_none_is() {
        let own = listed("own", hint("nl_live_", "e5f6"));
        let keys = [own.clone(), listed("other", hint("nl_live_", "aaaa"))];
        assert_eq!(found(own.hint.clone(), &keys), Some(own.id.clone()));
        let twice = [own.clone(), KeyRecord { id: VendorKeyId("twin".into()), ..own.clone() }];
        assert_eq!(found(own.hint, &twice), None, "not known which");
    }

    #[test]
    fn a_hint_that_shows_nothing_names_no_key() {
        assert_eq!(found(hint("", ""), &[listed("somebody's", hint("", ""))]), None);
    }
}
