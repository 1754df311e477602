//! Public texts of entries, read one entry after the other. What lies in the packs that were read last is remembered, so
//! that neighbours cost one look at a pack.

use std::collections::VecDeque;

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::entry_state::{EntryState, TextState};
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::size::LeafIndex;

use crate::pack::{PackRecord, pack_of};
use crate::reader::{ReadError, Reader};

/// Packs of which is remembered what lies in them: the entry's own, and those of bulk amendments to its neighbours.
const PACKS_KNOWN: usize = 8;

/// Reads the texts of one ledger.
#[derive(Debug)]
pub struct TextCursor {
    reader: Reader,
    /// The one that was looked at last at the end.
    packs: VecDeque<(u64, Vec<PackRecord>)>,
}

impl TextCursor {
    /// Reads through this reader.
    pub fn new(reader: Reader) -> TextCursor {
        TextCursor { reader, packs: VecDeque::new() }
    }

    /// The texts of an entry that are public in its state, by field: served or disclosed, and not redacted.
    ///
    /// # Errors
    ///
    /// [`ReadError`]: the ledger cannot be read, or a text that is public is not there.
    pub fn texts(
        &mut self,
        entry: &Entry,
        index: LeafIndex,
        state: &EntryState,
    ) -> Result<Vec<Addendum>, ReadError> {
        let payload = entry.statement().payload();
        let is_public = |field| state.text(payload, field).is_some_and(TextState::is_public);
        let public: Vec<(FieldName, &Digest)> = payload
            .addenda()
            .iter()
            .map(|(field, digest)| (*field, digest))
            .filter(|(field, _)| is_public(*field))
            .collect();
        let found = self.found(index, &public)?;
        let mut texts = Vec::new();
        for ((field, digest), found) in public.into_iter().zip(found) {
            let rule = |error: glasshouse_verifier::addendum::AddendumError| ReadError::BadEntry {
                index,
                rule: format!("addendum {field}: {error}"),
            };
            let bytes = match found {
                Some(bytes) => Some(bytes),
                None => {
                    // It was written or erased since the pack was looked at, or it is lost.
                    self.packs.retain(|(pack, _)| *pack != pack_of(index));
                    self.reader.text(entry, index, field, digest)?.1
                }
            };
            if let Some(bytes) = bytes {
                texts.push(Addendum::parse(&bytes).map_err(rule)?);
            }
        }
        Ok(texts)
    }

    /// These texts of an entry, as far as its pack had them when it was looked at.
    fn found(
        &mut self,
        index: LeafIndex,
        public: &[(FieldName, &Digest)],
    ) -> Result<Vec<Option<Vec<u8>>>, ReadError> {
        let pack = pack_of(index);
        if public.is_empty() {
            return Ok(Vec::new());
        }
        let known = self.packs.iter().position(|(known, _)| *known == pack);
        let known = match known.and_then(|place| self.packs.remove(place)) {
            Some(known) => known,
            None => (pack, self.reader.pack_records(index)?),
        };
        if self.packs.len() >= PACKS_KNOWN {
            self.packs.pop_front();
        }
        self.packs.push_back(known);
        let records = self.packs.back().map(|(_, records)| records.as_slice()).unwrap_or_default();
        let own: Vec<&PackRecord> = records.iter().filter(|record| record.entry == index).collect();
        let record =
            |digest: &Digest| own.iter().find(|record| record.digest == *digest).map(|record| **record);
        let known: Vec<Option<PackRecord>> = public.iter().map(|(_, digest)| record(digest)).collect();
        let present: Vec<PackRecord> = known.iter().copied().flatten().collect();
        let mut read = self.reader.read_records(&present).into_iter();
        Ok(known.into_iter().map(|known| known.and_then(|_| read.next().flatten())).collect())
    }
}
