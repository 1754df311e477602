//! What a ledger takes on the disk.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use serde_json::{Value, json};

/// Bytes, as long as the files are, but for what a file system rounds up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bytes {
    /// The entries themselves.
    pub entries: u64,
    /// Tiles that hold hashes.
    pub tiles: u64,
    /// Bundles: the entries, each behind its length.
    pub bundles: u64,
    /// Partial tiles and bundles of earlier sizes, not counted above: a wider one holds all that they do.
    pub superseded: u64,
    /// The texts' packs.
    pub packs: u64,
    /// Everything in the folder.
    pub whole: u64,
    /// The same in blocks of the file system.
    pub blocks: u64,
}

impl Bytes {
    /// Tiles and bundles for each byte of the entries.
    pub fn ratio(&self) -> f64 {
        (self.tiles + self.bundles) as f64 / self.entries as f64
    }

    /// One object.
    pub fn to_json(&self) -> Value {
        json!({
            "entries": self.entries, "tiles": self.tiles, "bundles": self.bundles, "superseded": self.superseded,
            "packs": self.packs, "whole": self.whole, "blocks": self.blocks,
            "tiles_and_bundles_by_entries": self.ratio(), "whole_by_entries": self.whole as f64 / self.entries as f64,
        })
    }
}

/// Looks at every file of a ledger that nobody writes to.
pub fn look(dir: &Path) -> Bytes {
    let mut bytes = Bytes::default();
    let public = dir.join("public/tile");
    for (path, about) in files_below(dir) {
        let length = about.len();
        bytes.whole += length;
        bytes.blocks += about.blocks() * 512;
        match path.strip_prefix(&public) {
            Ok(_) if is_superseded(&path) => bytes.superseded += length,
            Ok(tile) if tile.starts_with("entries") => {
                bytes.bundles += length;
                bytes.entries += length - 2 * entries_in(&fs::read(&path).unwrap());
            }
            Ok(_) => bytes.tiles += length,
            Err(_) if path.starts_with(dir.join("addenda-pack")) => bytes.packs += length,
            Err(_) => {}
        }
    }
    bytes
}

/// A partial file beside a wider one of the same place, or beside the full one.
fn is_superseded(path: &Path) -> bool {
    let folder = path.parent().unwrap();
    let Some(full) = folder.to_str().and_then(|name| name.strip_suffix(".p")) else { return false };
    let width = |path: &Path| path.file_name().unwrap().to_str().unwrap().parse::<u64>().unwrap();
    let wider = |other: fs::DirEntry| width(&other.path()) > width(path);
    Path::new(full).exists() || fs::read_dir(folder).unwrap().any(|other| wider(other.unwrap()))
}

/// How many entries a bundle holds.
fn entries_in(bundle: &[u8]) -> u64 {
    let (mut rest, mut count) = (bundle, 0);
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        rest = &after[usize::from(u16::from_be_bytes(*length))..];
        count += 1;
    }
    count
}

fn files_below(dir: &Path) -> Vec<(std::path::PathBuf, fs::Metadata)> {
    let (mut found, mut open) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let about = entry.metadata().unwrap();
            match about.is_dir() {
                true => open.push(entry.path()),
                false => found.push((entry.path(), about)),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    /// Mutation: a partial file that is not superseded counts as if it were.
    #[test]
    fn each_file_counts_once_and_under_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let put = |path: &str, bytes: &[u8]| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        put("public/tile/0/000", &[0; 32]);
        put("public/tile/0/000.p/9", &[0; 10]);
        put("public/tile/0/001.p/2", &[0; 64]);
        put("public/tile/0/001.p/10", &[0; 320]);
        put("public/tile/entries/000", &[0, 1, 7, 0, 2, 7, 7]);
        put("addenda-pack/000", &[0; 5]);
        put("state", &[0; 3]);
        let bytes = Bytes { blocks: 0, ..look(folder.path()) };
        let expected =
            Bytes { entries: 3, tiles: 352, bundles: 7, superseded: 74, packs: 5, whole: 441, blocks: 0 };
        assert_eq!(bytes, expected);
    }
}
