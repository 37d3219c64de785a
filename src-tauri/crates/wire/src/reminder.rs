//! The bell: what a person should know of single keys, each said once.

use chrono::{DateTime, Utc};

use crate::wire;

wire! {
    out pub struct ReminderView {
        pub id: String,
        /// The key that it is about, as long as it is listed.
        pub key: Option<String>,
        /// The key's name and account.
        pub title: String,
        /// One sentence.
        pub words: String,
        pub at: DateTime<Utc>,
        /// The person has opened the bell since.
        pub seen: bool,
        pub kind: ReminderKindView,
    }
}

wire! {
    #[derive(Copy, Eq)]
    out pub enum ReminderKindView { Expiry, Due, Finding, Died, ChangedOutside }
}
