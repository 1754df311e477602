//! A checkpoint of anybody's log: origins and extension lines that Glasshouse does not allow are read here.

use glasshouse_verifier::hash::RootHash;
use glasshouse_verifier::note::Note;
use glasshouse_verifier::size::TreeSize;

/// The first three lines, and how many more there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AnyCheckpoint {
    pub(crate) origin: String,
    pub(crate) size: TreeSize,
    pub(crate) root: RootHash,
    pub(crate) extensions: usize,
}

impl AnyCheckpoint {
    /// Reads the text of a note (c2sp.org/tlog-checkpoint).
    pub(crate) fn parse(note: &Note) -> Result<AnyCheckpoint, String> {
        let text = note.text().strip_suffix('\n').ok_or("the text does not end in a newline")?;
        let mut lines = text.split('\n');
        let mut line = |what: &str| lines.next().ok_or(format!("there is no line with the {what}"));
        let origin = line("origin")?;
        let size = line("size")?;
        let root = line("root")?;
        if origin.is_empty() {
            return Err("the origin is empty".to_owned());
        }
        let size = TreeSize::parse(size).map_err(|error| format!("the size {size:?}: {error}"))?;
        let root = RootHash::from_base64(root).map_err(|error| format!("the root {root:?}: {error}"))?;
        if size == TreeSize::ZERO && root != RootHash::empty() {
            return Err("a tree of size 0 has the root SHA-256 of nothing".to_owned());
        }
        let rest: Vec<&str> = lines.collect();
        if rest.iter().any(|line| line.is_empty()) {
            return Err("an extension line is empty".to_owned());
        }
        Ok(AnyCheckpoint { origin: origin.to_owned(), size, root, extensions: rest.len() })
    }
}
