//! Random requests against a witness and against a model that is slow and obvious: a list of leaves that was cosigned.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/slow_tree.rs"]
mod slow_tree;
#[path = "support/witness_bench.rs"]
mod witness_bench;

use std::collections::BTreeMap;
use std::sync::Arc;

use glasshouse_ledger::witness::add_request::AddRequest;
use glasshouse_ledger::witness::memory_store::MemoryWitnessStore;
use glasshouse_ledger::witness::store::WitnessStore;
use proptest::prelude::*;
use slow_tree::{SlowLog, SlowTree, size};
use witness_bench::*;

/// One request. Sizes are small, so that the same ones meet often.
#[derive(Debug, Clone)]
struct Ask {
    /// Which log, or the impostor with the first log's name, or a stranger.
    who: usize,
    /// Takes the right old size instead of `old`.
    is_right_old: bool,
    old: u64,
    /// Leaves, and where which branch leaves the trunk.
    tree: (u64, u64, u64),
    /// Adds leaves to what was cosigned instead of `tree`.
    grows: Option<u64>,
    proof: Proof,
    /// Starts the witness anew before, from what a loss of power left.
    restarts: bool,
}

#[derive(Debug, Clone, Copy)]
enum Proof {
    Right,
    None,
    OfAnotherSize,
    OneMore,
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let tree = (0_u64..14, 0_u64..14, 0_u64..3);
    let proof = prop_oneof![6 => Just(Proof::Right), 1 => Just(Proof::None), 1 => Just(Proof::OfAnotherSize), 1 => Just(Proof::OneMore)];
    let who = prop_oneof![6 => Just(0_usize), 4 => Just(1), 1 => Just(2), 1 => Just(3)];
    let grows = prop::option::weighted(0.4, 0_u64..4);
    let ask = (who, prop::bool::weighted(0.7), 0_u64..14, tree, grows, proof, prop::bool::weighted(0.1));
    let ask = ask.prop_map(|(who, is_right_old, old, tree, grows, proof, restarts)| Ask {
        who,
        is_right_old,
        old,
        tree,
        grows,
        proof,
        restarts,
    });
    prop::collection::vec(ask, 1..40)
}

/// What the rules say, read from the leaves themselves. `cosigned`: none, or the leaves.
fn expected(who: usize, cosigned: Option<&SlowTree>, old: u64, tree: &SlowTree, proof: &[u8]) -> u16 {
    let last = cosigned.map_or(0, SlowTree::size);
    let right = if old <= tree.size() { encode(&tree.prove(old)) } else { vec![] };
    let follows = tree.0.starts_with(cosigned.map_or(&[], |tree| tree.0.as_slice()));
    match () {
        () if old > tree.size() => 400,
        () if who == 3 => 404,
        () if who == 2 => 403,
        () if old != last => 409,
        () if !follows || proof != right => 422,
        () => 200,
    }
}

fn encode(proof: &[glasshouse_verifier::hash::NodeHash]) -> Vec<u8> {
    proof.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn a_witness_does_what_the_model_does(asks in asks()) {
        let memory = Arc::new(MemoryWitnessStore::new());
        let mut store: Arc<dyn WitnessStore> = memory.clone();
        let mut memory = memory;
        let clock = HandClock::at(NOW_S);
        let mut witness = open(&store, &clock);
        let [one, two] = logs();
        let impostor = SlowLog::new(&one.origin, 99);
        let parties = [one, two, impostor, SlowLog::new("stranger.example", 98)];
        let mut cosigned: [Option<SlowTree>; 2] = [None, None];
        let mut signed: BTreeMap<(usize, u64), String> = BTreeMap::new();
        for (at, ask) in asks.iter().enumerate() {
            clock.set(NOW_S + at as u64);
            if ask.restarts {
                memory = Arc::new(memory.after_power_loss());
                store = memory.clone();
                witness = open(&store, &clock);
            }
            let log = &parties[ask.who];
            let last = cosigned.get(ask.who).cloned().flatten();
            let mut tree = SlowTree::of(ask.tree.0, ask.tree.1, ask.tree.2);
            if let Some(more) = ask.grows {
                tree = last.clone().unwrap_or_default();
                let leaves = SlowTree::of(tree.size() + more, 0, at as u64);
                tree.0.extend(leaves.0.iter().skip(tree.0.len()));
            }
            let old = if ask.is_right_old { last.as_ref().map_or(0, SlowTree::size) } else { ask.old };
            let mut proof = if old <= tree.size() { tree.prove(old) } else { vec![] };
            match ask.proof {
                Proof::Right => {}
                Proof::None => proof.clear(),
                Proof::OfAnotherSize => proof = tree.prove(tree.size().saturating_sub(1).min(3)),
                Proof::OneMore => proof.push(tree.root().to_node()),
            }
            let body = AddRequest::encode(size(old), &proof, &log.sign(&tree));
            let added = witness.add_checkpoint(&body);
            let model = expected(ask.who, last.as_ref(), old, &tree, &encode(&proof));
            prop_assert_eq!(status(&added), model, "{:?}: {:?}", ask, added.answer);
            if let Ok(answer) = &added.answer {
                accept(witness.vkeys(), &body, answer);
                let root = tree.root().to_hex();
                let before = signed.insert((ask.who, tree.size()), root.clone());
                prop_assert!(before.is_none_or(|before| before == root), "two roots of one size");
                cosigned[ask.who] = Some(tree);
            } else if let Err(glasshouse_ledger::witness::refusal::AddRefusal::OtherSize { last: told }) = added.answer {
                prop_assert_eq!(told.get(), last.map_or(0, |tree| tree.size()));
            }
        }
    }

    /// Whatever arrives is answered, and cosigned only if it is a request of the log.
    #[test]
    fn any_bytes_get_an_answer(at in 0_usize..700, put in prop::collection::vec(any::<u8>(), 0..9), cut in 0_usize..9) {
        let store: Arc<dyn WitnessStore> = Arc::new(MemoryWitnessStore::new());
        let witness = open(&store, &HandClock::at(NOW_S));
        let [log, _] = logs();
        let tree = SlowTree::of(9, u64::MAX, 0);
        prop_assert_eq!(status(&witness.add_checkpoint(&log.request(0, &SlowTree::of(5, u64::MAX, 0)))), 200);
        let good = log.request(5, &tree);
        let mut bent = good.clone();
        let at = at.min(bent.len());
        let end = (at + cut).min(bent.len());
        bent.splice(at..end, put.iter().copied());
        let added = witness.add_checkpoint(&bent);
        if let Ok(cosigned) = &added.answer {
            // Only what is beside the log's own signature can differ.
            prop_assert_eq!(cosigned.record.head().root(), &tree.root());
        } else {
            prop_assert!([400, 403, 404, 409, 422].contains(&status(&added)));
        }
        prop_assert_eq!(status(&witness.add_checkpoint(&put)), 400);
    }
}
