//! How long an audit took, and what share of it the signatures were.

use std::time::Duration;

use serde_json::json;

use crate::answer::Answer;
use crate::audit::Spent;
use crate::plural::counted;
use crate::signatures::program_time;

/// Adds it to an answer. Shares are of the CPU time of all threads; 0 where the system does not tell it.
pub(crate) fn tell(answer: Answer, spent: &Spent, elapsed: Duration) -> Answer {
    let seconds = elapsed.as_secs_f64();
    let (cpu, signatures) = (program_time().as_secs_f64(), spent.signature_cpu.as_secs_f64());
    let ratio = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    let each = ratio(signatures * 1e6, spent.signatures as f64);
    let rate = ratio((spent.entries + spent.replayed) as f64, seconds);
    let share = ratio(signatures, cpu);
    answer
        .line(format!(
            "took {seconds:.1} s for {} and {} that the state had: {rate:.0} a second; {cpu:.1} s of CPU time, of \
             which {signatures:.1} s ({:.0} %) for {} of {each:.1} µs",
            counted(spent.entries, "new entry", "new entries"),
            spent.replayed,
            share * 100.0,
            counted(spent.signatures, "signature", "signatures")
        ))
        .member(
            "timings",
            json!({"seconds": seconds, "entries": spent.entries, "replayed": spent.replayed,
                "entries_per_second": rate, "cpu_seconds": cpu, "signatures": spent.signatures,
                "signature_cpu_seconds": signatures, "signature_share": share}),
        )
}
