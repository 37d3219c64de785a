//! No secret leaks: canaries through the whole tour, then a search of everything the application touched.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use keyturn_authority::Role;
use keyturn_tests::authority::naturalead;
use keyturn_tests::desk::Desk;
use keyturn_tests::desktop::{Desktop, OtherBus, forge};
use keyturn_tests::driver::binary;
use keyturn_tests::job::{self, Wanted};
use keyturn_tests::{canary, page::Page, rotation};

#[tokio::test]
async fn s1_the_whole_tour_at_trace_level_leaves_no_secret_on_disk() -> Result<()> {
    let mut desk = Desk::new()?;
    let store = desk.session.home().join("vendor.db");
    let rehearsed = naturalead(&store, Role::Owner).await?;
    let url = rehearsed.authority.base_url();
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    let wrong = format!("nl_live_{}", "ab12".repeat(16));
    job::connect(&page, "Canary", &url, &wrong).await?;
    page.until("refused", |text| text.contains("not accepted")).await?;
    page.fill("textbox", "Managing key", &rehearsed.managing_key).await?;
    page.press("button", "Connect").await?;
    page.gone("dialog", "Connect account").await?;

    page.press("link", "Keys").await?;
    job::fill_create(&page, &Wanted { name: "Canary key", environment: "Live", scopes: &[] }).await?;
    page.press("button", "Create").await?;
    page.until("refused without scopes", |text| text.to_lowercase().contains("at least one scope")).await?;
    page.press("checkbox", "leads:view").await?;
    page.press("button", "Create").await?;
    page.find("dialog", "Save your new key").await?;
    let created = job::copy(&desk, &page).await?;
    page.press("button", "Reveal key").await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    page.find("dialog", "Save your new key").await?;
    job::acknowledge(&page).await?;
    job::open_key(&page, "Canary key").await?;
    rotation::rotate(&page, rotation::AT_ONCE).await?;
    let rotated = job::copy(&desk, &page).await?;
    rehearsed.authority.stop().await;
    job::acknowledge(&page).await?;
    job::refresh(&page).await?;
    page.press("button", "Lock now").await?;
    page.until("locked", |text| text.contains("ocked")).await?;
    desk.close().await?;

    let secrets = [wrong.as_str(), &rehearsed.managing_key, &created, &rotated];
    let log = std::fs::read_to_string(desk.profile.join("logs/keyturn.log"))?;
    assert!(log.contains("TRACE") || log.contains("DEBUG"), "the log was not at trace level");
    let hits = canary::in_files(desk.session.home(), &secrets)?;
    assert!(hits.is_empty(), "{hits:#?}");
    Ok(())
}

#[tokio::test]
async fn s4_after_the_reveal_window_closed_no_web_process_holds_the_secret() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    job::create(&page, &Wanted { name: "Shown for a moment", environment: "Live", scopes: &["leads:view"] })
        .await?;
    let secret = job::copy(&desk, &page).await?;
    let before = desk.web_processes()?;
    page.press("button", "Reveal key").await?;
    // Reading a web process takes seconds: its own ones only, and not before it had time to paint. The window closes by
    // itself after half a minute.
    until(Duration::from_secs(10), "the reveal window has a process of its own", || {
        Ok(desk.web_processes()?.len() > before.len())
    })
    .await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let own: Vec<u32> = desk.web_processes()?.into_iter().filter(|pid| !before.contains(pid)).collect();
    until(Duration::from_secs(25), "the search must be able to find it", || Ok(held(&own, &secret) > 0))
        .await?;
    let _desktop = close_by_lock(&desk)?;
    until(Duration::from_secs(10), "its process ended", || {
        Ok(desk.web_processes()?.iter().all(|pid| !own.contains(pid)))
    })
    .await?;
    assert_eq!(held(&desk.children()?, &secret), 0, "a web process still holds the secret");
    desk.close().await
}

