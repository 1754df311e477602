//! A file takes the place of another, and the bytes of the other are overwritten.
//!
//! What is true if the process dies, at any moment: the old file stands whole under its name until the new one, synced
//! before, stands there. From before that moment on the old one has a second name, by which the next run finds and
//! overwrites it. Zeros are written only when the folder is known to be on the disk as it is meant to be.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// Zeros that are written at once.
static ZEROS: [u8; 1 << 16] = [0; 1 << 16];

/// Where what will take the place of `path` is written.
pub(super) fn next_name(path: &Path) -> PathBuf {
    beside(path, ".new")
}

/// The second name of what stood at `path`.
pub(super) fn old_name(path: &Path) -> PathBuf {
    beside(path, ".old")
}

/// Puts the file at [`next_name`], which must be whole and synced, in the place of `path`, and overwrites what stood there.
///
/// # Errors
/// What the system says. [`finish`] ends what was begun.
pub(super) fn replace(path: &Path) -> io::Result<()> {
    let old = old_name(path);
    if !fs::symlink_metadata(path)?.is_file() {
        // A link: what it leads to is somebody else's, and stays.
        fs::rename(next_name(path), path)?;
        return sync_folder(path);
    }
    let before = OpenOptions::new().write(true).open(path)?;
    let is_linked = link(path, &old)?;
    // Dying before this line: the old file stands; [`finish`] takes the new one and the second name away.
    fs::rename(next_name(path), path)?;
    sync_folder(path)?;
    // Dying from here on: the new file stands; [`finish`] overwrites the old one by its second name.
    overwrite(&before)?;
    if is_linked { fs::remove_file(&old) } else { Ok(()) }
}

/// Ends a replacement that was interrupted: the old file or the new one stands at `path`, and nothing beside it.
///
/// # Errors
/// What the system says.
pub(super) fn finish(path: &Path) -> io::Result<()> {
    discard(&next_name(path))?;
    let old = old_name(path);
    match (identity(path)?, identity(&old)?) {
        // It was not replaced yet.
        (Some(standing), Some(old_one)) if standing == old_one => fs::remove_file(&old),
        (Some(_), Some(_)) => {
            sync_folder(path)?;
            discard(&old)
        }
        _ => Ok(()),
    }
}

/// Overwrites a file and removes it; nothing where there is none. Of a link, only the name goes.
///
/// # Errors
/// What the system says.
pub(super) fn discard(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => overwrite(&OpenOptions::new().write(true).open(path)?)?,
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    fs::remove_file(path)
}

/// Overwrites a file's bytes with zeros from `from` on, and syncs them. The file is not open for appending.
///
/// # Errors
/// What the system says.
pub(super) fn overwrite_from(file: &File, from: u64) -> io::Result<()> {
    let length = file.metadata()?.len();
    let mut at = from;
    while at < length {
        let due = usize::try_from(length - at).unwrap_or(ZEROS.len()).min(ZEROS.len());
        let zeros = ZEROS.get(..due).unwrap_or(&ZEROS);
        file.write_all_at(zeros, at)?;
        at += due as u64;
    }
    file.sync_data()
}

/// Overwrites a file that has no name but the one that is about to go. What somebody has linked elsewhere, as some backups
/// do, is a copy, and stays.
fn overwrite(file: &File) -> io::Result<()> {
    if file.metadata()?.nlink() > 1 { Ok(()) } else { overwrite_from(file, 0) }
}

/// Gives a file its second name; `false` on a file system that knows no such names. There, dying before the end leaves the
/// bytes of the old file in blocks that are free.
fn link(path: &Path, old: &Path) -> io::Result<bool> {
    match fs::hard_link(path, old) {
        Ok(()) => Ok(true),
        Err(error)
            if matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied) =>
        {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Which file has a name, whatever it is called; `None` where there is none.
fn identity(path: &Path) -> io::Result<Option<(u64, u64)>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some((found.dev(), found.ino()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes the names in the folder of `path` durable.
///
/// # Errors
/// What the system says.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        Some(_) => File::open(".")?.sync_all(),
        None => Ok(()),
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    /// Longer than one piece of zeros, and no multiple of it.
    fn long(byte: u8) -> Vec<u8> {
        vec![byte; ZEROS.len() + 17]
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_was_replaced_is_zeros_for_whoever_still_holds_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, long(b'a')).unwrap();
        let held = File::open(&path).unwrap();
        fs::write(next_name(&path), b"b").unwrap();
        replace(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"b");
        let mut bytes = long(b'x');
        held.read_exact_at(&mut bytes, 0).unwrap();
        assert_eq!(bytes, long(0));
        assert_eq!(names(dir.path()), ["file"]);
    }

    #[test]
    fn a_replacement_that_died_is_ended_and_never_takes_what_stands() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, long(b'a')).unwrap();
        // It died before the new one took the name: with and without the second name of the old one.
        for is_linked in [false, true] {
            fs::write(next_name(&path), b"half of").unwrap();
            let held = File::open(next_name(&path)).unwrap();
            if is_linked {
                fs::hard_link(&path, old_name(&path)).unwrap();
            }
            finish(&path).unwrap();
            assert_eq!(fs::read(&path).unwrap(), long(b'a'));
            assert_eq!(names(dir.path()), ["file"]);
            let mut bytes = [1; 7];
            held.read_exact_at(&mut bytes, 0).unwrap();
            assert_eq!(bytes, [0; 7]);
        }
        // It died behind that, with half of the old one overwritten.
        let held = File::open(&path).unwrap();
        fs::rename(&path, old_name(&path)).unwrap();
        fs::write(&path, b"new").unwrap();
        OpenOptions::new().write(true).open(old_name(&path)).unwrap().write_all_at(&[0; 9], 0).unwrap();
        finish(&path).unwrap();
        assert_eq!((fs::read(&path).unwrap(), names(dir.path())), (b"new".to_vec(), vec!["file".to_owned()]));
        let mut bytes = long(1);
        held.read_exact_at(&mut bytes, 0).unwrap();
        assert_eq!(bytes, long(0));
        finish(&path).unwrap();
    }

    #[test]
    fn what_a_link_leads_to_stays_whole() {
        let dir = tempfile::tempdir().unwrap();
        let (path, target) = (dir.path().join("file"), dir.path().join("target"));
        fs::write(&target, b"a").unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
        fs::write(next_name(&path), b"b").unwrap();
        replace(&path).unwrap();
        assert_eq!((fs::read(&path).unwrap(), fs::read(&target).unwrap()), (b"b".to_vec(), b"a".to_vec()));
        std::os::unix::fs::symlink(&target, old_name(&path)).unwrap();
        finish(&path).unwrap();
        assert_eq!(names(dir.path()), ["file", "target"]);
        assert_eq!(fs::read(&target).unwrap(), b"a");
    }

    #[test]
    fn a_copy_that_somebody_linked_elsewhere_stays_whole() {
        let dir = tempfile::tempdir().unwrap();
        let (path, copy) = (dir.path().join("file"), dir.path().join("copy"));
        fs::write(&path, b"a").unwrap();
        fs::hard_link(&path, &copy).unwrap();
        fs::write(next_name(&path), b"b").unwrap();
        replace(&path).unwrap();
        assert_eq!((fs::read(&path).unwrap(), fs::read(&copy).unwrap()), (b"b".to_vec(), b"a".to_vec()));
    }
}
