//! Conditions of a search: those of the ledger's query, and those that only an index can answer.

use glasshouse_ledger::query::{Parameter, Query, Wanted, check_order};
use glasshouse_verifier::day::Day;

use super::clause::Clause;
use super::coded::{Coded, Ordinal, OutcomeWanted};
use super::day_number::{DAYS, day_number};
use super::logged::LoggedRanges;
use super::subject_name::SubjectName;
use super::text_query::TextQuery;
use crate::limits::MAX_EXACT_TEXT;
use crate::parameters;
use crate::problem::Problem;

/// Words of a query that the ledger's own query does not have.
const BESIDE: [&str; 5] = ["q", "authority", "subject", "logged_from", "logged_to"];

/// Conditions, all of which must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    query: Query,
    text: Option<TextQuery>,
    authority: Option<String>,
    subject: Option<SubjectName>,
    logged_from: Option<Day>,
    logged_to: Option<Day>,
}

impl Conditions {
    /// Whether a condition has that name.
    pub(crate) fn has(name: &str) -> bool {
        Parameter::find(name).is_some() || BESIDE.contains(&name)
    }

    /// The names of all conditions.
    pub(crate) fn names() -> Vec<&'static str> {
        Parameter::ALL.iter().map(|parameter| parameter.as_str()).chain(BESIDE).collect()
    }

    /// Reads the pairs of a URL's query, all of which are conditions. An empty value of a form's field asks for nothing
    /// only on pages, which leave such pairs out first.
    ///
    /// # Errors
    /// `bad-request`, naming the parameter and what it allows.
    pub(crate) fn parse(pairs: &[(String, String)]) -> Result<Conditions, Problem> {
        if let Some((name, value)) = pairs.iter().find(|(name, _)| !Conditions::has(name)) {
            return Err(parameters::unknown(name, value, &Conditions::names()));
        }
        let (beside, query): (Vec<_>, Vec<_>) =
            pairs.iter().partition(|(name, _)| BESIDE.contains(&name.as_str()));
        let query = Query::parse(query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let query = query.map_err(|error| parameters::wrong(&error))?;
        let mut conditions = Conditions { query, ..Conditions::default() };
        for (name, value) in beside {
            let known = conditions.take(name, value)?;
            if known {
                return Err(Problem::of_parameter(name, "duplicate", value, "this parameter is given once"));
            }
        }
        if let (Some(from), Some(to)) = (conditions.logged_from, conditions.logged_to) {
            check_order(("logged_from", from), ("logged_to", to))
                .map_err(|error| parameters::wrong(&error))?;
        }
        Ok(conditions)
    }

    /// Takes one that the ledger's query does not have; whether it was there already.
    fn take(&mut self, name: &str, value: &str) -> Result<bool, Problem> {
        let day = || {
            let allowed = "a day, YYYY-MM-DD, 1990-01-01 to 2099-12-31";
            Day::parse(value).ok_or_else(|| Problem::of_parameter(name, "grammar", value, allowed))
        };
        Ok(match name {
            "q" => self.text.replace(TextQuery::parse(value)?).is_some(),
            "authority" => self.authority.replace(exact(name, value)?).is_some(),
            "subject" => self.subject.replace(SubjectName::new(exact(name, value)?)).is_some(),
            "logged_from" => self.logged_from.replace(day()?).is_some(),
            _ => self.logged_to.replace(day()?).is_some(),
        })
    }

    /// Whether it looks at texts, so that it must not be answered from before a redaction.
    pub(crate) fn looks_at_texts(&self) -> bool {
        self.text.is_some() || self.authority.is_some() || self.subject.is_some()
    }

    /// The conditions that the ledger's own query has.
    pub(crate) fn query(&self) -> &Query {
        &self.query
    }

    /// The pairs as they stand in a URL, not escaped, in one order.
    pub(crate) fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs: Vec<(&'static str, String)> =
            self.query.wanted().map(|(parameter, wanted)| (parameter.as_str(), wanted.to_string())).collect();
        pairs.extend(self.text.iter().map(|text| ("q", text.given().to_owned())));
        pairs.extend(self.authority.iter().map(|name| ("authority", name.clone())));
        pairs.extend(self.subject.iter().map(|subject| ("subject", subject.given().clone())));
        pairs.extend(self.logged_from.iter().map(|day| ("logged_from", day.to_string())));
        pairs.extend(self.logged_to.iter().map(|day| ("logged_to", day.to_string())));
        pairs
    }

    /// The query as it stands in a URL behind the question mark, escaped.
    pub(crate) fn encode(&self) -> String {
        parameters::encode(&self.pairs())
    }

    /// The same in the numbers of the index. `logged` knows which indexes were logged on which days.
    pub(crate) fn clauses(&self, logged: &LoggedRanges) -> Vec<Clause> {
        let mut clauses = Vec::new();
        let mut outcome = None;
        for (parameter, wanted) in self.query.wanted() {
            match clause(parameter, wanted) {
                Some(clause) => clauses.push(clause),
                None => of_outcome(outcome.get_or_insert_default(), parameter, wanted),
            }
        }
        clauses.extend(outcome.map(Clause::Outcome));
        if self.logged_from.is_some() || self.logged_to.is_some() {
            let (from, to) = logged.between(self.logged_from, self.logged_to);
            clauses.push(Clause::Indexes(from, to));
        }
        clauses.extend(self.of_texts());
        clauses
    }

    /// Those of them that look at texts.
    pub(crate) fn of_texts(&self) -> Vec<Clause> {
        let mut clauses = Vec::new();
        clauses.extend(self.authority.clone().map(Clause::Authority));
        clauses.extend(self.subject.clone().map(Clause::Subject));
        // Words last: they cost most where facts are looked at one by one.
        clauses.extend(self.text.clone().map(Clause::Text));
        clauses
    }
}

