//! Natural's facts: key form [seed, docs], scopes [docs], roles [assumed].

use super::rehearsal::REHEARSAL;
use crate::config::Vendor;
use crate::engine::{Body, Environment, Hint, IdForm, KeyForm, Profile};

/// Natural, as the engine must know it.
pub(crate) static PROFILE: Profile = Profile {
    vendor: Vendor::Natural,
    base_path: "",
    form: KeyForm {
        environments: &[
            Environment { name: "prod", prefix: "sk_ntl_prod_" },
            Environment { name: "sandbox", prefix: "sk_ntl_sandbox_" },
        ],
        body: Body::Base64Url43,
        hint: Hint::Beginning(16),
    },
    ids: IdForm::PrefixedUuid("apy_"),
    scopes: &SCOPES,
    restricted: Some(&RESTRICTED),
    managing: &["api_keys.read", "api_keys.create", "api_keys.delete"],
    // No wildcards.
    covers: |held, needed| held == needed,
    key_limit: None,
    reports_usage: false,
    rehearsal: &REHEARSAL,
};

/// All 32, in the page's order.
static SCOPES: [&str; 32] = [
    "party.read",
    "party.update",
    "invite.read",
    "invite.create",
    "invite.update",
    "invite.delete",
    "membership.create",
    "membership.read",
    "membership.update",
    "membership.delete",
    "payments.create",
    "payments.read",
    "external_accounts.create",
    "wallets.read",
    "wallets.create",
    "wallets.update",
    "wallets.delete",
    "wallets.fund",
    "wallets.withdraw",
    "delegations.read",
    "delegations.create",
    "delegations.update",
    "delegations.delete",
    "api_keys.read",
    "api_keys.create",
    "api_keys.delete",
    "agents.read",
    "agents.create",
    "agents.update",
    "agents.delete",
    "disputes.read",
    "disputes.create",
];

/// What the restricted role holds: it manages keys and reads, but moves no money and lets nobody in. The vendor
/// has memberships, but its pages name no roles. [assumed]
static RESTRICTED: [&str; 10] = [
    "party.read",
    "membership.read",
    "payments.read",
    "wallets.read",
    "delegations.read",
    "api_keys.read",
    "api_keys.create",
    "api_keys.delete",
    "agents.read",
    "disputes.read",
];
