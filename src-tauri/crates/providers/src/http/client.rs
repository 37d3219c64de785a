//! The two HTTP clients: one for this machine, which no proxy ever sees, and one for everywhere else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::OnceLock;
use std::time::Duration;

use keyturn_core::provider::Fault;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Client, ClientBuilder, redirect, retry};

use super::proxy::Proxy;
use super::{HttpSettings, ProxyChoice};

/// Built when first needed: reading the system's certificates takes a while that the start need not wait.
pub(super) struct Clients {
    connect_timeout: Duration,
    proxy: ProxyChoice,
    local: OnceLock<Option<Client>>,
    remote: OnceLock<Result<Way, String>>,
}

/// A client, and the proxy that it goes through.
pub(super) struct Way {
    client: Client,
    proxy: Option<Proxy>,
}

impl Clients {
    pub(super) fn new(settings: &HttpSettings) -> Self {
        Self {
            connect_timeout: settings.connect_timeout,
            proxy: settings.proxy.clone(),
            local: OnceLock::new(),
            remote: OnceLock::new(),
        }
    }

    /// The client, and the proxy that it goes through.
    ///
    /// # Errors
    /// [`Fault::Unreachable`] when no client can be built on this machine, or its proxy cannot be spoken to.
    pub(super) fn for_host(&self, loopback: bool) -> Result<(&Client, Option<&Proxy>), Fault> {
        let broken = || Fault::Unreachable("secure connections cannot be set up here".to_owned());
        if loopback {
            let client = self.local.get_or_init(|| self.build(&|| local(self.builder())));
            return client.as_ref().map(|client| (client, None)).ok_or_else(broken);
        }
        let way = self.remote.get_or_init(|| {
            self.remote().map_err(|fault| match fault {
                Fault::Unreachable(why) => why,
                other => other.to_string(),
            })
        });
        match way {
            Ok(way) => Ok((&way.client, way.proxy.as_ref())),
            Err(why) => Err(Fault::Unreachable(why.clone())),
        }
    }

    fn remote(&self) -> Result<Way, Fault> {
        let proxy = match &self.proxy {
            ProxyChoice::System => Proxy::from_environment(|name| std::env::var(name).ok())?,
            ProxyChoice::Off => None,
            #[cfg(test)]
            ProxyChoice::Via(url) => Some(Proxy::parse(url).map_err(Fault::Unreachable)?),
        };
        let used = proxy.as_ref().map(Proxy::used).transpose()?;
        let client = self.build(&|| match (&used, &self.proxy) {
            (Some(used), _) => self.builder().proxy(used.clone()),
            (None, ProxyChoice::Off) => self.builder().no_proxy(),
            // Where the environment says nothing, the operating system may.
            (None, _) => self.builder(),
        });
        let client = client
            .ok_or_else(|| Fault::Unreachable("secure connections cannot be set up here".to_owned()))?;
        Ok(Way { client, proxy })
    }

    fn builder(&self) -> ClientBuilder {
        let accept = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        Client::builder()
            .user_agent(concat!("Keyturn/", env!("CARGO_PKG_VERSION")))
            .default_headers(accept)
            .connect_timeout(self.connect_timeout)
            // A kept connection that the vendor closed meanwhile would lose a write's reply, and its buffers hold the
            // key that it was last asked with.
            .pool_idle_timeout(Duration::from_secs(1))
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never())
    }

    fn build(&self, builder: &dyn Fn() -> ClientBuilder) -> Option<Client> {
        // An error means that a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A machine without any root certificates still reaches its own authority; every https call then
        // fails as not trusted.
        builder().build().or_else(|_| builder().tls_certs_only([]).build()).ok()
    }
}

fn local(builder: ClientBuilder) -> ClientBuilder {
    // "localhost" is what the standard says, not what a resolver may say. The port is the URL's.
    let here =
        [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].map(|ip| SocketAddr::new(ip, 0));
    builder.no_proxy().resolve_to_addrs("localhost", &here)
}
