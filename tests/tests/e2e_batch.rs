//! Many keys at once in the real window: chosen by a filter, paused, killed in the middle, taken up again, ended.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use keyturn_authority::{Fault, Requests, Role, Times, Vendor};
use keyturn_tests::authority::{Rehearsed, client, naturalead, until_refused, use_key};
use keyturn_tests::desk::Desk;
use keyturn_tests::job::{self, Wanted};
use keyturn_tests::page::Page;
use keyturn_tests::rotation;
use serde_json::Value;

/// How long a whole batch may take in a slow window.
const PATIENCE: Duration = Duration::from_secs(90);

/// The vendor's living keys: id and name, asked past Keyturn.
async fn living(base_url: &str, managing_key: &str) -> Result<Vec<(String, String)>> {
    let url = format!("{base_url}/api/api-keys?limit=100&status=active");
    let reply = client()?.get(url).header("X-API-Key", managing_key).send().await?.error_for_status()?;
    let keys: Vec<Value> = reply.json().await?;
    let text = |key: &Value, field: &str| key[field].as_str().unwrap_or_default().to_owned();
    let live = keys.iter().filter(|key| key["status"] == "active");
    Ok(live.map(|key| (text(key, "id"), text(key, "name"))).collect())
}

fn names(keys: &[(String, String)]) -> Vec<&str> {
    let mut names: Vec<&str> = keys.iter().map(|(_, name)| name.as_str()).collect();
    names.sort_unstable();
    names
}

/// Without the keys that manage: the tests themselves make some.
fn services(keys: &[(String, String)]) -> Vec<&str> {
    names(keys).into_iter().filter(|name| !name.starts_with("Managing key")).collect()
}

/// Opens the dialog for everything that the filter leaves, chooses how, and begins; answers with how many keys it says.
async fn begin(page: &Page) -> Result<usize> {
    page.press("checkbox", "Select all that match").await?;
    page.press("button", "Rotate keys").await?;
    page.find("dialog", "Rotate keys").await?;
    page.until("the plan is read", |text| text.contains("What will happen")).await?;
    page.press("radio", rotation::KILL_NOW).await?;
    let plan = page.until("the plan follows", |text| text.contains("Then it revokes the old key")).await?;
    if let Some((_, rest)) = plan.split_once("Type \u{201c}") {
        let (phrase, _) = rest.split_once('\u{201d}').context("it says what to type")?;
        page.fill("textbox", "Type …", phrase).await?;
    }
    page.press("button", "Rotate …").await?;
    page.gone("dialog", "Rotate keys").await?;
    let said = plan.lines().find(|line| line.contains("will be rotated")).unwrap_or_default();
    let count = said.split(' ').find_map(|word| word.parse().ok());
    count.with_context(|| format!("no number in {said:?}"))
}

/// How many keys the batch's card counts as done.
fn done(text: &str) -> Option<usize> {
    text.lines().find(|line| line.ends_with(" done"))?.split(' ').next()?.parse().ok()
}

/// Connects a shop of its own as "Shop" and begins a batch of "Kill now" for its active keys, while its vendor is slow
/// to answer `requests`; answers with how many keys it says.
async fn begin_in_a_slow_shop(
    page: &Page,
    shop: &Rehearsed,
    requests: Requests,
    millis: u64,
) -> Result<usize> {
    job::wait_for_keys(page).await?;
    job::connect(page, "Shop", &shop.authority.base_url(), &shop.managing_key).await?;
    page.gone("dialog", "Connect account").await?;
    page.find("article", "Shop").await?;
    shop.authority.faults().set_on(requests, Fault::Delay { millis }, Times::UntilCleared);
    page.press("link", "Keys").await?;
    page.choose("Account", "Shop").await?;
    page.choose("Status", "Active").await?;
    begin(page).await
}

