//! Neural Draft's facts as data: scopes and their patterns with the vendor's own descriptions [seed],
//! templates, key form, capabilities.

use std::time::Duration;

use keyturn_core::account::VendorId;
use keyturn_core::key::Environment;
use keyturn_core::provider::{
    ASSUMED_REPORTING_DELAY, Capabilities, DeleteSupport, KeyBody, KeyForm, Manifest, Mismatch, OtherForm,
    RotateSupport, ScopeEntry, ScopeTemplate, Support,
};

const NO_DELETE: &str = "Neural Draft has no deletion apart from revoking, which is permanent.";
const NO_EXPIRY: &str = "Neural Draft takes no expiry when a key is created.";
const SANCTUM: &str = "it is a Sanctum token of Neural Draft's Admin API, which Keyturn does not manage; a project key begins with ndsk_ and is made in the dashboard under Settings, API keys";

pub(super) fn manifest() -> Manifest {
    Manifest {
        vendor: VendorId("neural-draft".to_owned()),
        name: super::NAME,
        default_base_url: "https://api.neuraldraft.io/v1",
        environments: vec![Environment::Live, Environment::Test],
        // [assumed]
        name_limit: 255,
        scopes: scopes(),
        templates: TEMPLATES.to_vec(),
        key_form: KeyForm {
            prefixes: vec![("ndsk_live_", Environment::Live), ("ndsk_test_", Environment::Test)],
            body: KeyBody::Base62(32),
            mismatch: Mismatch::Warned,
            declined: vec![(OtherForm::Numbered { shortest: 40 }, SANCTUM)],
        },
        capabilities: Capabilities {
            list: Support::Yes,
            mint: Support::Yes,
            rotate: RotateSupport::Overlap,
            revoke: Support::Yes,
            delete: DeleteSupport::No(NO_DELETE),
            expiry: Support::No(NO_EXPIRY),
            last_use: Support::Yes,
            last_use_precision: "Neural Draft gives the time of the last use and does not say how soon after it that time is kept.",
            // "within ~60 seconds globally" [seed]
            reporting_delay: ASSUMED_REPORTING_DELAY,
            revocation_delay: Duration::from_secs(60),
            key_limit: Some(20),
        },
        // Settings → API keys [seed]
        dashboard: Some("https://app.neuraldraft.io"),
        fields: &[],
        variable: "NEURALDRAFT_API_KEY",
        full_privilege: None,
    }
}

/// The vendor's five examples, then what its own dashboard chooses by default. [seed]
const TEMPLATES: [ScopeTemplate; 6] = [
    ScopeTemplate {
        name: "prod-server",
        description: "Server-side, secret manager; write scopes instead of full access are safer",
        scopes: &["*"],
    },
    ScopeTemplate {
        name: "prod-builder",
        description: "CI build pipeline of a static site",
        scopes: &["content:read", "blog:read"],
    },
    ScopeTemplate { name: "prod-mcp", description: "Claude Code on dev laptops", scopes: &["*"] },
    ScopeTemplate { name: "staging-server", description: "Staging deployments", scopes: &["*"] },
    ScopeTemplate {
        name: "lovable-preview",
        description: "Lovable’s hosted preview env",
        scopes: &["content:*", "images:*"],
    },
    ScopeTemplate {
        name: "Dashboard default",
        description: "Read and write across CMS, blog and social",
        scopes: &["content:read", "content:write", "blog:read", "blog:write", "social:read", "social:write"],
    },
];

/// Dangerous [assumed]: administers, publishes, or is a pattern that covers such a scope.
fn scopes() -> Vec<ScopeEntry> {
    const SAFE: bool = false;
    const DANGEROUS: bool = true;
    [
        ("*", "Everything", "Full access. Equivalent to all scopes below.", DANGEROUS),
        ("project:*", "Project", "Everything under project.", DANGEROUS),
        ("project:read", "Project", "Read project metadata, usage, key list.", SAFE),
        ("project:write", "Project", "Update project (e.g. webhook URL, target languages).", SAFE),
        ("project:admin", "Project", "Mint/revoke API keys, change billing.", DANGEROUS),
        ("content:*", "Content", "Everything under content.", SAFE),
        ("content:read", "Content", "Read translation keys, components, pages.", SAFE),
        ("content:write", "Content", "Create/update/delete translations and components.", SAFE),
        ("brand:*", "Brand", "Everything under brand.", SAFE),
        ("brand:read", "Brand", "Read brand context (voice, colors, fonts, audience).", SAFE),
        ("brand:write", "Brand", "Patch brand context, upload logos.", SAFE),
        ("images:*", "Images", "Everything under images.", SAFE),
        ("images:read", "Images", "Read media library and resolved image URLs.", SAFE),
        ("images:write", "Images", "Upload, generate, replace images.", SAFE),
        ("blog:*", "Blog", "Everything under blog.", SAFE),
        ("blog:read", "Blog", "Read posts, categories, tags, translations.", SAFE),
        ("blog:write", "Blog", "Create/update/delete posts, schedule, publish.", SAFE),
        ("social:*", "Social", "Everything under social.", DANGEROUS),
        ("social:read", "Social", "Read social posts and connected accounts.", SAFE),
        ("social:write", "Social", "Create/update/delete social posts.", SAFE),
        ("social:publish", "Social", "Publish a social post immediately to a connected platform.", DANGEROUS),
        ("social:connect", "Social", "Initiate OAuth flow, manage connected accounts.", SAFE),
        ("booking:*", "Booking", "Everything under booking.", DANGEROUS),
        ("booking:read", "Booking", "Read services, availability, bookings.", SAFE),
        ("booking:write", "Booking", "Create/update services, availability, bookings.", SAFE),
        ("booking:admin", "Booking", "Update booking settings (timezone, policies, reminders).", DANGEROUS),
        ("commerce:*", "Commerce", "Everything under commerce.", DANGEROUS),
        ("commerce:read", "Commerce", "Read products, variants, categories, orders.", SAFE),
        ("commerce:write", "Commerce", "Create/update/delete products, variants, categories, orders.", SAFE),
        ("commerce:admin", "Commerce", "Refunds, Stripe Connect onboarding, manual orders.", DANGEROUS),
        ("webhooks:*", "Webhooks", "Everything under webhooks.", SAFE),
        ("webhooks:read", "Webhooks", "List webhook endpoints and deliveries.", SAFE),
        ("webhooks:write", "Webhooks", "Create/update/delete webhook endpoints.", SAFE),
        ("jobs:*", "Jobs", "Everything under jobs.", SAFE),
        ("jobs:read", "Jobs", "Read job status (returned by all async ops).", SAFE),
    ]
    .into_iter()
    .map(|(scope, domain, description, dangerous)| ScopeEntry { scope, domain, description, dangerous })
    .collect()
}
