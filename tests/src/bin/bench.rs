//! Measures Keyturn beside its peers: `bench [--runs N] [--check] [P1 P5 …]`. `cargo xtask bench` calls it.
#![allow(clippy::print_stdout, reason = "the figures are printed for the person who asked for them")]

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<std::process::ExitCode> {
    measuring::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("The measurements look at an X screen and need Linux.");
}

#[cfg(target_os = "linux")]
mod measuring {
    use std::path::PathBuf;
    use std::process::ExitCode;

    use anyhow::Result;
    use clap::Parser;
    use keyturn_tests::bench::batch::rotate;
    use keyturn_tests::bench::figures::{Figure, Goal, figure, goals, judge};
    use keyturn_tests::bench::refresh::pairs;
    use keyturn_tests::bench::subject::Kind;
    use keyturn_tests::bench::{machine, report, run};

    const REFRESHED: usize = 100_000;
    const ROTATED: usize = 1_000;
    /// After so many acts the application is killed: early, in the middle, and near the end.
    const KILLS: [usize; 3] = [200, 1_300, 1_200];

    #[derive(Parser)]
    struct Arguments {
        /// How many rounds.
        #[arg(long, default_value_t = 7)]
        runs: usize,
        /// Fail where a ratio that must be reached is missed.
        #[arg(long)]
        check: bool,
        /// Only these; all when none is named.
        #[arg(value_name = "P…")]
        only: Vec<String>,
    }

    impl Arguments {
        fn wants(&self, id: &str) -> bool {
            self.only.is_empty() || self.only.iter().any(|it| it.eq_ignore_ascii_case(id))
        }
    }

    pub(crate) fn main() -> Result<ExitCode> {
        let arguments = Arguments::parse();
        for kind in [Kind::KeePassXc, Kind::Chromium] {
            if !kind.is_installed() {
                println!("{} is not installed: left out (`cargo xtask bench --peers`).", kind.name());
            }
        }
        let goals: Vec<Goal> = goals().into_iter().filter(|goal| arguments.wants(goal.id)).collect();
        let rounds = run::rounds(&goals, arguments.runs)?;
        let mut figures: Vec<Figure> = goals.iter().filter_map(|goal| judge(goal, &rounds)).collect();
        if arguments.wants("P11") {
            figures.extend(refresh(arguments.runs)?);
        }
        if arguments.wants("P14") {
            figures.extend(batches(arguments.runs)?);
        }
        if arguments.wants("P15") {
            let folder = std::env::var_os("KEYTURN_RELEASE_DIR")
                .map_or_else(|| "target/release".into(), PathBuf::from);
            match report::size(&folder.join("keyturn"))? {
                Some(figure) => figures.push(figure),
                None => println!("P15 is left out: there is no release build in {}.", folder.display()),
            }
        }
        let machine = machine::description()?;
        println!("\n{machine}\n\n{}", report::table(&figures));
        let folder =
            std::env::var_os("KEYTURN_BENCH_DIR").map_or_else(|| "target/bench".into(), PathBuf::from);
        report::write(&folder, &machine, &figures)?;
        let missed = figures.iter().any(|figure| figure.verdict() == "missed");
        Ok(if arguments.check && missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// Without kills it is measured; with them it only has to end well.
    fn batches(runs: usize) -> Result<Option<Figure>> {
        let runtime = tokio::runtime::Runtime::new()?;
        let mut pairs = Vec::new();
        for _ in 0..runs {
            let batched = runtime.block_on(rotate(ROTATED, &[]))?;
            pairs.push((batched.revoked, batched.ideal));
        }
        runtime.block_on(rotate(ROTATED, &KILLS))?;
        let what = "1,000 rotations (create, verify, revoke; 50 ms each), against the ideal";
        Ok(figure("P14", what, "ms", &pairs, |ours, ideal| ours / ideal, (1.25, 1.10)))
    }

    fn refresh(runs: usize) -> Result<Option<Figure>> {
        println!("Filling an authority with {REFRESHED} keys.");
        let pairs = tokio::runtime::Runtime::new()?.block_on(pairs(REFRESHED, runs))?;
        let what = "refresh of 100,000 keys, against a floor program";
        Ok(figure("P11", what, "ms", &pairs, |ours, theirs| ours / theirs, (1.5, 1.2)))
    }
}
