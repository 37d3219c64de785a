//! A rotation as a person does it in the window: begun from the key's page, followed under Operations.

use anyhow::Result;

use crate::page::Page;

/// The vendor's one call: the old key dies as the new one is made.
pub const AT_ONCE: &str = "At once, in one call";
/// The old key goes as soon as the new one was seen to work and is saved.
pub const KILL_NOW: &str = "Kill now";

/// Opens the plan for the key whose page is open, and reads it to its end.
pub async fn plan(page: &Page) -> Result<()> {
    page.press("button", "Rotate").await?;
    page.find("dialog", "Rotate key").await?;
    page.until("the plan is read", |text| text.contains("What will happen")).await?;
    Ok(())
}

/// Rotates the key whose page is open; the dialog "Save your new key" is open afterwards.
pub async fn rotate(page: &Page, choice: &str) -> Result<()> {
    plan(page).await?;
    page.press("radio", choice).await?;
    page.press("button", "Rotate").await?;
    page.find("dialog", "Save your new key").await?;
    Ok(())
}

/// Hands the old key over in the open plan, so that its death can be proved.
pub async fn give_the_old_key(page: &Page, old: &str) -> Result<()> {
    page.press("button", "Prove that the old key is dead").await?;
    page.fill("textbox", "Old key", old).await
}

/// Begins a rotation by hand of the key whose page is open; the dialog "Bring the new key" is open afterwards.
pub async fn begin_by_hand(page: &Page) -> Result<()> {
    plan(page).await?;
    page.press("button", "Start rotation").await?;
    page.find("dialog", "Bring the new key").await?;
    Ok(())
}

/// Opens the screen "Operations" and answers with the card of the one that is called so.
pub async fn card(page: &Page, name: &str) -> Result<Page> {
    page.press("link", "Operations").await?;
    page.find("article", name).await?;
    Ok(page.article(name))
}

/// Presses "Finish now" or "Undo" on a card, and again in the dialog that asks.
pub async fn settle(page: &Page, card: &Page, button: &str) -> Result<()> {
    let dialog = format!("{} rotation", button.split(' ').next().unwrap_or(button));
    card.press("button", button).await?;
    page.find("dialog", &dialog).await?;
    page.press("button", button).await?;
    page.gone("dialog", &dialog).await
}
