//! What readers wait for: inclusion proofs of any entry in any tree.

use std::time::Instant;

use glasshouse_verifier::hash::{LeafHash, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::inclusion::{InclusionProof, verify_inclusion};
use glasshouse_verifier::size::{LeafIndex, TreeSize};

use crate::follower::hashes_of;
use crate::latency::{Latency, Percentiles};
use crate::mix::Dice;
use crate::reading_client::ReadingClient;

/// What the same proofs took at first, with what of their tiles the growing ledger left in memory, and when all were asked for
/// once more.
#[derive(Debug)]
pub struct Proofs {
    /// The first time.
    pub first: Percentiles,
    /// The second time.
    pub again: Percentiles,
}

/// Times the same proofs twice.
pub fn time_twice(url: &str, size: u64, many: u64) -> Proofs {
    Proofs { first: time_proofs(url, size, many), again: time_proofs(url, size, many) }
}

/// Asks for proofs of random entries in random trees that have them; each is checked after its time was taken.
fn time_proofs(url: &str, size: u64, many: u64) -> Percentiles {
    let (client, times, mut dice) = (ReadingClient::default(), Latency::default(), Dice::new(size));
    for _ in 0..many {
        let tree = 1 + dice.roll(size);
        let index = dice.roll(tree);
        let begun = Instant::now();
        let answer =
            client.json(&format!("{url}/api/v1/proofs/inclusion?index={index}&size={tree}")).unwrap();
        times.record(begun);
        let text = |name: &str| answer[name].as_str().unwrap();
        let root = RootHash::from_hex(text("root")).unwrap();
        let head = TreeHead::new(TreeSize::new(tree).unwrap(), root).unwrap();
        let leaf = LeafHash::from_hex(text("leaf_hash")).unwrap();
        let proof = InclusionProof::new(hashes_of(&answer["hashes"]).unwrap()).unwrap();
        verify_inclusion(&leaf, LeafIndex::new(index).unwrap(), &head, &proof).unwrap();
    }
    times.percentiles()
}
