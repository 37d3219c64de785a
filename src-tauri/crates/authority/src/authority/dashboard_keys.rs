//! What a person does on the dashboard, for who holds the authority.

use super::Authority;
use crate::dashboard::Desk;
use crate::dashboard::deeds::{self, Made};
use crate::error::AuthorityError;

/// A key as the dashboard shows it once. Its `Debug` leaves the value out.
pub struct DashboardKey {
    /// What the dashboard knows it by.
    pub id: String,
    /// The whole key.
    pub value: String,
}

impl std::fmt::Debug for DashboardKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("DashboardKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl From<Made> for DashboardKey {
    fn from(made: Made) -> Self {
        Self { id: made.id, value: made.value.into_string() }
    }
}

impl Authority {
    /// The page on which a person manages the vendor's account keys, if they are not managed over its API.
    #[must_use]
    pub fn dashboard_url(&self) -> Option<String> {
        self.desk.as_ref().map(|_| format!("http://{}/dashboard", self.address))
    }

    /// Makes a key as the dashboard does, in the usual environment if none is named.
    ///
    /// # Errors
    /// The vendor has no dashboard, or no such environment; the label is empty or too long; the store refused.
    pub fn dashboard_issue(
        &self,
        label: &str,
        environment: Option<&str>,
    ) -> Result<DashboardKey, AuthorityError> {
        deeds::issue(self.desk()?, label, environment).map(DashboardKey::from)
    }

    /// Gives a key another value as the dashboard does: same id, and the old value dead at once.
    ///
    /// # Errors
    /// The vendor's dashboard does not do that, or knows no such active key; the store refused.
    pub fn dashboard_regenerate(&self, id: &str) -> Result<DashboardKey, AuthorityError> {
        deeds::regenerate(self.desk()?, id).map(DashboardKey::from)
    }

    /// Ends a key as the dashboard does, for good.
    ///
    /// # Errors
    /// The vendor's dashboard does not do that, or knows no such key; the store refused.
    pub fn dashboard_revoke(&self, id: &str) -> Result<(), AuthorityError> {
        deeds::revoke(self.desk()?, id)
    }

    fn desk(&self) -> Result<&Desk, AuthorityError> {
        self.desk.as_ref().ok_or(AuthorityError::NoDashboard(self.engine.profile.vendor))
    }
}
