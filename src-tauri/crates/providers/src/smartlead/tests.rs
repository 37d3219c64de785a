//! Both SmartLead adapters against a scripted vendor.

mod clients;
mod leaks;
mod rows;

use super::*;
use crate::fixtures::account::{self, grant_of};
use crate::fixtures::{impatient, quick};

/// With every character that a query would take for its own.
const KEY: &str = "c0ffee00-c0ffee11+c0ffee22/c0ffee33=&c0ffee44";
const CLIENT_KEY: &str = "cl_live_deadbeef00deadbeef11deadbeef22";
/// To the letter. [seed]
const REFUSED: &str =
    r#"{"success":false,"error":{"code":"UNAUTHORIZED","message":"Invalid or missing API key"}}"#;
/// A key that is not there. [assumed]
const GONE: &str = r#"{"success":false,"error":{"code":"NOT_FOUND","message":"API key not found"}}"#;
/// [docs]
const LIMITED: &str =
    r#"{"error":{"code":"RATE_LIMIT_EXCEEDED","message":"Too many requests","retry_after":30}}"#;

type Account = account::Account<SmartLead>;
type Clients = account::Account<SmartLeadClients>;

impl Account {
    fn at(base: &str) -> Self {
        Self::over(SmartLead::new(quick()), base)
    }

    fn hasty(base: &str) -> Self {
        Self::over(SmartLead::new(impatient()), base)
    }

    fn over(adapter: SmartLead, base: &str) -> Self {
        let grant = grant_of(adapter.manifest(), "Production Key", &[]);
        Self::of(adapter, KEY, &format!("{base}/api/v1"), grant)
    }
}

impl Clients {
    fn at(base: &str) -> Self {
        Self::over(SmartLeadClients::new(quick()), base)
    }

    fn hasty(base: &str) -> Self {
        Self::over(SmartLeadClients::new(impatient()), base)
    }

    fn over(adapter: SmartLeadClients, base: &str) -> Self {
        let grant = grant_of(adapter.manifest(), "Integration Key", &[]);
        let mut account = Self::of(adapter, KEY, &format!("{base}/api/v1"), grant);
        account.settings.insert("client".to_owned(), "299".to_owned());
        account
    }
}
