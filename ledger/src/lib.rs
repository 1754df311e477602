//! Makes statements, and builds and stores the log of a Glasshouse ledger. Sync, no HTTP; clock, key and store are
//! passed in.

pub mod admission;
pub mod author;
pub mod catch_up;
pub mod clock;
<<<<<<< HEAD
pub mod current;
=======
mod conflict;
>>>>>>> main
pub mod draft;
mod embedded_state;
pub mod entry_cursor;
pub mod evidence;
pub mod file_store;
pub mod fsck;
pub mod genesis;
pub mod half_made;
mod history;
pub mod index;
pub mod key_file;
pub mod ledger;
pub mod log_signer;
pub mod memory_store;
pub mod mirror;
pub mod numbering;
pub mod open;
pub mod pack;
pub mod pack_writer;
mod past_entries;
pub mod place;
pub mod prove;
pub mod published;
pub mod query;
pub mod reader;
pub mod receipts;
pub mod recover;
mod refusal;
pub mod refused;
pub mod registrar;
pub mod rejection;
pub mod right_edge;
mod round;
mod sled_lock;
pub mod stage;
pub mod state;
pub mod store;
pub mod store_contract;
mod texts;
pub mod tile_reader;
mod tile_tree;
pub mod tile_writer;
pub mod tree_files;
pub mod writer;
