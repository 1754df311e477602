//! Checks the signatures of many statements on all cores, and keeps count of the CPU time that it takes.

use std::time::Duration;

use glasshouse_verifier::known_key::KnownKey;
use glasshouse_verifier::signature_batch::verify_all;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use rayon::prelude::*;

use crate::finding::Finding;

/// Signatures that are checked together, between two looks at the clock: some milliseconds of work.
const AT_ONCE: usize = 64;

/// A statement, its place, and the key that must have signed it.
pub(crate) type Signed = (LeafIndex, Statement, KnownKey);

/// What was found.
#[derive(Default)]
pub(crate) struct Checked {
    /// Those that do not hold.
    pub(crate) broken: Vec<Finding>,
    /// How many were checked.
    pub(crate) count: u64,
    /// CPU time of all threads together; nothing where the system does not tell it.
    pub(crate) cpu: Duration,
}

/// Checks all of them, and frees them on all cores too.
pub(crate) fn check(signed: Vec<Signed>) -> Checked {
    // Each chunk can be taken by the core that is free first: the last ones would be one core's alone otherwise.
    let chunks = signed.into_par_iter().chunks(AT_ONCE).with_max_len(1);
    chunks.map(check_some).reduce(Checked::default, Checked::join)
}

fn check_some(signed: Vec<Signed>) -> Checked {
    let started = thread_time();
    let together: Vec<_> = signed.iter().map(|(_, statement, key)| (statement, key)).collect();
    let broken = signed.iter().zip(verify_all(&together)).filter_map(|((index, _, _), verdict)| {
        Some(Finding::entry(*index, "bad-signature", verdict.err()?.to_string()))
    });
    let broken = broken.collect();
    Checked { broken, count: signed.len() as u64, cpu: thread_time().saturating_sub(started) }
}

impl Checked {
    fn join(mut self, other: Checked) -> Checked {
        self.broken.extend(other.broken);
        self.count += other.count;
        self.cpu += other.cpu;
        self
    }
}

#[cfg(unix)]
fn read_clock(clock: rustix::time::ClockId) -> Duration {
    let time = rustix::time::clock_gettime(clock);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// CPU time of this thread.
#[cfg(unix)]
fn thread_time() -> Duration {
    read_clock(rustix::time::ClockId::ThreadCPUTime)
}

/// CPU time of the whole program.
#[cfg(unix)]
pub(crate) fn program_time() -> Duration {
    read_clock(rustix::time::ClockId::ProcessCPUTime)
}

#[cfg(not(unix))]
fn thread_time() -> Duration {
    Duration::ZERO
}

/// Not told here.
#[cfg(not(unix))]
pub(crate) fn program_time() -> Duration {
    Duration::ZERO
}
