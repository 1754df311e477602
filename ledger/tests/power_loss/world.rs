//! A ledger on a torn store, and what it has promised to whom.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::clock::Clock;
use glasshouse_ledger::index::Index;
use glasshouse_ledger::open::{Hold, OpenError, Opened, open_store};
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::witnessing::{Publication, ToWitness};
use glasshouse_ledger::writer::{Answer, RoundReport, Ticket, Writer};
use glasshouse_verifier::hash::LeafHash;

use crate::disk::Disk;
use crate::support::lives::admit_with;
use crate::support::witnesses::{cosign, policy};
use crate::support::*;
use crate::torn_store::{Moment, TornStore};

/// How the ledger publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    AtOnce,
    /// With witnesses, and without them where they are silent.
    Open,
    Quorum,
}

impl Mode {
    pub(crate) fn publication(self) -> Publication {
        match self {
            Mode::AtOnce => Publication::AtOnce,
            _ => Publication::Witnessed {
                policy: policy(),
                require_quorum: self == Mode::Quorum,
                shown: Vec::new(),
            },
        }
    }
}

/// For how long redactions are held, in milliseconds, and by which clock.
#[derive(Clone)]
pub(crate) struct Holding {
    pub(crate) ms: u64,
    /// The shortest hold that there ever was.
    least_ms: u64,
    pub(crate) clock: Arc<TestClock>,
}

impl Holding {
    pub(crate) fn none() -> Holding {
        Holding { ms: 0, least_ms: u64::MAX, clock: TestClock::new() }
    }

    /// From the next start on, by a clock that goes on alone.
    pub(crate) fn then(&self, ms: u64) -> Holding {
        Holding { ms, least_ms: self.least_ms.min(ms), clock: self.clock.apart() }
    }

    /// Whether no hold can have passed yet.
    fn is_early(&self) -> bool {
        self.clock.now_ms() - TestClock::new().now_ms() < self.least_ms
    }

    /// The same, and time goes on there alone.
    pub(crate) fn apart(&self) -> Holding {
        Holding { clock: self.clock.apart(), ..self.clone() }
    }
}

/// A statement that somebody sends, and sends again when there was no answer.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) signed: Signed,
    /// Texts of its target that it discloses.
    pub(crate) opened: Vec<Vec<u8>>,
    /// What is nowhere to be found when it is answered, or when its hold has passed.
    pub(crate) erases: Vec<Vec<u8>>,
    /// The texts that it redacts.
    pub(crate) redacts: Vec<(Signed, &'static str)>,
    /// The leaf hash of the redaction that it takes back.
    pub(crate) withdraws: Option<LeafHash>,
    /// Whether another statement has its number, or it may come too late.
    pub(crate) may_be_refused: bool,
}

impl Sent {
    pub(crate) fn of(signed: Signed) -> Sent {
        Sent {
            signed,
            opened: Vec::new(),
            erases: Vec::new(),
            redacts: Vec::new(),
            withdraws: None,
            may_be_refused: false,
        }
    }

    pub(crate) fn submit(&self, writer: &mut Writer, reader: &Reader) -> Ticket {
        let opened: Vec<&[u8]> = self.opened.iter().map(Vec::as_slice).collect();
        writer.submit(admit_with(reader, &self.signed, &opened).unwrap())
    }
}

/// What somebody was told, and may rely on whatever happens.
#[derive(Debug, Clone)]
pub(crate) enum Promise {
    /// That statement has that place.
    Place(LeafHash, u64),
    /// These bytes are nowhere.
    Gone(Vec<u8>),
}

impl Promise {
    fn leaf(&self) -> Option<[u8; 32]> {
        match self {
            Promise::Place(leaf_hash, _) => Some(*leaf_hash.as_bytes()),
            Promise::Gone(_) => None,
        }
    }
}

