//! The file `history` says what the entries that it covers say, or it is no good: a start would go on from something else.

use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::registry::Registry;

use super::{Finding, FsckReport};
use crate::history::record::{HistoryRecord, NAME, is_other_version};
use crate::store::{Store, StoreError};

const DELETE: &str = "delete it, with the server stopped: the next start reads every entry";

/// What the file says about the tree of some size.
pub(super) struct Kept {
    size: u64,
    registry: Vec<u8>,
}

impl Kept {
    /// Reads the file; `None` where there is none to compare, because it is not there, or another version wrote it. Beside a
    /// running server it may be about a greater tree than the one that is checked.
    pub(super) fn read(
        store: &dyn Store,
        head: &TreeHead,
        report: &mut FsckReport,
    ) -> Result<Option<Kept>, StoreError> {
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
        Ok(Some(Kept { size, registry: record.registry().to_snapshot() }))
    }

    /// Compares it with what the entries say, if they are as many as it covers.
    pub(super) fn compare(&self, registry: &Registry) -> Option<Finding> {
        let differs = registry.size() == self.size && registry.to_snapshot() != self.registry;
        let rule = format!("says otherwise than the {} entries that it covers; {DELETE}", self.size);
        differs.then(|| Finding::new(NAME, rule))
    }
}
