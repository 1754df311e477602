//! What happened in a simulation, line by line: kept as one digest, printed when somebody wants to read it.

use std::collections::VecDeque;

use sha2::{Digest, Sha256};

/// So many lines are kept for whoever has to understand a failure.
const TAIL: usize = 40;

#[derive(Debug)]
pub(super) struct Trace {
    digest: Sha256,
    tail: VecDeque<String>,
    lines: u64,
    prints: bool,
}

impl Trace {
    pub(super) fn new(prints: bool) -> Trace {
        Trace { digest: Sha256::new(), tail: VecDeque::new(), lines: 0, prints }
    }

    /// One line, at a time in simulated milliseconds.
    pub(super) fn say(&mut self, now: u64, what: impl AsRef<str>) {
        let line = format!("{:>6}.{:03} {}", now / 1_000, now % 1_000, what.as_ref());
        self.digest.update(line.as_bytes());
        self.digest.update(b"\n");
        self.lines += 1;
        if self.prints {
            println!("{line}");
        }
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(line);
    }

    pub(super) fn tail(&self) -> Vec<String> {
        self.tail.iter().cloned().collect()
    }

    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// SHA-256 of all lines, in hexadecimal digits.
    pub(super) fn digest(&self) -> String {
        hex::encode(self.digest.clone().finalize())
    }
}
