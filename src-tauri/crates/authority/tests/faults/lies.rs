//! Lies: replies as they should be, of what is not so.

use chrono::{DateTime, TimeDelta, Utc};
use keyturn_authority::{Fault, Times, Vendor};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::house::House;

/// A house with two keys beside the managing one, the id of the first, and its value.
async fn with_keys() -> (House, String, String) {
    let house = House::new().await;
    house.create("First").await.unwrap();
    let made: Value = house.create("  Second\u{200b} ").await.unwrap().json().await.unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (id, value) = (text(&made["apiKey"]["id"]), text(&made["fullKey"]));
    (house, id, value)
}

async fn works(house: &House, value: &str) -> StatusCode {
    house.bare(Method::GET, "/api/leads").header("X-API-Key", value).send().await.unwrap().status()
}

async fn revoke(house: &House, id: &str) -> Response {
    house.call(Method::PATCH, &format!("/api/api-keys/{id}/revoke")).send().await.unwrap()
}

#[tokio::test]
async fn f50_a_revocation_is_accepted_and_not_carried_out() {
    let (house, id, value) = with_keys().await;
    house.next_write(Fault::IgnoredRevocation);
    let reply = revoke(&house, &id).await;
    assert_eq!(reply.status(), StatusCode::OK);
    let shown: Value = reply.json().await.unwrap();
    assert_eq!((&shown["id"], &shown["status"]), (&json!(id), &json!("revoked")));
    assert!(shown["revokedAt"].is_string());
    assert_eq!(works(&house, &value).await, StatusCode::OK);
    assert_eq!(listed(&house, &id).await.unwrap()["status"], "active");
    assert_eq!(revoke(&house, &id).await.status(), StatusCode::OK);
    assert_eq!(works(&house, &value).await, StatusCode::UNAUTHORIZED, "the lie was told once");
    house.next_write(Fault::IgnoredRevocation);
    let delete = house.call(Method::DELETE, &format!("/api/api-keys/{id}")).send().await.unwrap();
    assert_eq!(delete.json::<Value>().await.unwrap(), json!({ "success": true }));
    assert!(listed(&house, &id).await.is_some());
}

/// Rows but for when they were last used, which each request changes.
fn still(mut rows: Vec<Value>) -> Vec<Value> {
    for row in &mut rows {
        let fields = if row["attributes"].is_object() { &mut row["attributes"] } else { row };
        fields["lastUsedAt"] = Value::Null;
        fields["last_used_at"] = Value::Null;
        fields["usage"] = Value::Null;
    }
    rows
}

async fn listed(house: &House, id: &str) -> Option<Value> {
    house.list().await.into_iter().find(|key| key["id"] == id)
}

#[tokio::test]
async fn f50_every_vendor_accepts_a_revocation_in_its_own_shape() {
    for vendor in [Vendor::Natural, Vendor::NeuralDraft] {
        let house = House::of(vendor).await;
        house.authority.seed_rehearsal().unwrap();
        let path = if vendor == Vendor::Natural { "/api-keys" } else { "/projects/me/api-keys" };
        let list = || async {
            let reply = house.bare(Method::GET, path).bearer_auth(&house.key).send().await.unwrap();
            still(reply.json::<Value>().await.unwrap()["data"].as_array().unwrap().clone())
        };
        let before = list().await;
        let active = |key: &&Value| key["attributes"]["status"] != "REVOKED";
        let id = before.iter().rfind(active).unwrap()["id"].as_str().unwrap().to_owned();
        house.next_write(Fault::IgnoredRevocation);
        let delete = house.bare(Method::DELETE, &format!("/api-keys/{id}")).bearer_auth(&house.key);
        let reply = delete.header("idempotency-key", "once").send().await.unwrap();
        assert!(reply.status().is_success(), "{vendor}: {reply:?}");
        if vendor == Vendor::Natural {
            let shown: Value = reply.json().await.unwrap();
            assert_eq!(shown["data"]["attributes"]["status"], "REVOKED");
        }
        assert_eq!(list().await, before, "{vendor}");
    }
}

