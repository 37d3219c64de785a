//! A Keyturn without a window that does one thing with one key and is killed in the middle, on a disk that can do so.
//! The tests in tests/tests/crash start it, and look at what is left.

#[cfg(target_os = "linux")]
mod disk;
#[cfg(target_os = "linux")]
mod person;
#[cfg(target_os = "linux")]
mod unrest;

#[cfg(target_os = "linux")]
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    linux::main().await
}

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{self, BufRead};
    use std::path::PathBuf;

    use anyhow::{Context, Result};
    use chrono::TimeDelta;
    use clap::Parser;
    use keyturn_core::key::KeyRef;
    use keyturn_core::operation::OperationId;
    use keyturn_tests::doom::{Doom, Script, Unrest};
    use keyturn_tests::flat::lasting;

    use crate::person::{Person, say};
    use crate::{disk, unrest};

    #[derive(Parser)]
    struct CommandLine {
        #[arg(long)]
        profile: PathBuf,
        /// The key, as `account/id`. Its value comes in the first line of the input.
        #[arg(long)]
        key: String,
        #[arg(long)]
        script: Script,
        #[arg(long, default_value = "script")]
        operation: String,
        /// By how many milliseconds the clock goes ahead.
        #[arg(long)]
        ahead: i64,
        #[arg(long)]
        doom: Option<Doom>,
        /// What goes on meanwhile.
        #[arg(long)]
        locks: bool,
        #[arg(long)]
        neighbour: bool,
        #[arg(long)]
        undo: bool,
        /// Another process works on the profile, which the application's own lock forbids: what is open may be that
        /// one's, and is not recovered.
        #[arg(long)]
        beside_another: bool,
    }

    pub(super) async fn main() -> Result<()> {
        let asked = CommandLine::parse();
        let value = io::stdin().lock().lines().next().context("no value")??;
        let key = KeyRef::parse(&asked.key).context("not a key")?;
        disk::install(asked.doom)?;
        let (ctx, clock) = lasting(&asked.profile, TimeDelta::milliseconds(asked.ahead)).await?;
        disk::arm();
        let operation = OperationId(asked.operation);
        let unrest = Unrest { locks: asked.locks, neighbour: asked.neighbour, undo: asked.undo };
        let mut beside = unrest::begin(&ctx, &operation, unrest, !asked.beside_another);
        let person = Person { ctx, clock, key, operation, value };
        let acted = person.acts(asked.script).await;
        beside.shutdown().await;
        if let Err(error) = acted {
            say(&format!("refused {error:#}").replace('\n', " "))?;
        }
        let (transactions, writes) = disk::counted();
        say(&format!("counted {transactions} {writes}"))
    }
}
