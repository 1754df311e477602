//! Published entries, read one after the other. The bundle that was read last is kept, so that neighbours cost one
//! reading of the disk.

use std::sync::Arc;

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::tile::TilePath;

use crate::current::Entries;
use crate::published::Shared;
use crate::reader::ReadError;
use crate::tile_reader::TileReader;
use crate::tree_files::{BUNDLE, TreeFiles, TreeFilesError};

/// Reads entries up to the newest published tree, also one that was published meanwhile: whatever a state names is
/// there. It holds one bundle, at most 16 MiB.
#[derive(Debug)]
pub struct EntryCursor {
    shared: Arc<Shared>,
    files: TreeFiles,
    held: Option<(u64, Vec<Vec<u8>>)>,
}

impl EntryCursor {
    pub(crate) fn new(shared: Arc<Shared>, files: TreeFiles) -> EntryCursor {
        EntryCursor { shared, files, held: None }
    }

    /// How many entries the newest published tree has.
    pub fn size(&self) -> TreeSize {
        self.shared.current().head().size()
    }

    /// The bytes of an entry from the bundle that is held, if they are there.
    fn held(&self, bundle: u64, place: usize) -> Option<&Vec<u8>> {
        self.held.as_ref().filter(|(held, _)| *held == bundle).and_then(|(_, entries)| entries.get(place))
    }

    /// Reads a bundle as far as it was published, each entry checked against its leaf hash in the tree.
    fn load(&mut self, bundle: u64, size: TreeSize) -> Result<(), ReadError> {
        let entries = self.files.entries(size, bundle)?;
        if let Ok(width @ 1..) = u16::try_from(entries.len()) {
            let path = TilePath::new(0, bundle, width).map_err(TreeFilesError::from)?;
            let leaves = self.files.tiles(size).read_tile(path).map_err(TreeFilesError::from)?;
            for ((index, bytes), leaf) in (bundle * BUNDLE..).zip(&entries).zip(&leaves) {
                if LeafHash::of_entry(bytes).to_node() != *leaf {
                    let index = LeafIndex::new(index).unwrap_or(LeafIndex::ZERO);
                    return Err(TreeFilesError::OtherEntry(index).into());
                }
            }
        }
        self.held = Some((bundle, entries));
        Ok(())
    }
}

impl Entries for EntryCursor {
    type Error = ReadError;

    fn entry(&mut self, index: LeafIndex) -> Result<Option<Entry>, ReadError> {
        let (bundle, place) =
            (index.get() / BUNDLE, usize::try_from(index.get() % BUNDLE).unwrap_or(usize::MAX));
        if self.held(bundle, place).is_none() {
            let size = self.size();
            if !index.is_in(size) {
                return Ok(None);
            }
            self.load(bundle, size)?;
        }
        let Some(bytes) = self.held(bundle, place) else { return Ok(None) };
        let entry = Entry::parse(bytes);
        entry.map(Some).map_err(|error| ReadError::BadEntry { index, rule: error.to_string() })
    }
}
