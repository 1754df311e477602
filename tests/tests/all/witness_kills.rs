//! A witness is killed with −9 at 200 random moments, while clients submit checkpoints of three logs that contradict
//! each other all the time. Everything that it ever answered is collected: for one size of one log there is one root, every
//! cosignature verifies, and after each start its state is at least as new as everything that was answered.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use glasshouse_ledger::witness::add_request::AddRequest;
use glasshouse_ledger::witness::log_settings::LogId;
use glasshouse_tests::process::Process;
use glasshouse_tests::slow_tree::{SlowLog, SlowTree, size};
use glasshouse_verifier::evidence::Fork;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::note::Note;
use glasshouse_verifier::vkey::Vkey;

use crate::kills::Random;

const PROGRAM: &str = env!("CARGO_BIN_EXE_glasshouse-under-test");
/// How often the witness is killed.
const KILLS: u64 = 200;
/// Clients of each log; each grows a history of its own.
const CLIENTS: u64 = 2;
/// The kill comes after so many answers of one life at most, and a moment.
const ANSWERS_MAX: u64 = 8;

/// What is known of one log and its witness.
struct Subject {
    log: SlowLog,
    /// The newest tree that is known to be cosigned.
    newest: Mutex<SlowTree>,
    /// Every tree that was submitted and may have been cosigned since, by size and root.
    submitted: Mutex<HashMap<(u64, String), SlowTree>>,
    /// Everything that was ever answered: the root of each size.
    answered: Mutex<BTreeMap<u64, String>>,
    latest_time: AtomicU64,
}

/// One life of the witness, as its clients see it.
struct Life<'a> {
    url: &'a str,
    witness: &'a [Vkey],
    answers: &'a AtomicU64,
    agent: ureq::Agent,
}

impl Subject {
    fn new(number: u8) -> Subject {
        Subject {
            log: SlowLog::new(&format!("log.example/{number}"), 40 + number),
            newest: Mutex::default(),
            submitted: Mutex::default(),
            answered: Mutex::default(),
            latest_time: AtomicU64::new(0),
        }
    }

    /// Takes a cosigned note that the witness gave out, however it did.
    /// It carries a line of each of the witness's keys, of one time.
    fn take(&self, note: &str, witness: &[Vkey]) -> (SlowTree, u64) {
        let note = Note::parse(note.as_bytes()).unwrap();
        let verified = note.verify(&[witness, &[self.log.vkey()]].concat()).unwrap();
        let times: Vec<u64> = verified.signers().iter().filter_map(|signer| signer.time()).collect();
        assert_eq!((verified.signers().len(), times.len()), (3, 2));
        let time = times[0];
        assert_eq!(times[1], time);
        let mut lines = verified.text().lines();
        assert_eq!(lines.next(), Some(self.log.origin.as_str()));
        let (size, root) = (lines.next().unwrap().parse().unwrap(), lines.next().unwrap().to_owned());
        let before = self.answered.lock().unwrap().insert(size, root.clone());
        assert!(before.is_none_or(|before| before == root), "two roots for size {size}");
        self.latest_time.fetch_max(time, Ordering::SeqCst);
        let mut submitted = self.submitted.lock().unwrap();
        let mut newest = self.newest.lock().unwrap();
        if size > newest.size() {
            *newest = submitted[&(size, root)].clone();
            submitted.retain(|(other, _), _| *other >= size);
        }
        (newest.clone(), time)
    }

    /// What the witness shows of this log; nothing if it never cosigned.
    fn monitored(&self, life: &Life<'_>) -> Result<Option<(u64, u64)>, ureq::Error> {
        let id = LogId::of_origin(&self.log.origin).to_hex();
        let mut answer = life.agent.get(format!("{}/{id}/checkpoint", life.url)).call()?;
        if answer.status() == 404 {
            return Ok(None);
        }
        let note = answer.body_mut().read_to_string()?;
        let (_, time) = self.take(&note, life.witness);
        Ok(Some((note.lines().nth(1).unwrap().parse().unwrap(), time)))
    }

    /// Submits until the witness is gone.
    fn submit_until_gone(&self, life: &Life<'_>, random: &mut Random) {
        while self.submit_once(life, random).is_ok() {}
    }

    fn submit_once(&self, life: &Life<'_>, random: &mut Random) -> Result<(), ureq::Error> {
        let newest = self.newest.lock().unwrap().clone();
        let old = newest.size();
        let (tree, is_fork) = next_tree(&newest, random);
        let key = (tree.size(), tree.root().to_base64());
        self.submitted.lock().unwrap().insert(key, tree.clone());
        let note = self.log.sign(&tree);
        let body = AddRequest::encode(size(old), &tree.prove(old), &note);
        let mut answer = life.agent.post(format!("{}/add-checkpoint", life.url)).send(body)?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string()?;
        life.answers.fetch_add(1, Ordering::SeqCst);
        match status {
            200 => {
                assert!(!is_fork, "a fork was cosigned");
                self.take(&format!("{note}{text}"), life.witness);
            }
            // Another client's history was cosigned first.
            409 => drop(self.monitored(life)?),
            422 => assert!(is_fork, "{text}"),
            other => panic!("{other}: {text}"),
        }
        Ok(())
    }
}

