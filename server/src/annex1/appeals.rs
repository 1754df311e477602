//! Table 7: complaints and disputes about decisions, and how they ended.
//!
//! What is counted is decisions: an outcome that names 40,000 of them ended 40,000 complaints. A decision about which two
//! complaints ended alike is counted once in that column.

use glasshouse_ledger::current::Current;
use glasshouse_ledger::query::{Parameter, Query};
use glasshouse_verifier::statement_type::StatementType;

use super::Scope;
use super::durations::Durations;
use super::table::{Cell, Column, Counts, Row, TOTAL, Table, Value, add, cells};

const COLUMNS: [Column; 5] = [
    Column { head: "Number of complaints that ended", adds: None },
    result("Decisions upheld", "upheld"),
    result("Decisions partially reversed", "partially_reversed"),
    result("Decisions reversed", "reversed"),
    result("Decision omitted", "omitted"),
];

/// The columns behind the counts.
const COMPUTED: [&str; 2] = ["Median time (hours)", "Percentage of outcomes implemented"];

const fn result(head: &'static str, code: &'static str) -> Column {
    Column { head, adds: Some((Parameter::Result, code)) }
}

/// What was complained of: a type of restriction, or that nothing was done.
#[derive(Debug, Clone, Copy)]
struct About {
    label: &'static str,
    kinds: &'static str,
    adds: Option<(Parameter, &'static str)>,
}

const ABOUT: [About; 7] = [
    About { label: TOTAL, kinds: "decision,no_action", adds: None },
    restriction("Visibility", "decision_visibility"),
    restriction("Monetary payments", "decision_monetary"),
    restriction("Provision of the service", "decision_provision"),
    restriction("Account", "decision_account"),
    refusal("No action on a notice", "SOURCE_ARTICLE_16"),
    refusal("No action on a notice of a trusted flagger", "SOURCE_TRUSTED_FLAGGER"),
];

const fn restriction(label: &'static str, field: &'static str) -> About {
    About { label, kinds: "decision", adds: Some((Parameter::Measure, field)) }
}

const fn refusal(label: &'static str, source: &'static str) -> About {
    About { label, kinds: "no_action", adds: Some((Parameter::SourceType, source)) }
}

const PROCEDURES: [(&str, &str); 2] = [
    ("Internal complaint", "internal_complaint"),
    ("Out-of-court dispute settlement", "out_of_court_dispute"),
];

/// The table while it is counted.
#[derive(Debug)]
pub(super) struct Appeals {
    rows: Vec<Counting>,
}

/// A row while it is counted.
#[derive(Debug)]
struct Counting {
    labels: [&'static str; 2],
    query: Query,
    cells: Vec<Query>,
    counts: Counts,
    durations: Durations,
    /// How many outcomes say whether they were implemented, and how many that they were.
    implemented: (u64, u64),
}

impl Appeals {
    pub(super) fn new(scope: &Scope) -> Appeals {
        let base = scope
            .own(StatementType::Decision)
            .with(Parameter::OutcomeFrom, &scope.from.to_string())
            .with(Parameter::OutcomeTo, &scope.to.to_string());
        let rows = PROCEDURES.iter().flat_map(|procedure| ABOUT.iter().map(move |about| (procedure, about)));
        let rows = rows.map(|((procedure, code), about)| {
            let mut query = base.clone().with(Parameter::Type, about.kinds).with(Parameter::Procedure, code);
            if let Some((parameter, values)) = about.adds {
                query = query.with(parameter, values);
            }
            Counting {
                labels: [procedure, about.label],
                cells: COLUMNS.iter().map(|column| column.of_row(query.clone())).collect(),
                query,
                counts: Counts::new(),
                durations: Durations::default(),
                implemented: (0, 0),
            }
        });
        Appeals { rows: rows.collect() }
    }

    pub(super) fn count(&mut self, current: &Current) {
        if current.outcomes.is_empty() {
            return;
        }
        for row in self.rows.iter_mut().filter(|row| row.query.matches(current)) {
            let hits: Vec<bool> = row.cells.iter().map(|cell| cell.matches(current)).collect();
            add(&mut row.counts, &hits);
            for outcome in current.outcomes.iter().filter(|outcome| row.query.is_outcome(outcome)) {
                let took = outcome.decided.zip(outcome.received);
                if let Some(seconds) =
                    took.and_then(|(end, begin)| end.seconds().checked_sub(begin.seconds()))
                {
                    row.durations.add(seconds);
                }
                if let Some(implemented) = outcome.implemented {
                    row.implemented.0 += 1;
                    row.implemented.1 += u64::from(implemented.as_str() == "Yes");
                }
            }
        }
    }

    pub(super) fn finish(self) -> Table {
        let rows = self.rows.into_iter().map(|row| {
            let mut made = cells(&COLUMNS, Some(&row.counts), &row.query);
            let (told, yes) = row.implemented;
            let percentage = match told {
                0 => String::new(),
                told => format!("{:.1}", 100.0 * ratio(yes, told)),
            };
            for text in [row.durations.median_hours().unwrap_or_default(), percentage] {
                made.push(Cell { value: Value::Text(text), query: row.query.clone() });
            }
            Row { labels: row.labels.map(str::to_owned).to_vec(), cells: made }
        });
        let columns = COLUMNS.iter().map(|column| column.head).chain(COMPUTED).map(str::to_owned).collect();
        Table { name: "7-appeals", labels: &["Procedure", "About"], columns, rows: rows.collect() }
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of outcomes stay below 2^53")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}
