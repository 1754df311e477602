//! The path grammar of the static side (C2SP tlog-tiles, "Merkle Tree" and "Log Entries").

use glasshouse_verifier::tile::{BundlePath, TilePath};

/// Something that the static side may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// The newest published checkpoint.
    Checkpoint,
    /// The log's key as one line of vkey text.
    Vkey,
    /// The empty marker that every entry ends with an index of addenda (C2SP tlog-addenda).
    AddendaMarker,
    /// A tile of hashes.
    Tile(TilePath),
    /// A bundle of entries.
    Bundle(BundlePath),
}

impl Resource {
    /// Reads a path as it stands in the request line, percent escapes and all. There is one spelling for each
    /// resource; anything else is `None`.
    pub fn parse(path: &str) -> Option<Resource> {
        let name = path.strip_prefix('/')?;
        match name {
            "checkpoint" => Some(Resource::Checkpoint),
            "vkey" => Some(Resource::Vkey),
            "addenda.v1" => Some(Resource::AddendaMarker),
            _ if name.starts_with("tile/entries/") => BundlePath::parse(name).ok().map(Resource::Bundle),
            _ => TilePath::parse(name).ok().map(Resource::Tile),
        }
    }

    /// How many entries a tree must have to hold it.
    pub fn entries(&self) -> u64 {
        let (level, index, width) = match self {
            Resource::Checkpoint | Resource::Vkey | Resource::AddendaMarker => return 0,
            Resource::Tile(path) => (path.level(), path.index(), path.width()),
            Resource::Bundle(path) => (0, path.index(), path.width()),
        };
        let nodes = index.saturating_mul(256).saturating_add(u64::from(width));
        // 256 to the power of 8 is more than any tree has.
        1_u64.checked_shl(8 * u32::from(level)).map_or(u64::MAX, |span| nodes.saturating_mul(span))
    }

    /// The file's name in the public folder, written anew from what was parsed; with a `/` before it, the path.
    pub fn file_name(&self) -> String {
        match self {
            Resource::Checkpoint => "checkpoint".to_owned(),
            Resource::Vkey => "vkey".to_owned(),
            Resource::AddendaMarker => "addenda.v1".to_owned(),
            Resource::Tile(path) => path.encode(),
            Resource::Bundle(path) => path.encode(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn every_path_is_the_name_of_its_file() {
        for path in [
            "/checkpoint",
            "/vkey",
            "/addenda.v1",
            "/tile/0/000",
            "/tile/0/x001/x234/067",
            "/tile/63/000.p/255",
            "/tile/entries/000",
            "/tile/entries/x999/x999/x999/x999/999.p/1",
        ] {
            let resource = Resource::parse(path).unwrap();
            assert_eq!(format!("/{}", resource.file_name()), path);
        }
    }

    #[test]
    fn a_tree_must_be_so_large() {
        for (path, entries) in [
            ("/checkpoint", 0),
            ("/tile/entries/000.p/7", 7),
            ("/tile/entries/001", 512),
            ("/tile/0/001.p/1", 257),
            ("/tile/1/000.p/2", 512),
            ("/tile/2/000", 1 << 24),
            ("/tile/63/000.p/1", u64::MAX),
        ] {
            assert_eq!(Resource::parse(path).unwrap().entries(), entries, "{path}");
        }
    }

    #[test]
    fn other_spellings_are_nothing() {
        for path in [
            "",
            "/",
            "checkpoint",
            "//checkpoint",
            "/checkpoint/",
            "/Checkpoint",
            "/checkpoint%20",
            "/%63heckpoint",
            "/tile",
            "/tile/",
            "/tile/0",
            "/tile/0/",
            "/tile/0/0",
            "/tile/0/00",
            "/tile/0/0000",
            "/tile/0/000/",
            "/tile//000",
            "/tile/0//000",
            "/tile/00/000",
            "/tile/01/000",
            "/tile/64/000",
            "/tile/100/000",
            "/tile/-1/000",
            "/tile/+1/000",
            "/tile/0/+00",
            "/tile/0/x000/001",
            "/tile/0/X001/000",
            "/tile/0/001/000",
            "/tile/0/x001",
            "/tile/0/x001/x000",
            "/tile/0/x01/000",
            "/tile/0/x0001/000",
            "/tile/0/000.p/0",
            "/tile/0/000.p/256",
            "/tile/0/000.p/257",
            "/tile/0/000.p/01",
            "/tile/0/000.p/",
            "/tile/0/000.p",
            "/tile/0/000.P/1",
            "/tile/0/000.p/1/",
            "/tile/0/000.p/1.p/1",
            "/tile/0/000.p/999999999999999999999",
            "/tile/entries",
            "/tile/entries/",
            "/tile/Entries/000",
            "/tile/entries/000.p/256",
            "/tile/entries/../0/000",
            "/tile/data/000",
            "/tile/8/0/x/../000",
            "/tile/0/../../log.key",
            "/tile/0/..",
            "/tile/0/000/..",
            "/tile/0/%30%30%30",
            "/tile/0/x001/x001/x001/x001/x001/x001/x001/001",
            "/tile/0/\u{660}\u{660}\u{660}",
            "/tile/0/000?x",
            "/tile/0/000#x",
        ] {
            assert_eq!(Resource::parse(path), None, "{path}");
        }
    }
}
