//! Every vendor that Keyturn knows, in the order in which it is offered. One line a vendor.

use std::fmt;
use std::sync::Arc;

use keyturn_core::account::VendorId;
use keyturn_core::provider::Provider;

use crate::http::{Http, HttpSettings};
use crate::leadterra::Leadterra;
use crate::natural::Natural;
use crate::naturalead::Naturalead;
use crate::neural_draft::NeuralDraft;
use crate::smartlead::{SmartLead, SmartLeadClients};

/// The adapters by vendor.
#[derive(Clone)]
pub struct Registry {
    providers: Vec<Arc<dyn Provider>>,
}

/// Every adapter, over one HTTP client with these limits.
#[must_use]
pub fn providers(settings: HttpSettings) -> Registry {
    let http = Arc::new(Http::new(settings));
    Registry {
        providers: vec![
            Arc::new(Naturalead::over(Arc::clone(&http))),
            Arc::new(Natural::over(Arc::clone(&http))),
            Arc::new(Leadterra::over(Arc::clone(&http))),
            Arc::new(SmartLead::over(Arc::clone(&http))),
            Arc::new(SmartLeadClients::over(Arc::clone(&http))),
            Arc::new(NeuralDraft::over(http)),
        ],
    }
}

impl Registry {
    #[must_use]
    pub fn get(&self, vendor: &VendorId) -> Option<&Arc<dyn Provider>> {
        self.iter().find(|provider| provider.manifest().vendor == *vendor)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Provider>> {
        self.providers.iter()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|provider| &provider.manifest().vendor)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_vendor_is_found_by_its_id_and_only_once() {
        let registry = providers(HttpSettings::default());
        let ids: Vec<_> = registry.iter().map(|p| p.manifest().vendor.clone()).collect();
        for id in &ids {
            assert_eq!(ids.iter().filter(|other| *other == id).count(), 1);
            assert_eq!(registry.get(id).unwrap().manifest().vendor, *id);
        }
        assert!(registry.get(&VendorId("nobody".into())).is_none());
    }
}
