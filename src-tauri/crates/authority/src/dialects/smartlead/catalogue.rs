//! SmartLead's facts: two kinds of keys, no scopes, no roles. Source: the vendor's pages on authentication [seed]
//! and on the keys of clients [docs].

use crate::config::Vendor;
use crate::dashboard::Dashboard;
use crate::engine::sketch::{DAYS, HOURS, MINUTES, Sketch, sketch};
use crate::engine::{Body, Environment, Hint, IdForm, KeyForm, Profile};

/// SmartLead, as the engine must know it.
pub(crate) static PROFILE: Profile = Profile {
    vendor: Vendor::SmartLead,
    base_path: "/api/v1",
    form: KeyForm {
        // No page says what an account key looks like.
        environments: &[
            Environment { name: "account", prefix: "" },
            Environment { name: "client", prefix: "cl_live_" },
        ],
        body: Body::Opaque,
        hint: Hint::End(4),
    },
    ids: IdForm::Number,
    scopes: &[],
    restricted: None,
    managing: &[],
    covers: |_, _| true,
    key_limit: None,
    reports_usage: false,
    rehearsal: &REHEARSAL,
};

/// Where its customers make and replace account keys. [seed]
pub(crate) static DASHBOARD: Dashboard = Dashboard {
    vendor: "SmartLead",
    issue: "Generate New API Key",
    regenerate: Some("Regenerate"),
    revoke: None,
    environments: &["account"],
};

static REHEARSAL: [Sketch; 12] = [
    sketch("Production", &[], 410 * DAYS, Some(3 * MINUTES)),
    sketch("Development", &[], 200 * DAYS, Some(5 * HOURS)),
    sketch("Zapier", &[], 330 * DAYS, Some(40 * MINUTES)),
    sketch("CRM sync", &[], 95 * DAYS, Some(26 * DAYS)),
    sketch("Reporting", &[], 60 * DAYS, None),
    sketch("Müller & Söhne <trial>", &[], 20 * DAYS, Some(19 * DAYS)),
    sketch("Production key", &[], 120 * DAYS, Some(15 * MINUTES)).client("301"),
    sketch("Dashboard", &[], 80 * DAYS, Some(2 * DAYS)).client("301"),
    sketch("Production key", &[], 44 * DAYS, Some(HOURS)).client("302"),
    sketch("Data pull", &[], 300 * DAYS, Some(140 * DAYS)).client("302").revoked(120 * DAYS),
    sketch("Onboarding", &[], 9 * DAYS, None).client("317"),
    sketch("Webhook relay", &[], 33 * DAYS, Some(6 * DAYS)).client("317"),
];
