//! A person's own words on keys: put on, taken off, many keys at a time.

use super::Context;
use super::account::entry;
use crate::error::FlowError;
use crate::journal::{Action, Outcome};
use crate::key::KeyRef;
use crate::label::{Label, relabel};
use crate::ports::Relabelled;

/// Puts `add` on each key and takes `remove` off. All keys or none; where nothing changes nothing is written.
///
/// # Errors
/// [`FlowError::Label`] where a word cannot be one or a key would have too many; [`FlowError::NotFound`] where a
/// key is gone.
pub async fn set_labels(
    ctx: &Context,
    keys: &[KeyRef],
    add: &[String],
    remove: &[String],
) -> Result<(), FlowError> {
    let known = ctx.ledger.labels().await?;
    // The first spelling stays: two on one list would look like two labels.
    let parse = |typed: &String| {
        let label = Label::parse(typed)?;
        Ok(known.iter().find(|known| **known == label).cloned().unwrap_or(label))
    };
    let add = add.iter().map(parse).collect::<Result<Vec<Label>, FlowError>>()?;
    let remove = remove.iter().map(parse).collect::<Result<Vec<Label>, FlowError>>()?;
    let mut changes = Vec::new();
    for (key, found) in keys.iter().zip(ctx.ledger.labelled(keys).await?) {
        let (name, had) = found.ok_or(FlowError::NotFound("key"))?;
        let labels = relabel(&name, &had, &add, &remove)?;
        if let Some(told) = told(&had, &labels) {
            let entry = entry(ctx, &key.account, Some(&key.key), Action::Label, Outcome::Done(told));
            changes.push(Relabelled { key: key.clone(), labels, entry });
        }
    }
    if changes.is_empty() { Ok(()) } else { Ok(ctx.ledger.relabel(&changes).await?) }
}

/// What the journal says; `None` where nothing changed.
fn told(had: &[Label], labels: &[Label]) -> Option<String> {
    let beyond = |these: &[Label], those: &[Label]| -> Vec<String> {
        these.iter().filter(|label| !those.contains(label)).map(|label| label.as_str().to_owned()).collect()
    };
    let (added, removed) = (beyond(labels, had), beyond(had, labels));
    let part =
        |verb: &str, words: &[String]| (!words.is_empty()).then(|| format!("{verb} {}", words.join(", ")));
    let parts: Vec<String> =
        [part("added", &added), part("took off", &removed)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_says_what_changed_and_nothing_where_nothing_did() {
        let labels =
            |texts: &[&str]| -> Vec<Label> { texts.iter().map(|text| Label::parse(text).unwrap()).collect() };
        let said = |had: &[&str], now: &[&str]| told(&labels(had), &labels(now));
        assert_eq!(said(&["ci"], &["CI"]), None);
        assert_eq!(said(&["ci"], &["ci", "shop"]).as_deref(), Some("added shop"));
        assert_eq!(
            said(&["ci", "old"], &["shop", "web"]).as_deref(),
            Some("added shop, web; took off ci, old")
        );
    }
}
