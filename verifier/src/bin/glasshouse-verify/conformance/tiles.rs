//! Tiles: those at the edges of the tree and one in the middle of each level, and whether they lead to the signed root.

use glasshouse_verifier::hash::NodeHash;
use glasshouse_verifier::tile::{Tile, TilePath};

use super::any_checkpoint::AnyCheckpoint;
use super::published::{Published, tiles_lead_to, width_of};
use super::report::Report;
use super::rules;
use super::wire::{Reply, Wire};
use crate::answer::Trouble;
use crate::plural::counted;

/// Levels with more than nothing in them, at 2^53 entries.
const LEVELS: u8 = 7;

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

/// Reads the sample and judges it; an empty log has none.
pub(crate) fn run(wire: &Wire, newest: &AnyCheckpoint, report: &mut Report) -> Result<(), Trouble> {
    let size = newest.size.get();
    if size == 0 {
        return Ok(());
    }
    let mut faults = Faults::default();
    let mut tiles = Vec::new();
    for path in sample(size) {
        let served = Published::tile(wire, path)?;
        if let Err(why) = served.is_served() {
            faults.served.get_or_insert(why);
            continue;
        }
        judge_bytes(&served.reply, &served.name, &mut faults);
        match served.hashes() {
            Ok(tile) => tiles.push((path, tile)),
            Err(why) => drop(faults.form.get_or_insert(why)),
        }
    }
    let kept = |fault: Option<String>| fault.map_or(Ok(()), Err);
    let count = tiles.len() as u64;
    report.check(rules::TILE_SERVED, kept(faults.served));
    report.check(rules::TILE_TYPE, kept(faults.kind));
    report.check(rules::TILE_WIDTH, kept(faults.form));
    report.check(rules::TILE_CACHE, kept(faults.cache));
    report.check(rules::TILE_CORS, kept(faults.cors));
    report.check(rules::TILE_LEVELS, levels_agree(&tiles));
    report.note(format!("{} read", counted(count, "tile was", "tiles were")));
    report.check(rules::TILE_ROOT, tiles_lead_to(wire, newest.size, newest)?);
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
