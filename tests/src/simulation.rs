//! A whole world under one seed: a log, its providers, witnesses, readers, clocks, disks and the network, everything that can
//! fail failing, for hours of simulated time in milliseconds. After every step the published tree, its quorum and the backlog are looked
//! at; the other invariants when something happens that they are about, at every start, and at the end.
//!
//! One noun per file: `world` has the machines and the order of things, `exchange` what they say to each other, `faults` what
//! goes wrong, `deeds` what clients do, `invariants` what must always be true. The ledger's own writer, admission, reader, recovery, `fsck` and witness run here,
//! and the verifier judges. What waits on a thread, a channel or a socket in the server and its clients is written once more, over
//! simulated time: `log`, `asker`, `client` and the answers of `witness`.
//!
//! Nothing in it is random but for the seed: keys, salts, delays, faults. The same seed gives the same trace, to the byte.
//!
//! What it does not reach: look-up indexes that outlive a process (each start has a new one), second keys of witnesses, redactions of more
//! than one statement, readers and the writer at the same instant (one thread), the file system below the store, and
//! bounds that only greater worlds touch (a full backlog, a window of 65,536 numbers, full tiles).
//!
//! # Does it find anything?
//!
//! Bugs that were put in by hand, one at a time, and how many worlds it took until something did not hold: the median and the
//! most of seven series, which began at seven seeds. (Some checks have changed since these were counted.)
//!
//! | bug | median | most | what did not hold |
//! |---|---|---|---|
//! | `settle` drops stages without the sync before | 1 | 1 | `nothing_answered_is_lost`, or the log does not start |
//! | answers are given before a publication covers them | 1 | 2 | `answers_come_after_publication` |
//! | the state is swapped before the stage is written | 4 | 16 | the log does not start |
//! | a witness cosigns another root of the size that it has | 1 | 2 | `no_witness_cosigns_two_roots` |
//! | a provider's bitmap is lost when a gap in its numbers closes | 4 | 9 | `no_entry_is_there_twice` |
//! | `checkpoint` is replaced, and not durably | 1 | 1 | `answers_come_after_publication` |
//! | no sync behind the overwriting of redacted texts | 1 | 2 | `what_was_redacted_is_in_no_file` |
//! | a witness keeps its record in the embedded copy alone | 2 | 5 | the witness does not start |

mod asker;
mod auditor;
mod client;
mod clock;
pub mod counts;
mod deeds;
mod dice;
mod disk;
mod exchange;
mod faults;
pub mod invariants;
mod known;
mod log;
mod network;
mod statements;
mod trace;
mod witness;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use glasshouse_ledger::genesis::Genesis;
use glasshouse_ledger::index::Index;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::log_signer::LogSigner;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::ml_dsa_key_file::MlDsaSecretKey;
use glasshouse_ledger::witness::add_request::AddRequest;
use glasshouse_ledger::witness::log_settings::LogSettings;
use glasshouse_verifier::hash::RootHash;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::key::PublicKey;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;

use self::client::Client;
use self::clock::SimulatedClock;
use self::counts::Counts;
use self::dice::Dice;
use self::disk::Disk;
use self::invariants::{Broken, hold};
use self::log::Settings;
use self::network::{Network, Node};
use self::trace::Trace;
use self::witness::WitnessNode;
use self::world::{Event, Parts, World};

/// The log's name in every world.
const ORIGIN: &str = "log.example/simulated";
/// After so many simulated milliseconds of calm everybody must have an answer: a witness whose clock was ahead signs nothing
/// until its clock has caught up.
const CALM_MS: u64 = 12 * 3_600_000;

/// What became of one world.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// SHA-256 of the trace.
    pub digest: String,
    /// How many lines the trace has.
    pub lines: u64,
    /// How many events happened.
    pub steps: u64,
    /// How many entries the log has.
    pub entries: u64,
    /// Simulated milliseconds.
    pub simulated_ms: u64,
    /// What happened how often.
    pub counts: Counts,
}

/// A world in which something does not hold.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Its seed.
    pub seed: u64,
    /// What does not hold, and what was seen.
    pub broken: Broken,
    /// At which event.
    pub step: u64,
    /// When, in simulated milliseconds.
    pub at_ms: u64,
    /// The last lines of the trace.
    pub tail: Vec<String>,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Failure { seed, broken, step, at_ms, tail } = self;
        writeln!(
            out,
            "seed {seed}, step {step}, {at_ms} ms: {} does not hold: {}",
            broken.invariant, broken.what
        )?;
        tail.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
        write!(out, "again: cargo run --release -p glasshouse-tests --bin simulate -- --seed {seed} --trace")
    }
}

