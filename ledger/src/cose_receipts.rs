//! Makes COSE receipts and transparent statements. Only roots of published trees are signed, and every receipt passes the
//! verifier before it leaves.

use std::slice;

use glasshouse_verifier::cose_receipt::{CoseReceipt, ReceiptProof};
use glasshouse_verifier::cose_receipt_error::CoseReceiptError;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::transparent::TransparentStatement;

use crate::prove::ProveError;
use crate::reader::{ReadError, Reader};
use crate::receipt_signer::ReceiptSigner;

/// Why there is no COSE receipt.
#[derive(Debug, thiserror::Error)]
pub enum CoseReceiptFailure {
    /// The ledger was opened without its receipt key.
    #[error("this ledger has no receipt key")]
    NoKey,
    /// A tree of one entry has an empty path, and a tree grows out of the empty tree and of itself by nothing: RFC 9942 has
    /// no form for these.
    #[error("no COSE receipt can have an empty path")]
    EmptyPath,
    /// The receipt did not pass the verifier: nothing was let out.
    #[error("a COSE receipt that was made here does not verify: {0}")]
    OurBug(CoseReceiptError),
}

impl Reader {
    /// Whether it can sign COSE receipts.
    pub fn signs_receipts(&self) -> bool {
        self.receipt_signer().is_some()
    }

    /// The COSE receipt of an entry under the newest published tree, checked by the verifier; `None` beyond the published
    /// end.
    ///
    /// # Errors
    ///
    /// [`CoseReceiptFailure::NoKey`]; [`CoseReceiptFailure::EmptyPath`] in a log of one entry.
    pub fn cose_receipt(&self, index: LeafIndex) -> Result<Option<CoseReceipt>, ReadError> {
        let (signer, head) = (signer(self)?, self.head());
        if !index.is_in(head.size()) {
            return Ok(None);
        }
        Ok(Some(inclusion(self, signer, &head, index)?))
    }

    /// The statement of an entry with its COSE receipt; as [`Reader::cose_receipt`].
    pub fn transparent_statement(&self, index: LeafIndex) -> Result<Option<TransparentStatement>, ReadError> {
        let (signer, head) = (signer(self)?, self.head());
        if !index.is_in(head.size()) {
            return Ok(None);
        }
        transparent(self, signer, &head, index)
    }

    /// The COSE receipt that the newest published tree, and no other, grew out of the tree of `from` leaves.
    ///
    /// # Errors
    ///
    /// [`CoseReceiptFailure::NoKey`]; [`CoseReceiptFailure::EmptyPath`] from size 0 and from the published size itself;
    /// [`ProveError::Reversed`] from a greater one.
    pub fn cose_growth(&self, from: TreeSize) -> Result<CoseReceipt, ReadError> {
        let (signer, head) = (signer(self)?, self.head());
        consistency(self, signer, &head, from)
    }
}

fn signer(reader: &Reader) -> Result<&ReceiptSigner, CoseReceiptFailure> {
    reader.receipt_signer().ok_or(CoseReceiptFailure::NoKey)
}

/// The receipt that an entry is in the published tree `head`.
fn inclusion(
    reader: &Reader,
    signer: &ReceiptSigner,
    head: &TreeHead,
    index: LeafIndex,
) -> Result<CoseReceipt, ReadError> {
    let proved = reader.prove_inclusion(index, head.size())?;
    if proved.proof.hashes().is_empty() {
        return Err(CoseReceiptFailure::EmptyPath.into());
    }
    let proof = ReceiptProof::Inclusion { size: head.size(), index, path: proved.proof };
    let receipt = signer.sign(head.root(), proof).map_err(CoseReceiptFailure::OurBug)?;
    let root = receipt
        .verify_inclusion(&proved.leaf, slice::from_ref(signer.public_key()))
        .map_err(CoseReceiptFailure::OurBug)?;
    check(root == *head.root())?;
    Ok(receipt)
}

/// The receipt that the published tree `head` grew out of the tree of `from` leaves.
fn consistency(
    reader: &Reader,
    signer: &ReceiptSigner,
    head: &TreeHead,
    from: TreeSize,
) -> Result<CoseReceipt, ReadError> {
    if from > head.size() {
        return Err(ProveError::Reversed { from, to: head.size() }.into());
    }
    let proved = reader.prove_consistency(from, head.size())?;
    if proved.proof.hashes().is_empty() {
        return Err(CoseReceiptFailure::EmptyPath.into());
    }
    let proof = ReceiptProof::Consistency { from, to: head.size(), path: proved.proof };
    let receipt = signer.sign(head.root(), proof).map_err(CoseReceiptFailure::OurBug)?;
    let root = receipt
        .verify_consistency(&proved.old, slice::from_ref(signer.public_key()))
        .map_err(CoseReceiptFailure::OurBug)?;
    check(root == *head.root())?;
    Ok(receipt)
}

/// The statement of an entry with the receipt that it is in the published tree `head`; `None` beyond its end.
fn transparent(
    reader: &Reader,
    signer: &ReceiptSigner,
    head: &TreeHead,
    index: LeafIndex,
) -> Result<Option<TransparentStatement>, ReadError> {
    let Some(entry) = reader.entry(index)? else { return Ok(None) };
    let receipt = inclusion(reader, signer, head, index)?;
    let leaf = entry.leaf_hash();
    let whole = TransparentStatement::new(entry.into_statement(), vec![receipt])
        .map_err(CoseReceiptFailure::OurBug)?;
    let proved = whole.verify(slice::from_ref(signer.public_key())).map_err(CoseReceiptFailure::OurBug)?;
    check(proved == leaf)?;
    Ok(Some(whole))
}

/// What was proved is what was meant.
fn check(same: bool) -> Result<(), CoseReceiptFailure> {
    match same {
        true => Ok(()),
        false => Err(CoseReceiptFailure::OurBug(CoseReceiptError::Form("it proves another root or leaf"))),
    }
}
