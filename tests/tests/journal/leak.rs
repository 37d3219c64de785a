//! "Is this key ours?" over the whole house: three keys hidden in a log, and nothing of the log kept anywhere.

use std::time::{Duration, Instant};

use anyhow::Result;
use keyturn_authority::Vendor;
use keyturn_core::account::VendorId;
use keyturn_core::flows::{self, AdoptRequest, Certainty, Choice};
use keyturn_core::key::KeyStatus;
use keyturn_core::leak::LARGEST;
use keyturn_core::operation::OperationId;
use keyturn_core::ports::{JournalFilter, VaultError};
use keyturn_core::secret::Secret;
use keyturn_storage::{JournalFormat, Writing, write_journal};
use keyturn_tests::canary;
use keyturn_tests::flat::{Flat, Plot};

/// A log of about a megabyte with `hidden` in the given lines.
fn log(hidden: &[(usize, &str)]) -> String {
    let mut text = String::new();
    for line in 1..=16_000 {
        let found = hidden.iter().find(|(at, _)| *at == line).map_or("", |(_, value)| value);
        text.push_str(&format!(
            "2026-11-21T10:{:02}:00Z INFO request {line} {found} answered with 200 in 12 ms\n",
            line % 60
        ));
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn three_keys_in_a_log_of_a_megabyte_are_found_in_their_lines_and_one_is_killed() -> Result<()> {
    let flat = Flat::new().await?;
    let (ours, exact) = flat.make("one", "Leaked").await?;
    let listed = flat.ctx.ledger.keys(&flat.account.id).await?;
    let other = listed
        .iter()
        .find(|key| key.status == KeyStatus::Active && key.id != ours.key && key.hint.suffix.len() == 4)
        .expect("another live key");
    let hint = format!("{}{}{}", other.hint.prefix, "0".repeat(60), other.hint.suffix);
    let form = format!("nl_live_{}", "f0".repeat(32));
    let text = log(&[(77, &format!("x-api-key={exact}")), (5_000, &hint), (15_999, &format!("\"{form}\""))]);
    assert!(text.len() > 1_000_000);
    let begun = Instant::now();
    let report = flows::find_leaks(&flat.ctx, text.as_bytes()).await?;
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(30), "{took:?}");
    assert_eq!(report.candidates, 3);
    let found: Vec<_> = report
        .matches
        .iter()
        .map(|found| (found.certainty, found.line, found.key.as_ref().map(|(key, _)| key.key.clone())))
        .collect();
    assert_eq!(found[0], (Certainty::Exact, 77, Some(ours.key.clone())));
    assert!(found.contains(&(Certainty::Hint, 5_000, Some(other.id.clone()))), "{found:?}");
    assert_eq!(found.last(), Some(&(Certainty::Form, 15_999, None)));
    assert!(!format!("{report:?}").contains(&exact[10..]), "a report holds no value that can be printed");

    // From there to its death: the leaked value itself proves it.
    assert!(report.matches[0].can_rotate.is_allowed());
    let leaked = report.matches.into_iter().next().expect("a match").secret;
    let operation = OperationId("kill".into());
    let ctx = flat.ctx.because(Some("leaked"));
    flows::begin_rotation(&ctx, &ours, Choice::Now, Some(leaked), operation.clone()).await?;
    flows::acknowledge(&flat.ctx, &operation).await?;
    flat.drive(&operation.0).await?;
    let told: Vec<String> = flat
        .ctx
        .ledger
        .history(&ours, 20)
        .await?
        .iter()
        .map(|entry| format!("{:?}", entry.outcome))
        .collect();
    assert!(told.iter().any(|words| words.contains("dead: refused by the vendor")), "{told:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_known_after_it_was_destroyed_and_in_any_encoding() -> Result<()> {
    let flat = Plot::of(&VendorId("leadterra".into())).furnished().build().await?;
    let value = flat.rehearsed.authority.dashboard_issue("CRM bridge", None)?.value;
    let request = AdoptRequest {
        account: flat.account.id.clone(),
        label: "CRM bridge".into(),
        secret: Secret::new(value.clone()),
    };
    let key = flows::adopt_key(&flat.ctx, request).await?;
    flows::forget_key(&flat.ctx, &key).await?;
    let env = format!("# Grüße\r\nLEADTERRA_API_KEY='{value}'\r\nDEBUG=1\r\n");
    let wide: Vec<u8> = env.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [env.as_bytes(), &wide, &[&[0xff, 0xfe], wide.as_slice()].concat()] {
        let report = flows::find_leaks(&flat.ctx, bytes).await?;
        assert_eq!(report.matches.len(), 1, "{report:?}");
        let found = &report.matches[0];
        assert_eq!((found.certainty, found.line), (Certainty::Exact, 2));
        assert!(matches!(&found.key, Some((known, None)) if *known == key), "{found:?}");
        assert!(!found.can_rotate.is_allowed());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_managing_key_is_known_exactly() -> Result<()> {
    for vendor in [Vendor::Naturalead, Vendor::Natural, Vendor::NeuralDraft] {
        let flat = Plot::of(&VendorId(vendor.to_string())).furnished().build().await?;
        let report = flows::find_leaks(&flat.ctx, flat.rehearsed.managing_key.as_bytes()).await?;
        assert_eq!(report.matches[0].certainty, Certainty::Exact, "{vendor}");
        assert_eq!(report.matches[0].account.as_ref().map(|account| &account.id), Some(&flat.account.id));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn too_large_a_text_is_refused_and_a_closed_vault_says_so() -> Result<()> {
    let flat = Flat::new().await?;
    assert!(flows::find_leaks(&flat.ctx, &vec![b'x'; LARGEST]).await.is_ok());
    assert!(flows::find_leaks(&flat.ctx, &vec![b'x'; LARGEST + 1]).await.is_err());
    flat.ctx.vault.lock();
    let closed = flows::find_leaks(&flat.ctx, b"nl_live_0123456789abcdef").await;
    assert!(matches!(closed, Err(keyturn_core::error::FlowError::Vault(VaultError::Locked))), "{closed:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn s1_neither_the_profile_nor_any_export_holds_a_key_or_the_text_that_was_searched() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, value) = flat.make("one", "Canary").await?;
    let marker = "canary-text-that-was-searched-0123456789";
    let strange = format!("nl_live_{}", "ab".repeat(32));
    let text = format!("{marker}\nKEY={value}\nOTHER={strange}\n");
    flows::find_leaks(&flat.ctx, text.as_bytes()).await?;
    flows::begin_rotation(
        &flat.ctx.because(Some("leaked")),
        &key,
        Choice::Atomic,
        None,
        OperationId("two".into()),
    )
    .await?;
    let fresh = flat.value("two").await?;
    flows::read_feed(&flat.ctx, &flat.account.id).await?;
    let managing = flat.rehearsed.managing_key.clone();
    let secrets = [marker, &value, &strange, &fresh, &managing];
    let exports = tempfile::TempDir::new()?;
    let sign = |message: &[u8]| flat.ctx.vault.sign(message);
    for format in [JournalFormat::Csv, JournalFormat::Lines, JournalFormat::Report] {
        let writing = Writing {
            format,
            filter: &JournalFilter::default(),
            scope: "Every entry.",
            names: &keyturn_core::export::Names::new(),
            made_at: flat.ctx.clock.now(),
            signer: &sign,
        };
        let mut file = std::fs::File::create(exports.path().join(format!("{format:?}")))?;
        let entries = write_journal(flat.ctx.ledger.as_ref(), &writing, &mut file).await?.entries;
        assert!(entries > 10, "{format:?}: {entries}");
    }
    for place in [exports.path(), flat.dir.path()] {
        let hits = canary::in_files(place, &secrets)?;
        assert!(hits.is_empty(), "{hits:?}");
    }
    Ok(())
}
