//! Checks statements, proofs, checkpoints and receipts of a Glasshouse ledger.

pub mod cbor;
mod walker;
