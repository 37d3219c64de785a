//! Rows about revoking: at once in the list, a little later at the door.

use std::time::Duration;

use keyturn_authority::{Authority, AuthorityError, Config, Vendor};
use reqwest::StatusCode;

use crate::house::House;
use crate::vendor::neural_draft;

async fn after(seconds: u64) -> House {
    House::with(Vendor::NeuralDraft, |config| config.revocation_delay = Duration::from_secs(seconds)).await
}

#[tokio::test]
async fn nd20_a_revoked_key_is_accepted_for_the_configured_time_and_then_401() {
    let house = after(60).await;
    let (value, id) = house.made(&["project:read"]).await;
    assert_eq!(house.revoke(&id).await, StatusCode::NO_CONTENT);
    for (step, expected) in [
        (0, StatusCode::OK),
        (59, StatusCode::OK),
        (1, StatusCode::UNAUTHORIZED),
        (3600, StatusCode::UNAUTHORIZED),
    ] {
        house.hand.advance(Duration::from_secs(step));
        assert_eq!(house.probe(&value).await, expected, "{step} s later");
    }
    assert!(house.list().await.iter().all(|key| key["id"] != id.as_str()));
}

#[tokio::test]
async fn nd20_repeating_a_revocation_does_not_prolong_it() {
    let house = after(30).await;
    let (value, id) = house.made(&["project:read"]).await;
    house.revoke(&id).await;
    house.hand.advance(Duration::from_secs(29));
    assert_eq!(house.revoke(&id).await, StatusCode::NO_CONTENT);
    assert_eq!(house.probe(&value).await, StatusCode::OK);
    house.hand.advance(Duration::from_secs(1));
    assert_eq!(house.probe(&value).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nd20_with_no_delay_it_dies_at_once() {
    let house = after(0).await;
    let (value, id) = house.made(&["project:read"]).await;
    house.revoke(&id).await;
    assert_eq!(house.probe(&value).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nd20_a_restart_in_between_changes_nothing() {
    let house = after(60).await;
    let (value, id) = house.made(&["project:read"]).await;
    house.revoke(&id).await;
    house.hand.advance(Duration::from_secs(59));
    let house = house.restarted().await;
    assert_eq!(house.probe(&value).await, StatusCode::OK);
    house.hand.advance(Duration::from_secs(1));
    assert_eq!(house.probe(&value).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nd20_no_key_is_accepted_for_more_than_a_minute() {
    let house = neural_draft().await;
    let mut config = Config::new(Vendor::NeuralDraft, house.dir.path().join("other.db"));
    assert!(config.revocation_delay > Duration::ZERO && config.revocation_delay <= Duration::from_secs(60));
    config.revocation_delay = Duration::from_secs(121);
    let refused = Authority::start(config).await.unwrap_err();
    assert!(matches!(refused, AuthorityError::RevocationDelay(_)), "{refused}");
}

#[tokio::test]
async fn nd23_revocation_is_permanent() {
    let house = after(0).await;
    let (value, id) = house.made(&["project:read"]).await;
    house.revoke(&id).await;
    house.hand.advance(Duration::from_secs(365 * 24 * 3600));
    let house = house.restarted().await;
    assert_eq!(house.probe(&value).await, StatusCode::UNAUTHORIZED);
    let (other, other_id) = house.made(&["project:read"]).await;
    assert!(other != value && other_id != id);
    assert_eq!(house.revoke("key_unknown00000").await, StatusCode::NOT_FOUND);
}