#[tokio::test]
async fn a_batch_is_paused_killed_in_the_middle_and_ends_with_each_key_rotated_once() -> Result<()> {
    let mut desk = Desk::new()?;
    let shop = naturalead(&desk.session.home().join("shop.db"), Role::Owner).await?;
    let (url, managing_key) = (shop.authority.base_url(), shop.managing_key.clone());
    let before = living(&url, &managing_key).await?;

    let page = desk.open().await?;
    let count = begin_in_a_slow_shop(&page, &shop, Requests::writes(), 900).await?;
    ensure!(count > 8, "{count} keys are too few to be cut short");

    let title = format!("Rotate {count} keys");
    page.find("article", &title).await?;
    let card = page.article(&title);
    card.until("the first ones are done", |text| done(text) > Some(0)).await?;
    card.press("button", "Pause").await?;
    card.until("it is paused", |text| text.contains("Paused")).await?;
    card.press("button", "Resume").await?;
    let text = card.until("it goes on", |text| text.contains("Under way")).await?;
    ensure!(done(&text) < Some(count), "it is over already: {text}");
    desk.kill().await?;
    shop.authority.faults().clear();

    let page = desk.open().await?;
    page.press("link", "Operations").await?;
    page.find("article", &title).await?;
    let card = page.article(&title);
    let text = card.until_within(PATIENCE, "it has ended", |text| text.contains("Ended")).await?;
    ensure!(done(&text) == Some(count), "{text}");
    card.press("button", "Result for each key").await?;
    card.until("each key has its result", |text| text.matches("Done").count() >= count).await?;

    // The managing key was among them: another one looks.
    let witness = shop.authority.issue_bootstrap_key(Role::Owner)?;
    let mut after = living(&url, &witness).await?;
    let own = after.iter().position(|(_, name)| name.starts_with("Managing key")).context("the witness")?;
    after.remove(own);
    ensure!(names(&after) == names(&before), "before {before:?}, after {after:?}");
    let kept = after.iter().filter(|key| before.contains(key)).count();
    ensure!(kept == before.len() - count, "{kept} of {} keys are the old ones", before.len());
    page.until("every new key waits to be saved", |text| text.contains(&format!("{count} keys"))).await?;
    desk.close().await
}

#[tokio::test]
async fn f41_a_lock_and_an_unlock_beside_requests_in_flight_leave_each_service_its_key() -> Result<()> {
    let mut desk = Desk::new()?;
    let shop = naturalead(&desk.session.home().join("shop.db"), Role::Owner).await?;
    let (url, managing_key) = (shop.authority.base_url(), shop.managing_key.clone());
    let before = living(&url, &managing_key).await?;
    let page = desk.open().await?;
    let count = begin_in_a_slow_shop(&page, &shop, Requests::writes(), 2_500).await?;
    let title = format!("Rotate {count} keys");
    page.find("article", &title).await?;
    for round in 0..3 {
        // Requests are out: some of them make keys, some revoke them.
        tokio::time::sleep(Duration::from_millis(1_700 + 900 * round)).await;
        page.press("button", "Lock now").await?;
        page.press("button", "Unlock").await?;
        page.find("button", "Lock now").await?;
        let witness = shop.authority.issue_bootstrap_key(Role::Owner)?;
        let live = living(&url, &witness).await?;
        let live = services(&live);
        for name in services(&before) {
            ensure!(live.contains(&name), "no key of {name} lives: {live:?}");
        }
    }
    shop.authority.faults().clear();
    page.press("link", "Operations").await?;
    page.find("article", &title).await?;
    let card = page.article(&title);
    card.press("button", "Result for each key").await?;
    let text =
        card.until_within(Duration::from_secs(300), "it has ended", |text| text.contains("Ended")).await?;
    if done(&text) != Some(count) {
        let told = card.until("each has its reason", |text| text.contains("Failed")).await?;
        anyhow::bail!("{text}\n{told}");
    }
    let witness = shop.authority.issue_bootstrap_key(Role::Owner)?;
    let after = living(&url, &witness).await?;
    ensure!(services(&after) == services(&before), "before {before:?}, after {after:?}");
    page.until("every new key waits to be saved", |text| text.contains(&format!("{count} keys"))).await?;
    desk.close().await
}

#[tokio::test]
async fn f60_a_key_is_killed_now_while_another_vendor_hangs() -> Result<()> {
    let mut desk = Desk::new()?;
    let shop = naturalead(&desk.session.home().join("shop.db"), Role::Owner).await?;
    let page = desk.open().await?;
    begin_in_a_slow_shop(&page, &shop, Requests::default(), 25_000).await?;

    page.press("link", "Keys").await?;
    page.press("button", "Clear filters").await?;
    let leaked = Wanted { name: "Leaked", environment: "Live", scopes: &["leads:view"] };
    job::create_in(&page, "Naturalead (Rehearsal)", &leaked).await?;
    let old = job::save(&desk, &page).await?;
    let rehearsal = job::rehearsal_url(&page).await?;
    job::open_key(&page, "Leaked").await?;
    let began = Instant::now();
    rotation::rotate(&page, rotation::KILL_NOW).await?;
    let new = job::save(&desk, &page).await?;
    until_refused(Vendor::Naturalead, &rehearsal, &old, Duration::from_secs(12)).await?;
    assert!(began.elapsed() < Duration::from_secs(20), "killed only after {:?}", began.elapsed());
    assert!(use_key(&rehearsal, &new).await?.is_success());
    shop.authority.faults().clear();
    desk.kill().await
}