#[tokio::test]
async fn s5_the_main_process_holds_a_secret_only_while_it_is_used() -> Result<()> {
    let mut desk = Desk::new()?;
    let store = desk.session.home().join("vendor.db");
    let rehearsed = naturalead(&store, Role::Owner).await?;
    let managing = &rehearsed.managing_key;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    job::connect(&page, "Canary", &rehearsed.authority.base_url(), managing).await?;
    page.gone("dialog", "Connect account").await?;
    // What was typed into a window, the window's engine may keep until it ends. From here on Keyturn has the key from
    // its vault.
    desk.close().await?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    let main = desk.pid()?;
    let times = |secret: &str| canary::in_memory(main, secret);
    job::refresh(&page).await?;
    until(Duration::from_secs(5), "idle, no managing key in memory", || Ok(times(managing)? == 0)).await?;
    job::fill_create_in(
        &page,
        "Naturalead (Canary)",
        &Wanted { name: "Canary key", environment: "Live", scopes: &[] },
    )
    .await?;
    page.press("checkbox", "leads:view").await?;
    page.press("button", "Create").await?;
    page.find("dialog", "Save your new key").await?;
    let created = job::copy(&desk, &page).await?;
    until(Duration::from_secs(5), "while it is copied, once in memory", || Ok(times(&created)? == 1)).await?;
    assert_eq!(times(managing)?, 0);
    let _desktop = close_by_lock(&desk)?;
    until(Duration::from_secs(2), "locked, no secret in memory", || {
        Ok(times(&created)? == 0 && times(managing)? == 0)
    })
    .await?;
    desk.close().await
}

/// The screen lock closes the window, as the timer, Escape and leaving it do.
///
/// Who announced it must stay for the answer: a signal of somebody who is gone counts for nothing.
fn close_by_lock(desk: &Desk) -> Result<Desktop> {
    let desktop = Desktop::on(desk.session.bus())?;
    desktop.lock_screen(true)?;
    Ok(desktop)
}

/// How often the secret stands in the memory of these processes. One that ends while it is read holds nothing.
fn held(pids: &[u32], secret: &str) -> usize {
    pids.iter().map(|pid| canary::in_memory(*pid, secret).unwrap_or(0)).sum()
}

