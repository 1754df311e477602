//! A stage is read whole or not at all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::log_signer::LogSigner;
use glasshouse_ledger::right_edge::RightEdge;
use glasshouse_ledger::stage::{Stage, StageError, StagedAddendum};
use glasshouse_verifier::hash::{Digest, LeafHash, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::size::{LeafIndex, TreeSize};

fn signer() -> LogSigner {
    let origin = Origin::parse("ledger.example").unwrap();
    LogSigner::new(origin, SecretKey::from_seed(&[1; 32])).unwrap()
}

fn entries() -> Vec<Vec<u8>> {
    vec![b"one".to_vec(), vec![], vec![7; 300]]
}

fn addendum(entry: u64, bytes: &[u8]) -> StagedAddendum {
    let entry = LeafIndex::new(entry).unwrap();
    StagedAddendum { entry, digest: Digest::of(bytes), bytes: bytes.to_vec() }
}

fn grown(edge: &RightEdge) -> RightEdge {
    let entries = entries();
    let with_hashes = entries.iter().map(|e| (LeafHash::of_entry(e), e.as_slice()));
    edge.grow(with_hashes).unwrap().into_edge()
}

fn stage() -> Stage {
    let old = grown(&RightEdge::empty());
    let checkpoint = signer().sign(&grown(&old).head(), 1).unwrap();
    let addenda = vec![addendum(3, b"why"), addendum(5, b""), addendum(3, b"where")];
    Stage::new(old.head(), checkpoint, 77, entries(), addenda).unwrap()
}

#[test]
fn what_is_encoded_is_read_and_grows_the_tree() {
    let stage = stage();
    let read = Stage::parse(&stage.encode(), signer().vkey()).unwrap();
    assert_eq!(read, stage);
    assert_eq!(read.name(), format!("stage/6-{}", stage.new_head().root()));
    let growth = read.grow(&grown(&RightEdge::empty())).unwrap();
    assert_eq!(growth.edge().head(), *stage.new_head());
}

#[test]
fn every_flipped_byte_and_every_cut_is_torn() {
    let bytes = stage().encode();
    for at in 0..bytes.len() {
        let cut = Stage::parse(&bytes[..at], signer().vkey());
        assert!(matches!(cut, Err(StageError::Torn)), "cut at {at}");
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        let flipped = Stage::parse(&flipped, signer().vkey());
        assert!(matches!(flipped, Err(StageError::Torn)), "flipped at {at}");
    }
}

/// Whoever repairs the hash still gets an error and never a panic, wherever a byte was changed.
#[test]
fn a_repaired_hash_does_not_make_nonsense_a_round() {
    let good = stage();
    let bytes = good.encode();
    for at in 0..bytes.len() - 32 {
        for value in [0, 0x7f, 0xff] {
            let mut body = bytes[..bytes.len() - 32].to_vec();
            body[at] = value;
            let hash = Digest::of(&body);
            body.extend_from_slice(hash.as_bytes());
            // What may still be read: another time, another entry of the same length, another old root.
            if let Ok(read) = Stage::parse(&body, signer().vkey()) {
                let grows = read.grow(&grown(&RightEdge::empty())).is_ok();
                assert!(!grows || read.entries() == good.entries(), "at {at}");
                assert_eq!(read.checkpoint(), good.checkpoint());
            }
        }
    }
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let (old, new) = (grown(&RightEdge::empty()), grown(&grown(&RightEdge::empty())));
    let make = |old: &RightEdge, entries, addenda| {
        Stage::new(old.head(), signer().sign(&new.head(), 1).unwrap(), 0, entries, addenda)
    };
    assert!(matches!(make(&old, vec![], vec![]), Err(StageError::Sizes { .. })));
    assert!(matches!(make(&new, entries(), vec![]), Err(StageError::Sizes { .. })));
    // A text of an earlier entry is one that was disclosed.
    make(&old, entries(), vec![addendum(2, b"x")]).unwrap();
    for bad in [addendum(6, b"x"), addendum(4, &vec![0; (1 << 20) + 1])] {
        assert!(matches!(make(&old, entries(), vec![bad]), Err(StageError::Addendum(0))));
    }
    let mut wrong = addendum(4, b"x");
    wrong.bytes = b"y".to_vec();
    assert!(matches!(make(&old, entries(), vec![wrong]), Err(StageError::Addendum(0))));
    let too_long = vec![vec![0; 65_536], vec![], vec![]];
    assert!(matches!(make(&old, too_long, vec![]), Err(StageError::Form("entry"))));
    let many = (0..97).map(|_| addendum(4, b"x")).collect();
    assert!(matches!(make(&old, entries(), many), Err(StageError::TooLong)));
    // Other entries of the right number: refused when the tree grows by them.
    let other = make(&old, vec![vec![1], vec![2], vec![3]], vec![]).unwrap();
    assert!(matches!(other.grow(&old), Err(StageError::OtherRoot { .. })));
    let other_old = TreeHead::new(TreeSize::new(3).unwrap(), RootHash::from_bytes([1; 32])).unwrap();
    Stage::new(other_old, signer().sign(&new.head(), 1).unwrap(), 0, entries(), vec![]).unwrap();
}
