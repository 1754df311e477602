//! What fetched entries say about the texts of others: which they redact, and whose they open.

use std::collections::{HashMap, HashSet};

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::past::{Past, PastError};
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::targets::{SequenceRange, Target};

use crate::index::Index;
use crate::past_entries::{PastEntries, Patience};
use crate::stage::Stage;
use crate::tree_files::TreeFiles;

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
    redacted: HashMap<LeafHash, HashSet<FieldName>>,
    redacted_ranges: HashMap<Issuer, Vec<(SequenceRange, HashSet<FieldName>)>>,
    /// The entries that disclosures open texts of.
    opened: HashMap<LeafHash, (LeafIndex, Statement)>,
}

impl Said {
    /// Reads entries, the first of each round at its tree's size. What does not parse says nothing here.
    pub(super) fn of(rounds: &[(TreeHead, Vec<Vec<u8>>)], own: &Own<'_>) -> Result<Said, PastError> {
        let mut said = Said::default();
        let mut wanted = HashSet::new();
        let entries =
            || rounds.iter().flat_map(|(_, entries)| entries).filter_map(|bytes| Entry::parse(bytes).ok());
        for entry in entries() {
            let statement = entry.statement();
            match statement.payload().kind() {
                StatementType::Redaction => said.redact(statement),
                StatementType::Disclosure => wanted.extend(target_of(statement).copied()),
                _ => {}
            }
        }
        let staged = own.stages.iter().map(|stage| (stage.old_head(), stage.entries()));
        let fetched = rounds.iter().map(|(before, entries)| (before, entries.as_slice()));
        for (before, entries) in staged.chain(fetched).filter(|_| !wanted.is_empty()) {
            for (index, bytes) in (before.size().get()..).zip(entries) {
                let leaf = LeafHash::of_entry(bytes);
                if wanted.contains(&leaf)
                    && let (Ok(index), Ok(entry)) = (LeafIndex::new(index), Entry::parse(bytes))
                {
                    said.opened.entry(leaf).or_insert((index, entry.into_statement()));
                }
            }
        }
        for leaf in wanted {
            if !said.opened.contains_key(&leaf)
                && let Some(found) = own.find(&leaf)?
            {
                said.opened.insert(leaf, found);
            }
        }
        Ok(said)
    }

    fn redact(&mut self, statement: &Statement) {
        let payload = statement.payload();
        let Some(targets) = payload.targets() else { return };
        let fields: HashSet<FieldName> = payload.names(FieldName::FIELDS).iter().copied().collect();
        let owner = payload.provider().unwrap_or(&statement.claims().iss);
        for target in targets.iter() {
            match target {
                Target::Entry(leaf) => self.redacted.entry(*leaf).or_default().extend(&fields),
                Target::Range(range) => {
                    let ranges = self.redacted_ranges.entry(owner.clone()).or_default();
                    ranges.push((*range, fields.clone()));
                }
            }
        }
    }

    /// Whether one of the entries redacts a text of that entry.
    pub(super) fn redacts(&self, leaf: &LeafHash, statement: &Statement, field: FieldName) -> bool {
        let by_leaf = self.redacted.get(leaf).is_some_and(|fields| fields.contains(&field));
        let ranges = self.redacted_ranges.get(&statement.claims().iss).map_or(&[][..], Vec::as_slice);
        by_leaf
            || ranges
                .iter()
                .any(|(range, fields)| range.contains(statement.sequence()) && fields.contains(&field))
    }

    /// The entry whose texts a disclosure opens; `None` for every other type, and where there is no such entry.
    pub(super) fn opened_by(&self, statement: &Statement) -> Option<(&LeafHash, &(LeafIndex, Statement))> {
        self.opened.get_key_value(target_of(statement)?)
    }
}

fn target_of(statement: &Statement) -> Option<&LeafHash> {
    let payload = statement.payload();
    let targets = (payload.kind() == StatementType::Disclosure).then(|| payload.targets())?;
    targets?.single_entry()
}

impl Own<'_> {
    /// An entry by its leaf hash. The files may not reach to the tree that the stages lead to.
    fn find(&self, leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        let heads = self.stages.iter().rev().map(|stage| stage.old_head());
        let mut last = Ok(None);
        for head in std::iter::once(&self.head).chain(heads) {
            last = PastEntries::new(*head, self.files, self.index, Patience::Whole).find(leaf);
            if let Ok(Some(found)) = last {
                return Ok(Some(found));
            }
        }
        last
    }
}
