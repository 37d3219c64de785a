//! The main job as a person does it in the window, one function a step. The tour and the tests share it.

use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::desk::Desk;
use crate::page::Page;

/// What a person asks for in the dialog "Create key".
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    pub name: &'a str,
    pub environment: &'a str,
    pub scopes: &'a [&'a str],
}

/// Waits until the rehearsal account was connected and its keys are listed.
pub async fn wait_for_keys(page: &Page) -> Result<()> {
    page.press("link", "Keys").await?;
    page.find("grid", "API keys").await?;
    page.until("the rehearsal's keys are listed", |text| {
        text.contains("Rehearsal") && text.contains(" keys")
    })
    .await?;
    Ok(())
}

/// Fills the dialog "Create key" up to its last button, for the account that it offers first.
pub async fn fill_create(page: &Page, wanted: &Wanted<'_>) -> Result<()> {
    page.press("button", "Create key").await?;
    page.find("dialog", "Create key").await?;
    fill(page, wanted).await
}

/// The same for another account.
pub async fn fill_create_in(page: &Page, account: &str, wanted: &Wanted<'_>) -> Result<()> {
    page.press("button", "Create key").await?;
    page.find("dialog", "Create key").await?;
    page.choose("Account", account).await?;
    fill(page, wanted).await
}

async fn fill(page: &Page, wanted: &Wanted<'_>) -> Result<()> {
    page.fill("textbox", "Name", wanted.name).await?;
    page.choose("Environment", wanted.environment).await?;
    for scope in wanted.scopes {
        page.press("checkbox", scope).await?;
    }
    Ok(())
}

/// Makes a key; the dialog "Save your new key" is open afterwards.
pub async fn create(page: &Page, wanted: &Wanted<'_>) -> Result<()> {
    fill_create(page, wanted).await?;
    send(page).await
}

/// The same in another account.
pub async fn create_in(page: &Page, account: &str, wanted: &Wanted<'_>) -> Result<()> {
    fill_create_in(page, account, wanted).await?;
    send(page).await
}

async fn send(page: &Page) -> Result<()> {
    page.press("button", "Create").await?;
    page.find("dialog", "Save your new key").await?;
    Ok(())
}

/// Copies the key in the open dialog and answers with what another program finds on the clipboard.
pub async fn copy(desk: &Desk, page: &Page) -> Result<String> {
    page.press("button", "Copy key").await?;
    page.find("button", "Copied").await?;
    let copied = desk.clipboard()?;
    if copied.is_empty() {
        bail!("nothing is on the clipboard");
    }
    Ok(copied)
}

/// Says that the key is stored and ends the dialog.
pub async fn acknowledge(page: &Page) -> Result<()> {
    page.press("checkbox", "I have stored this key").await?;
    page.press("button", "Done").await?;
    page.gone("dialog", "Save your new key").await
}

/// Copy, acknowledge, and the value.
pub async fn save(desk: &Desk, page: &Page) -> Result<String> {
    let value = copy(desk, page).await?;
    acknowledge(page).await?;
    Ok(value)
}

/// Opens a key's page by searching for its name.
pub async fn open_key(page: &Page, name: &str) -> Result<()> {
    page.press("link", "Keys").await?;
    page.fill("searchbox", "Search keys", name).await?;
    page.press("row", name).await?;
    page.find("heading", name).await?;
    Ok(())
}

/// Opens the page of the one live key of this name: a rotated predecessor bears it as well.
pub async fn open_live(page: &Page, name: &str) -> Result<()> {
    page.press("link", "Keys").await?;
    page.choose("Status", "Active").await?;
    open_key(page, name).await
}

/// Revokes the key whose page is open.
pub async fn revoke(page: &Page, name: &str) -> Result<()> {
    page.press("button", "Revoke").await?;
    page.find("dialog", "Revoke key").await?;
    page.fill("textbox", "Type the key's name to confirm", name).await?;
    page.press("button", "Revoke").await?;
    page.gone("dialog", "Revoke key").await
}

/// Deletes the revoked key whose page is open.
pub async fn delete(page: &Page) -> Result<()> {
    page.press("button", "Delete").await?;
    page.find("dialog", "Delete key").await?;
    page.press("button", "Delete").await?;
    page.gone("dialog", "Delete key").await
}

/// Fills the dialog "Connect account" with a typed key and sends it.
pub async fn connect(page: &Page, label: &str, base_url: &str, key: &str) -> Result<()> {
    page.press("link", "Accounts").await?;
    page.press("button", "Connect account").await?;
    page.find("dialog", "Connect account").await?;
    page.fill("textbox", "Label", label).await?;
    page.fill("textbox", "Managing key", key).await?;
    if page.look_for("textbox", "Base URL").await?.is_none() {
        page.press("button", "Advanced").await?;
    }
    page.fill("textbox", "Base URL", base_url).await?;
    page.press("button", "Connect").await
}

/// The rehearsal authority's address, as the accounts screen shows it.
pub async fn rehearsal_url(page: &Page) -> Result<String> {
    page.press("link", "Accounts").await?;
    let text =
        page.until("the rehearsal's address is shown", |text| text.contains("http://127.0.0.1:")).await?;
    let from = text.find("http://127.0.0.1:").context("no address")?;
    Ok(text[from..].split_whitespace().next().unwrap_or_default().to_owned())
}

/// Reads every account anew and waits until it is done.
pub async fn refresh(page: &Page) -> Result<()> {
    page.press("link", "Keys").await?;
    page.press("button", "Refresh").await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    page.find("button", "Refresh").await?;
    Ok(())
}
