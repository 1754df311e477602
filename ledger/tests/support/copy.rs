//! A mirror made of another store of the same log, honest or not.

use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::mirror::{Mirror, MirrorError, MirrorText};
use glasshouse_ledger::reader::{AddendumState, Reader};
use glasshouse_ledger::store::Store;
use glasshouse_verifier::bundle::{encode_bundle, parse_bundle};
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::tile::{BundlePath, TilePath};
use std::sync::Arc;

/// What the mirror does otherwise than an honest one.
#[derive(Debug, Clone, PartialEq)]
pub enum Lie {
    None,
    /// The last entry of every bundle has a flipped bit.
    Entry,
    /// The last entry of every bundle is missing.
    Short,
    /// No bundle is there.
    NoBundles,
    /// Every text has a flipped bit.
    Text,
    /// Every text is called withheld.
    Withheld,
    /// Every text is called redacted.
    Redacted,
    /// This text is called redacted.
    RedactedOne(Digest),
    /// No text is answered for.
    NoTexts,
    /// Another checkpoint.
    Checkpoint(Vec<u8>),
}

pub struct Copy {
    pub name: &'static str,
    pub lie: Lie,
    reader: Reader,
}

impl Copy {
    pub fn of(store: &MemoryStore, name: &'static str, lie: Lie) -> Copy {
        let store: Arc<dyn Store> = Arc::new(store.after_kill());
        let (_, reader) = super::open(&store);
        Copy { name, lie, reader }
    }

    pub fn note(&self) -> Vec<u8> {
        self.reader.checkpoint_note().into_bytes()
    }

    pub fn reader(&self) -> &Reader {
        &self.reader
    }
}

impl Mirror for Copy {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn checkpoint(&self) -> Result<Vec<u8>, MirrorError> {
        match &self.lie {
            Lie::Checkpoint(note) => Ok(note.clone()),
            _ => Ok(self.note()),
        }
    }

    fn bundle(&self, path: BundlePath) -> Result<Option<Vec<u8>>, MirrorError> {
        let Some(bytes) = self.reader.file(&path.encode()).unwrap() else { return Ok(None) };
        let mut entries: Vec<Vec<u8>> =
            parse_bundle(&bytes, path.width()).unwrap().iter().map(|entry| entry.to_vec()).collect();
        match self.lie {
            Lie::Entry => *entries.last_mut().unwrap().last_mut().unwrap() ^= 1,
            Lie::Short => drop(entries.pop()),
            Lie::NoBundles => return Ok(None),
            _ => {}
        }
        Ok(Some(encode_bundle(&entries).unwrap()))
    }

    fn tile(&self, path: TilePath) -> Result<Option<Vec<u8>>, MirrorError> {
        Ok(self.reader.file(&path.encode()).unwrap())
    }

    fn addendum(&self, digest: &Digest) -> Result<MirrorText, MirrorError> {
        let text = match self.reader.addendum(digest).unwrap() {
            AddendumState::Served { bytes, .. } | AddendumState::Disclosed { bytes, .. } => {
                MirrorText::Served(bytes)
            }
            AddendumState::Withheld { .. } => MirrorText::Withheld,
            AddendumState::Redacted { .. } => MirrorText::Redacted,
            AddendumState::NotFound => return Err(MirrorError("no such text".to_owned())),
        };
        match (&self.lie, text) {
            (Lie::Text, MirrorText::Served(mut bytes)) => {
                *bytes.last_mut().unwrap() ^= 1;
                Ok(MirrorText::Served(bytes))
            }
            (Lie::Withheld, _) => Ok(MirrorText::Withheld),
            (Lie::Redacted, _) => Ok(MirrorText::Redacted),
            (Lie::RedactedOne(one), _) if one == digest => Ok(MirrorText::Redacted),
            (Lie::NoTexts, _) => Err(MirrorError("no answer".to_owned())),
            (_, text) => Ok(text),
        }
    }
}
