//! Wakes what is due: the next refresh and the lock after idling. Holds no rules; sleeps until the next deadline.

use std::sync::Arc;
use std::time::{Duration, Instant};

use keyturn_core::ports::VaultStatus;

use crate::house::{House, held};
use crate::refreshing::Asker;
use crate::{opening, refreshing};

const MINUTE: Duration = Duration::from_secs(60);

/// Runs for the life of the application.
pub(crate) async fn run(house: Arc<House>) {
    let mut next_refresh = Instant::now() + refresh_every(&house);
    loop {
        let now = Instant::now();
        if house.ctx.vault.status() == VaultStatus::Open {
            if idle_deadline(&house).is_some_and(|deadline| deadline <= now) {
                opening::lock(&house, true);
            } else if next_refresh <= now {
                next_refresh = now + refresh_every(&house);
                refreshing::refresh_all(&house, Asker::Time);
                refreshing::check_adopted(&house);
            }
        }
        let wake_at = match (house.ctx.vault.status(), idle_deadline(&house)) {
            (VaultStatus::Open, Some(deadline)) => deadline.min(next_refresh),
            (VaultStatus::Open, None) => next_refresh,
            (VaultStatus::Locked | VaultStatus::Unavailable(_), _) => now + 60 * MINUTE,
        };
        tokio::select! {
            () = tokio::time::sleep_until(wake_at.max(now + Duration::from_millis(100)).into()) => {}
            () = house.wake.notified() => next_refresh = next_refresh.min(Instant::now() + refresh_every(&house)),
        }
    }
}

fn refresh_every(house: &House) -> Duration {
    MINUTE * house.settings().refresh_minutes.max(1)
}

/// When the vault locks if nobody touches the window; `None` where the person switched that off.
fn idle_deadline(house: &House) -> Option<Instant> {
    let minutes = house.settings().auto_lock_minutes;
    (minutes > 0).then(|| *held(&house.activity) + MINUTE * minutes)
}
