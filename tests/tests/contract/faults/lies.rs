//! Replies in the vendor's own words that are not so, and pages from somebody on the way: each call ends soon and in
//! words, invents nothing, tells no secret, and says "done" only of what was done or what nobody could tell otherwise.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use keyturn_authority::{Calls, Fault};
use keyturn_core::account::VendorId;
use keyturn_core::flows::{self, Confirmation};
use keyturn_core::grant::Grant;
use keyturn_core::key::{KeyStatus, VendorKeyId};
use keyturn_core::provider::{Connection, DeleteSupport, Paging, Probe, ProviderError};
use keyturn_core::secret::Secret;
use keyturn_tests::flat::Flat;

use super::checks::{is_sound, says_no_secret};
use super::{Sink, arm, bounded, clear, every_fault, impatient, side_by_side};
use crate::house::{id, managed, status};

/// One account, one fault at a time, asked past the flows.
struct Tried<'a> {
    flat: &'a Flat,
    fault: Fault,
    managing: Secret,
    base_url: String,
}

impl Tried<'_> {
    fn connection<'a>(&'a self, key: &'a Secret) -> Connection<'a> {
        Connection { base_url: &self.base_url, managing_key: key, settings: &self.flat.account.settings }
    }

    /// What came of a call under the fault, which does not stay.
    async fn under<T>(
        &self,
        call: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<Result<T, ProviderError>> {
        arm(self.flat, Calls::All, &self.fault);
        let outcome = bounded(&self.fault, call).await?;
        clear(self.flat);
        if let Err(error) = &outcome {
            // EXPOSE: looked for in what was said.
            says_no_secret(error, &[self.managing.expose()])?;
        }
        Ok(outcome)
    }

    /// The ids that the vendor truly lists, and those of them that live.
    async fn truth(&self) -> Result<(BTreeSet<VendorKeyId>, BTreeSet<VendorKeyId>)> {
        let listed = self.flat.listed().await?;
        let living = listed.iter().filter(|key| key.status.is_live()).map(|key| key.id.clone()).collect();
        Ok((listed.into_iter().map(|key| key.id).collect(), living))
    }

    async fn list_invents_nothing(&self) -> Result<()> {
        let read = self.flat.provider.list(self.connection(&self.managing), &|keys| {
            if keys > 2000 { Paging::Stop } else { Paging::Continue }
        });
        let Ok(listing) = self.under(read).await? else { return Ok(()) };
        let (all, _) = self.truth().await?;
        let shown: BTreeSet<_> = listing.keys.iter().map(|key| key.id.clone()).collect();
        ensure!(shown.len() == listing.keys.len(), "a key is listed twice");
        ensure!(shown.is_subset(&all), "a key is listed that is not there");
        Ok(())
    }

    fn grant(&self, name: &str) -> Result<Grant> {
        let wanted = self.flat.wanted("any", name);
        let now = self.flat.ctx.clock.now();
        Ok(Grant::check(self.flat.provider.manifest(), name, wanted.environment, wanted.scopes, None, now)?)
    }

    async fn mint_is_kept_or_in_doubt(&self, name: &str) -> Result<()> {
        let before = self.flat.live_at_vendor(name).await?;
        let grant = self.grant(name)?;
        let made = self.under(self.flat.provider.mint(self.connection(&self.managing), &grant)).await?;
        let new = self.flat.live_at_vendor(name).await? - before;
        match made {
            // EXPOSE: the test uses the key at the authority.
            Ok(minted) => ensure!(new == 1 && self.flat.works(minted.secret.expose()).await?),
            Err(error) => ensure!(new == 0 || error.fault.leaves_doubt(), "made, and no doubt: {error}"),
        }
        for key in
            self.flat.listed().await?.into_iter().filter(|key| key.name == name && key.status.is_live())
        {
            self.flat.provider.revoke(self.connection(&self.managing), &key.id).await?;
        }
        Ok(())
    }

    async fn revoke_is_done_or_in_doubt(&self, key: &VendorKeyId) -> Result<()> {
        let revoked = self.under(self.flat.provider.revoke(self.connection(&self.managing), key)).await?;
        let lives = self.truth().await?.1.contains(key);
        match revoked {
            Ok(()) => {
                ensure!(!lives || self.fault == Fault::IgnoredRevocation, "called revoked, and it lives");
            }
            Err(error) => ensure!(lives || error.fault.leaves_doubt(), "revoked, and no doubt: {error}"),
        }
        Ok(())
    }

    async fn delete_is_done_or_in_doubt(&self, key: &VendorKeyId) -> Result<()> {
        if self.flat.provider.manifest().capabilities.delete != DeleteSupport::OnceRevoked {
            return Ok(());
        }
        // Whether or not it was revoked before, from now on it is, where the vendor keeps revoked keys at all.
        drop(self.flat.provider.revoke(self.connection(&self.managing), key).await);
        let (before, _) = self.truth().await?;
        let deleted = self.under(self.flat.provider.delete(self.connection(&self.managing), key)).await?;
        let there = self.truth().await?.0.contains(key);
        match deleted {
            Ok(()) => {
                ensure!(!there || self.fault == Fault::IgnoredRevocation, "called deleted, and it is there");
            }
            Err(error) => ensure!(
                there || !before.contains(key) || error.fault.leaves_doubt(),
                "deleted, and no doubt: {error}"
            ),
        }
        Ok(())
    }

    async fn probe_kills_nothing(&self, value: &Secret) -> Result<()> {
        let seen = self.under(self.flat.provider.probe(self.connection(value))).await?;
        let is_dead = matches!(seen, Ok(Probe::Refused));
        ensure!(!is_dead || self.fault == Fault::EverybodyRefused, "a living key was called dead");
        Ok(())
    }
}

