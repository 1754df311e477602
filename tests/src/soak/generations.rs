//! The server's lives between two kills, what each took, and whether later ones take more than the first.

use std::time::Duration;

use serde_json::{Value, json};

use crate::usage;

/// Lives that are needed to compare the last third with the first.
const COMPARED_MIN: usize = 6;
/// What the last lives may take more than the first: half as much again,
const GROWTH: f64 = 1.5;
/// and so many MiB, since a log that has grown has larger look-ups,
const SPARE_MIB: f64 = 64.0;
/// and so many files: a search index has more segments after a while.
const SPARE_FILES: f64 = 64.0;

/// One life of the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Generation {
    /// From its start to its line `ready`.
    pub opened_in: Duration,
    /// Entries when it was ready.
    pub size: u64,
    /// The most of its samples, in KiB.
    pub resident_kib: u64,
    /// The most that it ever had resident, in KiB.
    pub peak_kib: u64,
    /// The most of its samples.
    pub open_files: u64,
    /// How many samples there are.
    pub samples: u64,
}

impl Generation {
    /// One that was ready with so many entries after so long.
    pub fn new(opened_in: Duration, size: u64) -> Generation {
        Generation { opened_in, size, ..Generation::default() }
    }

    /// Looks at the process.
    pub fn sample(&mut self, pid: u32) {
        let (Some(memory), Some(files)) = (usage::memory(pid), usage::open_files(pid)) else { return };
        self.resident_kib = self.resident_kib.max(memory.resident_kib);
        self.peak_kib = self.peak_kib.max(memory.peak_kib);
        self.open_files = self.open_files.max(files);
        self.samples += 1;
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        json!({
            "opened_in_ms": u64::try_from(self.opened_in.as_millis()).unwrap_or(u64::MAX), "size": self.size,
            "resident_mib": self.resident_kib >> 10, "peak_mib": self.peak_kib >> 10,
            "open_files": self.open_files, "samples": self.samples,
        })
    }
}

/// The most of the first third of the lives, and of the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trend {
    /// Peaks of memory, in MiB.
    pub peak_mib: [u64; 2],
    /// Open files.
    pub open_files: [u64; 2],
}

impl Trend {
    /// Compares; `None` where there are too few lives.
    pub fn of(generations: &[Generation]) -> Option<Trend> {
        let third = generations.len() / 3;
        if generations.len() < COMPARED_MIN {
            return None;
        }
        let most = |of: fn(&Generation) -> u64| {
            let most = |some: &[Generation]| some.iter().map(of).max().unwrap_or(0);
            [most(&generations[..third]), most(&generations[generations.len() - third..])]
        };
        Some(Trend { peak_mib: most(|one| one.peak_kib >> 10), open_files: most(|one| one.open_files) })
    }

    /// Whether both stayed as they were.
    ///
    /// # Errors
    /// What grew, and from what to what.
    pub fn check(&self) -> Result<(), String> {
        let grew = |[first, last]: [u64; 2], spare: f64| last as f64 > first as f64 * GROWTH + spare;
        let said = |what: &str, [first, last]: [u64; 2]| {
            Err(format!("{what} grew from {first} in the first lives of the server to {last} in the last"))
        };
        match self {
            Trend { peak_mib, .. } if grew(*peak_mib, SPARE_MIB) => said("peaks of memory (MiB)", *peak_mib),
            Trend { open_files, .. } if grew(*open_files, SPARE_FILES) => said("open files", *open_files),
            Trend { .. } => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    fn lives(peaks: [u64; 6], files: [u64; 6]) -> Vec<Generation> {
        let life = |(mib, files): (u64, u64)| Generation {
            peak_kib: mib << 10,
            open_files: files,
            ..Generation::new(Duration::ZERO, 1)
        };
        peaks.into_iter().zip(files).map(life).collect()
    }

    #[test]
    fn what_grows_from_life_to_life_is_told() {
        let judged = |peaks, files| Trend::of(&lives(peaks, files)).unwrap().check();
        assert_eq!(judged([200; 6], [50; 6]), Ok(()));
        assert_eq!(judged([200, 180, 900, 900, 300, 310], [50; 6]), Ok(()), "the middle is not looked at");
        let leak = judged([200, 210, 300, 400, 500, 600], [50; 6]).unwrap_err();
        assert!(leak.contains("memory") && leak.contains("210") && leak.contains("600"), "{leak}");
        let leak = judged([200; 6], [50, 60, 100, 150, 200, 250]).unwrap_err();
        assert!(leak.contains("open files") && leak.contains("from 60") && leak.contains("250"), "{leak}");
        assert_eq!(Trend::of(&lives([1; 6], [1; 6])[1..]), None, "five are too few");
    }

    #[test]
    fn a_sample_is_of_a_process() {
        let mut life = Generation::new(Duration::ZERO, 1);
        life.sample(std::process::id());
        assert!(life.samples == 1 && life.peak_kib >= life.resident_kib && life.resident_kib > 0, "{life:?}");
        life.sample(0);
        assert_eq!(life.samples, 1, "there is no process 0 to look at");
    }
}
