//! What the kernel says: about the machine, and about a program with everything that it started.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::time::ClockId;
use nix::unistd::Pid;

/// Above this share of stolen time a sample says more about the host than about the program.
pub const STOLEN: f64 = 0.10;

/// Ticks of the processors since the machine started.
#[derive(Debug, Clone, Copy)]
pub struct Ticks {
    all: u64,
    stolen: u64,
}

impl Ticks {
    pub fn now() -> Result<Self> {
        let stat = fs::read_to_string("/proc/stat")?;
        let numbers: Vec<u64> = stat
            .lines()
            .next()
            .context("/proc/stat is empty")?
            .split_whitespace()
            .skip(1)
            .filter_map(|word| word.parse().ok())
            .collect();
        // user, nice, system, idle, iowait, irq, softirq, steal; a guest's time is in user's already.
        Ok(Self { all: numbers.iter().take(8).sum(), stolen: numbers.get(7).copied().unwrap_or(0) })
    }

    /// The share of the processors' time that the host took away since then, from 0 to 1.
    pub fn stolen_since(self) -> Result<f64> {
        let now = Self::now()?;
        Ok(ratio(now.stolen - self.stolen, (now.all - self.all).max(1)))
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// Processor, cores, memory, kernel and whether there is a GPU, in one line.
pub fn description() -> Result<String> {
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map_or("unknown", |(_, value)| value.trim()).to_owned()
    };
    let processors = fs::read_to_string("/proc/cpuinfo")?;
    let memory = field(&fs::read_to_string("/proc/meminfo")?, "MemTotal");
    let kibibytes: u64 = memory.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0);
    let memory = ratio(kibibytes, 1 << 20);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let gpu = if std::path::Path::new("/dev/dri/renderD128").exists() { "a GPU" } else { "no GPU" };
    let cores = std::thread::available_parallelism()?;
    let model = field(&processors, "model name");
    Ok(format!("{cores} × {model}, {memory:.1} GiB, Linux {}, {gpu}, Xvfb", kernel.trim()))
}

/// `root` and everything below it.
pub fn family(root: u32) -> Result<Vec<u32>> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // One that ends while it is read is none.
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        if let Some(parent) = after_name(&stat).nth(1).and_then(|word| word.parse().ok()) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut family = vec![root];
    let mut next = 0;
    while next < family.len() {
        family.extend(children.remove(&family[next]).unwrap_or_default());
        next += 1;
    }
    Ok(family)
}

/// Proportional memory of the family: what is shared with others counts in parts. MiB.
pub fn proportional_memory(root: u32) -> Result<f64> {
    let mut kibibytes = 0_u64;
    for pid in family(root)? {
        let Ok(rollup) = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) else { continue };
        let line = rollup.lines().find(|line| line.starts_with("Pss:")).unwrap_or_default();
        kibibytes += line.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    }
    Ok(ratio(kibibytes, 1024))
}

/// Milliseconds of processor time that the family has used so far, threads that have ended included. The
/// scheduler counts nanoseconds; the ticks that `ps` shows would be too coarse for a program that sleeps.
pub fn processor_time(root: u32) -> Result<f64> {
    let mut time = Duration::ZERO;
    for pid in family(root)? {
        let Ok(clock) = ClockId::pid_cpu_clock_id(Pid::from_raw(i32::try_from(pid)?)) else { continue };
        time += clock.now().map(Duration::from).unwrap_or_default();
    }
    Ok(milliseconds(time))
}

/// "pid (name) state parent …": a name may hold anything, so that the last bracket divides.
fn after_name(stat: &str) -> impl Iterator<Item = &str> {
    stat.rsplit_once(") ").map_or("", |(_, after)| after).split(' ')
}

/// Milliseconds, as the tables have them.
#[must_use]
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
