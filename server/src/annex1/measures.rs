//! Tables 5 and 6: measures on the provider's own initiative, against illegal content and by its terms, by category and
//! keyword, type of restriction and automation.

use std::collections::BTreeMap;

use glasshouse_ledger::current::Current;
use glasshouse_ledger::query::{Parameter, Query};
use glasshouse_verifier::codes::{Code, CodeSet};
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::vocabulary::Vocabulary;

use super::Scope;
use super::table::{Column, Counts, Row, TOTAL, Table, add, cells};
use crate::vocabulary;

/// Bases of which the provider says that there was no order. `unstated` is not among them.
pub(super) const WITHOUT_ORDER: &str = "discretion,emergency,statute,terms_of_service";
/// How it came to act by itself.
pub(super) const OWN_INITIATIVE: &str = "SOURCE_VOLUNTARY";
/// How it came to act because somebody told it.
pub(super) const UPON_NOTICE: &str =
    "SOURCE_ARTICLE_16,SOURCE_TRUSTED_FLAGGER,SOURCE_TYPE_OTHER_NOTIFICATION";

/// The columns, in the order of the template.
const COLUMNS: [Column; 16] = [
    Column { head: "Number of measures", adds: None },
    Column {
        head: "Number of measures after detection with solely automated means",
        adds: Some((Parameter::AutomatedDetection, "Yes")),
    },
    measure("Visibility: Removal", "DECISION_VISIBILITY_CONTENT_REMOVED"),
    measure("Visibility: Disable", "DECISION_VISIBILITY_CONTENT_DISABLED"),
    measure("Visibility: Demoted", "DECISION_VISIBILITY_CONTENT_DEMOTED"),
    measure("Visibility: Age restricted", "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED"),
    measure("Visibility: Interaction restricted", "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED"),
    measure("Visibility: Labelled", "DECISION_VISIBILITY_CONTENT_LABELLED"),
    measure("Visibility: Other", "DECISION_VISIBILITY_OTHER"),
    measure("Monetary: Suspension", "DECISION_MONETARY_SUSPENSION"),
    measure("Monetary: Termination", "DECISION_MONETARY_TERMINATION"),
    measure("Monetary: Other", "DECISION_MONETARY_OTHER"),
    measure(
        "Provision of the service: Suspension",
        "DECISION_PROVISION_PARTIAL_SUSPENSION,DECISION_PROVISION_TOTAL_SUSPENSION",
    ),
    measure(
        "Provision of the service: Termination",
        "DECISION_PROVISION_PARTIAL_TERMINATION,DECISION_PROVISION_TOTAL_TERMINATION",
    ),
    measure("Account restriction: Suspension", "DECISION_ACCOUNT_SUSPENDED"),
    measure("Account restriction: Termination", "DECISION_ACCOUNT_TERMINATED"),
];

/// A column that counts one type of restriction.
const fn measure(head: &'static str, codes: &'static str) -> Column {
    Column { head, adds: Some((Parameter::Measure, codes)) }
}

/// On which ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// Table 5.
    Illegal,
    /// Table 6.
    Terms,
}

/// One of the two tables while it is counted.
#[derive(Debug)]
pub(super) struct Measures {
    base: Query,
    version: Vocabulary,
    columns: Vec<Query>,
    total: Counts,
    /// By category, and in it by keyword; the whole category under no keyword.
    rows: BTreeMap<(&'static str, Option<&'static str>), Counts>,
}

impl Measures {
    pub(super) fn new(scope: &Scope, ground: Ground) -> Measures {
        let ground = match ground {
            Ground::Illegal => "DECISION_GROUND_ILLEGAL_CONTENT",
            Ground::Terms => "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        };
        let base = scope
            .in_period(scope.own(StatementType::Decision))
            .with(Parameter::Vocabulary, scope.version.as_str())
            .with(Parameter::LegalBasis, WITHOUT_ORDER)
            .with(Parameter::SourceType, OWN_INITIATIVE)
            .with(Parameter::DecisionGround, ground);
        Measures {
            base,
            version: scope.version,
            columns: COLUMNS.iter().map(Column::alone).collect(),
            total: Counts::new(),
            rows: BTreeMap::new(),
        }
    }

    pub(super) fn count(&mut self, current: &Current) {
        if !self.base.matches(current) {
            return;
        }
        let hits: Vec<bool> = self.columns.iter().map(|column| column.matches(current)).collect();
        add(&mut self.total, &hits);
        // Every decision has one category; the additional ones are not counted, so that the rows add up to the total.
        for category in current.codes(FieldName::CATEGORY).iter().map(Code::as_str) {
            add(self.rows.entry((category, None)).or_default(), &hits);
            for keyword in current.codes(FieldName::CATEGORY_SPECIFICATION) {
                add(self.rows.entry((category, Some(keyword.as_str()))).or_default(), &hits);
            }
        }
    }

    pub(super) fn finish(self, name: &'static str) -> Table {
        let mut rows = vec![Row {
            labels: vec![TOTAL.to_owned(), String::new(), String::new()],
            cells: cells(&COLUMNS, Some(&self.total), &self.base),
        }];
        let set = self.version.set(CodeSet::Category);
        for category in set.values() {
            rows.push(self.row(category, None));
            let mut keywords: Vec<&'static str> = vocabulary::keywords(self.version, category).collect();
            // Keywords that stand under a category whose documentation does not list them.
            let used = self.rows.keys().filter(|(of, _)| of == category).filter_map(|(_, keyword)| *keyword);
            keywords.extend(used);
            keywords.sort_unstable();
            keywords.dedup();
            rows.extend(keywords.into_iter().map(|keyword| self.row(category, Some(keyword))));
        }
        let columns = COLUMNS.iter().map(|column| column.head.to_owned()).collect();
        Table { name, labels: &["Category", "Keyword", "Label"], columns, rows }
    }

    fn row(&self, category: &'static str, keyword: Option<&'static str>) -> Row {
        let query = self.base.clone().with(Parameter::Category, category);
        let (query, text, set) = match keyword {
            Some(keyword) => {
                (query.with(Parameter::Keyword, keyword), keyword, CodeSet::CategorySpecification)
            }
            None => (query, category, CodeSet::Category),
        };
        let versions = [self.version, Vocabulary::Version2, Vocabulary::Version1];
        let code = versions.iter().find_map(|version| Code::find(version.set(set), text));
        let label = code.and_then(vocabulary::label).unwrap_or_default();
        Row {
            labels: vec![category.to_owned(), keyword.unwrap_or_default().to_owned(), label.to_owned()],
            cells: cells(&COLUMNS, self.rows.get(&(category, keyword)), &query),
        }
    }
}
