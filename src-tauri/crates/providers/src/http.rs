//! The one way out: every call to a vendor goes through [`Http`], so that every rule of the wire stands once.
//!
//! The rules: https except on loopback; a redirect is an error; no referer; a time limit over the whole
//! call, and one over a whole list; a size limit over the body, and one over a whole list's; half of what a vendor lets
//! a key ask; reads retried within that time, writes never; no URL, header or body in an error or a log. Knows nothing of any vendor's words: an adapter builds a [`Call`] and reads a [`Reply`].

mod address;
mod budget;
mod call;
mod client;
mod fault;
mod proxy;
mod reply;
mod retry;
mod settings;
#[cfg(test)]
mod tests;

use keyturn_core::provider::Fault;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

pub(crate) use address::Base;
pub use address::stranger;
pub use budget::Budget;
pub(crate) use budget::Limit;
pub(crate) use call::{Call, Credential};
pub(crate) use reply::{Reply, size};
pub use settings::{HttpSettings, ProxyChoice};

use budget::Sent;
use client::Clients;

/// The HTTP client of all adapters. Cheap to share behind an `Arc`; holds no credential.
pub(crate) struct Http {
    settings: HttpSettings,
    clients: Clients,
    sent: Sent,
}

impl Http {
    pub(crate) fn new(settings: HttpSettings) -> Self {
        Self { clients: Clients::new(&settings), sent: Sent::default(), settings }
    }

    /// A call that changes nothing at the vendor: repeated on a passing failure, at most
    /// [`HttpSettings::attempts`] times and only while the deadline of the whole allows it.
    pub(crate) async fn read(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        let deadline = Instant::now() + self.settings.deadline;
        let mut attempt = 1;
        loop {
            let outcome = self.attempt(call, deadline).await;
            let Some(wait) = retry::wait(&outcome, attempt, &self.settings) else { return outcome };
            if attempt >= self.settings.attempts || Instant::now() + wait >= deadline {
                return outcome;
            }
            sleep(wait).await;
            attempt += 1;
        }
    }

    /// Reads a list whole, page after page, within [`HttpSettings::list_deadline`].
    ///
    /// # Errors
    /// [`Fault::Malformed`] when it does not end in that time; whatever `reading` says.
    pub(crate) async fn within_time<T>(
        &self,
        reading: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        timeout(self.settings.list_deadline, reading).await.unwrap_or_else(|_| {
            let seconds = self.settings.list_deadline.as_secs_f32();
            Err(Fault::Malformed(format!("the list does not end within {seconds} s")))
        })
    }

    /// Most bytes of a list's pages together.
    pub(crate) fn list_limit(&self) -> usize {
        self.settings.list_limit
    }

    /// A change that carries an idempotency key, so that repeating it changes nothing more: repeated as a
    /// read is.
    pub(crate) async fn write_repeatable(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        self.read(call).await
    }

    /// A call that changes something at the vendor: sent once, whatever comes of it.
    pub(crate) async fn write(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        self.attempt(call, Instant::now() + self.settings.deadline).await
    }

    async fn attempt(&self, call: &Call<'_>, deadline: Instant) -> Result<Reply, Fault> {
        self.wait_for_a_place(call, deadline).await?;
        let (client, proxy) = self.clients.for_host(call.is_loopback())?;
        let request = call.request(client)?;
        let method = request.method().clone();
        let response = match timeout_at(deadline, client.execute(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(fault::of_sending(error, proxy)),
            Err(_) => return Err(fault::out_of_time(self.settings.deadline)),
        };
        tracing::debug!(%method, status = response.status().as_u16(), "vendor answered");
        if response.status().is_redirection() {
            return Err(Fault::Redirected);
        }
        reply::receive(response, &self.settings, deadline).await
    }

    /// # Errors
    /// [`Fault::RateLimited`] where the budget has none until the deadline: nothing was sent.
    async fn wait_for_a_place(&self, call: &Call<'_>, deadline: Instant) -> Result<(), Fault> {
        if call.is_loopback() && self.settings.budget == Budget::BeyondThisMachine {
            return Ok(());
        }
        let at = self
            .sent
            .place(call, Instant::now(), deadline)
            .map_err(|retry_after| Fault::RateLimited { retry_after })?;
        sleep_until(at).await;
        Ok(())
    }
}
