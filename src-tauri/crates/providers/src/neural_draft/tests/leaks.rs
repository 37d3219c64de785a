//! No path out of the adapter but `Minted::secret` holds a key, in whatever form a vendor echoes it.

use super::*;
use crate::fixtures::leaks::{assert_no_answer_leaks, assert_no_broken_exchange_leaks};
use crate::fixtures::{assert_free_of, impatient};

const KEYS: [&str; 2] = [MANAGING, FRESH];

/// Bodies that say a key back, in each place that might be read.
fn echo(form: &str) -> Vec<String> {
    let problem = |code: &str, scope: &str| {
        let detail = format!("{form} does not have the `{form}` scope");
        json!({ "code": code, "detail": detail, "title": form, "scope": scope, "instance": form }).to_string()
    };
    vec![
        problem("forbidden", form),
        problem("validation_failed", ""),
        problem(form, form),
        format!("<html>{form}</html>"),
        format!(r#"{{"secret":"{form}","name":{form}"#),
        json!({ "secret": [form], "data": form }).to_string(),
        json!([{ "id": form, "name": 1 }, form]).to_string(),
    ]
}

#[tokio::test]
async fn s2_no_error_path_holds_a_secret() {
    assert_no_answer_leaks(Account::at, KEYS, echo).await;
}

#[tokio::test]
async fn s2_no_error_below_http_holds_a_secret() {
    let hurried = |base: &str| Account {
        adapter: NeuralDraft::new(impatient()),
        base: base.to_owned(),
        ..Account::at(base)
    };
    assert_no_broken_exchange_leaks(hurried, KEYS).await;
}

#[tokio::test]
async fn s2_a_record_does_not_hold_the_key_that_the_vendor_echoes() {
    for said in [format!("see {FRESH} and {MANAGING}"), FRESH.to_owned(), MANAGING.to_owned()] {
        let mut body = minted_json();
        for field in ["id", "name", "status", "prefix", "masked"] {
            body[field] = said.clone().into();
        }
        body["scopes"] = json!([FRESH, MANAGING]);
        let (_server, account) = vendor(says(201, &body.to_string())).await;
        let minted = account.mint().await.unwrap();
        assert_free_of(&KEYS, "minted", &format!("{minted:?}"));
    }
}
