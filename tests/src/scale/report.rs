//! What was measured at each size, as a table and as JSON.

use std::fmt;

use serde_json::{Value, json};

use super::disk::Bytes;
use super::grower::{ROUND, Taken};
use super::opening::Started;
use super::reading::Proofs;
use super::receipts::ReceiptTimes;

/// What was measured at one size.
#[derive(Debug)]
pub struct Stage {
    /// Entries.
    pub size: u64,
    /// On the disk.
    pub bytes: Bytes,
    /// Opened by the ledger alone, with empty look-ups.
    pub bare: Started,
    /// Opened by the ledger alone.
    pub with_look_ups: Started,
    /// Opened by the server, with look-ups and search.
    pub served: Started,
    /// Inclusion proofs.
    pub proofs: Proofs,
    /// Receipts.
    pub receipts: ReceiptTimes,
    /// Rounds of [`ROUND`] statements behind that size, the quickest first.
    pub appends: Vec<Taken>,
}

impl Stage {
    /// Of the round in the middle: microseconds by the clock and of CPU for one statement.
    fn append_us(&self) -> [f64; 2] {
        let middle = |mut times: Vec<std::time::Duration>| {
            times.sort();
            times[times.len() / 2].as_secs_f64() * 1e6 / ROUND as f64
        };
        let times = |of: fn(&Taken) -> std::time::Duration| self.appends.iter().map(of).collect();
        [middle(times(|taken| taken.time)), middle(times(|taken| taken.cpu))]
    }

    /// One object.
    pub fn to_json(&self) -> Value {
        let [time, cpu] = self.append_us();
        json!({
            "size": self.size,
            "append": {"statements": ROUND, "rounds": self.appends.len(), "us_each": time, "cpu_us_each": cpu},
            "bytes": self.bytes.to_json(),
            "proofs_ms": self.proofs.first.to_json(),
            "proofs_again_ms": self.proofs.again.to_json(),
            "receipts": self.receipts.to_json(),
            "start": self.served.to_json(),
            "open_with_look_ups": self.with_look_ups.to_json(),
            "open_without_look_ups": self.bare.to_json(),
        })
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([time, cpu], mib) = (self.append_us(), |bytes: u64| bytes as f64 / f64::from(1 << 20));
        let Bytes { entries, tiles, bundles, superseded, packs, whole, blocks } = self.bytes;
        writeln!(f, "{} entries", self.size)?;
        let rounds = self.appends.len();
        writeln!(
            f,
            "  append      {time:.1} us each, {cpu:.1} us of CPU (median of {rounds} rounds of {ROUND})"
        )?;
        writeln!(
            f,
            "  disk        entries {:.1} MiB, tiles {:.1}, bundles {:.1} ({:.3} for each byte of the entries), superseded {:.1}",
            mib(entries),
            mib(tiles),
            mib(bundles),
            self.bytes.ratio(),
            mib(superseded)
        )?;
        writeln!(
            f,
            "              texts {:.1} MiB, everything {:.1}, {:.1} in blocks",
            mib(packs),
            mib(whole),
            mib(blocks)
        )?;
        writeln!(f, "  proofs      {}\n  the same    {}", self.proofs.first, self.proofs.again)?;
        let ReceiptTimes { count, ed25519, ml_dsa, check_us, first_us, checkpoint_us, strict_us, ml_dsa_us } =
            self.receipts;
        writeln!(
            f,
            "  receipts    {check_us:.0} us to check, {checkpoint_us:.0} of them the checkpoint; {ed25519:.1} Ed25519 signatures of \
             {strict_us:.1} us and {ml_dsa:.1} ML-DSA-44 of {ml_dsa_us:.1}: {:.2} ({count} receipts); a reader's first \
             {first_us:.0} us: {:.2}",
            self.receipts.ratio(),
            self.receipts.first_ratio()
        )?;
        let starts = [
            ("served", self.served),
            ("opened with look-ups", self.with_look_ups),
            ("opened without", self.bare),
        ];
        write!(f, "  start      ")?;
        for (name, Started { seconds, peak_kib }) in starts {
            write!(f, " {name}: {seconds:.2} s, {} MiB at most;", peak_kib >> 10)?;
        }
        Ok(())
    }
}

/// What was measured at every size.
#[derive(Debug)]
pub struct Report {
    /// The smallest first.
    pub stages: Vec<Stage>,
}

impl Report {
    /// One object.
    pub fn to_json(&self) -> Value {
        json!({"sizes": self.stages.iter().map(Stage::to_json).collect::<Vec<_>>()})
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stages.iter().try_for_each(|stage| writeln!(f, "{stage}"))
    }
}
