//! The measurements behind `cargo xtask bench`: Keyturn beside its peers, in the same run, on the same screen.
//!
//! - **Ready**: from `exec` until the list is painted (ten lines of text in its middle that have not changed for 50 ms)
//!   and the first key pressed after that has changed the search field. Pixels of the X screen, for every program alike.
//! - **Key → paint**: from a letter typed in the search field, or taken back, to the first changed pixel of the list;
//!   **settled**: to the last one.
//! - **Memory**: proportional (PSS), over the program with all its children, five seconds after the start came to rest.
//! - **Idle**: the processor time of all of them in 30 s in which nobody does anything, from 25 s after the start.
//!   Keyturn has nothing focused then and KeePassXC the caret in its search field: each as it starts.
//!
//! A second start is measured: the ledger or the database is full, the files are in the system's cache. Keyturn's
//! account is at an authority in the measuring process, and is read anew behind the window at each start. KeePassXC's
//! database takes a second to unlock, as its wizard proposes for a new one. Chromium and the bare window show
//! `page.html`.
//!
//! Only ratios within one round are judged, never a time. What was measured while the host took away more than a tenth
//! of the processors is thrown away.

pub mod batch;
pub mod eye;
pub mod figures;
pub mod filling;
pub mod floor;
pub mod machine;
pub mod refresh;
pub mod report;
pub mod run;
pub mod running;
pub mod screen;
pub mod subject;
pub mod vault;
