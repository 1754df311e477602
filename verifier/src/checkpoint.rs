//! Checkpoints: what a log signs of its tree (c2sp.org/tlog-checkpoint).

use crate::fault::Fault;
use crate::hash::RootHash;
use crate::head::TreeHead;
use crate::note::{Note, NoteError, VerifiedNote};
use crate::origin::{Origin, OriginError};
use crate::size::{SizeError, TreeSize};
use crate::vkey::{Vkey, VkeyKind};

/// Why a checkpoint is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Not exactly origin, size and root.
    #[error("a checkpoint has three lines: origin, size, root; this format has no extension lines")]
    Lines,
    /// The first line.
    #[error("the checkpoint's origin: {0}")]
    Origin(#[from] OriginError),
    /// The second line.
    #[error("the checkpoint's size: {0}")]
    Size(#[from] SizeError),
    /// The third line.
    #[error("the checkpoint's root is 32 bytes in canonical base64, and of an empty tree SHA-256(\"\")")]
    Root,
    /// The key's name is not the origin.
    #[error("the key is named {key:?}, the checkpoint's origin is {origin:?}")]
    OtherLog {
        /// The name of the key.
        key: String,
        /// The first line of the checkpoint.
        origin: String,
    },
    /// The key signs cosignatures: a witness's, or a log's second one.
    #[error("the key {0:?} signs cosignatures: a log's checkpoint is opened with its key of algorithm 1")]
    NotALogKey(String),
}

impl CheckpointError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            CheckpointError::Note(error) => error.fault(),
            CheckpointError::NotALogKey(_) => Fault::CallerMisuse,
            _ => Fault::HostileInput,
        }
    }
}

/// A log's name and the state of its tree, not signed by itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Checkpoint {
    origin: Origin,
    head: TreeHead,
}

impl Checkpoint {
    /// Joins both.
    pub const fn new(origin: Origin, head: TreeHead) -> Self {
        Self { origin, head }
    }

    /// The log.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Its tree.
    pub const fn head(&self) -> &TreeHead {
        &self.head
    }

    /// Reads the three lines: origin, size in decimal, root in base64.
    pub fn parse_text(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?.split('\n');
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Lines);
        };
        let origin = Origin::parse(origin)?;
        let size = TreeSize::parse(size)?;
        let root = RootHash::from_base64(root).map_err(|_| CheckpointError::Root)?;
        let head = TreeHead::new(size, root).map_err(|_| CheckpointError::Root)?;
        Ok(Self { origin, head })
    }

    /// The text that a log signs.
    pub fn encode_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.head.size(), self.head.root().to_base64())
    }
}

/// A checkpoint that its log signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    log: Vkey,
    note: VerifiedNote,
}

impl SignedCheckpoint {
    /// Opens a note: its form, the log's signature, the three lines, and that the key bears the log's name. Lines of
    /// other keys are passed over; a policy judges those.
    pub fn open(bytes: &[u8], log: &Vkey) -> Result<Self, CheckpointError> {
        Self::open_note(Note::parse(bytes)?, log)
    }

    /// The same of a note that was read already.
    pub fn open_note(note: Note, log: &Vkey) -> Result<Self, CheckpointError> {
        if log.kind() != VkeyKind::Ed25519 {
            return Err(CheckpointError::NotALogKey(log.name().to_owned()));
        }
        let note = note.verify(std::slice::from_ref(log))?;
        let checkpoint = Checkpoint::parse_text(note.text())?;
        if checkpoint.origin.as_str() != log.name() {
            return Err(CheckpointError::OtherLog {
                key: log.name().to_owned(),
                origin: checkpoint.origin.as_str().to_owned(),
            });
        }
        Ok(Self { checkpoint, log: log.clone(), note })
    }

    /// What was signed.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The key that signed; its name is the origin.
    pub const fn log(&self) -> &Vkey {
        &self.log
    }

    /// The tree that was signed.
    pub const fn head(&self) -> &TreeHead {
        &self.checkpoint.head
    }

    /// The note that was opened, with every line below it.
    pub fn note(&self) -> &Note {
        self.note.note()
    }

    /// The same checkpoint under the log's own line alone: some hundred bytes, whoever else signed.
    pub fn under_its_line_alone(&self) -> Result<Self, CheckpointError> {
        let lines = self.note().signatures().iter().filter(|line| line.is_of(&self.log));
        let note = Note::assemble(self.note().text(), &lines.cloned().collect::<Vec<_>>())?;
        Self::open_note(note, &self.log)
    }

    /// The note's bytes, as they arrived.
    pub fn note_text(&self) -> String {
        self.note.note().encode()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const LOG: &str = "log.example/takedowns+f8bc89f6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
    const WITNESS: &str = "witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU";
    const NOTE: &str = "log.example/takedowns\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n— log.example/takedowns +LyJ9ugSSiaikaJBGFzeH0D1k/jLdi63S8727E0gwX6B8g7iZoUDZ81voAP+HegsoCEwO7uJeAe8Xv7ZVBS4pUTSRgk=\n— witness.example/w1 3xwKNQAAAABoTuGARh60y/CmK5DyUXdWxrpdxDFTzucsvx6HNY9Mepsf72IROmZKbiW7fwipyNaSHSppGA6Af5mdfwU+AnWeDoAyCQ==\n";

    #[test]
    fn the_known_checkpoint_opens() {
        let log = Vkey::parse(LOG).unwrap();
        let opened = SignedCheckpoint::open(NOTE.as_bytes(), &log).unwrap();
        assert_eq!(opened.head().size().get(), 8);
        assert!(opened.head().root().to_hex().starts_with("5dc9da79"));
        assert_eq!(opened.note_text(), NOTE);
        assert_eq!(
            Checkpoint::parse_text(&opened.checkpoint().encode_text()).as_ref(),
            Ok(opened.checkpoint())
        );
        let alone = opened.under_its_line_alone().unwrap();
        assert_eq!((alone.head(), alone.note().signatures().len()), (opened.head(), 1));
        assert_eq!(alone.note().signatures()[0], opened.note().signatures()[0]);
        let witness = Vkey::parse(WITNESS).unwrap();
        let both = opened.note().clone().verify(&[log, witness.clone()]).unwrap();
        assert_eq!(both.signers()[1].time(), Some(1_750_000_000));
        assert!(matches!(
            SignedCheckpoint::open(NOTE.as_bytes(), &witness),
            Err(CheckpointError::NotALogKey(_))
        ));
    }

    #[test]
    fn the_text_is_strict() {
        let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert!(Checkpoint::parse_text(&format!("a.example\n0\n{root}\n")).is_ok());
        for wrong in [
            format!("a.example\n0\n{root}"),
            format!("a.example\n0\n{root}\n\n"),
            format!("a.example\n0\n{root}\nextension\n"),
            format!("a.example\n00\n{root}\n"),
            format!("a.example\n9007199254740992\n{root}\n"),
            format!("A.example\n0\n{root}\n"),
            format!("a.example\n0\n{}\n", root.replace("47D", "47E")),
            format!("a.example\n5\n{}\n", root.trim_end_matches('=')),
            format!("a.example\n0 \n{root}\n"),
            "\n\n\n".into(),
            String::new(),
        ] {
            assert!(Checkpoint::parse_text(&wrong).is_err(), "{wrong:?}");
        }
    }
}
