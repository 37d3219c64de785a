//! The authority on its own: `keyturn-authority serve --vendor VENDOR --listen 127.0.0.1:8700 --store FILE`.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand, ValueEnum};
use keyturn_authority::{Authority, Config, Role, Vendor};

/// A key authority on loopback.
#[derive(Parser)]
#[command(name = "keyturn-authority", version, about)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer until SIGTERM or Ctrl-C.
    Serve {
        /// Whose dialect to speak: naturalead, natural or neural-draft.
        #[arg(long, default_value = "naturalead")]
        vendor: Vendor,
        /// Where to listen; loopback only.
        #[arg(long, default_value = "127.0.0.1:8700")]
        listen: SocketAddr,
        /// The SQLite file that holds the hashes.
        #[arg(long, value_name = "FILE")]
        store: PathBuf,
        /// Fill a new store with believable keys.
        #[arg(long)]
        seed: Option<Seed>,
        /// Fill a new store with this many believable keys.
        #[arg(long, value_name = "N", conflicts_with = "seed")]
        seed_many: Option<usize>,
        /// The role of the bootstrap key.
        #[arg(long, default_value = "owner")]
        role: Role,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Seed {
    Rehearsal,
}

#[tokio::main]
async fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let Command::Serve { vendor, listen, store, seed, seed_many, role } = CommandLine::parse().command;
    let authority = Authority::start(Config { listen, ..Config::new(vendor, store) }).await?;
    if authority.is_empty() {
        match (seed, seed_many) {
            (Some(Seed::Rehearsal), _) => authority.seed_rehearsal()?,
            (None, Some(count)) => authority.seed_many(count)?,
            (None, None) => {}
        }
        announce(&format!("managing key (shown once): {}", authority.issue_bootstrap_key(role)?));
    }
    if let Some(url) = authority.dashboard_url() {
        announce(&format!("dashboard: {url}"));
    }
    announce(&format!("admin token (until it ends): {}", authority.admin_token()));
    announce(&format!("listening on {}", authority.base_url()));
    wait_for_the_end().await.context("could not wait for a signal")?;
    authority.stop().await;
    Ok(())
}

/// What the person who started it must know.
#[allow(clippy::print_stdout, reason = "the key is shown once, here, to who started the authority")]
fn announce(words: &str) {
    println!("{words}");
}

async fn wait_for_the_end() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            ended = tokio::signal::ctrl_c() => ended,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