/// A tree to submit behind this one: mostly a history of one's own, at times the same tree, or one that cannot follow.
fn next_tree(newest: &SlowTree, random: &mut Random) -> (SlowTree, bool) {
    let (kept, more, is_fork) = match random.below(8) {
        0 => (newest.size(), 0, false),
        1 if newest.size() > 1 => (newest.size() - 1, 1, true),
        2 if newest.size() > 1 => {
            (newest.size() - 1 - random.below(newest.size() - 1), newest.size() + 2, true)
        }
        _ => (newest.size(), 1 + random.below(3), false),
    };
    let mut tree = newest.head(kept);
    let target = if is_fork { more.max(newest.size()) } else { kept + more };
    while tree.size() < target {
        tree.0.push(LeafHash::of_entry(&random.below(u64::MAX).to_be_bytes()));
    }
    (tree, is_fork)
}

/// Kills the witness while all clients submit, after some answers and a moment.
fn live_and_die(process: Process, subjects: &[Subject], witness: &[Vkey], random: &mut Random) {
    let url = process.url().to_owned();
    let answers = AtomicU64::new(0);
    let (after, moment) = (random.below(ANSWERS_MAX), Duration::from_micros(random.below(4_000)));
    let seeds: Vec<u64> = (0..subjects.len() as u64 * CLIENTS).map(|_| random.below(u64::MAX)).collect();
    std::thread::scope(|scope| {
        for (at, seed) in seeds.into_iter().enumerate() {
            let subject = &subjects[at % subjects.len()];
            let life = Life { url: &url, witness, answers: &answers, agent: agent() };
            scope.spawn(move || subject.submit_until_gone(&life, &mut Random(seed)));
        }
        while answers.load(Ordering::SeqCst) < after {
            std::thread::yield_now();
        }
        let until = Instant::now() + moment;
        while Instant::now() < until {
            std::thread::yield_now();
        }
        process.order_kill();
    });
    process.kill();
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

/// The state after a start is at least as new as everything that was answered before.
fn check_state(subject: &Subject, life: &Life<'_>) {
    let told = subject.answered.lock().unwrap().keys().last().copied();
    let told_time = subject.latest_time.load(Ordering::SeqCst);
    match subject.monitored(life).unwrap() {
        Some((size, time)) => {
            assert!(told.is_none_or(|told| size >= told), "{size} after {told:?} was answered");
            assert!(time >= told_time, "a time of {time} after {told_time} was answered");
        }
        None => assert_eq!(told, None, "the state was lost"),
    }
}

#[test]
fn a_killed_witness_never_signs_two_roots_for_one_size() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = scratch.path().join("w1");
    let made = std::process::Command::new(PROGRAM)
        .args(["witness", "init", "--name", "witness.example/w1", "--dir"])
        .arg(&dir)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let vkeys = std::fs::read_to_string(dir.join("witness.vkey")).unwrap();
    let witness: Vec<Vkey> = vkeys.lines().map(|vkey| Vkey::parse(vkey).unwrap()).collect();
    assert_eq!(witness.len(), 2);
    let subjects: Vec<Subject> = (0..3).map(Subject::new).collect();
    let lines: String =
        subjects.iter().map(|subject| format!("log {}\n", subject.log.vkey().encode())).collect();
    let policy = scratch.path().join("policy.txt");
    std::fs::write(&policy, format!("{lines}quorum none\n")).unwrap();
    let start =
        || Process::witness(Path::new(PROGRAM), &dir, &["--policy", policy.to_str().unwrap()]).unwrap();

    let mut random = Random(2027);
    let started = Instant::now();
    for _ in 0..KILLS {
        let process = start();
        let answers = AtomicU64::new(0);
        let life = Life { url: process.url(), witness: &witness, answers: &answers, agent: agent() };
        subjects.iter().for_each(|subject| check_state(subject, &life));
        live_and_die(process, &subjects, &witness, &mut random);
    }
    let process = start();
    let answers = AtomicU64::new(0);
    let life = Life { url: process.url(), witness: &witness, answers: &answers, agent: agent() };
    subjects.iter().for_each(|subject| check_state(subject, &life));
    let answered: usize = subjects.iter().map(|subject| subject.answered.lock().unwrap().len()).sum();
    let forks = check_evidence(&life, &subjects);
    println!("{KILLS} kills in {:?}: {answered} sizes cosigned, {forks} forks kept", started.elapsed());
    assert!(answered > 300, "only {answered} sizes were cosigned: the witness was hardly at work");
    assert!(forks > 10, "only {forks} forks were kept");
    assert_eq!(process.stop(), Some(0));
}

/// Every fork that is kept convicts its log. How many there are.
fn check_evidence(life: &Life<'_>, subjects: &[Subject]) -> usize {
    let mut answer = life.agent.get(format!("{}/status", life.url)).call().unwrap();
    let status: serde_json::Value = answer.body_mut().read_json().unwrap();
    let names = status["evidence"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
    let mut forks = 0;
    for name in names.filter(|name| name.contains("-fork-")) {
        let mut answer = life.agent.get(format!("{}/evidence/{name}", life.url)).call().unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        let convicts = |subject: &Subject| Fork::parse(&text, &subject.log.vkey()).is_ok();
        assert_eq!(subjects.iter().filter(|subject| convicts(subject)).count(), 1, "{name}");
        forks += 1;
    }
    forks
}
