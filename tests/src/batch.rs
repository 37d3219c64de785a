//! A batch carried on without a window, as the application does it: the same acts, so many at a time.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use keyturn_core::batch::{AT_ONCE, BatchId};
use keyturn_core::flows::{Carried, Context};
use tokio::task::JoinSet;

/// How what is waited for comes.
pub enum Pace<'a> {
    /// By waiting.
    Real,
    /// By moving the clocks.
    Moved(&'a (dyn Fn(TimeDelta) + Sync)),
}

impl std::fmt::Debug for Pace<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if matches!(self, Self::Real) { "Real" } else { "Moved" })
    }
}

/// How a batch was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// It has ended.
    Ended,
    /// Nothing is due, whatever time it is: the person has the next word.
    Resting,
    /// After so many acts everything that ran was cut off, wherever it was.
    Killed,
}

/// Carries a batch on until it ends or rests, or is killed after `acts`.
pub async fn carry(ctx: &Context, id: &BatchId, pace: &Pace<'_>, acts: usize) -> Result<Left> {
    let Some(mut carried) = Carried::load(ctx, id).await? else { return Ok(Left::Ended) };
    carried.listen(ctx).await?;
    let (mut running, mut turns) = (JoinSet::new(), 0);
    loop {
        // One and the same moment for what may begin and for how long the rest waits: what comes due in between is
        // not forgotten.
        let now = ctx.clock.now();
        while running.len() < AT_ONCE {
            let Some(act) = carried.next(now) else { break };
            let ctx = ctx.clone();
            running.spawn(async move { act.carry_out(&ctx).await });
        }
        if running.is_empty() {
            if carried.end_if_over(ctx).await? {
                return Ok(Left::Ended);
            }
            let Some(at) = carried.wake(now) else { return Ok(Left::Resting) };
            match pace {
                Pace::Real => tokio::time::sleep((at - now).to_std().unwrap_or(Duration::ZERO)).await,
                // The hand of the clock moves by whole milliseconds.
                Pace::Moved(pass) => pass(at - now + TimeDelta::milliseconds(1)),
            }
            continue;
        }
        let turned = running.join_next().await.context("something runs")??;
        let turned = turned?;
        carried.turned(turned, ctx.clock.now());
        turns += 1;
        ensure!(turns < 200_000, "it does not end");
        if turns == acts {
            running.shutdown().await;
            return Ok(Left::Killed);
        }
    }
}
