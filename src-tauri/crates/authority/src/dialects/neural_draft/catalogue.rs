//! Neural Draft's facts: key form, scopes, wildcards, the limit of keys. Source: the vendor's page on
//! authentication. [seed]

use super::rehearsal::REHEARSAL;
use crate::config::Vendor;
use crate::engine::{Body, Environment, Hint, IdForm, KeyForm, Profile};

/// Neural Draft, as the engine must know it.
pub(crate) static PROFILE: Profile = Profile {
    vendor: Vendor::NeuralDraft,
    base_path: "/v1",
    form: KeyForm {
        environments: &[
            Environment { name: "live", prefix: "ndsk_live_" },
            Environment { name: "test", prefix: "ndsk_test_" },
        ],
        body: Body::Base62x32,
        hint: Hint::End(4),
    },
    ids: IdForm::PrefixedBase62("key_"),
    scopes: &SCOPES,
    // A key is a project's and does what its scopes say, whoever made it.
    restricted: None,
    managing: &["project:read", "project:admin"],
    covers,
    key_limit: Some(20),
    reports_usage: true,
    rehearsal: &REHEARSAL,
};

/// `*` gives everything, `x:*` everything under x.
fn covers(held: &str, needed: &str) -> bool {
    let under = |domain: &str| needed.strip_prefix(domain).is_some_and(|rest| rest.starts_with(':'));
    held == "*" || held == needed || held.strip_suffix(":*").is_some_and(under)
}

/// What is granted where nothing is asked for: "read+write across CMS, blog and social". [seed]
pub(super) static DEFAULT: [&str; 6] =
    ["content:read", "content:write", "blog:read", "blog:write", "social:read", "social:write"];

/// `*`, the 24 named ones in the page's order, and a wildcard for each domain.
static SCOPES: [&str; 35] = [
    "*",
    "project:read",
    "project:write",
    "project:admin",
    "content:read",
    "content:write",
    "brand:read",
    "brand:write",
    "images:read",
    "images:write",
    "blog:read",
    "blog:write",
    "social:read",
    "social:write",
    "social:publish",
    "social:connect",
    "booking:read",
    "booking:write",
    "booking:admin",
    "commerce:read",
    "commerce:write",
    "commerce:admin",
    "webhooks:read",
    "webhooks:write",
    "jobs:read",
    "project:*",
    "content:*",
    "brand:*",
    "images:*",
    "blog:*",
    "social:*",
    "booking:*",
    "commerce:*",
    "webhooks:*",
    "jobs:*",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_covers_its_own_domain_only() {
        let table = [
            ("*", "commerce:write", true),
            ("*", "*", true),
            ("content:*", "content:read", true),
            ("content:*", "content:*", true),
            ("content:*", "*", false),
            ("content:*", "contents:read", false),
            ("content:*", "blog:read", false),
            ("content:read", "content:read", true),
            ("content:read", "content:write", false),
            ("content:read", "content:*", false),
            ("project:admin", "project:read", false),
        ];
        for (held, needed, expected) in table {
            assert_eq!(covers(held, needed), expected, "{held} {needed}");
        }
    }
}
