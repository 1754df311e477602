//! Makes statements, and builds and stores the log of a Glasshouse ledger. Sync, no HTTP; clock, key and store are
//! passed in.

pub mod admission;
pub mod author;
pub mod clock;
pub mod draft;
mod embedded_state;
pub mod file_store;
pub mod key_file;
pub mod log_signer;
pub mod memory_store;
pub mod place;
pub mod prove;
mod refusal;
pub mod registrar;
pub mod rejection;
pub mod right_edge;
pub mod stage;
pub mod state;
pub mod store;
pub mod store_contract;
pub mod tile_reader;
mod tile_tree;
pub mod tile_writer;
