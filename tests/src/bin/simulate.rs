//! Runs simulated worlds, each under its own seed, and says what happened in them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use clap::Parser;
use glasshouse_tests::simulation::counts::Counts;
use glasshouse_tests::simulation::{Failure, Outcome, run};
use serde_json::json;

/// Between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(10);

/// Runs a log, its providers, witnesses, readers, disks, clocks and network under a seed, with faults of every kind, and looks
/// after every step whether what must always be true is.
#[derive(Parser)]
#[command(after_help = "Example:
  cargo run --release -p glasshouse-tests --bin simulate -- --seeds 10000
  cargo run --release -p glasshouse-tests --bin simulate -- --seed 4711 --trace

Exit status: 0 everything holds, 1 something does not (its seed and how to run it again are printed), 2 wrong arguments.")]
struct Arguments {
    /// How many worlds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first one's seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// This world alone.
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// Print everything that happens in it.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Go on after a failure.
    #[arg(long)]
    keep_going: bool,
    /// Worlds at the same time.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// All worlds together.
#[derive(Default)]
struct Sum {
    worlds: u64,
    steps: u64,
    entries: u64,
    simulated_ms: u64,
    counts: Counts,
    failures: Vec<Failure>,
}

impl Sum {
    fn add(&mut self, outcome: &Outcome) {
        self.worlds += 1;
        self.steps += outcome.steps;
        self.entries += outcome.entries;
        self.simulated_ms += outcome.simulated_ms;
        self.counts.join(&outcome.counts);
    }

    fn hours(&self) -> f64 {
        self.simulated_ms as f64 / 3_600_000.0
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // A panic in a world is told with its seed.
    std::panic::set_hook(Box::new(|_| ()));
    let (first, count) = arguments.seed.map_or((arguments.from, arguments.seeds), |seed| (seed, 1));
    let (next, sum, started) = (AtomicU64::new(0), Mutex::new(Sum::default()), Instant::now());
    let stop = std::sync::atomic::AtomicBool::new(false);
    let (running, ended) = channel::<()>();
    let worker = |running: Sender<()>| {
        // Whoever watches learns from its end that this one has ended.
        let _running = running;
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count || stop.load(Ordering::Relaxed) {
                return;
            }
            let ran = run(first + at, arguments.trace);
            let mut sum = sum.lock().unwrap();
            match ran {
                Ok(outcome) => {
                    if arguments.seed.is_some() && !arguments.json {
                        println!("digest {} of {} lines", outcome.digest, outcome.lines);
                    }
                    sum.add(&outcome);
                }
                Err(failure) => {
                    eprintln!("{failure}");
                    sum.failures.push(*failure);
                    stop.store(!arguments.keep_going, Ordering::Relaxed);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs.max(1) {
            let running = running.clone();
            scope.spawn(|| worker(running));
        }
        drop(running);
        watch(&sum, count, started, &ended);
    });
    let sum = sum.into_inner().unwrap();
    report(&arguments, &sum, started.elapsed().as_secs_f64());
    if sum.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Says how far it is until all workers have ended.
fn watch(sum: &Mutex<Sum>, count: u64, started: Instant, ended: &Receiver<()>) {
    let pause = if std::io::stderr().is_terminal() { PROGRESS / 10 } else { PROGRESS };
    while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        let (worlds, failures, hours) = {
            let sum = sum.lock().unwrap();
            (sum.worlds, sum.failures.len(), sum.hours())
        };
        let rate = worlds as f64 / started.elapsed().as_secs_f64();
        eprintln!(
            "{worlds} of {count} worlds, {rate:.1} a second, {hours:.0} simulated hours, {failures} failed"
        );
    }
}

fn report(arguments: &Arguments, sum: &Sum, seconds: f64) {
    let rate = sum.worlds as f64 / seconds;
    if arguments.json {
        let counts: serde_json::Map<String, serde_json::Value> =
            sum.counts.iter().map(|(what, count)| (what.to_owned(), json!(count))).collect();
        let failures: Vec<_> = sum
            .failures
            .iter()
            .map(|one| json!({"seed": one.seed, "step": one.step, "invariant": one.broken.invariant, "what": one.broken.what}))
            .collect();
        let line = json!({
            "worlds": sum.worlds, "seconds": seconds, "worlds_per_second": rate, "simulated_hours": sum.hours(),
            "events": sum.steps, "entries": sum.entries, "counts": counts, "missing": sum.counts.missing(),
            "failures": failures,
        });
        println!("{line}");
        return;
    }
    for (what, count) in sum.counts.iter() {
        println!("{count:>12} {what}");
    }
    println!("{:>12} events, {} entries", sum.steps, sum.entries);
    println!("{:>12.0} simulated hours in {seconds:.1} s", sum.hours());
    println!("{:>12} worlds held, {rate:.1} a second; {} failed", sum.worlds, sum.failures.len());
    if sum.worlds >= 100 && !sum.counts.missing().is_empty() {
        println!("never happened: {}", sum.counts.missing().join(", "));
    }
}
