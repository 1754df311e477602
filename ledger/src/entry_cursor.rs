//! Entries of one published tree, read one after the other. The bundle that was read last is kept, so that neighbours
//! cost one reading of the disk.

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::tile::TilePath;

use crate::current::Entries;
use crate::reader::ReadError;
use crate::tile_reader::TileReader;
use crate::tree_files::{BUNDLE, TreeFiles, TreeFilesError};

/// Reads entries of a tree of one size. It holds one bundle, at most 16 MiB.
#[derive(Debug)]
pub struct EntryCursor {
    files: TreeFiles,
    size: TreeSize,
    held: Option<(u64, Vec<Vec<u8>>)>,
}

impl EntryCursor {
    pub(crate) fn new(files: TreeFiles, size: TreeSize) -> EntryCursor {
        EntryCursor { files, size, held: None }
    }

    /// How many entries the tree has.
    pub fn size(&self) -> TreeSize {
        self.size
    }

    /// The entries of a bundle, each checked against its leaf hash in the tree.
    fn bundle(&mut self, number: u64) -> Result<&[Vec<u8>], ReadError> {
        if self.held.as_ref().is_none_or(|(held, _)| *held != number) {
            let entries = self.files.entries(self.size, number)?;
            if let Ok(width @ 1..) = u16::try_from(entries.len()) {
                let path = TilePath::new(0, number, width).map_err(TreeFilesError::from)?;
                let leaves = self.files.tiles(self.size).read_tile(path).map_err(TreeFilesError::from)?;
                for ((index, bytes), leaf) in (number * BUNDLE..).zip(&entries).zip(&leaves) {
                    if LeafHash::of_entry(bytes).to_node() != *leaf {
                        let index = LeafIndex::new(index).unwrap_or(LeafIndex::ZERO);
                        return Err(TreeFilesError::OtherEntry(index).into());
                    }
                }
            }
            self.held = Some((number, entries));
        }
        Ok(self.held.as_ref().map_or(&[], |(_, entries)| entries))
    }
}

impl Entries for EntryCursor {
    type Error = ReadError;

    fn entry(&mut self, index: LeafIndex) -> Result<Option<Entry>, ReadError> {
        if !index.is_in(self.size) {
            return Ok(None);
        }
        let place = usize::try_from(index.get() % BUNDLE).unwrap_or(usize::MAX);
        let Some(bytes) = self.bundle(index.get() / BUNDLE)?.get(place) else { return Ok(None) };
        let entry = Entry::parse(bytes);
        entry.map(Some).map_err(|error| ReadError::BadEntry { index, rule: error.to_string() })
    }
}
