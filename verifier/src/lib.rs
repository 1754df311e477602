//! Checks statements, proofs, checkpoints and receipts of a Glasshouse ledger.

pub mod bounds;
pub mod bundle;
pub mod cbor;
mod cbor_error;
pub mod checkpoint;
pub mod claims;
pub mod consistency;
pub mod cosignature;
pub mod fault;
pub mod frontier;
pub mod hash;
pub mod head;
pub mod inclusion;
pub mod issuer;
pub mod key;
pub mod note;
pub mod origin;
pub mod size;
pub mod subject;
pub mod submission;
pub mod tile;
pub mod vkey;
mod walker;
