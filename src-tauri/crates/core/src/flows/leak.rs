//! "Is this key ours?": each value in a text, to its vendor, account and key. Nothing is sent, nothing of it is kept.

use std::collections::{HashMap, HashSet};

use super::Context;
use super::account::{entry, value};
use crate::account::{Account, AccountId, VendorId};
use crate::error::FlowError;
use crate::inventory::InventoryRow;
use crate::journal::{Action, Outcome};
use crate::key::{KeyRecord, KeyRef, VendorKeyId};
use crate::leak::{Candidate, Held, LARGEST, decode, scan, unescaped};
use crate::paste::masked;
use crate::permit::{Permit, Permits};
use crate::ports::{Fingerprint, Purpose, VaultError};
use crate::provider::Manifest;
use crate::secret::Secret;

/// Most values that are told of; whoever finds more has other work first.
const MOST: usize = 500;

/// How sure it is whose a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// The vault holds this value, or has held it.
    Exact,
    /// Its beginning and end are those that the vendor lists.
    Hint,
    /// It only looks like a key of the vendor.
    Form,
}

/// One value, and the key that it is or may be.
#[derive(Debug)]
pub struct LeakMatch {
    pub secret: Secret,
    pub masked: String,
    /// The file that it stands in, where the text came from one.
    pub file: Option<String>,
    pub line: u32,
    pub certainty: Certainty,
    pub vendor: Option<VendorId>,
    pub account: Option<Account>,
    /// With its row, where it still has one.
    pub key: Option<(KeyRef, Option<KeyRecord>)>,
    pub can_rotate: Permit,
}

/// What was found in a text, or in several files.
#[derive(Debug, Default)]
pub struct LeakReport {
    pub matches: Vec<LeakMatch>,
    /// The files that were looked through, with their bytes.
    pub read: Vec<(String, usize)>,
    /// Those that were not, with the reason.
    pub unread: Vec<(String, String)>,
    /// Bytes of all text.
    pub scanned: usize,
    /// Values that have a vendor's form, or are known exactly.
    pub candidates: usize,
}

impl LeakReport {
    /// What was found in a file, besides what is here.
    pub fn add(&mut self, file: String, found: Self) {
        let named = found.matches.into_iter().map(|one| LeakMatch { file: Some(file.clone()), ..one });
        self.matches.extend(named);
        self.matches.sort_by_key(|found| found.certainty);
        self.matches.truncate(MOST);
        self.scanned += found.scanned;
        self.candidates += found.candidates;
        self.read.push((file, found.scanned));
    }
}

/// Searches `bytes` for keys: exactly for values that the vault holds or has held, by prefix and hint for keys that
/// are listed, and by their form alone for the rest. The journal hears of the keys that were found, not of the text.
///
/// # Errors
/// [`FlowError::NotAllowed`] where the text is larger than [`LARGEST`]; [`FlowError::Vault`] where the vault is
/// closed: without its key nothing is known exactly.
pub async fn find_leaks(ctx: &Context, bytes: &[u8]) -> Result<LeakReport, FlowError> {
    if bytes.len() > LARGEST {
        return Err(FlowError::NotAllowed("The text is larger than 10 MB. Search it in parts.".into()));
    }
    let text = decode(bytes);
    let plain = unescaped(&text);
    let providers = ctx.providers.all();
    let manifests: Vec<&Manifest> = providers.iter().map(|provider| provider.manifest()).collect();
    let forms: Vec<_> = manifests.iter().map(|manifest| &manifest.key_form).collect();
    let values = Held::of(held_values(ctx).await?.iter().map(|(_, value)| value));
    let mut found = scan(&text, &forms, &values);
    let known: HashSet<&str> = found.iter().map(|candidate| candidate.value).collect();
    let written_out = plain.as_deref().map(|plain| scan(plain, &forms, &values)).unwrap_or_default();
    found.extend(written_out.into_iter().filter(|candidate| !known.contains(candidate.value)));
    let held = held(ctx, &found).await?;
    let exact: Vec<&str> =
        found.iter().zip(&held).filter(|(_, keys)| !keys.is_empty()).map(|(found, _)| found.value).collect();
    let known = Known::read(ctx, found.iter().any(|candidate| !candidate.forms.is_empty())).await?;
    let mut matches = Vec::new();
    let mut candidates = 0;
    for (candidate, held) in found.iter().zip(held) {
        // What stands around a key that is known exactly makes no second one of it.
        if held.is_empty() && exact.iter().any(|value| candidate.value.contains(value)) {
            continue;
        }
        let told = exactly(&known, candidate, &held, &manifests)
            .or_else(|| by_hint(ctx, &known, candidate, &manifests))
            .unwrap_or_else(|| by_form(candidate, &manifests));
        candidates += usize::from(!told.is_empty());
        matches.extend(told);
    }
    matches.sort_by_key(|found| (found.certainty, found.line));
    matches.truncate(MOST);
    tell(ctx, &matches, bytes.len()).await?;
    Ok(LeakReport { matches, scanned: bytes.len(), candidates, ..LeakReport::default() })
}

