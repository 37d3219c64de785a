//! Five vendors in the real window: one list, rotations with an overlap and by hand, a bad day.

use std::time::Duration;

use anyhow::Result;
use keyturn_authority::Vendor;
use keyturn_tests::authority::{is_accepted, until_refused};
use keyturn_tests::dashboard::Dashboard;
use keyturn_tests::desk::Desk;
use keyturn_tests::job::{self, Wanted};
use keyturn_tests::page::Page;
use keyturn_tests::rehearsal::{self, ADDED, LEADTERRA, NATURAL, NEURAL_DRAFT, Rehearsal, SMARTLEAD};
use keyturn_tests::rotation;

/// A revoked key is accepted for 20 s more at Neural Draft's rehearsal, and asked with every 10 s.
const DYING: Duration = Duration::from_secs(60);

async fn opened(desk: &mut Desk, rehearsals: &[Rehearsal]) -> Result<Page> {
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    for rehearsal in rehearsals {
        rehearsal::add(&page, *rehearsal).await?;
    }
    page.press("link", "Keys").await?;
    Ok(page)
}

/// Makes a key in this account, and answers with its value.
async fn made(desk: &Desk, page: &Page, rehearsal: Rehearsal, wanted: &Wanted<'_>) -> Result<String> {
    page.press("link", "Keys").await?;
    job::create_in(page, rehearsal.account, wanted).await?;
    job::save(desk, page).await
}

#[tokio::test]
async fn one_list_shows_five_vendors_and_the_picker_knows_patterns() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = opened(&mut desk, &ADDED).await?;

    let wanted = Wanted { name: "Docs dashboard", environment: "Live", scopes: &[] };
    job::fill_create_in(&page, NEURAL_DRAFT.account, &wanted).await?;
    page.until("the limit is shown", |text| text.contains("17 of 20 slots used")).await?;
    page.press("checkbox", "*").await?;
    page.until("everything is a warning", |text| text.contains("may do everything in the project")).await?;
    page.press("checkbox", "*").await?;
    page.press("checkbox", "content:read").await?;
    assert!(page.enabled("checkbox", "content:read").await?);
    page.press("checkbox", "content:*").await?;
    page.until("the pattern absorbs it", |text| text.contains("Included in content:*.")).await?;
    assert!(!page.enabled("checkbox", "content:read").await?);
    page.press("button", "Create").await?;
    page.find("dialog", "Save your new key").await?;
    let value = job::save(&desk, &page).await?;
    assert!(value.starts_with("ndsk_live_"), "the clipboard held something else");

    page.fill("searchbox", "Search keys", "dashboard").await?;
    page.until("one key of each vendor is left", |text| text.contains("5 of ")).await?;
    let rows = page.rows().await?;
    for account in ADDED.map(|added| added.account).into_iter().chain(["Rehearsal"]) {
        let cell = format!(" | {account} | ");
        assert!(rows.iter().any(|row| row.contains(&cell)), "nothing of {account}: {rows:#?}");
    }
    job::open_key(&page, "Docs dashboard").await?;
    let text = page.text().await?;
    assert!(text.contains("content:*") && !text.contains("content:read\n"), "{text}");
    desk.close().await
}

#[tokio::test]
async fn an_overlap_outlives_a_restart_and_ends_with_a_proof_and_another_is_undone() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = opened(&mut desk, &[NEURAL_DRAFT]).await?;
    let wanted = Wanted { name: "Site build", environment: "Live", scopes: &["content:*"] };
    let old = made(&desk, &page, NEURAL_DRAFT, &wanted).await?;
    rehearsal::open_key(&page, NEURAL_DRAFT, "Site build").await?;
    rotation::plan(&page).await?;
    rotation::give_the_old_key(&page, &old).await?;
    // 24 hours are chosen where nothing else is.
    page.press("button", "Rotate").await?;
    page.find("dialog", "Save your new key").await?;
    let new = job::save(&desk, &page).await?;
    let card = rotation::card(&page, "Site build").await?;
    card.until("both work", |text| text.contains("Both keys work") && text.contains("in 23 hours")).await?;
    desk.close().await?;

    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    let url = rehearsal::base_url(&page, NEURAL_DRAFT).await?;
    let taken = async |key: &str| is_accepted(Vendor::NeuralDraft, &url, key).await;
    let card = rotation::card(&page, "Site build").await?;
    card.until("the overlap goes on", |text| text.contains("Both keys work")).await?;
    assert_eq!((taken(&old).await?, taken(&new).await?), (true, true), "both work");
    rotation::settle(&page, &card, "Finish now").await?;
    card.until("it says what it waits for", |text| text.contains("until it is refused")).await?;
    let dead = card
        .until_within(DYING, "the old key is seen dead", |text| text.contains("The old key is dead: refused"))
        .await?;
    assert!(dead.contains("s after its revocation"), "{dead}");
    assert_eq!((taken(&old).await?, taken(&new).await?), (false, true));

    rehearsal::open_key(&page, NEURAL_DRAFT, "webhook-replay").await?;
    rotation::rotate(&page, "1 hour").await?;
    let taken_back = job::save(&desk, &page).await?;
    assert!(taken(&taken_back).await?, "the new key works before it is taken back");
    let card = rotation::card(&page, "webhook-replay").await?;
    rotation::settle(&page, &card, "Undo").await?;
    card.until("the old key stays", |text| text.contains("The old key stays; the new one is revoked"))
        .await?;
    until_refused(NEURAL_DRAFT.vendor, &url, &taken_back, DYING).await?;
    page.press("link", "Keys").await?;
    page.choose("Status", "Active").await?;
    page.until("the old key is active", |text| text.contains("1 of ")).await?;
    desk.close().await
}

