//! Keys are made and ended in the dashboard.

use keyturn_authority::Switch;
use reqwest::StatusCode;

use crate::house::House;

const VALUE: &str = "<input id=\"value\" readonly value=\"";

/// What stands between `before` and the next quotation mark.
fn after<'a>(page: &'a str, before: &str) -> &'a str {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("no {before:?} in {page}"));
    rest.split_once('"').unwrap().0
}

fn token(page: &str) -> &str {
    after(page, "name=\"token\" value=\"")
}

#[tokio::test]
async fn lt04_a_key_is_shown_once_and_then_known_by_its_label() {
    let house = House::new().await;
    let (_, empty) = house.page(None).await;
    assert!(empty.contains(">Create new key</button>"));
    let fields = format!("token={}&label=production-agent&environment=live", token(&empty));
    let (status, shown) = house.page(Some(("issue", fields))).await;
    assert_eq!(status, StatusCode::OK);
    let value = after(&shown, VALUE);
    assert_eq!(house.probe(value).await, StatusCode::OK);
    let (_, later) = house.page(None).await;
    assert!(later.contains("<th scope=\"row\">production-agent</th>") && !later.contains(value));
}

#[tokio::test]
async fn lt03_a_key_without_a_label_is_not_made() {
    let house = House::new().await;
    let (_, before) = house.page(None).await;
    let (status, refused) = house.page(Some(("issue", format!("token={}&label=+", token(&before))))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(refused.contains("<p role=\"alert\">a key needs a label of 1 to 255 characters</p>"));
    assert!(!refused.contains(VALUE));
}

#[tokio::test]
async fn lt13_the_page_revokes_a_key() {
    let house = House::new().await;
    let key = house.authority.dashboard_issue("ci-pipeline", None).unwrap();
    let (_, before) = house.page(None).await;
    assert!(before.contains("aria-label=\"Revoke ci-pipeline\"") && !before.contains("Regenerate"));
    let (status, page) =
        house.page(Some(("revoke", format!("token={}&id={}", token(&before), key.id)))).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!page.contains("aria-label=\"Revoke ci-pipeline\""));
    assert_eq!(house.probe(&key.value).await, StatusCode::UNAUTHORIZED);
    let regenerate = house.authority.dashboard_regenerate(&key.id).unwrap_err();
    assert_eq!(regenerate.to_string(), "the dashboard refused: keys cannot be regenerated here");
}

#[tokio::test]
async fn lt05_the_sandbox_can_be_chosen_where_there_is_one() {
    let house = House::new().await;
    assert!(house.page(None).await.1.contains("<option>test</option>"));
    house.authority.turn(Switch::NoSandbox, true);
    assert!(!house.page(None).await.1.contains("<option>test</option>"));
}

#[tokio::test]
async fn a_rehearsal_shows_both_environments_and_ended_keys() {
    let house = House::new().await;
    house.authority.seed_rehearsal().unwrap();
    let (_, page) = house.page(None).await;
    for cell in ["<td>live</td>", "<td>test</td>", "<td>active</td>", "<td>revoked</td>"] {
        assert!(page.contains(cell), "{cell}");
    }
    assert_eq!(page.matches("<th scope=\"row\">").count(), 10, "nine, and the key of the house");
}
