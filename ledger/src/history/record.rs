//! What the entries of a tree say, in one file, so that a start reads only the entries behind it.
//!
//! ```text
//! glasshouse-history/1
//! u32    the number of the registry's format
//! u64    the size of a published tree, and its root in 32 bytes
//! …      counts; redactions; for each full bundle what was seen in its files; the registry
//! 32     the SHA-256 of everything before
//! ```
//!
//! Numbers are big-endian; a list and a word begin with how many elements or bytes they have. Nothing depends on it but time:
//! where it is missing, damaged, of another version or about another tree, every entry is read.

use std::collections::BTreeMap;

use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::{Digest, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::snapshot::REGISTRY_FORMAT;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::targets::SequenceRange;

use crate::erasures::Redaction;
use crate::erasures::walk::Walk;
use crate::file_stamp::FileStamp;
use crate::published::Stats;
use crate::tombstones::Tombstones;
use crate::tree_files::BUNDLE;

use super::bundle_seen::BundleSeen;

/// Its name in the store.
pub(crate) const NAME: &str = "history";
const MAGIC: &[u8] = b"glasshouse-history/1\n";

/// The file's content.
#[derive(Debug)]
pub(crate) struct HistoryRecord {
    pub(super) head: TreeHead,
    pub(super) registry: Registry,
    pub(super) stats: Stats,
    pub(super) redactions: Vec<(LeafIndex, Redaction)>,
    pub(super) bundles: Vec<BundleSeen>,
}

/// The parts of a record, as they lie in memory.
pub(super) struct Parts<'a> {
    pub(super) head: &'a TreeHead,
    pub(super) registry: &'a Registry,
    pub(super) stats: &'a Stats,
    pub(super) redactions: &'a [(LeafIndex, Redaction)],
    pub(super) bundles: &'a [BundleSeen],
}

impl Parts<'_> {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&REGISTRY_FORMAT.to_be_bytes());
        number(&mut bytes, self.head.size().get());
        bytes.extend_from_slice(self.head.root().as_bytes());
        let Stats { entries, by_type, addenda, withheld, disclosed, hiding } = self.stats;
        [entries, addenda, withheld, disclosed, hiding].iter().for_each(|count| number(&mut bytes, **count));
        list(&mut bytes, by_type.iter(), |bytes, (kind, count)| {
            word(bytes, kind.as_str());
            number(bytes, *count);
        });
        list(&mut bytes, self.redactions.iter(), |bytes, (index, redaction)| {
            number(bytes, index.get());
            put_redaction(bytes, redaction);
        });
        list(&mut bytes, self.bundles.iter(), put_bundle);
        bytes.extend_from_slice(&self.registry.to_snapshot());
        let hash = Digest::of(&bytes);
        bytes.extend_from_slice(hash.as_bytes());
        bytes
    }
}

/// Whether bytes are the whole file of another version: one that this program did not write, and that nobody has damaged.
pub(crate) fn is_other_version(bytes: &[u8]) -> bool {
    let Some((body, hash)) = bytes.split_last_chunk::<32>() else { return false };
    let is_ours = body
        .strip_prefix(MAGIC)
        .is_some_and(|rest| rest.first_chunk() == Some(&REGISTRY_FORMAT.to_be_bytes()));
    Digest::of(body).as_bytes() == hash && !is_ours
}

impl HistoryRecord {
    /// Reads what [`Parts::encode`] wrote; `None` for everything else.
    pub(crate) fn parse(bytes: &[u8]) -> Option<HistoryRecord> {
        let (body, hash) = bytes.split_last_chunk::<32>()?;
        if Digest::of(body).as_bytes() != hash {
            return None;
        }
        let mut rest = Rest(body.strip_prefix(MAGIC)?);
        if rest.bytes(4)? != REGISTRY_FORMAT.to_be_bytes() {
            return None;
        }
        let size = TreeSize::new(rest.number()?).ok()?;
        let root = RootHash::from_bytes(*rest.bytes(32)?.first_chunk()?);
        let head = TreeHead::new(size, root).ok()?;
        let mut counts = [0; 5];
        for count in &mut counts {
            *count = rest.number()?;
        }
        let [entries, addenda, withheld, disclosed, hiding] = counts;
        let by_type = rest.list(|rest| Some((StatementType::find(rest.word()?)?, rest.number()?)))?;
        let by_type: BTreeMap<StatementType, u64> = by_type.into_iter().collect();
        let stats = Stats { entries, by_type, addenda, withheld, disclosed, hiding };
        let redactions = rest.list(|rest| Some((rest.index()?, take_redaction(rest)?)))?;
        let bundles = rest.list(take_bundle)?;
        let registry = Registry::from_snapshot(rest.0)?;
        let fits = registry.size() == size.get()
            && stats.entries == size.get()
            && bundles.len() as u64 == size.get() / BUNDLE;
        fits.then_some(HistoryRecord { head, registry, stats, redactions, bundles })
    }

