//! The one line between Keyturn and its vendor. Here a process is killed while it waits for a reply.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use keyturn_tests::cutter::read_message;
use keyturn_tests::lies::LINE_HEADER;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::RwLock;

use crate::witness::Witness;

/// When the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Its request never reaches the vendor.
    BeforeRequest,
    /// The vendor has acted.
    ReplyLost,
    /// With half of the reply.
    ReplyTorn,
}

pub(crate) const MOMENTS: [Moment; 3] = [Moment::BeforeRequest, Moment::ReplyLost, Moment::ReplyTorn];

/// A proxy that counts the requests of one process and can end it.
#[derive(Debug)]
pub(crate) struct Gate {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    /// Whoever is on the line reads it.
    line: Arc<RwLock<()>>,
}

#[derive(Debug, Default)]
struct State {
    requests: usize,
    child: Option<Pid>,
    strike: Option<(usize, Moment)>,
}

impl Gate {
    pub(crate) async fn start(vendor: SocketAddr, witness: Arc<Witness>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State::default()));
        let line = Arc::new(RwLock::new(()));
        let (shared, shared_line) = (Arc::clone(&state), Arc::clone(&line));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (shared, witness) = (Arc::clone(&shared), Arc::clone(&witness));
                let on_the_line = Arc::clone(&shared_line).read_owned().await;
                tokio::spawn(async move {
                    let _on_the_line = on_the_line;
                    // Who is killed closes its lines: that is the point, and no fault of the gate's.
                    drop(forward(client, vendor, &shared, &witness).await);
                });
            }
        });
        Ok(Self { address, state, line })
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on the requests of this process are counted, and it dies at the one that is named.
    pub(crate) fn watch(&self, child: Pid, strike: Option<(usize, Moment)>) {
        *lock(&self.state) = State { requests: 0, child: Some(child), strike };
    }

    /// How many there were, once the vendor has answered the last one: time goes faster here than at the vendor, and what
    /// it does after the death of whoever asked would come years too late. Nobody dies any more.
    pub(crate) async fn leave(&self) -> Result<usize> {
        // Who comes last is let in last.
        let mut last = TcpStream::connect(self.address).await?;
        last.shutdown().await?;
        last.read_to_end(&mut Vec::new()).await?;
        drop(self.line.write().await);
        Ok(std::mem::take(&mut *lock(&self.state)).requests)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn forward(
    mut client: TcpStream,
    vendor: SocketAddr,
    state: &Mutex<State>,
    witness: &Witness,
) -> Result<()> {
    let request = read_message(&mut client).await?;
    if request.is_empty() {
        return Ok(());
    }
    let strike = {
        let mut state = lock(state);
        state.requests += usize::from(state.child.is_some());
        let number = state.requests;
        let due = state.strike.filter(|(at, _)| *at == number).map(|(_, moment)| moment);
        due.zip(state.child)
    };
    let strike_at = |now: Moment| strike.filter(|(moment, _)| *moment == now).map(|(_, child)| child);
    if let Some(child) = strike_at(Moment::BeforeRequest) {
        return Ok(kill(child, Signal::SIGKILL)?);
    }
    let known = if request.starts_with(b"GET ") { None } else { witness.before_something_is_done().await };
    let reply = ask(vendor, &request).await?;
    if let Some(known) = known {
        witness.something_was_done(known).await;
    }
    if let Some(child) = strike_at(Moment::ReplyLost) {
        return Ok(kill(child, Signal::SIGKILL)?);
    }
    if let Some(child) = strike_at(Moment::ReplyTorn) {
        client.write_all(&reply[..reply.len() - reply.len() / 4]).await?;
        client.flush().await?;
        return Ok(kill(child, Signal::SIGKILL)?);
    }
    client.write_all(&reply).await?;
    client.shutdown().await?;
    Ok(())
}

/// One request a connection, so that the reply ends with the stream.
async fn ask(vendor: SocketAddr, request: &[u8]) -> Result<Vec<u8>> {
    let mut upstream = TcpStream::connect(vendor).await?;
    let end = request.windows(2).position(|two| two == b"\r\n").context("no request line")? + 2;
    upstream.write_all(&request[..end]).await?;
    upstream.write_all(b"Connection: close\r\n").await?;
    upstream.write_all(LINE_HEADER).await?;
    upstream.write_all(&request[end..]).await?;
    let mut reply = Vec::new();
    upstream.read_to_end(&mut reply).await?;
    Ok(reply)
}
