//! What a vendor wants to know of an account beside its key, and the check of what a person typed there.
//!
//! Values are plain words such as a client's number; a secret never stands in a field.

use std::collections::BTreeMap;

/// One input of the connect dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountField {
    /// Stable; the key in an account's settings.
    pub name: &'static str,
    pub label: &'static str,
    /// A sentence that says what to enter and where it is found.
    pub help: &'static str,
    pub required: bool,
    /// Most characters.
    pub limit: usize,
    /// Another field, by name, that becomes required as soon as this one is given.
    pub needs: Option<&'static str>,
}

/// Why what was typed into a field cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldFault {
    #[error("{label} is missing")]
    Missing { name: &'static str, label: &'static str },
    #[error("{label} is needed as soon as {given} is given")]
    Owed { name: &'static str, label: &'static str, given: &'static str },
    #[error("{label} is {actual} characters long; at most {limit} are allowed")]
    TooLong { name: &'static str, label: &'static str, actual: usize, limit: usize },
    #[error("{label} holds a line break or another character that is not seen")]
    Character { name: &'static str, label: &'static str },
    #[error("this vendor has no field {name:?}")]
    Unknown { name: String },
}

impl FieldFault {
    /// The field at fault.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::Missing { name, .. }
            | Self::Owed { name, .. }
            | Self::TooLong { name, .. }
            | Self::Character { name, .. } => name,
            Self::Unknown { name } => name,
        }
    }
}

/// Checks what was typed. What comes out is trimmed and holds no empty value.
///
/// # Errors
/// The first mistake, in the order of the fields.
pub fn check_fields(
    fields: &[AccountField],
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, FieldFault> {
    let given: BTreeMap<String, String> = given
        .iter()
        .map(|(name, value)| (name.clone(), value.trim().to_owned()))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    if let Some(name) = given.keys().find(|name| !fields.iter().any(|field| field.name == name.as_str())) {
        return Err(FieldFault::Unknown { name: name.clone() });
    }
    for field in fields {
        check_field(field, fields, &given)?;
    }
    Ok(given)
}

fn check_field(
    field: &AccountField,
    fields: &[AccountField],
    given: &BTreeMap<String, String>,
) -> Result<(), FieldFault> {
    let AccountField { name, label, limit, .. } = *field;
    let Some(value) = given.get(name) else {
        if field.required {
            return Err(FieldFault::Missing { name, label });
        }
        let asking = fields.iter().find(|other| other.needs == Some(name) && given.contains_key(other.name));
        return match asking {
            Some(other) => Err(FieldFault::Owed { name, label, given: other.label }),
            None => Ok(()),
        };
    };
    let actual = value.chars().count();
    if actual > limit {
        return Err(FieldFault::TooLong { name, label, actual, limit });
    }
    if value.chars().any(char::is_control) {
        return Err(FieldFault::Character { name, label });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn field(name: &'static str, required: bool, needs: Option<&'static str>) -> AccountField {
        AccountField { name, label: name, help: "", required, limit: 4, needs }
    }

    const FIELDS: [AccountField; 3] = [
        field("client", true, None),
        field("agent", false, Some("instance")),
        field("instance", false, None),
    ];

    fn check(given: &[(&str, &str)]) -> Result<BTreeMap<String, String>, String> {
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        check_fields(&FIELDS, &given).map_err(|fault| format!("{}: {fault}", fault.field()))
    }

    #[test]
    fn what_is_typed_is_trimmed_and_an_empty_value_is_none() {
        let kept = check(&[("client", " 7 "), ("agent", "  ")]).unwrap();
        assert_eq!(kept, BTreeMap::from([("client".to_owned(), "7".to_owned())]));
    }

    #[test]
    fn each_mistake_has_its_words() {
        let table: [(&[(&str, &str)], &str); 6] = [
            (&[], "client: client is missing"),
            (&[("client", " ")], "client: client is missing"),
            (&[("client", "7"), ("agent", "a")], "instance: instance is needed as soon as agent is given"),
            (&[("client", "12345")], "client: client is 5 characters long; at most 4 are allowed"),
            (
                &[("client", "1\n2")],
                "client: client holds a line break or another character that is not seen",
            ),
            (&[("client", "7"), ("x", "1")], "x: this vendor has no field \"x\""),
        ];
        for (given, words) in table {
            assert_eq!(check(given), Err(words.to_owned()));
        }
    }

    #[test]
    fn a_field_without_the_one_that_asks_for_it_is_fine() {
        assert!(check(&[("client", "7"), ("instance", "i")]).is_ok());
        assert!(check(&[("client", "7"), ("instance", "i"), ("agent", "äöüß")]).is_ok());
    }
}
