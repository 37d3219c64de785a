//! The keys that a project at Neural Draft might have: 16 active ones, so that there is room below its limit of
//! 20, and two revoked ones.

use crate::engine::sketch::{DAYS, HOURS, MINUTES, Sketch, sketch};

const ALL: &[&str] = &["*"];
const BUILD: &[&str] = &["content:read", "blog:read"];
const SITE: &[&str] = &["content:*", "images:*"];
const USUAL: &[&str] =
    &["content:read", "content:write", "blog:read", "blog:write", "social:read", "social:write"];

/// Both environments, last uses from seconds to 210 days. The first five are the page's own table. [seed]
pub(super) static REHEARSAL: [Sketch; 18] = [
    sketch("prod-server", ALL, 410 * DAYS, Some(MINUTES / 2)),
    sketch("prod-builder", BUILD, 300 * DAYS, Some(22 * MINUTES)),
    sketch("prod-mcp", ALL, 95 * DAYS, Some(3 * HOURS)),
    sketch("staging-server", ALL, 280 * DAYS, Some(9 * HOURS)).test(),
    sketch("lovable-preview", SITE, 33 * DAYS, Some(5 * DAYS)).test(),
    sketch("vercel-prod", BUILD, 200 * DAYS, Some(4 * MINUTES)),
    sketch("claude-code-laptop", USUAL, 61 * DAYS, Some(26 * HOURS)),
    sketch("blog-scheduler", &["blog:read", "blog:write"], 150 * DAYS, Some(50 * MINUTES)),
    sketch("social-scheduler", &["social:write", "social:publish"], 150 * DAYS, Some(2 * HOURS)),
    sketch("booking-widget", &["booking:read"], 120 * DAYS, Some(7 * MINUTES)),
    sketch("shop-sync", &["commerce:read", "commerce:write"], 90 * DAYS, Some(11 * HOURS)),
    sketch("refund-desk", &["commerce:read", "commerce:admin"], 88 * DAYS, Some(17 * DAYS)),
    sketch("webhook-replay", &["webhooks:read", "webhooks:write"], 70 * DAYS, None),
    sketch("agence-été-2025", SITE, 390 * DAYS, Some(210 * DAYS)),
    sketch("brand-kit-import", &["brand:read", "brand:write"], 44 * DAYS, None),
    sketch("contractor-preview", &["content:read", "images:read"], 12 * DAYS, Some(2 * DAYS)).test(),
    sketch("prod-server-2025", ALL, 500 * DAYS, Some(409 * DAYS)).revoked(408 * DAYS),
    sketch("posted-in-an-issue", BUILD, 52 * DAYS, Some(40 * DAYS)).test().revoked(40 * DAYS),
];

#[cfg(test)]
mod tests {
    use super::super::catalogue::PROFILE;
    use super::*;

    #[test]
    fn every_key_could_have_been_made_at_the_vendor() {
        for sketch in &REHEARSAL {
            assert!(sketch.scopes.iter().all(|scope| PROFILE.scope(scope).is_some()), "{}", sketch.name);
        }
        let active = REHEARSAL.iter().filter(|sketch| sketch.revoked.is_none()).count();
        assert!(Some(active) < PROFILE.key_limit, "and there is room for a managing key");
    }
}
