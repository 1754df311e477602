//! The load program of searches: fills a ledger with the mix of the European database, then asks at fixed rates while
//! statements come in, whatever the answers do (an open loop, as in `load`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use glasshouse_tests::mix::{self, Dice};
use glasshouse_tests::workload::{Publisher, batch, now};
use glasshouse_tests::world::World;
use hdrhistogram::Histogram;
use rayon::prelude::*;
use tokio::sync::Mutex;

/// Fills a ledger, asks it, and prints percentiles.
#[derive(Parser)]
#[command(after_help = "Example:
  cargo run --release -p glasshouse-tests --bin search_load -- --entries 1000000 --rate 1000 --queries 50,100,200")]
struct Arguments {
    /// Statements in the ledger before it is asked.
    #[arg(long, default_value_t = 1_000_000)]
    entries: u64,
    /// Statements a second that come in meanwhile.
    #[arg(long, default_value_t = 1_000)]
    rate: u64,
    /// Queries a second, one rate after the other.
    #[arg(long, value_delimiter = ',', default_value = "50")]
    queries: Vec<u64>,
    /// Drop the index first, and tell how long it takes to build it again.
    #[arg(long)]
    rebuild: bool,
    /// Seconds at each rate.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// The program to drive; default: `glasshouse` beside this one.
    #[arg(long)]
    glasshouse: Option<PathBuf>,
    /// A ledger that an earlier run filled and kept: it is copied, and asked. If the folder is not there, this run keeps its
    /// filled ledger in it.
    #[arg(long)]
    kept: Option<PathBuf>,
}

fn main() {
    let arguments = Arguments::parse();
    let program = arguments
        .glasshouse
        .clone()
        .unwrap_or_else(|| std::env::current_exe().unwrap().parent().unwrap().join("glasshouse"));
    let mut world = World::init(&program);
    let mut publishers = match &arguments.kept {
        Some(kept) if kept.is_dir() => reopen(&mut world, kept),
        _ => filled(&mut world, &arguments),
    };
    let index = world.dir().join("search");
    wait_until_indexed(&world);
    println!("index      {:>10} MiB for {} entries", mib(&index), level(&world, "glasshouse_search_indexed"));
    if arguments.rebuild {
        rebuild(&mut world, &index);
    }
    let bodies = arguments.queries.iter().map(|_| sign(&mut publishers, arguments.rate * arguments.seconds));
    let bodies: Vec<Vec<Vec<u8>>> = bodies.collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for (queries, bodies) in arguments.queries.iter().zip(bodies) {
        let run = Run {
            url: world.server().url().to_owned(),
            queries: *queries,
            seconds: arguments.seconds,
            rate: arguments.rate,
        };
        runtime.block_on(run.go(bodies));
        println!(
            "           lag {} entries, {} segments, {} in memory",
            level(&world, "glasshouse_search_lag_entries"),
            level(&world, "glasshouse_search_segments"),
            level(&world, "glasshouse_search_in_memory")
        );
    }
    assert_eq!(world.take_server().stop(), Some(0));
}

/// Four providers, and a ledger with so many of their statements.
fn filled(world: &mut World, arguments: &Arguments) -> Vec<Publisher> {
    world.serve();
    let mut publishers: Vec<Publisher> = (0..4).map(|at| world.enrol(&format!("mix-{at}"))).collect();
    fill(world, &mut publishers, arguments.entries);
    if let Some(kept) = &arguments.kept {
        wait_until_indexed(world);
        assert_eq!(world.take_server().stop(), Some(0));
        copy(&world.dir(), kept);
        world.serve();
    }
    publishers
}

