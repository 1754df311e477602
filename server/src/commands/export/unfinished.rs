//! A report in the making, and how it comes to its place.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::commands::CommandError;

/// A folder whose files nobody takes for a report. Dropped before its end, nothing of it is left; killed, a folder
/// `.NAME.….unfinished` is.
#[derive(Debug)]
pub(super) struct Unfinished {
    aside: TempDir,
    out: PathBuf,
    place: Place,
}

/// Where it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Beside the name that it gets: there is nothing of that name.
    Beside,
    /// In an empty folder that is there: it may be a file system of its own, or a link to one, which no folder can replace.
    Within,
}

impl Unfinished {
    /// Begins. A place that holds something is refused, so that no table of another count stands beside these.
    pub(super) fn at(out: &Path) -> Result<Unfinished, CommandError> {
        let io = || CommandError::io(out.display().to_string());
        let place = match std::fs::read_dir(out) {
            Ok(mut files) => match files.next() {
                None => Place::Within,
                Some(_) => {
                    let out = out.display();
                    return Err(CommandError::Usage(format!("{out} is not empty; choose a new folder")));
                }
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Place::Beside,
            Err(error) => return Err(io()(error)),
        };
        let folder = match place {
            Place::Within => out,
            Place::Beside => parent_of(out),
        };
        let name = match place {
            Place::Within => "report".into(),
            Place::Beside => {
                let name = out.file_name().ok_or_else(|| {
                    CommandError::Usage(format!("--out {}: this is no name of a new folder", out.display()))
                })?;
                std::fs::create_dir_all(folder).map_err(io())?;
                name.to_string_lossy()
            }
        };
        let prefix = format!(".{name}.");
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".unfinished").permissions(Permissions::from_mode(0o777));
        let aside = builder.tempdir_in(folder).map_err(io())?;
        Ok(Unfinished { aside, out: out.to_owned(), place })
    }

    /// Where its files are written.
    pub(super) fn path(&self) -> &Path {
        self.aside.path()
    }

    /// Brings these files to their place, the last one last: all of them are on the disk then.
    ///
    /// # Errors
    /// `Io`; the finished report stays where it was made, and the error says where.
    pub(super) fn finish(self, names: &[String]) -> Result<(), CommandError> {
        let moved = match self.place {
            Place::Beside => self.rename(),
            Place::Within => self.move_out(names),
        };
        // It has another name now, or is all that there is: nothing is to be removed.
        let made = self.aside.keep();
        moved.map_err(|error| {
            let (out, made) = (self.out.display(), made.display());
            CommandError::io(format!(
                "{out}: the report is finished and lies in {made}, for it could not be moved"
            ))(error)
        })
    }

    fn rename(&self) -> io::Result<()> {
        File::open(self.aside.path())?.sync_all()?;
        // A folder of that name that came meanwhile is not replaced, unless it is empty.
        std::fs::rename(self.aside.path(), &self.out)?;
        File::open(parent_of(&self.out))?.sync_all()
    }

    fn move_out(&self, names: &[String]) -> io::Result<()> {
        if let Some(name) = names.iter().find(|name| self.out.join(name).symlink_metadata().is_ok()) {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{name} came meanwhile")));
        }
        for name in names {
            std::fs::rename(self.aside.path().join(name), self.out.join(name))?;
        }
        std::fs::remove_dir(self.aside.path())?;
        File::open(&self.out)?.sync_all()
    }
}

fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn made(out: &Path) -> (Unfinished, Vec<String>) {
        let folder = Unfinished::at(out).unwrap();
        let names = ["table.csv", "README.txt"].map(str::to_owned);
        names.iter().for_each(|name| std::fs::write(folder.path().join(name), name).unwrap());
        (folder, names.into())
    }

    fn files(folder: &Path) -> Vec<String> {
        let names = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            names.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A new name, an empty folder, and a link to one, as that of another file system.
    #[test]
    fn a_report_comes_to_its_place_whatever_that_is() {
        let scratch = tempfile::tempdir().unwrap();
        let [new, empty, target, link] =
            ["new", "empty", "target", "link"].map(|name| scratch.path().join(name));
        std::fs::create_dir(&empty).unwrap();
        std::fs::create_dir(&target).unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        for out in [&new, &empty, &link] {
            let (folder, names) = made(out);
            folder.finish(&names).unwrap();
            assert_eq!(files(out), ["README.txt", "table.csv"]);
            assert!(matches!(Unfinished::at(out), Err(CommandError::Usage(_))));
        }
        assert_eq!(files(scratch.path()), ["empty", "link", "new", "target"], "nothing else is left");
        assert!(link.symlink_metadata().unwrap().is_symlink());
    }

    #[test]
    fn a_report_that_cannot_be_moved_is_kept_and_told_of() {
        let scratch = tempfile::tempdir().unwrap();
        let (new, empty) = (scratch.path().join("new"), scratch.path().join("empty"));
        std::fs::create_dir(&empty).unwrap();
        for (out, taken) in [(&new, "other"), (&empty, "README.txt")] {
            let (folder, names) = made(out);
            let aside = folder.path().to_owned();
            std::fs::create_dir_all(out).unwrap();
            std::fs::write(out.join(taken), "it came meanwhile").unwrap();
            let told = folder.finish(&names).unwrap_err().to_string();
            assert!(told.contains(&format!("lies in {}", aside.display())), "{told}");
            assert_eq!(files(&aside), ["README.txt", "table.csv"]);
            assert_eq!(std::fs::read(out.join(taken)).unwrap(), b"it came meanwhile");
        }
        // One that was not finished leaves nothing.
        let before = files(scratch.path());
        drop(made(&scratch.path().join("third")));
        assert_eq!(files(scratch.path()), before);
    }
}
