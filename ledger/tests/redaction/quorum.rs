//! A ledger that publishes with a quorum, and holds redactions.

use std::sync::Arc;

use glasshouse_ledger::index::Index;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::open::{Hold, Opened, open_store};
use glasshouse_ledger::store::Store;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_ledger::writer::Writer;

use crate::support::witnesses::{cosign, policy};
use crate::support::*;

pub(crate) const HOLD: u64 = 72 * 3_600_000;

pub(crate) fn open_for_quorum(store: &Arc<MemoryStore>, clock: &Arc<TestClock>) -> Opened {
    let store: Arc<dyn Store> = store.clone();
    let publication = Publication::Witnessed { policy: policy(), require_quorum: true, shown: Vec::new() };
    let index = Index::temporary().unwrap();
    open_store(store, signer(), clock.clone(), index, Hold::Ms(HOLD), publication, &[]).unwrap()
}

pub(crate) fn publish_with_quorum(writer: &mut Writer) {
    let tree = writer.begin_publication().unwrap();
    (1..=2).for_each(|number| cosign(writer, number, &tree));
    writer.publish().unwrap();
    assert!(!writer.has_unpublished());
}
