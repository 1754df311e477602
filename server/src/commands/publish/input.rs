//! The lines to publish: from a file, or from standard input as they arrive.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::commands::CommandError;
use crate::outbox::line::{AuthoredLine, LineError, MAX_LINE};

/// How long a line that arrived waits for others to share its batch.
const GATHER: Duration = Duration::from_millis(200);

/// Lines that are read before they are asked for: more than a usual batch, and bounded memory even where each is long.
const READ_AHEAD: usize = 256;

/// A line of the input: an authored one, or what is wrong with it.
pub(in crate::commands) type Line = Result<AuthoredLine, LineError>;

/// Where the lines come from.
pub(in crate::commands) enum Input {
    /// A file, or a copy of a stream where everything is looked at first.
    File { name: PathBuf, file: File, lines: u64 },
    /// Standard input, or a pipe: read once, as it comes.
    Stream(Box<dyn Read + Send>),
}

impl Input {
    /// Opens `path`; `-` is standard input. `twice`: the lines will be read two times.
    pub(in crate::commands) fn open(path: &Path, twice: bool) -> Result<Input, CommandError> {
        let fail = || CommandError::io(path.display().to_string());
        let mut stream: Box<dyn Read + Send> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            let file = File::open(path).map_err(fail())?;
            if file.metadata().map_err(fail())?.is_file() {
                return Input::of_file(path, file);
            }
            Box::new(file)
        };
        if !twice {
            return Ok(Input::Stream(stream));
        }
        let mut copy = tempfile::tempfile().map_err(fail())?;
        io::copy(&mut stream, &mut copy).map_err(fail())?;
        copy.rewind().map_err(fail())?;
        Input::of_file(path, copy)
    }

    /// A file with its lines counted, for the progress bar.
    fn of_file(path: &Path, mut file: File) -> Result<Input, CommandError> {
        let fail = || CommandError::io(path.display().to_string());
        let mut lines = 0;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut buffer).map_err(fail())?;
            if read == 0 {
                break;
            }
            lines += buffer.iter().take(read).filter(|byte| **byte == b'\n').count() as u64;
        }
        match file.rewind() {
            Ok(()) => Ok(Input::File { name: path.to_owned(), file, lines }),
            Err(error) => Err(fail()(error)),
        }
    }

    /// How many lines there are, if that is known.
    pub(in crate::commands) fn count(&self) -> Option<u64> {
        match self {
            Input::File { lines, .. } => Some(*lines),
            Input::Stream(_) => None,
        }
    }

    /// All lines, one by one, for a first look.
    pub(super) fn trial(&mut self) -> Result<impl Iterator<Item = Result<Line, CommandError>>, CommandError> {
        let Input::File { name, file, .. } = self else {
            return Err(CommandError::Usage("a stream can be read only once".to_owned()));
        };
        let file = file.try_clone().map_err(CommandError::io(name.display().to_string()))?;
        let name = name.display().to_string();
        let mut reader = Numbered::new(BufReader::new(file));
        Ok(std::iter::from_fn(move || reader.next_line().transpose())
            .map(move |line| line.map_err(CommandError::io(name.clone()))))
    }

    /// All lines, one at a time, as they are asked for.
    pub(in crate::commands) fn one_by_one(self) -> impl Iterator<Item = Result<Line, CommandError>> {
        let (name, source): (String, Box<dyn Read>) = match self {
            Input::File { name, file, .. } => (name.display().to_string(), Box::new(file)),
            Input::Stream(stream) => ("reading lines".to_owned(), stream),
        };
        let mut reader = Numbered::new(BufReader::new(source));
        std::iter::from_fn(move || reader.next_line().transpose())
            .map(move |line| line.map_err(CommandError::io(name.clone())))
    }

    /// Back to the first line.
    pub(super) fn rewind(&mut self) -> Result<(), CommandError> {
        match self {
            Input::File { name, file, .. } => {
                file.rewind().map_err(CommandError::io(name.display().to_string()))
            }
            Input::Stream(_) => Ok(()),
        }
    }
}

