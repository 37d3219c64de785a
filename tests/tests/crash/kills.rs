//! R1: killed before and after each transition, over every vendor's semantics.

use anyhow::Result;
use keyturn_tests::doom::{Blow, Doom};
use keyturn_tests::lane::from_environment;

use crate::gate::MOMENTS;
use crate::matrix::{Case, courses, play, shuffled, weather};
use crate::round::{Course, Strike};

/// In the short form each point in so many is played, another one for each script and vendor.
const SHARE: usize = 6;

fn points(course: &Course) -> Vec<Strike> {
    let disk = Blow::DEADLY
        .into_iter()
        .flat_map(|blow| (1..=course.transactions).map(move |at| Strike::Disk(Doom { blow, at })));
    let line = (1..=course.requests).flat_map(|at| MOMENTS.map(|moment| Strike::Line(at, moment)));
    disk.chain(line).collect()
}

/// `KEYTURN_KILLS`: so many kills at every point.
#[tokio::test(flavor = "multi_thread")]
async fn r1_killed_at_every_moment_nothing_is_lost_made_twice_or_revoked_too_early() -> Result<()> {
    let kills = from_environment("KEYTURN_KILLS");
    let mut cases = Vec::new();
    let courses = courses().await?;
    for pass in 0..kills.unwrap_or(1) {
        let before = cases.len();
        for (provider, script, course) in &courses {
            for (number, strike) in points(course).into_iter().enumerate() {
                if kills.is_some() || (number + cases.len()).is_multiple_of(SHARE) {
                    let weather = weather(pass, number);
                    cases.push(Case { provider: provider.clone(), script: *script, strike, weather });
                }
            }
        }
        let pass = shuffled(cases.split_off(before));
        cases.extend(pass);
    }
    play("R1", cases).await
}