/// The ledger that an earlier run kept, and its providers at the numbers that come next.
fn reopen(world: &mut World, kept: &Path) -> Vec<Publisher> {
    std::fs::remove_dir_all(world.dir()).unwrap();
    copy(kept, &world.dir());
    // A ledger does not go on from a copy by itself. Nobody has seen more of this one than what it holds.
    let (dir, seen) = (world.dir(), kept.join("public/checkpoint"));
    let arguments = ["adopt", "--dir", dir.to_str().unwrap(), "--seen", seen.to_str().unwrap()];
    let (status, _, errors) = world.command(&arguments);
    assert_eq!(status, 0, "{errors}");
    world.serve();
    let origin = world.registrar().origin().clone();
    let next = |host: &str| {
        let state = world.get(&format!("/api/v1/providers/{host}/completeness")).json();
        state["highest"].as_u64().unwrap() + 1
    };
    let publisher = |at| {
        let mut publisher = Publisher::new(&format!("mix-{at}"), &origin);
        let next = next(&format!("mix-{at}.example"));
        while publisher.next_number() < next {
            publisher.skip();
        }
        publisher
    };
    (0..4).map(publisher).collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        match file.file_type().unwrap().is_dir() {
            true => copy(&file.path(), &to.join(file.file_name())),
            false => {
                let copied = to.join(file.file_name());
                std::fs::copy(file.path(), &copied).unwrap();
                // Writing it out later would slow what is measured.
                std::fs::File::open(&copied).unwrap().sync_all().unwrap();
            }
        }
    }
}

/// Signs so many statements, in bodies of 100.
fn sign(publishers: &mut [Publisher], many: u64) -> Vec<Vec<u8>> {
    let share = many.div_ceil(publishers.len() as u64);
    let signed: Vec<Vec<Vec<u8>>> = publishers
        .par_iter_mut()
        .enumerate()
        .map(|(seed, publisher)| {
            let statements = (0..share).map(|_| {
                let number = publisher.next_number();
                publisher.skip();
                publisher.sign(&mix::decision(seed as u64, number), number, now())
            });
            statements.collect::<Vec<_>>().chunks(100).map(batch).collect()
        })
        .collect();
    // One body of each in turn.
    let longest = signed.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest).flat_map(|at| signed.iter().filter_map(move |bodies| bodies.get(at).cloned())).collect()
}

fn fill(world: &World, publishers: &mut [Publisher], entries: u64) {
    let started = Instant::now();
    let mut filled = 0;
    while filled < entries {
        let many = 20_000.min(entries - filled);
        let bodies = sign(publishers, many);
        bodies.par_iter().for_each(|body| {
            let answer = world.post(body).json();
            let results = answer["results"].as_array().unwrap();
            assert!(results.iter().all(|result| result["status"] == "accepted"), "{answer}");
        });
        filled += many;
    }
    println!("filled     {:>10} entries in {:.0} s", filled, started.elapsed().as_secs_f64());
}

fn level(world: &World, name: &str) -> u64 {
    let text = String::from_utf8(world.get("/metrics").body).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")).map(str::to_owned));
    line.and_then(|value| value.parse::<f64>().ok()).map_or(0, |value| value as u64)
}