/// Reads lines and counts them. White lines are left out.
struct Numbered<R> {
    source: R,
    number: u64,
}

impl<R: BufRead> Numbered<R> {
    fn new(source: R) -> Numbered<R> {
        Numbered { source, number: 0 }
    }

    fn next_line(&mut self) -> io::Result<Option<Line>> {
        loop {
            let mut bytes = Vec::new();
            let bound = MAX_LINE as u64 + 2;
            if self.source.by_ref().take(bound).read_until(b'\n', &mut bytes)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if bytes.last() != Some(&b'\n') && bytes.len() as u64 == bound {
                self.skip_line()?;
            }
            let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
            if let Some(line) = AuthoredLine::parse(self.number, line).transpose() {
                return Ok(Some(line));
            }
        }
    }

    /// The rest of a line that is too long to be kept.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.source.fill_buf()?;
            let (used, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.source.consume(used);
            if ended {
                return Ok(());
            }
        }
    }
}

/// Lines in chunks. A thread reads ahead, so that lines of a slow source are not held back.
pub(super) struct Lines {
    arrived: Receiver<io::Result<Line>>,
}

impl Lines {
    /// Begins to read.
    pub(super) fn of(input: Input) -> Lines {
        Lines::from_source(match input {
            Input::File { file, .. } => Box::new(file),
            Input::Stream(stream) => stream,
        })
    }

    fn from_source(source: Box<dyn Read + Send>) -> Lines {
        let (sender, arrived) = sync_channel(READ_AHEAD);
        thread::spawn(move || read_ahead(source, &sender));
        Lines { arrived }
    }

    /// Up to `most` lines: what there is, and what comes within a moment. None at the end.
    pub(super) fn next_chunk(&mut self, most: usize) -> Result<Vec<Line>, CommandError> {
        let mut chunk = Vec::new();
        let Ok(first) = self.arrived.recv() else { return Ok(chunk) };
        let fail = || CommandError::io("reading lines");
        chunk.push(first.map_err(fail())?);
        let until = Instant::now() + GATHER;
        while chunk.len() < most {
            match self.arrived.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => chunk.push(line.map_err(fail())?),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        Ok(chunk)
    }
}

fn read_ahead(source: Box<dyn Read + Send>, sender: &SyncSender<io::Result<Line>>) {
    let mut reader = Numbered::new(BufReader::new(source));
    while let Some(line) = reader.next_line().transpose() {
        if sender.send(line).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn chunks(text: &str, most: usize) -> Vec<Vec<u64>> {
        let mut lines = Lines::from_source(Box::new(io::Cursor::new(text.to_owned())));
        let next = || lines.next_chunk(most).unwrap();
        let number = |line: &Line| line.as_ref().map_or_else(|error| error.line, AuthoredLine::number);
        std::iter::repeat_with(next)
            .take_while(|chunk| !chunk.is_empty())
            .map(|chunk| chunk.iter().map(number).collect())
            .collect()
    }

    #[test]
    fn lines_keep_their_numbers_across_chunks_and_white_lines() {
        assert_eq!(chunks("{}\n\n{}\nx\n  \n{}", 2), [vec![1, 3], vec![4, 6]]);
        assert!(chunks("\n \n", 2).is_empty());
    }

    #[test]
    fn a_line_beyond_the_bound_is_named_and_the_next_one_stands() {
        let text = format!("{}\n{{}}\n", "x".repeat(MAX_LINE + 10));
        let mut reader = Numbered::new(BufReader::new(text.as_bytes()));
        let error = reader.next_line().unwrap().unwrap().unwrap_err();
        assert_eq!((error.line, error.rule.as_str()), (1, "too-long"));
        assert_eq!(reader.next_line().unwrap().unwrap().unwrap().number(), 2);
        assert!(reader.next_line().unwrap().is_none());
    }
}
