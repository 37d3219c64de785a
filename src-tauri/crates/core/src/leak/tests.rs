use proptest::prelude::*;

use super::*;
use crate::key::Environment;
use crate::secret::Secret;

fn hex_form() -> KeyForm {
    KeyForm {
        prefixes: vec![("nl_live_", Environment::Live), ("nl_test_", Environment::Test)],
        body: KeyBody::LowerHex(64),
        ..KeyForm::default()
    }
}

fn loose_form() -> KeyForm {
    KeyForm {
        prefixes: vec![("sk_live_", Environment::Live)],
        body: KeyBody::AtLeast(16),
        ..KeyForm::default()
    }
}

fn key() -> String {
    format!("nl_live_{}", "0a1b2c3d".repeat(8))
}

/// The values that have the form, with their lines.
fn formed(text: &str) -> Vec<(String, u32)> {
    let (one, two) = (hex_form(), loose_form());
    scan(text, &[&one, &two], &Held::default())
        .into_iter()
        .filter(|candidate| !candidate.forms.is_empty())
        .map(|candidate| (candidate.value.to_owned(), candidate.line))
        .collect()
}

#[test]
fn a_key_is_found_in_every_surrounding() {
    let key = key();
    for text in [
        key.clone(),
        format!("NATURALEAD_API_KEY={key}\n"),
        format!("export KEY='{key}'"),
        format!("{{\"key\":\"{key}\",\"n\":1}}"),
        format!("GET /leads?api_key={key}&page=2 HTTP/1.1"),
        format!("x-api-key: {key}\r\n"),
        format!("before{key}.after"),
    ] {
        assert_eq!(formed(&text), [(key.clone(), 1)], "{text}");
    }
}

#[test]
fn what_is_cut_short_or_too_long_is_not_a_key_of_an_exact_form() {
    let key = key();
    assert_eq!(formed(&key[..key.len() - 1]), []);
    assert_eq!(formed(&format!("{key}0")), []);
}

fn values(text: &str, forms: &[&KeyForm], held: &[&str]) -> Vec<String> {
    let held: Vec<Secret> = held.iter().map(|value| Secret::new((*value).to_owned())).collect();
    let found = scan(text, forms, &Held::of(&held));
    found.into_iter().map(|candidate| candidate.value.to_owned()).collect()
}

#[test]
fn f02_a_key_of_a_fixed_length_is_found_whatever_follows_it() {
    let form = KeyForm {
        prefixes: vec![("sk_ntl_prod_", Environment::Live)],
        body: KeyBody::Base64Url(43),
        ..KeyForm::default()
    };
    let key = format!("sk_ntl_prod_{}", "aB3-".repeat(10) + "xyz");
    for text in [
        format!("_{key}_"),
        format!("**{key}**"),
        format!("{key}__"),
        format!("x{key}-"),
        format!("-{key}--"),
    ] {
        let found: Vec<_> = scan(&text, &[&form], &Held::default());
        let formed: Vec<&str> =
            found.iter().filter(|one| !one.forms.is_empty()).map(|one| one.value).collect();
        assert_eq!(formed, [key.as_str()], "{text}");
    }
    assert!(
        values(&format!("{key}more"), &[&form], &[]).contains(&key),
        "it may be one that is known exactly"
    );
}

#[test]
fn f02_a_value_that_is_held_is_found_in_any_run_of_signs() {
    let held = ["8f14e45f-ceea-467f+a34d/1c2b3d4e5f60==", "plainlettersonly", "\u{e4}1234567"];
    for value in held {
        for text in [
            format!("_{value}_"),
            format!("xx{value}yy"),
            format!("https://h.example/?a=1&api_key={value}&b=2"),
            format!("{value}{value}"),
            format!("~~{value}"),
            value.to_owned(),
        ] {
            assert!(values(&text, &[], &held).iter().any(|found| found == value), "{text}");
        }
    }
}

#[test]
fn f02_a_value_in_an_address_or_a_json_string_is_read_as_it_was_before() {
    let table = [
        ("api_key=a%2Bb%2Fc%3D", Some("api_key=a+b/c=")),
        (r#"{"key":"a\/b\u002Bc"}"#, Some(r#"{"key":"a/b+c"}"#)),
        ("100 %", None),
        ("100%zz", None),
        ("%", None),
        (r"C:\temp", None),
        ("%c3%a4", None),
    ];
    for (text, plain) in table {
        assert_eq!(unescaped(text).as_deref().map(String::as_str), plain, "{text}");
    }
}

#[test]
fn lines_count_from_one_and_a_value_stands_once_with_its_first() {
    let key = key();
    let other = "sk_live_ABCDEFGH12345678".to_owned();
    let text = format!("first\nsecond\n{key}\n\n{other} and {key}\n");
    assert_eq!(formed(&text), [(key, 3), (other, 5)]);
}

#[test]
fn a_value_of_no_documented_form_is_looked_up_exactly_only() {
    let text = "SMARTLEAD=abcdef12-3456-7890-abcd_ef1234 token:aB3.dE+f/g1234567890==";
    let candidates = scan(text, &[], &Held::default());
    let values: Vec<&str> = candidates.iter().map(|candidate| candidate.value).collect();
    assert!(values.contains(&"abcdef12-3456-7890-abcd_ef1234"), "{values:?}");
    assert!(values.contains(&"aB3.dE+f/g1234567890=="), "{values:?}");
    assert!(candidates.iter().all(|candidate| candidate.forms.is_empty()));
}

#[test]
fn text_is_read_in_every_encoding_that_editors_write() {
    let text = format!("Grüße\nKEY={}\n", key());
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
    for bytes in [
        text.clone().into_bytes(),
        marked(&[0xef, 0xbb, 0xbf], text.as_bytes()),
        marked(&[0xff, 0xfe], &little),
        marked(&[0xfe, 0xff], &big),
        little,
        big,
        marked(b"\xe9\n", text.as_bytes()),
    ] {
        let read = decode(&bytes);
        let found = formed(&read);
        assert_eq!(found.len(), 1, "{:?}", &bytes[..8]);
        assert_eq!(found[0].0, key());
    }
}

/// Eight megabytes of beginnings: a search that went back at each of them would not end within a day.
#[test]
fn a_hostile_text_is_searched_to_its_end() {
    let (one, two) = (hex_form(), loose_form());
    let hostile = "sk_live_".repeat(1024 * 1024);
    assert!(scan(&hostile, &[&one, &two], &Held::default()).iter().all(|candidate| candidate.line == 1));
}

proptest! {
    #[test]
    fn any_bytes_can_be_searched(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = decode(&bytes);
        let (one, two) = (hex_form(), loose_form());
        for candidate in scan(&text, &[&one, &two], &Held::default()) {
            prop_assert!(text.contains(candidate.value));
            prop_assert!(candidate.line >= 1);
        }
    }

    #[test]
    fn a_key_between_any_other_text_is_found_in_its_line(before in "[^0-9a-f]{0,80}", after in "[^0-9a-f]{0,80}") {
        let text = format!("{before}{}{after}", key());
        let line = u32::try_from(before.matches('\n').count()).unwrap() + 1;
        prop_assert!(formed(&text).contains(&(key(), line)));
    }
}
