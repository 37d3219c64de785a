//! One act on many keys: what it would do, how far it is, and what became of each key.

use chrono::{DateTime, Utc};

use crate::key::ActionView;
use crate::list::KeyQuery;
use crate::wire;

wire! {
    #[derive(Copy, Eq)]
    both pub enum BatchKindView { Rotate, Revoke }
}

wire! {
    /// Which keys, and what becomes of them.
    both pub struct BatchRequest {
        pub kind: BatchKindView,
        /// The chosen keys; empty: everything that matches `query`.
        pub keys: Vec<String>,
        pub query: Option<KeyQuery>,
        /// `now`, `1h`, `24h`, `7d` or `quiet`, as in a rotation of one key; empty for a revocation.
        pub choice: String,
        /// The plan's phrase as typed; empty where none is needed.
        pub confirmation: String,
    }
}

wire! {
    /// What a batch would do, before anything is decided.
    out pub struct BatchPlanView {
        pub kind: BatchKindView,
        pub total: u32,
        pub will_do: u32,
        pub will_skip: u32,
        /// The phrase to type, such as `revoke 12 live keys`; empty where none is needed.
        pub confirmation: String,
        /// How long both keys work; empty for a revocation.
        pub choices: Vec<BatchChoiceView>,
        /// Why keys are skipped, the most frequent reason first.
        pub reasons: Vec<BatchReasonView>,
        /// What breaks, in words.
        pub warnings: Vec<String>,
        /// What happens, step by step, in words.
        pub steps: Vec<String>,
        /// `about 3 minutes`.
        pub estimate: String,
        /// The first 200, those that are skipped first.
        pub items: Vec<BatchItemView>,
    }
}

wire! {
    out pub struct BatchChoiceView {
        /// Stands for this choice in [`BatchRequest`].
        pub id: String,
        pub title: String,
        pub detail: String,
        pub preselected: bool,
    }
}

wire! {
    out pub struct BatchReasonView {
        pub words: String,
        pub count: u32,
    }
}

wire! {
    #[derive(Copy, Eq)]
    both pub enum BatchItemStateView { Waiting, Running, Done, Failed, Skipped }
}

wire! {
    /// One key of a batch.
    out pub struct BatchItemView {
        pub key: String,
        pub name: String,
        pub masked: String,
        pub account_label: String,
        pub vendor_name: String,
        pub state: BatchItemStateView,
        /// What it waits for, what became of it, or why it was left alone.
        pub words: String,
        /// Its operation, once it began.
        pub operation: Option<String>,
    }
}

wire! {
    /// A part of a batch's items, in the order in which they are worked off.
    out pub struct BatchItemsView {
        pub rows: Vec<BatchItemView>,
        /// Items in the state that was asked for.
        pub total: u32,
        pub offset: u32,
    }
}

wire! {
    #[derive(Copy, Eq)]
    out pub enum BatchStateView { Running, Paused, Stopped, Done }
}

wire! {
    /// A batch with how far it is.
    out pub struct BatchView {
        pub id: String,
        pub kind: BatchKindView,
        /// `Rotate 12 keys`.
        pub title: String,
        pub state: BatchStateView,
        pub total: u32,
        pub waiting: u32,
        pub running: u32,
        pub done: u32,
        pub failed: u32,
        pub skipped: u32,
        /// What it is doing, or waits for.
        pub words: String,
        pub started_at: DateTime<Utc>,
        pub ended_at: Option<DateTime<Utc>>,
        pub pause: ActionView,
        pub resume: ActionView,
        /// What has begun is finished; the rest is left alone.
        pub stop: ActionView,
    }
}
