//! How many files the process may have open: the soft limit of shells is often 1,024, and connections alone can take most of that.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the soft limit to so many, as far as the hard one lets it. What the limit was before is never lowered.
pub(crate) fn allow(files: u64) {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.map_or(files, |most| most.min(files));
    // `None` is without a limit.
    if limit.current.is_none_or(|current| current >= most) {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: limit.maximum }) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
}
