//! No path out of the adapter but `Minted::secret` holds a key, in whatever form a vendor echoes it.

use super::*;
use crate::fixtures::leaks::{assert_no_answer_leaks, assert_no_broken_exchange_leaks};
use crate::fixtures::{assert_free_of, impatient};

const KEYS: [&str; 2] = [MANAGING, FRESH];

/// Bodies that say a key back, in each place that might be read.
fn echo(form: &str) -> Vec<String> {
    vec![
        json!({ "error": form }).to_string(),
        json!({ "error": "Forbidden", "message": format!("{form} lacks it (requires: {form}).") })
            .to_string(),
        json!({ "error": "x", "message": format!("no (required scope: /?k={form}&x) \"{form}\"") })
            .to_string(),
        format!("<html>{form}</html>"),
        format!("{{\"fullKey\":\"{form}\",\"apiKey\":{form}"),
        json!({ "fullKey": [form], "data": form }).to_string(),
        json!([{ "id": form, "name": 1 }, form]).to_string(),
    ]
}

#[tokio::test]
async fn s2_no_error_path_holds_a_secret() {
    assert_no_answer_leaks(Account::at, KEYS, echo).await;
}

#[tokio::test]
async fn s2_no_error_below_http_holds_a_secret() {
    let hurried = |base: &str| Account { adapter: Naturalead::new(impatient()), ..Account::at(base) };
    assert_no_broken_exchange_leaks(hurried, KEYS).await;
}

#[tokio::test]
async fn s2_a_record_does_not_hold_the_key_that_the_vendor_echoes() {
    let mut body = minted_json();
    for field in ["name", "createdBy", "status", "environment", "keyPrefix", "keyHint", "id"] {
        body["apiKey"][field] = format!("see {FRESH} and {MANAGING}").into();
    }
    body["apiKey"]["scopes"] = json!([FRESH, MANAGING]);
    let (_server, account) = vendor(says(201, &body.to_string())).await;
    let minted = account.adapter.mint(account.connection(), &grant()).await.unwrap();
    assert_free_of(&KEYS, "minted", &format!("{minted:?}"));
}
