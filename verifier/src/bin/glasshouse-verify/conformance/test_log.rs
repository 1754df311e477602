//! A made-up log for asking a witness: entry i of it is always the same, so that every size has one root, today and next year.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use glasshouse_verifier::checkpoint::Checkpoint;
use glasshouse_verifier::hash::{LeafHash, NodeHash, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::note::{Note, SignatureLine};
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::vkey::{Vkey, VkeyKind};

use crate::answer::Trouble;
use crate::input::read_text;
use crate::tree_nodes::{TreeNodes, tree_of};

/// A PEM file of one key.
const PEM_MAX: usize = 4_096;

/// What stands before the 32 bytes of an Ed25519 seed in PKCS#8 version 1 (RFC 8410 section 7).
const PKCS8_HEAD: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// The key and the name of the log.
pub(crate) struct TestLog {
    origin: Origin,
    key: SigningKey,
    vkey: Vkey,
}

/// One of the log's two histories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum History {
    /// The one that the witness is to cosign.
    True,
    /// Another one, which shares nothing with the first.
    Forked,
}

impl TestLog {
    /// Reads the key.
    pub(crate) fn open(origin: Origin, path: &Path) -> Result<TestLog, Trouble> {
        let wrong = || {
            Trouble(format!(
                "{}: no Ed25519 key in PEM; `openssl genpkey -algorithm ed25519` writes one",
                path.display()
            ))
        };
        let text = read_text(path, PEM_MAX)?;
        let body = text
            .trim()
            .strip_prefix("-----BEGIN PRIVATE KEY-----")
            .and_then(|rest| rest.strip_suffix("-----END PRIVATE KEY-----"))
            .ok_or_else(wrong)?;
        let body: String = body.split_whitespace().collect();
        let der = STANDARD.decode(body).map_err(|_| wrong())?;
        let seed = der
            .strip_prefix(&PKCS8_HEAD)
            .and_then(|seed| <[u8; 32]>::try_from(seed).ok())
            .ok_or_else(wrong)?;
        Self::new(origin, SigningKey::from_bytes(&seed)).map_err(|error| Trouble(error.to_string()))
    }

    fn new(origin: Origin, key: SigningKey) -> Result<TestLog, glasshouse_verifier::vkey::VkeyError> {
        let vkey = Vkey::new(origin.as_str(), VkeyKind::Ed25519, key.verifying_key().to_bytes())?;
        Ok(TestLog { origin, key, vkey })
    }

    /// The same key under another name, which nobody knows.
    pub(crate) fn under(&self, origin: Origin) -> Option<TestLog> {
        Self::new(origin, self.key.clone()).ok()
    }

    /// Another key under the same name, which nobody knows either.
    pub(crate) fn with_another_key(&self) -> Option<TestLog> {
        let seed = self.key.sign(b"another key").to_bytes();
        let seed = seed.first_chunk::<32>()?;
        Self::new(self.origin.clone(), SigningKey::from_bytes(seed)).ok()
    }

    /// What the witness's list needs.
    pub(crate) fn vkey(&self) -> &Vkey {
        &self.vkey
    }

    /// The log's name.
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The text of a checkpoint.
    pub(crate) fn text(&self, size: u64, history: History) -> String {
        let head = TreeSize::new(size).ok().and_then(|tree| TreeHead::new(tree, root(size, history)).ok());
        Checkpoint::new(self.origin.clone(), head.unwrap_or_else(TreeHead::empty)).encode_text()
    }

    /// Any text, signed.
    pub(crate) fn sign(&self, text: &str) -> String {
        let line = SignatureLine::new(&self.vkey, self.key.sign(text.as_bytes()).to_bytes().to_vec());
        Note::assemble(text, &[line]).map(|note| note.encode()).unwrap_or_default()
    }

    /// A signed checkpoint.
    pub(crate) fn note(&self, size: u64, history: History) -> String {
        self.sign(&self.text(size, history))
    }
}

fn root(size: u64, history: History) -> RootHash {
    tree_of(&leaves(size, history)).root()
}

/// PROOF of RFC 6962 section 2.1.2; empty from 0 and between equal sizes.
pub(crate) fn proof(old: u64, new: u64, history: History) -> Vec<NodeHash> {
    let Ok(from) = TreeSize::new(old) else { return vec![] };
    if old >= new {
        return vec![];
    }
    let Ok(path) = leaves(new, history).as_slice().path_from(from);
    // The first node is left out where the old tree is complete.
    path.into_iter().skip(usize::from(old.is_power_of_two())).collect()
}

fn leaves(size: u64, history: History) -> Vec<LeafHash> {
    let word = if history == History::True { "true" } else { "forked" };
    (0..size).map(|at| LeafHash::of_entry(format!("conformance {word} {at}").as_bytes())).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use glasshouse_verifier::consistency::{ConsistencyProof, verify_consistency};
    use glasshouse_verifier::head::{NewTree, OldTree};

    use super::*;

    #[test]
    fn proofs_hold_between_all_small_sizes() {
        let head = |size| TreeHead::new(TreeSize::new(size).unwrap(), root(size, History::True)).unwrap();
        for new in 1..40 {
            for old in 0..=new {
                let hashes = ConsistencyProof::new(proof(old, new, History::True)).unwrap();
                verify_consistency(&OldTree(head(old)), &NewTree(head(new)), &hashes).unwrap();
            }
        }
    }
}
