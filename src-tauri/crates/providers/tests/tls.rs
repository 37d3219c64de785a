//! Certificates that must not be trusted, shown by real servers. A process of its own, because what a machine
//! trusts is read from its environment.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;

use keyturn_core::account::VendorId;
use keyturn_core::provider::{Connection, Fault, Probe};
use keyturn_core::secret::Secret;
use keyturn_providers::{HttpSettings, ProxyChoice, providers};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

/// Where a machine's certificates are, for the library that reads them.
const TRUSTED: &str = "SSL_CERT_FILE";

#[test]
fn n5_a_certificate_that_is_expired_or_anothers_or_nobodys_is_refused() {
    let dir = tempfile::TempDir::new().unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "in_a_process_that_trusts_one_authority", "--ignored", "--nocapture"])
        .env(TRUSTED, dir.path().join("trusted.pem"))
        .output()
        .unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "run by the test above, in a process of its own"]
async fn in_a_process_that_trusts_one_authority() {
    let authority = Authority::named("An authority that is trusted");
    std::fs::write(std::env::var(TRUSTED).unwrap(), &authority.pem).unwrap();
    let stranger = Authority::named("A stranger");
    let localhost = || CertificateParams::new(vec!["localhost".to_owned()]).unwrap();

    // Without this the others could be refused for any reason.
    assert_eq!(seen(authority.sign(&localhost())).await.unwrap(), Probe::Alive);

    let mut expired = localhost();
    (expired.not_before, expired.not_after) = (date_time_ymd(2019, 1, 1), date_time_ymd(2020, 1, 1));
    let elsewhere = CertificateParams::new(vec!["vendor.example".to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    let own = Shown { certificate: localhost().self_signed(&key).unwrap().der().clone(), key };
    for (shown, words) in [
        (authority.sign(&expired), "its certificate has expired"),
        (authority.sign(&elsewhere), "its certificate is for another host"),
        (stranger.sign(&localhost()), "its certificate is from nobody this machine trusts"),
        (own, "its certificate is from nobody this machine trusts"),
    ] {
        let fault = seen(shown).await.unwrap_err();
        assert!(matches!(&fault, Fault::Unreachable(why) if why == words), "{words}: {fault:?}");
    }
}

/// Probes a server that shows this certificate.
async fn seen(shown: Shown) -> Result<Probe, Fault> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("https://localhost:{}/v1", listener.local_addr().unwrap().port());
    let server = std::thread::spawn(move || serve(&listener, shown));
    let settings = HttpSettings { proxy: ProxyChoice::Off, attempts: 1, ..HttpSettings::default() };
    let registry = providers(settings);
    let provider = registry.get(&VendorId("leadterra".into())).unwrap();
    let (key, settings) = (Secret::new("sk_live_canary_7f3a_canary_7f3a".into()), BTreeMap::new());
    let connection = Connection { base_url: &base, managing_key: &key, settings: &settings };
    let seen = provider.probe(connection).await.map_err(|error| error.fault);
    let request = server.join().unwrap();
    assert_eq!(request.contains("canary"), seen.is_ok(), "a key went to a server that nobody vouches for");
    seen
}

/// Answers one request, and says what it was; empty where the client did not trust the server.
fn serve(listener: &TcpListener, shown: Shown) -> String {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(shown.key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![shown.certificate], key)
        .unwrap();
    let (mut socket, _) = listener.accept().unwrap();
    let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
    let mut stream = Stream::new(&mut connection, &mut socket);
    let mut request = vec![0; 16 * 1024];
    let Ok(length) = stream.read(&mut request) else { return String::new() };
    let reply = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]";
    // The client may leave at any time; that is what is tested.
    let _ = stream.write_all(reply).and_then(|()| stream.flush());
    String::from_utf8_lossy(&request[..length]).into_owned()
}

/// A certificate and the key that it is for.
struct Shown {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    fn sign(&self, params: &CertificateParams) -> Shown {
        let key = KeyPair::generate().unwrap();
        Shown { certificate: params.signed_by(&key, &self.issuer).unwrap().der().clone(), key }
    }
}
