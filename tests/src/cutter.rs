//! A proxy on loopback that loses replies: the vendor has acted, and the client never hears of it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::lies::LINE_HEADER;

/// Where the reply is cut. The request always reaches the vendor whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    BeforeReply,
    AfterHeaders,
    InBody,
}

/// Every place where a reply can be lost.
pub const CUTS: [Cut; 3] = [Cut::BeforeReply, Cut::AfterHeaders, Cut::InBody];

/// A running proxy.
#[derive(Debug)]
pub struct Cutter {
    address: SocketAddr,
    next: Arc<Mutex<Option<(String, Cut)>>>,
}

impl Cutter {
    /// Forwards everything to `vendor` until told to cut.
    pub async fn start(vendor: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let next = Arc::new(Mutex::new(None));
        let shared = Arc::clone(&next);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    if let Err(error) = forward(client, vendor, &shared).await {
                        crate::said(&format!("the cutter lost a connection: {error:#}"));
                    }
                });
            }
        });
        Ok(Self { address, next })
    }

    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Cuts the reply to the next request that begins with `line`, such as `POST /api/api-keys`.
    pub fn cut_next(&self, line: &str, cut: Cut) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Some((line.to_owned(), cut));
    }
}

/// One request a connection: the vendor is told to close, so that its reply ends with the stream.
async fn forward(
    mut client: TcpStream,
    vendor: SocketAddr,
    next: &Mutex<Option<(String, Cut)>>,
) -> Result<()> {
    let request = read_message(&mut client).await?;
    let text = String::from_utf8_lossy(&request).into_owned();
    let cut = {
        let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.as_ref().is_some_and(|(line, _)| text.starts_with(line)) {
            next.take().map(|(_, cut)| cut)
        } else {
            None
        }
    };
    let mut upstream = TcpStream::connect(vendor).await?;
    let end = text.find("\r\n").context("no request line")? + 2;
    upstream.write_all(&request[..end]).await?;
    upstream.write_all(b"Connection: close\r\n").await?;
    upstream.write_all(LINE_HEADER).await?;
    upstream.write_all(&request[end..]).await?;
    let mut reply = Vec::new();
    upstream.read_to_end(&mut reply).await?;
    let head = reply.windows(4).position(|w| w == b"\r\n\r\n").context("no reply")? + 4;
    let send = match cut {
        None => reply.len(),
        Some(Cut::BeforeReply) => 0,
        Some(Cut::AfterHeaders) => head,
        Some(Cut::InBody) => head + (reply.len() - head) / 2,
    };
    client.write_all(&reply[..send]).await?;
    client.shutdown().await?;
    Ok(())
}

/// Head and body of one HTTP/1.1 message with a content length.
///
/// # Errors
/// The connection broke, or the length is no number.
pub async fn read_message(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut piece = [0_u8; 4096];
    loop {
        let n = stream.read(&mut piece).await?;
        bytes.extend_from_slice(&piece[..n]);
        let Some(head) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else {
            if n == 0 {
                return Ok(bytes);
            }
            continue;
        };
        let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .map_or(Ok(0), |n| n.trim().parse::<usize>())?;
        if n == 0 || bytes.len() >= head + 4 + length {
            return Ok(bytes);
        }
    }
}
