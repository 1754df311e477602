//! Whatever arrives at the readers of notes, proofs, policies and tiles: no panic, and what is accepted has one spelling.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/signer.rs"]
mod signer;

use glasshouse_verifier::bundle::{encode_bundle, parse_bundle};
use glasshouse_verifier::checkpoint::Checkpoint;
use glasshouse_verifier::evidence::Fork;
use glasshouse_verifier::hash::RootHash;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::inclusion::InclusionProof;
use glasshouse_verifier::note::Note;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::tile::{BundlePath, Tile, TilePath};
use glasshouse_verifier::tlog_proof::TlogProof;
use glasshouse_verifier::vkey::{Vkey, VkeyKind};
use proptest::prelude::*;
use signer::Signer;

fn log() -> Signer {
    Signer::new("log.example/takedowns", VkeyKind::Ed25519, 1)
}

/// A right text of each kind, to be spoilt.
fn seeds() -> Vec<String> {
    let log = log();
    let witness = Signer::new("witness.example/w1", VkeyKind::Cosignature, 2);
    let head = |byte| TreeHead::new(TreeSize::new(1).unwrap(), RootHash::from_bytes([byte; 32])).unwrap();
    let note = log.note(&head(1), &[&witness]).encode();
    let proof =
        TlogProof::new(Some(vec![1, 2]), LeafIndex::ZERO, InclusionProof::default(), note.clone()).encode();
    let open = |byte| {
        glasshouse_verifier::checkpoint::SignedCheckpoint::open_note(log.note(&head(byte), &[]), &log.vkey)
    };
    let evidence = Fork::same_size(open(1).unwrap(), open(2).unwrap()).unwrap().encode();
    let (log, witness) = (log.vkey.encode(), witness.vkey.encode());
    let policy = format!("log {log} https://a/\nwitness w {witness}\ngroup g 1 w\nquorum g\n");
    let paths = ["tile/0/x001/x234/067.p/8", "tile/entries/x001/234", "log.example:80/a"].map(String::from);
    [vec![note, proof, evidence, policy, log, witness], paths.to_vec()].concat()
}

/// Every reader of text reads it; what one accepts, it writes again in the same way.
fn read_text(text: &str) {
    let log = log().vkey;
    if let Ok(note) = Note::parse(text.as_bytes()) {
        assert_eq!(note.encode(), text);
        let _ = Checkpoint::parse_text(note.text()).map(|c| assert_eq!(c.encode_text(), note.text()));
        let _ = note.verify(std::slice::from_ref(&log));
    }
    let _ = Checkpoint::parse_text(text).map(|read| assert_eq!(read.encode_text(), text));
    let _ = TlogProof::parse(text).map(|read| assert_eq!(read.encode(), text));
    let _ = Fork::parse(text, &log).map(|read| assert_eq!(read.encode(), text));
    let _ = Vkey::parse(text).map(|read| assert_eq!(read.encode(), text));
    let _ = TilePath::parse(text).map(|read| assert_eq!(read.encode(), text));
    let _ = BundlePath::parse(text).map(|read| assert_eq!(read.encode(), text));
    let _ = Origin::parse(text).map(|read| assert_eq!(read.as_str(), text));
    let _ = Policy::parse(text).map(|policy| policy.open(text.as_bytes()).map(|_| ()));
}

#[test]
fn the_seeds_are_right() {
    let seeds = seeds();
    assert_eq!(seeds.len(), 9);
    let log = log().vkey;
    assert!(Policy::parse(&seeds[3]).unwrap().open(seeds[0].as_bytes()).is_ok());
    assert!(TlogProof::parse(&seeds[1]).is_ok() && Fork::parse(&seeds[2], &log).is_ok());
    assert!(Vkey::parse(&seeds[4]).is_ok() && Vkey::parse(&seeds[5]).is_ok());
    assert!(TilePath::parse(&seeds[6]).is_ok() && BundlePath::parse(&seeds[7]).is_ok());
    assert!(Origin::parse(&seeds[8]).is_ok());
}

#[test]
fn every_cut_and_every_changed_byte_of_the_seeds_is_judged() {
    for seed in seeds() {
        for at in 0..=seed.len() {
            let _ = seed.get(..at).map(read_text);
            let _ = seed.get(at..).map(read_text);
            for byte in [b'\n', b' ', b'0', b'+', b'/', 0x7f] {
                let mut bytes = seed.clone().into_bytes();
                bytes.insert(at, byte);
                let _ = String::from_utf8(bytes).map(|text| read_text(&text));
            }
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_judged(text in "(\\PC|[\\n\\t ])*") {
        read_text(&text);
    }

    #[test]
    fn pieces_of_right_texts_are_judged(cuts in prop::collection::vec((0..9_usize, any::<prop::sample::Index>(), 0..80_usize), 0..6)) {
        let seeds = seeds();
        let mut text = String::new();
        for (which, begin, length) in cuts {
            let chars: Vec<char> = seeds[which].chars().collect();
            text.extend(chars.iter().skip(begin.index(chars.len())).take(length));
        }
        read_text(&text);
    }

    #[test]
    fn any_bytes_are_judged(bytes in prop::collection::vec(any::<u8>(), 0..600), width in 0..300_u16) {
        let _ = Note::parse(&bytes);
        if let Ok(entries) = parse_bundle(&bytes, width) {
            prop_assert_eq!(encode_bundle(&entries).unwrap(), bytes.clone());
        }
        if let Ok(tile) = Tile::parse(&bytes, width) {
            prop_assert_eq!(tile.encode(), bytes);
        }
    }
}