/// One thing that is done with the ledger.
#[derive(Clone)]
pub(crate) enum Step {
    Send(Box<Sent>),
    Round,
    /// The newest tree is taken for the next publication, and stays it until then.
    Take,
    /// So many witnesses sign the tree that was taken, else the newest, and what can be published is.
    Publish(u8),
    Settle,
    /// So many milliseconds pass.
    Wait(u64),
    /// What the published entries say is written down.
    Keep,
}

pub(crate) fn send(signed: Signed) -> Step {
    Step::Send(Box::new(Sent::of(signed)))
}

pub(crate) struct World {
    pub(crate) mode: Mode,
    pub(crate) holding: Holding,
    pub(crate) store: Arc<TornStore>,
    writer: Writer,
    pub(crate) reader: Reader,
    taken: Option<ToWitness>,
    waiting: BTreeMap<Ticket, Sent>,
    pub(crate) sent: Vec<Sent>,
    pub(crate) promises: Vec<Promise>,
}

impl World {
    /// A ledger with one enrolled provider, on a disk with blocks of so many bytes, everything settled.
    pub(crate) fn new(mode: Mode, block: usize) -> World {
        let store = TornStore::on(Disk::new(block));
        let begun: Arc<dyn Store> = Arc::clone(&store) as Arc<dyn Store>;
        let (mut writer, reader) = enrolled(&begun);
        writer.settle().unwrap();
        drop((writer, reader));
        store.take_moments();
        World::on(mode, store, Vec::new(), Vec::new()).unwrap()
    }

    /// A ledger that lies there already, with what it has promised.
    pub(crate) fn on(
        mode: Mode,
        store: Arc<TornStore>,
        sent: Vec<Sent>,
        promises: Vec<Promise>,
    ) -> Result<World, OpenError> {
        World::held(mode, Holding::none(), store, sent, promises)
    }

    /// Nothing was redacted yet: from now on redactions are held.
    pub(crate) fn hold(&mut self, ms: u64) {
        let Ok(held) =
            World::held(self.mode, self.holding.then(ms), Arc::clone(&self.store), Vec::new(), Vec::new())
        else {
            panic!("the ledger does not start again")
        };
        *self = held;
    }

    /// The same, which holds redactions.
    pub(crate) fn held(
        mode: Mode,
        holding: Holding,
        store: Arc<TornStore>,
        sent: Vec<Sent>,
        promises: Vec<Promise>,
    ) -> Result<World, OpenError> {
        store.promise(promises.len());
        let lying: Arc<dyn Store> = Arc::clone(&store) as Arc<dyn Store>;
        let (clock, hold) = (holding.clock.clone(), Hold::Ms(holding.ms));
        let opened =
            open_store(lying, signer(), clock, Index::temporary().unwrap(), hold, mode.publication(), &[])?;
        let Opened { writer, reader, .. } = opened;
        let (taken, waiting) = (None, BTreeMap::new());
        Ok(World { mode, holding, store, writer, reader, taken, waiting, sent, promises })
    }

