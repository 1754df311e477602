//! A ledger with decisions, in memory, whose clock is moved by hand.

use std::sync::{Arc, OnceLock};

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::fsck::{FsckReport, fsck};
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::writer::{Answer, Writer};

use crate::support::lives::*;
use crate::support::*;

pub(crate) const FACTS: &str = "decision_facts";
pub(crate) const GROUND: &str = "incompatible_content_ground";

pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) hold_ms: u64,
    pub(crate) writer: Writer,
    pub(crate) reader: Reader,
    /// The provider's decisions, number 1 first, which stands at index 2.
    pub(crate) decisions: Vec<Signed>,
}

impl World {
    /// A genesis, an enrolment, and so many decisions; everything settled.
    pub(crate) fn new(count: u64, hold_ms: u64) -> World {
        World::with((1..=count).map(decision).collect(), hold_ms)
    }

    /// Two of these: without the file `history`, and with one that is of the tree with all of the decisions.
    pub(crate) fn kept_or_not(count: u64) -> [World; 2] {
        let (without, mut with) = (World::new(count, 0), World::new(count, 0));
        with.writer.keep_history().unwrap();
        [without, with]
    }

    /// More decisions than one step of erasing takes, signed once for all tests.
    pub(crate) fn long() -> World {
        static DECISIONS: OnceLock<Vec<Signed>> = OnceLock::new();
        World::with(DECISIONS.get_or_init(|| (1..=4_200).map(decision).collect()).clone(), 0)
    }

    pub(crate) fn with(decisions: Vec<Signed>, hold_ms: u64) -> World {
        let memory = Arc::new(MemoryStore::new());
        let store: Arc<dyn Store> = memory.clone();
        drop(enrolled(&store));
        let clock = TestClock::new();
        let opened = open_held(&store, &clock, hold_ms);
        let mut world =
            World { store: memory, clock, hold_ms, writer: opened.writer, reader: opened.reader, decisions };
        for answer in publish(&mut world.writer, &world.reader, &world.decisions) {
            accepted(&answer);
        }
        world.writer.settle().unwrap();
        world
    }

    /// Submits a statement and runs rounds until it is answered; its place.
    #[track_caller]
    pub(crate) fn take(&mut self, signed: &Signed) -> u64 {
        accepted(&self.submit(signed))
    }

    pub(crate) fn submit(&mut self, signed: &Signed) -> Answer {
        submit(&mut self.writer, &self.reader, signed)
    }

    /// The process dies and starts again, with a hold.
    pub(crate) fn restart_held(&mut self, hold_ms: u64) {
        let left = Arc::new(self.store.after_kill());
        self.open(left, hold_ms);
    }

    pub(crate) fn restart(&mut self) {
        self.restart_held(self.hold_ms);
    }

    /// The power is lost.
    pub(crate) fn lose_power(&mut self) {
        let left = Arc::new(self.store.after_power_loss());
        self.open(left, self.hold_ms);
    }

    pub(crate) fn open(&mut self, store: Arc<MemoryStore>, hold_ms: u64) {
        let opened = open_held(&(store.clone() as Arc<dyn Store>), &self.clock, hold_ms);
        self.hold_ms = hold_ms;
        (self.store, self.writer, self.reader) = (store, opened.writer, opened.reader);
    }

    /// Time passes, and the writer does what is due by itself.
    pub(crate) fn wait(&mut self, ms: u64) {
        self.clock.advance(ms);
        while self.writer.next_erasing_ms().is_some_and(|due| due <= self.now_ms()) {
            self.writer.round().unwrap();
        }
    }

    pub(crate) fn now_ms(&self) -> u64 {
        glasshouse_ledger::clock::Clock::now_ms(self.clock.as_ref())
    }

    pub(crate) fn fsck(&self) -> FsckReport {
        fsck(self.store.as_ref(), signer().vkey()).unwrap()
    }

    #[track_caller]
    pub(crate) fn assert_clean(&mut self) -> FsckReport {
        self.writer.settle().unwrap();
        let report = self.fsck();
        assert!(report.is_clean(), "{:#?}", report.findings);
        report
    }

    /// Nothing of that decision's text is left, and readers are told so.
    #[track_caller]
    pub(crate) fn assert_gone(&self, number: u64, field: &str, by: u64) {
        assert_gone(&self.store, &self.reader, self.decision(number), field, by);
    }

    /// Readers do not get the text, and its bytes lie there still.
    #[track_caller]
    pub(crate) fn assert_held(&self, number: u64, field: &str, by: u64) {
        let signed = self.decision(number);
        assert_redacted(&self.reader, signed, field, by);
        assert!(!holding(self.store.as_ref(), text_of(signed, field)).is_empty(), "{number}: erased already");
    }

    #[track_caller]
    pub(crate) fn assert_served(&self, number: u64, field: &str) {
        assert_served(&self.reader, self.decision(number), field);
    }

    pub(crate) fn decision(&self, number: u64) -> &Signed {
        &self.decisions[usize::try_from(number - 1).unwrap()]
    }

    pub(crate) fn leaf(&self, number: u64) -> glasshouse_verifier::targets::Target {
        leaf(self.decision(number))
    }
}
