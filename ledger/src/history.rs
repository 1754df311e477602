//! Reads what the log says from its entries: who is enrolled, which numbers are taken, how many there are of what.
//! It is read some bundles at a time, on all cores; what stays in memory of each is 64 bytes.

pub(crate) mod bundle_seen;
mod bundles;
mod covered;
pub(crate) mod keeper;
pub(crate) mod record;

use std::collections::HashSet;

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::{Digest, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::naming::Naming;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::past::Past;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::registry_error::RegistryError;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;

use self::bundle_seen::BundleSeen;
use self::bundles::{ReadBundle, read_bundles};
use self::covered::ask_for_disclosed;
use crate::erasures::Redaction;
use crate::index::Index;
use crate::pack::{PackError, pack_of, pack_path, scan_beside_writer};
use crate::past_entries::{PastEntries, Patience};
use crate::published::Stats;
use crate::store::Store;
use crate::texts::{Looked, Wanted};
use crate::tombstones::Tombstones;
use crate::tree_files::{BUNDLE, TreeFiles, TreeFilesError};

/// Bundles that are read and parsed at once.
const AT_ONCE: u64 = 16;
/// At most so many texts without a record are looked for in the rounds that lie staged: half of what a stage holds. A ledger
/// that lacks more has lost its packs.
const MISSING_MAX: usize = 1 << 20;

/// What the entries of a tree say.
#[derive(Debug)]
pub(crate) struct History {
    pub(crate) registry: Registry,
    pub(crate) stats: Stats,
    /// Every redaction, in the order of the log.
    pub(crate) redactions: Vec<(LeafIndex, Redaction)>,
    /// The tombstones in the packs of these entries.
    pub(crate) tombstones: Tombstones,
    /// What was seen in each bundle and its pack, the last one's too.
    bundles: Vec<BundleSeen>,
    /// The size up to which a record said it.
    covered: u64,
    /// How many texts the last bundle's entries serve from the start.
    last_texts: u64,
    /// Why a record that lies was not used.
    remark: Option<&'static str>,
    /// Texts without a record that their entries do not withhold, or that a disclosure opened.
    missing: Vec<Wanted>,
    /// Texts with a record that their entries withhold, and that no disclosure was seen for yet.
    opened: HashSet<(LeafIndex, Digest)>,
}

/// Why a log cannot be read again.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// A file.
    #[error(transparent)]
    Files(#[from] TreeFilesError),
    /// A pack of texts.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// A text that an entry serves is gone without a trace.
    #[error(
        "entry {index}: its text {field} is not in {pack}, where it lies or is marked as erased; copy that file from a \
         backup (a mirror has texts, and no packs)"
    )]
    TextMissing {
        /// The entry.
        index: u64,
        /// Which of its texts.
        field: String,
        /// The pack where it belongs.
        pack: String,
    },
    /// Bytes that are no entry of ours.
    #[error("entry {index}: {rule}")]
    Entry {
        /// The entry.
        index: u64,
        /// What it breaks.
        rule: String,
    },
    /// The entries are those of another tree.
    #[error("the {size} entries give the root {found}, the signed root is {signed}")]
    OtherRoot {
        /// The tree's size.
        size: TreeSize,
        /// The root that was signed.
        signed: RootHash,
        /// The root that the entries give.
        found: RootHash,
    },
    /// An entry that cannot stand at its place.
    #[error("entry {index}: {rule}")]
    Order {
        /// The entry.
        index: u64,
        /// What it breaks.
        rule: RegistryError,
    },
}

impl History {
    /// Reads the entries of a tree, each checked against its leaf hash in the tiles, and all of them against the signed
    /// root: so no entry counts that was not signed for. Signatures
    /// were checked at admission, and `fsck` checks them and the texts' bytes again. Whether the texts that it serves are
    /// there, [`History::check_texts`] says, once the rounds that lie staged have written theirs.
    ///
    /// `record` is the file `history` that lies: entries that it covers are not read again, see [`History::begin`].
    pub(crate) fn read(
        files: &TreeFiles,
        index: &Index,
        origin: &Origin,
        head: &TreeHead,
        record: Option<&[u8]>,
    ) -> Result<History, HistoryError> {
        let past = PastEntries::new(*head, files, index, Patience::Whole);
        let size = head.size();
        let (mut history, mut tree) = History::begin(files, origin, head, record)?;
        let bundles = size.get().div_ceil(BUNDLE);
        let first = history.registry.size();
        let mut next = first / BUNDLE;
        while next < bundles {
            let end = bundles.min(next + AT_ONCE);
            for (bundle, read) in (next..).zip(read_bundles(files, size, next..end)?) {
                let ReadBundle { stamp, leaves, mut looked } = read;
                // The first bundle may have entries that the record covers.
                let known = usize::try_from(first.saturating_sub(bundle * BUNDLE)).unwrap_or(usize::MAX);
                if let Some((covered, _)) = leaves.split_at_checked(known).filter(|_| known > 0) {
                    ask_for_disclosed(&history.registry, covered, bundle * BUNDLE, &mut looked);
                }
                history.last_texts = leaves.iter().map(|(_, entry)| served(entry.statement())).sum();
                history.look(BundleSeen { stamp, tombstones: looked.tombstones }, looked)?;
                for (leaf, entry) in leaves.into_iter().skip(known) {
                    history.take(&entry, &past)?;
                    // No tree of ours has more leaves than fit; a shorter one has another root.
                    if tree.push(leaf).is_err() {
                        break;
                    }
                }
            }
            next = end;
        }
        if tree.root() != *head.root() {
            return Err(HistoryError::OtherRoot { size, signed: *head.root(), found: tree.root() });
        }
        Ok(history)
    }

