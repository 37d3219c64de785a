//! For tests of every adapter: limits that do not make anyone wait, a server that misbehaves below HTTP, and
//! the search for a leaked key.

pub(crate) mod account;
pub(crate) mod leaks;

use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::form_urlencoded::byte_serialize;

use crate::http::{HttpSettings, ProxyChoice};

pub(crate) fn quick() -> HttpSettings {
    HttpSettings {
        deadline: Duration::from_secs(5),
        backoff: Duration::from_millis(5),
        proxy: ProxyChoice::Off,
        ..HttpSettings::default()
    }
}

pub(crate) fn impatient() -> HttpSettings {
    HttpSettings { deadline: Duration::from_millis(300), ..quick() }
}

/// What the server does once a request has come in. Every script ends with the connection closed.
#[derive(Clone)]
pub(crate) enum Script {
    Send(Vec<u8>),
    /// The head, then one byte at each interval, without end.
    Drip(Vec<u8>, Duration),
    /// The head, then chunks of 64 KiB without end.
    Flood(Vec<u8>),
}

impl Script {
    pub(crate) fn send(text: &str) -> Self {
        Self::Send(text.as_bytes().to_vec())
    }
}

/// A server that speaks bytes, not HTTP. Lives as long as the test's runtime.
pub(crate) struct RawServer {
    pub(crate) base: String,
    /// What each connection brought.
    requests: Arc<Mutex<Vec<String>>>,
}

impl RawServer {
    pub(crate) async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, seen) = (script.clone(), Arc::clone(&seen));
                tokio::spawn(async move {
                    // The client may leave at any time; that is what is tested.
                    let _ = play(stream, &script, &seen).await;
                });
            }
        });
        Self { base, requests }
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn play(mut stream: TcpStream, script: &Script, seen: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut request = vec![0; 64 * 1024];
    let length = stream.read(&mut request).await?;
    seen.lock().unwrap().push(String::from_utf8_lossy(&request[..length]).into_owned());
    match script {
        Script::Send(bytes) => stream.write_all(bytes).await?,
        Script::Drip(head, interval) => {
            stream.write_all(head).await?;
            loop {
                tokio::time::sleep(*interval).await;
                stream.write_all(b" ").await?;
            }
        }
        Script::Flood(head) => {
            stream.write_all(head).await?;
            let chunk =
                [format!("{:x}\r\n", 65_536).into_bytes(), vec![b' '; 65_536], b"\r\n".to_vec()].concat();
            loop {
                stream.write_all(&chunk).await?;
            }
        }
    }
    stream.shutdown().await
}

/// An address on loopback where nobody listens.
pub(crate) async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// Each way in which a key might be written.
pub(crate) fn forms(secret: &str) -> Vec<String> {
    let hex = hex::encode(secret);
    let body = secret.rsplit('_').next().unwrap();
    let mut forms = vec![
        secret.to_owned(),
        body.to_owned(),
        byte_serialize(secret.as_bytes()).collect(),
        STANDARD.encode(secret),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        hex.to_uppercase(),
        hex,
    ];
    forms.sort();
    forms.dedup();
    forms
}

pub(crate) fn assert_free_of(secrets: &[&str], what: &str, text: &str) {
    for form in secrets.iter().flat_map(|secret| forms(secret)) {
        assert!(!text.contains(&form), "{what}: a key stands in {text:?}");
    }
}

/// Display, Debug in both forms, and the whole chain of sources.
pub(crate) fn assert_error_free_of(secrets: &[&str], what: &str, error: &impl Error) {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(current) = source {
        text.push_str(&format!(" {current} {current:?}"));
        source = current.source();
    }
    assert_free_of(secrets, what, &text);
}