fn wait_until_indexed(world: &World) {
    let is_behind = || {
        level(world, "glasshouse_search_lag_entries") > 0
            || level(world, "glasshouse_search_building") > 0
            || level(world, "glasshouse_search_documents") < level(world, "glasshouse_tree_size")
    };
    while is_behind() {
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Drops the index and has it built again.
fn rebuild(world: &mut World, index: &Path) {
    assert_eq!(world.take_server().stop(), Some(0));
    std::fs::remove_dir_all(index).unwrap();
    let started = Instant::now();
    world.serve();
    let opened = started.elapsed();
    wait_until_indexed(world);
    let built = started.elapsed() - opened;
    println!(
        "rebuilt    {:>10.1} s ({:.1} s to open the ledger before it)",
        built.as_secs_f64(),
        opened.as_secs_f64()
    );
}

fn mib(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap();
    files.map(|file| file.unwrap().metadata().unwrap().len()).sum::<u64>() >> 20
}

struct Run {
    url: String,
    queries: u64,
    seconds: u64,
    rate: u64,
}

impl Run {
    async fn go(&self, bodies: Vec<Vec<u8>>) {
        let histogram =
            || Arc::new(Mutex::new(Histogram::<u64>::new_with_bounds(1, 600_000_000, 3).unwrap()));
        let (counts, pages, published) = (histogram(), histogram(), histogram());
        let client = reqwest::Client::builder().pool_max_idle_per_host(256).build().unwrap();
        let started = Instant::now();
        let posts = self.at_rate(started, bodies.len() as u64, self.rate as f64 / 100.0, |at| {
            let request = client.post(format!("{}/api/v1/statements", self.url));
            let body = bodies[usize::try_from(at).unwrap()].clone();
            (request.header("Content-Type", "application/cbor").body(body), Arc::clone(&published))
        });
        let asks = self.at_rate(started, self.queries * self.seconds, self.queries as f64, |at| {
            let (path, into) = if at % 2 == 0 { (counts_path(at), &counts) } else { (page_path(at), &pages) };
            (client.get(format!("{}{path}", self.url)), Arc::clone(into))
        });
        tokio::join!(posts, asks);
        println!(
            "asked      {:>10} queries/s for {} s beside {} statements/s",
            self.queries, self.seconds, self.rate
        );
        let mut all = counts.lock().await.clone();
        all.add(&*pages.lock().await).unwrap();
        let all = Arc::new(Mutex::new(all));
        for (name, histogram) in
            [("all", all), ("counts", counts), ("pages", pages), ("published", published)]
        {
            let histogram = histogram.lock().await;
            let at = |quantile: f64| histogram.value_at_quantile(quantile) as f64 / 1_000.0;
            println!(
                "{name:<10} {:>10} answers, {:.1} ms p50, {:.1} ms p90, {:.1} ms p99, {:.1} ms at most",
                histogram.len(),
                at(0.5),
                at(0.9),
                at(0.99),
                at(1.0)
            );
        }
    }

    /// Sends requests at a rate; each one's time runs from the moment when it was due.
    async fn at_rate(
        &self,
        started: Instant,
        many: u64,
        rate: f64,
        make: impl Fn(u64) -> (reqwest::RequestBuilder, Arc<Mutex<Histogram<u64>>>),
    ) {
        let mut tasks = tokio::task::JoinSet::new();
        for at in 0..many {
            let due = started + Duration::from_secs_f64(at as f64 / rate);
            tokio::time::sleep_until(due.into()).await;
            let (request, histogram) = make(at);
            tasks.spawn(async move {
                let answer = request.send().await.unwrap();
                assert_eq!(answer.status().as_u16(), 200);
                let _ = answer.bytes().await.unwrap();
                let micros = u64::try_from(due.elapsed().as_micros()).unwrap().max(1);
                histogram.lock().await.record(micros).unwrap();
            });
        }
        tasks.join_all().await;
    }
}

/// Three filters, another set for each query.
fn filters(at: u64) -> String {
    let mut dice = Dice::new(at);
    dice.roll(2);
    let pick = |dice: &mut Dice, from: &[&str]| {
        from[usize::try_from(dice.roll(from.len() as u64)).unwrap()].to_owned()
    };
    let category = pick(
        &mut dice,
        &[
            "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
            "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
            "STATEMENT_CATEGORY_VIOLENCE",
            "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS",
        ],
    );
    let territory = pick(&mut dice, &["DE", "FR", "PL", "IT", "LU"]);
    let third = pick(
        &mut dice,
        &[
            "automated_detection=Yes",
            "language=DE",
            "automated_decision=AUTOMATED_DECISION_FULLY",
            "from=2025-06-01",
            "provider=mix-1.example",
            "keyword=KEYWORD_OTHER",
        ],
    );
    format!("category={category}&territory={territory}&{third}")
}

fn counts_path(at: u64) -> String {
    let by = [
        "territory,language",
        "month,automated_decision",
        "day",
        "measure,category",
        "provider,month",
        "keyword,territory",
    ];
    format!("/api/v1/counts?{}&by={}", filters(at), by[usize::try_from(at / 2 % by.len() as u64).unwrap()])
}

fn page_path(at: u64) -> String {
    let sort = ["newest", "day", "-day", "oldest"][usize::try_from(at / 2 % 4).unwrap()];
    format!("/api/v1/statements?{}&sort={sort}&limit=20", filters(at))
}