async fn until(patience: Duration, what: &str, mut test: impl FnMut() -> Result<bool>) -> Result<()> {
    let from = Instant::now();
    while !test()? {
        if from.elapsed() > patience {
            bail!("not within {patience:?}: {what}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

#[tokio::test]
async fn s6_no_core_dump_and_no_reading_of_its_memory_by_the_same_user() -> Result<()> {
    let desk = Desk::new()?;
    let home = desk.session.home();
    // Root may read everything: the application runs as another user, and that user tries.
    let user = "65534";
    let copy = home.join("keyturn");
    std::fs::copy(binary(), &copy)?;
    for path in [home.to_owned(), copy.clone(), home.join("run"), home.join("tmp"), home.join("run/bus")] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777))?;
    }
    let profile = home.join("other");
    let as_user = |program: &str| {
        let mut command = desk.session.command("setpriv");
        command.args(["--reuid", user, "--regid", user, "--clear-groups", program]);
        command
    };
    std::fs::create_dir(&profile)?;
    std::fs::set_permissions(&profile, std::fs::Permissions::from_mode(0o777))?;
    let mut app = as_user(&copy.display().to_string())
        .args(["--profile", &profile.display().to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let pid = app.id();
    until(Duration::from_secs(20), "the application hardened itself", || {
        let limits = std::fs::read_to_string(format!("/proc/{pid}/limits"))?;
        Ok(limits.lines().any(|line| {
            line.starts_with("Max core file size") && line.split_whitespace().nth(4) == Some("0")
        }))
    })
    .await?;
    until(Duration::from_secs(5), "its memory is closed to its own user", || {
        let read = as_user("head").args(["-c", "1", &format!("/proc/{pid}/environ")]).output()?;
        Ok(!read.status.success())
    })
    .await?;
    app.kill()?;
    app.wait()?;
    Ok(())
}

#[tokio::test]
async fn s7_it_locks_when_the_screen_locks_and_when_the_system_sleeps() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    let desktop = Desktop::on(desk.session.bus())?;
    for (what, announce) in [
        ("the screen", Box::new(|| desktop.lock_screen(true)) as Box<dyn Fn() -> Result<()>>),
        ("sleep", Box::new(|| desktop.sleep(true))),
    ] {
        announce()?;
        let asked = Instant::now();
        page.find("button", "Unlock").await?;
        assert!(
            asked.elapsed() < Duration::from_millis(1500),
            "{what}: locked only after {:?}",
            asked.elapsed()
        );
        page.press("button", "Unlock").await?;
        page.find("button", "Lock now").await?;
    }
    desk.close().await
}

#[tokio::test]
async fn f25_it_locks_with_the_screen_of_any_desktop() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    let desktop = Desktop::on(desk.session.bus())?;
    for saver in
        ["org.xfce.ScreenSaver", "org.mate.ScreenSaver", "org.cinnamon.ScreenSaver", "org.next.ScreenSaver"]
    {
        desktop.lock_screen_as(saver, false)?;
        page.find("button", "Lock now").await?;
        desktop.lock_screen_as(saver, true)?;
        page.find("button", "Unlock").await.context(saver)?;
        page.press("button", "Unlock").await?;
        page.find("button", "Lock now").await?;
    }
    desktop.hint_lock(false)?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    page.find("button", "Lock now").await?;
    desktop.hint_lock(true)?;
    page.find("button", "Unlock").await?;
    desk.close().await
}

#[tokio::test]
async fn f59_a_signal_of_somebody_else_locks_nothing_and_a_bus_that_was_away_is_heard() -> Result<()> {
    let mut desk = Desk::new()?;
    // That a bus ends in the middle cannot be played: GTK's own connection takes the application along.
    let mut system = OtherBus::absent(desk.session.home());
    desk.set("DBUS_SYSTEM_BUS_ADDRESS", system.address());
    let desktop = Desktop::on(desk.session.bus())?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    system.begin()?;
    // Long enough for Keyturn to find a bus on which nobody is logind yet.
    tokio::time::sleep(Duration::from_secs(17)).await;
    let logind = Desktop::on(&system.address())?;
    until(Duration::from_secs(90), "the bus that came later is heard", || Ok(logind.delays() == 1)).await?;
    // The thread that hears of "Lock" has a pause of its own.
    tokio::time::sleep(Duration::from_secs(2)).await;

    for bus in [desk.session.bus(), &system.address()] {
        forge(bus)?;
    }
    logind.lock_session(false)?;
    desktop.lock_screen(false)?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    page.find("button", "Lock now").await?;

    logind.lock_session(true)?;
    page.find("button", "Unlock").await?;
    page.press("button", "Unlock").await?;
    page.find("button", "Lock now").await?;

    logind.sleep(true)?;
    page.find("button", "Unlock").await?;
    desk.close().await
}

#[tokio::test]
async fn f61_the_system_sleeps_only_once_the_vault_is_locked() -> Result<()> {
    let mut desk = Desk::new()?;
    let logind = Desktop::on(desk.session.bus())?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    until(Duration::from_secs(10), "sleep is held up", || Ok(logind.delays() == 1)).await?;
    logind.sleep(true)?;
    until(Duration::from_secs(5), "sleep is let go", || Ok(logind.delays() == 0)).await?;
    let log = std::fs::read_to_string(desk.profile.join("logs/keyturn.log"))?;
    assert!(log.contains("locked"), "it was let go before the vault was locked");
    page.find("button", "Unlock").await?;
    logind.sleep(false)?;
    until(Duration::from_secs(5), "and held up again after waking", || Ok(logind.delays() == 1)).await?;
    desk.close().await
}

#[tokio::test]
async fn s7_it_locks_after_idling() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    page.press("link", "Settings").await?;
    page.choose("Auto-lock", "1 minute").await?;
    until_locked(&page, Duration::from_secs(75)).await?;
    desk.close().await
}

async fn until_locked(page: &Page, patience: Duration) -> Result<()> {
    page.until_within(patience, "it locks by itself", |text| text.contains("Unlock")).await?;
    Ok(())
}
