//! Table 3: decisions under orders of courts and authorities, by Member State and category.
//!
//! A log holds decisions, not orders: an order that one decision carries out is counted once, an order that ten carry out
//! ten times, and one that was not followed by a decision not at all.

use std::collections::BTreeMap;

use glasshouse_ledger::current::Current;
use glasshouse_ledger::query::{Parameter, Query};
use glasshouse_verifier::codes::{Code, CodeSet};
use glasshouse_verifier::field_value::FieldValue;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::legal_basis::Order;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::vocabulary::Vocabulary;

use super::Scope;
use super::durations::Durations;
use super::table::{Cell, Column, Counts, Row, TOTAL, Table, Value, add, cells};
use crate::vocabulary;

/// Bases that are orders.
pub(super) const UNDER_ORDER: &str = "authority_order,court_order";

/// The Member States of the European Union, as in `eu_countries` of the vocabulary.
const MEMBER_STATES: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT",
    "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Every other country, for a query.
pub(super) fn elsewhere() -> String {
    let others = CodeSet::Country.values().iter().filter(|country| !MEMBER_STATES.contains(country));
    others.copied().collect::<Vec<_>>().join(",")
}

const COLUMNS: [Column; 3] = [
    Column { head: "Number of decisions under an order", adds: None },
    Column { head: "of a court", adds: Some((Parameter::LegalBasis, "court_order")) },
    Column { head: "of another authority", adds: Some((Parameter::LegalBasis, "authority_order")) },
];

/// The last column.
const MEDIAN: &str = "Median time from receiving the order to acting (hours)";

/// What a row is about: a Member State or all, in it a category or all.
type Key = (Option<&'static str>, Option<&'static str>);

/// The table while it is counted.
#[derive(Debug)]
pub(super) struct Orders {
    base: Query,
    version: Vocabulary,
    columns: Vec<Query>,
    rows: BTreeMap<Key, (Counts, Durations)>,
}

impl Orders {
    pub(super) fn new(scope: &Scope) -> Orders {
        let base = scope
            .in_period(scope.own(StatementType::Decision))
            .with(Parameter::Vocabulary, scope.version.as_str())
            .with(Parameter::LegalBasis, UNDER_ORDER)
            .with(Parameter::OrderCountry, &MEMBER_STATES.join(","));
        let columns = COLUMNS.iter().map(Column::alone).collect();
        Orders { base, version: scope.version, columns, rows: BTreeMap::new() }
    }

    pub(super) fn count(&mut self, current: &Current) {
        if !self.base.matches(current) {
            return;
        }
        let Some(FieldValue::LegalBasis(basis)) = current.field(FieldName::LEGAL_BASIS) else { return };
        let Some(order) = basis.order() else { return };
        let hits: Vec<bool> = self.columns.iter().map(|column| column.matches(current)).collect();
        let took = time_to_act(current, order);
        let country = Some(order.country.as_str());
        let category = current.codes(FieldName::CATEGORY).first().map(Code::as_str);
        for key in [(None, None), (country, None), (country, category)] {
            let (counts, durations) = self.rows.entry(key).or_default();
            add(counts, &hits);
            if let Some(seconds) = took {
                durations.add(seconds);
            }
        }
    }

    pub(super) fn finish(self) -> Table {
        let mut rows = vec![self.row(None, None)];
        for country in MEMBER_STATES {
            rows.push(self.row(Some(country), None));
            let set = self.version.set(CodeSet::Category);
            rows.extend(set.values().iter().map(|category| self.row(Some(country), Some(category))));
        }
        let mut columns: Vec<String> = COLUMNS.iter().map(|column| column.head.to_owned()).collect();
        columns.push(MEDIAN.to_owned());
        Table { name: "3-orders", labels: &["Member State", "Category", "Label"], columns, rows }
    }

    fn row(&self, country: Option<&'static str>, category: Option<&'static str>) -> Row {
        let mut query = self.base.clone();
        if let Some(country) = country {
            query = query.with(Parameter::OrderCountry, country);
        }
        if let Some(category) = category {
            query = query.with(Parameter::Category, category);
        }
        let counted = self.rows.get(&(country, category));
        let mut cells = cells(&COLUMNS, counted.map(|(counts, _)| counts), &query);
        let median = counted.and_then(|(_, durations)| durations.median_hours()).unwrap_or_default();
        cells.push(Cell { value: Value::Text(median), query });
        let set = self.version.set(CodeSet::Category);
        let label = category.and_then(|text| Code::find(set, text)).and_then(vocabulary::label);
        let labels = [country.unwrap_or(TOTAL), category.unwrap_or_default(), label.unwrap_or_default()];
        Row { labels: labels.map(str::to_owned).to_vec(), cells }
    }
}

/// From receiving the order to acting, in seconds; `None` where one of the two is not said, or the order came later.
fn time_to_act(current: &Current, order: &Order) -> Option<u64> {
    let Some(FieldValue::Instant(acted)) = current.field(FieldName::ACTED_AT) else { return None };
    acted.seconds().checked_sub(order.received?.seconds())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn the_member_states_are_those_of_the_vocabulary() {
        let text: serde_json::Value = serde_json::from_str(vocabulary::TEXT).unwrap();
        let mut states: Vec<&str> =
            text["eu_countries"].as_array().unwrap().iter().filter_map(|state| state.as_str()).collect();
        states.sort_unstable();
        assert_eq!(states, MEMBER_STATES);
        assert!(elsewhere().split(',').all(|country| !MEMBER_STATES.contains(&country)));
        assert_eq!(elsewhere().split(',').count() + 27, CodeSet::Country.values().len());
    }
}
