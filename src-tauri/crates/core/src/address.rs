//! The address of an account, in one form, so that what two people typed differently is the same.

use url::{Host, Url};

/// Scheme, host, port where it is not the usual one, and path without its last slash. What is no address stays as it
/// is: the adapter says what is wrong with it.
#[must_use]
pub fn normal(address: &str) -> String {
    let address = address.trim();
    match Url::parse(address) {
        Ok(url) if url.has_host() => url.as_str().trim_end_matches('/').to_owned(),
        Ok(_) | Err(_) => address.trim_end_matches('/').to_owned(),
    }
}

/// Where requests to the address go: scheme, host and port.
#[must_use]
pub fn origin(address: &str) -> String {
    match Url::parse(address.trim()) {
        Ok(url) if url.has_host() => url.origin().ascii_serialization(),
        Ok(_) | Err(_) => address.trim().to_owned(),
    }
}

/// Whether the address is this computer's own.
#[must_use]
pub fn is_loopback(address: &str) -> bool {
    let Ok(url) = Url::parse(address.trim()) else { return false };
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_differently_is_one_address() {
        for typed in
            ["https://API.example.test", " https://api.example.test:443/ ", "HTTPS://api.example.test//"]
        {
            assert_eq!(normal(typed), "https://api.example.test");
            assert_eq!(origin(typed), "https://api.example.test");
        }
        assert_eq!(normal("http://127.0.0.1:8080/v1/"), "http://127.0.0.1:8080/v1");
        assert_eq!(origin("http://127.0.0.1:8080/v1/"), "http://127.0.0.1:8080");
        assert_eq!(normal("not an address/"), "not an address");
    }
}
