//! Why the index cannot be read, followed or written, and whether that passes.

use std::io;

use glasshouse_ledger::reader::ReadError;
use rustix::io::Errno;
use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError};

/// Why the index cannot be followed or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexStoreError {
    /// The index.
    #[error("the search index: {0} (it can be deleted; it is built again from the log)")]
    Index(#[from] tantivy::TantivyError),
    /// Its folder.
    #[error("the search index: {0}")]
    Io(#[from] std::io::Error),
    /// What a commit says of itself.
    #[error("the search index: {0}")]
    Mark(#[from] serde_json::Error),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] ReadError),
}

/// What the system says where it lacks something, or forbids it, that has nothing to do with what stands in a file.
const PASSING: [Errno; 11] = [
    Errno::MFILE,
    Errno::NFILE,
    Errno::NOMEM,
    Errno::AGAIN,
    Errno::ACCESS,
    Errno::PERM,
    Errno::ROFS,
    Errno::NOSPC,
    Errno::DQUOT,
    Errno::STALE,
    Errno::TIMEDOUT,
];

impl IndexStoreError {
    /// Whether an index that could not be opened is as good as before when the reason is over: no descriptor, thread or room is left,
    /// there is no right to read it, the ledger cannot be read. One that is damaged, on a bad disk too, is built again.
    pub(crate) fn is_passing(&self) -> bool {
        let refused = match self {
            IndexStoreError::Ledger(_) => return true,
            IndexStoreError::Mark(_) => return false,
            // That a thread could not be started.
            IndexStoreError::Index(TantivyError::SystemError(_)) => return true,
            IndexStoreError::Index(error) => cause(error),
            IndexStoreError::Io(error) => Some(error),
        };
        refused.and_then(Errno::from_io_error).is_some_and(|errno| PASSING.contains(&errno))
    }
}

/// What the system said.
fn cause(error: &TantivyError) -> Option<&io::Error> {
    match error {
        TantivyError::IoError(error) | TantivyError::LockFailure(LockError::IoError(error), _) => Some(error),
        TantivyError::OpenDirectoryError(OpenDirectoryError::IoError { io_error, .. })
        | TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. })
        | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, .. }) => Some(io_error),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(missing_docs)]
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn an_index_is_not_given_up_for_what_passes() {
        for (errno, passes) in [
            (Errno::MFILE, true),
            (Errno::ACCESS, true),
            (Errno::ROFS, true),
            (Errno::IO, false),
            (Errno::NOENT, false),
        ] {
            let io = || io::Error::from(errno);
            let (shared, filepath) = (Arc::new(io()), PathBuf::from("x"));
            let open = OpenReadError::wrap_io_error(io(), filepath.clone());
            let write = OpenWriteError::wrap_io_error(io(), filepath.clone());
            let directory = OpenDirectoryError::wrap_io_error(io(), filepath);
            for error in [
                IndexStoreError::Io(io()),
                TantivyError::IoError(Arc::clone(&shared)).into(),
                TantivyError::LockFailure(LockError::IoError(shared), None).into(),
                TantivyError::from(open).into(),
                TantivyError::from(write).into(),
                TantivyError::from(directory).into(),
            ] {
                assert_eq!(error.is_passing(), passes, "{errno} {error:?}");
            }
        }
        let damaged = TantivyError::InternalError("x".to_owned());
        let made_up = io::Error::new(io::ErrorKind::InvalidData, "x");
        assert!(!IndexStoreError::from(damaged).is_passing() && !IndexStoreError::Io(made_up).is_passing());
    }
}
