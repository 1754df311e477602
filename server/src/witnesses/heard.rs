//! What a witness's thread tells the writer's.

use glasshouse_ledger::witnessing::ToWitness;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::note::SignatureLine;

/// One thing that was heard of a witness.
#[derive(Debug)]
pub(crate) struct Heard {
    /// The witness's name in the policy.
    pub(crate) witness: String,
    pub(crate) what: What,
}

/// What it was.
#[derive(Debug)]
pub(crate) enum What {
    /// It signed a tree.
    Cosigned {
        /// The tree.
        head: TreeHead,
        /// Its line.
        line: SignatureLine,
        /// When it came, in seconds since 1970.
        at: u64,
    },
    /// It contradicts us, and shows this as the newest checkpoint of this log that it knows.
    Shows(Vec<u8>),
}

impl What {
    /// The witness's line for the tree that it was asked about.
    pub(crate) fn cosigned(tree: &ToWitness, line: SignatureLine, at: u64) -> What {
        What::Cosigned { head: *tree.head(), line, at }
    }
}
