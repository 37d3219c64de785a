//! Rotation: what can be chosen, what is asked for, and what is under way.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use ts_rs::TS;

use crate::create::EscrowView;
use crate::key::{ActionView, HistoryView, KeyView};
use crate::secret::SecretInput;
use crate::wire;

wire! {
    /// What a rotation of this key can look like, before anything is decided.
    out pub struct RotationPlanView {
        pub key: KeyView,
        /// Whether the key can be rotated at all.
        pub allowed: ActionView,
        /// In the order in which they are offered; one of them is `preselected`.
        pub choices: Vec<RotationChoiceView>,
        /// What is known of the old key's last use, as a sentence.
        pub last_use: String,
        pub proof: ProofView,
    }
}

wire! {
    /// One way to rotate, with everything it would do.
    out pub struct RotationChoiceView {
        /// Stands for this choice in [`RotateRequest`]: `now`, `1h`, `24h`, `7d`, `quiet`, `atomic`.
        pub id: String,
        /// `24 hours`.
        pub title: String,
        /// `until 24 November, 09:12`; empty where there is nothing to add.
        pub detail: String,
        /// What happens, step by step, in words.
        pub steps: Vec<String>,
        /// What breaks, in words.
        pub warnings: Vec<String>,
        pub allowed: ActionView,
        pub preselected: bool,
        /// The new key is made by the person in the vendor's dashboard and brought here.
        pub by_hand: bool,
    }
}

wire! {
    /// How the death of the old key will be known.
    #[serde(tag = "kind", rename_all_fields = "camelCase")]
    out pub enum ProofView {
        /// Keyturn holds the old key and asks the vendor with it until it is refused.
        Held,
        /// Only the vendor's word, unless the person gives the old key for the proof.
        Ask { words: String },
    }
}

/// Begins a rotation.
#[derive(Debug, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "camelCase")]
pub struct RotateRequest {
    pub key: String,
    pub choice: String,
    /// The old key, for the proof of its death; sealed until then.
    pub old_key: Option<GivenSecret>,
    /// The person's own, for the journal.
    #[ts(optional)]
    pub reason: Option<String>,
}

/// A secret that the person gives: found in a text before, typed here, or, where both are `null`, taken from the
/// clipboard in Rust.
#[derive(Debug, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "camelCase")]
pub struct GivenSecret {
    pub typed: Option<SecretInput>,
    /// The id of a value that Keyturn found in a text and keeps in memory.
    #[ts(optional = nullable)]
    pub found: Option<String>,
}

wire! {
    /// A rotation has begun.
    out pub struct RotationStartedView {
        pub operation: String,
        /// The new key that waits to be saved; `null` while the person still has to bring it from the dashboard.
        pub escrow: Option<EscrowView>,
    }
}

/// The new key of a rotation by hand.
#[derive(Debug, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "camelCase")]
pub struct BringKeyRequest {
    pub operation: String,
    pub new_key: GivenSecret,
}

wire! {
    /// Something under way, with its next step and what was seen.
    out pub struct OperationView {
        pub id: String,
        pub state: OperationStateView,
        /// The key that is replaced; for a creation the key that is made, once it is there.
        pub key: Option<KeyView>,
        pub successor: Option<KeyView>,
        pub name: String,
        pub account_id: String,
        pub account_label: String,
        pub vendor_name: String,
        /// `Both keys work`.
        pub headline: String,
        /// What happens next, as a sentence; empty where nothing does.
        pub next: String,
        /// When; `null` where it waits for a person or for nothing.
        pub next_at: Option<DateTime<Utc>>,
        /// Why it does not go on, in words.
        pub stuck: Option<String>,
        pub started_at: DateTime<Utc>,
        /// What was seen, oldest first.
        pub evidence: Vec<HistoryView>,
        /// The escrow that waits to be saved.
        pub escrow: Option<String>,
        /// End the overlap now.
        pub finish: ActionView,
        /// Keep the old key and revoke the new one.
        pub undo: ActionView,
        /// Have the vendor told once more to revoke a key that lives on.
        pub ask_again: ActionView,
        /// End it where it stands: nothing more is done to either key.
        pub leave: ActionView,
        /// Where the person acts in the vendor's dashboard.
        pub dashboard: Option<String>,
    }
}

wire! {
    #[derive(Copy, Eq)]
    out pub enum OperationStateView {
        /// The vendor is asked for the new key.
        Making,
        /// The person makes the new key in the dashboard and brings it.
        BringNewKey,
        /// The new key was not seen to work yet.
        Verifying,
        /// The new key works and waits to be saved.
        Unsaved,
        /// Both keys work.
        Overlap,
        /// The person revokes the old key in the dashboard.
        RevokeByHand,
        /// The vendor is asked to revoke the old key.
        Revoking,
        /// Revoked by the vendor's word; asked with the old key until it is refused.
        Proving,
        /// One of the keys stopped working while both should.
        Died,
        /// The new key is being revoked; the old one stays.
        Undoing,
        /// A key was made whose secret never arrived.
        Orphaned,
        Done,
        Undone,
        /// Ended by the person where it stood.
        Left,
        Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::GivenSecret;

    #[test]
    fn a_given_secret_is_not_printed() {
        let given: GivenSecret = serde_json::from_str(r#"{"typed":"nl_live_secret"}"#).unwrap();
        assert!(!format!("{given:?}").contains("secret\""));
        assert!(!format!("{given:?}").contains("nl_live"));
    }
}