#[tokio::test]
async fn f51_everybody_is_refused_in_the_vendors_own_words() {
    let (house, _, value) = with_keys().await;
    house.authority.faults().set(Fault::EverybodyRefused, Times::UntilCleared);
    let reply = house.get("/api/api-keys").await;
    assert_eq!(reply.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(reply.text().await.unwrap(), r#"{"error":"Invalid or expired API key"}"#);
    let bearer = house.bare(Method::GET, "/api/leads").bearer_auth(&house.key).send().await.unwrap();
    assert_eq!(bearer.text().await.unwrap(), r#"{"error":"Invalid or expired API key"}"#);
    assert_eq!(works(&house, &value).await, StatusCode::UNAUTHORIZED);
    assert_eq!(house.create("Nobody").await.unwrap().status(), StatusCode::UNAUTHORIZED);
    house.authority.faults().clear();
    assert_eq!(works(&house, &value).await, StatusCode::OK);
    assert!(!house.has("Nobody").await);

    for (vendor, path) in [
        (Vendor::Natural, "/api-keys"),
        (Vendor::NeuralDraft, "/projects/me"),
        (Vendor::Leadterra, "/sender-pools"),
    ] {
        let house = House::of(vendor).await;
        let ask = || house.bare(Method::GET, path).bearer_auth(&house.key).send();
        house.next_read(Fault::EverybodyRefused);
        assert_eq!(ask().await.unwrap().status(), StatusCode::UNAUTHORIZED, "{vendor}");
        assert_eq!(ask().await.unwrap().status(), StatusCode::OK, "{vendor}");
    }
    let house = House::of(Vendor::SmartLead).await;
    let path = format!("/campaigns/?api_key={}", house.key);
    house.next_read(Fault::EverybodyRefused);
    let ask = || house.bare(Method::GET, &path).send();
    assert_eq!(ask().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(ask().await.unwrap().status(), StatusCode::OK);
    house.next_write(Fault::EverybodyRefused);
    let body = json!({ "api_key": house.key, "clientId": 299, "keyName": "x" });
    let reply = house.bare(Method::POST, "/client/api-key").json(&body).send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn f43_a_lagging_list_shows_how_things_stood() {
    let house = House::new().await;
    house.create("Before").await.unwrap();
    let old = still(house.list().await);
    let id = old.iter().find(|key| key["name"] == "Before").unwrap()["id"].as_str().unwrap().to_owned();
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    house.create("After").await.unwrap();
    revoke(&house, &id).await;
    assert_eq!(listed(&house, &id).await.unwrap()["status"], "revoked");
    house.authority.faults().set(Fault::LaggingList { seconds: 1 }, Times::UntilCleared);
    assert_eq!(still(house.list().await), old);
    house.call(Method::DELETE, &format!("/api/api-keys/{id}")).send().await.unwrap();
    assert_eq!(still(house.list().await), old, "what was deleted is still shown");
    house.authority.faults().clear();
    assert!(house.has("After").await && !house.has("Before").await);
}

#[tokio::test]
async fn f44_f45_f46_lists_lack_rows_show_them_twice_or_by_another_hint() {
    let (house, ..) = with_keys().await;
    let whole = still(house.list().await);
    let own = house.key[house.key.len() - 4..].to_owned();
    let with = async |fault: Fault| {
        house.next_read(fault);
        still(house.list().await)
    };
    assert_eq!(with(Fault::MissingRow).await, whole[..whole.len() - 1]);
    assert!(with(Fault::EmptyList).await.is_empty());
    let only = with(Fault::OwnRowOnly).await;
    assert_eq!((only.len(), &only[0]["keyHint"]), (1, &json!(own)));
    let twice = with(Fault::RepeatedRow).await;
    assert_eq!((&twice[0], &twice[1], twice.len()), (&whole[0], &whole[0], whole.len() + 1));
    let hinted = with(Fault::WrongOwnHint).await;
    let changed: Vec<_> = whole.iter().zip(&hinted).filter(|(right, wrong)| right != wrong).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].0["keyHint"], json!(own));
    assert_eq!(still(house.list().await), whole);
}

#[tokio::test]
async fn f05_names_and_times_in_lists_are_written_otherwise() {
    let (house, id, _) = with_keys().await;
    let right = listed(&house, &id).await.unwrap();
    house.next_read(Fault::ReworkedNames);
    assert_eq!(listed(&house, &id).await.unwrap()["name"], "second");
    house.next_read(Fault::ReworkedTimes { minutes: -7 });
    let moved = listed(&house, &id).await.unwrap();
    let at = |key: &Value| DateTime::parse_from_rfc3339(key["createdAt"].as_str().unwrap()).unwrap();
    let off = at(&right) - at(&moved) - TimeDelta::minutes(7);
    assert!(off.abs() < TimeDelta::seconds(1), "{off}");
    assert!(moved["createdAt"].as_str().unwrap().ends_with("+05:30"));
}

#[tokio::test]
async fn f50_a_page_of_markup_takes_the_place_of_a_reply() {
    let house = House::new().await;
    for (committed, name) in [(false, "Not made"), (true, "Made")] {
        house.next_write(Fault::MarkupReply { committed });
        let reply = house.create(name).await.unwrap();
        assert_eq!(reply.status(), StatusCode::OK);
        assert!(reply.text().await.unwrap().starts_with("<html>"));
        assert_eq!(house.has(name).await, committed);
    }
    house.next_write(Fault::GatewayNotFound);
    let reply = house.create("Nowhere").await.unwrap();
    assert_eq!(reply.status(), StatusCode::NOT_FOUND);
    assert!(reply.text().await.unwrap().starts_with("<html>"));
    assert!(!house.has("Nowhere").await);
}

#[tokio::test]
async fn f54_the_date_of_a_reply_is_days_off() {
    let house = House::new().await;
    for hours in [720, -49] {
        house.next_read(Fault::WrongDate { hours });
        let reply = house.get("/api/leads").await;
        assert_eq!(reply.headers().get_all("date").iter().count(), 1);
        let date = DateTime::parse_from_rfc2822(reply.headers()["date"].to_str().unwrap()).unwrap();
        let off = date.with_timezone(&Utc) - Utc::now() - TimeDelta::hours(hours.into());
        assert!(off.abs() < TimeDelta::minutes(1), "{off}");
    }
}
