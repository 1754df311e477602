//! Pieces of work whose cost is watched, from parsing to proofs: the same for criterion's times (`tests/benches/work.rs`) and for
//! counted instructions (`tests/src/bin/instructions.rs`). All of it is done on bytes that stay the same: vectors, and statements
//! and trees that follow from them.

use std::hint::black_box;
use std::path::Path;

use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::draft::json_line::JsonLine;
use glasshouse_ledger::prove::{prove_consistency, prove_inclusion};
use glasshouse_ledger::right_edge::RightEdge;
use glasshouse_ledger::tile_reader::MemoryTiles;
use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::bundle::{encode_bundle, parse_bundle};
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::consistency::verify_consistency;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::{LeafHash, NodeHash};
use glasshouse_verifier::inclusion::verify_inclusion;
use glasshouse_verifier::key::PublicKey;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::submission::walk_batch;
use glasshouse_verifier::tile::{Tile, TilePath};
use glasshouse_verifier::vkey::Vkey;
use serde_json::Value;

/// Leaves of the tree that is proved from: twenty tiles, of two levels.
const LEAVES: u64 = 5_000;

/// Does a piece of work once.
pub type Once = Box<dyn FnMut()>;

/// A kind of work.
pub struct Piece {
    /// `group/what`, as the benchmarks show it.
    pub name: &'static str,
    /// So often it is done where instructions are counted: some millions of them each.
    pub times: u32,
    /// Makes everything that it needs; what that costs is not counted.
    pub prepare: fn() -> Once,
}

/// Every kind of work.
pub const PIECES: [Piece; 20] = [
    Piece { name: "parse/statement", times: 100, prepare: parse_statement },
    Piece { name: "parse/entry", times: 100, prepare: parse_entry },
    Piece { name: "parse/addendum", times: 500, prepare: parse_addendum },
    Piece { name: "parse/batch", times: 50, prepare: parse_batch },
    Piece { name: "parse/bundle", times: 500, prepare: parse_entry_bundle },
    Piece { name: "parse/receipt", times: 100, prepare: parse_receipt },
    Piece { name: "parse/draft", times: 100, prepare: parse_draft },
    Piece { name: "verify/statement", times: 50, prepare: verify_statement },
    Piece { name: "verify/checkpoint", times: 50, prepare: verify_checkpoint },
    Piece { name: "verify/checkpoint-ml-dsa", times: 10, prepare: verify_second_signed },
    Piece { name: "verify/receipt", times: 10, prepare: verify_receipt },
    Piece { name: "hash/leaf", times: 500, prepare: hash_leaf },
    Piece { name: "hash/node", times: 500, prepare: hash_node },
    Piece { name: "tile/parse", times: 200, prepare: parse_tile },
    Piece { name: "tile/root", times: 20, prepare: root_of_tile },
    Piece { name: "tile/grow", times: 1, prepare: grow_tree },
    Piece { name: "proof/prove-inclusion", times: 5, prepare: prove_leaf },
    Piece { name: "proof/prove-consistency", times: 5, prepare: prove_growth },
    Piece { name: "proof/verify-inclusion", times: 100, prepare: verify_leaf },
    Piece { name: "proof/verify-consistency", times: 100, prepare: verify_growth },
];

/// The input of a valid vector.
fn vector(family: &str, name: &str) -> Value {
    let file = format!("../spec/vectors/{family}/valid/{name}.json");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let vector: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    vector["input"].clone()
}

fn hex_of(input: &Value, member: &str) -> Vec<u8> {
    hex::decode(input[member].as_str().unwrap()).unwrap()
}

fn text_of(input: &Value, member: &str) -> String {
    input[member].as_str().unwrap().to_owned()
}

fn statement_bytes() -> Vec<u8> {
    hex_of(&vector("statement", "decision-of-a-host"), "statement")
}

fn entry_bytes() -> Vec<u8> {
    hex_of(&vector("entry", "decision"), "entry")
}

fn parse_statement() -> Once {
    let bytes = statement_bytes();
    Box::new(move || drop(black_box(Statement::parse(black_box(&bytes)).unwrap())))
}

fn parse_entry() -> Once {
    let bytes = entry_bytes();
    Box::new(move || drop(black_box(Entry::parse(black_box(&bytes)).unwrap())))
}

fn parse_addendum() -> Once {
    let receipt = Receipt::parse(text_of(&vector("receipt", "decision"), "receipt").as_bytes()).unwrap();
    let bytes = receipt.addenda()[0].clone();
    Box::new(move || drop(black_box(Addendum::parse(black_box(&bytes)).unwrap())))
}

fn parse_batch() -> Once {
    let body = hex_of(&vector("batch", "1000-items"), "body");
    Box::new(move || assert_eq!(black_box(walk_batch(black_box(&body)).unwrap()).len(), 1_000))
}

fn parse_entry_bundle() -> Once {
    let bytes = encode_bundle(&vec![entry_bytes(); 256]).unwrap();
    Box::new(move || assert_eq!(black_box(parse_bundle(black_box(&bytes), 256).unwrap()).len(), 256))
}

fn parse_receipt() -> Once {
    let text = text_of(&vector("receipt", "decision"), "receipt");
    Box::new(move || drop(black_box(Receipt::parse(black_box(text.as_bytes())).unwrap())))
}

