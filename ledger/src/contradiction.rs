//! Bytes with this log's own signature, shown by somebody else: do they fit what was signed here?
//!
//! Only such bytes can stop a ledger; what a witness merely says cannot. A checkpoint that does not fit was signed by another
//! server with the same key, or by this one before its state was lost. Either way the next signature would be one more lie,
//! so it is written down and nothing is signed any more, until a human has decided.

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::evidence::Fork;
use glasshouse_verifier::hash::NodeHash;
use glasshouse_verifier::size::TreeSize;

use crate::prove::{prove_consistency, root_at};
use crate::store::{Store, StoreError};
use crate::writer::{Core, Writer, WriterError};

/// The folder in the store.
const FOLDER: &str = "evidence";
/// What two notes say of which neither contradicts the other by itself.
const MEANS: &str = "The log signed `shown`, and the ledger whose newest checkpoint is `newest` does not know it. Either \
    that ledger is older than what it signed, as a restored backup is, or another server signs with its key. These notes \
    alone do not tell which: the entries up to `shown` do, if they lead from `newest` to it.";

/// A checkpoint with this log's signature that this ledger did not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{by} shows a checkpoint of size {size} with this log's signature that {what}. Both are kept in {file}, in the ledger's \
     folder, and nothing is signed any more. Either this folder is older than what it signed, as a restored backup is: then \
     restore what is newer, or run `glasshouse adopt` with every mirror and checkpoint that anybody has. Or another server \
     signs with the same key: then stop it, and show the file to those who rely on this log. When that is settled, move the \
     file away and start again"
)]
pub struct Contradicted {
    /// Who showed it.
    pub by: String,
    /// Its size.
    pub size: u64,
    /// What is wrong with it.
    pub what: &'static str,
    /// The evidence, by its name in the store.
    pub file: String,
}

/// Bytes that somebody shows as the newest checkpoint of this log that he knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Testimony {
    /// Who shows them, as a sentence begins.
    pub by: String,
    /// A signed note, or anything.
    pub note: Vec<u8>,
}

/// What bytes that somebody showed are to this log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// A checkpoint of this log that its tree grew out of, or will be.
    Fits,
    /// Nothing that this log signed; why not. It proves nothing.
    NotOurs(String),
}

impl Writer {
    /// Judges bytes that somebody (`by`) showed as this log's newest checkpoint.
    ///
    /// # Errors
    ///
    /// [`WriterError::Contradicted`] if they carry this log's signature and contradict it; the evidence is durable then, and
    /// this writer does no more. [`WriterError`] where the tree cannot be read.
    pub fn judge(&mut self, shown: &[u8], by: &str) -> Result<Shown, WriterError> {
        self.guarded(|writer| writer.core.judge(shown, by))
    }
}

impl Core {
    /// As [`Writer::judge`].
    pub(crate) fn judge(&self, shown: &[u8], by: &str) -> Result<Shown, WriterError> {
        let theirs = match SignedCheckpoint::open(shown, self.signer.vkey()) {
            Ok(theirs) => theirs,
            Err(error) => return Ok(Shown::NotOurs(error.to_string())),
        };
        let Some(ours) = self.newest_note() else {
            return Ok(Shown::NotOurs("nothing was signed".to_owned()));
        };
        let (size, newest) = (theirs.head().size(), ours.head().size());
        if size > newest {
            return Err(self.convict(
                &theirs,
                unknown(&theirs, &ours),
                by,
                "is greater than any it has signed",
            )?);
        }
        let tiles = self.files.tiles(newest);
        if root_at(&tiles, size)? == *theirs.head() {
            return Ok(Shown::Fits);
        }
        let fork = match size == newest {
            true => Fork::same_size(ours.clone(), theirs.clone()),
            false => Fork::other_prefix(theirs.clone(), ours.clone(), self.path_from(size)?),
        };
        let evidence = fork.map_or_else(|_| unknown(&theirs, &ours), |fork| fork.encode());
        Err(self.convict(&theirs, evidence, by, "contradicts its tree")?)
    }

    /// From the nodes of our newest tree that an older root follows from: the consistency proof, with its first node always
    /// written out.
    fn path_from(&self, size: TreeSize) -> Result<Vec<NodeHash>, WriterError> {
        let newest = self.edge.size();
        let proved = prove_consistency(&self.files.tiles(newest), size, newest)?;
        let mut path = Vec::new();
        if size.get().is_power_of_two() {
            path.push(proved.old.0.root().to_node());
        }
        path.extend_from_slice(proved.proof.hashes());
        Ok(path)
    }

    /// Keeps the evidence, durably, and says what it shows.
    fn convict(
        &self,
        theirs: &SignedCheckpoint,
        evidence: String,
        by: &str,
        what: &'static str,
    ) -> Result<WriterError, StoreError> {
        let size = theirs.head().size().get();
        let root = theirs.head().root().to_hex();
        let file = format!("{FOLDER}/{size}-{}.json", root.get(..16).unwrap_or(&root));
        self.store.put_durable(&file, evidence.as_bytes())?;
        Ok(Contradicted { by: by.to_owned(), size, what, file }.into())
    }
}

/// Both notes, where they do not convict by themselves.
fn unknown(theirs: &SignedCheckpoint, ours: &SignedCheckpoint) -> String {
    let (log, shown, newest) = (theirs.log().encode(), theirs.note_text(), ours.note_text());
    let file = serde_json::json!({
        "format": "glasshouse-unknown-checkpoint/1", "log": log, "shown": shown, "newest": newest, "means": MEANS,
    });
    file.to_string()
}

/// Evidence that an earlier run kept and nobody has moved away: nothing may be signed.
pub(crate) fn kept(store: &dyn Store) -> Result<Option<String>, StoreError> {
    Ok(store.list(FOLDER)?.into_iter().next())
}
