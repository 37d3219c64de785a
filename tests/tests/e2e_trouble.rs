//! When things go wrong, the window says so in words and loses nothing.

use std::time::{Duration, Instant};

use anyhow::Result;
use keyturn_authority::{Authority, Config, Role, Vendor};
use keyturn_tests::authority::{naturalead, rehearse};
use keyturn_tests::desk::Desk;
use keyturn_tests::job::{self, Wanted};
use keyturn_tests::session::Keyring;

#[tokio::test]
async fn a_wrong_managing_key_is_refused_with_words() -> Result<()> {
    let mut desk = Desk::new()?;
    let rehearsed = naturalead(&desk.session.home().join("vendor.db"), Role::Owner).await?;
    let url = rehearsed.authority.base_url();
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;

    let cut = &rehearsed.managing_key[..40];
    job::connect(&page, "Production", &url, cut).await?;
    page.until("it says that the key is cut short", |text| text.contains("cut short")).await?;

    let unknown = format!("nl_live_{}", "0".repeat(64));
    page.fill("textbox", "Managing key", &unknown).await?;
    page.press("button", "Connect").await?;
    page.until("the vendor's refusal stands in the dialog", |text| text.contains("not accepted")).await?;

    page.fill("textbox", "Managing key", &rehearsed.managing_key).await?;
    page.press("button", "Connect").await?;
    page.gone("dialog", "Connect account").await?;
    page.until("the account is there", |text| text.contains("Production")).await?;
    rehearsed.authority.stop().await;
    desk.close().await
}

#[tokio::test]
async fn an_account_goes_only_with_what_was_seen_to_be_lost() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    job::create(&page, &Wanted { name: "Never stored", environment: "Live", scopes: &["leads:view"] })
        .await?;
    page.keys("\u{e00c}").await?;
    page.press("button", "Close anyway").await?;
    page.gone("dialog", "Save your new key").await?;

    page.press("link", "Accounts").await?;
    page.press("button", "Disconnect").await?;
    page.until("it names the key that nobody stored", |text| text.contains("1 secret not saved yet")).await?;
    page.until("by its name", |text| text.contains("Never stored")).await?;
    assert!(!page.enabled("button", "Disconnect").await?, "nothing is destroyed without a yes");
    page.press("checkbox", "Destroy what is not saved").await?;
    page.press("button", "Disconnect").await?;
    page.gone("dialog", "Disconnect account").await?;
    page.until("the account is gone", |text| text.contains("No account is connected")).await?;
    desk.close().await
}

#[tokio::test]
async fn a_stopped_vendor_makes_its_account_stale_and_a_started_one_fresh_again() -> Result<()> {
    let mut desk = Desk::new()?;
    let store = desk.session.home().join("vendor.db");
    let rehearsed = naturalead(&store, Role::Owner).await?;
    let (url, address) = (rehearsed.authority.base_url(), rehearsed.authority.address());
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    job::connect(&page, "Production", &url, &rehearsed.managing_key).await?;
    page.gone("dialog", "Connect account").await?;
    page.press("link", "Keys").await?;
    page.choose("Account", "Production").await?;
    let before = page.until("its keys alone are listed", |text| text.contains("25 of 50 keys")).await?;

    rehearsed.authority.stop().await;
    page.press("button", "Refresh").await?;
    let stale =
        page.until("it says since when it is stale", |text| text.contains("could not be read")).await?;
    assert!(stale.contains("Production"), "{stale}");
    assert_eq!(counted(&before), counted(&stale), "no row is lost");

    let mut config = Config::new(Vendor::Naturalead, &store);
    config.listen = address;
    let again = Authority::start(config).await?;
    page.press("button", "Refresh").await?;
    page.until("it is fresh again", |text| !text.contains("could not be read")).await?;
    again.stop().await;
    desk.close().await
}

