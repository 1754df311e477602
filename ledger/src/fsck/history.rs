//! The file `history` says what the entries that it covers say, or it is no good: a start would go on from something else.

use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::naming::Naming;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;

use super::{Finding, FsckReport};
use crate::erasures::Redaction;
use crate::history::record::{HistoryRecord, NAME, is_other_version};
use crate::published::Stats;
use crate::store::{Store, StoreError};

const DELETE: &str = "delete it: the next start reads every entry";

/// The file, and what the entries say that were read until now.
pub(super) struct KeptHistory {
    bytes: Vec<u8>,
    record: HistoryRecord,
    stats: Stats,
    redactions: Vec<(LeafIndex, Redaction)>,
}

impl KeptHistory {
    /// Reads the file; `None` where there is none to compare, because it is not there, or another version wrote it. Beside a
    /// running server it may be about a greater tree than the one that is checked.
    pub(super) fn read(
        store: &dyn Store,
        head: &TreeHead,
        report: &mut FsckReport,
    ) -> Result<Option<KeptHistory>, StoreError> {
        let Some(bytes) = store.get(NAME)? else { return Ok(None) };
        let Some(record) = HistoryRecord::parse(&bytes) else {
            if !is_other_version(&bytes) {
                report.add(NAME, format!("is damaged; {DELETE}"));
            }
            return Ok(None);
        };
        let size = record.size().get();
        if size > head.size().get() {
            if !report.live {
                report.add(NAME, format!("is about a tree of size {size}, which is not published; {DELETE}"));
            }
            return Ok(None);
        }
        Ok(Some(KeptHistory { bytes, record, stats: Stats::default(), redactions: Vec::new() }))
    }

    /// Takes in the next entry, which the registry has taken. Compares everything when there are as many as it covers.
    pub(super) fn take(
        &mut self,
        index: LeafIndex,
        statement: &Statement,
        naming: &Naming,
        registry: &Registry,
    ) -> Option<Finding> {
        let size = self.record.size().get();
        if registry.size() > size {
            return None;
        }
        self.stats.count(statement, naming);
        self.redactions.extend(Redaction::of(statement, naming).map(|redaction| (index, redaction)));
        let is_same = registry.size() < size
            || self.record.encode_with(registry, &self.stats, &self.redactions) == self.bytes;
        let rule = format!("says otherwise than the {size} entries that it covers; {DELETE}");
        (!is_same).then(|| Finding::new(NAME, rule))
    }
}
