//! How many texts an issuer withholds, until when, and what became of that.

use std::collections::BTreeMap;

use crate::day::Day;
use crate::snapshot::stored;

/// Counts over the texts that one issuer withheld. A text that the ledger serves from the start is not among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Embargoes {
    /// Neither opened nor erased, by the day until which they are kept.
    by_day: BTreeMap<Day, u64>,
    undated: u64,
    kept: u64,
    late: u64,
    redacted: u64,
}

stored!(Embargoes { by_day, undated, kept, late, redacted });

/// The counts on one day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EmbargoCounts {
    /// Withheld, and the day has not passed or there is none.
    pub open: u64,
    /// Withheld although the day has passed.
    pub overdue: u64,
    /// Opened not after the day; or opened where there was none.
    pub kept: u64,
    /// Opened after the day.
    pub late: u64,
    /// Erased before they were opened.
    pub redacted: u64,
}

impl Embargoes {
    /// One more text is withheld.
    pub(crate) fn withhold(&mut self, until: Option<Day>) {
        let count = match until {
            Some(day) => self.by_day.entry(day).or_default(),
            None => &mut self.undated,
        };
        *count = count.saturating_add(1);
    }

    /// A withheld text was opened by a statement issued on that day; a day that no calendar here has is a late one.
    pub(crate) fn disclose(&mut self, until: Option<Day>, on: Option<Day>) {
        self.end(until);
        let in_time = until.is_none_or(|until| on.is_some_and(|on| on <= until));
        let count = if in_time { &mut self.kept } else { &mut self.late };
        *count = count.saturating_add(1);
    }

    /// A withheld text was erased.
    pub(crate) fn redact(&mut self, until: Option<Day>) {
        self.end(until);
        self.redacted = self.redacted.saturating_add(1);
    }

    fn end(&mut self, until: Option<Day>) {
        match until {
            None => self.undated = self.undated.saturating_sub(1),
            Some(day) => {
                let left = self.by_day.get(&day).copied().unwrap_or(0).saturating_sub(1);
                match left {
                    0 => drop(self.by_day.remove(&day)),
                    left => drop(self.by_day.insert(day, left)),
                }
            }
        }
    }

    /// The counts as they are on that day: an embargo is overdue from the day after its own.
    pub fn on(&self, today: Day) -> EmbargoCounts {
        let overdue = self.by_day.range(..today).map(|(_, count)| count).sum();
        let dated: u64 = self.by_day.range(today..).map(|(_, count)| count).sum();
        EmbargoCounts {
            open: dated.saturating_add(self.undated),
            overdue,
            kept: self.kept,
            late: self.late,
            redacted: self.redacted,
        }
    }
}

impl std::ops::AddAssign for EmbargoCounts {
    fn add_assign(&mut self, other: EmbargoCounts) {
        self.open = self.open.saturating_add(other.open);
        self.overdue = self.overdue.saturating_add(other.overdue);
        self.kept = self.kept.saturating_add(other.kept);
        self.late = self.late.saturating_add(other.late);
        self.redacted = self.redacted.saturating_add(other.redacted);
    }
}
