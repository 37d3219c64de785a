//! A vendor's dashboard as a person uses it: its page is read and its forms are sent, over HTTP.

use anyhow::{Context, Result, ensure};
use reqwest::Client;
use url::Url;

use crate::authority::client;

/// The dashboard of a rehearsal.
#[derive(Debug)]
pub struct Dashboard {
    client: Client,
    page: Url,
}

impl Dashboard {
    /// The one that stands beside the API at `base_url`.
    pub fn beside(base_url: &str) -> Result<Self> {
        Ok(Self { client: client()?, page: Url::parse(base_url)?.join("/dashboard")? })
    }

    /// Makes a key and answers with its value.
    pub async fn issue(&self, label: &str) -> Result<String> {
        value(&self.send("issue", &[("label", label)]).await?)
    }

    /// Gives the key of this label another value; the old one is dead at once.
    pub async fn regenerate(&self, label: &str) -> Result<String> {
        let id = self.id("regenerate", label).await?;
        value(&self.send("regenerate", &[("id", &id)]).await?)
    }

    pub async fn revoke(&self, label: &str) -> Result<()> {
        let id = self.id("revoke", label).await?;
        self.send("revoke", &[("id", &id)]).await.map(drop)
    }

    async fn read(&self) -> Result<String> {
        Ok(self.client.get(self.page.clone()).send().await?.error_for_status()?.text().await?)
    }

    async fn send(&self, deed: &str, fields: &[(&str, &str)]) -> Result<String> {
        let page = self.read().await?;
        let token = between(&page, "name=\"token\" value=\"", "\"").context("the page has no form")?;
        let form = Url::parse_with_params("form:", fields.iter().chain(&[("token", token)]))?;
        let request = self.client.post(format!("{}/{deed}", self.page));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let reply = request.body(form.query().unwrap_or_default().to_owned()).send().await?;
        let status = reply.status();
        let page = reply.text().await?;
        ensure!(status.is_success(), "{deed}: {status}: {:?}", between(&page, "role=\"alert\">", "<"));
        Ok(page)
    }

    /// What the button beside the key of this label sends.
    async fn id(&self, deed: &str, label: &str) -> Result<String> {
        let page = self.read().await?;
        let row = between(&page, &format!("<th scope=\"row\">{label}</th>"), "</tr>");
        let form = row.and_then(|row| between(row, &format!("action=\"/dashboard/{deed}\">"), "</form>"));
        let id = form.and_then(|form| between(form, "name=\"id\" value=\"", "\""));
        Ok(id.with_context(|| format!("no button to {deed} {label:?}"))?.to_owned())
    }
}

/// The new key, which the page shows once.
fn value(page: &str) -> Result<String> {
    let value = between(page, "<input id=\"value\" readonly value=\"", "\"");
    Ok(value.context("the page shows no new key")?.to_owned())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}
