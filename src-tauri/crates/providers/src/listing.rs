//! Pages put together to one list, with an end: a vendor that repeats itself or never stops is found out.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use keyturn_core::key::{KeyRecord, VendorKeyId};
use keyturn_core::provider::{Fault, Listing, Paging};

use crate::http::{Http, Reply, size};

/// Most pages of one reading.
const PAGES: usize = 100_000;
/// Most keys of one account; ten times the largest inventory that Keyturn is made for. [assumed]
const KEYS: usize = 1_000_000;

/// A list under construction.
pub(crate) struct Pages<'a> {
    records: Vec<KeyRecord>,
    seen: HashSet<VendorKeyId>,
    pages: usize,
    bytes: Bytes,
    dated: Option<DateTime<Utc>>,
    on_page: &'a (dyn Fn(usize) -> Paging + Send + Sync),
}

impl<'a> Pages<'a> {
    pub(crate) fn new(http: &Http, on_page: &'a (dyn Fn(usize) -> Paging + Send + Sync)) -> Self {
        Self {
            records: Vec::new(),
            seen: HashSet::new(),
            pages: 0,
            bytes: Bytes::of(http),
            dated: None,
            on_page,
        }
    }

    /// Adds the page that came with `reply` and says how many of its keys were new. A key seen before is skipped: a
    /// key made during the reading moves the others along.
    ///
    /// # Errors
    /// [`Fault::Malformed`] beyond the limits, [`Fault::Cancelled`] when the person stopped it.
    pub(crate) fn add(&mut self, page: Vec<KeyRecord>, reply: &Reply) -> Result<usize, Fault> {
        let before = self.records.len();
        self.bytes.add(reply)?;
        self.dated = reply.date();
        for record in page {
            if self.seen.insert(record.id.clone()) {
                self.records.push(record);
            }
        }
        self.pages += 1;
        if self.pages > PAGES || self.records.len() > KEYS {
            return Err(Fault::Malformed("the list does not end".to_owned()));
        }
        match (self.on_page)(self.records.len()) {
            Paging::Continue => Ok(self.records.len() - before),
            Paging::Stop => Err(Fault::Cancelled),
        }
    }

    pub(crate) fn has(&self, key: &VendorKeyId) -> bool {
        self.seen.contains(key)
    }

    pub(crate) fn finish(self) -> Listing {
        Listing { keys: self.records, dated: self.dated }
    }
}

/// How much a list's pages may be together, and how much they were.
pub(crate) struct Bytes {
    limit: usize,
    left: usize,
}

impl Bytes {
    pub(crate) fn of(http: &Http) -> Self {
        Self { limit: http.list_limit(), left: http.list_limit() }
    }

    /// # Errors
    /// [`Fault::Malformed`] beyond the limit.
    pub(crate) fn add(&mut self, reply: &Reply) -> Result<(), Fault> {
        let left = self.left.checked_sub(reply.size());
        let too_large = || Fault::Malformed(format!("the list is larger than {}", size(self.limit)));
        self.left = left.ok_or_else(too_large)?;
        Ok(())
    }
}

/// What is said of a vendor whose pages go in a circle.
pub(crate) fn repeats() -> Fault {
    Fault::Malformed("the list repeats itself".to_owned())
}
