//! Makes every command a permission, so that a capability file must name it before a page can call it.

/// What the pages may call. `src/commands.rs` registers the same names; a test compares them.
const COMMANDS: &[&str] = &[
    "start",
    "list_keys",
    "key_page",
    "accounts",
    "connect_account",
    "add_rehearsal",
    "disconnect_account",
    "refresh",
    "cancel_refresh",
    "create_key",
    "unsaved",
    "copy_secret",
    "reveal_secret",
    "revealed_secret",
    "close_reveal",
    "acknowledge_key",
    "plan_rotation",
    "rotate_key",
    "bring_key",
    "finish_rotation",
    "undo_rotation",
    "operations",
    "plan_batch",
    "begin_batch",
    "batches",
    "batch_items",
    "pause_batch",
    "resume_batch",
    "stop_batch",
    "adopt_key",
    "check_key",
    "forget_key",
    "key_usage",
    "open_dashboard",
    "faults",
    "set_fault",
    "revoke_key",
    "delete_key",
    "audit",
    "accept_finding",
    "withdraw_acceptance",
    "key_use",
    "outside_changes",
    "vault",
    "lock_vault",
    "unlock_vault",
    "save_settings",
    "note_activity",
    "dismiss_notice",
    "labels",
    "set_labels",
    "policies",
    "save_policy",
    "remove_policy",
    "reminders",
    "see_reminders",
    "dismiss_reminder",
    "dismiss_reminders",
    "quit",
];

fn main() {
    println!("cargo:rerun-if-changed=ui/dist");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/*.json")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        panic!("could not prepare the Tauri build: {error:#}");
    }
}
