//! Redactions that wait for their publication, where nothing staged says so any more.

use std::sync::Arc;

use glasshouse_ledger::fsck::fsck;
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

const HOLD: u64 = 72 * 3_600_000;

fn open_for_quorum(store: &Arc<MemoryStore>, clock: &Arc<TestClock>) -> Opened {
    let store: Arc<dyn Store> = store.clone();
    let publication = Publication::Witnessed { policy: policy(), require_quorum: true, shown: Vec::new() };
    let index = Index::temporary().unwrap();
    open_store(store, signer(), clock.clone(), index, Hold::Ms(HOLD), publication, &[]).unwrap()
}

fn publish_with_quorum(writer: &mut Writer) {
    let tree = writer.begin_publication().unwrap();
    (1..=2).for_each(|number| cosign(writer, number, &tree));
    writer.publish().unwrap();
    assert!(!writer.has_unpublished());
}

fn erased(store: &Arc<MemoryStore>) -> u64 {
    fsck(store.as_ref(), signer().vkey()).unwrap().erased
}

/// A hold was counted from a start at which the redaction waited for its quorum: three days later it had none left.
#[test]
fn the_hold_of_one_whose_stage_is_lost_begins_with_its_publication() {
    let (store, clock) = (Arc::new(MemoryStore::new()), TestClock::new());
    drop(enrolled(&(store.clone() as Arc<dyn Store>)));
    let about = decision(1);
    let Opened { mut writer, reader, .. } = open_for_quorum(&store, &clock);
    writer.submit(admit(&reader, &about).unwrap());
    writer.round().unwrap();
    publish_with_quorum(&mut writer);
    writer.settle().unwrap();
    writer.submit(admit(&reader, &redaction(2, &[leaf(&about)], &[FACTS])).unwrap());
    writer.round().unwrap();
    let left = Arc::new(store.after_kill());
    left.list("stage").unwrap().iter().for_each(|stage| left.delete(stage).unwrap());
    drop(open_for_quorum(&left, &clock));
    let mut opened = open_for_quorum(&left, &clock);
    clock.advance(HOLD);
    let before = left.get("erasures").unwrap().unwrap();
    publish_with_quorum(&mut opened.writer);
    drop(opened);
    // Killed right behind the publication, nothing was written down of it: the hold begins with the next start.
    for is_killed in [true, false] {
        let (left, clock) = (Arc::new(left.after_kill()), TestClock::new());
        if is_killed {
            left.put("erasures", &before).unwrap();
        }
        clock.advance(HOLD + HOLD - 1);
        open_for_quorum(&left, &clock).writer.round().unwrap();
        assert_eq!(erased(&left), 0);
        clock.advance(if is_killed { HOLD } else { 1 });
        open_for_quorum(&left, &clock).writer.round().unwrap();
        assert_eq!(erased(&left), 1);
    }
}
