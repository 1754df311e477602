//! The European database of statements of reasons (Regulation (EU) 2022/2065, Article 24(5)), both ways: its dumps
//! become lines for `publish`, and a log becomes dumps (spec/european.md).

pub mod bodies;
pub mod checksum;
pub mod daily;
pub mod dialect;
pub mod dump;
pub mod dump_writer;
pub mod effective;
pub mod export;
pub mod intake;
pub mod layout;
pub mod line;
pub mod partial;
pub mod recent;
pub mod row;
pub mod rows;
pub mod window;
