//! Where a vendor may be called: https, or plain http on this very machine.

use keyturn_core::provider::Fault;
use url::{Host, Url};

/// A base URL that was checked. Holds no credentials, query or fragment.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    url: Url,
    loopback: bool,
}

impl Base {
    /// Checks an account's base URL.
    ///
    /// # Errors
    /// [`Fault::Address`], in words that repeat nothing of the text.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let refuse = |why: &str| Err(Fault::Address(why.to_owned()));
        // The URL standard drops these silently; an address that needs that is not the one that was meant.
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return refuse("the address holds a space or a character that no address holds");
        }
        let Ok(url) = Url::parse(text) else { return refuse("the address is not a URL") };
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => return refuse("the address names no host"),
        };
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => {
                return refuse("the address must begin with https, because a key travels with every call");
            }
            _ => return refuse("the address must begin with https"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("the address must not hold a user name or a password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("the address must end before any ? or #");
        }
        Ok(Self { url, loopback })
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// The base with `segments` after it, each percent-encoded as a whole. An empty last one leaves a slash
    /// at the end.
    ///
    /// # Errors
    /// [`Fault::Address`] for a segment that would lead out of its place in the path.
    pub(super) fn endpoint(&self, segments: &[&str]) -> Result<Url, Fault> {
        let mut url = self.url.clone();
        // A dot segment is dropped without a word: `DELETE keys/..` would become `DELETE keys`.
        if segments.iter().any(|s| matches!(*s, "." | "..")) {
            return Err(Fault::Address("the key's id cannot stand in an address".to_owned()));
        }
        match url.path_segments_mut() {
            Ok(mut path) => path.pop_if_empty().extend(segments),
            Err(()) => return Err(Fault::Address("the address is not a URL".to_owned())),
        };
        Ok(url)
    }
}
