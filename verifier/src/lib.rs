//! Checks statements, proofs, checkpoints and receipts of a Glasshouse ledger.

pub mod bounds;
pub mod bundle;
pub mod cbor;
pub mod checkpoint;
pub mod consistency;
pub mod cosignature;
pub mod fault;
pub mod frontier;
pub mod hash;
pub mod head;
pub mod inclusion;
pub mod note;
pub mod origin;
pub mod size;
pub mod tile;
pub mod vkey;
mod walker;
