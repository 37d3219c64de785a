//! Naturalead's facts: key form, scopes, roles. Source: the vendor's page on authentication. [seed]

use super::rehearsal::REHEARSAL;
use crate::config::Vendor;
use crate::engine::{Body, Environment, Hint, IdForm, KeyForm, Profile};

/// Naturalead, as the engine must know it.
pub(crate) static PROFILE: Profile = Profile {
    vendor: Vendor::Naturalead,
    base_path: "",
    form: KeyForm {
        environments: &[
            Environment { name: "live", prefix: "nl_live_" },
            Environment { name: "test", prefix: "nl_test_" },
        ],
        body: Body::LowerHex64,
        hint: Hint::End(4),
    },
    ids: IdForm::Uuid,
    scopes: &SCOPES,
    restricted: Some(&RESTRICTED),
    managing: &SCOPES,
    // No wildcards.
    covers: |held, needed| held == needed,
    key_limit: None,
    reports_usage: false,
    rehearsal: &REHEARSAL,
};

/// All 26, in the page's order.
pub(super) static SCOPES: [&str; 26] = [
    "leads:view",
    "leads:import",
    "leads:start_conversation",
    "leads:sync_create",
    "leads:sync_delete",
    "conversations:view",
    "conversations:edit",
    "conversations:send_message",
    "conversations:change_status",
    "agent_config:view",
    "agent_config:edit",
    "knowledge:view",
    "knowledge:upload",
    "knowledge:delete",
    "campaigns:view",
    "campaigns:create",
    "campaigns:edit",
    "campaigns:launch",
    "campaigns:delete",
    "analytics:view",
    "ab_testing:view",
    "ab_testing:manage",
    "audit:view",
    "audit:export",
    "api_keys:view",
    "api_keys:manage",
];

/// What the restricted role holds: it manages keys and reads, but neither destroys nor writes to people. The
/// vendor's page names no roles. [assumed]
static RESTRICTED: [&str; 8] = [
    "leads:view",
    "leads:import",
    "conversations:view",
    "knowledge:view",
    "campaigns:view",
    "analytics:view",
    "api_keys:view",
    "api_keys:manage",
];
