//! An inventory that a person brings: rows without values, all of them or none, and no key in them.

use anyhow::Result;
use chrono::{DateTime, Utc};
use keyturn_core::account::VendorId;
use keyturn_core::error::FlowError;
use keyturn_core::export::{AccountNames, CSV_MARK, Column, csv_line, key_cell};
use keyturn_core::flows::{self, Imported};
use keyturn_core::journal::Action;
use keyturn_core::key::{Environment, Hint, KeyRef, KeyStatus};
use keyturn_core::timestamp::Timestamp;
use keyturn_tests::canary;
use keyturn_tests::flat::{Flat, Plot};

async fn leadterra() -> Result<Flat> {
    Plot::of(&VendorId("leadterra".into())).furnished().build().await
}

async fn imported(flat: &Flat, csv: &str) -> Result<Imported, FlowError> {
    flows::import_keys(&flat.ctx, &flat.account.id, csv.as_bytes()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inventory_becomes_rows_and_the_same_one_again_changes_nothing() -> Result<()> {
    let flat = leadterra().await?;
    let csv = "\u{feff}Name,Last four,Environment,Created,Expires,Note\r\n\
               CRM bridge,sk_live_…ab12,live,2026-01-04,,made by Ada\r\n\
               \"Nightly, import\",****cd34,test,2026-02-01T10:00:00Z,2027-02-01,\r\n";
    let done = imported(&flat, csv).await?;
    assert_eq!((done.imported, done.known, done.problems.len()), (2, 0, 0), "{done:?}");
    let keys = flat.ctx.ledger.keys(&flat.account.id).await?;
    let bridge = keys.iter().find(|key| key.name == "CRM bridge").expect("the first row");
    assert_eq!(bridge.hint, Hint { prefix: "sk_live_".into(), suffix: "ab12".into() });
    assert_eq!(bridge.environment, Environment::Live);
    assert_eq!(bridge.created_at.map(|at| at.to_rfc3339()).as_deref(), Some("2026-01-04T12:00:00+00:00"));
    let nightly = keys.iter().find(|key| key.name == "Nightly, import").expect("the second row");
    assert_eq!(nightly.hint.masked(), "…cd34");
    assert_eq!(nightly.expires, Timestamp::read("2027-02-01"));
    let key = KeyRef { account: flat.account.id.clone(), key: bridge.id.clone() };
    let entry = flat.ctx.ledger.history(&key, 1).await?.remove(0);
    assert_eq!((entry.action, entry.reason.as_deref()), (Action::Import, Some("made by Ada")));
    assert!(
        flows::due_probes(&flat.ctx, flat.ctx.clock.now()).await?.is_empty(),
        "there is nothing to ask with"
    );

    let again = imported(&flat, csv).await?;
    assert_eq!((again.imported, again.known), (0, 2));
    assert_eq!(flat.ctx.ledger.keys(&flat.account.id).await?.len(), keys.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_line_is_named_and_nothing_is_imported() -> Result<()> {
    let flat = leadterra().await?;
    let whole = "sk_live_0123456789abcdef0123456789abcdef";
    let long = "x".repeat(500);
    for (csv, line) in [
        ("", 1),
        ("hint,note\nab12,x\n", 1),
        ("name,hint\nGood,ab12\n,cd34\n", 3),
        ("name,created\nGood,2026-01-04\nBad,4.1.2026\n", 3),
        ("name,hint\nGood,ab12\nBad,0123456789abcdef\n", 3),
        (&format!("name,hint\n{long},ab12\n"), 2),
        (&format!("name,note\nGood,\nBad,{whole}\n"), 3),
    ] {
        let done = imported(&flat, csv).await?;
        assert_eq!(done.imported, 0, "{csv}");
        assert_eq!(done.problems.first().map(|problem| problem.line), Some(line), "{csv}: {done:?}");
        assert!(!format!("{done:?}").contains(whole));
    }
    assert!(flat.ctx.ledger.keys(&flat.account.id).await?.is_empty());
    let hits = canary::in_files(flat.dir.path(), &[whole])?;
    assert!(hits.is_empty(), "{hits:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_lists_its_keys_takes_no_inventory() -> Result<()> {
    let flat = Flat::new().await?;
    let refused = imported(&flat, "name\nX\n").await;
    assert!(matches!(refused, Err(FlowError::NotAllowed(_))), "{refused:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f31_a_list_comes_in_as_spreadsheets_write_it() -> Result<()> {
    let flat = leadterra().await?;
    let text = "sep=;\r\nName;Last four;Created;Note\r\n\"Bäcker; Süd\";ab12;2026-01-04;\"zwei\r\nZeilen\"\r\nCafé;cd34;;\r\n;;;\r\n";
    let old: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    let done = flows::import_keys(&flat.ctx, &flat.account.id, &old).await?;
    assert_eq!((done.imported, done.problems.len()), (2, 0), "{done:?}");
    assert!(done.note.is_some_and(|note| note.contains("Windows-1252")), "{done:?}");
    let keys = flat.ctx.ledger.keys(&flat.account.id).await?;
    assert!(keys.iter().any(|key| key.name == "Bäcker; Süd" && key.hint.suffix == "ab12"), "{keys:?}");
    let wide = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    for bytes in [
        [b"\xff\xfe".as_slice(), &wide(u16::to_le_bytes)].concat(),
        [b"\xfe\xff".as_slice(), &wide(u16::to_be_bytes)].concat(),
        text.replace(';', "\t").into_bytes(),
        format!("# exported\n{}", text.trim_start_matches("sep=;\r\n").replace("\r\n", "\n")).into_bytes(),
    ] {
        let again = flows::import_keys(&flat.ctx, &flat.account.id, &bytes).await?;
        assert_eq!(again.problems, [], "{bytes:?}");
        assert_eq!(again.known + again.imported, 2, "{again:?}");
        assert!(again.note.is_none());
    }
    for (csv, line, words) in [
        ("name,hint\r\nGood,ab12\r\n\r\nBad,0123456789abcdef\r\n", 4, "longer"),
        ("name,note\r\n\"Good\",\"one\r\ntwo\"\r\n,x\r\n", 4, "missing"),
        ("name,hint\rGood,ab12\r,cd34\r", 3, "missing"),
        ("name,hint\nB\u{fffd}cker,ab12\n", 2, "CSV UTF-8"),
        ("name,hint\nGood, bad,ab12\n", 2, "more cells"),
        ("name,hint\nGood,1.20E+05\n", 2, "made a number"),
        ("name,hint\n\"Good,ab12\n", 2, "never closed"),
        ("PK\u{3}\u{4}", 1, "workbook"),
    ] {
        let done = imported(&flat, csv).await?;
        let first = done.problems.first().expect("a problem");
        assert!(first.line == line && first.words.contains(words), "{csv:?}: {done:?}");
        assert_eq!(done.imported, 0);
    }
    Ok(())
}

/// The list as the shell writes it.
async fn exported(flat: &Flat, columns: &[Column]) -> Result<String> {
    let names = AccountNames { label: flat.account.label.clone(), vendor: "Leadterra".into() };
    let mut text = CSV_MARK.to_owned() + &csv_line(columns.iter().map(|column| column.name()));
    for row in flows::inventory_rows(&flat.ctx).await?.iter().filter(|row| row.account == flat.account.id) {
        let cells: Vec<String> =
            columns.iter().map(|column| key_cell(*column, row, &names, flat.ctx.clock.now())).collect();
        text += &csv_line(cells.iter().map(String::as_str));
    }
    Ok(text)
}

/// Name, hint, environment, creation and end.
type Said = (String, Hint, Environment, Option<DateTime<Utc>>, Timestamp);

/// What a list says of each key, by the end of its hint.
async fn listed(flat: &Flat) -> Result<Vec<Said>> {
    let mut keys = flat.ctx.ledger.keys(&flat.account.id).await?;
    keys.sort_by(|a, b| a.hint.suffix.cmp(&b.hint.suffix));
    let said = keys.into_iter().map(|key| (key.name, key.hint, key.environment, key.created_at, key.expires));
    Ok(said.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn f30_keyturns_own_export_comes_in_without_a_change() -> Result<()> {
    let (from, into) = (leadterra().await?, leadterra().await?);
    let names = [
        "=1+1",
        "'=1+1",
        "''=1",
        "'tis",
        "x;=1+1",
        "x,-2|@A\t+3",
        "-",
        "  two  blanks ",
        "a \"b\"",
        "one\ntwo",
        "Café",
        "Cafe\u{301}",
        "\u{feff}marked",
        "sep=;",
        "#1",
        "production",
    ];
    let csv = String::from("name,hint,environment,created,expires\n")
        + &names
            .iter()
            .enumerate()
            .map(|(n, name)| {
                // As a foreign program writes it: nothing is made neutral but what would be taken back.
                let cell = csv_line([*name]).trim_end().to_owned();
                let environment = ["live", "test", "staging"][n % 3];
                format!(
                    "{cell},sk_live_…a{n:03},{environment},2026-01-04T10:00:00.123Z,{}\n",
                    ["", "2027-02-01"][n % 2]
                )
            })
            .collect::<String>();
    assert_eq!(imported(&from, &csv).await?.imported, names.len());
    let whole = exported(&from, &Column::ALL).await?;
    assert!(whole.starts_with('\u{feff}') && whole.contains("\"x;'=1+1\""), "{whole}");
    let done = imported(&into, &whole).await?;
    assert_eq!((done.imported, done.problems.len(), done.note), (names.len(), 0, None), "{done:?}");
    let (before, after) = (listed(&from).await?, listed(&into).await?);
    assert_eq!(before, after);
    assert_eq!(before.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>(), names);
    assert_eq!(exported(&into, &[Column::Name, Column::Masked, Column::Created, Column::Expires]).await?, {
        exported(&from, &[Column::Name, Column::Masked, Column::Created, Column::Expires]).await?
    });
    let again = imported(&from, &whole).await?;
    assert_eq!((again.imported, again.known), (0, names.len()), "nothing is added twice");
    let saved = imported(&from, &saved_again(&whole)).await?;
    assert_eq!((saved.imported, saved.known), (0, names.len()), "{saved:?}");
    Ok(())
}

/// As a spreadsheet of another language saves what it has opened: semicolons, and marks only where it must.
fn saved_again(text: &str) -> String {
    let mut saved = String::new();
    for row in text.trim_start_matches('\u{feff}').split("\"\r\n").filter(|row| !row.is_empty()) {
        let cells = row.trim_start_matches('"').split("\",\"").map(|cell| {
            let needs = cell.contains([';', '\n', '"']);
            if needs { format!("\"{cell}\"") } else { cell.to_owned() }
        });
        saved += &cells.collect::<Vec<_>>().join(";");
        saved += "\r\n";
    }
    saved
}

#[tokio::test(flavor = "multi_thread")]
async fn f30_what_an_export_says_of_a_key_is_not_made_better_by_an_import() -> Result<()> {
    let flat = leadterra().await?;
    let csv = "name,masked,status,expires,vendor\nOld,sk_live_…ab12,revoked,unreadable,Leadterra\n";
    assert_eq!(imported(&flat, csv).await?.imported, 1);
    let keys = flat.ctx.ledger.keys(&flat.account.id).await?;
    assert!(matches!(keys[0].status, KeyStatus::Revoked { .. }), "{keys:?}");
    assert_eq!(keys[0].expires, Timestamp::Unreadable);
    let other = imported(&flat, "name,masked,vendor\nOther,nl_live_…ab12,Naturalead\n").await?;
    assert!(other.problems[0].words.contains("one of Naturalead"), "{other:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f30_an_export_of_several_accounts_brings_each_account_its_own_keys() -> Result<()> {
    let flat = leadterra().await?;
    let label = &flat.account.label;
    let heading = "name,account,vendor,masked\n";
    let mixed = format!(
        "{heading}Ours,{label},Leadterra,sk_live_…ab12\nTheirs,Berlin,Leadterra,sk_live_…cd34\nFar,Shop,Naturalead,nl_live_…ef56\n"
    );
    let done = imported(&flat, &mixed).await?;
    assert_eq!((done.imported, done.elsewhere, done.problems.len()), (1, 2, 0), "{done:?}");
    let keys = flat.ctx.ledger.keys(&flat.account.id).await?;
    assert_eq!(keys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>(), ["Ours"]);

    // The same account on another machine may bear another name; of two nobody can tell.
    let renamed =
        format!("{heading}Moved,Office,Leadterra,sk_live_…1111\nFar,Shop,Naturalead,nl_live_…ef56\n");
    let done = imported(&flat, &renamed).await?;
    assert_eq!((done.imported, done.elsewhere), (1, 1), "{done:?}");
    let two = format!("{heading}A,Office,Leadterra,sk_live_…2222\nB,Berlin,Leadterra,sk_live_…3333\n");
    let done = imported(&flat, &two).await?;
    assert_eq!(done.imported, 0);
    assert!(done.problems[0].words.contains("“Office”, “Berlin”"), "{done:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f31_a_key_that_ends_before_it_begins_is_refused() -> Result<()> {
    let flat = leadterra().await?;
    let done = imported(&flat, "name,created,expires\nTurned,2026-05-01,2026-04-01\n").await?;
    assert!(done.problems[0].words.contains("before it was created"), "{done:?}");
    let same_day = imported(&flat, "name,created,expires\nShort,2026-05-01,2026-05-01\n").await?;
    assert_eq!(same_day.imported, 1, "{same_day:?}");
    Ok(())
}
