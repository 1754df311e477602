//! Tiles: those at the edges of the tree and one in the middle of each level, and whether they lead to the signed root.

use glasshouse_verifier::hash::NodeHash;
use glasshouse_verifier::tile::{Tile, TilePath};

use super::any_checkpoint::AnyCheckpoint;
use super::checkpoint_checks::has_status;
use super::report::{Demand, Report};
use super::wire::{Reply, Wire};
use crate::answer::Trouble;
use crate::source::Source;
use crate::tile_nodes::TileNodes;

/// Levels with more than nothing in them, at 2^53 entries.
const LEVELS: u8 = 7;

/// How wide a tile of a tree of `size` is; 0 where there is none.
pub(crate) fn width_of(size: u64, level: u8, index: u64) -> u16 {
    let nodes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
    u16::try_from(nodes.saturating_sub(index.saturating_mul(256)).min(256)).unwrap_or(256)
}

/// The first, a middle and the last two tiles of each level.
fn sample(size: u64) -> Vec<TilePath> {
    let mut paths = Vec::new();
    for level in 0..LEVELS {
        let tiles = size.checked_shr(8 * u32::from(level)).unwrap_or(0).div_ceil(256);
        let mut picked = vec![0, tiles / 2, tiles.saturating_sub(2), tiles.saturating_sub(1)];
        picked.sort_unstable();
        picked.dedup();
        for index in picked.into_iter().filter(|index| *index < tiles) {
            paths.extend(TilePath::new(level, index, width_of(size, level, index)));
        }
    }
    paths
}

/// What is wrong with an answer that should hold immutable bytes.
pub(crate) fn judge_bytes(reply: &Reply, path: &str, faults: &mut Faults) {
    let kind = reply.header("content-type");
    if kind != "application/octet-stream" {
        faults.kind.get_or_insert(format!("{path}: it is {kind:?}"));
    }
    if !reply.is_cached_long() {
        faults.cache.get_or_insert(format!("{path}: Cache-Control is {:?}", reply.header("cache-control")));
    }
    if reply.header("access-control-allow-origin") != "*" {
        faults.cors.get_or_insert(format!("{path}: the header is missing"));
    }
}

/// The first resource that breaks each rule.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) served: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) cache: Option<String>,
    pub(crate) cors: Option<String>,
    pub(crate) form: Option<String>,
}

/// Reads the sample and judges it.
pub(crate) fn run(wire: &Wire, newest: &AnyCheckpoint, report: &mut Report) -> Result<(), Trouble> {
    let size = newest.size.get();
    let mut faults = Faults::default();
    let mut tiles = Vec::new();
    for path in sample(size) {
        let name = path.encode();
        let reply = wire.plain(&name)?;
        if let Err(why) = has_status(&reply, 200) {
            faults.served.get_or_insert(format!("{name}: {why}"));
            continue;
        }
        judge_bytes(&reply, &name, &mut faults);
        match reply
            .plain()
            .and_then(|bytes| Tile::parse(&bytes, path.width()).map_err(|error| error.to_string()))
        {
            Ok(tile) => tiles.push((path, tile)),
            Err(why) => drop(faults.form.get_or_insert(format!("{name}: {why}"))),
        }
    }
    let kept = |fault: Option<String>| fault.map_or(Ok(()), Err);
    let count = tiles.len();
    report.check(
        Demand::Must,
        "tile.served",
        "every tile of the checkpoint's tree answers 200 (tlog-tiles, Merkle Tree)",
        kept(faults.served),
    );
    report.check(
        Demand::Must,
        "tile.type",
        "tiles are application/octet-stream (tlog-tiles, Merkle Tree)",
        kept(faults.kind),
    );
    report.check(
        Demand::Must,
        "tile.width",
        "a tile holds as many hashes of 32 bytes as its path says (tlog-tiles, Partial Tiles)",
        kept(faults.form),
    );
    report.check(
        Demand::Should,
        "tile.cache",
        "caches may keep tiles for long (tlog-tiles, Merkle Tree)",
        kept(faults.cache),
    );
    report.check(
        Demand::Wish,
        "tile.cors",
        "any page may read tiles: Access-Control-Allow-Origin is *",
        kept(faults.cors),
    );
    report.check(
        Demand::Must,
        "tile.levels",
        "a hash of level 1 and up is the root of the full tile below it (tlog-tiles, Merkle Tree)",
        levels_agree(&tiles),
    );
    report.note(format!("{count} tiles were read"));
    check_root(wire, newest, report);
    Ok(())
}

fn levels_agree(tiles: &[(TilePath, Tile)]) -> Result<(), String> {
    for (path, tile) in tiles.iter().filter(|(path, _)| path.width() == 256) {
        let is_above = |(above, _): &&(TilePath, Tile)| {
            above.level() == path.level() + 1 && above.index() == path.index() / 256
        };
        let at = usize::try_from(path.index() % 256).unwrap_or(0);
        let Some((above, hashes)) = tiles.iter().find(is_above) else { continue };
        if hashes.hashes().get(at).is_some_and(|hash: &NodeHash| *hash != tile.root()) {
            return Err(format!("{} has another hash for {}", above.encode(), path.encode()));
        }
    }
    Ok(())
}

fn check_root(wire: &Wire, newest: &AnyCheckpoint, report: &mut Report) {
    let rule = "the tiles lead to the checkpoint's root (tlog-tiles, Merkle Tree; RFC 6962 section 2.1)";
    if newest.size.get() == 0 {
        report.not_tried(Demand::Must, "tile.root", rule, "the log is empty");
        return;
    }
    let source = Source::new(wire.prefix());
    let root = TileNodes::new(&source, newest.size).node(0, newest.size.get());
    let outcome = match root {
        Ok(node) if node.to_root() == newest.root => Ok(()),
        Ok(node) => Err(format!("they lead to {}", node.to_root())),
        Err(error) => Err(error.to_string()),
    };
    report.check(Demand::Must, "tile.root", rule, outcome);
}
