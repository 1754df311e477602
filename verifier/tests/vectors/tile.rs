//! Paths of tiles and bundles, and the tiles of a size.

use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::{BundlePath, TilePath, partial_tiles_of};
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict};
use crate::inclusion::number;

pub(crate) fn judge(input: &Value) -> Verdict {
    if let Some(path) = input.get("path") {
        let path = path.as_str().unwrap();
        if let Ok(bundle) = BundlePath::parse(path) {
            return Ok(json!({"level": "entries", "index": bundle.index(), "width": bundle.width()}));
        }
        let tile = TilePath::parse(path).map_err(|error| Refusal::new("tile-path", error))?;
        return Ok(json!({"level": tile.level(), "index": tile.index(), "width": tile.width()}));
    }
    let size = number(&input["size"]).and_then(TreeSize::new).map_err(|e| Refusal::new("out-of-range", e))?;
    let mut paths: Vec<String> = partial_tiles_of(size).map(|tile| tile.encode()).collect();
    let mut levels = vec![];
    let mut hashes = size.get();
    for level in 0.. {
        if hashes == 0 {
            break;
        }
        let partial = partial_tiles_of(size).find(|tile| tile.level() == level);
        let width = partial.map_or(0, |tile| tile.width());
        levels.push(json!({"level": level, "full": hashes / 256, "partial": width}));
        if let (0, Some(tile)) = (level, partial) {
            paths.push(BundlePath::new(tile.index(), tile.width()).unwrap().encode());
        }
        hashes /= 256;
    }
    Ok(json!({"levels": levels, "partial_paths": paths}))
}
