//! The text that any log signs of its tree, as c2sp.org/tlog-checkpoint allows it: wider than a Glasshouse ledger's own,
//! because a witness serves logs that nobody here wrote.

use glasshouse_verifier::bounds::NAME_MAX;
use glasshouse_verifier::hash::RootHash;
use glasshouse_verifier::head::{HeadError, TreeHead};
use glasshouse_verifier::size::{SizeError, TreeSize};

/// Greatest text of a checkpoint, in bytes: an origin of 255, a size, a root, and some KiB of extension lines, which
/// the format discourages. A state record keeps it.
pub const TEXT_MAX: usize = 4_096;

/// Why a text is no checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogCheckpointError {
    /// More than [`TEXT_MAX`] bytes.
    #[error("the text of a checkpoint has at most 4096 bytes here")]
    TooLong,
    /// Too few lines, or an empty one.
    #[error("a checkpoint is an origin, a size, a root, and perhaps extension lines, none of them empty")]
    Lines,
    /// The first line.
    #[error("the checkpoint's origin has 1 to 255 bytes")]
    Origin,
    /// The second line.
    #[error("the checkpoint's size: {0}")]
    Size(#[from] SizeError),
    /// The third line.
    #[error("the checkpoint's root is 32 bytes in canonical base64")]
    Root,
}

/// A checkpoint's text, taken apart. Nobody vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogCheckpoint {
    text: String,
    origin_len: usize,
    size: TreeSize,
    root: RootHash,
}

impl LogCheckpoint {
    /// Reads origin, size and root; extension lines are kept in the text and mean nothing here.
    ///
    /// A size of 0 with another root than that of the empty tree is read too, so that it can be judged:
    /// [`head`](Self::head).
    ///
    /// # Errors
    ///
    /// [`LogCheckpointError`].
    pub fn parse(text: &str) -> Result<Self, LogCheckpointError> {
        if text.len() > TEXT_MAX {
            return Err(LogCheckpointError::TooLong);
        }
        let lines: Vec<&str> =
            text.strip_suffix('\n').ok_or(LogCheckpointError::Lines)?.split('\n').collect();
        let [origin, size, root, extensions @ ..] = lines.as_slice() else {
            return Err(LogCheckpointError::Lines);
        };
        if origin.is_empty() || origin.len() > NAME_MAX {
            return Err(LogCheckpointError::Origin);
        }
        if extensions.iter().any(|line| line.is_empty()) {
            return Err(LogCheckpointError::Lines);
        }
        let size = TreeSize::parse(size)?;
        let root = RootHash::from_base64(root).map_err(|_| LogCheckpointError::Root)?;
        Ok(Self { text: text.to_owned(), origin_len: origin.len(), size, root })
    }

    /// The log's name, 1 to 255 bytes of any characters but control characters.
    pub fn origin(&self) -> &str {
        self.text.get(..self.origin_len).unwrap_or_default()
    }

    /// The number of leaves.
    pub const fn size(&self) -> TreeSize {
        self.size
    }

    /// The root that stands there.
    pub const fn root(&self) -> &RootHash {
        &self.root
    }

    /// The tree, unless the text says that an empty tree has another root than SHA-256 of nothing.
    ///
    /// # Errors
    ///
    /// [`HeadError`].
    pub fn head(&self) -> Result<TreeHead, HeadError> {
        TreeHead::new(self.size, self.root)
    }

    /// The whole text, with its last line feed: what is signed.
    pub fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    const ROOT: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn other_peoples_checkpoints_are_read() {
        for (origin, more) in [
            ("go.sum database tree", ""),
            ("Rekor.example - 2605736670972794746", "Timestamp: 1689748607742585419\nanother\n"),
            ("log.example/takedowns", ""),
            ("λ", ""),
        ] {
            let text = format!("{origin}\n7\n{ROOT}\n{more}");
            let checkpoint = LogCheckpoint::parse(&text).unwrap();
            assert_eq!((checkpoint.origin(), checkpoint.size().get()), (origin, 7));
            assert_eq!(checkpoint.root().to_base64(), ROOT);
            assert_eq!(checkpoint.text(), text);
            checkpoint.head().unwrap();
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        let long = "x".repeat(256);
        for (wrong, why) in [
            (String::new(), LogCheckpointError::Lines),
            (format!("a\n7\n{ROOT}"), LogCheckpointError::Lines),
            (format!("a\n7\n{ROOT}\n\n"), LogCheckpointError::Lines),
            (format!("a\n7\n{ROOT}\n\nx\n"), LogCheckpointError::Lines),
            ("a\n7\n".to_owned(), LogCheckpointError::Lines),
            (format!("\n7\n{ROOT}\n"), LogCheckpointError::Origin),
            (format!("{long}\n7\n{ROOT}\n"), LogCheckpointError::Origin),
            (format!("a\n07\n{ROOT}\n"), LogCheckpointError::Size(SizeError::NotDecimal)),
            (format!("a\n9007199254740992\n{ROOT}\n"), LogCheckpointError::Size(SizeError::TooLarge)),
            (format!("a\n7\n{}\n", ROOT.trim_end_matches('=')), LogCheckpointError::Root),
            (format!("a\n7\n{ROOT}\n{}\n", long.repeat(16)), LogCheckpointError::TooLong),
        ] {
            assert_eq!(LogCheckpoint::parse(&wrong), Err(why), "{wrong:.60}");
        }
    }

    #[test]
    fn an_empty_tree_with_another_root_is_read_and_judged() {
        let other = format!("a\n0\n{}\n", RootHash::from_bytes([1; 32]).to_base64());
        LogCheckpoint::parse(&other).unwrap().head().unwrap_err();
        LogCheckpoint::parse(&format!("a\n0\n{ROOT}\n")).unwrap().head().unwrap();
    }
}
