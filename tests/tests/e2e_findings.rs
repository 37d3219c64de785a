//! Every card of the audit in the real window: each kind of finding is brought about, counted, opened and led on from.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::{TimeDelta, Utc};
use keyturn_authority::{Clock, Config, Role, Vendor};
use keyturn_core::key::{KeyRef, Usage};
use keyturn_core::ports::{Ledger as _, Lookups as _, Observations as _};
use keyturn_storage::SqliteLedger;
use keyturn_tests::authority::{Rehearsed, client, naturalead, rehearse, use_from, use_key};
use keyturn_tests::cutter::{Cut, Cutter};
use keyturn_tests::desk::Desk;
use keyturn_tests::flat::LEDGER;
use keyturn_tests::job::{self, Wanted};
use keyturn_tests::page::Page;
use keyturn_tests::rehearsal::{self, NEURAL_DRAFT};
use keyturn_tests::rotation;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// What a card leads to.
#[derive(Debug, Clone, Copy)]
enum Leads {
    /// The value that nobody has stored yet.
    Save,
    /// A dialog for one key.
    Dialog(&'static str),
    /// A dialog for all of them.
    Batch(&'static str),
    /// Where each key is decided by itself: the list of them, or the page of the only one.
    Keys,
}

/// One card: its title, a key that it must count, the word on its button, and where that leads.
type Card = (&'static str, &'static str, &'static str, Leads);

const CARDS: [Card; 13] = [
    ("Not yet saved", "Left open", "Save", Leads::Save),
    ("Secret never arrived", "Lost on the way", "Revoke", Leads::Dialog("Revoke key")),
    ("Full access", "Everything", "Narrow", Leads::Keys),
    ("Woke up after a long sleep", "Sleeper", "Rotate", Leads::Dialog("Rotate key")),
    ("Used from a new address", "Everything", "Look", Leads::Keys),
    ("Test key in production", "prod-server", "Look", Leads::Keys),
    ("Expires within 7 days", "Nightly warehouse export", "Rotate", Leads::Batch("Rotate keys")),
    ("Older than the policy", "Sleeper", "Rotate", Leads::Batch("Rotate keys")),
    ("Idle for 90 days", "Old importer (ask Ana before deleting)", "Revoke", Leads::Batch("Revoke keys")),
    ("Never used", "A/B test runner", "Revoke", Leads::Batch("Revoke keys")),
    ("Never expires", "Sleeper", "Rotate", Leads::Batch("Rotate keys")),
    ("Same name twice", "Twice", "Look", Leads::Keys),
    ("Account nearly full", "Everything", "Look", Leads::Keys),
];

#[tokio::test]
async fn every_card_counts_its_keys_opens_them_and_offers_the_next_step() -> Result<()> {
    let mut desk = Desk::new()?;
    let archive = Archive::start(&desk.session.home().join("archive.db")).await?;
    let shop = naturalead(&desk.session.home().join("shop.db"), Role::Owner).await?;
    let line = Cutter::start(shop.authority.address()).await?;

    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    rehearsal::add(&page, NEURAL_DRAFT).await?;
    let everything = Wanted { name: "Everything", environment: "Live", scopes: &["*"] };
    page.press("link", "Keys").await?;
    job::create_in(&page, NEURAL_DRAFT.account, &everything).await?;
    let everything = job::save(&desk, &page).await?;
    connect(&page, "Archive", &archive.rehearsed.authority.base_url(), &archive.rehearsed.managing_key)
        .await?;
    connect(&page, "Shop", &line.base_url(), &shop.managing_key).await?;
    lose_a_rotation(&desk, &page, &line).await?;
    for (name, environment) in [("prod-server", "Test"), ("Twice", "Live"), ("Twice", "Live")] {
        create_in_shop(&desk, &page, &Wanted { name, environment, scopes: &["leads:view"] }).await?;
    }
    add_a_policy(&page).await?;
    page.press("link", "Keys").await?;
    job::create_in(
        &page,
        "Naturalead (Shop)",
        &Wanted { name: "Left open", environment: "Live", scopes: &["leads:view"] },
    )
    .await?;
    desk.kill().await?;

    known_for_a_month(&desk.profile.join(LEDGER), "Everything").await?;
    archive.wake().await?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    let drafts = rehearsal::base_url(&page, NEURAL_DRAFT).await?;
    use_from(&drafts, &everything, Ipv4Addr::new(127, 0, 0, 2)).await?;
    job::refresh(&page).await?;
    for card in CARDS {
        look_at(&page, card).await.with_context(|| format!("the card {:?}", card.0))?;
    }
    desk.close().await
}

/// The count, the list behind it, and the step.
async fn look_at(page: &Page, (title, name, step, leads): Card) -> Result<()> {
    page.press("link", "Audit").await?;
    page.press("tab", "Overview").await?;
    page.find("article", title).await?;
    let card = page.article(title);
    let text = card.text().await?;
    let count = text.lines().find_map(|line| line.split_once(" key")?.0.parse::<usize>().ok());
    let count = count.with_context(|| format!("no count: {text}"))?;
    let keys = if count == 1 { "1 key".to_owned() } else { format!("{count} keys") };
    card.press("button", "Why it matters").await?;
    card.press("button", &format!("Show {keys}: {title}")).await?;
    page.find("grid", "API keys").await?;
    page.until("they alone are listed", |text| text.contains(&format!("{count} of "))).await?;
    page.fill("searchbox", "Search keys", name).await?;
    page.find("row", name).await?;

    page.press("link", "Audit").await?;
    let button = match leads {
        Leads::Batch(_) => format!("{step} {keys}"),
        Leads::Save | Leads::Dialog(_) | Leads::Keys => step.to_owned(),
    };
    page.find("article", title).await?;
    card.press("button", &button).await?;
    match leads {
        Leads::Save => {
            page.find("dialog", "Save your new key").await?;
            job::acknowledge(page).await?;
        }
        Leads::Dialog(dialog) | Leads::Batch(dialog) => {
            page.find("dialog", dialog).await?;
            page.keys("\u{e00c}").await?;
            page.gone("dialog", dialog).await?;
        }
        Leads::Keys if count == 1 => {
            page.find("heading", name).await?;
        }
        Leads::Keys => {
            page.until("they alone are listed", |text| text.contains(&format!("{count} of "))).await?;
        }
    }
    Ok(())
}

async fn connect(page: &Page, label: &str, base_url: &str, key: &str) -> Result<()> {
    job::connect(page, label, base_url, key).await?;
    page.gone("dialog", "Connect account").await?;
    page.find("article", label).await?;
    Ok(())
}

async fn create_in_shop(desk: &Desk, page: &Page, wanted: &Wanted<'_>) -> Result<String> {
    page.press("link", "Keys").await?;
    job::create_in(page, "Naturalead (Shop)", wanted).await?;
    job::save(desk, page).await
}

/// The vendor rotates in its one call, and its reply is lost on the way.
async fn lose_a_rotation(desk: &Desk, page: &Page, line: &Cutter) -> Result<()> {
    let wanted = Wanted { name: "Lost on the way", environment: "Live", scopes: &["leads:view"] };
    create_in_shop(desk, page, &wanted).await?;
    job::open_key(page, wanted.name).await?;
    rotation::plan(page).await?;
    page.press("radio", rotation::AT_ONCE).await?;
    line.cut_next("POST /api/api-keys/", Cut::BeforeReply);
    page.press("button", "Rotate").await?;
    page.until("it says what became of it", |text| text.contains("never arrived")).await?;
    page.keys("\u{e00c}").await?;
    page.gone("dialog", "Rotate key").await
}

/// No key of "Archive" may be older than a month.
async fn add_a_policy(page: &Page) -> Result<()> {
    page.press("link", "Settings").await?;
    page.press("button", "Add policy").await?;
    page.find("dialog", "Add policy").await?;
    page.choose("Applies to", "The keys of an account").await?;
    page.choose("Account", "Archive").await?;
    page.fill("textbox", "Maximum age in days", "30").await?;
    page.press("button", "Add policy").await?;
    page.gone("dialog", "Add policy").await
}

/// As if Keyturn had read 40 days ago that the key is used from 127.0.0.1: months cannot pass here.
async fn known_for_a_month(ledger: &Path, name: &str) -> Result<()> {
    let ledger = SqliteLedger::open(ledger)?.ledger;
    let account = ledger.accounts().await?.into_iter().find(|account| account.label == NEURAL_DRAFT.account);
    let account = account.context("no such account")?.id;
    let key = ledger.keys_named(&account, name).await?.pop().context("no such key")?;
    let then = Utc::now() - TimeDelta::days(40);
    let usage =
        [Usage { ip: IpAddr::V4(Ipv4Addr::LOCALHOST).to_string(), last_used_at: Some(then), count: Some(1) }];
    ledger.locate(&KeyRef { account, key }, &usage, then).await?;
    Ok(())
}

/// A vendor whose one key was used 200 days ago, and not since.
struct Archive {
    rehearsed: Rehearsed,
    sleeper: String,
}

impl Archive {
    async fn start(store: &Path) -> Result<Self> {
        let (clock, moved) = Clock::manual(Utc::now() - TimeDelta::days(200));
        let config = Config { clock, ..Config::new(Vendor::Naturalead, store) };
        let rehearsed = rehearse(config, Role::Owner, false).await?;
        let url = rehearsed.authority.base_url();
        let wanted =
            serde_json::json!({ "name": "Sleeper", "scopes": ["leads:view"], "environment": "live" });
        let made = client()?
            .post(format!("{url}/api/api-keys"))
            .header("X-API-Key", &rehearsed.managing_key)
            .json(&wanted)
            .send()
            .await?
            .error_for_status()?;
        let made: serde_json::Value = made.json().await?;
        let sleeper = made["fullKey"].as_str().with_context(|| made.to_string())?.to_owned();
        use_key(&url, &sleeper).await?;
        moved.advance(DAY * 200);
        Ok(Self { rehearsed, sleeper })
    }

    async fn wake(&self) -> Result<()> {
        use_key(&self.rehearsed.authority.base_url(), &self.sleeper).await?;
        Ok(())
    }
}
