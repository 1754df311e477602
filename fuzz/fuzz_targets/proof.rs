//! Inclusion proofs, consistency proofs and proof files: no panic, one legal spelling, and one length for each proof.
//!
//! The first byte says which; then numbers of 8 bytes and hashes of 32, or text.
#![no_main]

use glasshouse_verifier::consistency::{ConsistencyProof, verify_consistency};
use glasshouse_verifier::hash::{LeafHash, NodeHash, RootHash};
use glasshouse_verifier::head::{NewTree, OldTree, TreeHead};
use glasshouse_verifier::inclusion::{InclusionProof, verify_inclusion};
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::tlog_proof::TlogProof;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = match data.split_first() {
        Some((0, text)) => file(text),
        Some((1, rest)) => inclusion(rest),
        Some((2, rest)) => consistency(rest),
        _ => None,
    };
});

fn file(bytes: &[u8]) -> Option<()> {
    let text = std::str::from_utf8(bytes).ok()?;
    let proof = TlogProof::parse(text).ok()?;
    assert_eq!(proof.encode(), text);
    Some(())
}

fn inclusion(mut rest: &[u8]) -> Option<()> {
    let index = LeafIndex::new(number(&mut rest)?).ok()?;
    let size = TreeSize::new(number(&mut rest)?).ok()?;
    let leaf = LeafHash::from_bytes(hash(&mut rest)?);
    let head = TreeHead::new(size, RootHash::from_bytes(hash(&mut rest)?)).ok()?;
    let hashes = hashes(&mut rest);
    let proof = InclusionProof::new(hashes.clone()).ok()?;
    verify_inclusion(&leaf, index, &head, &proof).ok()?;
    for other in neighbours(hashes) {
        let Ok(other) = InclusionProof::new(other) else { continue };
        assert!(verify_inclusion(&leaf, index, &head, &other).is_err());
    }
    Some(())
}

fn consistency(mut rest: &[u8]) -> Option<()> {
    let old = TreeSize::new(number(&mut rest)?).ok()?;
    let old = OldTree(TreeHead::new(old, RootHash::from_bytes(hash(&mut rest)?)).ok()?);
    let new = TreeSize::new(number(&mut rest)?).ok()?;
    let new = NewTree(TreeHead::new(new, RootHash::from_bytes(hash(&mut rest)?)).ok()?);
    let hashes = hashes(&mut rest);
    let proof = ConsistencyProof::new(hashes.clone()).ok()?;
    verify_consistency(&old, &new, &proof).ok()?;
    for other in neighbours(hashes) {
        let Ok(other) = ConsistencyProof::new(other) else { continue };
        assert!(verify_consistency(&old, &new, &other).is_err());
    }
    Some(())
}

/// The same proof with a hash less and with a hash more.
fn neighbours(hashes: Vec<NodeHash>) -> Vec<Vec<NodeHash>> {
    let mut longer = hashes.clone();
    longer.push(NodeHash::from_bytes([0; 32]));
    let mut all = vec![longer];
    if let [front @ .., _] = hashes.as_slice() {
        all.push(front.to_vec());
    }
    all
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let (bytes, after) = rest.split_first_chunk::<8>()?;
    *rest = after;
    Some(u64::from_be_bytes(*bytes))
}

fn hash(rest: &mut &[u8]) -> Option<[u8; 32]> {
    let (bytes, after) = rest.split_first_chunk::<32>()?;
    *rest = after;
    Some(*bytes)
}

fn hashes(rest: &mut &[u8]) -> Vec<NodeHash> {
    std::iter::from_fn(|| hash(rest).map(NodeHash::from_bytes)).collect()
}
