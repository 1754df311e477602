//! The tables of the harmonised transparency report (Annex I to Commission Implementing Regulation (EU) 2024/2835) that a
//! log can know, counted from it.
//!
//! Every cell is a query, and its count is the number of entries that the query finds: a cell is never counted by one
//! rule and listed by another.

pub mod appeals;
pub mod durations;
pub mod measures;
pub mod orders;
pub mod readme;
pub mod table;

use glasshouse_ledger::current::Current;
use glasshouse_ledger::query::{Parameter, Query};
use glasshouse_verifier::codes::CodeSet;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::vocabulary::Vocabulary;

use self::appeals::Appeals;
use self::measures::Measures;
use self::orders::Orders;
use self::table::Table;

/// What the tables are about.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Whose decisions; everybody's if `None`.
    pub provider: Option<Issuer>,
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
    /// The version whose categories make the rows.
    pub version: Vocabulary,
    /// The size of the tree: entries behind it are not looked for.
    pub before: LeafIndex,
}

/// A standing that is counted: all but withdrawn.
const NOT_WITHDRAWN: &str = "in_force,lifted,partially_reversed,reversed,stands";

impl Scope {
    /// Statements of a type by these providers that were not withdrawn and that report nobody else's decision.
    fn own(&self, kind: StatementType) -> Query {
        self.whole(kind).with(Parameter::Attribution, "none").with(Parameter::Standing, NOT_WITHDRAWN)
    }

    /// Statements of a type by these providers.
    fn whole(&self, kind: StatementType) -> Query {
        let query = Query::default()
            .with(Parameter::Type, kind.as_str())
            .with(Parameter::Before, &self.before.to_string());
        match &self.provider {
            Some(provider) => query.with(Parameter::Provider, provider.as_str()),
            None => query,
        }
    }

    fn in_period(&self, query: Query) -> Query {
        query.with(Parameter::From, &self.from.to_string()).with(Parameter::To, &self.to.to_string())
    }
}

/// A group of decisions that no table counts.
#[derive(Debug, Clone)]
pub struct LeftOut {
    /// Why.
    pub reason: &'static str,
    /// Which ones.
    pub query: Query,
    /// How many.
    pub count: u64,
}

/// The tables while they are counted.
#[derive(Debug)]
pub struct Annex1 {
    scope: Scope,
    illegal: Measures,
    terms: Measures,
    orders: Orders,
    appeals: Appeals,
    decisions: (Query, u64),
    left_out: Vec<LeftOut>,
}

/// What was counted.
#[derive(Debug)]
pub struct Counted {
    /// The tables, in the order of their numbers.
    pub tables: Vec<Table>,
    /// Decisions of the period, counted or not.
    pub decisions: (Query, u64),
    /// Those that no table counts, by reason. Each is in one group.
    pub left_out: Vec<LeftOut>,
}

impl Annex1 {
    /// Empty tables.
    pub fn new(scope: Scope) -> Annex1 {
        Annex1 {
            illegal: Measures::new(&scope, measures::Ground::Illegal),
            terms: Measures::new(&scope, measures::Ground::Terms),
            orders: Orders::new(&scope),
            appeals: Appeals::new(&scope),
            decisions: (scope.in_period(scope.whole(StatementType::Decision)), 0),
            left_out: left_out(&scope),
            scope,
        }
    }

    /// Whether an entry may be counted, whatever came after it. For passing over entries at once.
    pub fn admits(&self, index: LeafIndex, statement: &Statement) -> bool {
        let kinds = [StatementType::Decision, StatementType::NoAction];
        kinds.contains(&statement.payload().kind())
            && index < self.scope.before
            && self.scope.provider.as_ref().is_none_or(|provider| statement.claims().iss == *provider)
    }

    /// Counts an entry, with its outcomes.
    pub fn count(&mut self, current: &Current) {
        self.illegal.count(current);
        self.terms.count(current);
        self.orders.count(current);
        self.appeals.count(current);
        self.decisions.1 += u64::from(self.decisions.0.matches(current));
        for group in &mut self.left_out {
            group.count += u64::from(group.query.matches(current));
        }
    }

    /// The tables as they were counted.
    pub fn finish(self) -> Counted {
        let tables = vec![
            self.orders.finish(),
            self.illegal.finish("5-own-initiative-illegal"),
            self.terms.finish("6-own-initiative-terms"),
            self.appeals.finish(),
        ];
        Counted { tables, decisions: self.decisions, left_out: self.left_out }
    }
}

/// Who is counted nowhere, and why. The groups do not overlap, and together with tables 3, 5 and 6 they are all decisions
/// of the period.
fn left_out(scope: &Scope) -> Vec<LeftOut> {
    let all = scope.in_period(scope.whole(StatementType::Decision));
    let own = scope.in_period(scope.own(StatementType::Decision));
    let this_version = own.clone().with(Parameter::Vocabulary, scope.version.as_str());
    let without_order = this_version.clone().with(Parameter::LegalBasis, measures::WITHOUT_ORDER);
    let other_version: Vec<&str> =
        Vocabulary::ALL.iter().filter(|version| **version != scope.version).map(|v| v.as_str()).collect();
    let kinds = CodeSet::AttributionKind.values().join(",");
    let group = |reason, query| LeftOut { reason, query, count: 0 };
    vec![
        group(
            "somebody else's decision, reported by a mirror or put together later: never counted for the provider",
            all.clone().with(Parameter::Attribution, &kinds),
        ),
        group(
            "withdrawn: the issuer says that it was not its own",
            all.with(Parameter::Attribution, "none").with(Parameter::Standing, "withdrawn"),
        ),
        group(
            "with a category of the other version of the vocabulary: ask for that version",
            own.with(Parameter::Vocabulary, &other_version.join(",")),
        ),
        group(
            "legal basis unstated: nobody can say that there was no order",
            this_version.clone().with(Parameter::LegalBasis, "unstated"),
        ),
        group(
            "under an order of no Member State of the European Union",
            this_version
                .with(Parameter::LegalBasis, orders::UNDER_ORDER)
                .with(Parameter::OrderCountry, &orders::elsewhere()),
        ),
        group(
            "not on the provider's own initiative: upon a notice",
            without_order.clone().with(Parameter::SourceType, measures::UPON_NOTICE),
        ),
        group(
            "without one of the two European grounds, as infrastructure providers decide",
            without_order
                .with(Parameter::SourceType, measures::OWN_INITIATIVE)
                .with(Parameter::DecisionGround, "none"),
        ),
    ]
}
