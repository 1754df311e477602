//! What a process takes of the machine, as proc(5) tells it.

use std::fs;

/// User and system time of a process so far, in seconds; 0 where it is gone.
pub fn cpu_seconds(pid: u32) -> f64 {
    // Fields 14 and 15 of `stat`, in hundredths of a second. The name of the program may hold spaces.
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after.split_whitespace().skip(11).take(2).map(|t| t.parse::<f64>().unwrap_or(0.0)).sum();
    ticks / 100.0
}

/// Memory of a process at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Resident now, in KiB (`VmRSS`).
    pub resident_kib: u64,
    /// The most that was resident so far, in KiB (`VmHWM`).
    pub peak_kib: u64,
}

/// The memory of a process; `None` where it is gone.
pub fn memory(pid: u32) -> Option<Memory> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    Some(Memory { resident_kib: kib("VmRSS:")?, peak_kib: kib("VmHWM:")? })
}

/// How many file descriptors a process has open; `None` where it is gone.
pub fn open_files(pid: u32) -> Option<u64> {
    Some(fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count() as u64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn this_process_takes_something() {
        let pid = std::process::id();
        // Other tests of this process open and close files meanwhile: these two, and the folder while it is read, are always there.
        let held = [fs::File::open("/proc/self/stat").unwrap(), fs::File::open("/proc/self/stat").unwrap()];
        assert!(open_files(pid).unwrap() > held.len() as u64);
        let memory = memory(pid).unwrap();
        assert!(memory.resident_kib > 0 && memory.peak_kib >= memory.resident_kib, "{memory:?}");
        let (begun, mut digest) = (cpu_seconds(pid), [0_u8; 32]);
        while cpu_seconds(pid) < begun + 0.02 {
            digest = *glasshouse_verifier::hash::Digest::of(&digest).as_bytes();
        }
        assert_eq!(super::memory(0), None);
        assert_eq!(open_files(0), None);
    }
}
