use super::*;

const KEY: &str = "nl_live_0123456789abcdef0123456789abcdef";

fn cleaned(text: &str) -> Result<Cleaned, PasteFault> {
    clean(&Secret::new(text.to_owned()))
}

#[test]
fn f29_what_copying_brings_along_is_taken_off_and_named() {
    use Dirt::{Blanks, Brackets, End, Frame, LineEnd, Name, Quotes, Scheme, Unseen};
    let table: [(&str, &[Dirt]); 57] = [
        ("{}", &[]),
        ("{}\n", &[LineEnd]),
        ("\r\n{}\r\n\r\n", &[LineEnd]),
        ("{}\u{2028}", &[LineEnd]),
        ("  {}\t", &[Blanks]),
        ("\u{a0}{}\u{3000}", &[Blanks]),
        ("\u{feff}{}", &[Unseen]),
        ("\u{200b}{}\u{200e}\u{2060}\n", &[Unseen, LineEnd]),
        ("\"{}\"", &[Quotes]),
        ("'{}'", &[Quotes]),
        ("`{}`", &[Quotes]),
        ("“{}”", &[Quotes]),
        ("„{}“", &[Quotes]),
        ("«\u{a0}{}\u{a0}»", &[Quotes, Blanks]),
        ("‘{}’", &[Quotes]),
        ("{}\"", &[Quotes]),
        ("&quot;{}&quot;", &[Quotes]),
        ("\\\"{}\\\"", &[Quotes]),
        ("Bearer {}", &[Scheme]),
        ("bearer\u{a0}{}", &[Scheme]),
        ("Token {}", &[Scheme]),
        ("Authorization: Bearer {}", &[Name, Scheme]),
        ("authorization:Bearer {}\r\n", &[LineEnd, Name, Scheme]),
        ("X-Api-Key: {}", &[Name]),
        ("x-api-key:{}", &[Name]),
        ("-H \"X-Api-Key: {}\" \\", &[Name, End, Quotes, Blanks]),
        ("-H 'Authorization: Bearer {}'", &[Name, Quotes, Scheme]),
        ("export X={}", &[Name]),
        ("export API_KEY=\"{}\"\n", &[LineEnd, Name, Quotes]),
        ("X={}", &[Name]),
        ("X = {}", &[Name]),
        ("set X={}", &[Name]),
        ("set \"X={}\"", &[Name, Quotes]),
        ("$env:API_KEY = '{}'", &[Name, Quotes]),
        ("const apiKey = '{}';", &[Name, End, Quotes]),
        ("\"x\": \"{}\",", &[Name, End, Quotes]),
        ("'x' => '{}',", &[Name, End, Quotes]),
        ("{ \"api_key\": \"{}\" }", &[Brackets, Blanks, Name, Quotes]),
        ("{\n  \"key\": \"{}\"\n}\n", &[LineEnd, Brackets, Name, Quotes]),
        ("api_key: {}", &[Name]),
        ("API key: {}", &[Name]),
        ("Your new API key:\n\n{}\n", &[LineEnd, Name]),
        ("```\n{}\n```", &[Frame]),
        ("```sh\nexport X={}\n```", &[Frame, Name]),
        ("> {}", &[Frame]),
        ("$ export X={}", &[Frame, Name]),
        ("- `{}`", &[Frame, Quotes]),
        ("<{}>", &[Brackets]),
        ("({})", &[Brackets]),
        ("{},", &[End]),
        ("{};", &[End]),
        ("{}\\n", &[LineEnd]),
        ("{}%0A", &[LineEnd]),
        ("\"API_KEY\": \"{}\\n\"", &[Name, Quotes, LineEnd]),
        ("Authorization:   Bearer    {}", &[Name, Scheme]),
        ("apiKey: '{} '", &[Name, Quotes, Blanks]),
        ("nl_live_\u{200b}0123456789abcdef0123456789abcdef", &[Unseen]),
    ];
    for (form, expected) in table {
        let text = form.replacen("{}", KEY, 1);
        let cleaned = cleaned(&text).unwrap_or_else(|fault| panic!("{form:?}: {fault}"));
        // EXPOSE: the test's own.
        assert_eq!(cleaned.secret.expose(), KEY, "{form:?}");
        let mut taken = cleaned.taken.clone();
        for dirt in expected {
            assert!(taken.contains(dirt), "{form:?}: {taken:?}");
            taken.retain(|found| found != dirt);
        }
        assert!(taken.is_empty(), "{form:?}: {taken:?} too");
        assert_eq!(cleaned.words().is_none(), expected.is_empty(), "{form:?}");
        assert!(!cleaned.words().unwrap_or_default().contains(KEY), "{form:?}");
    }
}

