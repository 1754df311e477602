//! The tree of RFC 6962, as its definitions read: slow, and obviously right. And a log that signs whatever it is told.
#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::witness::add_request::AddRequest;
use glasshouse_verifier::hash::{LeafHash, NodeHash, RootHash};
use glasshouse_verifier::note::{Note, SignatureLine};
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::vkey::{Vkey, VkeyKind};

/// A number as a tree's size.
pub fn size(size: u64) -> TreeSize {
    TreeSize::new(size).unwrap()
}

/// A list of leaves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SlowTree(pub Vec<LeafHash>);

impl SlowTree {
    /// Leaves that say their number and, from number `fork_at` on, which branch they are of.
    pub fn of(leaves: u64, fork_at: u64, branch: u64) -> SlowTree {
        let entry =
            |number| if number < fork_at { format!("{number}") } else { format!("{number} {branch}") };
        SlowTree((0..leaves).map(|number| LeafHash::of_entry(entry(number).as_bytes())).collect())
    }

    pub fn size(&self) -> u64 {
        self.0.len() as u64
    }

    pub fn root(&self) -> RootHash {
        if self.0.is_empty() { RootHash::empty() } else { node(&self.0).to_root() }
    }

    /// The first leaves.
    pub fn head(&self, size: u64) -> SlowTree {
        SlowTree(self.0[..usize::try_from(size).unwrap()].to_vec())
    }

    /// `PROOF(m, D[n])` of RFC 6962 §2.1.2; empty for 0 and for the whole tree.
    pub fn prove(&self, old: u64) -> Vec<NodeHash> {
        if old == 0 || old == self.size() {
            return vec![];
        }
        subproof(usize::try_from(old).unwrap(), &self.0, true)
    }
}

fn split(leaves: usize) -> usize {
    let mut half = 1;
    while half * 2 < leaves {
        half *= 2;
    }
    half
}

fn node(leaves: &[LeafHash]) -> NodeHash {
    if let [leaf] = leaves {
        return leaf.to_node();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    NodeHash::join(&node(left), &node(right))
}

fn subproof(old: usize, leaves: &[LeafHash], is_whole: bool) -> Vec<NodeHash> {
    if old == leaves.len() {
        return if is_whole { vec![] } else { vec![node(leaves)] };
    }
    let half = split(leaves.len());
    let (left, right) = leaves.split_at(half);
    if old <= half {
        let mut proof = subproof(old, left, is_whole);
        proof.push(node(right));
        proof
    } else {
        let mut proof = subproof(old - half, right, false);
        proof.push(node(left));
        proof
    }
}

/// A log's key. It signs whatever it is told.
#[derive(Debug, Clone)]
pub struct SlowLog {
    pub origin: String,
    key: SecretKey,
}

impl SlowLog {
    pub fn new(origin: &str, seed: u8) -> SlowLog {
        SlowLog { origin: origin.to_owned(), key: SecretKey::from_seed(&[seed; 32]) }
    }

    pub fn vkey(&self) -> Vkey {
        Vkey::new(&self.origin, VkeyKind::Ed25519, self.key.public_bytes()).unwrap()
    }

    /// The line of this log's key below a text.
    pub fn line(&self, text: &str) -> SignatureLine {
        SignatureLine::new(&self.vkey(), self.key.sign(text.as_bytes()).to_vec())
    }

    /// A signed note of a size and a root, with extension lines.
    pub fn sign_text(&self, size: u64, root: &RootHash, extensions: &str) -> String {
        let text = format!("{}\n{size}\n{}\n{extensions}", self.origin, root.to_base64());
        Note::assemble(&text, &[self.line(&text)]).unwrap().encode()
    }

    /// The signed checkpoint of a tree.
    pub fn sign(&self, tree: &SlowTree) -> String {
        self.sign_text(tree.size(), &tree.root(), "")
    }

    /// A request with the right proof from `old`, if the tree has so many leaves.
    pub fn request(&self, old: u64, tree: &SlowTree) -> Vec<u8> {
        let proof = if old <= tree.size() { tree.prove(old) } else { vec![] };
        AddRequest::encode(size(old), &proof, &self.sign(tree))
    }
}
