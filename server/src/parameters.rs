//! Parameters of a URL's query that are refused, the same way on every route.

use glasshouse_ledger::query::QueryError;

use crate::problem::Problem;

/// A parameter that the route does not have. `known` names those that it has.
pub(crate) fn unknown(name: &str, given: &str, known: &str) -> Problem {
    let name: String = name.chars().take(100).collect();
    Problem::of_parameter(&name, "unknown", given, &format!("the parameters are {known}"))
}

/// What is wrong with a condition of a list.
pub(crate) fn wrong(error: &QueryError) -> Problem {
    let name: String = error.parameter.chars().take(100).collect();
    Problem::of_parameter(&name, error.rule, &error.given, &error.allowed)
}
