//! What a log says about texts once fetched entries are part of it: which are redacted, and whose a disclosure opens.
//!
//! A mirror that says that a text was erased is believed where the log says so too: where a redaction counts and applies, by
//! the same rules by which everybody reads the log.

use std::collections::HashMap;

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::past::{Past, PastError};
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::registry_error::RegistryError;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;

use crate::history::{History, HistoryError};
use crate::index::Index;
use crate::past_entries::{PastEntries, Patience};
use crate::stage::Stage;
use crate::tree_files::TreeFiles;

/// Why it is not known.
#[derive(Debug, thiserror::Error)]
pub(super) enum SaidError {
    /// The look-ups.
    #[error(transparent)]
    Past(#[from] PastError),
    /// The entries in the folder's files.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// An entry that cannot stand at its place.
    #[error("entry {index}: {rule}")]
    Order {
        /// The entry.
        index: u64,
        /// What it breaks.
        rule: RegistryError,
    },
}

/// Where entries lie that were not fetched: in this folder's files, or in its stages.
pub(super) struct Own<'a> {
    pub(super) files: &'a TreeFiles,
    pub(super) index: &'a Index,
    /// The tree that the folder stands on.
    pub(super) head: TreeHead,
    pub(super) stages: Vec<&'a Stage>,
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// What all entries together say; `None` where no fetched entry can erase anything.
    registry: Option<Registry>,
    /// The entries that disclosures open texts of.
    opened: HashMap<LeafHash, (LeafIndex, Statement)>,
}

impl Said {
    /// Reads fetched entries, the first of each round at its tree's size. What does not parse says nothing here. Where
    /// one of them is a redaction, or a withdrawal by which one may count again, the whole log is read again, as at a start.
    pub(super) fn of(
        origin: &Origin,
        rounds: &[(TreeHead, Vec<Vec<u8>>)],
        own: &Own<'_>,
    ) -> Result<Said, SaidError> {
        let entries =
            || rounds.iter().flat_map(|(_, entries)| entries).filter_map(|bytes| Entry::parse(bytes).ok());
        let past = LatePast::new(rounds, own);
        let mut said = Said::default();
        for entry in entries() {
            if let Some(leaf) = target_of(entry.statement())
                && let Some(found) = past.find(leaf)?
            {
                said.opened.insert(*leaf, found);
            }
        }
        let may_erase = |entry: Entry| {
            let kind = entry.statement().payload().kind();
            matches!(kind, StatementType::Redaction | StatementType::Withdrawal)
        };
        if entries().any(may_erase) {
            said.registry = Some(past.replay(origin)?);
        }
        Ok(said)
    }

    /// Whether the log redacts a text of that entry.
    pub(super) fn redacts(&self, statement: &Statement, field: FieldName) -> bool {
        self.registry.as_ref().is_some_and(|registry| registry.state_of(statement).is_redacted(field))
    }

    /// The entry whose texts a disclosure opens; `None` for every other type, and where there is no such entry.
    pub(super) fn opened_by(&self, statement: &Statement) -> Option<&(LeafIndex, Statement)> {
        self.opened.get(target_of(statement)?)
    }
}

fn target_of(statement: &Statement) -> Option<&LeafHash> {
    let payload = statement.payload();
    let targets = (payload.kind() == StatementType::Disclosure).then(|| payload.targets())?;
    targets?.single_entry()
}

/// Entries in the order of the log that are not in the files yet, those of the stages first, and all that are.
struct LatePast<'a> {
    own: &'a Own<'a>,
    late: Vec<(u64, &'a [u8])>,
    /// Where among `late` a leaf hash stands first.
    places: HashMap<LeafHash, usize>,
}

impl<'a> LatePast<'a> {
    fn new(rounds: &'a [(TreeHead, Vec<Vec<u8>>)], own: &'a Own<'a>) -> LatePast<'a> {
        let staged = own.stages.iter().map(|stage| (stage.old_head(), stage.entries()));
        let fetched = rounds.iter().map(|(before, entries)| (before, entries.as_slice()));
        let late = staged.chain(fetched).flat_map(|(before, entries)| {
            (before.size().get()..).zip(entries).map(|(index, bytes)| (index, bytes.as_slice()))
        });
        let late: Vec<(u64, &[u8])> = late.collect();
        let mut places = HashMap::with_capacity(late.len());
        for (place, (_, bytes)) in late.iter().enumerate() {
            places.entry(LeafHash::of_entry(bytes)).or_insert(place);
        }
        LatePast { own, late, places }
    }

    /// What the files and everything behind them say.
    fn replay(&self, origin: &Origin) -> Result<Registry, SaidError> {
        let base = self.own.stages.first().map_or(self.own.head, |stage| *stage.old_head());
        let mut registry = History::read(self.own.files, self.own.index, origin, &base, None)?.registry;
        for (index, bytes) in &self.late {
            // A stage that begins before the one ahead of it ended says nothing new.
            if *index < registry.size() {
                continue;
            }
            let wrong = |rule: String| HistoryError::Entry { index: *index, rule };
            let entry = Entry::parse(bytes).map_err(|error| wrong(error.to_string()))?;
            let place = LeafIndex::new(*index).map_err(|error| wrong(error.to_string()))?;
            registry
                .apply(place, entry.statement(), self)
                .map_err(|rule| SaidError::Order { index: *index, rule })?;
        }
        Ok(registry)
    }

    /// An entry in the files. They may not reach to the tree that the stages lead to.
    fn find_own(&self, leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        let heads = self.own.stages.iter().rev().map(|stage| stage.old_head());
        let mut last = Ok(None);
        for head in std::iter::once(&self.own.head).chain(heads) {
            last = PastEntries::new(*head, self.own.files, self.own.index, Patience::Whole).find(leaf);
            if let Ok(Some(found)) = last {
                return Ok(Some(found));
            }
        }
        last
    }
}

impl Past for LatePast<'_> {
    fn find(&self, leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        if let Some((index, bytes)) = self.places.get(leaf).and_then(|place| self.late.get(*place))
            && let (Ok(index), Ok(entry)) = (LeafIndex::new(*index), Entry::parse(bytes))
        {
            return Ok(Some((index, entry.into_statement())));
        }
        self.find_own(leaf)
    }
}
