//! Reads the copy of a log's entries from the first one on, some at a time.

use std::sync::Arc;

use crate::audit_state::StateError;
use crate::entry_file::EntryFile;

/// Bytes that are read at once: some thousand entries.
const BYTES_AT_ONCE: usize = 4 << 20;

/// Where reading stands. What was read is known to the file from then on.
pub(crate) struct CopyReader {
    copy: Arc<EntryFile>,
    left: u64,
}

impl CopyReader {
    /// From the first entry, as many as that.
    pub(crate) fn new(copy: Arc<EntryFile>, size: u64) -> CopyReader {
        CopyReader { copy, left: size }
    }

    /// The next entries; `None` behind the last one, and where the file has no whole entry more.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<Vec<u8>>>, StateError> {
        if self.left == 0 {
            return Ok(None);
        }
        let bytes = self.copy.read_at(self.copy.length(), BYTES_AT_ONCE)?;
        let mut rest = bytes.as_slice();
        let mut entries = Vec::new();
        while self.left > 0 {
            let Some((length, after)) = rest.split_first_chunk::<2>() else { break };
            let Some((entry, after)) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))
            else {
                break;
            };
            entries.push(entry.to_vec());
            self.copy.know(entry.len());
            rest = after;
            self.left -= 1;
        }
        Ok((!entries.is_empty()).then_some(entries))
    }
}
