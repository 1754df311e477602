//! Other people's programs judge ours: trees, proofs, notes, CBOR.

use std::sync::OnceLock;

use ciborium::value::Value as Foreign;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::log_signer::LogSigner;
use glasshouse_ledger::ml_dsa_key_file::MlDsaSecretKey;
use glasshouse_ledger::prove::{prove_consistency, prove_inclusion, root_at};
use glasshouse_ledger::right_edge::RightEdge;
use glasshouse_ledger::tile_reader::MemoryTiles;
use glasshouse_tests::forge::parts;
use glasshouse_tests::workload::{Publisher, now};
use glasshouse_verifier::cbor::{self, Item};
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::tile::{Tile, TilePath};
use sha2::Sha256;
use tlog_tiles::tlog;

/// The greatest tree whose every proof is judged.
const SIZES: u64 = 300;

fn entry(index: u64) -> Vec<u8> {
    format!("entry {index} {}", "x".repeat((index % 5) as usize)).into_bytes()
}

fn size(leaves: u64) -> TreeSize {
    TreeSize::new(leaves).unwrap()
}

/// Our tiles of the first 300 entries, as a round writes them.
fn tiles() -> MemoryTiles {
    let entries: Vec<Vec<u8>> = (0..SIZES).map(entry).collect();
    let growth =
        RightEdge::empty().grow(entries.iter().map(|e| (LeafHash::of_entry(e), e.as_slice()))).unwrap();
    let mut tiles = MemoryTiles::new();
    for (name, bytes) in growth.files() {
        if let Ok(path) = TilePath::parse(name) {
            tiles.insert(path, &Tile::parse(bytes, path.width()).unwrap());
        }
    }
    tiles
}

/// The hashes of tlog's storage, in its order.
struct Stored(Vec<tlog::Hash>);

impl tlog::HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        Ok(indexes.iter().map(|at| self.0[usize::try_from(*at).unwrap()]).collect())
    }
}

fn stored() -> Stored {
    let mut stored = Stored(Vec::new());
    for index in 0..SIZES {
        let more = tlog::stored_hashes(index, &entry(index), &stored).unwrap();
        stored.0.extend(more);
    }
    stored
}

fn theirs(hash: &[u8; 32]) -> tlog::Hash {
    tlog::Hash(*hash)
}

/// Our tree of one size, as bytes.
struct Ours {
    root: [u8; 32],
    /// Of each entry.
    inclusion: Vec<Vec<[u8; 32]>>,
    /// From each smaller size and from its own; from 0 there is nothing to prove.
    consistency: Vec<Vec<[u8; 32]>>,
}

/// Our trees of every size, each proof made from the tiles of the greatest.
fn ours() -> &'static [Ours] {
    static OURS: OnceLock<Vec<Ours>> = OnceLock::new();
    OURS.get_or_init(|| {
        let tiles = tiles();
        let one = |to: u64| Ours {
            root: *root_at(&tiles, size(to)).unwrap().root().as_bytes(),
            inclusion: (0..to)
                .map(|index| prove_inclusion(&tiles, LeafIndex::new(index).unwrap(), size(to)).unwrap())
                .map(|proved| proved.proof.hashes().iter().map(|hash| *hash.as_bytes()).collect())
                .collect(),
            consistency: (0..=to)
                .map(|from| prove_consistency(&tiles, size(from), size(to)).unwrap())
                .map(|proved| proved.proof.hashes().iter().map(|hash| *hash.as_bytes()).collect())
                .collect(),
        };
        (0..=SIZES).map(one).collect()
    })
}

#[test]
fn tlog_tiles_makes_and_takes_the_same_roots_and_proofs() {
    let stored = stored();
    for (to, tree) in (0..).zip(ours()) {
        let root = theirs(&tree.root);
        assert_eq!(tlog::tree_hash(to, &stored).unwrap(), root, "root of {to}");
        for (index, proof) in (0..).zip(&tree.inclusion) {
            let proof: Vec<tlog::Hash> = proof.iter().map(theirs).collect();
            assert_eq!(tlog::prove_record(to, index, &stored).unwrap(), proof, "{index} in {to}");
            tlog::check_record(&proof, to, root, index, tlog::record_hash(&entry(index))).unwrap();
        }
        for (from, (proof, old)) in (0..).zip(tree.consistency.iter().zip(ours())).skip(1) {
            let proof: Vec<tlog::Hash> = proof.iter().map(theirs).collect();
            assert_eq!(tlog::prove_tree(to, from, &stored).unwrap(), proof, "{from} to {to}");
            tlog::check_tree(&proof, to, root, from, theirs(&old.root)).unwrap();
        }
    }
}

#[test]
fn ct_merkle_makes_and_takes_the_same_roots_and_proofs() {
    let mut tree: MemoryBackedTree<Sha256, Vec<u8>> = MemoryBackedTree::new();
    let mut roots = vec![tree.root()];
    for (to, ours) in ours().iter().enumerate().skip(1) {
        tree.push(entry(to as u64 - 1));
        let root = tree.root();
        assert_eq!(root.as_bytes()[..], ours.root, "root of {to}");
        for (index, proof) in ours.inclusion.iter().enumerate() {
            let proof = proof.concat();
            assert_eq!(tree.prove_inclusion(index).as_bytes(), proof, "{index} in {to}");
            let proof = ct_merkle::InclusionProof::try_from_bytes(proof).unwrap();
            root.verify_inclusion(&entry(index as u64), index as u64, &proof).unwrap();
        }
        for (from, proof) in ours.consistency.iter().enumerate().take(to).skip(1) {
            let proof = proof.concat();
            assert_eq!(tree.prove_consistency(to - from).as_bytes(), proof, "{from} to {to}");
            let proof = ct_merkle::ConsistencyProof::try_from_bytes(proof).unwrap();
            root.verify_consistency(&roots[from], &proof).unwrap();
        }
        roots.push(root);
    }
}

