//! Two dozen keys that a company with Natural might have. None expires: a create takes no expiry.

use crate::engine::sketch::{DAYS, HOURS, MINUTES, Sketch, sketch};

const PAY: &[&str] = &["payments.read", "payments.create"];
const READ: &[&str] = &["party.read", "payments.read", "wallets.read", "agents.read"];
const BOOKS: &[&str] = &["payments.read", "wallets.read", "disputes.read"];
const AGENTS: &[&str] = &["agents.read", "agents.create", "agents.update", "delegations.read"];

/// Both environments and statuses, last uses from minutes to 260 days. Names leave room for a number.
pub(super) static REHEARSAL: [Sketch; 24] = [
    sketch("Production Backend", PAY, 320 * DAYS, Some(2 * MINUTES)),
    sketch("Checkout service", PAY, 140 * DAYS, Some(6 * MINUTES)),
    sketch("Payout scheduler", &["wallets.read", "wallets.withdraw"], 200 * DAYS, Some(9 * HOURS)),
    sketch("Treasury top-ups", &["wallets.read", "wallets.fund"], 180 * DAYS, Some(4 * DAYS)),
    sketch("Ledger export (nightly)", BOOKS, 260 * DAYS, Some(7 * HOURS)),
    sketch("Accounting bridge", BOOKS, 90 * DAYS, Some(31 * HOURS)),
    sketch("Procurement agent", AGENTS, 60 * DAYS, Some(12 * MINUTES)),
    sketch("Travel booking agent", &["payments.create", "delegations.read"], 41 * DAYS, Some(50 * MINUTES)),
    sketch("Agent onboarding", AGENTS, 75 * DAYS, Some(3 * DAYS)),
    sketch("Dispute desk", &["disputes.read", "disputes.create"], 110 * DAYS, Some(6 * DAYS)),
    sketch("Team invites", &["invite.read", "invite.create"], 150 * DAYS, Some(45 * DAYS)),
    sketch("Bank account linking", &["external_accounts.create"], 230 * DAYS, Some(95 * DAYS)),
    sketch("BI dashboard", READ, 400 * DAYS, Some(2 * HOURS)),
    sketch("Old backend (ask Tom)", PAY, 520 * DAYS, Some(260 * DAYS)),
    sketch("Partner: Sjöberg & Co", READ, 130 * DAYS, Some(101 * DAYS)),
    sketch("経理チーム", BOOKS, 48 * DAYS, Some(DAYS)),
    sketch("Delegation audit", &["delegations.read", "membership.read"], 22 * DAYS, None),
    sketch("Incident runbook", &["wallets.read", "delegations.delete"], 15 * DAYS, None),
    sketch("Sandbox Integration", PAY, 320 * DAYS, Some(18 * MINUTES)).test(),
    sketch("CI end-to-end", PAY, 84 * DAYS, Some(35 * MINUTES)).test(),
    sketch("Mei’s laptop", READ, 27 * DAYS, None).test(),
    sketch("Hackathon", AGENTS, 190 * DAYS, Some(188 * DAYS)).test().revoked(187 * DAYS),
    sketch("Production Backend (2025)", PAY, 500 * DAYS, Some(321 * DAYS)).revoked(319 * DAYS),
    sketch("Leaked in a screenshot", PAY, 66 * DAYS, Some(64 * DAYS)).revoked(64 * DAYS),
];

#[cfg(test)]
mod tests {
    use super::super::catalogue::PROFILE;
    use super::*;

    #[test]
    fn every_key_could_have_been_made_at_the_vendor() {
        for sketch in &REHEARSAL {
            assert!((1..=26).contains(&sketch.name.chars().count()), "{}", sketch.name);
            assert!(sketch.scopes.iter().all(|scope| PROFILE.scope(scope).is_some()), "{}", sketch.name);
        }
    }
}