#[test]
fn f29_what_is_no_single_key_is_refused_by_what_it_is() {
    let table = [
        ("", PasteFault::Empty),
        (" \u{feff}\n\"\"", PasteFault::Empty),
        ("nl_live_01234567\n89abcdef01234567", PasteFault::LineBreak),
        ("nl_live_01234567=\r\n89abcdef01234567", PasteFault::LineBreak),
        ("nl_live_01234567 89abcdef01234567", PasteFault::InnerSpace),
        ("API_KEY={}\nOTHER_KEY={}", PasteFault::Lines),
        ("Hello,\nhere is the key you asked for\n{}", PasteFault::Lines),
        ("curl -H 'X-Api-Key: {}' https://example.com", PasteFault::Command),
        ("https://example.com/?api_key={}", PasteFault::Address),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==", PasteFault::Basic),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", PasteFault::File),
        ("${API_KEY}", PasteFault::Reference),
        ("$NATURALEAD_API_KEY", PasteFault::Reference),
        ("API_KEY=${OTHER_API_KEY}", PasteFault::Reference),
        ("{{ secrets.API_KEY }}", PasteFault::Reference),
        ("YOUR_API_KEY", PasteFault::Placeholder),
        ("nl_live_xxxxxxxxxxxxxxxx", PasteFault::Placeholder),
        ("nl_live_…cdef", PasteFault::Shortened),
        ("nl_live_****cdef", PasteFault::Shortened),
        ("{}{}", PasteFault::Twice),
        ("{\"id\":\"key_12345678\",\"key\":\"{}\"}", PasteFault::Mark),
        ("{}\",\"nl_live_1", PasteFault::Mark),
        ("nl_live_0123456789\u{430}bcdef", PasteFault::Foreign),
        ("nl_live_0123\u{2014}456789abcdef", PasteFault::Foreign),
    ];
    for (form, expected) in table {
        let fault = cleaned(&form.replace("{}", KEY)).map(|cleaned| cleaned.taken).unwrap_err();
        assert_eq!(fault, expected, "{form:?}");
        assert!(!format!("{fault} {fault:?}").contains("0123"), "{form:?}");
    }
}

#[test]
fn f29_what_may_belong_to_a_key_stays() {
    for key in [
        "c0ffee00c0ffee11",
        "YWJjZGVmZ2hpamtsbW5vcA==",
        "eyJhbGciOi.eyJzdWIiOi.SflKxwRJSM-_",
        "abc+def/ghi==",
        "id_12345678:secretsecret",
        "x=",
        "key=short",
        "-abcdefgh1234",
        "$2b$10$abcdefghijk",
        "abcdefgh.",
        "Bearertoken12345",
    ] {
        let cleaned = cleaned(key).unwrap();
        // EXPOSE: the test's own.
        assert_eq!((cleaned.secret.expose(), cleaned.taken.len()), (key, 0));
    }
}

proptest::proptest! {
    #[test]
    fn f29_nothing_that_can_be_pasted_ends_the_process_and_nothing_is_made_up(text in "(\\PC|[\n\r\t\"'`={}:;,\u{200b}\u{a0}ä]){0,40}") {
        if let Ok(cleaned) = cleaned(&text) {
            // EXPOSE: the test's own.
            let key = cleaned.secret.expose();
            proptest::prop_assert!(name::seen(&text).contains(key));
            let again = clean(&cleaned.secret).unwrap();
            proptest::prop_assert!(again.secret.is_same(&cleaned.secret) && again.taken.is_empty());
        }
    }
}
