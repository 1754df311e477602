//! When entries were logged, as far as ticks tell, and what statements claim about it (`spec/log.md`, "Time").
//!
//! A tick holds a checkpoint with its cosignatures. It counts if the note holds under the reader's policy and the witnesses
//! whose times have come make the quorum ([`TickBounds`]). What stands behind a tick was logged after the time that a quorum
//! puts on it; what its checkpoint covers, before. Memory is some 30 bytes for 256 entries that no tick covers yet.

use std::collections::{BTreeMap, VecDeque};

use glasshouse_verifier::day::Day;
use glasshouse_verifier::field_value::FieldValue;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::instant::Instant;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::tick_bounds::{SKEW, TickBounds};
use serde_json::{Value, json};

use crate::finding::{Finding, Findings};
use crate::plural::counted;

/// How far behind the ledger's clock `iat` may be at admission, in seconds.
const BEHIND: u64 = 24 * 3_600;

/// How far ahead.
const AHEAD: u64 = 600;

/// Seconds of a day.
const DAY: u64 = 86_400;

/// Entries that are looked at together from above.
const BLOCK: u64 = 256;

/// What ticks say.
pub(crate) struct Ticks {
    policy: Policy,
    origin: Origin,
    /// The reader's own clock: seconds since 1970.
    now: fn() -> u64,
    /// Decisions that were logged so many days after their date, or more, are late.
    late_after: u64,
    /// What comes next is logged after this second.
    after: Option<u64>,
    counted: u64,
    passed_over: u64,
    blocks: VecDeque<Block>,
    late: BTreeMap<Issuer, Late>,
}

/// Entries that no tick covers yet: the latest claim among them.
struct Block {
    end: u64,
    iat: u64,
    at: LeafIndex,
}

/// What one provider filed late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Late {
    /// How many decisions.
    pub(crate) count: u64,
    /// The worst of them: days between its date and what is known of its logging.
    pub(crate) days: u64,
    /// Its place.
    pub(crate) at: LeafIndex,
}

impl Ticks {
    /// None yet.
    pub(crate) fn new(policy: Policy, origin: Origin, late_after: u64, now: fn() -> u64) -> Ticks {
        let (blocks, late) = (VecDeque::new(), BTreeMap::new());
        Ticks { policy, origin, now, late_after, after: None, counted: 0, passed_over: 0, blocks, late }
    }

    /// None yet, for the same reader.
    pub(crate) fn anew(&self) -> Ticks {
        Ticks::new(self.policy.clone(), self.origin.clone(), self.late_after, self.now)
    }

    /// Holds an entry's claims against what is known, and takes in what it tells if it is a tick.
    pub(crate) fn take(&mut self, index: LeafIndex, statement: &Statement, findings: &mut Findings) {
        let iat = statement.claims().iat;
        if let Some(after) = self.after {
            if iat.saturating_add(BEHIND + SKEW) < after {
                let detail = format!(
                    "it says that it was issued at {}, and it was logged after {}: a ledger admits nothing that is 24 hours old",
                    instant(iat),
                    instant(after)
                );
                findings.add(Finding::entry(index, "iat-behind", detail));
            }
            self.file(index, statement, after);
        }
        self.cover_later(index, iat);
        if statement.payload().kind() == StatementType::Tick && statement.claims().is_registrar() {
            self.tick(index, statement, findings);
        }
    }

    /// An entry that claims nothing.
    pub(crate) fn pass_over(&mut self, index: LeafIndex) {
        self.cover_later(index, 0);
    }

    fn cover_later(&mut self, index: LeafIndex, iat: u64) {
        match self.blocks.back_mut() {
            Some(block) if index.get() < block.end => {
                if iat > block.iat {
                    (block.iat, block.at) = (iat, index);
                }
            }
            _ => {
                let end = (index.get() / BLOCK + 1) * BLOCK;
                self.blocks.push_back(Block { end, iat, at: index });
            }
        }
    }

    fn tick(&mut self, index: LeafIndex, statement: &Statement, findings: &mut Findings) {
        let Some(FieldValue::Note(note)) = statement.payload().field(FieldName::CHECKPOINT) else { return };
        let trusted = self.policy.open(note.as_bytes()).ok();
        let trusted = trusted.filter(|trusted| *trusted.signed().checkpoint().origin() == self.origin);
        let size = trusted.as_ref().map_or(0, |trusted| trusted.signed().head().size().get());
        let bounds =
            trusted.and_then(|trusted| TickBounds::of(&self.policy, trusted.witnesses(), (self.now)()));
        let Some(TickBounds { after, before }) = bounds.filter(|_| size <= index.get()) else {
            self.passed_over += 1;
            return;
        };
        self.counted += 1;
        self.after = self.after.max(Some(after));
        let covered = self.blocks.partition_point(|block| block.end <= size);
        for block in self.blocks.drain(..covered) {
            if block.iat > before.saturating_add(AHEAD + SKEW) {
                let detail = format!(
                    "it says that it was issued at {}, and it was logged before {}, by the tick in entry {index}",
                    instant(block.iat),
                    instant(before)
                );
                findings.add(Finding::entry(block.at, "iat-ahead", detail));
            }
        }
    }

    /// How long after its date a decision was logged, at least.
    fn file(&mut self, index: LeafIndex, statement: &Statement, after: u64) {
        let payload = statement.payload();
        if !matches!(payload.kind(), StatementType::Decision | StatementType::NoAction) {
            return;
        }
        let date = payload.day(FieldName::APPLICATION_DATE).and_then(midnight);
        let Some(date) = date else { return };
        // The day itself is not counted.
        let days = after.saturating_sub(date + DAY) / DAY;
        if days < self.late_after {
            return;
        }
        let late =
            self.late.entry(statement.claims().iss.clone()).or_insert(Late { count: 0, days, at: index });
        late.count += 1;
        if days > late.days {
            (late.days, late.at) = (days, index);
        }
    }

    /// The reader's policy.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Who filed late.
    pub(crate) fn late(&self) -> &BTreeMap<Issuer, Late> {
        &self.late
    }

    /// From how many days on.
    pub(crate) fn late_after(&self) -> u64 {
        self.late_after
    }

    /// For people.
    pub(crate) fn words(&self) -> String {
        let passed_over = match self.passed_over {
            0 => String::new(),
            1 => "; 1 tick that does not hold under it was passed over".to_owned(),
            many => format!("; {many} ticks that do not hold under it were passed over"),
        };
        match self.after {
            None => format!(
                "no tick under the policy tells when entries were logged, so claimed dates are not checked{passed_over}"
            ),
            Some(after) => format!(
                "{} when entries were logged, the last one {}{passed_over}",
                counted(self.counted, "tick under the policy tells", "ticks under the policy tell"),
                instant(after)
            ),
        }
    }

    /// The same for programs.
    pub(crate) fn to_json(&self) -> Value {
        let late: Vec<Value> = self
            .late
            .iter()
            .map(|(iss, late)| json!({"iss": iss.as_str(), "count": late.count, "days": late.days, "worst": late.at.get()}))
            .collect();
        json!({"ticks": self.counted, "passed_over": self.passed_over, "after": self.after,
            "late_after_days": self.late_after, "late": late})
    }
}

fn instant(seconds: u64) -> String {
    Instant::new(seconds).map_or_else(|| seconds.to_string(), |instant| instant.to_string())
}

fn midnight(day: Day) -> Option<u64> {
    Instant::parse_rfc3339(&format!("{day}T00:00:00Z")).map(Instant::seconds)
}
