//! When two names are the same. What we ask for and what a vendor lists may be written differently: trimmed, in small
//! letters, without characters that have no width.

/// The name as it is compared.
#[must_use]
pub fn folded(name: &str) -> String {
    let seen: String = name.chars().filter(|c| !is_invisible(*c)).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether both may name one key.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    one == other || folded(one) == folded(other)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
        || (c.is_control() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f05_names_that_a_vendor_writes_otherwise_are_the_same() {
        for listed in
            ["Deploy key", " deploy KEY ", "Deploy\u{200b} key", "Deploy  key", "\u{feff}deploy\tkey"]
        {
            assert!(is_same("Deploy key", listed), "{listed:?}");
        }
        for other in ["Deploy keys", "Deploykey", "", "Deploy-key"] {
            assert!(!is_same("Deploy key", other), "{other:?}");
        }
    }
}
