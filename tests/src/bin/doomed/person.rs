//! What a person does with one key, as a script: each word that matters goes to the parent before the next act.

use std::io::{self, BufRead, Write};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use chrono::TimeDelta;
use keyturn_core::account::AccountId;
use keyturn_core::flows::{self, Choice, Confirmation, Context, CreateRequest, Wake};
use keyturn_core::journal::Action;
use keyturn_core::key::{Environment, KeyRef, Scope};
use keyturn_core::operation::OperationId;
use keyturn_core::provider::Paging;
use keyturn_core::reading::AGREE;
use keyturn_core::secret::Secret;
use keyturn_tests::doom::Script;
use keyturn_tests::flat::MovedClock;

/// One who acts, with the key that it is about.
pub(crate) struct Person {
    pub(crate) ctx: Context,
    pub(crate) clock: Arc<MovedClock>,
    pub(crate) key: KeyRef,
    /// Under this all of it happens.
    pub(crate) operation: OperationId,
    /// What the person has of it.
    pub(crate) value: String,
}

impl Person {
    pub(crate) async fn acts(&self, script: Script) -> Result<()> {
        match script {
            Script::Create => {
                flows::create_key(&self.ctx, self.wanted().await?).await?;
                self.store().await
            }
            Script::KillNow => {
                let given = Some(Secret::new(self.value.clone()));
                flows::begin_rotation(&self.ctx, &self.key, Choice::Now, given, self.operation.clone())
                    .await?;
                self.watch().await?;
                self.store().await
            }
            Script::Overlap | Script::Managing => {
                self.rotate(Choice::OneHour).await?;
                self.watch().await
            }
            Script::Undo => {
                self.rotate(Choice::OneDay).await?;
                flows::drive(&self.ctx, &self.operation).await?;
                flows::undo_rotation(&self.ctx, &self.operation).await?;
                self.watch().await
            }
            Script::Revoke => {
                let row = self.ctx.ledger.key(&self.key).await?.context("the key is listed")?;
                let typed = Confirmation { typed_name: Some(row.name), managing: false };
                flows::revoke_key(&self.ctx, &self.key, &typed, self.operation.clone()).await?;
                self.watch().await
            }
            Script::Again => self.create_again().await,
            Script::Disconnect => {
                self.rotate(Choice::OneDay).await?;
                let account = &self.key.account;
                let seen = flows::plan_disconnect(&self.ctx, account).await?;
                flows::disconnect(&self.ctx, account, &seen).await?;
                Ok(())
            }
            Script::AtOnce => {
                flows::begin_rotation(&self.ctx, &self.key, Choice::Atomic, None, self.operation.clone())
                    .await?;
                self.store().await
            }
        }
    }

    /// Whoever hears nothing presses the button again, and again some minutes later.
    async fn create_again(&self) -> Result<()> {
        if flows::create_key(&self.ctx, self.wanted().await?).await.is_ok() {
            return self.store_of(&self.operation).await;
        }
        for time in 1..=4 {
            let operation = OperationId(format!("{} {time}", self.operation.0));
            let wanted = CreateRequest { operation: operation.clone(), ..self.wanted().await? };
            if flows::create_key(&self.ctx, wanted).await.is_ok() {
                return self.store_of(&operation).await;
            }
            self.pass(AGREE + TimeDelta::seconds(1))?;
            drop(flows::refresh(&self.ctx, &self.key.account, &|_| Paging::Continue).await);
        }
        bail!("no key could be made")
    }

    /// With an overlap, to the moment in which it begins.
    async fn rotate(&self, choice: Choice) -> Result<()> {
        flows::begin_rotation(&self.ctx, &self.key, choice, None, self.operation.clone()).await?;
        flows::drive(&self.ctx, &self.operation).await?;
        self.store().await
    }

    async fn wanted(&self) -> Result<CreateRequest> {
        let AccountId(account) = &self.key.account;
        let found = self.ctx.ledger.accounts().await?.into_iter().find(|found| found.id.0 == *account);
        let found = found.context("the account is connected")?;
        let provider = self.ctx.providers.provider(&found.vendor).context("it has an adapter")?;
        let named = provider.manifest().scopes.iter().filter(|entry| !entry.scope.contains('*'));
        Ok(CreateRequest {
            operation: self.operation.clone(),
            account: found.id,
            name: "New".into(),
            environment: Environment::Live,
            scopes: named.take(1).map(|entry| Scope(entry.scope.into())).collect(),
            expires_at: None,
        })
    }

    /// Puts the new value into another store, and says so.
    async fn store(&self) -> Result<()> {
        self.store_of(&self.operation).await
    }

    async fn store_of(&self, operation: &OperationId) -> Result<()> {
        let (escrow, secret) = flows::take_for(&self.ctx, operation, Action::Copy).await?;
        // EXPOSE: the parent is where this person stores values; the vendor is the test's own.
        say(&format!("stored {} {}", escrow.key.key.0, secret.expose()))?;
        flows::acknowledge(&self.ctx, operation).await?;
        Ok(())
    }

    /// Waits until nothing is due any more.
    async fn watch(&self) -> Result<()> {
        for _ in 0..100 {
            match flows::drive(&self.ctx, &self.operation).await? {
                Wake::OnCall => return Ok(()),
                Wake::At(at) => self.pass(at - self.ctx.clock.now() + TimeDelta::milliseconds(1))?,
            }
        }
        let stands = self.ctx.ledger.operation(&self.operation).await?.map(|found| found.stage);
        bail!("it never ends: {stands:?}")
    }

    /// So much time passes here and at the vendor.
    fn pass(&self, time: TimeDelta) -> Result<()> {
        self.clock.forward(time);
        say(&format!("pass {}", time.num_milliseconds()))?;
        ensure!(io::stdin().lock().lines().next().is_some(), "the parent is gone");
        Ok(())
    }
}

/// A word to the parent.
pub(crate) fn say(words: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{words}")?;
    out.flush()?;
    Ok(())
}
