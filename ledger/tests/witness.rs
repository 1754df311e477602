//! A witness's answers: every status, the order of the checks, what is stored.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/slow_tree.rs"]
mod slow_tree;
#[path = "support/witness_bench.rs"]
mod witness_bench;

use std::sync::Arc;

use glasshouse_ledger::witness::Witness;
use glasshouse_ledger::witness::add_request::AddRequest;
use glasshouse_ledger::witness::log_settings::{LogId, LogSettings};
use glasshouse_ledger::witness::memory_store::MemoryWitnessStore;
use glasshouse_ledger::witness::refusal::{AddRefusal, Unavailable};
use glasshouse_ledger::witness::store::WitnessStore;
use glasshouse_verifier::hash::{NodeHash, RootHash};
use glasshouse_verifier::note::Note;
use slow_tree::{SlowLog, SlowTree, size};
use witness_bench::*;

struct Bench {
    store: Arc<dyn WitnessStore>,
    clock: Arc<HandClock>,
    witness: Witness,
    log: SlowLog,
}

fn bench() -> Bench {
    let store: Arc<dyn WitnessStore> = Arc::new(MemoryWitnessStore::new());
    let clock = HandClock::at(NOW_S);
    let witness = open(&store, &clock);
    let [log, _] = logs();
    Bench { store, clock, witness, log }
}

impl Bench {
    #[track_caller]
    fn grown_to(leaves: u64) -> (Bench, SlowTree) {
        let bench = bench();
        let tree = SlowTree::of(leaves, u64::MAX, 0);
        assert_eq!(bench.ask(&bench.log.request(0, &tree)), 200);
        (bench, tree)
    }

    fn ask(&self, body: &[u8]) -> u16 {
        status(&self.witness.add_checkpoint(body))
    }
}

fn body(old: u64, proof: &[NodeHash], note: &str) -> Vec<u8> {
    AddRequest::encode(size(old), proof, note)
}

#[test]
fn a_log_grows_and_every_cosignature_holds() {
    let bench = bench();
    let keys = bench.witness.vkeys().to_vec();
    let id = LogId::of_origin(&bench.log.origin);
    assert_eq!(bench.witness.last(id), None);
    for (old, new) in [(0, 0), (0, 1), (1, 3), (3, 3), (3, 8), (8, 300), (300, 301)] {
        bench.clock.set(NOW_S + new);
        let request = bench.log.request(old, &SlowTree::of(new, u64::MAX, 0));
        let cosigned = bench.witness.add_checkpoint(&request).answer.unwrap();
        let time = accept(&keys, &request, &cosigned);
        assert_eq!(time, NOW_S + new);
        // What anybody can fetch holds both signatures, and is what was answered.
        let record = bench.witness.last(id).unwrap();
        assert_eq!(record.head().size().get(), new);
        let both = [keys.clone(), vec![bench.log.vkey()]].concat();
        let verified = record.note().clone().verify(&both).unwrap();
        assert_eq!(verified.signers().len(), 3);
        assert!(record.note().encode().ends_with(&cosigned.lines));
    }
    // The next start goes on from there.
    let again = open(&bench.store, &bench.clock);
    assert_eq!(last_size(&again, &bench.log), Some(301));
    let behind = bench.log.request(300, &SlowTree::of(302, u64::MAX, 0));
    assert_eq!(status(&again.add_checkpoint(&behind)), 409);
}

#[test]
fn every_refusal_has_its_status() {
    let (bench, tree) = Bench::grown_to(7);
    let log = &bench.log;
    let larger = SlowTree::of(12, u64::MAX, 0);
    let fork = SlowTree::of(12, 5, 1);
    let stranger = SlowLog::new("unknown.example", 13);
    let impostor = SlowLog::new(&log.origin, 14);
    let note = log.sign(&larger);
    let proof = larger.prove(7);
    let empty_root = log.sign_text(0, &RootHash::from_bytes([7; 32]), "");
    for (what, request, expected) in [
        ("no request", b"hello".to_vec(), 400),
        ("an old size beyond the new one", body(13, &[], &note), 400),
        ("an unknown log", stranger.request(0, &larger), 404),
        ("another key", impostor.request(7, &larger), 403),
        ("a wrong signature", body(7, &proof, &note.replace("\n12\n", "\n13\n")), 403),
        ("a smaller old size", log.request(5, &larger), 409),
        ("an old size of nothing", log.request(0, &larger), 409),
        ("a greater old size", log.request(9, &larger), 409),
        ("an older tree", log.request(3, &SlowTree::of(5, u64::MAX, 0)), 409),
        ("no proof", body(7, &[], &note), 422),
        ("a wrong proof", body(7, &larger.prove(6), &note), 422),
        ("a proof that is too long", body(7, &[proof.clone(), proof.clone()].concat(), &note), 422),
        ("63 hashes", body(7, &[proof[0]; 63], &note), 422),
        ("another root of the same size", log.request(7, &SlowTree::of(7, 5, 1)), 422),
        ("a proof to the same size", body(7, &proof, &log.sign(&tree)), 422),
        ("a fork", log.request(7, &fork), 422),
        ("an empty tree that is not", body(0, &[], &empty_root), 409),
        ("the same again", log.request(7, &tree), 200),
        ("growth", log.request(7, &larger), 200),
    ] {
        let added = bench.witness.add_checkpoint(&request);
        assert_eq!(status(&added), expected, "{what}: {:?}", added.answer);
        if let Err(AddRefusal::OtherSize { last }) = added.answer {
            assert_eq!(last.get(), 7, "{what}");
        }
    }
    let fresh = Bench { log: logs()[1].clone(), ..bench };
    for (what, request, expected) in [
        (
            "an empty tree with another root",
            {
                let root = RootHash::from_bytes([7; 32]);
                body(0, &[], &fresh.log.sign_text(0, &root, ""))
            },
            422,
        ),
        ("a proof from nothing", body(0, &[proof[0]], &fresh.log.sign(&larger)), 422),
        ("an old size, never cosigned", fresh.log.request(3, &larger), 409),
        ("the first checkpoint", fresh.log.request(0, &larger), 200),
    ] {
        assert_eq!(fresh.ask(&request), expected, "{what}");
    }
}

