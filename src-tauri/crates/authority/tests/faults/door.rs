//! The faults over HTTP: for who holds the token, and for nobody else.

use keyturn_authority::{Armed, Calls, CutAt, Fault, Requests, RetryAfter, Times};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::house::House;

const PATH: &str = "/_authority/faults";

fn admin(house: &House, method: Method) -> RequestBuilder {
    house.bare(method, PATH).bearer_auth(house.authority.admin_token())
}

async fn shown(request: RequestBuilder) -> Value {
    let reply = request.send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
    reply.json().await.unwrap()
}

#[tokio::test]
async fn faults_are_put_read_and_deleted() {
    let house = House::new().await;
    let wanted = json!([
        { "fault": { "kind": "unavailable", "committed": false }, "times": { "next": 2 }, "on": { "calls": "writes" } },
        { "fault": { "kind": "too-many-requests", "retry-after": { "seconds": 5 } }, "times": "until-cleared",
          "on": { "method": "GET", "path": "/api/leads" } },
    ]);
    let armed = shown(admin(&house, Method::PUT).json(&wanted)).await["armed"].clone();
    assert_eq!(armed, shown(admin(&house, Method::GET)).await["armed"]);
    assert_eq!(
        house.authority.faults().armed(),
        [
            Armed {
                fault: Fault::Unavailable { committed: false, retry_after: RetryAfter::Absent },
                times: Times::Next(2),
                on: Requests { calls: Calls::Writes, ..Requests::default() },
            },
            Armed {
                fault: Fault::TooManyRequests { retry_after: RetryAfter::Seconds(5) },
                times: Times::UntilCleared,
                on: Requests::to("GET", "/api/leads"),
            },
        ]
    );
    assert_eq!(house.create("Now").await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(house.get("/api/leads").await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(shown(admin(&house, Method::GET)).await["armed"][0]["times"], json!({ "next": 1 }));
    assert_eq!(shown(admin(&house, Method::DELETE)).await["armed"], json!([]));
    assert_eq!(house.get("/api/leads").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn without_the_token_the_path_is_one_of_the_vendor_s() {
    let house = House::new().await;
    let arm = json!([{ "fault": { "kind": "malformed-json" }, "times": "until-cleared" }]);
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let stranger = house.bare(method.clone(), PATH).json(&arm).send().await.unwrap();
        assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
        let guess = house.bare(method.clone(), PATH).bearer_auth("0".repeat(64)).json(&arm);
        assert_eq!(guess.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
        let with_key = house.call(method, PATH).json(&arm).send().await.unwrap();
        assert_eq!(with_key.status(), StatusCode::NOT_FOUND);
        assert_eq!(with_key.text().await.unwrap(), r#"{"error":"Not found"}"#);
    }
    assert_eq!(house.authority.faults().armed(), []);
}

#[tokio::test]
async fn what_is_no_fault_is_refused_and_changes_nothing() {
    let house = House::new().await;
    house.authority.faults().set(Fault::WrongHint, Times::UntilCleared);
    for odd in [
        json!({}),
        json!([{ "fault": { "kind": "rain" }, "times": "until-cleared" }]),
        json!([{ "fault": { "kind": "wrong-hint" }, "times": "often" }]),
        json!([{ "fault": { "kind": "redirect", "to": "http://x", "status": 304 }, "times": { "next": 1 } }]),
        json!([{ "fault": { "kind": "wrong-hint" }, "times": { "next": 1 }, "on": { "verb": "GET" } }]),
    ] {
        let reply = admin(&house, Method::PUT).json(&odd).send().await.unwrap();
        assert_eq!(reply.status(), StatusCode::BAD_REQUEST, "{odd}");
    }
    assert_eq!(house.authority.faults().armed().len(), 1);
    let reply = admin(&house, Method::PATCH).send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn every_known_fault_has_words_and_can_be_put_as_it_is_shown() {
    let house = House::new().await;
    let known = shown(admin(&house, Method::GET)).await["known"].clone();
    let known = known.as_array().unwrap();
    assert_eq!(known.len(), Fault::ALL.len());
    let all: Vec<Value> =
        known.iter().map(|known| json!({ "fault": known["fault"], "times": "until-cleared" })).collect();
    shown(admin(&house, Method::PUT).json(&all)).await;
    let armed: Vec<Fault> = house.authority.faults().armed().into_iter().map(|armed| armed.fault).collect();
    assert_eq!(armed, Fault::ALL);
    let names: std::collections::HashSet<_> = Fault::ALL.iter().map(Fault::name).collect();
    assert_eq!(names.len(), Fault::ALL.len(), "no two have one name");
    assert!(Fault::ALL.iter().all(|fault| fault.sentence().ends_with('.')));
}

#[tokio::test]
async fn the_door_is_open_on_the_worst_of_days() {
    let house = House::new().await;
    house.authority.faults().set(Fault::CutReply { at: CutAt::AfterRequest }, Times::UntilCleared);
    shown(admin(&house, Method::DELETE)).await;
    assert_eq!(house.get("/api/leads").await.status(), StatusCode::OK);
}
