//! The limits of the wire as numbers, in one place, so that a test can shorten them.

use std::time::Duration;

use super::Budget;

/// The limits that hold for every call to a vendor. [`Default`] is what the application uses.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Name look-up, TCP and TLS together.
    pub connect_timeout: Duration,
    /// One call from first to last byte, with all its repetitions and the waits between them.
    pub deadline: Duration,
    /// Most bytes of one reply's body.
    pub body_limit: usize,
    /// A list from its first page to its last.
    pub list_deadline: Duration,
    /// Most bytes of a list's pages together.
    pub list_limit: usize,
    /// How often a read is sent at most. A write is sent once.
    pub attempts: u32,
    /// The wait before the second attempt; it doubles for each further one.
    pub backoff: Duration,
    /// The longest `Retry-After` that is waited for within a call; a longer one is reported instead.
    pub patience: Duration,
    pub budget: Budget,
    pub proxy: ProxyChoice,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(30),
            body_limit: 8 * 1024 * 1024,
            list_deadline: Duration::from_secs(15 * 60),
            list_limit: 256 * 1024 * 1024,
            attempts: 3,
            backoff: Duration::from_millis(500),
            patience: Duration::from_secs(20),
            budget: Budget::BeyondThisMachine,
            proxy: ProxyChoice::System,
        }
    }
}

/// Which proxy stands between this machine and a vendor. Loopback is always reached directly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProxyChoice {
    /// What the operating system and the environment say.
    System,
    Off,
    /// This one, for https and http alike.
    #[cfg(test)]
    Via(String),
}
