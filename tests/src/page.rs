//! What a person does in the window: finds controls by role and name, presses, types, reads.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use fantoccini::Client;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use serde_json::{Value, json};

/// How long a control may take to appear.
pub const PATIENCE: Duration = Duration::from_secs(20);

const FIND: &str = include_str!("find.js");

/// What is read of a page, or of one article of it; nothing where that is not there.
const TEXT: &str = r"
const [article] = arguments;
if (!article) return document.body.innerText;
const named = (e) => document.getElementById(e.getAttribute('aria-labelledby'))?.innerText.trim() === article;
return [...document.querySelectorAll('article')].find(named)?.innerText ?? '';
";

const ROWS: &str = r"
const cells = (row) => [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.innerText.trim());
return [...document.querySelectorAll('[role=row]')].map((row) => cells(row).join(' | ')).filter(Boolean);
";

/// The window's page, or one article of it.
#[derive(Debug, Clone)]
pub struct Page {
    client: Client,
    article: Option<String>,
}

impl Page {
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, article: None }
    }

    /// The same page, looked at only within the article of this name: one card of several.
    #[must_use]
    pub fn article(&self, name: &str) -> Self {
        Self { client: self.client.clone(), article: Some(name.to_owned()) }
    }

    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The control with this role and accessible name; waits until it is there and shown.
    pub async fn find(&self, role: &str, name: &str) -> Result<Element> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(element) = self.look_for(role, name).await? {
                return Ok(element);
            }
            if Instant::now() > deadline {
                let text = self.text().await.unwrap_or_default();
                bail!("no {role} named {name:?} within {PATIENCE:?}. The page says:\n{text}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The same, at once.
    pub async fn look_for(&self, role: &str, name: &str) -> Result<Option<Element>> {
        let found = self.client.execute(FIND, vec![json!(role), json!(name), json!(self.article)]).await;
        let found = found.map_err(|error| anyhow!("looking for {role} {name:?}: {error:?}"))?;
        if found.is_null() {
            return Ok(None);
        }
        Ok(Some(Element::from_element_id(self.client.clone(), element_id(&found)?)))
    }

    /// Presses the control once it can be used: a disabled one stays focusable and says why.
    pub async fn press(&self, role: &str, name: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let element = self.find(role, name).await?;
            if element.attr("aria-disabled").await?.as_deref() == Some("true") {
                if Instant::now() > deadline {
                    bail!("{role} {name:?} stays disabled. The page says:\n{}", self.text().await?);
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
            // The driver scrolls the window, and not a list within it.
            let into_view = "arguments[0].scrollIntoView({ block: 'nearest' })";
            self.client.execute(into_view, vec![serde_json::to_value(&element)?]).await?;
            match element.click().await {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    return Err(error).context(format!("{role} {name:?}"));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// Replaces a field's text.
    pub async fn fill(&self, role: &str, name: &str, text: &str) -> Result<()> {
        let field = self.find(role, name).await?;
        let said = |error: CmdError| anyhow!("{role} {name:?}: {error:?}");
        field.click().await.map_err(said)?;
        field.clear().await.map_err(said)?;
        field.send_keys(text).await.map_err(said)
    }

    /// Chooses an option of a combobox by its label.
    pub async fn choose(&self, name: &str, label: &str) -> Result<()> {
        let select = self.find("combobox", name).await?;
        if select.clone().select_by_label(label).await.is_err() {
            bail!("{name}: no option {label:?} among {:?}", select.text().await.unwrap_or_default());
        }
        Ok(())
    }

    /// Keys to whatever has the focus.
    pub async fn keys(&self, keys: &str) -> Result<()> {
        self.client.active_element().await?.send_keys(keys).await?;
        Ok(())
    }

    /// All visible text, as the page lays it out. (The driver's own text leaves out what is cut with an ellipsis.)
    pub async fn text(&self) -> Result<String> {
        let text = self.client.execute(TEXT, vec![json!(self.article)]).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// The text of each row that the list has painted, without its header.
    pub async fn rows(&self) -> Result<Vec<String>> {
        let rows = self.client.execute(ROWS, vec![]).await?;
        Ok(serde_json::from_value(rows)?)
    }

    /// Waits until the page's text passes `test`.
    pub async fn until(&self, what: &str, test: impl Fn(&str) -> bool) -> Result<String> {
        self.until_within(PATIENCE, what, test).await
    }

    pub async fn until_within(
        &self,
        patience: Duration,
        what: &str,
        test: impl Fn(&str) -> bool,
    ) -> Result<String> {
        let deadline = Instant::now() + patience;
        loop {
            let text = self.text().await?;
            if test(&text) {
                return Ok(text);
            }
            if Instant::now() > deadline {
                bail!("not within {patience:?}: {what}. The page says:\n{text}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until no control of this role and name is left.
    pub async fn gone(&self, role: &str, name: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while self.look_for(role, name).await?.is_some() {
            if Instant::now() > deadline {
                let text = self.text().await?;
                bail!("{role} {name:?} is still there. The page says:\n{text}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Whether the control is there and can be used.
    pub async fn enabled(&self, role: &str, name: &str) -> Result<bool> {
        let element = self.find(role, name).await?;
        let off = element.attr("aria-disabled").await?.as_deref() == Some("true")
            || element.attr("disabled").await?.is_some();
        Ok(!off)
    }

    /// Runs a script in the page, as an injected one would.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.client.execute(script, arguments).await?)
    }

    pub async fn run_async(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.client.execute_async(script, arguments).await?)
    }

    /// A picture of what is painted once the page had time for it: two frames.
    pub async fn screenshot(&self, path: &Path) -> Result<()> {
        let frames =
            "const [done] = arguments; requestAnimationFrame(() => requestAnimationFrame(() => done()))";
        self.run_async(frames, vec![]).await?;
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir)?;
        }
        std::fs::write(path, self.client.screenshot().await?)?;
        Ok(())
    }
}

fn element_id(value: &Value) -> Result<fantoccini::elements::ElementRef> {
    let id = value.as_object().and_then(|object| object.values().next()).and_then(Value::as_str);
    Ok(fantoccini::elements::ElementRef::from(id.context("not an element")?.to_owned()))
}
