//! Tiles and bundles of a log, as it has to serve them: a partial one, or the full one that it has grown into since.

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::hash::RootHash;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::{BundlePath, Tile, TilePath, partial_tiles_of};

use super::any_checkpoint::AnyCheckpoint;
use super::wire::{Reply, Wire};
use crate::answer::Trouble;

/// How wide a tile of a tree of `size` is; 0 where there is none.
pub(crate) fn width_of(size: u64, level: u8, index: u64) -> u16 {
    let nodes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
    u16::try_from(nodes.saturating_sub(index.saturating_mul(256)).min(256)).unwrap_or(256)
}

/// An answer that holds as many hashes or entries as were asked for, or more behind them.
pub(crate) struct Published {
    /// The path that answered.
    pub(crate) name: String,
    /// The answer.
    pub(crate) reply: Reply,
    /// How many were asked for.
    width: u16,
    /// How many the path promises.
    promised: u16,
}

impl Published {
    /// GET of a tile, in whatever status.
    pub(crate) fn tile(wire: &Wire, path: TilePath) -> Result<Published, Trouble> {
        Self::get(wire, path.width(), path.encode(), path.full().encode())
    }

    /// GET of a bundle, in whatever status.
    pub(crate) fn bundle(wire: &Wire, path: BundlePath) -> Result<Published, Trouble> {
        Self::get(wire, path.width(), path.encode(), path.full().encode())
    }

    /// A log may drop a partial one, but only once the full one is there (tlog-tiles, Partial Tiles).
    fn get(wire: &Wire, width: u16, name: String, full: String) -> Result<Published, Trouble> {
        let reply = wire.plain(&name)?;
        if reply.status != 200 && name != full {
            let whole = wire.plain(&full)?;
            if whole.status == 200 {
                return Ok(Published { name: full, reply: whole, width, promised: 256 });
            }
        }
        Ok(Published { name, reply, width, promised: width })
    }

    /// Whether it is there.
    pub(crate) fn is_served(&self) -> Result<(), String> {
        if self.reply.status == 200 {
            return Ok(());
        }
        let full = if self.width < 256 { ", and the full one is not there either" } else { "" };
        Err(format!("{}: the status is {}{full}", self.name, self.reply.status))
    }

    /// The hashes that were asked for, where it is a tile.
    pub(crate) fn hashes(&self) -> Result<Tile, String> {
        let read = || {
            let tile = Tile::parse(&self.reply.plain()?, self.promised).map_err(|error| error.to_string())?;
            let hashes = tile.hashes().iter().take(usize::from(self.width)).copied().collect();
            Tile::new(hashes).map_err(|error| error.to_string())
        };
        read().map_err(|why| format!("{}: {why}", self.name))
    }

    /// The entries that were asked for, where it is a bundle.
    pub(crate) fn entries(&self) -> Result<Vec<Vec<u8>>, String> {
        let read = || {
            let bytes = self.reply.plain()?;
            let entries = parse_bundle(&bytes, self.promised).map_err(|error| error.to_string())?;
            Ok(entries.into_iter().take(usize::from(self.width)).map(<[u8]>::to_vec).collect())
        };
        read().map_err(|why: String| format!("{}: {why}", self.name))
    }
}

/// Whether the tiles of a tree of `size`, which is no smaller than the checkpoint's, lead to the checkpoint's root.
pub(crate) fn tiles_lead_to(
    wire: &Wire,
    size: TreeSize,
    checkpoint: &AnyCheckpoint,
) -> Result<Result<(), String>, Trouble> {
    Ok(match root_by_tiles(wire, size, checkpoint.size)? {
        Ok(root) if root == checkpoint.root => Ok(()),
        Ok(root) => Err(format!(
            "at size {} they lead to {root}, and {} was signed",
            checkpoint.size, checkpoint.root
        )),
        Err(why) => Err(why),
    })
}

/// The root of the first `part` entries of a tree of `size`. The partial tiles of `part` are the whole of its right edge: the hash of
/// all that hangs below a level is one more hash at the end of the next one's tile (RFC 6962 section 2.1).
fn root_by_tiles(wire: &Wire, size: TreeSize, part: TreeSize) -> Result<Result<RootHash, String>, Trouble> {
    let mut edge = None;
    for path in partial_tiles_of(part) {
        let width = width_of(size.get(), path.level(), path.index());
        let Ok(wide) = TilePath::new(path.level(), path.index(), width) else {
            return Ok(Err(format!("a tree of size {size} has no {}", path.encode())));
        };
        let served = Published::tile(wire, wide)?;
        let tile = match served.is_served().and_then(|()| served.hashes()) {
            Ok(tile) => tile,
            Err(why) => return Ok(Err(why)),
        };
        let own = tile.hashes().iter().take(usize::from(path.width())).copied();
        match Tile::new(own.chain(edge).collect()) {
            Ok(tile) => edge = Some(tile.root()),
            Err(error) => return Ok(Err(error.to_string())),
        }
    }
    Ok(Ok(edge.map_or_else(RootHash::empty, |edge| edge.to_root())))
}
