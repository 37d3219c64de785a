//! Every screen and the main dialogs, in both themes, as axe judges them in the real page.

use anyhow::{Result, bail};
use keyturn_tests::axe::check;
use keyturn_tests::desk::Desk;
use keyturn_tests::job::{self, Wanted};
use keyturn_tests::page::Page;
use keyturn_tests::rehearsal::{self, NATURAL};

/// Opens a dialog by its button, checks it, and closes it again.
async fn dialog(page: &Page, theme: &str, button: &str, title: &str) -> Result<()> {
    page.press("button", button).await?;
    page.find("dialog", title).await?;
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    check(page, &format!("{theme}: the dialog {title:?}")).await?;
    page.keys("\u{e00c}").await?;
    page.gone("dialog", title).await
}

/// Waits until the page wears the theme.
async fn shown(page: &Page, theme: &str) -> Result<()> {
    let worn = "return document.documentElement.dataset.theme";
    for _ in 0..50 {
        if page.run(worn, vec![]).await? == theme.to_lowercase() {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    bail!("{theme} is not shown")
}

#[tokio::test]
async fn axe_finds_no_fault_on_any_screen_in_both_themes() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    rehearsal::add(&page, NATURAL).await?;
    page.press("link", "Keys").await?;
    job::create(&page, &Wanted { name: "Seen by axe", environment: "Live", scopes: &["leads:view"] }).await?;
    job::save(&desk, &page).await?;
    for theme in ["Light", "Dark"] {
        page.press("link", "Settings").await?;
        page.choose("Appearance", theme).await?;
        shown(&page, theme).await?;
        check(&page, &format!("{theme}: Settings")).await?;
        for screen in ["Keys", "Operations", "Accounts"] {
            page.press("link", screen).await?;
            page.find("link", screen).await?;
            tokio::time::sleep(std::time::Duration::from_millis(400)).await;
            check(&page, &format!("{theme}: {screen}")).await?;
        }
        dialog(&page, theme, "Connect account", "Connect account").await?;
        page.press("link", "Audit").await?;
        for tab in ["Overview", "Changes", "Journal"] {
            page.press("tab", tab).await?;
            tokio::time::sleep(std::time::Duration::from_millis(600)).await;
            check(&page, &format!("{theme}: Audit, {tab}")).await?;
        }
        dialog(&page, theme, "Is this key ours?", "Is this key ours?").await?;
        page.press("link", "Keys").await?;
        dialog(&page, theme, "Create key", "Create key").await?;
        job::open_key(&page, "Seen by axe").await?;
        check(&page, &format!("{theme}: a key's page")).await?;
        dialog(&page, theme, "Rotate", "Rotate key").await?;
        dialog(&page, theme, "Revoke", "Revoke key").await?;
    }
    desk.close().await
}
