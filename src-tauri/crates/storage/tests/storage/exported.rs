//! The journal as a file: no byte of it changes unseen, and no cell of it is a formula.

use std::path::PathBuf;

use keyturn_core::export::{AccountNames, Names};
use keyturn_core::journal::{Action, Entry, Outcome};
use keyturn_core::ports::{Authenticity, JournalFilter, Ledger, Records, Signature, Source, VaultError};
use keyturn_storage::{JournalFormat, Verdict, Writing, verify_file, write_journal};
use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair};
use tempfile::TempDir;

use crate::samples::{Desk, desk, entry, id, minutes, noon, record};

#[allow(clippy::unnecessary_wraps, reason = "a signer may fail")]
fn sign(message: &[u8]) -> Result<Signature, VaultError> {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap();
    let public_key = pair.public_key().as_ref().try_into().unwrap();
    Ok(Signature { public_key, signature: pair.sign(message).as_ref().try_into().unwrap() })
}

fn names() -> Names {
    let names = AccountNames { label: "=Shop, \"live\"".into(), vendor: "Naturalead".into() };
    Names::from([(id(), names)])
}

async fn journal(entries: i64) -> Desk {
    let desk = desk().await;
    let made = Entry { outcome: Outcome::Done("made".into()), ..entry(Action::Create, Some("key_1")) };
    desk.ledger.put_key(&id(), &record("key_1"), &made).await.unwrap();
    for minute in 1..entries {
        let outcome = match minute % 3 {
            0 => Outcome::Intended,
            1 => Outcome::Done("+accepted <b>by</b> the vendor".into()),
            _ => Outcome::Failed(String::new()),
        };
        let reason = (minute % 2 == 0).then(|| "@left the company 😀".to_owned());
        let at = noon() + minutes(minute);
        let told = Entry { at, outcome, reason, ..entry(Action::Revoke, Some("key_1")) };
        desk.ledger.append(&told).await.unwrap();
    }
    desk.ledger.sign_journal(None).await.unwrap();
    desk
}

async fn written(desk: &Desk, format: JournalFormat, filter: &JournalFilter, signed: bool) -> Vec<u8> {
    let closed = |_: &[u8]| Err(VaultError::Locked);
    let writing = Writing {
        format,
        filter,
        scope: "Every entry.",
        names: &names(),
        made_at: noon(),
        signer: if signed { &sign } else { &closed },
    };
    let mut bytes = Vec::new();
    write_journal(&desk.ledger, &writing, &mut bytes).await.unwrap();
    bytes
}

/// A place for bytes to be checked in.
struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("exported")
    }

    /// `None` where the file is not even taken for an export.
    fn check(&self, bytes: &[u8]) -> Option<Verdict> {
        std::fs::write(self.path(), bytes).unwrap();
        verify_file(&self.path()).ok()
    }

    fn is_whole(&self, bytes: &[u8]) -> bool {
        matches!(self.check(bytes), Some(Verdict::Whole(_)))
    }
}

#[tokio::test]
async fn d4_a_changed_byte_anywhere_in_an_exported_journal_is_found() {
    let (desk, bench) = (journal(4).await, Bench::new());
    for (format, signed) in
        [(JournalFormat::Lines, true), (JournalFormat::Lines, false), (JournalFormat::Report, true)]
    {
        let whole = written(&desk, format, &JournalFilter::default(), signed).await;
        assert!(bench.is_whole(&whole), "{:?}", bench.check(&whole));
        for at in 0..whole.len() {
            let mut bent = whole.clone();
            bent[at] ^= 1 << (at % 8);
            assert!(!bench.is_whole(&bent), "{format:?}, byte {at}: {:?}", char::from(whole[at]));
        }
        for cut in 1..whole.len().min(200) {
            assert!(!bench.is_whole(&whole[..whole.len() - cut]), "{format:?}, {cut} bytes cut off");
        }
        assert!(!bench.is_whole(&[&whole[..], b"\n"].concat()));
    }
}

#[test]
fn d4_any_changed_byte_of_a_long_export_is_found_and_its_line_named() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (desk, bench) = (runtime.block_on(journal(300)), Bench::new());
    let whole = runtime.block_on(written(&desk, JournalFormat::Lines, &JournalFilter::default(), true));
    let config = ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(place in 0.0..1.0_f64, mask in 1..=255_u8)| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let at = (place * (whole.len() - 1) as f64) as usize;
        let mut bent = whole.clone();
        bent[at] ^= mask;
        let line = whole[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        match bench.check(&bent) {
            None => prop_assert_eq!(at, 0),
            Some(Verdict::Whole(words)) => prop_assert!(false, "byte {}: {}", at, words),
            Some(Verdict::Broken(words)) => {
                let end = words.starts_with("The last line");
                prop_assert!(end || words.starts_with(&format!("Line {line} ")), "line {}: {}", line, words);
            }
        }
    });
}