    fn before(origin: &Origin) -> History {
        History {
            registry: Registry::new(origin.clone()),
            stats: Stats::default(),
            redactions: Vec::new(),
            tombstones: Tombstones::default(),
            bundles: Vec::new(),
            covered: 0,
            last_texts: 0,
            remark: None,
            missing: Vec::new(),
            opened: HashSet::new(),
        }
    }

    /// Takes in what one pack has and has not.
    fn look(&mut self, seen: BundleSeen, looked: Looked) -> Result<(), HistoryError> {
        self.bundles.push(seen);
        self.tombstones.join(&seen.tombstones);
        self.opened.extend(looked.opened);
        self.missing.extend(looked.missing);
        match self.missing.first() {
            Some(first) if self.missing.len() > MISSING_MAX => Err(missing(first)),
            _ => Ok(()),
        }
    }

    fn take(&mut self, entry: &Entry, past: &dyn Past) -> Result<(), HistoryError> {
        let index = self.registry.size();
        let place =
            LeafIndex::new(index).map_err(|error| HistoryError::Entry { index, rule: error.to_string() })?;
        let statement = entry.statement();
        let naming = self.registry.apply(place, statement, past);
        let naming = naming.map_err(|rule| HistoryError::Order { index, rule })?;
        if statement.payload().kind() == StatementType::Disclosure {
            self.open(&naming);
        }
        self.redactions.extend(Redaction::of(statement, &naming).map(|redaction| (place, redaction)));
        self.stats.count(statement, &naming);
        Ok(())
    }

    /// From a disclosure on, a text that its entry withholds must be there.
    fn open(&mut self, naming: &Naming) {
        for entry in naming.entries() {
            for (field, digest) in &entry.opened {
                if !self.opened.remove(&(entry.index, *digest)) {
                    self.missing.push(Wanted { index: entry.index, field: *field, digest: *digest });
                }
            }
        }
    }

    /// Whether every text that is served has its record by now. One that was redacted needs none.
    ///
    /// # Errors
    ///
    /// [`HistoryError::TextMissing`] for the first that has none.
    pub(crate) fn check_texts(&self, files: &TreeFiles, head: &TreeHead) -> Result<(), HistoryError> {
        let mut looked_at = None;
        for wanted in &self.missing {
            let pack = pack_of(wanted.index);
            let records = match looked_at.take() {
                Some((known, records)) if known == pack => records,
                _ => records_of(files.store(), pack)?,
            };
            let there = records.contains(&(wanted.index, wanted.digest));
            looked_at = Some((pack, records));
            if there {
                continue;
            }
            let index = wanted.index.get();
            let bytes = files.entry(head.size(), wanted.index)?.ok_or_else(|| missing(wanted))?;
            let entry = Entry::parse(&bytes)
                .map_err(|error| HistoryError::Entry { index, rule: error.to_string() })?;
            let state = self.registry.state_of(entry.statement());
            if !state.is_redacted(wanted.field) {
                return Err(missing(wanted));
            }
        }
        Ok(())
    }
}

/// Which texts of which entries a pack holds or held.
fn records_of(store: &dyn Store, pack: u64) -> Result<HashSet<(LeafIndex, Digest)>, PackError> {
    let records = scan_beside_writer(store, pack)?;
    Ok(records.into_iter().map(|record| (record.entry, record.digest)).collect())
}

fn missing(wanted: &Wanted) -> HistoryError {
    let (field, pack): (FieldName, u64) = (wanted.field, pack_of(wanted.index));
    HistoryError::TextMissing { index: wanted.index.get(), field: field.to_string(), pack: pack_path(pack) }
}

/// How many texts a statement serves from the start: each has a record in its pack.
fn served(statement: &Statement) -> u64 {
    let payload = statement.payload();
    (payload.addenda().len() as u64).saturating_sub(payload.withheld().len() as u64)
}
