//! A key names its workspace: what it reaches, and whose limit it uses up.

use keyturn_authority::{Limits, Role, Vendor};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, json_of};

#[tokio::test]
async fn lt06_a_key_sees_its_own_workspace_only() {
    let house = House::new().await;
    let stranger = house.authority.issue_foreign_key("elsewhere", Role::Owner).unwrap();
    for path in ["/sender-pools", "/campaigns"] {
        let (_, mine) = house.get(&house.key, path).await;
        let (_, theirs) = house.get(&stranger, path).await;
        let workspaces = |reply: &Value| -> Vec<Value> {
            reply["data"].as_array().unwrap().iter().map(|item| item["workspace"].clone()).collect()
        };
        assert_eq!(workspaces(&mine), [json!("rehearsal"), json!("rehearsal")], "{path}");
        assert_eq!(workspaces(&theirs), [json!("elsewhere"), json!("elsewhere")], "{path}");
    }
    assert_eq!(house.get(&house.key, "/leads").await, (StatusCode::OK, json!({ "data": [] })));
}

#[tokio::test]
async fn lt06_a_workspace_shares_one_limit() {
    let house = House::with(Limits { per_account: 2, ..Limits::of(Vendor::Leadterra) }).await;
    let second = house.authority.dashboard_issue("second", None).unwrap().value;
    let stranger = house.authority.issue_foreign_key("elsewhere", Role::Owner).unwrap();
    assert_eq!(house.probe(&house.key).await, StatusCode::OK);
    assert_eq!(house.probe(&second).await, StatusCode::OK);
    let reply = house.as_key(&house.key, Method::GET, "/sender-pools").send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = reply.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(reply.json::<Value>().await.unwrap()["error"]["code"], "rate_limited");
    assert_eq!(house.probe(&stranger).await, StatusCode::OK);
}

#[tokio::test]
async fn lt14_another_workspace_s_campaign_is_403() {
    let house = House::new().await;
    let stranger = house.authority.issue_foreign_key("elsewhere", Role::Owner).unwrap();
    let test = house.authority.dashboard_issue("staging-agent", Some("test")).unwrap().value;
    let (_, campaigns) = house.get(&house.key, "/campaigns").await;
    let path = format!("/campaigns/{}", campaigns["data"][0]["id"].as_str().unwrap());
    let (status, mine) = house.get(&house.key, &path).await;
    assert_eq!((status, &mine["data"]), (StatusCode::OK, &campaigns["data"][0]));
    for key in [&stranger, &test] {
        let (status, body) = json_of(house.as_key(key, Method::GET, &path)).await;
        assert_eq!((status, &body["error"]["code"]), (StatusCode::FORBIDDEN, &json!("permission_denied")));
    }
}
