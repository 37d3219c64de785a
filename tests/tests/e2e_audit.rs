//! The audit in the real window: each finding, and a leaked log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use keyturn_authority::Vendor;
use keyturn_tests::authority::is_accepted;
use keyturn_tests::desk::Desk;
use keyturn_tests::job::{self, Wanted};
use keyturn_tests::page::Page;
use keyturn_tests::rotation;

/// A log of about a megabyte, with `hidden` at these lines.
fn log(hidden: &[(usize, &str)]) -> String {
    let mut lines: Vec<String> = (1..=16_000)
        .map(|n| {
            format!(
                "2026-11-20T08:{:02}:{:02}Z INFO worker-{} GET /api/leads?page={n} 200 {} ms",
                n / 60 % 60,
                n % 60,
                n % 8,
                n % 97
            )
        })
        .collect();
    for (line, value) in hidden {
        lines[line - 1] = format!("2026-11-20T09:00:00Z DEBUG sending header X-API-Key: {value} to upstream");
    }
    lines.join("\n")
}

#[tokio::test]
async fn a_leaked_log_leads_to_its_keys_and_the_exact_one_is_dead_three_clicks_later() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    let wanted = |name| Wanted { name, environment: "Live", scopes: &["leads:view"] };
    job::create(&page, &wanted("Leaked in a log")).await?;
    let leaked = job::save(&desk, &page).await?;
    job::create(&page, &wanted("Leaked as well")).await?;
    let second = job::save(&desk, &page).await?;
    let stranger = format!("nl_live_{}", "0f".repeat(32));
    let text = log(&[(17, &leaked), (6_000, &second), (15_999, &stranger)]);
    assert!(text.len() > 900_000, "about a megabyte: {}", text.len());
    let url = job::rehearsal_url(&page).await?;
    desk.put_on_clipboard(&text)?;

    page.press("link", "Audit").await?;
    page.press("button", "Is this key ours?").await?;
    page.find("dialog", "Is this key ours?").await?;
    page.press("button", "Paste from clipboard").await?;
    let found = page.until("all three are found", |text| text.contains("line 15,999")).await?;
    for words in ["Leaked in a log", "line 17", "Leaked as well", "line 6,000", "Certain"] {
        assert!(found.contains(words), "{words}: {found}");
    }
    assert!(found.contains("2 keys of yours found, and 1 that none of your accounts lists"), "{found}");
    page.press("button", "Replace and kill").await?;
    page.find("dialog", "Rotate key").await?;
    page.until("the plan is read", |text| text.contains("What will happen")).await?;
    page.press("button", "Rotate").await?;
    page.find("dialog", "Save your new key").await?;
    let new = job::save(&desk, &page).await?;
    let card = rotation::card(&page, "Leaked in a log").await?;
    card.until_within(Duration::from_secs(60), "the leaked key is seen dead", |text| {
        text.contains("The old key is dead: refused")
    })
    .await?;
    let taken = async |key: &str| is_accepted(Vendor::Naturalead, &url, key).await;
    assert_eq!((taken(&leaked).await?, taken(&second).await?, taken(&new).await?), (false, true, true));
    desk.close().await?;

    let secrets = [leaked.as_str(), &second, &stranger, &new];
    let hits = keyturn_tests::canary::in_files(&desk.profile, &secrets)?;
    assert!(hits.is_empty(), "nothing of the log is kept: {hits:#?}");
    Ok(())
}

/// Writes the list in both formats; answers with the files.
async fn export_the_list(page: &Page) -> Result<Vec<PathBuf>> {
    page.press("link", "Keys").await?;
    page.press("button", "Export").await?;
    let mut written = Vec::new();
    for (format, ending) in [("CSV", ".csv"), ("JSON", ".json")] {
        page.press("button", format).await?;
        let named = |line: &&str| line.starts_with('/') && line.trim_end().ends_with(ending);
        let text = page.until("the file is named", |text| text.lines().any(|line| named(&line))).await?;
        let path = text.lines().find(named).context("the file is named")?;
        written.push(PathBuf::from(path.trim()));
    }
    let listed = std::fs::read_to_string(&written[0])?;
    ensure!(listed.contains("In the journal"), "the key is not in the list: {listed}");
    Ok(written)
}

#[tokio::test]
async fn the_journal_is_searched_checked_and_exported_without_a_secret() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    job::create(&page, &Wanted { name: "In the journal", environment: "Live", scopes: &["leads:view"] })
        .await?;
    let value = job::save(&desk, &page).await?;
    page.press("link", "Audit").await?;
    page.press("tab", "Journal").await?;
    page.until("the journal is read", |text| text.contains("In the journal")).await?;
    page.press("button", "Check the journal").await?;
    page.until("it is intact", |text| text.contains("The journal is intact")).await?;
    let mut written = Vec::new();
    for format in ["CSV", "JSON Lines", "Signed report"] {
        page.press("button", "Export").await?;
        page.press("menuitem", format).await?;
        page.find("button", "Show in folder").await?;
        let text = page.text().await?;
        let path = text.lines().find(|line| line.starts_with('/')).context("the file is named")?;
        written.push(PathBuf::from(path.trim()));
        page.press("button", "Dismiss").await?;
    }
    written.extend(export_the_list(&page).await?);
    desk.close().await?;
    for path in &written {
        let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
        assert!(!bytes.is_empty());
    }
    let hits = keyturn_tests::canary::in_files(desk.session.home(), &[value.as_str()])?;
    assert!(hits.is_empty(), "{hits:#?}");
    let program = keyturn_tests::driver::binary();
    let verify =
        |path: &Path| std::process::Command::new(&program).arg("--verify-journal").arg(path).output();
    let chain = &written[1];
    let sound = verify(chain)?;
    assert!(sound.status.success(), "{sound:?}");
    let mut bytes = std::fs::read(chain)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(chain, bytes)?;
    let broken = verify(chain)?;
    assert_eq!(broken.status.code(), Some(1), "{broken:?}");
    Ok(())
}
