//! What each vendor offers, for the dialogs.

use crate::key::EnvironmentView;
use crate::wire;

wire! {
    out pub struct VendorView {
        pub id: String,
        pub name: String,
        pub default_base_url: String,
        pub environments: Vec<EnvironmentView>,
        pub name_limit: u32,
        pub scopes: Vec<ScopeView>,
        pub templates: Vec<TemplateView>,
        /// How a key begins, for the field's placeholder: `nl_live_…`.
        pub key_example: String,
        pub can_list: bool,
        pub can_create: bool,
        pub can_expire: bool,
        pub key_limit: Option<u32>,
        pub dashboard: Option<String>,
        /// No API for keys: accounts have no managing key, and keys are adopted one by one.
        pub assisted: bool,
        /// What an account is asked for beside its key.
        pub fields: Vec<FieldView>,
        /// The environment variable that is suggested for a key.
        pub variable: String,
        /// Where there are no scopes: what every key may do.
        pub full_privilege: Option<String>,
    }
}
wire! {
    /// One input of the connect dialog, beside label, address and key.
    out pub struct FieldView {
        /// The key in `settings`.
        pub name: String,
        pub label: String,
        pub help: String,
        pub required: bool,
        /// Most characters.
        pub limit: u32,
        /// The field that becomes required as soon as this one is filled.
        pub needs: Option<String>,
    }
}
wire! {
    out pub struct ScopeView { pub scope: String, pub domain: String, pub description: String, pub dangerous: bool }
}
wire! {
    out pub struct TemplateView { pub name: String, pub description: String, pub scopes: Vec<String> }
}