/// Runs the world of a seed to its end. `prints`: every line of its trace as it happens.
///
/// # Errors
/// [`Failure`]: something does not hold.
pub fn run(seed: u64, prints: bool) -> Result<Outcome, Box<Failure>> {
    let mut world = build(seed, prints);
    // What panics in the library is a failure like any other; its seed must be told.
    let lived = catch_unwind(AssertUnwindSafe(|| live(&mut world, seed)));
    let broken = match lived {
        Ok(Ok(())) => None,
        Ok(Err(broken)) => Some(broken),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Some(Broken { invariant: "nothing_panics", what: text.unwrap_or_default() })
        }
    };
    match broken {
        None => Ok(Outcome {
            digest: world.trace.digest(),
            lines: world.trace.lines(),
            steps: world.steps,
            entries: world.known.size(),
            simulated_ms: world.now,
            counts: world.counts,
        }),
        Some(broken) => {
            let tail = world.trace.tail();
            Err(Box::new(Failure { seed, broken, step: world.steps, at_ms: world.now, tail }))
        }
    }
}

/// The size and the root in the body of an `add-checkpoint` request.
fn shown_head(body: &[u8]) -> Result<(u64, RootHash), String> {
    let request = AddRequest::parse(body).map_err(|error| error.to_string())?;
    let head = request.checkpoint().head().map_err(|error| error.to_string())?;
    Ok((head.size().get(), *head.root()))
}

/// The log's policy over its witnesses, as its file says it: any `needed` of them.
fn policy_text(log: &Vkey, witnesses: &[Vec<Vkey>], needed: usize) -> String {
    let mut text = format!("log {}\n", log.encode());
    let mut names = String::new();
    for (at, keys) in witnesses.iter().enumerate() {
        text.push_str(&format!("witness w{at} {}\n", keys[0].encode()));
        names.push_str(&format!(" w{at}"));
    }
    text.push_str(&format!("group enough {needed}{names}\nquorum enough\n"));
    text
}

/// The machines of a world, before anything happens.
fn build(seed: u64, prints: bool) -> World {
    let mut dice = Dice::of(seed, "world's parts");
    let origin = Origin::parse(ORIGIN).unwrap();
    let is_heavy = dice.percent(4);
    let mut signer = LogSigner::new(origin.clone(), SecretKey::from_seed(&dice.bytes())).unwrap();
    if is_heavy {
        signer = signer.with_second(MlDsaSecretKey::from_seed(&dice.bytes())).unwrap();
    }
    let log = LogSettings {
        origin: ORIGIN.to_owned(),
        keys: vec![signer.vkey().clone()],
        qpd: witness::REQUESTS_A_DAY,
    };
    let witnesses: Vec<WitnessNode> =
        (0..dice.place(4)).map(|at| WitnessNode::new(at, &mut dice, is_heavy, log.clone())).collect();
    let keys: Vec<Vec<Vkey>> = witnesses.iter().map(WitnessNode::keys).collect();
    let require_quorum = !keys.is_empty() && dice.percent(60);
    let needed = if keys.is_empty() { 0 } else { 1 + dice.place(keys.len()) };
    let policy = (needed > 0).then(|| Policy::parse(&policy_text(signer.vkey(), &keys, needed)).unwrap());
    let alone = Policy::of_log(signer.vkey().clone()).unwrap();
    let readers = policy.clone().filter(|_| require_quorum).unwrap_or(alone);
    let hold_ms = if dice.percent(60) { 0 } else { dice.between(1, 90) * 60_000 };
    // Of a witness with two keys both lines are asked for, and the first counts.
    let asked = keys.into_iter().map(|keys| keys.into_iter().take(1).collect()).collect();
    let settings = Settings { signer, policy, require_quorum, hold_ms, witnesses: asked };
    let registrar = Issuer::of_registrar(&origin);
    let mut clients = vec![Client::new(&registrar, &origin, &[dice.bytes()], 2, Dice::new(dice.next()))];
    for at in 1..=dice.between(2, 4) {
        let issuer = Issuer::parse(&format!("https://provider{at}.example")).unwrap();
        let keys = [dice.bytes(), dice.bytes()];
        clients.push(Client::new(&issuer, &origin, &keys, 1, Dice::new(dice.next())));
    }
    let network = Network::new(seed, *dice.pick(&[0, 3, 10, 25]));
    let disk = Arc::new(Disk::new(Arc::new(MemoryStore::new())));
    let clock = SimulatedClock::new(0);
    let auditors = 1 + dice.place(3);
    let parts = Parts { network, settings, readers, disk, clock, clients, witnesses, auditors };
    World::new(seed, parts, Trace::new(prints))
}

