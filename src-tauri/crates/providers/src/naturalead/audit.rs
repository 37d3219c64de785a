//! Naturalead's audit log. That it exists and needs `audit:view` is documented; its path and its fields are read as
//! generously as can be, because no page names them. [assumed]

use chrono::{DateTime, Utc};
use keyturn_core::provider::{Connection, Fault, VendorRecord};
use reqwest::Method;
use serde::Deserialize;

use super::{Naturalead, PAGE, VENDOR_PAGE, call_at, wire};
use crate::http::Reply;
use crate::listing::Bytes;
use crate::shape::{Field, Page};
use crate::words::Censor;

/// Most pages of one reading; the next one goes on from the newest record.
const PAGES: usize = 50;

/// A record. One without an id, a time or an action is passed over.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Recorded {
    id: Field,
    created_at: Field,
    action: Field,
    key_id: Field,
    key_name: Field,
    new_key_id: Field,
    actor: Field,
}

impl Naturalead {
    /// Newest first, page by page, until a page reaches back beyond `since`.
    pub(super) async fn read_log(
        &self,
        connection: Connection<'_>,
        since: Option<DateTime<Utc>>,
    ) -> Result<Vec<VendorRecord>, Fault> {
        let censor = Censor::of(&[connection.managing_key]);
        let mut records: Vec<VendorRecord> = Vec::new();
        let mut bytes = Bytes::of(&self.http);
        let mut skip = 0;
        for _ in 0..PAGES {
            let call = call_at(connection, Method::GET, &["api", "audit-logs"])?
                .query("skip", &skip.to_string())
                .query("limit", &PAGE.to_string());
            let reply = self.http.read(&call).await?;
            bytes.add(&reply)?;
            wire::refusal(&reply, &censor).map_or(Ok(()), Err)?;
            let (length, page) = page(&reply, &censor)?;
            let known = |record: &VendorRecord| records.iter().any(|other| other.id == record.id);
            let new: Vec<VendorRecord> = page.into_iter().filter(|record| !known(record)).collect();
            let reached = new.is_empty() || new.iter().any(|record| since.is_some_and(|at| record.at < at));
            records.extend(new);
            if reached || !(VENDOR_PAGE..=PAGE).contains(&length) {
                break;
            }
            skip += length;
        }
        Ok(records)
    }
}

/// How many records there were, and those that can be used.
fn page(reply: &Reply, censor: &Censor) -> Result<(usize, Vec<VendorRecord>), Fault> {
    match reply.json::<Page<Recorded>>()? {
        Page::Items(items) => {
            let length = items.len();
            Ok((length, items.iter().filter_map(|item| item.record(censor)).collect()))
        }
        Page::TooMany | Page::Missing => {
            Err(Fault::Malformed("there is no list of audit records in it".to_owned()))
        }
    }
}

impl Recorded {
    fn record(&self, censor: &Censor) -> Option<VendorRecord> {
        let line = |field: &Field| field.text().map(|text| censor.line(text));
        let words = self.new_key_id.text().map(|id| format!("replaced by the key {}", censor.line(id)));
        Some(VendorRecord {
            id: line(&self.id)?,
            at: self.created_at.time()?,
            action: line(&self.action)?,
            key: self.key_id.text().and_then(|id| censor.id(id)),
            key_name: line(&self.key_name),
            actor: line(&self.actor),
            words: words.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use keyturn_core::provider::Provider;
    use keyturn_core::secret::Secret;
    use serde_json::{Value, json};
    use wiremock::matchers::{header, method, path, query_param};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::fixtures::quick;

    const MANAGING: &str = "nl_live_c0ffee00c0ffee11c0ffee22c0ffee33c0ffee44c0ffee55c0ffee66c0ffee77";

    fn recorded(number: usize) -> Value {
        json!({
            "id": number, "createdAt": format!("2026-01-04T15:{:02}:00.000Z", number % 60),
            "action": "api_key.rotated", "keyId": "key_1", "keyName": "CRM", "newKeyId": "key_2",
            "actor": "Ada", "apiKeyId": null
        })
    }

    async fn read(
        server: &MockServer,
        since: Option<DateTime<Utc>>,
    ) -> Result<Vec<VendorRecord>, keyturn_core::provider::ProviderError> {
        let (adapter, managing) = (Naturalead::new(quick()), Secret::new(MANAGING.into()));
        let settings = std::collections::BTreeMap::new();
        let uri = server.uri();
        let connection = Connection { base_url: &uri, managing_key: &managing, settings: &settings };
        adapter.audit_feed(connection, since).await
    }

    async fn serve(server: &MockServer, skip: usize, status: u16, body: Value) {
        Mock::given(method("GET"))
            .and(path("/api/audit-logs"))
            .and(header("x-api-key", MANAGING))
            .and(query_param("skip", skip.to_string()))
            .respond_with(ResponseTemplate::new(status).set_body_json(body))
            .mount(server)
            .await;
    }

    #[tokio::test]
    async fn the_log_is_read_to_its_end_and_each_record_once() {
        let server = MockServer::start().await;
        let full: Vec<Value> = (0..100).map(recorded).collect();
        serve(&server, 0, 200, json!(full)).await;
        serve(&server, 100, 200, json!([recorded(99), recorded(100), { "id": 101 }])).await;
        let records = read(&server, None).await.unwrap();
        assert_eq!(records.len(), 101);
        assert_eq!(records[0].action, "api_key.rotated");
        assert_eq!(records[0].actor.as_deref(), Some("Ada"));
        assert_eq!(records[0].words, "replaced by the key key_2");
    }

    #[tokio::test]
    async fn what_is_known_already_is_not_read_again() {
        let server = MockServer::start().await;
        let full: Vec<Value> = (0..100).rev().map(recorded).collect();
        serve(&server, 0, 200, json!(full)).await;
        let since = "2026-01-04T15:30:00Z".parse().ok();
        assert_eq!(read(&server, since).await.unwrap().len(), 100);
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_role_that_may_not_read_the_log_is_said_in_words() {
        let server = MockServer::start().await;
        let body = json!({ "error": "Forbidden", "message": "You do not have permission to perform this action (requires: audit:view)." });
        serve(&server, 0, 403, body).await;
        let error = read(&server, None).await.unwrap_err();
        let missing = matches!(&error.fault, Fault::RoleMissing { permission: Some(p) } if p == "audit:view");
        assert!(missing, "{error}");
        assert!(error.to_string().starts_with("could not read the audit log at Naturalead"), "{error}");
    }

    #[tokio::test]
    async fn an_echoed_key_goes_no_further() {
        let server = MockServer::start().await;
        let mut record = recorded(1);
        record["actor"] = MANAGING.into();
        record["keyName"] = format!("CRM {MANAGING}").into();
        serve(&server, 0, 200, json!([record])).await;
        let records = read(&server, None).await.unwrap();
        assert!(!format!("{records:?}").contains(&MANAGING[8..]), "{records:?}");
    }
}
