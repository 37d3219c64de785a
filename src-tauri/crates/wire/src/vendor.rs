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
    }
}
wire! {
    out pub struct ScopeView { pub scope: String, pub domain: String, pub description: String, pub dangerous: bool }
}
wire! {
    out pub struct TemplateView { pub name: String, pub description: String, pub scopes: Vec<String> }
}
