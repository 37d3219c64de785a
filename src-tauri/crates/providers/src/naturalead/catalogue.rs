//! Naturalead's facts as data: 26 scopes with the vendor's own descriptions [seed], key form, capabilities.

use std::time::Duration;

use keyturn_core::account::VendorId;
use keyturn_core::key::Environment;
use keyturn_core::provider::{
    ASSUMED_REPORTING_DELAY, Capabilities, DeleteSupport, KeyBody, KeyForm, Manifest, RotateSupport,
    ScopeEntry, ScopeTemplate, Support,
};

/// Live, then test. [seed]
pub(super) const PREFIXES: [&str; 2] = ["nl_live_", "nl_test_"];

pub(super) fn manifest() -> Manifest {
    Manifest {
        vendor: VendorId("naturalead".to_owned()),
        name: super::NAME,
        default_base_url: "https://api.naturalead.ai",
        environments: vec![Environment::Live, Environment::Test],
        // [assumed]
        name_limit: 255,
        scopes: scopes(),
        templates: TEMPLATES.to_vec(),
        key_form: KeyForm {
            prefixes: vec![(PREFIXES[0], Environment::Live), (PREFIXES[1], Environment::Test)],
            body: KeyBody::LowerHex(64),
            ..KeyForm::default()
        },
        capabilities: Capabilities {
            list: Support::Yes,
            mint: Support::Yes,
            rotate: RotateSupport::Atomic { same_record: false },
            revoke: Support::Yes,
            delete: DeleteSupport::OnceRevoked,
            expiry: Support::Yes,
            // The field is not documented; where it is absent a key's last use is "not reported". [assumed]
            last_use: Support::Yes,
            reporting_delay: ASSUMED_REPORTING_DELAY,
            last_use_precision: "Naturalead gives the time of the last use and does not say how soon after it that time is kept.",
            revocation_delay: Duration::ZERO,
            key_limit: None,
        },
        // "Settings > API Keys" [seed]; its address is not documented.
        dashboard: None,
        fields: &[],
        variable: "NATURALEAD_API_KEY",
        full_privilege: None,
    }
}

/// Sets to start from. The first is the vendor's own example. [seed]; the others are ours.
const TEMPLATES: [ScopeTemplate; 4] = [
    ScopeTemplate {
        name: "CRM integration",
        description: "Keep leads in step with a CRM: view, import and bulk sync",
        scopes: &["leads:view", "leads:import", "leads:sync_create"],
    },
    ScopeTemplate {
        name: "Read only",
        description: "See leads, conversations, agents, knowledge, campaigns, tests and reports, and change nothing",
        scopes: &[
            "leads:view",
            "conversations:view",
            "agent_config:view",
            "knowledge:view",
            "campaigns:view",
            "analytics:view",
            "ab_testing:view",
        ],
    },
    ScopeTemplate {
        name: "Analytics",
        description: "Reports on campaigns and A/B tests",
        scopes: &["analytics:view", "campaigns:view", "ab_testing:view"],
    },
    ScopeTemplate {
        name: "Conversation agent",
        description: "Read conversations and answer in them",
        scopes: &[
            "leads:view",
            "conversations:view",
            "conversations:send_message",
            "conversations:change_status",
        ],
    },
];

/// Dangerous [assumed]: destroys data, writes to people outside, spends money, takes records out, makes keys.
fn scopes() -> Vec<ScopeEntry> {
    const SAFE: bool = false;
    const DANGEROUS: bool = true;
    [
        ("leads:view", "Leads", "List, search, and filter leads", SAFE),
        ("leads:import", "Leads", "Create, update, delete, and import leads", DANGEROUS),
        ("leads:start_conversation", "Leads", "Start conversations with leads", DANGEROUS),
        ("leads:sync_create", "Leads", "Bulk sync (create/update) leads", SAFE),
        ("leads:sync_delete", "Leads", "Bulk delete synced leads", DANGEROUS),
        ("conversations:view", "Conversations", "List and read conversations", SAFE),
        ("conversations:edit", "Conversations", "Edit conversation data", SAFE),
        ("conversations:send_message", "Conversations", "Send messages in conversations", DANGEROUS),
        ("conversations:change_status", "Conversations", "Update conversation status", SAFE),
        ("agent_config:view", "Agent Config", "View agent configurations", SAFE),
        ("agent_config:edit", "Agent Config", "Create and modify agents", SAFE),
        ("knowledge:view", "Knowledge", "View knowledge bases and documents", SAFE),
        ("knowledge:upload", "Knowledge", "Upload documents and manage sources", SAFE),
        ("knowledge:delete", "Knowledge", "Delete documents and knowledge bases", DANGEROUS),
        ("campaigns:view", "Campaigns", "List and view campaigns", SAFE),
        ("campaigns:create", "Campaigns", "Create new campaigns", SAFE),
        ("campaigns:edit", "Campaigns", "Update campaign settings", SAFE),
        ("campaigns:launch", "Campaigns", "Launch and pause campaigns", DANGEROUS),
        ("campaigns:delete", "Campaigns", "Delete campaigns", DANGEROUS),
        ("analytics:view", "Analytics", "View analytics and reports", SAFE),
        ("ab_testing:view", "A/B Testing", "View A/B tests", SAFE),
        ("ab_testing:manage", "A/B Testing", "Create and manage A/B tests", SAFE),
        ("audit:view", "Audit", "View audit logs", SAFE),
        ("audit:export", "Audit", "Export audit logs", DANGEROUS),
        ("api_keys:view", "API Keys", "View API keys", SAFE),
        ("api_keys:manage", "API Keys", "Manage API keys", DANGEROUS),
    ]
    .into_iter()
    .map(|(scope, domain, description, dangerous)| ScopeEntry { scope, domain, description, dangerous })
    .collect()
}
