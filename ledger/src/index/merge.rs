//! Several runs that become one, a bounded number of records at a time.

use std::io;
use std::iter::Peekable;
use std::path::Path;
use std::sync::Arc;
use std::vec::IntoIter;

use super::run::{Header, Record, Run, RunWriter};

/// How many runs become one.
pub(super) const FAN_IN: usize = 8;

/// A merge that has begun.
#[derive(Debug)]
pub(super) struct Merge {
    level: u32,
    sources: Vec<Source>,
    out: RunWriter,
}

/// A run that is read from its first record to its last.
#[derive(Debug)]
struct Source {
    run: Arc<Run>,
    block: Peekable<IntoIter<Record>>,
    blocks: u64,
}

impl Source {
    fn of(run: &Arc<Run>) -> Source {
        Source { run: Arc::clone(run), block: Vec::new().into_iter().peekable(), blocks: 0 }
    }

    /// The next record.
    fn peek(&mut self) -> io::Result<Option<Record>> {
        if self.block.peek().is_none() && self.blocks < self.run.header().blocks() {
            self.block = self.run.block(self.blocks)?.into_iter().peekable();
            self.blocks += 1;
        }
        Ok(self.block.peek().copied())
    }

    fn skip(&mut self) {
        self.block.next();
    }
}

impl Merge {
    /// Begins to merge runs that cover one stretch of the log, the longest of which are of that level.
    pub(super) fn begin(folder: &Path, level: u32, runs: &[Arc<Run>]) -> io::Result<Merge> {
        let headers = || runs.iter().map(|run| run.header());
        let (Some(oldest), Some(newest)) = (headers().next(), headers().next_back()) else {
            return Err(io::Error::other("nothing to merge"));
        };
        let records = headers().map(|header| header.records).sum();
        let header = Header { first: oldest.first, records, ..*newest };
        let out = RunWriter::begin(folder, header)?;
        Ok(Merge { level, sources: runs.iter().map(Source::of).collect(), out })
    }

    /// How long its sources are.
    pub(super) fn level(&self) -> u32 {
        self.level
    }

    /// How many records it has not written yet.
    #[cfg(test)]
    pub(super) fn left(&self) -> u64 {
        self.out.left()
    }

    /// Whether a run is one of its sources.
    pub(super) fn has(&self, run: &Run) -> bool {
        self.sources.iter().any(|source| source.run.header() == run.header())
    }

    /// Writes up to `most` records, and says whether no more are left.
    pub(super) fn go_on(&mut self, most: u64) -> io::Result<bool> {
        for _ in 0..most {
            let mut least: Option<(Record, &mut Source)> = None;
            for source in &mut self.sources {
                if let Some(record) = source.peek()?
                    && least.as_ref().is_none_or(|(known, _)| record < *known)
                {
                    least = Some((record, source));
                }
            }
            let Some((record, source)) = least else { return Ok(true) };
            self.out.push(record)?;
            source.skip();
        }
        Ok(false)
    }

    /// The one run.
    pub(super) fn finish(self) -> io::Result<Run> {
        self.out.finish()
    }

    /// Gives up.
    pub(super) fn give_up(self) {
        self.out.give_up();
    }
}
