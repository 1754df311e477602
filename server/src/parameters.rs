//! Parameters of a URL's query that are refused, the same way on every route.

use glasshouse_ledger::near::near;
use glasshouse_ledger::query::QueryError;

use crate::problem::Problem;

/// A parameter that the route does not have. `known` are those that it has.
pub(crate) fn unknown(name: &str, given: &str, known: &[&str]) -> Problem {
    let near = near(name, known.iter().copied());
    let name: String = name.chars().take(100).collect();
    let allowed = format!("the parameters are {}", known.join(", "));
    Problem::of_parameter_near(&name, "unknown", given, &allowed, near)
}

/// What is wrong with a condition of a list.
pub(crate) fn wrong(error: &QueryError) -> Problem {
    let name: String = error.parameter.chars().take(100).collect();
    Problem::of_parameter_near(&name, error.rule, &error.given, &error.allowed, &error.near)
}

/// Pairs as they stand in a URL behind the question mark. What is no letter, no digit and none of `-._~/:,` is escaped.
pub(crate) fn encode(pairs: &[(&str, String)]) -> String {
    let escaped = |text: &str| {
        let mut escaped = String::with_capacity(text.len());
        for byte in text.bytes() {
            match byte {
                b'-' | b'.' | b'_' | b'~' | b'/' | b':' | b',' => escaped.push(char::from(byte)),
                _ if byte.is_ascii_alphanumeric() => escaped.push(char::from(byte)),
                _ => escaped.push_str(&format!("%{byte:02X}")),
            }
        }
        escaped
    };
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={}", escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}
