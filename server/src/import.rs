//! Other people's registers, turned into lines that `publish` takes.

pub mod dialect;
pub mod dsa_tdb;
pub mod rows;