/// For values that were sealed before fingerprints were kept: those that Keyturn still holds get theirs.
///
/// # Errors
/// Vault and ledger faults.
pub async fn note_held(ctx: &Context) -> Result<(), FlowError> {
    for (key, secret) in held_values(ctx).await? {
        ctx.ledger.put_fingerprint(&key, &ctx.vault.fingerprint(&secret)?).await?;
    }
    Ok(())
}

/// Every value that the vault holds, with its key.
async fn held_values(ctx: &Context) -> Result<Vec<(KeyRef, Secret)>, FlowError> {
    let mut places: Vec<(Purpose, KeyRef)> = Vec::new();
    let accounts = ctx.ledger.accounts().await?;
    for account in accounts.clone() {
        if let Some(managing) = &account.managing {
            let key = managing.key.clone().unwrap_or_else(|| VendorKeyId(String::new()));
            places.push((Purpose::Managing(account.id.clone()), KeyRef { account: account.id, key }));
        } else {
            for record in ctx.ledger.keys(&account.id).await? {
                let key = KeyRef { account: account.id.clone(), key: record.id };
                places.push((Purpose::Adopted(key.clone()), key));
            }
        }
    }
    for operation in ctx.ledger.open_operations().await? {
        if let Some(key) = operation.stage.unsaved() {
            places.push((Purpose::Escrow(operation.id.clone()), key.clone()));
        }
    }
    let mut values = Vec::with_capacity(places.len());
    for (purpose, key) in places {
        let Some(account) = accounts.iter().find(|account| account.id == key.account) else { continue };
        let secret = match value(ctx, account, &purpose).await {
            Ok(Some(secret)) => secret,
            // One that does not open says nothing of the others.
            Ok(None) | Err(FlowError::Vault(VaultError::Corrupt)) => continue,
            Err(error) => return Err(error),
        };
        values.push((key, secret));
    }
    Ok(values)
}

