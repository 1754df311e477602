//! What a run of the load program came to, as a table and as JSON.

use serde_json::{Value, json};

use super::arguments::{Arguments, Mix, Rate};
use super::limits::Limits;
use super::outcome::Outcome;
use super::readers::Read;
use crate::latency::Percentiles;
use crate::usage::Memory;

/// Everything that was measured.
#[derive(Debug)]
pub struct Report {
    /// What was asked for.
    pub arguments: Arguments,
    /// Statements that were signed ahead.
    pub signed: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
    /// From the first request to the last answer.
    pub seconds: f64,
    /// What submitters were answered.
    pub outcome: Outcome,
    /// From due to cosigned, where there were witnesses.
    pub cosigned: Option<Percentiles>,
    /// What readers measured.
    pub read: Read,
    /// CPU time of the server, of this program and of all witnesses while statements were sent.
    pub cpu_seconds: [f64; 3],
    /// The server's memory behind the load.
    pub memory: Memory,
    /// The server's open file descriptors behind the load.
    pub open_files: u64,
    /// The machine's limits, where they were asked for.
    pub limits: Option<Limits>,
}

impl Report {
    fn per_second(&self) -> f64 {
        self.outcome.accepted as f64 / self.seconds
    }

    /// The server's CPU time for each accepted statement, in microseconds; readers' share and all.
    fn micros_each(&self) -> f64 {
        self.cpu_seconds[0] * 1e6 / self.outcome.accepted.max(1) as f64
    }

    /// One object.
    pub fn to_json(&self) -> Value {
        let (asked, loop_is) = match self.arguments.rate {
            Rate::Fixed(rate) => (json!(rate), "open"),
            Rate::Max => (json!("max"), "closed"),
        };
        let published = self.outcome.published.to_json();
        json!({
            "asked_per_second": asked, "loop": loop_is, "connections": self.arguments.connections(),
            "batch": self.arguments.batch, "providers": self.arguments.providers,
            "mix": match self.arguments.mix { Mix::European => "european", Mix::Small => "small" },
            "bytes_per_statement": self.bytes as f64 / self.signed.max(1) as f64,
            "seconds": self.seconds, "accepted": self.outcome.accepted, "refused": self.outcome.refused,
            "accepted_per_second": self.per_second(),
            // One moment for whoever submits.
            "accepted_ms": published.clone(), "published_ms": published,
            "cosigned_ms": self.cosigned.map(|told| told.to_json()),
            "witnesses": self.arguments.witnesses, "readers": self.read.to_json(),
            "server_cpu_seconds": self.cpu_seconds[0], "server_cores": self.cpu_seconds[0] / self.seconds,
            "server_cpu_us_per_statement": self.micros_each(),
            "load_cores": self.cpu_seconds[1] / self.seconds, "witness_cores": self.cpu_seconds[2] / self.seconds,
            "server_peak_mib": self.memory.peak_kib >> 10, "server_resident_mib": self.memory.resident_kib >> 10,
            "server_open_files": self.open_files,
            "limits": self.limits.map(|limits| limits.to_json(self.per_second())),
        })
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Arguments { batch, seconds, rate, .. } = self.arguments;
        match rate {
            Rate::Fixed(rate) => {
                writeln!(
                    f,
                    "asked       {rate} statements/s in batches of {batch} for {seconds} s (open loop)"
                )?;
            }
            Rate::Max => writeln!(
                f,
                "asked       as many statements as {} connections carry, in batches of {batch}, {seconds} s at most (closed loop)",
                self.arguments.connections()
            )?,
        }
        let each = self.bytes as f64 / self.signed.max(1) as f64;
        writeln!(f, "statements  {each:.0} bytes each, with texts")?;
        let (accepted, taken) = (self.outcome.accepted, self.seconds);
        writeln!(f, "accepted    {:.0} statements/s ({accepted} in {taken:.1} s)", self.per_second())?;
        for (why, many) in &self.outcome.refused {
            writeln!(f, "not taken   {many}: {why}")?;
        }
        let since = if rate == Rate::Max { "sent" } else { "due" };
        writeln!(f, "published  {} (from {since} to answered)", self.outcome.published)?;
        if let Some(cosigned) = self.cosigned {
            writeln!(f, "cosigned   {cosigned} (from {since} to first seen)")?;
        }
        for (name, told) in self.read.lines() {
            writeln!(f, "{name:<11}{told}")?;
        }
        let [server, own, witnesses] = self.cpu_seconds.map(|cpu| cpu / self.seconds);
        writeln!(f, "cores       {server:.2} server, {own:.2} this program, {witnesses:.2} witnesses")?;
        let (micros, cpu) = (self.micros_each(), self.cpu_seconds[0]);
        writeln!(f, "server CPU  {micros:.0} us a statement ({cpu:.1} s)")?;
        let (now, peak) = (self.memory.resident_kib >> 10, self.memory.peak_kib >> 10);
        write!(f, "memory      {now} MiB now, {peak} MiB at most; {} open files", self.open_files)?;
        let Some(limits) = self.limits else { return Ok(()) };
        let Limits { checks_one_core, checks_all_cores, cores, sha256_mib, fsyncs } = limits;
        write!(
            f,
            "\nlimits      {checks_one_core:.0} strict Ed25519 checks/s on one core, {checks_all_cores:.0} on {cores}; \
             SHA-256 {sha256_mib:.0} MiB/s; {fsyncs:.0} fsync/s\nreached     {:.0} % of the signature limit",
            100.0 * self.per_second() / checks_all_cores
        )
    }
}
