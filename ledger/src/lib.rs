//! Makes statements, and builds and stores the log of a Glasshouse ledger. Sync, no HTTP; clock, key and store are
//! passed in.

pub mod admission;
pub mod author;
pub mod clock;
pub mod draft;
mod embedded_state;
pub mod file_store;
pub mod genesis;
pub mod index;
pub mod key_file;
pub mod log_signer;
pub mod memory_store;
pub mod numbering;
pub mod pack;
pub mod pack_writer;
pub mod place;
pub mod prove;
pub mod published;
pub mod reader;
pub mod receipts;
mod refusal;
pub mod registrar;
pub mod rejection;
pub mod right_edge;
mod round;
pub mod stage;
pub mod state;
pub mod store;
pub mod store_contract;
pub mod tile_reader;
mod tile_tree;
pub mod tile_writer;
pub mod tree_files;
pub mod writer;
