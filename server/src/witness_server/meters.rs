//! A witness's counters. Their labels are origins of its own settings, so that nobody can make more of them.

use std::sync::Arc;

use glasshouse_ledger::witness::evidence_shelf::Kept;
use glasshouse_ledger::witness::record::WitnessRecord;
use glasshouse_ledger::witness::{Added, Witness};

use crate::measure::Measure;

const ANSWERS: &str = "glasshouse_witness_answers_total";
const EVIDENCE: &str = "glasshouse_witness_evidence_total";
const SIZE: &str = "glasshouse_witness_size";
const TIME: &str = "glasshouse_witness_time_seconds";
const LOGS: &str = "glasshouse_witness_logs";
const FILES: &str = "glasshouse_witness_evidence_files";

/// A witness's counters.
#[derive(Debug)]
pub(super) struct Meters(Arc<Measure>);

impl Meters {
    pub(super) fn new(measure: Arc<Measure>) -> Meters {
        measure.describe_more(
            &[
                (ANSWERS, "Answers to add-checkpoint, by log (empty where none is watched) and status."),
                (EVIDENCE, "Contradicting checkpoints, by log, reason and whether they convict it."),
            ],
            &[
                (SIZE, "Size that was cosigned last, by log."),
                (TIME, "Time of the last cosignature, seconds since 1970, by log."),
                (LOGS, "Logs that are watched."),
                (FILES, "Files of evidence."),
            ],
        );
        Meters(measure)
    }

    /// What is known at start.
    pub(super) fn started(&self, witness: &Witness) {
        self.0.level(LOGS, witness.logs() as u64);
        self.0.level(FILES, witness.evidence_files() as u64);
        for log in witness.status(usize::MAX) {
            if let Some(last) = &log.last {
                self.cosigned(&log.origin, last);
            }
        }
    }

    /// Counts one answer that was given before the witness was asked.
    pub(super) fn answered(&self, origin: Option<&str>, status: u16) {
        let status = status.to_string();
        self.0.count(ANSWERS, &[("log", origin.unwrap_or_default()), ("status", &status)]);
    }

    /// Counts one answer of the witness.
    pub(super) fn added(&self, witness: &Witness, added: &Added) {
        let origin = added.origin.as_deref();
        let status = added.answer.as_ref().map_or_else(|refusal| refusal.status(), |_| 200);
        self.answered(origin, status);
        if let (Some(origin), Ok(cosigned)) = (origin, &added.answer) {
            self.cosigned(origin, &cosigned.record);
        }
        if let (Some(origin), Some((found, kept))) = (origin, &added.evidence) {
            let convicts = if found.reason.convicts() { "yes" } else { "no" };
            let labels = [("log", origin), ("reason", found.reason.as_str()), ("convicts", convicts)];
            self.0.count(EVIDENCE, &labels);
            if matches!(kept, Kept::Written(_)) {
                self.0.level(FILES, witness.evidence_files() as u64);
            }
        }
    }

    fn cosigned(&self, origin: &str, record: &WitnessRecord) {
        self.0.level_of(SIZE, &[("log", origin)], record.head().size().get());
        self.0.level_of(TIME, &[("log", origin)], record.time().get());
    }
}
