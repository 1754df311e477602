//! The folder that the runs lie in.

use std::cmp::Reverse;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustix::io::Errno;

use super::run::{Run, UNFINISHED};

/// The runs of a folder that count; all others are removed. That no more files can be opened is an error: they may be whole.
pub(super) fn read_folder(folder: &Path) -> io::Result<Vec<Arc<Run>>> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        // What has another name is not ours.
        let Some(bounds) = bounds(name) else { continue };
        let is_one = !name.ends_with(UNFINISHED);
        let run = match Run::open(path.clone()) {
            Err(error) if is_out_of_files(&error) => return Err(error),
            told => told.ok().flatten(),
        };
        match run.filter(|_| is_one).filter(|run| bounds == (run.header().first, run.header().end)) {
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

/// Whether an error says nothing of the file, but that this process, or the system, has too many of them open.
pub(super) fn is_out_of_files(error: &io::Error) -> bool {
    [Errno::MFILE, Errno::NFILE].iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Removes what does not count, a folder of such a name too. Where that fails, it does not count at the next start either, and is removed then.
pub(super) fn remove(path: &Path) {
    let _ = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
}

/// What the name of a run says, or of one that was never finished.
fn bounds(name: &str) -> Option<(u64, u64)> {
    let (first, end) = name.strip_suffix(UNFINISHED).unwrap_or(name).split_once('-')?;
    Some((first.parse().ok()?, end.parse().ok()?))
}
