//! The five rehearsal accounts as a person adds and reads them in the window.

use anyhow::{Context, Result};
use keyturn_authority::Vendor;

use crate::page::Page;

/// A vendor that can be rehearsed, and what the window calls its account.
#[derive(Debug, Clone, Copy)]
pub struct Rehearsal {
    pub vendor: Vendor,
    pub name: &'static str,
    /// The account's label.
    pub account: &'static str,
}

pub const NATURAL: Rehearsal =
    Rehearsal { vendor: Vendor::Natural, name: "Natural", account: "Natural rehearsal" };
pub const NEURAL_DRAFT: Rehearsal =
    Rehearsal { vendor: Vendor::NeuralDraft, name: "Neural Draft", account: "Neural Draft rehearsal" };
pub const SMARTLEAD: Rehearsal =
    Rehearsal { vendor: Vendor::SmartLead, name: "SmartLead", account: "SmartLead rehearsal" };
pub const LEADTERRA: Rehearsal =
    Rehearsal { vendor: Vendor::Leadterra, name: "Leadterra", account: "Leadterra rehearsal" };

/// Those that a person adds; Naturalead's is there from the first start on.
pub const ADDED: [Rehearsal; 4] = [NATURAL, NEURAL_DRAFT, SMARTLEAD, LEADTERRA];

/// Adds the account and waits for its card.
pub async fn add(page: &Page, rehearsal: Rehearsal) -> Result<()> {
    page.press("link", "Accounts").await?;
    // Where one vendor is left there is nothing to choose: the button adds it at once.
    let menu = page.find("button", "Add rehearsal account").await?.attr("aria-haspopup").await?;
    page.press("button", "Add rehearsal account").await?;
    if menu.is_some() {
        page.press("menuitem", rehearsal.name).await?;
    }
    page.find("article", rehearsal.account).await?;
    Ok(())
}

/// Where the rehearsal's authority listens now, as the account's card shows it.
pub async fn base_url(page: &Page, rehearsal: Rehearsal) -> Result<String> {
    page.press("link", "Accounts").await?;
    let card = page.article(rehearsal.account);
    let text = card.until("its address is shown", |text| text.contains("http://127.0.0.1:")).await?;
    let from = text.find("http://127.0.0.1:").context("no address")?;
    Ok(text[from..].split_whitespace().next().unwrap_or_default().to_owned())
}

/// Opens the page of a key of this account by its name.
pub async fn open_key(page: &Page, rehearsal: Rehearsal, name: &str) -> Result<()> {
    page.press("link", "Keys").await?;
    page.choose("Account", rehearsal.account).await?;
    crate::job::open_key(page, name).await
}
