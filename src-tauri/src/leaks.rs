//! Searching a text for keys, and keeping what was found for the few minutes in which the person acts on it.
//!
//! In memory only, wiped when its time is over, on lock, and when the person is done.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use keyturn_core::error::FlowError;
use keyturn_core::flows;
use keyturn_core::leak::LARGEST;
use keyturn_core::secret::Secret;
use keyturn_wire::leak::LeakReportView;
use keyturn_wire::present;
use zeroize::Zeroizing;

use crate::house::{House, held};

/// How long a found value is kept.
const KEPT: Duration = Duration::from_secs(10 * 60);

/// Values by the id that the window knows them under.
#[derive(Default)]
pub(crate) struct Found {
    values: HashMap<String, Secret>,
    searches: u64,
}

impl Found {
    /// A second holder of the value, where it is still kept.
    pub(crate) fn get(&self, id: &str) -> Option<Secret> {
        self.values.get(id).map(Secret::duplicate)
    }

    /// Wipes every value.
    pub(crate) fn forget(&mut self) {
        self.values.clear();
    }
}

/// Searches `bytes`. What was found before is forgotten.
pub(crate) async fn search(house: &Arc<House>, bytes: &[u8]) -> Result<LeakReportView, FlowError> {
    held(&house.found).forget();
    let mut report = flows::find_leaks(&house.ctx, bytes).await?;
    let search = {
        let mut found = held(&house.found);
        found.searches += 1;
        found.searches
    };
    let ids: Vec<String> =
        (0..report.matches.len()).map(|number| format!("found-{search}-{number}")).collect();
    let vendor = |id: &_| {
        let provider = house.ctx.providers.provider(id);
        provider.map(|provider| provider.manifest().name.to_owned()).unwrap_or_default()
    };
    let view = present::leak::report(&report, &ids, vendor, Utc::now());
    let values = ids.into_iter().zip(report.matches.drain(..).map(|found| found.secret));
    held(&house.found).values.extend(values);
    forget_later(Arc::clone(house), search);
    Ok(view)
}

/// A file was dropped on the window: it is read here, so that its text never enters the page.
pub(crate) fn dropped(house: &Arc<House>, paths: &[PathBuf]) {
    let Some(path) = paths.first().cloned() else { return };
    let house = Arc::clone(house);
    tauri::async_runtime::spawn(async move {
        let searched = match read(&path) {
            Ok(bytes) => search(&house, &bytes).await,
            Err(error) => Err(FlowError::NotAllowed(format!("The file could not be read: {}", error.kind()))),
        };
        let view = searched.unwrap_or_else(|error| {
            tracing::warn!(%error, "a dropped file was not searched");
            LeakReportView {
                matches: Vec::new(),
                scanned_bytes: 0,
                candidates: 0,
                words: keyturn_wire::failure::FailureView::from(&error).message,
            }
        });
        house.emit("leak-dropped", view);
    });
}

/// One byte more than may be searched, at most: enough to say that it is too much. The room is taken at once, so that
/// no copy of the text is left where it grew from.
fn read(path: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST + 2));
    std::fs::File::open(path)?.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn forget_later(house: Arc<House>, search: u64) {
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(KEPT).await;
        let mut found = held(&house.found);
        if found.searches == search {
            found.forget();
        }
    });
}
