//! A part of a file as a file of its own: an inner zip is read where it lies in the outer one, and nothing is unpacked.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::rc::Rc;
use std::sync::Arc;

/// The bytes `start` to `start + length` of a file.
#[derive(Debug, Clone)]
pub struct Window {
    file: Arc<File>,
    start: u64,
    length: u64,
    position: u64,
    /// How many bytes may still be read.
    budget: Rc<Cell<u64>>,
    /// Where in the whole file was read last.
    reached: Rc<Cell<u64>>,
}

impl Window {
    /// The whole of a file of that length.
    pub fn whole(file: Arc<File>, length: u64) -> Window {
        let budget = Rc::new(Cell::new(u64::MAX));
        Window { file, start: 0, length, position: 0, budget, reached: Rc::default() }
    }

    /// A part of this window; `None` if it does not lie inside.
    pub fn part(&self, start: u64, length: u64) -> Option<Window> {
        let end = start.checked_add(length)?;
        let budget = Rc::new(Cell::new(u64::MAX));
        let inside = end <= self.length;
        inside.then(|| Window {
            start: self.start + start,
            length,
            position: 0,
            budget,
            file: Arc::clone(&self.file),
            reached: Rc::clone(&self.reached),
        })
    }

    /// Lets at most so many bytes be read from now on, by all clones together. Whatever reads more gets an error.
    pub fn allow(&self, bytes: u64) {
        self.budget.set(bytes);
    }

    /// Where in the whole file was read last: how far a reader has come.
    pub fn reached(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.reached)
    }
}

impl Read for Window {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(self.position);
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let budget = self.budget.get();
        let most = usize::try_from(budget).unwrap_or(usize::MAX).min(most);
        if most == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let at = self.start + self.position;
        let given = self.file.read_at(&mut buffer[..most], at)?;
        self.position += given as u64;
        self.budget.set(budget - given as u64);
        self.reached.set(at + given as u64);
        Ok(given)
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use std::io::Write as _;

    use super::*;

    fn window(text: &[u8]) -> Window {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text).unwrap();
        Window::whole(Arc::new(file), text.len() as u64)
    }

    fn rest(mut window: Window) -> Vec<u8> {
        let mut bytes = Vec::new();
        window.read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_part_is_a_file_of_its_own() {
        let whole = window(b"0123456789");
        let mut part = whole.part(2, 5).unwrap();
        assert_eq!(rest(part.clone()), b"23456");
        assert_eq!(whole.reached().get(), 7);
        part.seek(SeekFrom::End(-2)).unwrap();
        assert_eq!(rest(part.clone()), b"56");
        part.seek(SeekFrom::Start(9)).unwrap();
        assert_eq!(rest(part.clone()), b"");
        assert!(part.seek(SeekFrom::End(-6)).is_err());
        assert_eq!(rest(part.part(1, 2).unwrap()), b"34");
        assert!(part.part(1, 5).is_none() && whole.part(u64::MAX, 2).is_none());
    }

    #[test]
    fn no_more_is_read_than_is_allowed() {
        let mut whole = window(b"0123456789");
        whole.allow(4);
        let mut bytes = Vec::new();
        let error = whole.read_to_end(&mut bytes).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(bytes, b"0123");
        whole.allow(u64::MAX);
        assert_eq!(rest(whole), b"456789");
    }
}