/// A world's life: it begins, everything goes on and goes wrong, it heals, and what was promised is held against it.
fn live(world: &mut World, seed: u64) -> Result<(), Broken> {
    let mut dice = Dice::of(seed, "world's life");
    begin(world, &mut dice);
    let end = plan(world, seed, &mut dice);
    while world.step(end)? {}
    world.calm();
    let latest = world.now + CALM_MS;
    while !world.is_settled() {
        let happened = world.step(latest)?;
        hold("everybody_is_answered_in_the_end", happened, || world.what_waits())?;
    }
    // The last settling, and what is erased at the latest by then.
    let last = world.now + 150_000;
    while world.step(last)? {}
    world.judge_the_end()
}

/// The genesis, on a disk that holds.
fn begin(world: &mut World, dice: &mut Dice) {
    let Settings { require_quorum, hold_ms, witnesses, .. } = &world.settings;
    let (clients, witnesses) = (world.clients.len() - 1, witnesses.len());
    let story = format!(
        "{clients} providers, {witnesses} witnesses, a quorum is required: {require_quorum}, hold {hold_ms} ms"
    );
    world.say(story);
    let public = |seed| PublicKey::from_bytes(SecretKey::from_seed(&seed).public_bytes()).unwrap();
    let genesis = Genesis {
        registrar: world.clients[0].author(),
        next_registrar: public(dice.bytes()).kid(),
        receipt_key: public(dice.bytes()),
        purpose: "test",
        policy: "A simulated log.",
        contact: None,
    };
    let (disk, clock) = (Arc::clone(&world.disk), Arc::clone(&world.clock));
    genesis.begin(disk, clock, &world.settings.signer, Index::temporary().unwrap()).unwrap();
}

/// Everything that is to happen by itself; when it ends.
fn plan(world: &mut World, seed: u64, dice: &mut Dice) -> u64 {
    let end = dice.between(20, 360) * 60_000;
    (0..world.witnesses.len()).for_each(|at| world.at(0, Event::WitnessStarts(at)));
    world.at(0, Event::LogStarts);
    world.enrol_all();
    let mut anywhen = |world: &mut World, times: u64, event: Event| {
        (0..times).for_each(|_| world.at(dice.roll(end), event.clone()));
    };
    let acts = Dice::of(seed, "acts").between(6, 26);
    for at in 0..world.clients.len() {
        anywhen(world, if at == 0 { acts / 3 } else { acts }, Event::Act(at));
    }
    let faults = Dice::of(seed, "faults").between(0, 24);
    anywhen(world, faults, Event::Strike);
    anywhen(world, acts, Event::Audit(0));
    let auditors = world.auditors();
    (1..auditors).for_each(|at| anywhen(world, acts / 2, Event::Audit(at)));
    anywhen(world, if world.witnesses.is_empty() { 0 } else { 4 }, Event::Forge);
    end
}

impl World {
    /// From here on nothing goes wrong any more.
    fn calm(&mut self) {
        self.say("everything heals");
        self.network.calm();
        self.disk.disarm();
        let nodes =
            (0..self.clients.len()).map(Node::Client).chain((0..self.witnesses.len()).map(Node::Witness));
        let nodes: Vec<Node> = nodes.chain([Node::Log]).collect();
        nodes.into_iter().for_each(|node| self.heal(node));
        for at in 0..self.witnesses.len() {
            self.witnesses[at].repair_disk();
            self.at(self.now, Event::WitnessStarts(at));
        }
    }

    fn auditors(&self) -> usize {
        self.auditors.len()
    }

    /// For whoever has to understand why somebody waits.
    fn what_waits(&self) -> String {
        let open = self.clients.iter().zip(0..).flat_map(|(client, at)| {
            let open = client.letters.iter().filter(|letter| letter.fate == client::Fate::Open);
            open.map(move |letter| format!("client {at}: {} {}", letter.kind, letter.number))
        });
        let log = self.running.as_ref().map(|running| {
            let writer = &running.writer;
            format!(
                "{writer:?}, unpublished {}, held back {:?}",
                writer.has_unpublished(),
                writer.held_back()
            )
        });
        format!("{} wait; the log: {log:?}", open.collect::<Vec<_>>().join(", "))
    }
}
