//! Where a vendor may be called: https, or plain http on this very machine.

use keyturn_core::provider::{Fault, Manifest};
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

    /// Whether both are one place: scheme, host and port.
    fn is_at(&self, other: &Self) -> bool {
        self.url.origin() == other.url.origin()
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

/// The host of an address that is neither the vendor's own place nor this machine, as it will be called: letters that
/// look like others are written out. `None` for these two, and for what is no address and will not be called at all.
#[must_use]
pub fn stranger(address: &str, manifest: &Manifest) -> Option<String> {
    let base = Base::parse(address.trim()).ok()?;
    let is_own = Base::parse(manifest.default_base_url).is_ok_and(|own| own.is_at(&base));
    let host = base.url.host_str()?;
    let named = base.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    (!is_own && !base.is_loopback()).then_some(named)
}

#[cfg(test)]
mod tests {
    use keyturn_core::provider::Provider;

    use super::*;

    #[test]
    fn f48_a_strangers_address_is_told_from_the_vendors_own_and_this_machine() {
        let adapter = crate::Naturalead::new(crate::HttpSettings::default());
        let table = [
            ("https://api.naturalead.ai", None),
            ("https://api.naturalead.ai:443/api", None),
            (" HTTPS://API.Naturalead.AI/ ", None),
            ("http://127.0.0.1:8080", None),
            ("http://localhost:1/x", None),
            ("https://[::1]:8443", None),
            ("http://api.naturalead.ai", None),
            ("not an address", None),
            ("https://api.naturalead.ai:8443", Some("api.naturalead.ai:8443")),
            ("https://naturalead.ai", Some("naturalead.ai")),
            ("https://api.naturalead.ai.evil.example", Some("api.naturalead.ai.evil.example")),
            ("https://api.n\u{430}turalead.ai", Some("api.xn--nturalead-0yh.ai")),
            ("https://127.0.0.1.evil.example/", Some("127.0.0.1.evil.example")),
            ("https://10.0.0.7", Some("10.0.0.7")),
        ];
        for (address, expected) in table {
            let host = stranger(address, adapter.manifest());
            assert_eq!(host.as_deref(), expected, "{address}");
        }
    }
}