/// For each candidate the keys whose value it is or was.
async fn held(ctx: &Context, found: &[Candidate<'_>]) -> Result<Vec<Vec<KeyRef>>, FlowError> {
    let mut prints = Vec::with_capacity(found.len());
    for candidate in found {
        prints.push(ctx.vault.fingerprint(&Secret::new(candidate.value.to_owned()))?);
    }
    let mut keys: HashMap<Fingerprint, Vec<KeyRef>> = HashMap::new();
    for (print, key) in ctx.ledger.held_as(&prints).await? {
        keys.entry(print).or_default().push(key);
    }
    Ok(prints.iter().map(|print| keys.get(print).cloned().unwrap_or_default()).collect())
}

/// What the ledger lists, as it is looked up here.
struct Known {
    accounts: HashMap<AccountId, Account>,
    rows: HashMap<KeyRef, InventoryRow>,
    /// By vendor, prefix and suffix.
    hints: HashMap<(VendorId, String, String), Vec<KeyRef>>,
}

impl Known {
    async fn read(ctx: &Context, by_hint: bool) -> Result<Self, FlowError> {
        let accounts: HashMap<_, _> =
            ctx.ledger.accounts().await?.into_iter().map(|account| (account.id.clone(), account)).collect();
        let rows: HashMap<_, _> =
            ctx.ledger.inventory_rows().await?.into_iter().map(|row| (row.key_ref(), row)).collect();
        let mut hints: HashMap<_, Vec<KeyRef>> = HashMap::new();
        for row in rows.values().filter(|row| by_hint && !row.record.hint.suffix.is_empty()) {
            let Some(account) = accounts.get(&row.account) else { continue };
            let hint = row.record.hint.clone();
            hints.entry((account.vendor.clone(), hint.prefix, hint.suffix)).or_default().push(row.key_ref());
        }
        Ok(Self { accounts, rows, hints })
    }

    fn matched(
        &self,
        candidate: &Candidate<'_>,
        certainty: Certainty,
        key: &KeyRef,
        manifests: &[&Manifest],
    ) -> LeakMatch {
        let account = self.accounts.get(&key.account);
        let manages = account.and_then(|account| account.managing.as_ref()).and_then(|m| m.key.clone());
        let id = if key.key.0.is_empty() { manages } else { Some(key.key.clone()) };
        let key = id.map(|id| KeyRef { account: key.account.clone(), key: id });
        let row = key.as_ref().and_then(|key| self.rows.get(key));
        let manifest = account.and_then(|account| manifests.iter().find(|m| m.vendor == account.vendor));
        LeakMatch {
            secret: Secret::new(candidate.value.to_owned()),
            masked: masked(candidate.value),
            file: None,
            line: candidate.line,
            certainty,
            vendor: account.map(|account| account.vendor.clone()),
            account: account.cloned(),
            can_rotate: can_rotate(row, manifest.copied()),
            key: key.map(|key| (key, row.map(|row| row.record.clone()))),
        }
    }
}

fn exactly(
    known: &Known,
    candidate: &Candidate<'_>,
    held: &[KeyRef],
    manifests: &[&Manifest],
) -> Option<Vec<LeakMatch>> {
    let matches: Vec<_> =
        held.iter().map(|key| known.matched(candidate, Certainty::Exact, key, manifests)).collect();
    (!matches.is_empty()).then_some(matches)
}

fn by_hint(
    ctx: &Context,
    known: &Known,
    candidate: &Candidate<'_>,
    manifests: &[&Manifest],
) -> Option<Vec<LeakMatch>> {
    let secret = Secret::new(candidate.value.to_owned());
    let mut matches = Vec::new();
    for form in &candidate.forms {
        let vendor = &manifests[*form].vendor;
        let Some(provider) = ctx.providers.provider(vendor) else { continue };
        let hint = provider.hint(&secret);
        let keys = known.hints.get(&(vendor.clone(), hint.prefix, hint.suffix));
        let told = keys.into_iter().flatten();
        matches.extend(told.map(|key| known.matched(candidate, Certainty::Hint, key, manifests)));
    }
    (!matches.is_empty()).then_some(matches)
}

fn by_form(candidate: &Candidate<'_>, manifests: &[&Manifest]) -> Vec<LeakMatch> {
    let of = |form: &usize| LeakMatch {
        secret: Secret::new(candidate.value.to_owned()),
        masked: masked(candidate.value),
        file: None,
        line: candidate.line,
        certainty: Certainty::Form,
        vendor: Some(manifests[*form].vendor.clone()),
        account: None,
        key: None,
        can_rotate: Permit::Denied("It is none of the keys that Keyturn knows.".into()),
    };
    candidate.forms.iter().map(of).collect()
}

fn can_rotate(row: Option<&InventoryRow>, manifest: Option<&Manifest>) -> Permit {
    let (Some(row), Some(manifest)) = (row, manifest) else {
        return Permit::Denied("The key is not listed any more.".into());
    };
    if row.operation.is_some() {
        return Permit::Denied("This key is being rotated or revoked already.".into());
    }
    Permits::of(&manifest.capabilities, &row.record).rotate
}

async fn tell(ctx: &Context, matches: &[LeakMatch], bytes: usize) -> Result<(), FlowError> {
    let mut told = HashSet::new();
    for found in matches {
        let Some((key, _)) = &found.key else { continue };
        if !told.insert(key) {
            continue;
        }
        let how = match found.certainty {
            Certainty::Exact => "exactly this value",
            Certainty::Hint => "a value with its beginning and end",
            Certainty::Form => continue,
        };
        let seen = Outcome::Done(format!("{how} stands in a text of {bytes} bytes that was searched"));
        let note = entry(ctx, &key.account, Some(&key.key), Action::LeakSearch, seen);
        ctx.ledger.append(&note).await?;
    }
    let words = format!("a text of {bytes} bytes was searched; keys of yours in it: {}", told.len());
    let none = AccountId(String::new());
    ctx.ledger.append(&entry(ctx, &none, None, Action::LeakSearch, Outcome::Done(words))).await?;
    Ok(())
}
