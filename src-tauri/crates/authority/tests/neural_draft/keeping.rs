//! What is found again after a restart.

use crate::vendor::neural_draft;

#[tokio::test]
async fn everything_is_the_same_after_a_restart() {
    let house = neural_draft().await;
    house.authority.seed_rehearsal().unwrap();
    let before = house.list().await;
    let house = house.restarted().await;
    let mut after = house.list().await;
    assert_eq!(after.len(), before.len());
    // The newest is the managing key, which has been used once more.
    assert_eq!(after[0]["usage"][0]["count"], 2);
    after[0] = before[0].clone();
    assert_eq!(after, before);
}
