//! Leadterra's facts: key form, what a key may do, the dashboard. Source: the vendor's page on authentication.
//! [seed]

use crate::config::Vendor;
use crate::dashboard::Dashboard;
use crate::engine::sketch::{DAYS, HOURS, MINUTES, Sketch, sketch};
use crate::engine::{Body, Environment, Hint, IdForm, KeyForm, Profile};

/// Leadterra, as the engine must know it.
pub(crate) static PROFILE: Profile = Profile {
    vendor: Vendor::Leadterra,
    base_path: "/v1",
    form: KeyForm {
        environments: &[
            Environment { name: "live", prefix: "sk_live_" },
            Environment { name: "test", prefix: "sk_test_" },
        ],
        // No page says what follows the prefix.
        body: Body::Opaque,
        hint: Hint::End(4),
    },
    // Never shown over the API: keys have labels there.
    ids: IdForm::Uuid,
    // Not the vendor's words: it has no scopes, but keys that are restricted. [assumed]
    scopes: &ALL,
    restricted: Some(&["read"]),
    managing: &ALL,
    covers: |held, needed| held == needed,
    key_limit: None,
    reports_usage: false,
    rehearsal: &REHEARSAL,
};

/// Where its customers make and end keys. [seed]
pub(crate) static DASHBOARD: Dashboard = Dashboard {
    vendor: "Leadterra",
    issue: "Create new key",
    regenerate: None,
    revoke: Some("Revoke"),
    environments: &["live", "test"],
};

static ALL: [&str; 2] = ["read", "send"];

static REHEARSAL: [Sketch; 9] = [
    sketch("production-agent", &ALL, 310 * DAYS, Some(2 * MINUTES)),
    sketch("ci-pipeline", &ALL, 120 * DAYS, Some(5 * HOURS)),
    sketch("local-scripts (Ana)", &ALL, 75 * DAYS, Some(40 * DAYS)),
    sketch("warehouse export", &["read"], 200 * DAYS, Some(11 * HOURS)),
    sketch("partner: Müller & Söhne", &["read"], 30 * DAYS, None),
    sketch("production-agent (before May)", &ALL, 500 * DAYS, Some(311 * DAYS)).revoked(309 * DAYS),
    sketch("staging-agent", &ALL, 90 * DAYS, Some(HOURS)).test(),
    sketch("contractor", &ALL, 60 * DAYS, Some(55 * DAYS)).test().revoked(50 * DAYS),
    sketch("load test", &ALL, 14 * DAYS, None).test(),
];
