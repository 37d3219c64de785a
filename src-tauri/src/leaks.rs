//! Searching a text for keys, and keeping what was found for the few minutes in which the person acts on it.
//!
//! In memory only, wiped when its time is over, on lock, and when the person is done.

mod files;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, LeakReport};
use keyturn_core::secret::Secret;
use keyturn_wire::leak::LeakReportView;
use keyturn_wire::present;

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
    let report = flows::find_leaks(&house.ctx, bytes).await?;
    Ok(keep(house, report))
}

/// Keeps what was found, and shows it.
fn keep(house: &Arc<House>, mut report: LeakReport) -> LeakReportView {
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
    view
}

/// Files were dropped on the window: they are read here, so that their text never enters the page.
pub(crate) fn dropped(house: &Arc<House>, paths: &[PathBuf]) {
    if paths.is_empty() {
        return;
    }
    let (house, paths) = (Arc::clone(house), paths.to_vec());
    tauri::async_runtime::spawn(async move {
        held(&house.found).forget();
        let mut report = LeakReport::default();
        for path in paths {
            let name = files::name(&path);
            match search_file(&house, path).await {
                Ok(found) => report.add(name, found),
                Err(why) => report.unread.push((name, why)),
            }
        }
        let view = keep(&house, report);
        house.emit("leak-dropped", view);
    });
}

async fn search_file(house: &House, path: PathBuf) -> Result<LeakReport, String> {
    // A slow disk holds up nothing else.
    let read = tauri::async_runtime::spawn_blocking(move || files::read(&path)).await;
    let bytes = read.map_err(|error| error.to_string())??;
    flows::find_leaks(&house.ctx, &bytes).await.map_err(|error| error.to_string())
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
