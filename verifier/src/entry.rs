//! An entry of the log: a statement, and where its addendum digests stand in it (c2sp.org/tlog-addenda).
//!
//! `statement ‖ offset (u32, big-endian) … ‖ count (u8)`. The index follows from the statement alone, so that a
//! provider knows its leaf hash before it submits.

use thiserror::Error;

use crate::bounds::ENTRY_MAX;
use crate::cbor::{CborError, Major, Walker};
use crate::fault::Fault;
use crate::hash::LeafHash;
use crate::statement::{Statement, StatementError};

/// Why bytes are no entry, or a statement makes none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EntryError {
    /// More than 65,535 bytes.
    #[error("entry: {0} bytes, where at most 65,535 are allowed")]
    TooLarge(usize),
    /// What stands before the index is no statement.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The index is not exactly the places of the digests in `addenda`, ascending, and their count.
    #[error("entry: offsets: not exactly the places of the addendum digests, ascending, and their count")]
    Offsets,
}

impl EntryError {
    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        match self {
            EntryError::TooLarge(_) => "entry-too-large",
            EntryError::Statement(error) => error.slug(),
            EntryError::Offsets => "offsets",
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            EntryError::Statement(error) => error.fault(),
            _ => Fault::HostileInput,
        }
    }
}

/// An entry. The signature of its statement is not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// With the index behind its bytes, so that these stand in memory once.
    statement: Statement,
}

impl Entry {
    /// The entry of a statement; copies it.
    pub fn from_statement(statement: &Statement) -> Result<Entry, EntryError> {
        Entry::of(statement.clone())
    }

    /// The entry of a statement.
    pub fn of(mut statement: Statement) -> Result<Entry, EntryError> {
        let offsets = statement.digest_offsets();
        let length = statement.bytes().len() + 4 * offsets.len() + 1;
        // A payload has at most 32 addenda; the count would fit in any case.
        let count = u8::try_from(offsets.len()).map_err(|_| EntryError::TooLarge(length))?;
        if length > ENTRY_MAX {
            return Err(EntryError::TooLarge(length));
        }
        statement.put_index(count);
        Ok(Entry { statement })
    }

    /// Reads an entry: its statement, then exactly the index that follows from it.
    pub fn parse(bytes: &[u8]) -> Result<Entry, EntryError> {
        if bytes.len() > ENTRY_MAX {
            return Err(EntryError::TooLarge(bytes.len()));
        }
        let end = statement_end(bytes).map_err(StatementError::Cbor)?;
        let entry = Entry::of(Statement::parse(&bytes[..end])?)?;
        if entry.bytes() == bytes { Ok(entry) } else { Err(EntryError::Offsets) }
    }

    /// The bytes that the log holds.
    pub fn bytes(&self) -> &[u8] {
        self.statement.bytes_with_index()
    }

    /// The statement in it.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The statement alone.
    pub fn into_statement(self) -> Statement {
        self.statement
    }

    /// SHA-256(0x00 ‖ entry) (RFC 6962 §2.1).
    pub fn leaf_hash(&self) -> LeafHash {
        LeafHash::of_entry(self.bytes())
    }
}

/// The statement's own heads say where it ends.
fn statement_end(bytes: &[u8]) -> Result<usize, CborError> {
    let mut walker = Walker::new(bytes);
    if walker.peek()? == Major::Tag {
        walker.head()?;
    }
    walker.skip()?;
    Ok(walker.offset())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::example;

    fn entry() -> Entry {
        Entry::of(Statement::parse(&example::statement()).unwrap()).unwrap()
    }

    #[test]
    fn an_entry_is_its_statement_and_the_places_of_its_digests() {
        let entry = entry();
        let statement = entry.statement().bytes();
        let (front, index) = entry.bytes().split_at(statement.len());
        assert_eq!((front, index.len(), index[8]), (statement, 9, 2));
        let at = u32::from_be_bytes(index[..4].try_into().unwrap()) as usize;
        assert_eq!(&statement[at..at + 32], example::addenda()[0].digest().as_bytes());
        assert_eq!(Entry::parse(entry.bytes()).unwrap(), entry);
        // Of a statement that has an index behind it already.
        assert_eq!(Entry::from_statement(entry.statement()).unwrap().bytes(), entry.bytes());
    }

    #[test]
    fn any_other_index_is_refused() {
        let good = entry().bytes().to_vec();
        let end = good.len();
        let mut swapped = good.clone();
        swapped[end - 9..end - 1].rotate_left(4);
        let mut fewer = good[..end - 5].to_vec();
        fewer.push(1);
        for wrong in [&good[..end - 9], &good[..end - 1], &swapped, &fewer, &[&good[..], &[0]].concat()] {
            assert_eq!(Entry::parse(wrong), Err(EntryError::Offsets));
        }
        for byte in end - 9..end {
            let mut changed = good.clone();
            changed[byte] ^= 1;
            assert_eq!(Entry::parse(&changed), Err(EntryError::Offsets), "byte {byte}");
        }
    }

    #[test]
    fn an_entry_has_at_most_65_535_bytes() {
        assert_eq!(Entry::parse(&[0; 65_536]), Err(EntryError::TooLarge(65_536)));
    }
}
