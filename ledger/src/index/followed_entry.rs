//! An entry of the log as those who follow it for look-ups need it: its hash, whose it is, its number, and the digests of its texts.
//!
//! It was checked when it was taken in, and whoever shows what a look-up leads to reads it whole; so it is not read whole here, which
//! takes as long as all else that the look-ups do. One that was damaged since is found, and then said to be damaged.

use glasshouse_verifier::cbor::{Major, Walker};
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::sequence::Sequence;

use super::numbers::Numbered;
use crate::tree_files::BUNDLE;

/// The label of the claims in a header (RFC 9597 section 2), and that of the issuer among them (RFC 8392 section 4).
const CLAIMS: i128 = 15;
const ISS: i128 = 1;

/// An entry as the look-ups need it.
pub(super) struct FollowedEntry {
    pub(super) index: u64,
    pub(super) leaf: LeafHash,
    /// What is no entry cannot be in a log of ours; fsck says so, a look-up by anything but its hash passes it by.
    outline: Option<Outline>,
}

/// What is read of an entry.
#[derive(Debug, PartialEq, Eq)]
struct Outline {
    iss: Issuer,
    sequence: Sequence,
    addenda: Vec<[u8; 32]>,
}

impl FollowedEntry {
    pub(super) fn addenda(&self) -> &[[u8; 32]] {
        self.outline.as_ref().map_or(&[], |outline| &outline.addenda)
    }

    pub(super) fn numbered(&self) -> Option<Numbered<'_>> {
        let Outline { iss, sequence, .. } = self.outline.as_ref()?;
        Some(Numbered { index: self.index, iss, sequence: *sequence })
    }
}

/// Reads the entries of a bundle behind those that are covered.
pub(super) fn followed_entries(bundle: &[Vec<u8>], covered: u64) -> Vec<FollowedEntry> {
    let skipped = usize::try_from(covered % BUNDLE).unwrap_or(usize::MAX);
    let entries = (covered..).zip(bundle.get(skipped..).unwrap_or_default());
    let read = |(index, bytes): (u64, &Vec<u8>)| FollowedEntry {
        index,
        leaf: LeafHash::of_entry(bytes),
        outline: outline(bytes),
    };
    entries.map(read).collect()
}

/// Walks to what is needed, and no further.
fn outline(entry: &[u8]) -> Option<Outline> {
    let mut message = Walker::new(entry);
    if message.peek().ok()? == Major::Tag {
        message.head().ok()?;
    }
    message.array().ok()?;
    let iss = issuer(message.bytes().ok()?)?;
    message.skip().ok()?;
    let mut payload = Walker::new(message.bytes().ok()?);
    let (mut sequence, mut addenda) = (None, None::<Vec<_>>);
    for _ in 0..payload.map().ok()? {
        match payload.text().ok()? {
            "sequence" => sequence = Some(Sequence::new(payload.unsigned().ok()?)?),
            "addenda" => addenda = Some(digests(&mut payload)?),
            _ => drop(payload.skip().ok()?),
        }
        if sequence.is_some() && addenda.is_some() {
            break;
        }
    }
    Some(Outline { iss, sequence: sequence?, addenda: addenda? })
}

/// Who issued a statement with that header.
fn issuer(protected: &[u8]) -> Option<Issuer> {
    let mut header = Walker::new(protected);
    enter(&mut header, CLAIMS)?;
    enter(&mut header, ISS)?;
    Issuer::parse(header.text().ok()?).ok()
}

/// Into a map, to the value under a label.
fn enter(map: &mut Walker<'_>, label: i128) -> Option<()> {
    for _ in 0..map.map().ok()? {
        if map.integer().ok()? == label {
            return Some(());
        }
        map.skip().ok()?;
    }
    None
}

