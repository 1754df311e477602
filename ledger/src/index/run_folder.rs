//! The folder that the runs lie in.

use std::cmp::Reverse;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::run::{Run, UNFINISHED};

/// The runs of a folder that count; all others are removed.
pub(super) fn read_folder(folder: &Path) -> io::Result<Vec<Arc<Run>>> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        // What has another name is not ours.
        let Some(bounds) = path.file_name().and_then(|name| name.to_str()).and_then(bounds) else { continue };
        let has_its_name = |run: &Run| bounds == (run.header().first, run.header().end);
        match Run::open(path.clone()).ok().flatten().filter(has_its_name) {
            Some(run) => found.push(run),
            None => remove(&path),
        }
    }
    found.sort_by_key(|run| (run.header().first, Reverse(run.header().end)));
    let mut runs: Vec<Arc<Run>> = Vec::new();
    for run in found {
        let follows = match runs.last() {
            None => run.header().first == 0,
            Some(last) => run.header().first == last.header().end && run.header().salt == last.header().salt,
        };
        match follows {
            true => runs.push(Arc::new(run)),
            // Merged into the one before, or behind a gap, or of another folder.
            false => remove(run.path()),
        }
    }
    Ok(runs)
}

/// Removes what does not count, a folder of such a name too. Where that fails, it does not count at the next start either, and is removed then.
pub(super) fn remove(path: &Path) {
    let _ = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
}

/// What the name of a run says, or of one that was never finished and is then no run.
fn bounds(name: &str) -> Option<(u64, u64)> {
    let (first, end) = name.strip_suffix(UNFINISHED).unwrap_or(name).split_once('-')?;
    Some((first.parse().ok()?, end.parse().ok()?))
}
