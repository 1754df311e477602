//! Every root, inclusion proof and consistency proof from tiles, against RFC 6962 written down as it stands there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::prove::{ProveError, prove_consistency, prove_inclusion, root_at};
use glasshouse_ledger::right_edge::{EdgeError, Growth, RightEdge};
use glasshouse_ledger::store::Store;
use glasshouse_ledger::tile_reader::{MemoryTiles, StoreTiles, TileReader};
use glasshouse_ledger::tile_writer::{drop_partials, write_growth};
use glasshouse_verifier::hash::{LeafHash, NodeHash, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::tile::{Tile, TilePath, bundles_of, tiles_of};
use std::cell::RefCell;
use std::collections::HashMap;

fn entry(index: u64) -> Vec<u8> {
    let mut entry = vec![0xab; (index % 7) as usize];
    entry.extend_from_slice(&index.to_be_bytes());
    entry
}

fn size(leaves: u64) -> TreeSize {
    TreeSize::new(leaves).unwrap()
}

/// RFC 6962 §2.1 without tiles, remembering what it hashed so that the tests end.
struct Reference {
    leaves: Vec<NodeHash>,
    known: RefCell<HashMap<(usize, usize), NodeHash>>,
}

impl Reference {
    fn new(count: u64) -> Self {
        let leaf = |index| LeafHash::of_entry(&entry(index)).to_node();
        Self { leaves: (0..count).map(leaf).collect(), known: RefCell::default() }
    }

    fn hash(&self, from: usize, to: usize) -> NodeHash {
        if to - from == 1 {
            return self.leaves[from];
        }
        if let Some(hash) = self.known.borrow().get(&(from, to)) {
            return *hash;
        }
        let middle = from + (to - from).next_power_of_two() / 2;
        let hash = NodeHash::join(&self.hash(from, middle), &self.hash(middle, to));
        self.known.borrow_mut().insert((from, to), hash);
        hash
    }

    fn root(&self, leaves: u64) -> RootHash {
        match leaves as usize {
            0 => RootHash::empty(),
            leaves => self.hash(0, leaves).to_root(),
        }
    }

    fn path(&self, leaf: usize, from: usize, to: usize) -> Vec<NodeHash> {
        if to - from == 1 {
            return Vec::new();
        }
        let middle = from + (to - from).next_power_of_two() / 2;
        let (mut path, sibling) = if leaf < middle {
            (self.path(leaf, from, middle), self.hash(middle, to))
        } else {
            (self.path(leaf, middle, to), self.hash(from, middle))
        };
        path.push(sibling);
        path
    }

    fn subproof(&self, old: usize, from: usize, to: usize, whole: bool) -> Vec<NodeHash> {
        if old == to {
            return if whole { vec![] } else { vec![self.hash(from, to)] };
        }
        let middle = from + (to - from).next_power_of_two() / 2;
        let (mut proof, sibling) = if old <= middle {
            (self.subproof(old, from, middle, whole), self.hash(middle, to))
        } else {
            (self.subproof(old, middle, to, false), self.hash(from, middle))
        };
        proof.push(sibling);
        proof
    }
}

fn grow(edge: &RightEdge, to: u64) -> Growth {
    let entries: Vec<Vec<u8>> = (edge.size().get()..to).map(entry).collect();
    edge.grow(entries.iter().map(|e| (LeafHash::of_entry(e), e.as_slice()))).unwrap()
}

fn memory_tiles(growth: &Growth, tiles: &mut MemoryTiles) {
    for (name, bytes) in growth.files() {
        if let Ok(path) = TilePath::parse(name) {
            tiles.insert(path, &Tile::parse(bytes, path.width()).unwrap());
        }
    }
}

fn check_inclusion(reference: &Reference, tiles: &dyn TileReader, leaf: u64, leaves: u64) {
    let index = LeafIndex::new(leaf).unwrap();
    let proved = prove_inclusion(tiles, index, size(leaves)).unwrap();
    assert_eq!(proved.leaf.to_node(), reference.leaves[leaf as usize]);
    assert_eq!(*proved.head.root(), reference.root(leaves));
    let path = reference.path(leaf as usize, 0, leaves as usize);
    assert_eq!(proved.proof.hashes(), path, "leaf {leaf} of {leaves}");
}

fn check_consistency(reference: &Reference, tiles: &dyn TileReader, from: u64, to: u64) {
    let proved = prove_consistency(tiles, size(from), size(to)).unwrap();
    assert_eq!(*proved.old.0.root(), reference.root(from));
    assert_eq!(*proved.new.0.root(), reference.root(to));
    let proof = match from {
        0 => vec![],
        from => reference.subproof(from as usize, 0, to as usize, true),
    };
    assert_eq!(proved.proof.hashes(), proof, "from {from} to {to}");
}

/// Sizes 0 to 300: every leaf of every size, every pair of sizes, all from the tiles of size 300 alone.
#[test]
fn every_proof_up_to_300() {
    let reference = Reference::new(300);
    let mut tiles = MemoryTiles::new();
    memory_tiles(&grow(&RightEdge::empty(), 300), &mut tiles);
    for to in 0..=300 {
        assert_eq!(*root_at(&tiles, size(to)).unwrap().root(), reference.root(to));
        for leaf in 0..to {
            check_inclusion(&reference, &tiles, leaf, to);
        }
        for from in 0..=to {
            check_consistency(&reference, &tiles, from, to);
        }
    }
}

/// Around the sizes at which tiles fill, up to three levels of them.
#[test]
fn proofs_where_tiles_fill() {
    let reference = Reference::new(131_400);
    let mut tiles = MemoryTiles::new();
    memory_tiles(&grow(&RightEdge::empty(), 131_400), &mut tiles);
    let sizes = [
        255, 256, 257, 511, 512, 513, 767, 769, 1000, 65_535, 65_536, 65_537, 65_791, 65_792, 65_793, 66_048,
        70_000, 131_071, 131_072, 131_073, 131_328, 131_400,
    ];
    for to in sizes {
        let root = *root_at(&tiles, size(to)).unwrap().root();
        assert_eq!(root, reference.root(to));
        let leaves = [0, 1, 254, 255, 256, 257, 65_535, 65_536, 65_792, 131_072];
        for leaf in leaves.into_iter().filter(|l| *l < to).chain([to - 1]) {
            check_inclusion(&reference, &tiles, leaf, to);
        }
        for from in sizes.into_iter().filter(|from| *from <= to).chain([0, 1]) {
            check_consistency(&reference, &tiles, from, to);
        }
    }
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let mut tiles = MemoryTiles::new();
    memory_tiles(&grow(&RightEdge::empty(), 10), &mut tiles);
    let index = |i| LeafIndex::new(i).unwrap();
    assert!(matches!(prove_inclusion(&tiles, index(5), size(5)), Err(ProveError::NoSuchLeaf { .. })));
    assert!(matches!(prove_consistency(&tiles, size(6), size(5)), Err(ProveError::Reversed { .. })));
    for beyond in [11, 256, 70_000, (1 << 53) - 1] {
        let refused = root_at(&tiles, size(beyond));
        assert!(matches!(refused, Err(ProveError::Tile(_))), "{beyond}");
        prove_inclusion(&tiles, index(3), size(beyond)).unwrap_err();
        prove_consistency(&tiles, size(3), size(beyond)).unwrap_err();
    }
}

#[test]
fn a_wrong_tile_never_gets_out_as_a_proof() {
    let growth = grow(&RightEdge::empty(), 600);
    let mut tiles = MemoryTiles::new();
    for (name, bytes) in growth.files() {
        if let Ok(path) = TilePath::parse(name) {
            let mut bytes = bytes.clone();
            if path.level() == 1 {
                bytes[0] ^= 1;
            }
            tiles.insert(path, &Tile::parse(&bytes, path.width()).unwrap());
        }
    }
    let refused = prove_inclusion(&tiles, LeafIndex::new(3).unwrap(), size(600));
    assert!(matches!(refused, Err(ProveError::OurBug(_))));
}

/// A store grown in uneven rounds has exactly the files of tlog-tiles, and its edge loads at every round.
#[test]
fn rounds_write_the_tiles_of_the_specification() {
    let reference = Reference::new(70_000);
    let store = MemoryStore::new();
    let mut edge = RightEdge::empty();
    let mut filled = Vec::new();
    for to in [1, 2, 255, 256, 257, 300, 511, 513, 1024, 65_535, 65_536, 65_540, 70_000] {
        let growth = grow(&edge, to);
        write_growth(&store, &growth).unwrap();
        filled.extend_from_slice(growth.filled());
        edge = growth.into_edge();
        assert_eq!(*edge.head().root(), reference.root(to));
        assert_eq!(RightEdge::load(&store, &edge.head()).unwrap(), edge);
        for tile in tiles_of(size(to)).map(|t| t.encode()) {
            assert!(store.get(&tile).unwrap().is_some(), "{tile} at {to}");
        }
        for bundle in bundles_of(size(to)).map(|b| b.encode()) {
            assert!(store.get(&bundle).unwrap().is_some(), "{bundle} at {to}");
        }
    }
    store.sync().unwrap();
    drop_partials(&store, &filled).unwrap();
    let left = store.list("tile").unwrap();
    let mut needed: Vec<String> = tiles_of(size(70_000)).map(|t| t.encode()).collect();
    needed.extend(bundles_of(size(70_000)).map(|b| b.encode()));
    let surplus: Vec<&String> = left.iter().filter(|l| !needed.contains(l)).collect();
    assert!(surplus.is_empty(), "{surplus:?}");
    assert_eq!(RightEdge::load(&store, &edge.head()).unwrap(), edge);
    // The edge of an older size still loads where its partial tiles are gone.
    let old = root_at(&StoreTiles::new(&store, size(70_000)), size(300)).unwrap();
    assert_eq!(*old.root(), reference.root(300));
    assert_eq!(RightEdge::load(&store, &old).unwrap().head(), old);
}

#[test]
fn an_edge_that_does_not_give_the_root_is_refused() {
    let store = MemoryStore::new();
    let growth = grow(&RightEdge::empty(), 300);
    write_growth(&store, &growth).unwrap();
    let head = growth.edge().head();
    let other = TreeHead::new(head.size(), RootHash::from_bytes([7; 32])).unwrap();
    assert!(matches!(RightEdge::load(&store, &other), Err(EdgeError::OtherRoot { .. })));
    for (name, bytes) in growth.files() {
        let on_the_edge = name.contains(".p/");
        for wrong in [bytes[..bytes.len() - 1].to_vec(), [bytes, b"x".as_slice()].concat()] {
            store.put(name, &wrong).unwrap();
            assert_eq!(RightEdge::load(&store, &head).is_err(), on_the_edge);
        }
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 1;
        store.put(name, &flipped).unwrap();
        assert_eq!(RightEdge::load(&store, &head).is_err(), on_the_edge);
        store.delete(name).unwrap();
        assert_eq!(RightEdge::load(&store, &head).is_err(), on_the_edge);
        store.put(name, bytes).unwrap();
        RightEdge::load(&store, &head).unwrap();
    }
}
