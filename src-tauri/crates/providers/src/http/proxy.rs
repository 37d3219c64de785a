//! Which proxy stands between this machine and a vendor, from the forms in which desktops and shells write it. One that
//! cannot be spoken to is never passed by: the request would leave by another way than its person wanted.

use keyturn_core::provider::Fault;
use reqwest::NoProxy;
use url::Url;

/// Every call goes to a vendor over https; what is set for https comes before what is set for everything.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Names that curl, desktops and browsers give to the kinds of proxy, and what the HTTP library calls them.
const KINDS: [(&str, &str); 8] = [
    ("http", "http"),
    ("https", "https"),
    ("socks5", "socks5"),
    ("socks5h", "socks5h"),
    ("socks4", "socks4"),
    ("socks4a", "socks4a"),
    // The names of hosts are left to the proxy: looked up here, they would show where the request goes.
    ("socks", "socks5h"),
    ("socks5a", "socks5h"),
];

/// A proxy that can be spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proxy {
    /// With a user name and a password, where such are set.
    url: Url,
    /// As it may be shown.
    pub(super) name: String,
}

impl Proxy {
    /// What the environment says; `None` where it says nothing.
    ///
    /// # Errors
    /// [`Fault::Unreachable`], with the variable's name, for a proxy that cannot be spoken to.
    pub(super) fn from_environment(read: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, Fault> {
        let set = VARIABLES.iter().find_map(|variable| {
            let value = read(variable)?;
            let value = value.trim().to_owned();
            (!value.is_empty()).then_some((variable, value))
        });
        let Some((variable, value)) = set else { return Ok(None) };
        Self::parse(&value).map(Some).map_err(|why| {
            Fault::Unreachable(format!("the proxy that {variable} names {why}; nothing was sent"))
        })
    }

    /// # Errors
    /// In words that go on with "the proxy", and repeat nothing that may be a password.
    pub(super) fn parse(value: &str) -> Result<Self, String> {
        let (kind, rest) = value.split_once("://").unwrap_or(("http", value));
        let kind = kind.to_ascii_lowercase();
        let Some((_, spoken)) = KINDS.iter().find(|(written, _)| *written == kind) else {
            return Err(format!("is of a kind that Keyturn does not speak to (“{}://”)", shown(&kind)));
        };
        let unreadable = || "has an address that cannot be read".to_owned();
        let mut url = Url::parse(&format!("{spoken}://{rest}")).map_err(|_| unreadable())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(unreadable)?.to_owned();
        if spoken.starts_with("socks") && url.port().is_none() {
            url.set_port(Some(1080)).map_err(|()| unreadable())?;
        }
        let name = match url.port_or_known_default() {
            Some(port) => format!("{host}:{port}"),
            None => host,
        };
        Ok(Self { url, name })
    }

    /// # Errors
    /// [`Fault::Unreachable`] where the library does not take it.
    pub(super) fn used(&self) -> Result<reqwest::Proxy, Fault> {
        reqwest::Proxy::all(self.url.as_str())
            .map(|proxy| proxy.no_proxy(NoProxy::from_env()))
            .map_err(|_| Fault::Unreachable(format!("the proxy {} cannot be used", self.name)))
    }

    /// Why nothing went through it.
    pub(super) fn refused(&self, cause: Option<&str>) -> Fault {
        let name = &self.name;
        Fault::Unreachable(match cause {
            Some(cause) => format!("through the proxy {name}: {cause}"),
            None => format!(
                "the proxy {name} let nothing through; where it wants a user name and a password, set them in its address"
            ),
        })
    }
}

/// A kind of proxy as it was written, where it looks like one.
fn shown(kind: &str) -> String {
    kind.chars().filter(char::is_ascii_alphanumeric).take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(pairs: &[(&str, &str)]) -> Result<Option<Proxy>, Fault> {
        Proxy::from_environment(|name| {
            pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn f26_a_proxy_is_understood_in_every_form_that_is_written() {
        for (written, url, name) in [
            ("socks5://127.0.0.1:1080", "socks5://127.0.0.1:1080", "127.0.0.1:1080"),
            ("socks://10.0.0.1:9050", "socks5h://10.0.0.1:9050", "10.0.0.1:9050"),
            ("SOCKS5H://proxy", "socks5h://proxy:1080", "proxy:1080"),
            ("proxy.example:3128", "http://proxy.example:3128/", "proxy.example:3128"),
            (
                " http://ada:pa%40ss@proxy.example:3128/ ",
                "http://ada:pa%40ss@proxy.example:3128/",
                "proxy.example:3128",
            ),
            ("https://proxy.example", "https://proxy.example/", "proxy.example:443"),
            ("http://[::1]:8080", "http://[::1]:8080/", "[::1]:8080"),
        ] {
            let proxy = set(&[("ALL_PROXY", written)]).unwrap().unwrap();
            assert_eq!((proxy.url.as_str(), proxy.name.as_str()), (url, name), "{written:?}");
            proxy.used().unwrap();
        }
        assert_eq!(set(&[]).unwrap(), None);
        assert_eq!(set(&[("HTTPS_PROXY", ""), ("all_proxy", " ")]).unwrap(), None);
        let both = set(&[("https_proxy", "http://one"), ("ALL_PROXY", "socks5://two")]).unwrap().unwrap();
        assert_eq!(both.name, "one:80");
    }

    #[test]
    fn f26_a_proxy_that_cannot_be_spoken_to_is_named_and_never_passed_by() {
        for written in
            ["quic://ada:canary@proxy:1", "socks6://proxy", "http://", "http://proxy:port", "file:///etc"]
        {
            let fault = set(&[("ALL_PROXY", written)]).unwrap_err().to_string();
            assert!(fault.contains("ALL_PROXY") && !fault.contains("canary"), "{fault}");
        }
    }
}
