//! R5: vendors that are slow to revoke, clocks that are wrong, dates in every form. Nothing is called revoked that
//! still works, and no time is read wrong.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::{NaiveDate, TimeDelta};
use keyturn_core::timestamp::parse_time;
use keyturn_tests::dice::Dice;
use keyturn_tests::doom::Script;
use keyturn_tests::lane::{from_environment, seed};

use crate::matrix::{Case, any_weather, managed, play};
use crate::round::Strike;
use crate::world::Weather;

/// `KEYTURN_DATES`: so many lives of a key, each with a slowness and a wrong clock of its own.
#[tokio::test(flavor = "multi_thread")]
async fn r5_whatever_the_clocks_say_revoked_is_said_of_what_is_refused() -> Result<()> {
    let (vendors, mut dice) = (managed(), Dice::new(seed()));
    let scripts = [Script::KillNow, Script::Overlap, Script::Undo, Script::Revoke, Script::Create];
    // Whatever chance has: at each vendor a key that works for a while after its revocation.
    let slow = Weather { delay: Some(Duration::from_secs(30)), ..Weather::default() };
    let mut cases: Vec<Case> = vendors
        .iter()
        .map(|vendor| Case {
            provider: vendor.clone(),
            script: Script::KillNow,
            strike: Strike::Never,
            weather: slow,
        })
        .collect();
    cases.extend((0..from_environment("KEYTURN_DATES").unwrap_or(24)).map(|_| Case {
        provider: dice.one_of(&vendors).clone(),
        script: *dice.one_of(&scripts),
        strike: Strike::Never,
        weather: any_weather(&mut dice),
    }));
    play("R5", cases).await
}

#[test]
fn r5_a_date_with_any_offset_and_any_fraction_is_the_moment_that_it_names() -> Result<()> {
    let mut dice = Dice::new(seed());
    for _ in 0..10_000 {
        let mut below = |end: usize| u32::try_from(dice.below(end)).unwrap_or(0);
        let (year, month, day) = (1970 + below(150).cast_signed(), 1 + below(12), 1 + below(28));
        let (hour, minute, second, nanos) = (below(24), below(60), below(60), below(1_000_000_000));
        // Whole hours, halves, quarters, and what no country has.
        let offset = [60, 30, 45, 15, 1][below(5) as usize] * (below(27).cast_signed() - 13);
        let offset = offset.clamp(-14 * 60, 14 * 60);
        let digits = below(10) as usize;
        let fraction = if digits == 0 { String::new() } else { format!(".{nanos:09}")[..=digits].to_owned() };
        let (sign, away) = (if offset < 0 { '-' } else { '+' }, offset.abs());
        let zone = match (offset, below(2)) {
            (0, 0) => "Z".to_owned(),
            _ => format!("{sign}{:02}:{:02}", away / 60, away % 60),
        };
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}");
        let kept = fraction.get(1..).map_or(0, |digits| format!("{digits:0<9}").parse().unwrap_or(0));
        let local = NaiveDate::from_ymd_opt(year, month, day)
            .and_then(|day| day.and_hms_nano_opt(hour, minute, second, kept))
            .context("a date")?;
        let moment = local.and_utc() - TimeDelta::minutes(i64::from(offset));
        ensure!(parse_time(&text) == Some(moment), "{text} is read as {:?}", parse_time(&text));
    }
    Ok(())
}
