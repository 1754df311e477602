//! The bundles of a log, read a bounded number at a time and parsed on all cores, each entry once.

use glasshouse_verifier::bundle::{encode_bundle, parse_bundle};
use glasshouse_verifier::entry::{Entry, EntryError};
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::tile::BundlePath;
use rayon::prelude::*;

use crate::store::{Store, StoreError};

/// Bundles that are looked at together: 4,096 entries, enough to keep every core busy.
const BUNDLES_AT_ONCE: usize = 16;

/// A batch that has so many bytes is full, however few bundles it has. One batch is read, one is judged in its order, and the
/// signatures of one more are checked: some 200 MB for usual entries, and for the longest ones, of which a bundle has 16 MiB,
/// some 600 MB.
const BYTES_AT_ONCE: usize = 16 << 20;

/// One bundle and what could be read of it.
pub(super) struct Bundle {
    pub(super) path: BundlePath,
    /// As it lies; nothing where it is missing.
    pub(super) bytes: Vec<u8>,
    /// Why its entries are not known.
    pub(super) fault: Option<String>,
    /// Its entries in order, each with its leaf hash; none where there is a fault.
    pub(super) entries: Vec<(LeafHash, Result<Entry, EntryError>)>,
}

impl Bundle {
    /// The number of its first entry.
    pub(super) fn first(&self) -> u64 {
        self.path.index() * 256
    }

    /// The entries that parse, each with its place in the log.
    pub(super) fn parsed(&self) -> impl Iterator<Item = (LeafIndex, &Entry)> {
        let numbered = (self.first()..).zip(&self.entries);
        numbered.filter_map(|(number, (_, entry))| Some((LeafIndex::new(number).ok()?, entry.as_ref().ok()?)))
    }

    /// The entry at a place of the log, if it is here and parses.
    pub(super) fn entry(&self, index: LeafIndex) -> Option<&Entry> {
        let at = usize::try_from(index.get().checked_sub(self.first())?).ok()?;
        self.entries.get(at)?.1.as_ref().ok()
    }

    /// Reads what the bytes hold.
    fn of(path: BundlePath, found: Option<Vec<u8>>) -> Bundle {
        let Some(bytes) = found else {
            let fault = Some("is missing".to_owned());
            return Bundle { path, bytes: Vec::new(), fault, entries: Vec::new() };
        };
        let (fault, entries) = match parse_bundle(&bytes, path.width()) {
            Ok(slices) => {
                let read = |bytes: &&[u8]| (LeafHash::of_entry(bytes), Entry::parse(bytes));
                (None, slices.par_iter().map(read).collect())
            }
            Err(error) => (Some(error.to_string()), Vec::new()),
        };
        Bundle { path, bytes, fault, entries }
    }
}

/// Reads the next bundles, at most [`BUNDLES_AT_ONCE`], and gives what `look` makes of each; none when there are no more.
///
/// # Errors
///
/// The first error of the store or of `look`, in the order of the log.
pub(super) fn read_batch<L: Send>(
    store: &dyn Store,
    live: bool,
    paths: &mut (dyn Iterator<Item = BundlePath> + Send),
    look: &(dyn Fn(&Bundle) -> Result<L, StoreError> + Sync),
) -> Result<Vec<(Bundle, L)>, StoreError> {
    let (mut found, mut length) = (Vec::new(), 0);
    while found.len() < BUNDLES_AT_ONCE && length < BYTES_AT_ONCE {
        let Some(path) = paths.next() else { break };
        let bytes = read_bundle(store, path, live)?;
        length += bytes.as_ref().map_or(0, Vec::len);
        found.push((path, bytes));
    }
    let looked = found.into_par_iter().with_max_len(1).map(|(path, bytes)| {
        let bundle = Bundle::of(path, bytes);
        let looked = look(&bundle)?;
        Ok((bundle, looked))
    });
    // All of them, or the first error in their order would depend on the threads.
    looked.collect::<Vec<_>>().into_iter().collect()
}

/// The bundle as wide as the size has it; beside a server perhaps cut from the full one, which has replaced it.
fn read_bundle(store: &dyn Store, path: BundlePath, live: bool) -> Result<Option<Vec<u8>>, StoreError> {
    let found = store.get(&path.encode())?;
    if found.is_some() || !live {
        return Ok(found);
    }
    let full = store.get(&path.full().encode())?.unwrap_or_default();
    let entries = parse_bundle(&full, 256).unwrap_or_default();
    Ok(entries.get(..usize::from(path.width())).and_then(|entries| encode_bundle(entries).ok()))
}