/// Each request is wrong in every way from its own check on; the first check decides.
#[test]
fn the_checks_have_an_order() {
    let (bench, _) = Bench::grown_to(7);
    let log = &bench.log;
    let stranger = SlowLog::new("unknown.example", 13);
    let impostor = SlowLog::new(&log.origin, 14);
    let fork = SlowTree::of(12, 5, 1);
    let junk = [fork.prove(3)[0]; 2];
    for (request, expected) in [
        (body(13, &junk, &stranger.sign(&fork)), 400),
        (body(3, &junk, &stranger.sign(&fork)), 404),
        (body(3, &junk, &impostor.sign(&fork)), 403),
        (body(3, &junk, &log.sign(&fork)), 409),
        (body(7, &junk, &log.sign(&fork)), 422),
    ] {
        assert_eq!(bench.ask(&request), expected);
    }
}

#[test]
fn signatures_of_strangers_are_passed_over_and_wrong_ones_of_the_log_are_not() {
    let bench = bench();
    let log = &bench.log;
    let tree = SlowTree::of(4, u64::MAX, 0);
    let text = format!("{}\n4\n{}\n", log.origin, tree.root().to_base64());
    let stranger = SlowLog::new("stranger.example", 13);
    let with = |lines: &[_]| body(0, &[], &Note::assemble(&text, lines).unwrap().encode());
    let wrong = log.line("another text\n");
    assert_eq!(bench.ask(&with(&[stranger.line("nonsense")])), 403);
    assert_eq!(bench.ask(&with(std::slice::from_ref(&wrong))), 403);
    assert_eq!(bench.ask(&with(&[log.line(&text), log.line(&text)])), 403);
    assert_eq!(bench.ask(&with(&[stranger.line("x"), log.line(&text), stranger.line("x")])), 200);
    let record = bench.witness.last(LogId::of_origin(&log.origin)).unwrap();
    assert_eq!(record.note().signatures().len(), 3, "the stranger's lines are not stored");
}

#[test]
fn several_keys_of_one_log_may_sign_and_each_must_hold() {
    let store: Arc<dyn WitnessStore> = Arc::new(MemoryWitnessStore::new());
    let log = SlowLog::new("log.example", 21);
    let next = SlowLog::new("log.example", 22);
    let keys = vec![log.vkey(), next.vkey()];
    let settings = vec![LogSettings { origin: log.origin.clone(), keys, qpd: 1_000_000 }];
    let (witness, _) = Witness::open(Arc::clone(&store), cosigner(), HandClock::at(NOW_S), settings).unwrap();
    let tree = SlowTree::of(4, u64::MAX, 0);
    let text = format!("{}\n4\n{}\n", log.origin, tree.root().to_base64());
    let with = |lines: &[_]| body(0, &[], &Note::assemble(&text, lines).unwrap().encode());
    let ask = |request: Vec<u8>| status(&witness.add_checkpoint(&request));
    assert_eq!(ask(with(&[log.line(&text), next.line("other")])), 403);
    assert_eq!(ask(with(&[next.line(&text), log.line(&text)])), 200);
    let larger = SlowTree::of(5, u64::MAX, 0);
    assert_eq!(ask(next.request(4, &larger)), 200);
    // The log changes its key. The state stands, and the new key goes on from it.
    let newest = SlowLog::new("log.example", 23);
    let settings =
        vec![LogSettings { origin: log.origin.clone(), keys: vec![newest.vkey()], qpd: 1_000_000 }];
    let (witness, remarks) = Witness::open(store, cosigner(), HandClock::at(NOW_S), settings).unwrap();
    assert_eq!(remarks.len(), 1, "{remarks:?}");
    assert_eq!(status(&witness.add_checkpoint(&newest.request(5, &SlowTree::of(9, 4, 1)))), 422);
    assert_eq!(status(&witness.add_checkpoint(&newest.request(5, &SlowTree::of(9, u64::MAX, 0)))), 200);
}

