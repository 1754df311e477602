//! Makes receipts: under one checkpoint a statement, the genesis, the registrar's changes of keys that lead to the signer,
//! and the signer's enrolment; and the texts beside.

use std::collections::BTreeSet;

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::{Receipt, ReceiptEntry, ReceiptFormError};
use glasshouse_verifier::receipt_error::ReceiptError;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::tlog_proof::TlogProof;
use glasshouse_verifier::vkey::Vkey;

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
    let others = reader
        .with_registry(|registry| others(registry, statement, index, reader.vkey()))
        .ok_or(ReceiptFailure::NoEnrolment(index))?;
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

/// What stands beside the statement, by ascending index; `None` if its key is not known.
fn others(
    registry: &Registry,
    statement: &Statement,
    index: LeafIndex,
    log: &Vkey,
) -> Option<BTreeSet<LeafIndex>> {
    let enrolled = match statement.claims().is_registrar() {
        true => None,
        false => Some(registry.key_at(statement.kid(), index)?.enrolled_at()),
    };
    let mut others = BTreeSet::from([LeafIndex::ZERO]);
    others.extend(registry.chain_to(enrolled.unwrap_or(index), log));
    others.extend(enrolled);
    Some(others)
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
