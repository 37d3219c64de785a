//! "Is this key ours?": what was found in a text that a person pasted or dropped. Holds no value.

use crate::key::{ActionView, StatusView};
use crate::wire;

wire! {
    out pub struct LeakReportView {
        pub matches: Vec<LeakMatchView>,
        pub scanned_bytes: u32,
        /// Words of the text that look like a key, or are one.
        pub candidates: u32,
        pub words: String,
        /// The files that were looked through, each with its size in words; empty for a text that was given.
        pub read: Vec<String>,
        /// Those that were not, each with the reason.
        pub unread: Vec<UnreadFileView>,
    }
}

wire! {
    /// A file of which nothing was looked through.
    out pub struct UnreadFileView {
        pub name: String,
        pub reason: String,
    }
}

wire! {
    /// How sure it is that a found value is the key named beside it.
    #[derive(Copy, Eq)]
    both pub enum CertaintyView {
        /// The vault holds this value, or has held it.
        Exact,
        /// Its beginning and end are those that the vendor lists.
        Hint,
        /// It only looks like a key of the vendor.
        Form,
    }
}

wire! {
    /// One value that was found. A value that fits several keys by its hint stands here once for each.
    out pub struct LeakMatchView {
        /// Stands for the value in [`crate::rotation::GivenSecret::found`], for ten minutes.
        pub found: String,
        pub masked: String,
        /// The file that it stands in, where there was one.
        pub file: Option<String>,
        /// The first line that it stands in, from 1.
        pub line: Option<u32>,
        pub certainty: CertaintyView,
        pub words: String,
        pub vendor_name: String,
        /// `account/vendor-id`, where the key is listed.
        pub key: Option<String>,
        /// Empty where it is none of the known keys.
        pub key_name: String,
        pub account_label: String,
        pub status: Option<StatusView>,
        pub can_rotate: ActionView,
    }
}
