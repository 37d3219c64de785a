//! Two dozen keys that a company with Naturalead might have.

use crate::engine::sketch::{DAYS, HOURS, MINUTES, Sketch, sketch};

const READ: &[&str] = &["leads:view", "conversations:view", "campaigns:view", "analytics:view"];
const CRM: &[&str] = &["leads:view", "leads:import", "leads:sync_create"];
const IN: i64 = 24 * 3600;

/// Every status, last uses from minutes to 200 days.
pub(super) static REHEARSAL: [Sketch; 24] = [
    sketch("CRM integration", CRM, 210 * DAYS, Some(4 * MINUTES)).expires(155 * IN),
    sketch("Zapier lead import", &["leads:import"], 340 * DAYS, Some(3 * HOURS)),
    sketch("Nightly warehouse export", READ, 95 * DAYS, Some(11 * HOURS)).expires(5 * IN),
    sketch(
        "Support desk bridge",
        &["conversations:view", "conversations:send_message"],
        60 * DAYS,
        Some(25 * MINUTES),
    ),
    sketch("Campaign launcher", &["campaigns:view", "campaigns:launch"], 400 * DAYS, Some(6 * DAYS)),
    sketch("BI dashboard", &["analytics:view"], 500 * DAYS, Some(2 * DAYS)),
    sketch(
        "Mobile app backend",
        &["leads:view", "conversations:view", "conversations:edit"],
        30 * DAYS,
        Some(9 * MINUTES),
    )
    .expires(60 * IN),
    sketch("Website contact form", &["leads:import"], 720 * DAYS, Some(40 * MINUTES)),
    sketch("Old importer (ask Ana before deleting)", CRM, 900 * DAYS, Some(200 * DAYS)),
    sketch("Partner: Müller & Söhne GmbH", READ, 150 * DAYS, Some(97 * DAYS)),
    sketch("営業チームの同期", CRM, 45 * DAYS, Some(DAYS)).expires(45 * IN),
    sketch("Audit exporter", &["audit:view", "audit:export"], 20 * DAYS, Some(8 * DAYS)).expires(70 * IN),
    sketch("Knowledge base upload", &["knowledge:view", "knowledge:upload"], 12 * DAYS, None)
        .expires(78 * IN),
    sketch(
        "Agent configuration sync",
        &["agent_config:view", "agent_config:edit"],
        80 * DAYS,
        Some(33 * DAYS),
    ),
    sketch("A/B test runner", &["ab_testing:view", "ab_testing:manage"], 70 * DAYS, None),
    sketch("Webhook relay", &["conversations:view"], 2 * DAYS, None).expires(88 * IN),
    sketch("Staging smoke tests", READ, 120 * DAYS, Some(15 * MINUTES)).test(),
    sketch("Load test September", CRM, 75 * DAYS, Some(70 * DAYS)).test().expires(-14 * IN),
    sketch("Contractor access", &["leads:view"], 50 * DAYS, Some(49 * DAYS)).test().revoked(48 * DAYS),
    sketch("Sandbox", CRM, 14 * DAYS, Some(5 * HOURS)).test().expires(3 * IN),
    sketch("Ana’s laptop", READ, 33 * DAYS, None).test(),
    sketch("CRM integration (before March)", CRM, 600 * DAYS, Some(215 * DAYS)).revoked(210 * DAYS),
    sketch(
        "Data migration 2025",
        &["leads:view", "leads:sync_create", "leads:sync_delete"],
        380 * DAYS,
        Some(370 * DAYS),
    )
    .expires(-290 * IN),
    sketch(
        "Integration whose name somebody wrote as a whole sentence so that nobody ever deletes it by mistake",
        READ,
        240 * DAYS,
        Some(19 * DAYS),
    ),
];
