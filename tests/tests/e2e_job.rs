//! The whole main job, in the real window, with the real keyring and a real authority.

use anyhow::Result;
use keyturn_tests::authority::use_key;
use keyturn_tests::desk::Desk;
use keyturn_tests::job::{self, Wanted};
use keyturn_tests::rotation;
use reqwest::StatusCode;

const SCOPES: [&str; 3] = ["leads:view", "leads:import", "leads:sync_create"];

#[tokio::test]
async fn the_whole_job_from_first_start_to_restart() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    let authority = job::rehearsal_url(&page).await?;

    page.press("link", "Keys").await?;
    job::create(&page, &Wanted { name: "Nightly import", environment: "Live", scopes: &SCOPES }).await?;
    assert!(!page.enabled("button", "Done").await?, "Done waits for the checkbox");
    let first = job::save(&desk, &page).await?;
    assert!(first.starts_with("nl_live_"), "the clipboard held something else");

    job::open_key(&page, "Nightly import").await?;
    page.until("never used yet", |text| text.contains("Never used")).await?;
    assert_eq!(use_key(&authority, &first).await?, StatusCode::OK);
    job::refresh(&page).await?;
    job::open_key(&page, "Nightly import").await?;
    page.until("its last use moved", |text| !text.contains("Never used")).await?;

    rotation::rotate(&page, rotation::KILL_NOW).await?;
    let second = job::save(&desk, &page).await?;
    assert_ne!(first, second);
    let card = rotation::card(&page, "Nightly import").await?;
    card.until("the vendor says that the old key is dead", |text| text.contains("declared dead")).await?;
    assert_eq!(use_key(&authority, &first).await?, StatusCode::UNAUTHORIZED, "the old key is dead");
    assert_eq!(use_key(&authority, &second).await?, StatusCode::OK, "the new one lives");

    job::open_live(&page, "Nightly import").await?;
    assert!(!page.enabled("button", "Delete").await?, "only a revoked key can be deleted");
    job::revoke(&page, "Nightly import").await?;
    assert_eq!(use_key(&authority, &second).await?, StatusCode::UNAUTHORIZED, "the revoked key is dead");
    page.until("it says revoked", |text| text.contains("Revoked")).await?;
    job::delete(&page).await?;

    job::create(&page, &Wanted { name: "Stays for the restart", environment: "Test", scopes: &SCOPES[..1] })
        .await?;
    job::save(&desk, &page).await?;
    desk.close().await?;

    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    job::open_key(&page, "Stays for the restart").await?;
    let text = page.text().await?;
    assert!(text.contains("leads:view"), "{text}");
    page.press("link", "Keys").await?;
    page.fill("searchbox", "Search keys", "Nightly import").await?;
    page.until("one of the two is left, revoked by the rotation", |text| text.contains("1 of ")).await?;
    desk.close().await
}

#[tokio::test]
async fn a_killed_application_still_has_the_unsaved_key() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    job::create(&page, &Wanted { name: "Almost lost", environment: "Live", scopes: &SCOPES }).await?;
    desk.kill().await?;

    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    page.fill("searchbox", "Search keys", "Almost lost").await?;
    page.until("the row says so", |text| text.to_lowercase().contains("not yet saved")).await?;
    page.press("button", "Not yet saved…").await?;
    page.find("dialog", "Save your new key").await?;
    let value = job::save(&desk, &page).await?;
    let authority = job::rehearsal_url(&page).await?;
    assert_eq!(use_key(&authority, &value).await?, StatusCode::OK);
    page.press("link", "Keys").await?;
    page.until("nothing is left unsaved", |text| !text.to_lowercase().contains("not yet saved")).await?;
    desk.close().await
}

#[tokio::test]
async fn closing_with_an_unsaved_key_asks_first() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    job::create(&page, &Wanted { name: "Asked about", environment: "Test", scopes: &SCOPES[..1] }).await?;
    page.keys("\u{e00c}").await?;
    page.find("dialog", "Close without storing this key?").await?;
    page.press("button", "Keep open").await?;
    page.find("dialog", "Save your new key").await?;
    page.keys("\u{e00c}").await?;
    page.press("button", "Close anyway").await?;
    page.gone("dialog", "Save your new key").await?;
    page.until("the row says so", |text| text.to_lowercase().contains("not yet saved")).await?;
    desk.close().await
}