#[test]
fn extension_lines_are_signed_and_mean_nothing() {
    let (bench, tree) = Bench::grown_to(7);
    let note = bench.log.sign_text(7, &tree.root(), "Timestamp: 17\n");
    let request = body(7, &[], &note);
    let cosigned = bench.witness.add_checkpoint(&request).answer.unwrap();
    accept(bench.witness.vkeys(), &request, &cosigned);
}

#[test]
fn times_never_go_back_and_are_never_0() {
    let (bench, tree) = Bench::grown_to(7);
    let request = bench.log.request(7, &tree);
    let time = |request: &[u8]| {
        let cosigned = bench.witness.add_checkpoint(request).answer?;
        Ok::<u64, AddRefusal>(accept(bench.witness.vkeys(), request, &cosigned))
    };
    bench.clock.set(NOW_S + 10);
    assert_eq!(time(&request).unwrap(), NOW_S + 10);
    // Set back a little: the last time again, also for a larger tree.
    bench.clock.set(NOW_S - 20);
    assert_eq!(time(&request).unwrap(), NOW_S + 10);
    let larger = bench.log.request(7, &SlowTree::of(8, u64::MAX, 0));
    assert_eq!(time(&larger).unwrap(), NOW_S + 10);
    // Set back further: nothing is signed until it has caught up. The witness goes on.
    bench.clock.set(NOW_S - 21);
    let request = bench.log.request(8, &SlowTree::of(8, u64::MAX, 0));
    let refused = time(&request).unwrap_err();
    assert!(matches!(refused, AddRefusal::Unavailable(Unavailable::Clock { .. })), "{refused:?}");
    // It says by how much, and when.
    assert_eq!(
        refused.to_string(),
        format!(
            "the witness's clock shows {} seconds since 1970, and its last cosignature for this log is of {} (0: there is \
             none): it signs for this log when its clock shows {}",
            NOW_S - 21,
            NOW_S + 10,
            NOW_S - 20
        )
    );
    assert!(!bench.witness.has_stopped());
    bench.clock.set(NOW_S + 11);
    assert_eq!(time(&request).unwrap(), NOW_S + 11);
    // A clock that knows no time signs nothing.
    let [_, other] = logs();
    bench.clock.set(0);
    let refused = bench.witness.add_checkpoint(&other.request(0, &tree)).answer;
    let expected =
        |refused: &Unavailable| matches!(refused, Unavailable::Clock { now_s: 0, last_s: 0, from_s: 1 });
    assert!(matches!(refused, Err(AddRefusal::Unavailable(refused)) if expected(&refused)));
}

#[test]
fn a_budget_bounds_growth_and_refreshes_apart() {
    let store: Arc<dyn WitnessStore> = Arc::new(MemoryWitnessStore::new());
    let clock = HandClock::at(NOW_S);
    let (witness, _) = try_open(&store, &clock, 24).unwrap();
    let [log, other] = logs();
    let ask =
        |log: &SlowLog, old, new| witness.add_checkpoint(&log.request(old, &SlowTree::of(new, u64::MAX, 0)));
    assert_eq!(status(&ask(&log, 0, 1)), 200);
    // The same within the same second costs nothing and writes nothing.
    for _ in 0..100 {
        assert_eq!(status(&ask(&log, 1, 1)), 200);
    }
    // Somebody sends the published checkpoint again and again.
    let mut refused = 0;
    for second in 1..=30 {
        clock.set(NOW_S + second);
        refused += usize::from(status(&ask(&log, 1, 1)) == 429);
    }
    assert_eq!(refused, 22);
    // The log itself goes on, until its own budget is used up; what is wrong costs nothing.
    for size in 1..=7 {
        assert_eq!(status(&ask(&log, 0, size + 1)), 409);
        assert_eq!(status(&ask(&log, size, size + 1)), 200, "{size}");
    }
    let late = ask(&log, 8, 9);
    let Err(AddRefusal::TooOften { retry_after_s }) = late.answer else { panic!("{late:?}") };
    assert!((3_000..=3_600).contains(&retry_after_s), "{retry_after_s}");
    assert_eq!(last_size(&witness, &log), Some(8), "nothing was stored");
    assert_eq!(status(&ask(&other, 0, 5)), 200, "every log has its own");
    clock.set(NOW_S + 30 + retry_after_s);
    assert_eq!(status(&ask(&log, 8, 9)), 200);
}

#[test]
fn two_requests_that_race_for_one_size_get_one_cosignature() {
    for round in 0..50 {
        let (bench, tree) = Bench::grown_to(round % 9);
        let old = tree.size();
        let branches: Vec<Vec<u8>> =
            (0..4).map(|branch| bench.log.request(old, &SlowTree::of(old + 3, old, branch))).collect();
        let gate = std::sync::Barrier::new(branches.len());
        let ask = |request: &[u8]| {
            gate.wait();
            bench.ask(request)
        };
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let threads: Vec<_> = branches.iter().map(|request| scope.spawn(|| ask(request))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let signed = statuses.iter().filter(|status| **status == 200).count();
        assert_eq!(signed, 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
    }
}