#[tokio::test]
async fn a_list_that_lacks_most_keys_is_believed_only_on_the_persons_word() -> Result<()> {
    let mut desk = Desk::new()?;
    let store = desk.session.home().join("vendor.db");
    let bare = desk.session.home().join("bare.db");
    let rehearsed = rehearse(Config::new(Vendor::Naturalead, &store), Role::Owner, false).await?;
    let (url, address) = (rehearsed.authority.base_url(), rehearsed.authority.address());
    rehearsed.authority.stop().await;
    std::fs::copy(&store, &bare)?;
    let at = |store| {
        let mut config = Config::new(Vendor::Naturalead, store);
        config.listen = address;
        Authority::start(config)
    };
    let full = at(&store).await?;
    full.seed_rehearsal()?;

    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    job::connect(&page, "Production", &url, &rehearsed.managing_key).await?;
    page.gone("dialog", "Connect account").await?;
    page.press("link", "Keys").await?;
    page.choose("Account", "Production").await?;
    let before = page.until("its keys alone are listed", |text| text.contains("25 of 50 keys")).await?;
    full.stop().await;
    let emptied = at(&bare).await?;
    page.press("button", "Refresh").await?;
    let doubted = page.until("the list is in doubt", |text| text.contains("has been in doubt since")).await?;
    assert_eq!(counted(&before), counted(&doubted), "no row is lost");

    page.press("button", "Take the new list").await?;
    page.find("dialog", "Take the new list").await?;
    page.press("button", "Take the new list").await?;
    page.gone("dialog", "Take the new list").await?;
    page.until("only the managing key is left", |text| text.contains("1 of 26 keys")).await?;
    page.until("nothing is in doubt", |text| !text.contains("has been in doubt since")).await?;
    emptied.stop().await;
    desk.close().await
}

/// `24 of 49 keys`.
fn counted(text: &str) -> Option<&str> {
    text.lines().find(|line| line.contains(" of ") && line.trim_end().ends_with("keys"))
}

#[tokio::test]
async fn k2_without_a_keyring_the_window_says_what_to_do_and_quits_at_once() -> Result<()> {
    let mut desk = Desk::with(Keyring::Absent)?;
    let page = desk.open().await?;
    page.until("it says that no keyring answered", |text| text.to_lowercase().contains("keyring")).await?;
    page.press("link", "Accounts").await?;
    page.press("link", "Settings").await?;
    page.press("link", "Keys").await?;

    // The keyring comes later, as after a login: nothing was cached.
    desk.session.start_keyring()?;
    page.press("button", "Try again").await?;
    job::wait_for_keys(&page).await?;

    let asked = Instant::now();
    desk.close().await?;
    assert!(asked.elapsed() < Duration::from_secs(4), "quitting waited for {:?}", asked.elapsed());
    Ok(())
}

#[tokio::test]
async fn k2_a_keyring_killed_in_the_middle_disables_what_needs_a_secret() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    desk.session.kill_keyring()?;
    page.press("button", "Lock now").await?;
    page.until("it is locked", |text| text.contains("ocked")).await?;
    page.press("button", "Unlock").await?;
    page.until_within(Duration::from_secs(8), "it says that the keyring is gone", |text| {
        text.to_lowercase().contains("keyring") && text.contains("Try again")
    })
    .await?;
    page.press("link", "Keys").await?;
    page.find("grid", "API keys").await?;
    desk.close().await
}

#[tokio::test]
async fn a_role_that_may_not_grant_a_scope_is_told_and_the_scope_is_disabled_from_then_on() -> Result<()> {
    let mut desk = Desk::new()?;
    let rehearsed = naturalead(&desk.session.home().join("vendor.db"), Role::Restricted).await?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    job::connect(&page, "Restricted", &rehearsed.authority.base_url(), &rehearsed.managing_key).await?;
    page.gone("dialog", "Connect account").await?;
    page.press("link", "Keys").await?;
    page.press("button", "Create key").await?;
    page.find("dialog", "Create key").await?;
    page.choose("Account", "Naturalead (Restricted)").await?;
    page.fill("textbox", "Name", "Too much").await?;
    page.press("checkbox", "campaigns:delete").await?;
    page.press("button", "Create").await?;
    page.until("the refused permission is named", |text| {
        text.contains("your role lacks") || text.contains("Your role lacks")
    })
    .await?;
    page.until("the picker says why", |text| text.contains("refused to grant this scope")).await?;
    assert!(!page.enabled("checkbox", "campaigns:delete").await?);
    rehearsed.authority.stop().await;
    desk.close().await
}

#[tokio::test]
async fn a_second_start_with_the_same_profile_focuses_the_first_window() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    let first = desk.pid()?;
    let profile = desk.profile.display().to_string();
    let second =
        desk.session.command(keyturn_tests::driver::binary()).args(["--profile", &profile]).output()?;
    assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stderr));
    assert_eq!(desk.pid()?, first, "the first one runs on");
    let log = std::fs::read_to_string(desk.profile.join("logs/keyturn.log"))?;
    assert!(log.contains("came forward"), "the first window was not called");
    job::create(&page, &Wanted { name: "Still works", environment: "Test", scopes: &["leads:view"] }).await?;
    job::save(&desk, &page).await?;
    desk.close().await
}
