//! Use cases, one file each: free functions with their dependencies passed in. No I/O of their own, no clock.

mod account;
mod adopt;
mod audit;
mod authenticity;
mod batch;
mod connect;
mod control;
mod create;
mod delete;
mod edit;
mod escrow;
mod feed;
mod follow;
mod import;
mod labels;
mod leak;
mod operations;
mod orphans;
mod page;
mod policies;
mod probe;
mod project;
mod reading;
mod reconcile;
mod recover;
mod refresh;
mod reminders;
mod revoke;
mod rotate;

use std::sync::Arc;

pub use adopt::{AdoptRequest, adopt_key, forget_key};
pub use audit::{
    KeyFinding, KeyFindings, KeyUse, OutsideChange, UseMark, accept_finding, judged_rows, key_findings,
    key_use, outside_changes, withdraw_acceptance,
};
pub use authenticity::{Authenticated, Told, authenticate};
pub use batch::{
    Act, BatchPage, BatchPlan, Carried, ItemPage, Planned, Turned, Wanted, batch, batch_items, batches,
    begin_batch, open_batches, pause_batch, plan_batch, resume_batch, stop_batch,
};
pub use connect::{
    ConnectDetails, Disconnection, choose_managing_key, connect, disconnect, plan_disconnect, reconnect,
};
pub use create::{CreateRequest, create_key};
pub use delete::delete_key;
pub use edit::{AccountEdit, edit_account, use_managing_key};
pub use escrow::{Escrow, acknowledge, escrows, take_for};
pub use feed::read_feed;
pub use follow::{due_rotations, rotate_due};
pub use import::{ImportProblem, Imported, import_keys};
pub use labels::set_labels;
pub use leak::{Certainty, LeakMatch, LeakReport, find_leaks, note_held};
pub use operations::{OperationPage, operation, operations};
pub use page::{KeyPage, key_page, key_usage};
pub use policies::{inventory_rows, remove_policy, save_policy, scope_words};
pub use probe::{due_probes, probe_key};
pub use recover::{Recovered, recover};
pub use refresh::{Refreshed, accept_reading, refresh, refresh_by_time};
pub use reminders::{announce_reminders, remind};
pub use revoke::{Confirmation, revoke_key};
pub use rotate::{
    Begun, Choice, Offer, RotationPlan, Wake, ask_again, begin_rotation, bring_key, drive, finish_rotation,
    leave_rotation, plan_rotation, undo_rotation,
};

use crate::account::VendorId;
use crate::ports::{Clock, Ledger, Vault};
use crate::process::Process;
use crate::provider::Provider;

/// Finds the adapter of a vendor.
pub trait ProviderRegistry: Send + Sync {
    fn provider(&self, vendor: &VendorId) -> Option<Arc<dyn Provider>>;

    /// Every adapter, in the order in which vendors are offered.
    fn all(&self) -> Vec<Arc<dyn Provider>>;
}

/// What every flow works with.
#[derive(Clone)]
pub struct Context {
    pub ledger: Arc<dyn Ledger>,
    pub vault: Arc<dyn Vault>,
    pub clock: Arc<dyn Clock>,
    pub providers: Arc<dyn ProviderRegistry>,
    /// What this process has under way.
    pub process: Arc<Process>,
    /// Why the person has it done; stands in each entry that the flow writes to the journal.
    pub reason: Option<Arc<str>>,
}

impl Context {
    /// The context of a process that has just begun.
    #[must_use]
    pub fn new(
        ledger: Arc<dyn Ledger>,
        vault: Arc<dyn Vault>,
        clock: Arc<dyn Clock>,
        providers: Arc<dyn ProviderRegistry>,
    ) -> Self {
        Self { ledger, vault, clock, providers, process: Arc::default(), reason: None }
    }

    /// The same, for one act that the person gave a reason for.
    #[must_use]
    pub fn because(&self, typed: Option<&str>) -> Self {
        Self { reason: typed.and_then(crate::journal::reason).map(Arc::from), ..self.clone() }
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Context")
    }
}
