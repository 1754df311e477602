//! Transparent statements (RFC 9943): a statement that carries COSE receipts in its unprotected header.
//!
//! The signature does not cover that header, and the log knows the statement without it: the entry, and so the leaf hash,
//! follow from the bare statement, whose unprotected header is an empty map.

use crate::bounds::{COSE_RECEIPTS_MAX, TRANSPARENT_MAX};
use crate::cbor::{self, Item, Walker};
use crate::cose::{SIGN1_HEAD, assemble, put_bytes};
use crate::cose_receipt::{CoseReceipt, RECEIPTS};
use crate::cose_receipt_error::CoseReceiptError;
use crate::entry::Entry;
use crate::hash::LeafHash;
use crate::key::PublicKey;
use crate::statement::Statement;

/// A statement and 1 to 8 receipts of its log. No signature is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransparentStatement {
    statement: Statement,
    receipts: Vec<CoseReceipt>,
}

impl TransparentStatement {
    /// Joins a statement and its receipts.
    ///
    /// # Errors
    ///
    /// No receipt, or more than 8; one of another log than the statement is meant for.
    pub fn new(
        statement: Statement,
        receipts: Vec<CoseReceipt>,
    ) -> Result<TransparentStatement, CoseReceiptError> {
        if receipts.is_empty() || receipts.len() > COSE_RECEIPTS_MAX {
            return Err(CoseReceiptError::Form("a transparent statement has 1 to 8 receipts"));
        }
        let aud = &statement.claims().aud;
        if let Some(other) = receipts.iter().find(|receipt| receipt.origin() != aud) {
            let (aud, receipt) = (aud.clone(), other.origin().clone());
            return Err(CoseReceiptError::Audience { aud, receipt });
        }
        Ok(TransparentStatement { statement, receipts })
    }

    /// Reads `d2 84 protected {394: [receipt ...]} payload signature` in its one spelling.
    pub fn parse(bytes: &[u8]) -> Result<TransparentStatement, CoseReceiptError> {
        if bytes.len() > TRANSPARENT_MAX {
            return Err(CoseReceiptError::Form("more bytes than a statement with 8 receipts has"));
        }
        let mut walker = Walker::new(bytes);
        walker.literal(&SIGN1_HEAD)?;
        let protected = walker.bytes()?;
        let unprotected = cbor::decode(walker.skip()?)?;
        let payload = walker.bytes()?;
        let signature = walker.bytes_of()?;
        walker.finish()?;
        let form = CoseReceiptError::Form("the unprotected header is not {394: [receipt in a byte string]}");
        let [(Item::Integer(RECEIPTS), Item::Array(items))] = unprotected.as_map().unwrap_or_default() else {
            return Err(form);
        };
        if items.len() > COSE_RECEIPTS_MAX {
            return Err(CoseReceiptError::Form("a transparent statement has 1 to 8 receipts"));
        }
        let receipts = items.iter().map(|item| CoseReceipt::parse(item.as_bytes().ok_or(form.clone())?));
        let receipts = receipts.collect::<Result<Vec<_>, _>>()?;
        // The bare statement is read as any other. All parts have one spelling each, and so has the whole.
        let statement = Statement::parse(&assemble(protected, payload, signature))?;
        let whole = TransparentStatement::new(statement, receipts)?;
        if whole.encode() != bytes {
            return Err(CoseReceiptError::Form("not in its one spelling"));
        }
        Ok(whole)
    }

    /// The bytes that [`TransparentStatement::parse`] reads.
    pub fn encode(&self) -> Vec<u8> {
        let receipts = self.receipts.iter().map(|receipt| Item::bytes(receipt.encode())).collect();
        let unprotected = Item::Map(vec![(Item::Integer(RECEIPTS), Item::Array(receipts))]);
        let mut out = SIGN1_HEAD.to_vec();
        put_bytes(&mut out, self.statement.protected_bytes());
        out.extend_from_slice(&cbor::encode(&unprotected));
        put_bytes(&mut out, self.statement.payload_bytes());
        put_bytes(&mut out, self.statement.signature());
        out
    }

    /// The bare statement.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The receipts, in the order in which they stand.
    pub fn receipts(&self) -> &[CoseReceipt] {
        &self.receipts
    }

    /// Checks every receipt under the keys that the caller trusts for the log's receipts; the answer is the leaf hash by
    /// which the log knows the statement. That the provider signed it is another question: [`Statement::verify`].
    pub fn verify(&self, keys: &[PublicKey]) -> Result<LeafHash, CoseReceiptError> {
        let leaf = Entry::from_statement(&self.statement)?.leaf_hash();
        for receipt in &self.receipts {
            receipt.verify_inclusion(&leaf, keys)?;
        }
        Ok(leaf)
    }
}
