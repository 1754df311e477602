//! Reads what the log says from its entries: who is enrolled, which numbers are taken, how many there are of what.
//! Memory does not grow with the log: it is read some bundles at a time, on all cores.

use std::ops::Range;

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::{LeafHash, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::past::Past;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::registry_error::RegistryError;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::tile::TilePath;
use rayon::prelude::*;

use crate::index::Index;
use crate::pack::PackError;
use crate::past_entries::{PastEntries, Patience};
use crate::published::Stats;
use crate::texts;
use crate::tile_reader::TileReader;
use crate::tree_files::{BUNDLE, TreeFiles, TreeFilesError};

/// Bundles that are read and parsed at once.
const AT_ONCE: u64 = 16;

/// What the entries of a tree say.
#[derive(Debug)]
pub(crate) struct History {
    pub(crate) registry: Registry,
    pub(crate) stats: Stats,
}

/// Why a log cannot be read again.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// A file.
    #[error(transparent)]
    Files(#[from] TreeFilesError),
    /// A pack of texts.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// A text that an entry serves is gone without a trace.
    #[error(
        "entry {index}: its text {field} is not in {pack}, where it lies or is marked as erased; copy that file from a \
         backup or a mirror"
    )]
    TextMissing {
        /// The entry.
        index: u64,
        /// Which of its texts.
        field: String,
        /// The pack where it belongs.
        pack: String,
    },
    /// Bytes that are no entry of ours.
    #[error("entry {index}: {rule}")]
    Entry {
        /// The entry.
        index: u64,
        /// What it breaks.
        rule: String,
    },
    /// The entries are those of another tree.
    #[error("the {size} entries give the root {found}, the signed root is {signed}")]
    OtherRoot {
        /// The tree's size.
        size: TreeSize,
        /// The root that was signed.
        signed: RootHash,
        /// The root that the entries give.
        found: RootHash,
    },
    /// An entry that cannot stand at its place.
    #[error("entry {index}: {rule}")]
    Order {
        /// The entry.
        index: u64,
        /// What it breaks.
        rule: RegistryError,
    },
}

impl History {
    /// Reads the entries of a tree, each checked against its leaf hash in the tiles, and all of them against the signed
    /// root: so no entry counts that was not signed for. Every text that an entry serves must have its record. Signatures
    /// were checked at admission, and `fsck` checks them and the texts' bytes again.
    pub(crate) fn read(
        files: &TreeFiles,
        index: &Index,
        origin: &Origin,
        head: &TreeHead,
    ) -> Result<History, HistoryError> {
        let past = PastEntries::new(*head, files, index, Patience::Whole);
        let size = head.size();
        let mut tree = Frontier::new();
        let mut history = History { registry: Registry::new(origin.clone()), stats: Stats::default() };
        let bundles = size.get().div_ceil(BUNDLE);
        let mut next = 0;
        while next < bundles {
            let end = bundles.min(next + AT_ONCE);
            for (leaf, entry) in read_bundles(files, size, next..end)? {
                history.take(&entry, &past)?;
                // No tree of ours has more leaves than fit; a shorter one has another root.
                if tree.push(leaf).is_err() {
                    break;
                }
            }
            next = end;
        }
        if tree.root() != *head.root() {
            return Err(HistoryError::OtherRoot { size, signed: *head.root(), found: tree.root() });
        }
        Ok(history)
    }

    fn take(&mut self, entry: &Entry, past: &dyn Past) -> Result<(), HistoryError> {
        let index = self.registry.size();
        let place =
            LeafIndex::new(index).map_err(|error| HistoryError::Entry { index, rule: error.to_string() })?;
        let taken = self.registry.apply(place, entry.statement(), past);
        taken.map_err(|rule| HistoryError::Order { index, rule })?;
        self.stats.count(entry.statement());
        Ok(())
    }
}

type Leaf = (LeafHash, Entry);

fn read_bundles(files: &TreeFiles, size: TreeSize, bundles: Range<u64>) -> Result<Vec<Leaf>, HistoryError> {
    let read: Vec<Vec<Leaf>> =
        bundles.into_par_iter().map(|bundle| read_bundle(files, size, bundle)).collect::<Result<_, _>>()?;
    Ok(read.into_iter().flatten().collect())
}

fn read_bundle(files: &TreeFiles, size: TreeSize, bundle: u64) -> Result<Vec<Leaf>, HistoryError> {
    let entries = files.entries(size, bundle)?;
    let width = u16::try_from(entries.len()).unwrap_or(256);
    let path = TilePath::new(0, bundle, width).map_err(TreeFilesError::from)?;
    let leaves = files.tiles(size).read_tile(path).map_err(TreeFilesError::from)?;
    let mut parsed = Vec::with_capacity(entries.len());
    for ((index, bytes), leaf) in (bundle * BUNDLE..).zip(&entries).zip(&leaves) {
        let hash = LeafHash::of_entry(bytes);
        if hash.to_node() != *leaf {
            let rule = "not the one whose hash is in the tree".to_owned();
            return Err(HistoryError::Entry { index, rule });
        }
        let entry =
            Entry::parse(bytes).map_err(|error| HistoryError::Entry { index, rule: error.to_string() })?;
        parsed.push((hash, entry));
    }
    texts::check_there(files.store(), bundle, &parsed)?;
    Ok(parsed)
}
