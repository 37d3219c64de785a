//! A vendor on loopback that answers every request with the bytes that it was given.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

type Reply = Arc<Mutex<(u16, Vec<u8>)>>;

/// Ends when it is dropped.
pub(super) struct Vendor {
    base: String,
    reply: Reply,
    server: JoinHandle<()>,
}

impl Vendor {
    pub(super) async fn open() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let reply = Reply::default();
        let shared = Arc::clone(&reply);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that goes away in the middle has what it wanted.
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Ok(Self { base, reply, server })
    }

    pub(super) fn base(&self) -> String {
        self.base.clone()
    }

    /// Every request is answered like this from now on.
    pub(super) fn answers(&self, status: u16, body: Vec<u8>) {
        *self.reply.lock().unwrap_or_else(PoisonError::into_inner) = (status, body);
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// One request after the other on the same connection.
async fn serve(mut stream: TcpStream, reply: Reply) -> std::io::Result<()> {
    let mut waiting = Vec::new();
    let mut piece = [0_u8; 4096];
    loop {
        let n = stream.read(&mut piece).await?;
        if n == 0 {
            return Ok(());
        }
        waiting.extend_from_slice(&piece[..n]);
        let Some(length) = whole(&waiting) else { continue };
        waiting.drain(..length);
        let (status, body) = reply.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let head = match status {
            204 => "HTTP/1.1 204 x\r\n\r\n".to_owned(),
            _ => format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n\r\n", body.len()),
        };
        let body = if status == 204 { &[][..] } else { &body[..] };
        // In one piece: the end of a reply in two waits for the client's word that the first has come.
        stream.write_all(&[head.as_bytes(), body].concat()).await?;
    }
}

/// The length of the first request, once it is there to its end.
fn whole(bytes: &[u8]) -> Option<usize> {
    let head = memchr::memmem::find(bytes, b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let body = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let length = head + body.unwrap_or(0);
    (bytes.len() >= length).then_some(length)
}
