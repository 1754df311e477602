//! Signs COSE receipts (RFC 9942) with the log's receipt key, which signs nothing else.

use glasshouse_verifier::cose_receipt::{CoseReceipt, ReceiptProof};
use glasshouse_verifier::cose_receipt_error::CoseReceiptError;
use glasshouse_verifier::hash::RootHash;
use glasshouse_verifier::key::{KeyError, PublicKey};
use glasshouse_verifier::origin::Origin;

use crate::key_file::SecretKey;

/// The receipt key with the log's name.
#[derive(Debug, Clone)]
pub struct ReceiptSigner {
    origin: Origin,
    key: SecretKey,
    public: PublicKey,
}

impl ReceiptSigner {
    /// Joins the log's name and the key.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the public half is one that no verifier accepts; the clamped scalars of RFC 8032 give none.
    pub fn new(origin: Origin, key: SecretKey) -> Result<ReceiptSigner, KeyError> {
        let public = PublicKey::from_bytes(key.public_bytes())?;
        Ok(ReceiptSigner { origin, key, public })
    }

    /// The key that checks its receipts.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// A receipt over that root. The caller sees to it that the root is published, and checks what comes out.
    pub(crate) fn sign(&self, root: &RootHash, proof: ReceiptProof) -> Result<CoseReceipt, CoseReceiptError> {
        let kid = self.public.kid();
        let signature = self.key.sign(&CoseReceipt::to_sign(&kid, &self.origin, root));
        CoseReceipt::new(kid, self.origin.clone(), proof, signature)
    }
}
