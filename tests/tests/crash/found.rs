//! Rounds that the long lane found failing, played again each time.

use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use keyturn_core::account::VendorId;
use keyturn_tests::doom::{Blow, Doom, Script, Unrest};
use keyturn_tests::lies::Lie;

use crate::gate::Moment;
use crate::round::{Strike, round};
use crate::world::Weather;

fn weather(delay: u64, wrong: i64, lie: (usize, Option<u32>)) -> Weather {
    Weather {
        delay: (delay > 0).then(|| Duration::from_millis(delay)),
        wrong: TimeDelta::seconds(wrong),
        lie: Some(Lie::of(lie.0, lie.1)),
        unrest: Unrest::default(),
    }
}

/// A list lacked the new key in two readings, some minutes apart, and shows it in the third.
#[tokio::test(flavor = "multi_thread")]
async fn r2_a_key_that_two_readings_lacked_is_known_as_ours_once_it_is_listed() -> Result<()> {
    let torn = |at| Strike::Disk(Doom { blow: Blow::Torn, at });
    let undone =
        Weather { unrest: Unrest { undo: true, ..Unrest::default() }, ..weather(29_562, 0, (5, None)) };
    for (vendor, strike, weather) in [
        ("natural", torn(3), weather(8_554, -16_500, (3, Some(3)))),
        ("smartlead-clients", torn(3), weather(8_554, -16_500, (3, Some(3)))),
        ("neural-draft", Strike::Line(6, Moment::ReplyLost), undone),
        (
            "smartlead-clients",
            Strike::Disk(Doom { blow: Blow::Power, at: 8 }),
            weather(41_923, 0, (4, Some(3))),
        ),
        (
            "smartlead-clients",
            Strike::Disk(Doom { blow: Blow::Broken, at: 120 }),
            weather(0, 0, (3, Some(3))),
        ),
    ] {
        let told = format!("{vendor} {strike:?} {weather:?}");
        round(&VendorId(vendor.into()), Script::Again, strike, weather).await.context(told)?;
    }
    Ok(())
}

/// The vendor hid a row of a rotation until the script's end.
#[tokio::test(flavor = "multi_thread")]
async fn r5_an_overlap_of_which_a_row_was_hidden_goes_on() -> Result<()> {
    let neighbour = Weather {
        unrest: Unrest { neighbour: true, ..Unrest::default() },
        ..weather(35_424, -13_200, (3, None))
    };
    for _ in 0..3 {
        round(&VendorId("neural-draft".into()), Script::Overlap, Strike::Never, neighbour).await?;
    }
    Ok(())
}
