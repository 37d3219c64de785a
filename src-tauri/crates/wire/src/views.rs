//! Saved views of the list, the export of any view, and the import of an inventory.

use crate::list::KeyQuery;
use crate::wire;

wire! {
    /// A view as the person saved it.
    both pub struct SavedViewView {
        pub id: String,
        pub name: String,
        pub query: KeyQuery,
        /// Stable names of columns, in their order.
        pub columns: Vec<String>,
    }
}

wire! {
    both pub struct SavedViewInput {
        /// `null` for a new one.
        pub id: Option<String>,
        pub name: String,
        pub query: KeyQuery,
        pub columns: Vec<String>,
    }
}

wire! {
    /// What became of a list of keys that a person brought. Where there is a problem nothing was imported.
    out pub struct ImportReportView {
        pub imported: u32,
        /// Lines of keys that are listed already.
        pub known: u32,
        /// Lines of keys of other accounts: they are left out.
        pub elsewhere: u32,
        pub problems: Vec<ImportProblemView>,
        pub words: String,
    }
}

wire! {
    out pub struct ImportProblemView {
        /// From 1; the heading is line 1.
        pub line: u32,
        pub words: String,
    }
}
