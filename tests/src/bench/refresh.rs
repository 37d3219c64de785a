//! A refresh of very many keys from an authority in this process, by Keyturn's own flow and by the floor program.
//!
//! No window: the flow, the adapter, HTTP and the ledger are the real ones; the keyring is a store in memory.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use keyturn_authority::{Authority, Config, Limits, Role, Vendor};
use keyturn_core::account::{Account, AccountId, Freshness, ManagingKey, VendorId};
use keyturn_core::flows::{self, Context};
use keyturn_core::key::Environment;
use keyturn_core::ports::Purpose;
use keyturn_core::provider::Paging;
use keyturn_core::secret::Secret;
use tempfile::TempDir;

use super::floor;
use super::machine::{STOLEN, Ticks, milliseconds};
use super::report::said;
use crate::flat;

/// An authority that holds the keys.
#[derive(Debug)]
struct Refresh {
    authority: Authority,
    managing_key: String,
    keys: usize,
    _dir: TempDir,
}

/// Keyturn's refresh and the floor program's in turns, `count` times: a pair of milliseconds each.
pub async fn pairs(keys: usize, count: usize) -> Result<Vec<(f64, f64)>> {
    let refresh = Refresh::prepare(keys).await?;
    let mut pairs = Vec::new();
    for number in 1..=count {
        let ticks = Ticks::now()?;
        let pair = (refresh.ours().await?, refresh.floor().await?);
        if ticks.stolen_since()? > STOLEN {
            said(&format!("Round {number} of {count}, refresh: the host took too much."));
            continue;
        }
        said(&format!("Round {number} of {count}, refresh: {:.0} ms, floor {:.0} ms", pair.0, pair.1));
        pairs.push(pair);
    }
    Ok(pairs)
}

impl Refresh {
    async fn prepare(keys: usize) -> Result<Self> {
        let dir = TempDir::new()?;
        let mut config = Config::new(Vendor::Naturalead, dir.path().join("vendor.db"));
        config.limits = Limits::unlimited();
        let authority = Authority::start(config).await?;
        authority.seed_many(keys)?;
        let managing_key = authority.issue_bootstrap_key(Role::Owner)?;
        // The managing key is listed too.
        Ok(Self { authority, managing_key, keys: keys + 1, _dir: dir })
    }

    /// Milliseconds of Keyturn's first reading, into an empty ledger.
    async fn ours(&self) -> Result<f64> {
        let dir = TempDir::new()?;
        let (ctx, ..) = flat::context(&dir).await?;
        let account = self.connect(&ctx).await?;
        let began = Instant::now();
        let report = flows::refresh(&ctx, &account, &|_| Paging::Continue).await?;
        let time = milliseconds(began.elapsed());
        ensure!(
            report.report.added == self.keys,
            "{} keys were read, not {}",
            report.report.added,
            self.keys
        );
        Ok(time)
    }

    /// Milliseconds of the floor program, into a new file.
    async fn floor(&self) -> Result<f64> {
        let dir = TempDir::new()?;
        let client = crate::authority::client()?;
        let began = Instant::now();
        let base_url = self.authority.base_url();
        let read =
            floor::refresh(&client, &base_url, &self.managing_key, &dir.path().join("floor.db")).await?;
        let time = milliseconds(began.elapsed());
        ensure!(read == self.keys, "{read} keys were read, not {}", self.keys);
        Ok(time)
    }

    /// The account as `flows::connect` would save it, without the reading that is to be measured.
    async fn connect(&self, ctx: &Context) -> Result<AccountId> {
        let secret = Secret::new(self.managing_key.clone());
        let id = AccountId("bench".into());
        let vendor = VendorId("naturalead".into());
        let provider = Arc::clone(&ctx.providers).provider(&vendor);
        let hint = provider.ok_or_else(|| anyhow::anyhow!("no adapter"))?.hint(&secret);
        let account = Account {
            id: id.clone(),
            vendor,
            label: "Bench".into(),
            base_url: self.authority.base_url(),
            environment: Environment::Live,
            rehearsal: false,
            managing: Some(ManagingKey { hint, key: None }),
            settings: std::collections::BTreeMap::new(),
            connected_at: ctx.clock.now(),
            freshness: Freshness::Unread,
            refused_scopes: Vec::new(),
        };
        let sealed = ctx.vault.seal(Purpose::Managing(id.clone()), &account.place(), &secret)?;
        ctx.ledger.add_account(&account, Some(&sealed), None).await?;
        Ok(id)
    }
}