    /// Does the steps, one after the other, and gives every moment at which the power could have gone.
    pub(crate) fn run(&mut self, steps: &[Step]) -> Vec<Moment> {
        self.store.take_moments();
        for step in steps {
            self.step(step);
        }
        self.store.take_moments()
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Send(sent) => {
                self.sent.push(Sent::clone(sent));
                self.waiting.insert(sent.submit(&mut self.writer, &self.reader), Sent::clone(sent));
            }
            Step::Round => {
                let report = self.writer.round().unwrap();
                self.told(report);
            }
            Step::Take => self.take(),
            Step::Publish(witnesses) => {
                if self.taken.is_none() {
                    self.take();
                }
                let tree = self.taken.clone().or_else(|| self.writer.published_tree()).unwrap();
                for number in 1..=*witnesses {
                    cosign(&mut self.writer, number, &tree);
                }
                let report = self.writer.publish().unwrap();
                if self.writer.publishing().is_none() {
                    self.taken = None;
                }
                self.told(report);
            }
            Step::Settle => self.writer.settle().unwrap(),
            Step::Wait(ms) => self.holding.clock.advance(*ms),
            Step::Keep => self.writer.keep_history().unwrap(),
        }
    }

    fn take(&mut self) {
        let newest = self.writer.begin_publication();
        // Whether they answer or not: from now on witnesses have it.
        self.store.disk().shown.extend(newest.iter().map(|tree| Arc::new(tree.note_text().into_bytes())));
        self.taken = newest.or(self.taken.take());
    }

    fn told(&mut self, report: RoundReport) {
        for (ticket, answer) in report.answers {
            let Some(sent) = self.waiting.remove(&ticket) else { panic!("{ticket:?} was answered twice") };
            match answer {
                Answer::Accepted { index, leaf_hash } | Answer::Duplicate { index, leaf_hash } => {
                    self.promises.push(Promise::Place(leaf_hash, index.get()));
                    if self.holding.ms == 0 && !self.may_be_withdrawn(&leaf_hash) {
                        self.promises.extend(sent.erases.into_iter().map(Promise::Gone));
                    }
                }
                Answer::Rejected(why) => self.assert_refused(&sent, why.slug),
            }
        }
        self.store.promise(self.promises.len());
    }

    /// What was sent and has its place.
    pub(crate) fn placed(&self) -> Vec<&Sent> {
        let placed: BTreeSet<[u8; 32]> = self.promises.iter().filter_map(Promise::leaf).collect();
        self.sent.iter().filter(|sent| placed.contains(sent.signed.leaf_hash().as_bytes())).collect()
    }

    /// There is a reason for it. A withdrawal is refused once the hold has passed, or where there was one before.
    fn assert_refused(&self, sent: &Sent, slug: &str) {
        assert!(sent.may_be_refused, "{slug}");
        if sent.redacts.is_empty() && sent.withdraws.is_none() {
            return;
        }
        assert!(["target-state", "target-unknown"].contains(&slug), "{slug}");
        let Some(target) = sent.withdraws.filter(|_| slug == "target-state") else { return };
        let times = self.sent.iter().filter(|other| other.withdraws == Some(target)).count();
        assert!(times > 1 || !self.holding.is_early(), "a withdrawal in time is refused");
    }

    /// Whether it can be a redaction that is taken back, or was.
    fn may_be_withdrawn(&self, leaf_hash: &LeafHash) -> bool {
        self.sent.iter().any(|sent| sent.withdraws.as_ref() == Some(leaf_hash))
    }

    /// The longest hold passes, and everything that is due then is erased.
    pub(crate) fn wait_out(&mut self) {
        self.holding.clock.advance(self.holding.ms);
        for _ in 0..40 {
            let due = self.writer.next_erasing_ms();
            if due.is_none_or(|due| due > self.holding.clock.now_ms()) {
                return;
            }
            self.step(&Step::Round);
        }
        panic!("what is due is never erased");
    }

    /// Rounds and publications until everything that waits is answered.
    pub(crate) fn finish(&mut self) {
        for _ in 0..40 {
            if self.waiting.is_empty() && !self.writer.has_unpublished() {
                return;
            }
            self.step(&Step::Round);
            if self.mode != Mode::AtOnce {
                self.step(&Step::Publish(2));
            }
        }
        panic!("{} statements are never answered", self.waiting.len());
    }

    /// Sends everything again that was ever sent; of very much only what was not answered, and the last.
    pub(crate) fn send_again(&mut self) {
        let answered: BTreeSet<[u8; 32]> = match self.sent.len() > 40 {
            true => self.promises.iter().filter_map(Promise::leaf).collect(),
            false => BTreeSet::new(),
        };
        let early = self.sent.len().saturating_sub(10);
        for (at, sent) in self.sent.clone().into_iter().enumerate() {
            if at >= early || !answered.contains(sent.signed.leaf_hash().as_bytes()) {
                self.waiting.insert(sent.submit(&mut self.writer, &self.reader), sent);
            }
        }
    }
}