    /// The size of the tree that it is about.
    pub(crate) fn size(&self) -> TreeSize {
        self.head.size()
    }

    /// What the file would be if the entries said this.
    pub(crate) fn encode_with(
        &self,
        registry: &Registry,
        stats: &Stats,
        redactions: &[(LeafIndex, Redaction)],
    ) -> Vec<u8> {
        Parts { head: &self.head, registry, stats, redactions, bundles: &self.bundles }.encode()
    }
}

fn put_bundle(bytes: &mut Vec<u8>, bundle: &BundleSeen) {
    let BundleSeen { stamp, tombstones: Tombstones { count, digests } } = bundle;
    bytes.push(u8::from(stamp.is_some()));
    bytes.extend(stamp.iter().flat_map(FileStamp::as_bytes));
    number(bytes, *count);
    if *count > 0 {
        bytes.extend_from_slice(digests);
    }
}

fn take_bundle(rest: &mut Rest<'_>) -> Option<BundleSeen> {
    let stamp = match rest.bytes(1)? {
        [0] => None,
        [1] => Some(FileStamp::from_bytes(*rest.bytes(16)?.first_chunk()?)),
        _ => return None,
    };
    let count = rest.number()?;
    let digests = if count > 0 { *rest.bytes(32)?.first_chunk()? } else { [0; 32] };
    Some(BundleSeen { stamp, tombstones: Tombstones { count, digests } })
}

fn put_redaction(bytes: &mut Vec<u8>, redaction: &Redaction) {
    let Redaction { author, sequence, fields, walk } = redaction;
    word(bytes, author.as_str());
    number(bytes, sequence.get());
    list(bytes, fields.iter(), |bytes, field| word(bytes, field.as_str()));
    word(bytes, walk.owner().as_str());
    let (entries, ranges) = walk.parts();
    list(bytes, entries.iter(), |bytes, index| number(bytes, index.get()));
    list(bytes, ranges.iter(), |bytes, range| {
        number(bytes, range.first().get());
        number(bytes, range.last().get());
    });
}

fn take_redaction(rest: &mut Rest<'_>) -> Option<Redaction> {
    let author = Issuer::parse(rest.word()?).ok()?;
    let sequence = Sequence::new(rest.number()?)?;
    let fields = rest.list(|rest| FieldName::find(rest.word()?))?.into();
    let owner = Issuer::parse(rest.word()?).ok()?;
    let entries = rest.list(Rest::index)?;
    let ranges = rest.list(|rest| {
        let (first, last) = (Sequence::new(rest.number()?)?, Sequence::new(rest.number()?)?);
        SequenceRange::new(first, last)
    })?;
    Some(Redaction { author, sequence, fields, walk: Walk::from_parts(owner, entries, ranges) })
}

fn number(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend_from_slice(&number.to_be_bytes());
}

fn word(bytes: &mut Vec<u8>, word: &str) {
    number(bytes, word.len() as u64);
    bytes.extend_from_slice(word.as_bytes());
}

fn list<T>(bytes: &mut Vec<u8>, values: impl ExactSizeIterator<Item = T>, put: impl Fn(&mut Vec<u8>, T)) {
    number(bytes, values.len() as u64);
    values.for_each(|value| put(bytes, value));
}

/// What is left to read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        self.bytes(8)?.first_chunk().map(|bytes| u64::from_be_bytes(*bytes))
    }

    fn index(&mut self) -> Option<LeafIndex> {
        LeafIndex::new(self.number()?).ok()
    }

    fn word(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        std::str::from_utf8(self.bytes(length)?).ok()
    }

    /// As many elements as the length says. Nothing is set aside for them before they are read.
    fn list<T>(&mut self, take: impl Fn(&mut Rest<'a>) -> Option<T>) -> Option<Vec<T>> {
        let length = self.number()?;
        (0..length).map(|_| take(self)).collect()
    }
}
