//! Copying: marked as a secret, cleared on time, on lock, on quit and on SIGTERM, and only while it is still ours.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use keyturn_tests::desk::Desk;
use keyturn_tests::job::{self, Wanted};
use keyturn_tests::page::Page;

async fn with_a_new_key(desk: &mut Desk) -> Result<Page> {
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    job::create(&page, &Wanted { name: "To be copied", environment: "Test", scopes: &["leads:view"] })
        .await?;
    Ok(page)
}

async fn until_cleared(desk: &Desk, patience: Duration) -> Result<Duration> {
    let from = Instant::now();
    while !desk.clipboard()?.is_empty() {
        if from.elapsed() > patience {
            bail!("the clipboard still holds the key after {patience:?}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(from.elapsed())
}

#[tokio::test]
async fn c1_a_copied_key_is_marked_as_a_secret_and_cleared_on_time() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    page.press("link", "Settings").await?;
    page.choose("Clear the clipboard after", "10 seconds").await?;
    page.press("link", "Keys").await?;
    job::create(&page, &Wanted { name: "To be copied", environment: "Test", scopes: &["leads:view"] })
        .await?;
    job::copy(&desk, &page).await?;
    let targets =
        desk.session.command("xclip").args(["-o", "-selection", "clipboard", "-t", "TARGETS"]).output()?;
    let targets = String::from_utf8_lossy(&targets.stdout).into_owned();
    assert!(targets.contains("x-kde-passwordManagerHint"), "not marked as a secret: {targets}");
    let took = until_cleared(&desk, Duration::from_secs(14)).await?;
    assert!(took > Duration::from_secs(5), "cleared after {took:?}, before its time");
    page.until("it says so", |text| text.contains("Clipboard cleared")).await?;
    desk.close().await
}

#[tokio::test]
async fn c1_locking_clears_the_clipboard() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = with_a_new_key(&mut desk).await?;
    job::save(&desk, &page).await?;
    page.press("button", "Lock now").await?;
    until_cleared(&desk, Duration::from_secs(2)).await?;
    desk.close().await
}

#[tokio::test]
async fn c1_sigterm_clears_the_clipboard() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = with_a_new_key(&mut desk).await?;
    job::copy(&desk, &page).await?;
    desk.close().await?;
    until_cleared(&desk, Duration::from_secs(1)).await?;
    Ok(())
}

#[tokio::test]
async fn f04_no_secret_stays_in_the_selection_that_a_middle_click_pastes() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = with_a_new_key(&mut desk).await?;
    let secret = job::copy(&desk, &page).await?;
    page.press("button", "Reveal key").await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    desk.click_into("Keyturn: your key", 3)?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!desk.marked()?.contains(&secret[8..40]), "a shown key cannot be marked");
    job::acknowledge(&page).await?;

    for ends in ["Done", "Lock now"] {
        page.press("link", "Audit").await?;
        page.press("button", "Is this key ours?").await?;
        page.fill("textbox", "Key or text", &secret).await?;
        page.find("textbox", "Key or text").await?.click().await?;
        page.keys("\u{e009}a\u{e000}").await?;
        let from = Instant::now();
        // What is marked stands there, as it is painted: in dots.
        while desk.marked()?.is_empty() {
            if from.elapsed() > Duration::from_secs(5) {
                bail!("nothing of what is marked in a field is in the selection");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(!desk.marked()?.contains(&secret[8..40]));
        if ends == "Done" {
            page.press("button", ends).await?;
        } else {
            // Behind the dialog: a screen that locks does the same.
            let desktop = keyturn_tests::desktop::Desktop::on(desk.session.bus())?;
            desktop.lock_screen(true)?;
            page.until("it is locked", |text| text.contains("Unlock")).await?;
        }
        let from = Instant::now();
        while !desk.marked()?.is_empty() {
            if from.elapsed() > Duration::from_secs(3) {
                bail!("{ends}: what was marked is still in the selection: {:?}", desk.marked()?);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    desk.close().await
}

#[tokio::test]
async fn c2_two_copies_in_a_row_and_another_program_s_text_survive() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = with_a_new_key(&mut desk).await?;
    let first = job::copy(&desk, &page).await?;
    page.press("button", "Copied").await?;
    assert_eq!(desk.clipboard()?, first);
    desk.put_on_clipboard("another program's text")?;
    job::acknowledge(&page).await?;
    page.press("button", "Lock now").await?;
    page.until("it is locked", |text| text.contains("ocked")).await?;
    assert_eq!(desk.clipboard()?, "another program's text", "never another's text");
    desk.close().await?;
    assert_eq!(desk.clipboard()?, "another program's text", "not on quitting either");
    Ok(())
}
