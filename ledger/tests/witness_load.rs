//! A witness under load: a slow disk, junk from strangers, a write that fails while others are under way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/gated_store.rs"]
mod gated_store;
#[path = "support/slow_tree.rs"]
mod slow_tree;
#[path = "support/witness_bench.rs"]
mod witness_bench;

use std::sync::Arc;

use gated_store::GatedStore;
use glasshouse_ledger::witness::add_request::AddRequest;
use glasshouse_ledger::witness::evidence_shelf::Kept;
use glasshouse_ledger::witness::log_settings::LogId;
use glasshouse_ledger::witness::refusal::{AddRefusal, Unavailable};
use glasshouse_ledger::witness::store::WitnessStore;
use glasshouse_ledger::witness::{Added, Witness};
use glasshouse_verifier::hash::NodeHash;
use slow_tree::{SlowLog, SlowTree, size};
use witness_bench::*;

struct Bench {
    store: Arc<GatedStore>,
    clock: Arc<HandClock>,
    witness: Witness,
    log: SlowLog,
    other: SlowLog,
}

impl Bench {
    /// Both logs cosigned at size 5.
    fn new() -> Bench {
        let store = GatedStore::new();
        let clock = HandClock::at(NOW_S);
        let witness = open(&(store.clone() as Arc<dyn WitnessStore>), &clock);
        let [log, other] = logs();
        let bench = Bench { store, clock, witness, log, other };
        for log in [&bench.log, &bench.other] {
            assert_eq!(status(&bench.ask(&log.request(0, &tree(5)))), 200);
        }
        bench
    }

    fn ask(&self, body: &[u8]) -> Added {
        self.witness.add_checkpoint(body)
    }
}

fn tree(leaves: u64) -> SlowTree {
    SlowTree::of(leaves, u64::MAX, 0)
}

fn id(log: &SlowLog) -> LogId {
    LogId::of_origin(&log.origin)
}

/// The log's own checkpoint, with a proof that anybody may have made up.
fn junk(log: &SlowLog, old: u64, new: u64, number: u8) -> Vec<u8> {
    AddRequest::encode(size(old), &[NodeHash::from_bytes([number; 32])], &log.sign(&tree(new)))
}

/// A disk that takes its time over evidence holds up no cosignature of the same log, and nobody who looks.
#[test]
fn the_log_goes_on_while_evidence_is_written() {
    for is_fork in [false, true] {
        let bench = Bench::new();
        let fork = bench.log.request(5, &SlowTree::of(5, 2, 1));
        let evidence = if is_fork { fork } else { junk(&bench.log, 5, 9, 1) };
        let came = bench.store.shut(("put_evidence", id(&bench.log)));
        std::thread::scope(|scope| {
            let slow = scope.spawn(|| bench.ask(&evidence));
            let waiting = came.recv().unwrap();
            assert_eq!(status(&bench.ask(&bench.log.request(5, &tree(6)))), 200);
            assert_eq!(status(&bench.ask(&bench.other.request(5, &tree(5)))), 200);
            assert_eq!(bench.witness.status(9).len(), 2);
            assert_eq!((bench.witness.evidence().len(), bench.witness.evidence_files()), (0, 0));
            // A doubt does not wait until the other file is written.
            let passed = bench.ask(&junk(&bench.other, 5, 30, 1));
            assert!(matches!(passed.evidence, Some((_, Kept::PassedOver))), "{passed:?}");
            drop(waiting);
            let kept = slow.join().unwrap();
            assert!(matches!(kept.evidence, Some((_, Kept::Written(_)))), "{kept:?}");
        });
        assert_eq!((bench.witness.evidence().len(), bench.witness.evidence_files()), (1, 1));
    }
}

/// While the log's own growth is being written, requests that are wrong are answered, and take nobody's place.
#[test]
fn who_is_refused_stands_in_nobodys_way() {
    let bench = Bench::new();
    let came = bench.store.shut(("replace_plain", id(&bench.log)));
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| bench.ask(&bench.log.request(5, &tree(8))));
        let waiting = came.recv().unwrap();
        for number in 0..40 {
            assert_eq!(status(&bench.ask(&junk(&bench.log, 5, 5, number))), 422);
            assert_eq!(status(&bench.ask(&junk(&bench.log, 3, 9, number))), 409);
        }
        drop(waiting);
        assert_eq!(status(&slow.join().unwrap()), 200);
    });
    assert_eq!(bench.witness.evidence_files(), 0);
}

/// One log's write fails while another's is under way: that one is not answered with a cosignature, nor one that waited.
#[test]
fn after_a_failed_write_nothing_leaves_that_was_under_way() {
    for call in ["swap_embedded", "replace_plain"] {
        let bench = Bench::new();
        let came = bench.store.shut((call, id(&bench.log)));
        bench.store.break_at(("swap_embedded", id(&bench.other)));
        std::thread::scope(|scope| {
            let slow = scope.spawn(|| bench.ask(&bench.log.request(5, &tree(8))));
            let waiting = came.recv().unwrap();
            let waits = scope.spawn(|| bench.ask(&bench.log.request(5, &tree(8))));
            let failed = bench.ask(&bench.other.request(5, &tree(8)));
            assert!(matches!(failed.answer, Err(AddRefusal::Unavailable(Unavailable::Store(_)))));
            drop(waiting);
            for answer in [slow.join().unwrap().answer, waits.join().unwrap().answer] {
                let stopped = matches!(answer, Err(AddRefusal::Unavailable(Unavailable::Stopped)));
                assert!(stopped, "{call}: {answer:?}");
            }
        });
        assert_eq!(last_size(&bench.witness, &bench.log), Some(5), "{call}: shown too early");
    }
}

/// Doubts about one log are so many a day; what convicts has no such bound, and every log has its own.
#[test]
fn doubts_have_a_budget() {
    let bench = Bench::new();
    let doubt = |log: &SlowLog, new| bench.ask(&junk(log, 5, new, 7)).evidence.unwrap().1;
    let written = (6..40).filter(|new| matches!(doubt(&bench.log, *new), Kept::Written(_))).count();
    assert_eq!(written, 10);
    assert_eq!(doubt(&bench.log, 40), Kept::PassedOver);
    assert!(matches!(doubt(&bench.other, 40), Kept::Written(_)));
    let fork = bench.ask(&bench.log.request(5, &SlowTree::of(5, 2, 1)));
    assert!(matches!(fork.evidence, Some((_, Kept::Written(_)))), "{fork:?}");
    bench.clock.set(NOW_S + 360);
    assert!(matches!(doubt(&bench.log, 40), Kept::Written(_)));
    assert_eq!(doubt(&bench.log, 41), Kept::PassedOver);
    // The same doubt with another proof costs nothing.
    assert!(matches!(bench.ask(&junk(&bench.log, 5, 40, 99)).evidence, Some((_, Kept::Known(_)))));
    assert_eq!(bench.witness.evidence_files(), 13);
}
