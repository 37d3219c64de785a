//! What copying brings along around a key: taken off where it can be no part of one, and named. What is no single key is
//! refused by what it is. Knows no vendor; nothing here prints a value.

mod around;
mod kind;

use zeroize::Zeroizing;

use super::PasteFault;
use crate::name;
use crate::secret::Secret;

/// What was taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dirt {
    LineEnd,
    Blanks,
    /// Marks that no screen shows, such as the one at the beginning of a file.
    Unseen,
    Quotes,
    /// A comma, a semicolon or a backslash after it.
    End,
    /// Brackets around it.
    Brackets,
    /// `export X=`, `X-Api-Key:` and the like.
    Name,
    /// `Bearer` and the like.
    Scheme,
    /// What a chat, a mail or a terminal puts before a line or around it.
    Frame,
}

impl Dirt {
    /// As a part of a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::LineEnd => "a line end",
            Self::Blanks => "blanks",
            Self::Unseen => "characters that are not seen",
            Self::Quotes => "quotation marks",
            Self::End => "a comma, semicolon or backslash",
            Self::Brackets => "brackets",
            Self::Name => "the name before it",
            Self::Scheme => "the word before it (such as “Bearer”)",
            Self::Frame => "the marks of a message or a terminal",
        }
    }
}

/// A key without what copying brought along.
#[derive(Debug)]
pub struct Cleaned {
    pub secret: Secret,
    /// In the order in which it was found, each once.
    pub taken: Vec<Dirt>,
}

impl Cleaned {
    /// What was taken off, as a sentence; `None` where nothing was.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let (last, rest) = self.taken.split_last()?;
        let list = rest.iter().map(|dirt| dirt.words()).collect::<Vec<_>>().join(", ");
        let and = if rest.is_empty() { "" } else { " and " };
        Some(format!(
            "Taken off around the key: {list}{and}{}. The rest was taken as it stands.",
            last.words()
        ))
    }
}

/// Takes off what can be no part of a key.
///
/// # Errors
/// [`PasteFault`] for what is no single key, by what it is.
pub fn clean(given: &Secret) -> Result<Cleaned, PasteFault> {
    // EXPOSE: looked through for what copying brings along; only the key goes on, as a secret.
    let given = given.expose();
    let seen = Zeroizing::new(name::seen(given).into_owned());
    let mut taken = Vec::new();
    if seen.len() != given.len() {
        taken.push(Dirt::Unseen);
    }
    let mut text = seen.as_str();
    loop {
        kind::of_several(text)?;
        let before = text;
        for (take, dirt) in around::ALL {
            let rest = take(text);
            if rest.len() != text.len() {
                note(&mut taken, dirt.unwrap_or_else(|| around::blank(text, rest)));
                text = rest;
            }
        }
        if text.len() == before.len() {
            break;
        }
    }
    kind::of_rest(text)?;
    Ok(Cleaned { secret: Secret::new(text.to_owned()), taken })
}

fn note(taken: &mut Vec<Dirt>, dirt: Dirt) {
    if !taken.contains(&dirt) {
        taken.push(dirt);
    }
}

#[cfg(test)]
mod tests;