fn digests(payload: &mut Walker<'_>) -> Option<Vec<[u8; 32]>> {
    let count = payload.map().ok()?;
    let one = |_| {
        payload.text().ok()?;
        payload.bytes_of::<32>().ok().copied()
    };
    // A false count ends with the bytes.
    (0..count).map(one).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use std::collections::BTreeSet;
    use std::path::Path;

    use glasshouse_verifier::cose::assemble;
    use glasshouse_verifier::entry::Entry;
    use serde_json::Value;

    use super::*;

    /// Every entry that stands anywhere in the vectors.
    fn entries() -> Vec<Entry> {
        let mut texts = Vec::new();
        for kind in ["admission", "entry", "registry"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors").join(kind);
            for verdict in ["valid", "invalid"].map(|verdict| folder.join(verdict)) {
                for file in std::fs::read_dir(verdict).unwrap() {
                    let vector = std::fs::read(file.unwrap().path()).unwrap();
                    collect(serde_json::from_slice(&vector).unwrap(), &mut texts);
                }
            }
        }
        let bytes = texts.into_iter().filter_map(|text| hex::decode(text).ok());
        bytes.filter_map(|bytes| Entry::parse(&bytes).ok()).collect()
    }

    fn collect(value: Value, texts: &mut Vec<String>) {
        match value {
            Value::String(text) => texts.push(text),
            Value::Array(values) => values.into_iter().for_each(|value| collect(value, texts)),
            Value::Object(values) => values.into_iter().for_each(|(_, value)| collect(value, texts)),
            _ => {}
        }
    }

    #[test]
    fn what_is_walked_to_is_what_parsing_gives() {
        let entries = entries();
        for entry in &entries {
            let statement = entry.statement();
            let addenda = statement.payload().addenda().values().map(|digest| *digest.as_bytes());
            let read = outline(entry.bytes()).unwrap();
            assert_eq!((&read.iss, read.sequence), (&statement.claims().iss, statement.sequence()));
            assert_eq!(BTreeSet::from_iter(read.addenda), addenda.collect());
        }
        let types: BTreeSet<_> = entries.iter().map(|entry| entry.statement().payload().kind()).collect();
        let texts = entries.iter().filter(|entry| !entry.statement().payload().addenda().is_empty()).count();
        assert!(entries.len() > 100 && types.len() > 8 && texts > 20, "{} {types:?} {texts}", entries.len());
    }

    /// Mutations: room for as many digests as a head claims; a digest of another length; a member that is missing.
    #[test]
    fn a_payload_that_lies_or_lacks_a_member_gives_nothing() {
        let entries = entries();
        let header = entries[0].statement().protected_bytes();
        let read = |payload: &[u8]| outline(&assemble(header, payload, &[0; 64]));
        let digest = [&[0x58, 32][..], &[7; 32]].concat();
        let addenda = |head: &[u8], digest: &[u8]| [&b"\x67addenda"[..], head, b"\x61a", digest].concat();
        let sequence = |number: u8| [&b"\x68sequence"[..], &[number]].concat();
        let one = addenda(&[0xa1], &digest);
        let whole = [&[0xa2][..], &one, &sequence(9)].concat();
        let said = read(&whole).unwrap();
        assert_eq!((said.sequence.get(), said.addenda), (9, vec![[7; 32]]));
        let endless = [&[0xbb][..], &[0xff; 8]].concat();
        for (count, members) in [
            (0xa1, vec![one.clone()]),
            (0xa1, vec![sequence(9)]),
            (0xa2, vec![one.clone()]),
            (0xa2, vec![one.clone(), sequence(0)]),
            (0xa2, vec![addenda(&endless, &digest), sequence(9)]),
            (0xa2, vec![addenda(&[0xa1], &digest[..33]), sequence(9)]),
            (0xa2, vec![addenda(&[0xa1], &[&[0x58, 31][..], &[7; 31]].concat()), sequence(9)]),
        ] {
            assert_eq!(read(&[vec![count], members.concat()].concat()), None, "{count:x} {members:02x?}");
        }
        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]), None, "{end}");
        }
    }

    #[test]
    fn what_is_no_entry_has_no_number_and_no_texts() {
        let entries = entries();
        let longest = entries.iter().max_by_key(|entry| entry.statement().payload().addenda().len()).unwrap();
        let whole = longest.statement().bytes();
        for end in 0..whole.len() {
            // The signature stands last, and nothing here looks at it.
            assert_eq!(outline(&whole[..end]).is_some(), end >= whole.len() - 66, "{end}");
        }
        for bytes in [&[0xd2, 0x84, 0x40][..], &[0xff; 64], &[0xbb; 64], b"hello"] {
            assert_eq!(outline(bytes), None);
        }
    }
}
