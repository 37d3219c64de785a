//! One round: a world, a script in a process of its own, a blow, and what the next start makes of it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use chrono::TimeDelta;
use keyturn_core::account::VendorId;
use keyturn_core::key::KeyRef;
use keyturn_tests::doom::{Doom, Script};
use nix::unistd::Pid;

use crate::aftermath;
use crate::gate::Moment;
use crate::world::{Weather, World};

/// How a script is cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strike {
    Never,
    Disk(Doom),
    Line(usize, Moment),
}

/// What a script did before its end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Course {
    pub(crate) transactions: usize,
    pub(crate) writes: usize,
    pub(crate) requests: usize,
    pub(crate) killed: bool,
    /// What the person was told instead of an end.
    pub(crate) refused: Option<String>,
}

/// Plays a script up to the blow, starts again, and looks whether anything was lost.
pub(crate) async fn round(
    provider: &VendorId,
    script: Script,
    strike: Strike,
    weather: Weather,
) -> Result<Course> {
    // Where nobody asks with the old key, the vendor's word is all there is: it keeps its promise then.
    let is_proven = is_asked_with(script);
    let world = Arc::new(World::new(provider, weather, is_proven).await?);
    let subject = match script {
        Script::Create | Script::Again => world.of("none"),
        Script::Managing => world.managing_key().await?,
        _ => world.make_subject().await?,
    };
    let most = match script {
        Script::Create | Script::Revoke | Script::AtOnce => 1,
        Script::KillNow
        | Script::Overlap
        | Script::Undo
        | Script::Managing
        | Script::Again
        | Script::Disconnect => 2,
    };
    world.witness.look(&subject.key, most).await?;
    world.lies(script);
    let course = play(&world, script, &subject, strike).await?;
    world.tells_the_truth();
    aftermath::look(&world, script, &subject).await?;
    let faults = world.witness.faults();
    ensure!(faults.is_empty(), "{}", faults.join("; "));
    Ok(course)
}

/// Whether Keyturn has the old key: given for the proof of its death, or as its own.
pub(crate) fn is_asked_with(script: Script) -> bool {
    matches!(script, Script::KillNow | Script::Managing)
}

/// The script in a process of its own, which waits for the subject's value in its first line.
pub(crate) fn command(world: &World, script: Script, subject: &KeyRef) -> Command {
    let mut command = Command::new(doomed());
    command.arg("--profile").arg(world.profile.path()).args(["--script", script.word()]);
    command.args(["--key", &subject.to_string()]);
    command.arg(format!("--ahead={}", world.ahead().num_milliseconds()));
    let unrest = world.weather.unrest;
    for (word, is_so) in
        [("--locks", unrest.locks), ("--neighbour", unrest.neighbour), ("--undo", unrest.undo)]
    {
        command.args(is_so.then_some(word));
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// The program that is killed. The long lane runs a copy.
fn doomed() -> std::ffi::OsString {
    std::env::var_os("KEYTURN_DOOMED").unwrap_or_else(|| env!("CARGO_BIN_EXE_doomed").into())
}

async fn play(world: &Arc<World>, script: Script, subject: &KeyRef, strike: Strike) -> Result<Course> {
    let mut command = command(world, script, subject);
    if let Strike::Disk(doom) = strike {
        command.args(["--doom", &doom.to_string()]);
    }
    let mut child = command.spawn()?;
    let line = match strike {
        Strike::Line(at, moment) => Some((at, moment)),
        Strike::Never | Strike::Disk(_) => None,
    };
    world.gate.watch(Pid::from_raw(i32::try_from(child.id())?), line);
    let value = world.stored(subject).unwrap_or_default();
    let there = Arc::clone(world);
    let mut course = tokio::task::spawn_blocking(move || attend(&mut child, &there, &value)).await??;
    course.requests = world.gate.leave().await?;
    Ok(course)
}

/// Gives the child its first word and hears it out, to its end.
pub(crate) fn attend(child: &mut Child, world: &World, value: &str) -> Result<Course> {
    let mut input = child.stdin.take().context("no input")?;
    let output = BufReader::new(child.stdout.take().context("no output")?);
    let mut course = Course::default();
    writeln!(input, "{value}")?;
    for line in output.lines() {
        let line = line?;
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match word {
            "pass" => {
                world.pass(TimeDelta::milliseconds(rest.parse()?));
                // Who was killed meanwhile does not hear it.
                drop(writeln!(input));
            }
            "stored" => {
                let (id, value) = rest.split_once(' ').context("no value")?;
                world.store(&world.of(id), value);
            }
            "refused" => course.refused = Some(rest.to_owned()),
            "counted" => {
                let (transactions, writes) = rest.split_once(' ').context("two numbers")?;
                (course.transactions, course.writes) = (transactions.parse()?, writes.parse()?);
            }
            other => bail!("the child says {other:?}"),
        }
    }
    let status = child.wait()?;
    course.killed = !status.success();
    ensure!(
        status.success() || std::os::unix::process::ExitStatusExt::signal(&status) == Some(9),
        "{status}"
    );
    Ok(course)
}
