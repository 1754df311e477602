//! What a ledger that is behind asks of a mirror. Somebody else fetches; nothing that comes back is believed.

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::hash::{Digest, NodeHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::{BundlePath, Tile, TilePath};

use crate::prove::prove_consistency;
use crate::tile_reader::{ReadTileError, TileReader};

/// A copy of this log that somebody serves (c2sp.org/tlog-tiles, c2sp.org/tlog-addenda).
pub trait Mirror {
    /// What to call it in errors: its URL.
    fn name(&self) -> String;

    /// Its newest checkpoint, a signed note of at most 256 KiB.
    ///
    /// # Errors
    ///
    /// [`MirrorError`]: there is no answer, or another one.
    fn checkpoint(&self) -> Result<Vec<u8>, MirrorError>;

    /// The bytes of an entry bundle, at most 256 entries of 65,535 bytes; `None` if it has no such file.
    ///
    /// # Errors
    ///
    /// [`MirrorError`], also for more bytes.
    fn bundle(&self, path: BundlePath) -> Result<Option<Vec<u8>>, MirrorError>;

    /// The bytes of a tile, at most 8 KiB; `None` if it has no such file.
    ///
    /// # Errors
    ///
    /// [`MirrorError`], also for more bytes.
    fn tile(&self, path: TilePath) -> Result<Option<Vec<u8>>, MirrorError>;

    /// The text with this digest, at most 1 MiB.
    ///
    /// # Errors
    ///
    /// [`MirrorError`], also if it knows of no such text.
    fn addendum(&self, digest: &Digest) -> Result<MirrorText, MirrorError>;
}

/// What a mirror says about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MirrorText {
    /// Its bytes.
    Served(Vec<u8>),
    /// Its issuer keeps it.
    Withheld,
    /// It was erased.
    Redacted,
}

/// Why a mirror gave no usable answer; the words name what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MirrorError(pub String);

/// Whether the mirror's tiles prove that the tree it shows as signed does not begin with ours.
///
/// `false` proves nothing: the tiles may be wrong as well.
pub(crate) fn contradicts(mirror: &dyn Mirror, signed: &SignedCheckpoint, ours: &TreeHead) -> bool {
    let size = signed.head().size();
    let tiles = MirrorTiles { mirror, size };
    // The proof holds between the two trees that the tiles give; the greater one must be the signed one.
    prove_consistency(&tiles, ours.size(), size)
        .is_ok_and(|proved| proved.new.0 == *signed.head() && proved.old.0 != *ours)
}

/// The tiles of a mirror whose tree has at least `size` leaves.
struct MirrorTiles<'a> {
    mirror: &'a dyn Mirror,
    size: TreeSize,
}

impl TileReader for MirrorTiles<'_> {
    fn read_tile(&self, path: TilePath) -> Result<Vec<NodeHash>, ReadTileError> {
        let missing = || ReadTileError::Missing(path.encode());
        let nodes = self.size.get() >> (8 * u32::from(path.level())).min(63);
        let there = nodes.saturating_sub(path.index().saturating_mul(256)).min(256);
        let widest = TilePath::new(path.level(), path.index(), u16::try_from(there).unwrap_or(256))?;
        // The mirror may have grown meanwhile, and dropped the partial tile.
        for candidate in [widest, widest.full()] {
            let Some(bytes) = self.mirror.tile(candidate).map_err(|_| missing())? else { continue };
            let tile = Tile::parse(&bytes, candidate.width())
                .map_err(|rule| ReadTileError::Damaged { path: candidate.encode(), rule })?;
            let hashes = tile.hashes().get(..usize::from(path.width()));
            return hashes.map(<[NodeHash]>::to_vec).ok_or_else(missing);
        }
        Err(missing())
    }
}