/// A text that is compared whole.
fn exact(name: &str, value: &str) -> Result<String, Problem> {
    if value.is_empty() || value.len() > MAX_EXACT_TEXT {
        let allowed = format!("a text of 1 to {MAX_EXACT_TEXT} bytes, exactly as it was published");
        return Err(Problem::of_parameter(name, "out-of-range", value, &allowed));
    }
    Ok(value.to_owned())
}

/// A condition on the entry itself; `None` for one on its outcomes.
fn clause(parameter: Parameter, wanted: &Wanted) -> Option<Clause> {
    let nothing = Clause::Indexes(0, 0);
    Some(match (parameter, wanted) {
        (Parameter::Provider, Wanted::Issuer(issuer)) => Clause::Issuer(issuer.as_str().to_owned()),
        (Parameter::Sub, Wanted::Subject(sub)) => Clause::Sub(sub.to_string()),
        (Parameter::Numbers, Wanted::Numbers(range)) => {
            Clause::Numbers(range.first().get(), range.last().get())
        }
        (Parameter::From, Wanted::Day(day)) => Clause::Days(day_number(*day), DAYS),
        (Parameter::To, Wanted::Day(day)) => Clause::Days(1, day_number(*day)),
        (Parameter::Before, Wanted::Index(end)) => Clause::Indexes(0, end.get()),
        (
            Parameter::Procedure | Parameter::Result | Parameter::OutcomeFrom | Parameter::OutcomeTo,
            Wanted::AnyOf(_) | Wanted::Day(_),
        ) => return None,
        (parameter, Wanted::AnyOf(codes)) => match Coded::position(parameter) {
            Some(position) => {
                let coded = Coded::all().get(position)?;
                let mut ordinals: Vec<Ordinal> =
                    codes.iter().filter_map(|code| coded.ordinal(code)).collect();
                // However they are written, it is one condition, kept once.
                ordinals.sort_unstable();
                ordinals.dedup();
                Clause::Codes(position, ordinals)
            }
            None => nothing,
        },
        _ => nothing,
    })
}

fn of_outcome(outcome: &mut OutcomeWanted, parameter: Parameter, wanted: &Wanted) {
    match (parameter, wanted) {
        (Parameter::OutcomeFrom, Wanted::Day(day)) => outcome.from(day_number(*day)),
        (Parameter::OutcomeTo, Wanted::Day(day)) => outcome.to(day_number(*day)),
        (parameter, Wanted::AnyOf(codes)) => outcome.codes(parameter, codes),
        // A day where codes belong asks for nothing.
        (parameter, _) => outcome.codes(parameter, &[]),
    }
}
