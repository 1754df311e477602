//! A ledger that publishes with a quorum, and holds redactions.

use std::sync::Arc;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::index::Index;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::open::{Hold, Opened, open_store};
use glasshouse_ledger::store::Store;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_ledger::writer::Writer;

use crate::support::lives::*;
use crate::support::witnesses::{cosign, policy};
use crate::support::*;
use crate::world::FACTS;

pub(crate) const HOLD: u64 = 72 * 3_600_000;

pub(crate) fn open_for_quorum(store: &Arc<MemoryStore>, clock: &Arc<TestClock>) -> Opened {
    open_for(store, clock, HOLD)
}

pub(crate) fn open_for(store: &Arc<MemoryStore>, clock: &Arc<TestClock>, hold: u64) -> Opened {
    let store: Arc<dyn Store> = store.clone();
    let publication = Publication::Witnessed { policy: policy(), require_quorum: true, shown: Vec::new() };
    let index = Index::temporary().unwrap();
    open_store(store, signer(), clock.clone(), index, Hold::Ms(hold), publication, &[]).unwrap()
}

pub(crate) fn publish_with_quorum(writer: &mut Writer) {
    let tree = writer.begin_publication().unwrap();
    (1..=2).for_each(|number| cosign(writer, number, &tree));
    writer.publish().unwrap();
    assert!(!writer.has_unpublished());
}

/// Marks the text as erased, and leaves it: what a crash between both steps leaves.
pub(crate) fn mark(store: &Arc<MemoryStore>, about: &Signed) {
    let (pack, text) = (store.get("addenda-pack/000").unwrap().unwrap(), text_of(about, FACTS));
    let at = pack.windows(text.len()).position(|window| window == text).unwrap();
    store.overwrite("addenda-pack/000", at as u64 - 45, &[2]).unwrap();
}

/// A round with one statement; whether it got its place.
pub(crate) fn sign(opened: &mut Opened, signed: &Signed) -> bool {
    opened.writer.submit(admit(&opened.reader, signed).unwrap());
    opened.writer.round().unwrap().entries > 0
}

/// Each in a round that is published.
pub(crate) fn publish_each(opened: &mut Opened, statements: &[&Signed]) {
    for signed in statements {
        sign(opened, signed);
        publish_with_quorum(&mut opened.writer);
    }
}

/// A new ledger with these statements, all published.
pub(crate) fn published(clock: &Arc<TestClock>, statements: &[&Signed]) -> (Arc<MemoryStore>, Opened) {
    let store = Arc::new(MemoryStore::new());
    drop(enrolled(&(store.clone() as Arc<dyn Store>)));
    let mut opened = open_for_quorum(&store, clock);
    publish_each(&mut opened, statements);
    (store, opened)
}
