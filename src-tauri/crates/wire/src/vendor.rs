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
        /// No key API: keys are brought by the person.
        pub assisted: bool,
        /// Every key may do everything: the sentence that says so; then there is no scope picker.
        pub full_privilege: Option<String>,
        /// The environment variable that the vendor's keys are best given to their users under.
        pub variable: String,
        /// Further settings of an account.
        pub fields: Vec<FieldView>,
        /// A rehearsal of this vendor can be added.
        pub rehearsal: bool,
    }
}
wire! {
    out pub struct ScopeView {
        pub scope: String,
        pub domain: String,
        pub description: String,
        pub dangerous: bool,
        /// The scopes that it stands for, where it is a pattern; else empty. Chosen, it absorbs them.
        pub covers: Vec<String>,
    }
}
wire! {
    out pub struct TemplateView { pub name: String, pub description: String, pub scopes: Vec<String> }
}
wire! {
    /// A setting of an account that this vendor knows.
    out pub struct FieldView {
        pub name: String,
        pub label: String,
        pub help: String,
        pub required: bool,
        /// Most characters.
        pub limit: u32,
        /// The field that becomes required once this one is given.
        pub needs: Option<String>,
    }
}