async fn behaviour(provider: VendorId) -> Result<()> {
    let sink = Sink::open().await?;
    let flat = impatient(&provider).await?;
    let base_url = flat.rehearsed.authority.base_url();
    for (number, fault) in every_fault(&sink).into_iter().enumerate() {
        let told = || format!("{fault:?}");
        let name = format!("Number {number}");
        let managing = Secret::new(flat.rehearsed.managing_key.clone());
        let tried = Tried { flat: &flat, fault: fault.clone(), managing, base_url: base_url.clone() };
        let made = flat.provider.mint(tried.connection(&tried.managing), &tried.grant(&name)?).await?;
        let key = made.record.id;
        tried.list_invents_nothing().await.with_context(told)?;
        tried.probe_kills_nothing(&made.secret).await.with_context(told)?;
        tried.mint_is_kept_or_in_doubt(&format!("{name} again")).await.with_context(told)?;
        tried.revoke_is_done_or_in_doubt(&key).await.with_context(told)?;
        tried.delete_is_done_or_in_doubt(&key).await.with_context(told)?;
        // Makes room, whatever became of it.
        drop(flat.provider.revoke(tried.connection(&tried.managing), &key).await);
    }
    ensure!(sink.reached() == 0, "a key went elsewhere");
    is_sound(&flat, &[&flat.rehearsed.managing_key]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn f50_no_lie_makes_a_call_say_more_than_what_was_done() -> Result<()> {
    side_by_side(managed, behaviour).await
}

/// The vendor says that it revoked the key, and goes on accepting it.
async fn without_effect(provider: VendorId) -> Result<()> {
    let flat = impatient(&provider).await?;
    let key = flows::create_key(&flat.ctx, flat.wanted("make", "Lives on")).await?;
    let value = flat.value("make").await?;
    arm(&flat, Calls::Writes, &Fault::IgnoredRevocation);
    let typed = Confirmation { typed_name: Some("Lives on".into()), managing: false };
    // Accepted, or in doubt; what counts is what is claimed.
    drop(flows::revoke_key(&flat.ctx, &key, &typed, id("revoke")).await);
    for _ in 0..10 {
        drop(flows::drive(&flat.ctx, &id("revoke")).await);
        let status = status(&flat, &key).await?;
        ensure!(flat.works(&value).await?, "nothing was done to it");
        ensure!(!matches!(status, KeyStatus::Revoked { .. }), "{status:?}, and the key works");
        flat.pass(chrono::TimeDelta::minutes(2));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f50_a_revocation_without_effect_is_never_called_done() -> Result<()> {
    side_by_side(managed, without_effect).await
}
