//! The part of the tour that shows five vendors: what is chosen for a key, an overlap, a rotation by hand.

use anyhow::{Result, ensure};
use keyturn_tests::authority::is_accepted;
use keyturn_tests::dashboard::Dashboard;
use keyturn_tests::desk::Desk;
use keyturn_tests::job::{self, Wanted};
use keyturn_tests::page::Page;
use keyturn_tests::rehearsal::{self, ADDED, LEADTERRA, NATURAL, NEURAL_DRAFT, SMARTLEAD};
use keyturn_tests::rotation;

use crate::guide::Guide;

pub(crate) async fn visit(guide: &mut Guide, desk: &Desk, page: &Page) -> Result<()> {
    for added in ADDED {
        rehearsal::add(page, added).await?;
    }
    guide.show(page, "Accounts: five vendors can be rehearsed").await?;
    page.press("link", "Keys").await?;
    page.press("button", "Clear filters").await?;
    page.until("all are listed", |text| !text.contains(" of ")).await?;
    guide.show(page, "One list of five vendors").await?;
    pickers(guide, page).await?;
    overlap(guide, desk, page).await?;
    by_hand(guide, desk, page).await
}

/// What is chosen for a new key at each vendor; two have no scopes, and their keys are brought here.
async fn pickers(guide: &mut Guide, page: &Page) -> Result<()> {
    let scopes = ["payments.create", "payments.read", "wallets.read"];
    let wanted = Wanted { name: "Checkout service", environment: "Live", scopes: &scopes };
    job::fill_create_in(page, NATURAL.account, &wanted).await?;
    guide.show(page, "Create key at Natural").await?;
    page.press("button", "Cancel").await?;
    let wanted = Wanted { name: "Site build", environment: "Live", scopes: &["content:*", "images:read"] };
    job::fill_create_in(page, NEURAL_DRAFT.account, &wanted).await?;
    guide.show(page, "Create key at Neural Draft: a pattern absorbs").await?;
    page.press("button", "Cancel").await?;
    for by_hand in [LEADTERRA, SMARTLEAD] {
        page.press("link", "Accounts").await?;
        page.article(by_hand.account).press("button", "Add key").await?;
        page.find("dialog", "Add key").await?;
        guide.show(page, &format!("Add key of {}: it has no scopes", by_hand.name)).await?;
        page.press("button", "Cancel").await?;
    }
    Ok(())
}

async fn overlap(guide: &mut Guide, desk: &Desk, page: &Page) -> Result<()> {
    let url = rehearsal::base_url(page, NEURAL_DRAFT).await?;
    rehearsal::open_key(page, NEURAL_DRAFT, "vercel-prod").await?;
    rotation::plan(page).await?;
    guide.show(page, "Rotate key with an overlap").await?;
    page.press("button", "Rotate").await?;
    page.find("dialog", "Save your new key").await?;
    let new = job::save(desk, page).await?;
    rotation::card(page, "vercel-prod").await?.find("button", "Finish now").await?;
    ensure!(is_accepted(NEURAL_DRAFT.vendor, &url, &new).await?, "the new key does not work");
    guide.show(page, "Operations during the overlap: both keys work").await
}

async fn by_hand(guide: &mut Guide, desk: &Desk, page: &Page) -> Result<()> {
    let dashboard = Dashboard::beside(&rehearsal::base_url(page, LEADTERRA).await?)?;
    rehearsal::open_key(page, LEADTERRA, "Website forms").await?;
    rotation::plan(page).await?;
    guide.show(page, "Rotate key by hand: the plan").await?;
    page.press("radio", rotation::KILL_NOW).await?;
    page.press("button", "Start rotation").await?;
    page.find("dialog", "Bring the new key").await?;
    guide.show(page, "Rotate key by hand: bring the new key").await?;
    let made = dashboard.issue("Website forms, renewed").await?;
    page.fill("textbox", "New key", &made).await?;
    page.press("button", "Check and keep").await?;
    page.find("dialog", "Save your new key").await?;
    job::save(desk, page).await?;
    let card = rotation::card(page, "Website forms").await?;
    card.find("button", "I have revoked it").await?;
    guide.show(page, "Rotate key by hand: revoke the old one").await?;
    dashboard.revoke("Website forms").await?;
    card.press("button", "I have revoked it").await?;
    card.until("it is seen dead", |text| text.contains("The old key is dead")).await?;
    guide.show(page, "Rotated by hand: the old key was seen refused").await
}
