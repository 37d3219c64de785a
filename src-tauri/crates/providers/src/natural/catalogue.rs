//! Natural's facts as data: 32 scopes [docs], key form, capabilities. The vendor describes no scope: the
//! descriptions and the templates here are ours.

use std::time::Duration;

use keyturn_core::account::VendorId;
use keyturn_core::fields::AccountField;
use keyturn_core::key::Environment;
use keyturn_core::provider::{
    ASSUMED_REPORTING_DELAY, Capabilities, DeleteSupport, KeyBody, KeyForm, Manifest, RotateSupport,
    ScopeEntry, ScopeTemplate, Support,
};

const NO_DELETE: &str = "Natural keeps revoked keys: they cannot be deleted.";
const NO_EXPIRY: &str = "Natural takes no expiry when a key is created.";

pub(super) fn manifest() -> Manifest {
    Manifest {
        vendor: VendorId("natural".to_owned()),
        name: super::NAME,
        default_base_url: "https://api.natural.co",
        environments: vec![Environment::Live, Environment::Test],
        // [docs]
        name_limit: 32,
        scopes: scopes(),
        templates: TEMPLATES.to_vec(),
        key_form: KeyForm {
            // The prefixes stand in the seed, the length of what follows in the docs.
            prefixes: vec![("sk_ntl_prod_", Environment::Live), ("sk_ntl_sandbox_", Environment::Test)],
            body: KeyBody::Base64Url(43),
            ..KeyForm::default()
        },
        capabilities: Capabilities {
            list: Support::Yes,
            mint: Support::Yes,
            rotate: RotateSupport::Overlap,
            revoke: Support::Yes,
            delete: DeleteSupport::No(NO_DELETE),
            expiry: Support::No(NO_EXPIRY),
            last_use: Support::Yes,
            reporting_delay: ASSUMED_REPORTING_DELAY,
            last_use_precision: "Natural gives the time of the last use and does not say how soon after it that time is kept.",
            revocation_delay: Duration::ZERO,
            key_limit: None,
        },
        dashboard: None,
        fields: &FIELDS,
        variable: "NATURAL_API_KEY",
        full_privilege: None,
    }
}

/// Who acts, for the vendor's own records. The length of an instance is documented, that of an agent not. [seed]
const FIELDS: [AccountField; 2] = [
    AccountField {
        name: super::AGENT,
        label: "Agent id",
        help: "Only for keys that an agent works with: agt_ and what follows, as Natural shows it.",
        required: false,
        limit: 255,
        needs: Some(super::INSTANCE),
    },
    AccountField {
        name: super::INSTANCE,
        label: "Instance id",
        help: "The session or conversation of the agent; Natural wants one with every agent id.",
        required: false,
        limit: 1024,
        needs: Some(super::AGENT),
    },
];

/// The first is the vendor's own example [seed]; the others are ours.
const TEMPLATES: [ScopeTemplate; 3] = [
    ScopeTemplate {
        name: "Production backend",
        description: "Make payments and see them",
        scopes: &["payments.read", "payments.create"],
    },
    ScopeTemplate {
        name: "Read only",
        description: "See everything but other keys, and change nothing",
        scopes: &[
            "party.read",
            "invite.read",
            "membership.read",
            "payments.read",
            "wallets.read",
            "delegations.read",
            "agents.read",
            "disputes.read",
        ],
    },
    ScopeTemplate {
        name: "Agent operations",
        description: "Set agents up and see what they pay",
        scopes: &["agents.read", "agents.create", "agents.update", "delegations.read", "payments.read"],
    },
];

/// Dangerous [assumed]: moves money, lets someone or something act for the party, destroys, makes keys.
fn scopes() -> Vec<ScopeEntry> {
    const SAFE: bool = false;
    const DANGEROUS: bool = true;
    [
        ("party.read", "Party", "See the party's details", SAFE),
        ("party.update", "Party", "Change the party's details", SAFE),
        ("invite.read", "Invites", "See invitations", SAFE),
        ("invite.create", "Invites", "Invite people", DANGEROUS),
        ("invite.update", "Invites", "Change invitations", SAFE),
        ("invite.delete", "Invites", "Withdraw invitations", SAFE),
        ("membership.create", "Memberships", "Make someone a member", DANGEROUS),
        ("membership.read", "Memberships", "See who is a member", SAFE),
        ("membership.update", "Memberships", "Change what a member may do", DANGEROUS),
        ("membership.delete", "Memberships", "Remove members", DANGEROUS),
        ("payments.create", "Payments", "Make payments", DANGEROUS),
        ("payments.read", "Payments", "See payments", SAFE),
        ("external_accounts.create", "External accounts", "Attach bank accounts and the like", DANGEROUS),
        ("wallets.read", "Wallets", "See wallets and balances", SAFE),
        ("wallets.create", "Wallets", "Open wallets", SAFE),
        ("wallets.update", "Wallets", "Change wallets", SAFE),
        ("wallets.delete", "Wallets", "Close wallets", DANGEROUS),
        ("wallets.fund", "Wallets", "Move money into wallets", DANGEROUS),
        ("wallets.withdraw", "Wallets", "Move money out of wallets", DANGEROUS),
        ("delegations.read", "Delegations", "See what was delegated to whom", SAFE),
        ("delegations.create", "Delegations", "Let others act for the party", DANGEROUS),
        ("delegations.update", "Delegations", "Change what was delegated", DANGEROUS),
        ("delegations.delete", "Delegations", "End delegations", SAFE),
        ("api_keys.read", "API keys", "See API keys", SAFE),
        ("api_keys.create", "API keys", "Create API keys", DANGEROUS),
        ("api_keys.delete", "API keys", "Revoke API keys", DANGEROUS),
        ("agents.read", "Agents", "See agents", SAFE),
        ("agents.create", "Agents", "Create agents", SAFE),
        ("agents.update", "Agents", "Change agents", SAFE),
        ("agents.delete", "Agents", "Remove agents", DANGEROUS),
        ("disputes.read", "Disputes", "See disputes", SAFE),
        ("disputes.create", "Disputes", "Open disputes", SAFE),
    ]
    .into_iter()
    .map(|(scope, domain, description, dangerous)| ScopeEntry { scope, domain, description, dangerous })
    .collect()
}