/// The longest right line of the vectors.
fn parse_draft() -> Once {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/drafts/lines.jsonl");
    let text = std::fs::read_to_string(file).unwrap();
    let cases = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let right = cases.filter(|case| case["errors"].as_array().is_some_and(Vec::is_empty));
    let line = right.map(|case| case["draft"].to_string()).max_by_key(String::len).unwrap();
    Box::new(move || {
        let line = JsonLine::parse(black_box(line.as_bytes())).unwrap();
        drop(black_box(Draft::from_json(&line.value).unwrap()));
    })
}

fn verify_statement() -> Once {
    let input = vector("statement", "decision-of-a-host");
    let key = PublicKey::from_bytes(hex_of(&input, "key").try_into().unwrap()).unwrap();
    let statement = Statement::parse(&statement_bytes()).unwrap();
    Box::new(move || black_box(black_box(&statement).verify(&key)).unwrap())
}

fn verify_checkpoint() -> Once {
    let input = vector("receipt", "decision");
    let receipt = Receipt::parse(text_of(&input, "receipt").as_bytes()).unwrap();
    let policy = Policy::parse(&text_of(&input, "policy")).unwrap();
    let (note, log): (String, Vkey) = (receipt.checkpoint().to_owned(), policy.logs()[0].key().clone());
    Box::new(move || drop(black_box(SignedCheckpoint::open(black_box(note.as_bytes()), &log).unwrap())))
}

/// A checkpoint that both kinds of key signed, under a policy that asks for both.
fn verify_second_signed() -> Once {
    let input = vector("receipt", "second-signed");
    let receipt = Receipt::parse(text_of(&input, "receipt").as_bytes()).unwrap();
    let policy = Policy::parse(&text_of(&input, "policy")).unwrap();
    let note = receipt.checkpoint().to_owned();
    Box::new(move || drop(black_box(policy.open(black_box(note.as_bytes())).unwrap())))
}

fn verify_receipt() -> Once {
    let input = vector("receipt", "decision");
    let receipt = Receipt::parse(text_of(&input, "receipt").as_bytes()).unwrap();
    let policy = Policy::parse(&text_of(&input, "policy")).unwrap();
    Box::new(move || drop(black_box(black_box(&receipt).verify(&policy).unwrap())))
}

fn hash_leaf() -> Once {
    let bytes = entry_bytes();
    Box::new(move || {
        black_box(LeafHash::of_entry(black_box(&bytes)));
    })
}

fn hash_node() -> Once {
    let (left, right) = (NodeHash::from_bytes([1; 32]), NodeHash::from_bytes([2; 32]));
    Box::new(move || {
        black_box(NodeHash::join(black_box(&left), black_box(&right)));
    })
}

fn full_tile() -> Tile {
    Tile::new((0..=255).map(|byte| NodeHash::from_bytes([byte; 32])).collect()).unwrap()
}

fn parse_tile() -> Once {
    let bytes = full_tile().encode();
    Box::new(move || drop(black_box(Tile::parse(black_box(&bytes), 256).unwrap())))
}

fn root_of_tile() -> Once {
    let tile = full_tile();
    Box::new(move || {
        black_box(black_box(&tile).root());
    })
}

/// Entries of a usual length, each another one.
fn entries(count: u64) -> Vec<(LeafHash, Vec<u8>)> {
    let mut bytes = entry_bytes();
    let entry = |number: u64| {
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        (LeafHash::of_entry(&bytes), bytes.clone())
    };
    (0..count).map(entry).collect()
}

/// A round of a thousand entries behind an empty tree: tiles, bundles and the root.
fn grow_tree() -> Once {
    let entries = entries(1_000);
    Box::new(move || {
        let grown = RightEdge::empty().grow(entries.iter().map(|(hash, bytes)| (*hash, bytes.as_slice())));
        black_box(grown.unwrap().edge().root());
    })
}

fn tiles() -> MemoryTiles {
    let empty: &[u8] = &[];
    let leaves = (0..LEAVES).map(|number| (LeafHash::of_entry(&number.to_be_bytes()), empty));
    let growth = RightEdge::empty().grow(leaves).unwrap();
    let mut tiles = MemoryTiles::new();
    for (name, bytes) in growth.files() {
        if let Ok(path) = TilePath::parse(name) {
            tiles.insert(path, &Tile::parse(bytes, path.width()).unwrap());
        }
    }
    tiles
}

fn size(leaves: u64) -> TreeSize {
    TreeSize::new(leaves).unwrap()
}

fn index(index: u64) -> LeafIndex {
    LeafIndex::new(index).unwrap()
}

fn prove_leaf() -> Once {
    let tiles = tiles();
    Box::new(move || drop(black_box(prove_inclusion(&tiles, index(1_234), size(LEAVES)).unwrap())))
}

fn prove_growth() -> Once {
    let tiles = tiles();
    Box::new(move || drop(black_box(prove_consistency(&tiles, size(1_234), size(LEAVES)).unwrap())))
}

fn verify_leaf() -> Once {
    let proved = prove_inclusion(&tiles(), index(1_234), size(LEAVES)).unwrap();
    Box::new(move || {
        verify_inclusion(black_box(&proved.leaf), proved.index, &proved.head, &proved.proof).unwrap();
    })
}

fn verify_growth() -> Once {
    let proved = prove_consistency(&tiles(), size(1_234), size(LEAVES)).unwrap();
    Box::new(move || verify_consistency(black_box(&proved.old), &proved.new, &proved.proof).unwrap())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_can_be_done_again_and_again() {
        for piece in &PIECES {
            let mut once = (piece.prepare)();
            once();
            once();
        }
    }
}