#[tokio::test]
async fn d4_an_entry_that_was_taken_out_or_forged_is_named() {
    let (desk, bench) = (journal(6).await, Bench::new());
    let whole = written(&desk, JournalFormat::Lines, &JournalFilter::default(), false).await;
    let text = String::from_utf8(whole).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let without = lines.iter().enumerate().filter(|(n, _)| *n != 3).map(|(_, line)| format!("{line}\n"));
    let Some(Verdict::Broken(words)) = bench.check(without.collect::<String>().as_bytes()) else { panic!() };
    assert!(words.contains("Line 4 is entry 4 of keyturn"), "{words}");
    let forged = text.replace("\"action\":\"create\"", "\"action\":\"delete\"");
    let Some(Verdict::Broken(words)) = bench.check(forged.as_bytes()) else { panic!() };
    assert!(words.contains("Line 2 is entry 1 of keyturn"), "{words}");
}

#[tokio::test]
async fn a_selection_is_whole_in_itself_and_says_that_it_is_one() {
    let (desk, bench) = (journal(9).await, Bench::new());
    let only = JournalFilter { search: "accepted".into(), ..JournalFilter::default() };
    let some = written(&desk, JournalFormat::Lines, &only, true).await;
    let Some(Verdict::Whole(words)) = bench.check(&some) else { panic!("{:?}", bench.check(&some)) };
    assert!(words.contains("a selection") && words.contains("signed with the key"), "{words}");
    let ours = JournalFilter { source: Source::Keyturn, ..JournalFilter::default() };
    let all = written(&desk, JournalFormat::Lines, &ours, false).await;
    let Some(Verdict::Whole(words)) = bench.check(&all) else { panic!("{:?}", bench.check(&all)) };
    assert!(words.contains("No entry of the chain is missing") && words.contains("not signed"), "{words}");
}

#[tokio::test]
async fn a_ledger_is_checked_in_its_own_file_and_other_files_are_refused() {
    let (desk, bench) = (journal(5).await, Bench::new());
    let Ok(Verdict::Whole(words)) = verify_file(&desk.path()) else { panic!() };
    assert!(words.contains(": 5."), "{words}");
    assert!(bench.check(b"name,key\n").is_none());
    assert!(bench.check(b"<html></html>\n").is_none());
    desk.raw()
        .execute_batch("DROP TRIGGER journal_never_changes; UPDATE journal SET reason = 'x' WHERE seq = 3")
        .unwrap();
    desk.raw()
        .execute_batch(
            "CREATE TRIGGER journal_never_changes BEFORE UPDATE ON journal
BEGIN SELECT raise(ABORT, 'the journal is only ever appended to'); END",
        )
        .unwrap();
    let Ok(Verdict::Broken(words)) = verify_file(&desk.path()) else { panic!() };
    assert!(words.contains("Entry 3"), "{words}");
    assert!(desk.ledger.verify_journal().await.is_ok());
}

#[tokio::test]
async fn n6_no_cell_of_the_journal_is_a_formula_and_no_name_is_markup() {
    let desk = journal(4).await;
    let csv = written(&desk, JournalFormat::Csv, &JournalFilter::default(), false).await;
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.contains("\"'=Shop, \"\"live\"\"\"") && csv.contains("\"'+accepted"), "{csv}");
    let report = written(&desk, JournalFormat::Report, &JournalFilter::default(), true).await;
    let report = String::from_utf8(report).unwrap();
    assert!(!report.contains("<b>by") && report.contains("&lt;b&gt;by"), "{report}");
}

#[tokio::test]
async fn f30_the_journal_as_csv_is_marked_and_no_separator_makes_a_formula_of_it() {
    let desk = desk().await;
    let outcome = Outcome::Done("made; =1+1,-2\t@x \u{2026}".into());
    let reason = Some("'=SUM(A1)".to_owned());
    let made = Entry { outcome, reason, ..entry(Action::Create, Some("key_1")) };
    desk.ledger.put_key(&id(), &record("key_1"), &made).await.unwrap();
    let csv = written(&desk, JournalFormat::Csv, &JournalFilter::default(), false).await;
    assert_eq!(&csv[..3], b"\xef\xbb\xbf");
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.contains("\"made;' =1+1,'-2\t'@x \u{2026}\"") && csv.contains("\"''=SUM(A1)\""), "{csv}");
    for line in csv.trim_start_matches('\u{feff}').split_inclusive('\n') {
        assert!(line.starts_with('"') && line.ends_with("\"\r\n"), "{line:?}");
    }
}
