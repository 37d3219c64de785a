//! What is said where the ledger is not as Keyturn wrote it.

use keyturn_core::authenticity::CHANGED;
use keyturn_core::flows::{self, Told};
use keyturn_core::ports::Foreign;

use crate::house::House;

/// Looks at the ledger right after the vault was opened, and tells what a person must hear of.
pub(crate) async fn check(house: &House) {
    match flows::authenticate(&house.ctx).await {
        Ok(found) => {
            if let Err(error) = found.settled {
                tracing::warn!(%error, "the keyring did not note that the ledger is protected");
            }
            for told in &found.told {
                let (id, title, text) = words(told);
                house.notice(&id, &title, text);
            }
        }
        Err(error) => tracing::error!(%error, "the ledger could not be compared with its marks"),
    }
}

/// The notice's id, its title and its text.
fn words(told: &Told) -> (String, String, String) {
    let notice = |id: &str, title: &str, text: String| (id.to_owned(), title.to_owned(), text);
    match told {
        Told::TakenOver { accounts } => {
            let mut text = "From now on each key opens for the address of its account only, and what somebody else writes into the ledger is not acted on.".to_owned();
            if !accounts.is_empty() {
                text.push_str(&format!(" Check that these addresses are right: {}.", list(accounts)));
            }
            notice("ledger-taken-over", "Your ledger is protected now", text)
        }
        Told::AddressRestored { label, changed_to, restored } => notice(
            &format!("address-{label}"),
            &format!("The address of “{label}” had been changed"),
            format!(
                "Somebody or something set it to {changed_to} outside Keyturn. It is {restored} again, and nothing was sent to the other one. Find out who can write to your profile folder."
            ),
        ),
        Told::AddressChanged { label, changed_to } => notice(
            &format!("address-{label}"),
            &format!("The keys of “{label}” do not open"),
            format!(
                "They were sealed for another address than {changed_to}, or are damaged. Nothing is sent there. Disconnect the account and connect it again; if new keys in it wait to be saved, put the ledger back from a backup first."
            ),
        ),
        Told::Journal => notice(
            "ledger-journal",
            "The journal was changed outside Keyturn",
            "It is not the one that was signed last: entries were changed, or are missing. From here on it is signed anew; what stands before is not vouched for. An earlier export or a backup may show what was there.".to_owned(),
        ),
        Told::Foreign(foreign) => {
            let (id, what) = thing(foreign);
            notice(&format!("ledger-foreign-{id}"), "Something was changed outside Keyturn", format!("{what}: {CHANGED}."))
        }
    }
}

fn thing(foreign: &Foreign) -> (String, String) {
    match foreign {
        Foreign::Operation { id, name, .. } => (
            id.0.clone(),
            format!("The operation for “{name}” stands in the ledger otherwise than Keyturn wrote it. Look at both keys yourself"),
        ),
        Foreign::Batch { id } => (id.0.clone(), "A batch stands in the ledger otherwise than Keyturn wrote it".to_owned()),
        Foreign::Item { batch, number, name, .. } => {
            (format!("{}-{number}", batch.0), format!("“{name}” stands in a batch otherwise than Keyturn wrote it"))
        }
        Foreign::Policy { id, .. } => (
            id.0.clone(),
            "A policy would rotate keys by itself, and Keyturn did not write that. It only reminds now; save it again if it is yours".to_owned(),
        ),
        Foreign::Label { key, label } => (
            format!("{key}-{label}"),
            format!("The label “{label}”, for which a policy rotates by itself, was put on a key. If it is yours, take it off and put it on again"),
        ),
    }
}

fn list(accounts: &[(String, String)]) -> String {
    accounts.iter().map(|(label, at)| format!("{label} at {at}")).collect::<Vec<_>>().join(", ")
}
