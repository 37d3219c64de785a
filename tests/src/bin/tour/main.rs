//! The tour: the whole main job and what the other vendors add to it, driven through the real window, each step printed and pictured.
#![allow(clippy::print_stdout, reason = "the steps are printed for the person who watches")]

mod guide;
mod vendors;

use anyhow::{Result, ensure};
use keyturn_tests::authority::use_key;
use keyturn_tests::desk::Desk;
use keyturn_tests::job::{self, Wanted};
use keyturn_tests::rotation;
use reqwest::StatusCode;

use guide::Guide;

const NAME: &str = "CRM nightly sync";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut guide = Guide::new();
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    guide.show(&page, "First start: the rehearsal account is connected and its keys are listed").await?;

    let wanted = Wanted {
        name: NAME,
        environment: "Live",
        scopes: &["leads:view", "leads:import", "leads:sync_create"],
    };
    job::fill_create(&page, &wanted).await?;
    guide.show(&page, "Create key at Naturalead: exactly the scopes it needs").await?;
    page.press("button", "Create").await?;
    page.find("dialog", "Save your new key").await?;
    guide.show(&page, "The key is made and sealed; it is shown once, masked").await?;
    let first = job::copy(&desk, &page).await?;
    guide.show(&page, "Copied: marked as a secret, and cleared from the clipboard in time").await?;
    job::acknowledge(&page).await?;

    let authority = job::rehearsal_url(&page).await?;
    guide.show(&page, "Accounts: where the keys come from and how fresh they are").await?;
    ensure!(use_key(&authority, &first).await? == StatusCode::OK, "the new key does not work");
    job::refresh(&page).await?;
    job::open_key(&page, NAME).await?;
    page.until("its last use moved", |text| !text.contains("Never used")).await?;
    guide.show(&page, "The key was used: its last use moved").await?;

    rotation::plan(&page).await?;
    guide.show(&page, "Rotate key: the plan in words, before anything happens").await?;
    page.press("radio", rotation::KILL_NOW).await?;
    page.press("button", "Rotate").await?;
    page.find("dialog", "Save your new key").await?;
    let second = job::copy(&desk, &page).await?;
    guide.show(&page, "Rotated: the successor waits to be saved").await?;
    job::acknowledge(&page).await?;
    let card = rotation::card(&page, NAME).await?;
    card.until("the vendor says that the old key is dead", |text| text.contains("declared dead")).await?;
    ensure!(use_key(&authority, &first).await? == StatusCode::UNAUTHORIZED, "the old key still works");
    ensure!(use_key(&authority, &second).await? == StatusCode::OK, "the new key does not work");

    job::open_live(&page, NAME).await?;
    page.press("button", "Revoke").await?;
    page.find("dialog", "Revoke key").await?;
    page.fill("textbox", "Type the key's name to confirm", NAME).await?;
    guide.show(&page, "Revoke key: what it is, when it was last used, and its name typed").await?;
    page.press("button", "Revoke").await?;
    page.gone("dialog", "Revoke key").await?;
    ensure!(use_key(&authority, &second).await? == StatusCode::UNAUTHORIZED, "the revoked key still works");
    page.until("it says revoked", |text| text.contains("Revoked")).await?;
    guide.show(&page, "Revoked: now it can be deleted").await?;
    page.press("button", "Delete").await?;
    page.find("dialog", "Delete key").await?;
    guide.show(&page, "Delete key: for good").await?;
    page.press("button", "Delete").await?;
    page.gone("dialog", "Delete key").await?;

    vendors::visit(&mut guide, &desk, &page).await?;

    page.press("link", "Settings").await?;
    guide.show(&page, "Settings").await?;
    desk.close().await?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    guide.show(&page, "After a restart all of it is there again").await?;
    desk.close().await?;
    guide.end();
    Ok(())
}