#[tokio::test]
async fn natural_rotates_and_a_garbled_reply_makes_its_account_stale() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = opened(&mut desk, &[NATURAL]).await?;
    let scopes = ["api_keys.read", "payments.read"];
    let old =
        made(&desk, &page, NATURAL, &Wanted { name: "Payout watch", environment: "Live", scopes: &scopes })
            .await?;
    let url = rehearsal::base_url(&page, NATURAL).await?;
    let taken = async |key: &str| is_accepted(Vendor::Natural, &url, key).await;
    assert!(taken(&old).await?);
    rehearsal::open_key(&page, NATURAL, "Payout watch").await?;
    rotation::plan(&page).await?;
    page.press("radio", rotation::KILL_NOW).await?;
    rotation::give_the_old_key(&page, &old).await?;
    page.press("button", "Rotate").await?;
    page.find("dialog", "Save your new key").await?;
    let new = job::save(&desk, &page).await?;
    let card = rotation::card(&page, "Payout watch").await?;
    card.until("the old key was seen dead", |text| text.contains("The old key is dead: refused")).await?;
    assert_eq!((taken(&old).await?, taken(&new).await?), (false, true));

    page.press("link", "Keys").await?;
    page.press("button", "Clear filters").await?;
    page.choose("Account", NATURAL.account).await?;
    let counted = |text: &str| {
        text.lines().find(|line| line.contains(" of ") && line.ends_with(" keys")).map(str::to_owned)
    };
    let before =
        counted(&page.until("its keys alone are listed", |text| text.contains("27 of 52 keys")).await?);
    page.press("link", "Accounts").await?;
    let card = page.article(NATURAL.account);
    card.press("button", "Rehearse a bad day").await?;
    card.press("switch", "Garbled reply").await?;
    card.until("it is on", |text| text.contains("1 on")).await?;
    card.press("button", "Refresh").await?;
    card.until("it says what is wrong", |text| text.contains("could not be read since")).await?;
    page.press("link", "Keys").await?;
    page.until("the list says so too", |text| text.contains("could not be read since")).await?;
    let rows = page.rows().await?;
    assert!(rows.len() > 10, "the rows stay: {rows:#?}");
    assert_eq!(counted(&page.text().await?), before, "no row is lost");

    page.press("link", "Accounts").await?;
    card.press("button", "Rehearse a bad day…").await?;
    card.press("switch", "Garbled reply").await?;
    card.press("button", "Retry").await?;
    card.until("it is fresh again", |text| text.contains("Up to date")).await?;
    desk.close().await
}

#[tokio::test]
async fn a_rotation_by_hand_goes_by_way_of_the_dashboard_and_ends_with_a_proof() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = opened(&mut desk, &[LEADTERRA, SMARTLEAD]).await?;

    let dashboard = Dashboard::beside(&rehearsal::base_url(&page, LEADTERRA).await?)?;
    rehearsal::open_key(&page, LEADTERRA, "Website forms").await?;
    rotation::begin_by_hand(&page).await?;
    let made = dashboard.issue("Website forms, renewed").await?;
    page.fill("textbox", "New key", &made).await?;
    page.press("button", "Check and keep").await?;
    page.find("dialog", "Save your new key").await?;
    assert_eq!(job::save(&desk, &page).await?, made);
    let card = rotation::card(&page, "Website forms").await?;
    card.until("both work", |text| text.contains("Both keys work")).await?;
    rotation::settle(&page, &card, "Finish now").await?;
    card.until("it waits for the person", |text| text.contains("is to be revoked in the dashboard")).await?;
    dashboard.revoke("Website forms").await?;
    card.press("button", "I have revoked it").await?;
    card.until("the old key was seen dead", |text| text.contains("The old key is dead: refused")).await?;

    let url = rehearsal::base_url(&page, SMARTLEAD).await?;
    let dashboard = Dashboard::beside(&url)?;
    rehearsal::open_key(&page, SMARTLEAD, "Sales dashboard").await?;
    rotation::begin_by_hand(&page).await?;
    let made = dashboard.regenerate("Sales dashboard").await?;
    desk.put_on_clipboard(&made)?;
    page.press("button", "Paste from clipboard").await?;
    page.press("button", "Check and keep").await?;
    page.find("dialog", "Save your new key").await?;
    assert_eq!(job::save(&desk, &page).await?, made);
    let card = rotation::card(&page, "Sales dashboard").await?;
    card.until("the old key was seen dead", |text| text.contains("The old key is dead: refused")).await?;
    assert!(is_accepted(Vendor::SmartLead, &url, &made).await?, "the new key works");
    desk.close().await
}
