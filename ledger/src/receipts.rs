//! Makes receipts: a statement, the genesis and the signer's enrolment under one checkpoint, and the texts beside.

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::{Receipt, ReceiptEntry, ReceiptFormError};
use glasshouse_verifier::receipt_error::ReceiptError;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::tlog_proof::TlogProof;

use crate::reader::{ReadError, Reader};

/// Why a receipt was not given out. Each is a fault of this program or of its files, never of who asks.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptFailure {
    /// The parts make no receipt.
    #[error(transparent)]
    Form(#[from] ReceiptFormError),
    /// The verifier refused what was made: nothing was let out.
    #[error("a receipt that was made here does not verify: {0}")]
    OurBug(Box<ReceiptError>),
    /// The log's own key is none that a policy takes.
    #[error("{0}")]
    Policy(String),
    /// The key that signed the entry is not in the registry.
    #[error("the key that signed entry {0} is not enrolled")]
    NoEnrolment(LeafIndex),
    /// The tree has no such entry.
    #[error("the tree has no entry {0}")]
    NoSuchEntry(LeafIndex),
}

/// The receipt of an entry under a checkpoint, checked by the verifier with a policy that names this log alone.
pub(crate) fn make(
    reader: &Reader,
    checkpoint: &SignedCheckpoint,
    index: LeafIndex,
) -> Result<Receipt, ReadError> {
    let entry = reader.entry(index)?.ok_or(ReceiptFailure::NoSuchEntry(index))?;
    let statement = entry.statement();
    let mut others = vec![LeafIndex::ZERO];
    if !statement.claims().is_registrar() {
        let enrolled = reader
            .with_registry(|registry| registry.key_at(statement.kid(), index).map(|key| key.enrolled_at()));
        others.push(enrolled.ok_or(ReceiptFailure::NoEnrolment(index))?);
    }
    let mut entries = vec![prove(reader, checkpoint, index, entry.bytes().to_vec())?];
    for other in others.into_iter().filter(|other| *other != index) {
        let bytes = reader.entry_bytes(other)?.ok_or(ReceiptFailure::NoSuchEntry(other))?;
        entries.push(prove(reader, checkpoint, other, bytes)?);
    }
    let addenda = reader.texts(&entry, index)?.iter().map(|text| text.encode()).collect();
    let receipt = Receipt::new(checkpoint.note_text(), entries, addenda).map_err(ReceiptFailure::from)?;
    let policy =
        Policy::of_log(reader.vkey().clone()).map_err(|error| ReceiptFailure::Policy(error.to_string()))?;
    receipt.verify(&policy).map_err(|error| ReceiptFailure::OurBug(Box::new(error)))?;
    Ok(receipt)
}

/// One entry with its path to the checkpoint's root.
fn prove(
    reader: &Reader,
    checkpoint: &SignedCheckpoint,
    index: LeafIndex,
    entry: Vec<u8>,
) -> Result<ReceiptEntry, ReadError> {
    let path = reader.prove_inclusion(index, checkpoint.head().size())?.proof;
    Ok(ReceiptEntry { index, entry, path })
}

/// The proof of an entry as a `.tlog-proof` file (c2sp.org/tlog-proof).
pub(crate) fn tlog_proof(
    reader: &Reader,
    checkpoint: &SignedCheckpoint,
    index: LeafIndex,
) -> Result<TlogProof, ReadError> {
    let proof = reader.prove_inclusion(index, checkpoint.head().size())?.proof;
    Ok(TlogProof::new(None, index, proof, checkpoint.note_text()))
}
