//! What happened how often, so that one sees that the dice reach everything.

use std::collections::BTreeMap;

/// Everything that has to happen in a hundred worlds, or the dice do not reach it: each kind of fault, and each way out of one.
pub const MUST_HAPPEN: &[&str] = &[
    "answer: accepted",
    "answer: duplicate",
    "answer: refused",
    "answer: sent again by the client",
    "auditor: checkpoint",
    "auditor: consistency",
    "auditor: inclusion",
    "auditor: receipt",
    "auditor: text",
    "clock: back",
    "clock: forward",
    "clock: stands",
    "disk: failed",
    "disk: full",
    "disk: half of the state",
    "disk: persisted",
    "disk: swallowed",
    "log: killed",
    "log: lost power",
    "log: redaction carried out",
    "log: stages carried out again",
    "log: start failed on the disk",
    "log: state made whole",
    "log: torn stage dropped",
    "log: waited for its quorum",
    "network: cut",
    "network: late",
    "network: lost",
    "network: repeated",
    "network: severed",
    "probe: power loss",
    "queue: full",
    "statement: amendment",
    "statement: decision",
    "statement: disclosure",
    "statement: double",
    "statement: lifted",
    "statement: outcome",
    "statement: redaction",
    "statement: void",
    "statement: withdrawal",
    "witness: 409 with its size",
    "witness: cosigned",
    "witness: disk failed",
    "witness: killed",
    "witness: lost power",
    "witness: refused a fork",
    "witness: refused, its clock is behind",
    "witness: restarted with a record that nobody heard of",
];

/// How often each thing happened.
#[derive(Debug, Clone, Default)]
pub struct Counts(BTreeMap<&'static str, u64>);

impl Counts {
    pub(super) fn add(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    /// Adds those of another world.
    pub fn join(&mut self, other: &Counts) {
        for (what, count) in &other.0 {
            *self.0.entry(what).or_default() += count;
        }
    }

    /// Each thing and how often it happened, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().map(|(what, count)| (*what, *count))
    }

    /// What has to happen and did not.
    pub fn missing(&self) -> Vec<&'static str> {
        MUST_HAPPEN.iter().filter(|what| !self.0.contains_key(*what)).copied().collect()
    }
}