#[test]
fn signed_note_and_tlog_tiles_read_our_checkpoints() {
    let origin = Origin::parse("log.test.example/takedowns").unwrap();
    let signer = LogSigner::new(origin.clone(), SecretKey::from_seed(&[1; 32])).unwrap();
    let signer = signer.with_second(MlDsaSecretKey::from_seed(&[1; 32])).unwrap();
    let verifier = signed_note::StandardVerifier::new(&signer.vkey().encode()).unwrap();
    let known = signed_note::VerifierList::new(vec![Box::new(verifier)]);
    let ours = tiles();
    for leaves in 0..=SIZES {
        let head: TreeHead = root_at(&ours, size(leaves)).unwrap();
        let text = signer.sign(&head, 1).unwrap().note_text();
        let note = signed_note::Note::from_bytes(text.as_bytes()).unwrap();
        let (good, unknown) = note.verify(&known).unwrap();
        // They know no ML-DSA-44, and pass over its line.
        assert_eq!((good.len(), unknown.len()), (1, 1));
        assert_eq!(note.to_bytes(), text.as_bytes());
        let checkpoint = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
        assert_eq!((checkpoint.origin(), checkpoint.size()), (origin.as_str(), leaves));
        assert_eq!(checkpoint.hash().0, *head.root().as_bytes());
        assert_eq!(checkpoint.extension(), "");

        let forged = text.replacen(&format!("\n{leaves}\n"), &format!("\n{}\n", leaves + 1), 1);
        let note = signed_note::Note::from_bytes(forged.as_bytes()).unwrap();
        assert!(note.verify(&known).is_err(), "size {leaves} changed");
    }
}

/// The layers of ten statements and their addenda: each is one item of CBOR.
fn layers() -> Vec<Vec<u8>> {
    let mut publisher = Publisher::new("one", &Origin::parse("log.test.example").unwrap());
    let mut layers = Vec::new();
    for _ in 0..10 {
        let signed = publisher.sign_next_at(now());
        let (protected, payload) = parts(signed.statement());
        layers.extend([protected, payload]);
        layers.extend(signed.addenda().values().cloned());
    }
    layers
}

/// The item as ciborium names it.
fn foreign(item: &Item) -> Foreign {
    match item {
        Item::Integer(number) => Foreign::Integer((*number).try_into().unwrap()),
        Item::Bytes(bytes) => Foreign::Bytes(bytes.to_vec()),
        Item::Text(text) => Foreign::Text(text.to_string()),
        Item::Array(items) => Foreign::Array(items.iter().map(foreign).collect()),
        Item::Map(pairs) => Foreign::Map(pairs.iter().map(|(k, v)| (foreign(k), foreign(v))).collect()),
        Item::Bool(yes) => Foreign::Bool(*yes),
    }
}

#[test]
fn dcbor_and_ciborium_read_what_we_write() {
    for bytes in layers() {
        let ours = cbor::decode(&bytes).unwrap();
        let strict = dcbor::CBOR::try_from_data(&bytes).unwrap();
        assert_eq!(strict.to_cbor_data(), bytes);
        let value: Foreign = ciborium::from_reader(bytes.as_slice()).unwrap();
        assert_eq!(value, foreign(&ours));
        let mut written = Vec::new();
        ciborium::into_writer(&value, &mut written).unwrap();
        assert_eq!(written, bytes);
    }
    let signed = Publisher::new("one", &Origin::parse("log.test.example").unwrap()).sign_next_at(now());
    let value: Foreign = ciborium::from_reader(signed.statement()).unwrap();
    let Foreign::Tag(18, message) = value else { panic!("COSE_Sign1 has tag 18: {value:?}") };
    assert_eq!(message.as_array().map(Vec::len), Some(4));
    dcbor::CBOR::try_from_data(signed.statement()).unwrap();
}

/// Every spelling of the same item that differs in one place: a longer head, or a string or array without its length.
fn respellings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for at in 0..bytes.len() {
        let (major, info) = (bytes[at] & 0xe0, bytes[at] & 0x1f);
        if info < 24 && major <= 0xc0 {
            found.push([&bytes[..at], &[major | 24, info], &bytes[at + 1..]].concat());
        }
        if info == 24 && at + 1 < bytes.len() {
            found.push([&bytes[..at], &[major | 25, 0], &bytes[at + 1..]].concat());
        }
        if (0x40..0xc0).contains(&major) {
            found.push([&bytes[..at], &[major | 31], &bytes[at + 1..], &[0xff]].concat());
        }
    }
    found
}

#[test]
fn what_dcbor_refuses_we_refuse() {
    let (mut refused, mut taken) = (0, 0);
    for bytes in layers().into_iter().take(8) {
        let mut variants = respellings(&bytes);
        variants.extend((0..bytes.len()).map(|end| bytes[..end].to_vec()));
        variants.extend((0..=255).map(|more| [bytes.as_slice(), &[more]].concat()));
        for at in 0..bytes.len() {
            variants.extend((0..8).map(|bit| {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                changed
            }));
        }
        for variant in variants {
            match dcbor::CBOR::try_from_data(&variant) {
                Err(_) => {
                    assert!(cbor::decode(&variant).is_err(), "we take {}", hex::encode(&variant));
                    refused += 1;
                }
                Ok(_) => taken += 1,
            }
        }
    }
    assert!(refused > 5_000, "only {refused} malformations");
    println!("{refused} malformations refused by both, {taken} variants that dcbor takes");
}
