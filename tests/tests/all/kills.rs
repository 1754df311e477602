//! The server is killed with −9 at 200 random moments under load, and starts again every time.
//!
//! After each start `fsck` is clean, the ledger holds every statement that was answered, at the index that was told; no
//! two of its checkpoints contradict each other; nothing that was sent again was taken twice. Beside two clients that
//! send again by themselves, `glasshouse publish` is killed with the server each time, and completes the rest in the end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::key_file::write_pem;
use glasshouse_tests::workload::{Publisher, batch, decision};
use glasshouse_tests::world::World;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::consistency::ConsistencyProof;
use glasshouse_verifier::hash::NodeHash;
use glasshouse_verifier::view::View;
use serde_json::Value;

/// How often the server is killed.
const KILLS: u64 = 200;
/// Statements in one request.
const BATCH: usize = 10;

/// Numbers of this test's own random sequence (SplitMix64), so that a failure can be run again.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// Lines of the file that `glasshouse publish` has to get through.
const LINES: u64 = 3_000;

/// A provider with the command `glasshouse publish`: its key, its outbox, its lines.
struct Command {
    program: &'static str,
    folder: PathBuf,
}

impl Command {
    fn new(world: &mut World) -> Command {
        world.enrol("three");
        let folder = world.scratch().to_owned();
        write_pem(&folder.join("three.pem"), &Publisher::key_of("three")).unwrap();
        let lines: String = (1..=LINES).map(|number| format!("{}\n", decision(number))).collect();
        std::fs::write(folder.join("lines.jsonl"), lines).unwrap();
        Command { program: env!("CARGO_BIN_EXE_glasshouse-under-test"), folder }
    }

