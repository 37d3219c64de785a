//! D2: a disk that is full, broken or read-only from some write on. Nothing dies, and nothing is lost.

use anyhow::Result;
use keyturn_tests::doom::{Blow, Doom};
use keyturn_tests::lane::from_environment;

use crate::matrix::{Case, courses, play, shuffled, weather};
use crate::round::Strike;

/// In the short form each write in so many is the first that is refused.
const SHARE: usize = 40;

/// `KEYTURN_REFUSALS`: so many times around every write.
#[tokio::test(flavor = "multi_thread")]
async fn d2_whichever_write_is_the_first_that_fails_no_sealed_secret_is_lost() -> Result<()> {
    let rounds = from_environment("KEYTURN_REFUSALS");
    let mut cases = Vec::new();
    let courses = courses().await?;
    for pass in 0..rounds.unwrap_or(1) {
        let before = cases.len();
        for (provider, script, course) in &courses {
            for blow in Blow::REFUSING {
                let most = if blow == Blow::SyncFails { course.transactions } else { course.writes };
                for at in 1..=most {
                    if rounds.is_some() || (at + cases.len()).is_multiple_of(SHARE) {
                        let (strike, weather) = (Strike::Disk(Doom { blow, at }), weather(pass, at));
                        cases.push(Case { provider: provider.clone(), script: *script, strike, weather });
                    }
                }
            }
        }
        let pass = shuffled(cases.split_off(before));
        cases.extend(pass);
    }
    play("D2", cases).await
}
