//! The load program: statements signed ahead, sent at a fixed rate whatever the answers do (an open loop).
//!
//! A statement's time runs from the moment when it was due to be sent, not from when it was: a server that stalls is
//! charged for everyone who had to wait (no coordinated omission). It ends when the answer is read, and the ledger
//! answers only when a published checkpoint covers the entry, so this is the time from sending to published.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use glasshouse_tests::workload::{Publisher, batch};
use glasshouse_tests::world::World;
use hdrhistogram::Histogram;
use tokio::sync::{Mutex, Semaphore};

/// Signs statements ahead of time, sends them at a fixed rate, and prints percentiles.
#[derive(Parser)]
#[command(after_help = "Example:
  cargo run --release -p glasshouse-tests --bin load -- --rate 5000 --seconds 20 --batch 100")]
struct Arguments {
    /// Statements a second.
    #[arg(long, default_value_t = 1_000)]
    rate: u64,
    /// How long to send.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Statements in one request, 1 to 1,000.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    batch: u64,
    /// Providers that share the load.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=100))]
    providers: u64,
    /// Requests under way at most; one that is due when all are under way waits, and its time runs on.
    #[arg(long, default_value_t = 512)]
    connections: usize,
    /// The program to drive; default: `glasshouse` beside this one.
    #[arg(long)]
    glasshouse: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

struct Outcome {
    histogram: Histogram<u64>,
    accepted: u64,
    refused: u64,
    last: Instant,
}

fn main() {
    let arguments = Arguments::parse();
    let program = arguments
        .glasshouse
        .clone()
        .unwrap_or_else(|| std::env::current_exe().unwrap().parent().unwrap().join("glasshouse"));
    let mut world = World::start(&program);
    let bodies = sign_ahead(&mut world, &arguments);
    let (server_before, own_before) = (cpu_seconds(world.server().id()), cpu_seconds(std::process::id()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let url = format!("{}/api/v1/statements", world.server().url());
    let started = Instant::now();
    let outcome = runtime.block_on(send(&arguments, url, bodies));
    let wall = outcome.last.duration_since(started).as_secs_f64();
    let server_cpu = cpu_seconds(world.server().id()) - server_before;
    let own_cpu = cpu_seconds(std::process::id()) - own_before;
    let memory = peak_memory_mib(world.server().id());
    report(&arguments, &outcome, wall, server_cpu, own_cpu, memory);
    assert_eq!(world.take_server().stop(), Some(0));
    world.assert_fsck_clean();
}

/// The request bodies in sending order, every statement signed before the first is sent.
fn sign_ahead(world: &mut World, arguments: &Arguments) -> Vec<Vec<u8>> {
    let many = (arguments.rate * arguments.seconds).div_ceil(arguments.batch);
    let mut publishers: Vec<Publisher> =
        (0..arguments.providers).map(|at| world.enrol(&format!("load-{at}"))).collect();
    eprintln!("signing {} statements", many * arguments.batch);
    let count = publishers.len();
    (0..many)
        .map(|at| {
            let publisher = &mut publishers[usize::try_from(at).unwrap() % count];
            let signed: Vec<_> = (0..arguments.batch).map(|_| publisher.sign_next()).collect();
            batch(&signed)
        })
        .collect()
}

async fn send(arguments: &Arguments, url: String, bodies: Vec<Vec<u8>>) -> Outcome {
    let client = reqwest::Client::builder().pool_max_idle_per_host(arguments.connections).build().unwrap();
    let places = Arc::new(Semaphore::new(arguments.connections));
    let histogram = Arc::new(Mutex::new(Histogram::<u64>::new_with_bounds(1, 600_000_000, 3).unwrap()));
    let (accepted, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let started = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for (at, body) in bodies.into_iter().enumerate() {
        let due =
            started + Duration::from_secs_f64(at as f64 * arguments.batch as f64 / arguments.rate as f64);
        tokio::time::sleep_until(due.into()).await;
        let (client, url, places) = (client.clone(), url.clone(), places.clone());
        let (histogram, accepted, refused) = (histogram.clone(), accepted.clone(), refused.clone());
        let batch = arguments.batch;
        tasks.spawn(async move {
            let _place = places.acquire().await.unwrap();
            let good = post(&client, &url, body).await;
            let micros = u64::try_from(due.elapsed().as_micros()).unwrap().max(1);
            accepted.fetch_add(good, Ordering::Relaxed);
            refused.fetch_add(batch - good, Ordering::Relaxed);
            histogram.lock().await.record_n(micros, good).unwrap();
        });
    }
    tasks.join_all().await;
    let histogram = histogram.lock().await.clone();
    Outcome {
        histogram,
        accepted: accepted.load(Ordering::Relaxed),
        refused: refused.load(Ordering::Relaxed),
        last: Instant::now(),
    }
}

/// How many statements of the body were accepted.
async fn post(client: &reqwest::Client, url: &str, body: Vec<u8>) -> u64 {
    let request = client.post(url).header("Content-Type", "application/cbor").body(body);
    let Ok(answer) = request.send().await else { return 0 };
    let Ok(bytes) = answer.bytes().await else { return 0 };
    let Ok(answer) = serde_json::from_slice::<serde_json::Value>(&bytes) else { return 0 };
    let results = answer["results"].as_array().map(Vec::as_slice).unwrap_or_default();
    results.iter().filter(|result| result["status"] == "accepted").count() as u64
}

fn report(arguments: &Arguments, outcome: &Outcome, wall: f64, server_cpu: f64, own_cpu: f64, memory: u64) {
    let at = |quantile: f64| outcome.histogram.value_at_quantile(quantile) as f64 / 1_000.0;
    let (p50, p90, p99, p999) = (at(0.5), at(0.9), at(0.99), at(0.999));
    let rate = outcome.accepted as f64 / wall;
    if arguments.json {
        let line = serde_json::json!({
            "asked_per_second": arguments.rate, "batch": arguments.batch, "seconds": arguments.seconds,
            "accepted": outcome.accepted, "refused": outcome.refused, "accepted_per_second": rate,
            "published_ms": {"p50": p50, "p90": p90, "p99": p99, "p99.9": p999},
            "server_cores": server_cpu / wall, "load_cores": own_cpu / wall, "server_peak_mib": memory,
        });
        println!("{line}");
        return;
    }
    println!(
        "asked      {:>10} statements/s in batches of {}, {} s",
        arguments.rate, arguments.batch, arguments.seconds
    );
    println!("accepted   {rate:>10.0} statements/s ({} accepted, {} not)", outcome.accepted, outcome.refused);
    println!(
        "published  {p50:>10.1} ms p50, {p90:.1} ms p90, {p99:.1} ms p99, {p999:.1} ms p99.9, from due to answered"
    );
    println!("cores      {:>10.2} server, {:.2} this program", server_cpu / wall, own_cpu / wall);
    println!("memory     {memory:>10} MiB at most, server");
}

/// User and system time of a process (Linux, proc(5): fields 14 and 15 of `stat`, in hundredths of a second).
fn cpu_seconds(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after.split_whitespace().skip(11).take(2).map(|t| t.parse::<f64>().unwrap_or(0.0)).sum();
    ticks / 100.0
}

/// Most memory that a process had resident, in MiB (proc(5), `VmHWM`).
fn peak_memory_mib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}