    fn start(&self, url: &str, more: &[&str]) -> Child {
        std::process::Command::new(self.program)
            .args([
                "publish",
                "--provider",
                "https://three.example",
                "--key",
                "three.pem",
                "--outbox",
                "outbox",
            ])
            .args(["--batch", "10", "--json", "--log", url, "lines.jsonl"])
            .args(more)
            .current_dir(&self.folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Runs it to its end, which must be a good one, and sees every line on record exactly once.
    fn complete(&self, world: &World) {
        let output = self.start(world.server().url(), &[]).wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let state = world.get("/api/v1/providers/three.example").json();
        let numbers = (&state["sequence"]["unbroken"], &state["sequence"]["highest"]);
        assert_eq!(numbers, (&LINES.into(), &LINES.into()), "{state}");
        let receipts = std::fs::read_dir(self.folder.join("outbox/receipts")).unwrap().count();
        assert_eq!(receipts as u64, LINES);
    }
}

/// What the client was told: number → (index, leaf hash).
type Told = BTreeMap<u64, (u64, String)>;

/// Sends batches until the server is gone, the last unanswered batch again first. Gives back what is still unanswered.
fn publish_until_gone(
    url: &str,
    publisher: &mut Publisher,
    mut open: Vec<Signed>,
    told: &Mutex<Told>,
) -> Vec<Signed> {
    loop {
        if open.is_empty() {
            open = (0..BATCH).map(|_| publisher.sign_next()).collect();
        }
        let request =
            ureq::post(format!("{url}/api/v1/statements")).header("Content-Type", "application/cbor");
        let Ok(mut answer) = request.send(batch(&open)) else { return open };
        let Ok(text) = answer.body_mut().read_to_string() else { return open };
        let answer: Value = serde_json::from_str(&text).unwrap();
        let mut told = told.lock().unwrap();
        for (signed, result) in open.drain(..).zip(answer["results"].as_array().unwrap()) {
            let status = result["status"].as_str().unwrap();
            assert!(status == "accepted" || status == "duplicate", "{result}");
            let number =
                glasshouse_verifier::statement::Statement::parse(signed.statement()).unwrap().sequence();
            let place = (result["index"].as_u64().unwrap(), result["leaf_hash"].as_str().unwrap().to_owned());
            assert_eq!(place.1, signed.leaf_hash().to_hex());
            assert_eq!(told.insert(number.get(), place), None, "{number} was answered twice");
        }
    }
}

/// Takes the newest checkpoint into the view, with the ledger's own proof: a fork or a shrunken log fails here.
fn advance(world: &World, view: &mut Option<View>) {
    let vkey = std::fs::read_to_string(world.dir().join("log.vkey")).unwrap();
    let vkey = glasshouse_verifier::vkey::Vkey::parse(vkey.trim_end()).unwrap();
    let next = SignedCheckpoint::open(&world.get("/checkpoint").body, &vkey).unwrap();
    let Some(view) = view else {
        *view = Some(View::new(next));
        return;
    };
    let (from, to) = (view.last().head().size().get(), next.head().size().get());
    assert!(to >= from, "the log shrank from {from} to {to} entries");
    let mut hashes = Vec::new();
    if from != to {
        let proof = world.get(&format!("/api/v1/proofs/consistency?from={from}&to={to}")).json();
        let texts = proof["hashes"].as_array().unwrap();
        hashes = texts.iter().map(|text| NodeHash::from_hex(text.as_str().unwrap()).unwrap()).collect();
    }
    view.advance(next, &ConsistencyProof::new(hashes).unwrap()).unwrap();
}

#[test]
fn nothing_is_lost_or_repeated_when_the_server_is_killed() {
    let mut random = Random(2026);
    let mut world = World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
    let mut publishers: Vec<(Publisher, Vec<Signed>)> =
        ["one", "two"].map(|name| (world.enrol(name), Vec::new())).into();
    let command = Command::new(&mut world);
    let told = [Mutex::new(Told::new()), Mutex::new(Told::new())];
    let mut view = None;
    for kill in 0..KILLS {
        let url = world.server().url().to_owned();
        let started = Arc::new(AtomicBool::new(false));
        let mut publish = command.start(&url, &["--patience", "1", "--no-receipts"]);
        std::thread::scope(|scope| {
            for ((publisher, open), told) in publishers.iter_mut().zip(&told) {
                let (url, started) = (&url, started.clone());
                scope.spawn(move || {
                    started.store(true, Ordering::SeqCst);
                    *open = publish_until_gone(url, publisher, std::mem::take(open), told);
                });
            }
            // The moment of the kill is what is random here: 0 to 150 ms after the first request may be under way.
            let until = Instant::now() + Duration::from_millis(random.below(150));
            while !started.load(Ordering::SeqCst) || Instant::now() < until {
                std::thread::yield_now();
            }
            world.take_server().kill();
        });
        publish.kill().unwrap();
        publish.wait().unwrap();
        world.serve();
        world.assert_fsck_clean();
        advance(&world, &mut view);
        if kill % 20 == 19 {
            check_all(&world, &told);
        }
    }
    let answered: usize = told.iter().map(|told| told.lock().unwrap().len()).sum();
    // Two for each kill are enough for that, on the slowest machine and beside the other tests.
    assert!(
        answered as u64 > 2 * KILLS,
        "only {answered} statements were answered: the server was hardly under load"
    );
    finish(&world, &mut publishers, &told);
    command.complete(&world);
    check_all(&world, &told);
    println!(
        "{KILLS} kills, {answered} statements answered between them, {} entries",
        world.get("/api/v1/stats").json()
    );
    assert_eq!(world.take_server().stop(), Some(0));
    world.assert_fsck_clean();
}

/// Sends what was unanswered at the last kill.
fn finish(world: &World, publishers: &mut [(Publisher, Vec<Signed>)], told: &[Mutex<Told>; 2]) {
    for ((_, open), told) in publishers.iter_mut().zip(told) {
        for (signed, result) in open.iter().zip(world.submit(open.iter())) {
            assert_ne!(result["status"], "rejected", "{result}");
            let number =
                glasshouse_verifier::statement::Statement::parse(signed.statement()).unwrap().sequence();
            let place = (result["index"].as_u64().unwrap(), signed.leaf_hash().to_hex());
            told.lock().unwrap().insert(number.get(), place);
        }
    }
}

/// Every statement that was answered is at its index, and no index was told twice.
fn check_all(world: &World, told: &[Mutex<Told>; 2]) {
    let mut at_index = BTreeMap::new();
    for told in told {
        for (index, leaf) in told.lock().unwrap().values() {
            assert_eq!(at_index.insert(*index, leaf.clone()), None, "index {index} was told twice");
        }
    }
    let leaves = leaves(world);
    for (index, leaf) in at_index {
        let found = leaves.get(usize::try_from(index).unwrap());
        assert_eq!(found, Some(&leaf), "entry {index}");
    }
}

/// The leaf hashes of all entries, from the bundles that anyone can read.
fn leaves(world: &World) -> Vec<String> {
    let note = String::from_utf8(world.get("/checkpoint").body).unwrap();
    let size: u64 = note.lines().nth(1).unwrap().parse().unwrap();
    let mut leaves = Vec::new();
    for bundle in 0..size.div_ceil(256) {
        let width = u16::try_from((size - bundle * 256).min(256)).unwrap();
        let path = glasshouse_verifier::tile::BundlePath::new(bundle, width).unwrap().encode();
        let bytes = world.get(&format!("/{path}")).body;
        for entry in glasshouse_verifier::bundle::parse_bundle(&bytes, width).unwrap() {
            leaves.push(glasshouse_verifier::hash::LeafHash::of_entry(entry).to_hex());
        }
    }
    leaves
}
