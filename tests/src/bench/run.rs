//! The rounds: every program started once in each, in the same order.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::eye::Eye;
use super::figures::{Case, Goal, Round, Sample, median, ninety_fifth};
use super::machine::{STOLEN, Ticks, milliseconds, processor_time, proportional_memory};
use super::report::said;
use super::running::Running;
use super::screen::Screen;
use super::subject::{Kind, Subject};

/// How often a sample is taken anew before the round goes on without it.
const ATTEMPTS: usize = 3;
/// Letters typed and taken back. KeePassXC answers in seconds, and only its median is used.
const KEYS: usize = 24;
const KEYS_KEEPASSXC: usize = 8;

const REST: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(30);
/// Idling begins so long after `exec`: Keyturn checks its file once, 20 s after the start, and that is no idling.
const SETTLED: Duration = Duration::from_secs(25);

/// Runs `count` rounds over the cases of the goals whose programs are installed.
pub fn rounds(goals: &[Goal], count: usize) -> Result<Vec<Round>> {
    let mut cases: Vec<Case> = Vec::new();
    for case in goals.iter().flat_map(|goal| [goal.ours, goal.theirs]) {
        if !cases.contains(&case) && case.0.is_installed() {
            cases.push(case);
        }
    }
    let screen = Screen::open()?;
    let mut subjects = Vec::new();
    for (kind, entries) in cases {
        said(&format!("Filling {} with {entries}.", kind.name()));
        let subject = Subject::prepare(kind, entries)?;
        wait_until_gone(&screen)?;
        subjects.push(subject);
    }
    let mut rounds = Vec::new();
    for number in 1..=count {
        let mut round = Round::new();
        for subject in &subjects {
            let wants_idle = goals.iter().any(|goal| {
                goal.id == "P7" && [goal.ours, goal.theirs].contains(&(subject.kind, subject.entries))
            });
            match quiet_sample(&screen, subject, wants_idle)? {
                Some(sample) => {
                    said(&format!("Round {number} of {count}, {}: {}", subject.name(), words(&sample)));
                    round.insert((subject.kind, subject.entries), sample);
                }
                None => said(&format!("Round {number}, {}: the host took too much.", subject.name())),
            }
        }
        rounds.push(round);
    }
    Ok(rounds)
}

/// A sample during which the host left the processors alone, or none.
fn quiet_sample(screen: &Screen, subject: &Subject, wants_idle: bool) -> Result<Option<Sample>> {
    for _ in 0..ATTEMPTS {
        let ticks = Ticks::now()?;
        let sample = sample(screen, subject, wants_idle).with_context(|| subject.name())?;
        if ticks.stolen_since()? <= STOLEN {
            return Ok(Some(sample));
        }
    }
    Ok(None)
}

fn sample(screen: &Screen, subject: &Subject, wants_idle: bool) -> Result<Sample> {
    let running = subject.start()?;
    let eye = Eye::open(screen, subject.kind.face())?;
    let ready = milliseconds(running.started.elapsed());
    eye.leave_search()?;
    come_to_rest(&running)?;
    sleep(REST);
    let memory = proportional_memory(running.pid())?;
    let idle = if wants_idle { Some(idle(&running)?) } else { None };
    let keys = if subject.kind == Kind::KeePassXc { KEYS_KEEPASSXC } else { KEYS };
    let answers = eye.search(keys)?;
    running.end()?;
    wait_until_gone(screen)?;
    let painted = || answers.iter().map(|answer| answer.painted);
    Ok(Sample {
        ready,
        painted: median(painted()).context("no key was pressed")?,
        painted_slow: ninety_fifth(painted()).context("no key was pressed")?,
        settled: median(answers.iter().map(|answer| answer.settled)).context("no key was pressed")?,
        memory,
        idle,
    })
}

/// Keyturn reads its accounts anew behind the window; what follows is measured after that.
fn come_to_rest(running: &Running) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(60);
    let step = Duration::from_millis(500);
    let mut before = processor_time(running.pid())?;
    loop {
        sleep(step);
        let now = processor_time(running.pid())?;
        if now - before < milliseconds(step) / 10.0 || Instant::now() > deadline {
            return Ok(());
        }
        before = now;
    }
}

/// Milliseconds of processor time a second.
fn idle(running: &Running) -> Result<f64> {
    sleep(SETTLED.saturating_sub(running.started.elapsed()));
    come_to_rest(running)?;
    let (before, began) = (processor_time(running.pid())?, Instant::now());
    sleep(IDLE);
    Ok((processor_time(running.pid())? - before) / began.elapsed().as_secs_f64())
}

fn wait_until_gone(screen: &Screen) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(10);
    while screen.is_occupied()? {
        if Instant::now() > deadline {
            bail!("a window stays after its program has ended");
        }
        sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn words(sample: &Sample) -> String {
    let idle = sample.idle.map(|idle| format!(", idle {idle:.1} ms/s")).unwrap_or_default();
    format!(
        "ready {:.0} ms, {:.0} MiB, key → paint {:.0} ms (p95 {:.0}), settled {:.0} ms{idle}",
        sample.ready, sample.memory, sample.painted, sample.painted_slow, sample.settled
    )
}
