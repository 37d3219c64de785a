//! Account keys: made and replaced in the dashboard, through its page and through the library.

use keyturn_authority::{Authority, AuthorityError, Config, Vendor};
use reqwest::{Method, StatusCode};
use tempfile::TempDir;

use crate::house::{House, text_of};

/// What stands between `before` and the next `after`.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("no {before:?} in {page}"));
    rest.split_once(after).unwrap().0
}

async fn page(house: &House) -> String {
    let (status, page) = text_of(house.outside(Method::GET, "/dashboard")).await;
    assert_eq!(status, StatusCode::OK);
    page
}

fn token(page: &str) -> &str {
    between(page, "name=\"token\" value=\"", "\"")
}

async fn press(house: &House, deed: &str, fields: &str) -> (StatusCode, String) {
    let request = house
        .outside(Method::POST, &format!("/dashboard/{deed}"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(fields.to_owned());
    text_of(request).await
}

#[tokio::test]
async fn sl06_a_generated_key_is_shown_on_one_page_and_on_no_other() {
    let house = House::new().await;
    let empty = page(&house).await;
    assert!(empty.contains(">Generate New API Key</button>"));
    assert!(empty.contains("<label for=\"label\">Label</label> <input id=\"label\""));
    let (status, shown) = press(&house, "issue", &format!("token={}&label=Zapier", token(&empty))).await;
    assert_eq!(status, StatusCode::OK);
    let value = between(&shown, "<input id=\"value\" readonly value=\"", "\"");
    assert_eq!(house.probe(value).await, StatusCode::OK);
    let after = page(&house).await;
    assert!(after.contains("Zapier") && !after.contains(value));
}

#[tokio::test]
async fn sl12_regenerate_kills_the_old_key_at_once_and_keeps_the_record() {
    let house = House::new().await;
    let old = house.authority.dashboard_issue("Production", None).unwrap();
    let new = house.authority.dashboard_regenerate(&old.id).unwrap();
    assert_eq!(new.id, old.id);
    assert_eq!(house.probe(&old.value).await, StatusCode::UNAUTHORIZED);
    assert_eq!(house.probe(&new.value).await, StatusCode::OK);
    let house = house.restarted().await;
    assert_eq!(house.probe(&old.value).await, StatusCode::UNAUTHORIZED);
    assert_eq!(house.probe(&new.value).await, StatusCode::OK);
}

#[tokio::test]
async fn sl12_the_page_regenerates_as_well() {
    let house = House::new().await;
    let old = house.authority.dashboard_issue("Production", None).unwrap();
    let before = page(&house).await;
    assert!(before.contains("aria-label=\"Regenerate Production\""));
    let fields = format!("token={}&id={}", token(&before), old.id);
    let (status, shown) = press(&house, "regenerate", &fields).await;
    assert_eq!(status, StatusCode::OK);
    let new = between(&shown, "<input id=\"value\" readonly value=\"", "\"");
    assert_eq!(house.probe(&old.value).await, StatusCode::UNAUTHORIZED);
    assert_eq!(house.probe(new).await, StatusCode::OK);
}

#[tokio::test]
async fn a_form_is_good_once_and_only_from_the_page() {
    let house = House::new().await;
    let fields = format!("token={}&label=Twice", token(&page(&house).await));
    assert_eq!(press(&house, "issue", &fields).await.0, StatusCode::OK);
    let (status, again) = press(&house, "issue", &fields).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(again.contains("role=\"alert\"") && !again.contains("id=\"value\""));
    assert_eq!(press(&house, "issue", "token=guess&label=Twice").await.0, StatusCode::FORBIDDEN);
    assert_eq!(page(&house).await.matches("<th scope=\"row\">Twice</th>").count(), 1);
}

#[tokio::test]
async fn the_dashboard_answers_to_this_machine_s_names_only() {
    let house = House::new().await;
    let stranger = house.outside(Method::GET, "/dashboard").header("Host", "rebound.example:80");
    assert_eq!(text_of(stranger).await.0, StatusCode::MISDIRECTED_REQUEST);
    let local = house.outside(Method::GET, "/dashboard").header("Host", "localhost");
    let reply = local.send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
    assert_eq!(reply.headers()["cache-control"], "no-store");
    assert!(reply.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
}

#[tokio::test]
async fn a_label_is_text_and_never_markup() {
    let house = House::new().await;
    house.authority.dashboard_issue("<b onclick='x'>\"&", None).unwrap();
    let page = page(&house).await;
    assert!(page.contains("<th scope=\"row\">&lt;b onclick=&#39;x&#39;&gt;&quot;&amp;</th>"));
    assert!(!page.contains("<b onclick"));
}

#[tokio::test]
async fn what_the_dashboard_does_not_offer_is_refused_in_words() {
    let house = House::new().await;
    let client = house.create(301, "A client").await["id"].to_string();
    let desk = &house.authority;
    let words = |failure: AuthorityError| failure.to_string();
    let refused = |what: &str| format!("the dashboard refused: {what}");
    assert_eq!(
        words(desk.dashboard_issue(" ", None).unwrap_err()),
        refused("a key needs a label of 1 to 255 characters")
    );
    assert_eq!(
        words(desk.dashboard_issue("x", Some("client")).unwrap_err()),
        refused("there is no such environment")
    );
    assert_eq!(words(desk.dashboard_regenerate(&client).unwrap_err()), refused("there is no such key"));
    assert_eq!(words(desk.dashboard_revoke(&client).unwrap_err()), refused("keys cannot be revoked here"));
    let shown = page(&house).await;
    let (status, page) = press(&house, "explode", &format!("token={}", token(&shown))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(page.contains("there is no such button") && !page.contains("A client"));
}

#[tokio::test]
async fn a_vendor_with_an_api_for_its_keys_has_no_dashboard() {
    let dir = TempDir::new().unwrap();
    let authority =
        Authority::start(Config::new(Vendor::Naturalead, dir.path().join("store.db"))).await.unwrap();
    assert_eq!(authority.dashboard_url(), None);
    let failure = authority.dashboard_issue("x", None).unwrap_err();
    assert_eq!(failure.to_string(), "naturalead has no dashboard");
}
