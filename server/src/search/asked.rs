//! A page of a search, as it is asked for: conditions, an order, where to go on, and how many rows.

use glasshouse_verifier::size::LeafIndex;

use super::conditions::Conditions;
use super::rank::{Rank, Sort};
use crate::limits::{LIST_ROWS, MAX_LIST_ROWS};
use crate::parameters;
use crate::problem::Problem;

/// Parameters of a list that are no conditions.
const BESIDE: [&str; 4] = ["sort", "cursor", "after", "limit"];

/// What a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    conditions: Conditions,
    sort: Sort,
    after: Option<Rank>,
    limit: usize,
}

impl Asked {
    /// Reads the pairs of a URL's query. Without `sort` a list has the order of the log.
    ///
    /// # Errors
    /// `bad-request`, naming the parameter and what it allows.
    pub(crate) fn parse(pairs: &[(String, String)]) -> Result<Asked, Problem> {
        Asked::parse_sorted(pairs, Sort::Oldest)
    }

    /// The same with another order where none is asked for.
    ///
    /// # Errors
    /// As [`Asked::parse`].
    pub(crate) fn parse_sorted(pairs: &[(String, String)], usual: Sort) -> Result<Asked, Problem> {
        let (beside, conditions): (Vec<_>, Vec<_>) =
            pairs.iter().cloned().partition(|(name, _)| BESIDE.contains(&name.as_str()));
        if let Some((name, value)) = conditions.iter().find(|(name, _)| !Conditions::has(name)) {
            let names: Vec<&str> = Conditions::names().into_iter().chain(BESIDE).collect();
            return Err(parameters::unknown(name, value, &names));
        }
        let given = |wanted: &str| {
            let mut found = beside.iter().filter(|(name, _)| name == wanted);
            match (found.next(), found.next()) {
                (_, Some((name, value))) => {
                    Err(Problem::of_parameter(name, "duplicate", value, "this parameter is given once"))
                }
                (first, None) => Ok(first.map(|(_, value)| value.as_str())),
            }
        };
        let sort = given("sort")?.map_or(Ok(usual), Sort::parse)?;
        let cursor = given("cursor")?.map(|text| sort.read_cursor(text)).transpose()?;
        let after = given("after")?.map(|text| read_after(sort, text)).transpose()?;
        if let (Some(_), Some(text)) = (cursor, given("after")?) {
            return Err(Problem::of_parameter("after", "duplicate", text, "either after or cursor"));
        }
        Ok(Asked {
            conditions: Conditions::parse(&conditions)?,
            sort,
            after: cursor.or(after),
            limit: given("limit")?.map_or(Ok(LIST_ROWS), read_limit)?,
        })
    }

    /// The conditions.
    pub(crate) fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// The order.
    pub(crate) fn sort(&self) -> Sort {
        self.sort
    }

    /// Behind which rank it goes on.
    pub(crate) fn after(&self) -> Option<Rank> {
        self.after
    }

    /// Most rows.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// The pairs of the same list behind a rank: in the order of the log with `after`, in others with `cursor`.
    pub(crate) fn pairs_behind(&self, rank: Rank) -> Vec<(&'static str, String)> {
        let mut pairs = self.conditions.pairs();
        match self.sort {
            Sort::Oldest => pairs.push(("after", self.sort.index(rank).to_string())),
            sort => {
                pairs.extend([("sort", sort.as_str().to_owned()), ("cursor", sort.cursor(rank))]);
            }
        }
        pairs.push(("limit", self.limit.to_string()));
        pairs
    }
}

fn read_after(sort: Sort, text: &str) -> Result<Rank, Problem> {
    if sort != Sort::Oldest {
        let allowed = "an index only in the order of the log; in others a cursor";
        return Err(Problem::of_parameter("after", "needs", text, allowed));
    }
    let index = LeafIndex::parse(text)
        .map_err(|_| Problem::of_parameter("after", "grammar", text, "an index in decimal"))?;
    Ok(sort.rank(index.get(), 0))
}

fn read_limit(text: &str) -> Result<usize, Problem> {
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIST_ROWS).contains(limit));
    limit
        .ok_or_else(|| Problem::of_parameter("limit", "out-of-range", text, &format!("1 to {MAX_LIST_ROWS}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<Asked, Problem> {
        let pairs: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Asked::parse(&pairs)
    }

    #[test]
    fn cursor_and_limit_stand_beside_the_conditions() {
        let asked =
            parse(&[("after", "7"), ("type", "decision"), ("limit", "1000"), ("q", "\"a b\" -c")]).unwrap();
        assert_eq!((asked.after, asked.limit), (Some(Sort::Oldest.rank(7, 0)), 1_000));
        assert_eq!(asked.conditions.encode(), "type=decision&q=%22a%20b%22%20-c");
        let behind = parameters::encode(&asked.pairs_behind(Sort::Oldest.rank(9, 3)));
        assert_eq!(behind, "type=decision&q=%22a%20b%22%20-c&after=9&limit=1000");
        let cursor = Sort::Newest.cursor(Sort::Newest.rank(9, 3));
        let asked = parse(&[("sort", "newest"), ("cursor", &cursor)]).unwrap();
        let behind = parameters::encode(&asked.pairs_behind(Sort::Newest.rank(9, 3)));
        assert_eq!(behind, format!("sort=newest&cursor={cursor}&limit=100"));
        for (pairs, path, rule) in [
            (&[("limit", "0")][..], "limit", "out-of-range"),
            (&[("limit", "1001")], "limit", "out-of-range"),
            (&[("after", "x")], "after", "grammar"),
            (&[("after", "1"), ("after", "2")], "after", "duplicate"),
            (&[("after", "1"), ("sort", "day")], "after", "needs"),
            (
                &[("after", "1"), ("cursor", &Sort::Oldest.cursor(Sort::Oldest.rank(1, 0)))],
                "after",
                "duplicate",
            ),
            (&[("cursor", &cursor)], "cursor", "grammar"),
            (&[("sort", "up")], "sort", "not-a-code"),
            (&[("q", "?")], "q", "no-word"),
            (&[("q", "a"), ("q", "b")], "q", "duplicate"),
            (&[("subject", "")], "subject", "out-of-range"),
            (&[("logged_from", "x")], "logged_from", "grammar"),
            (&[("colour", "red")], "colour", "unknown"),
            (&[("type", "decree")], "type", "not-a-code"),
        ] {
            let problem = parse(pairs).unwrap_err();
            assert_eq!((problem.errors[0].path.as_str(), problem.errors[0].rule.as_str()), (path, rule));
            assert!(problem.errors[0].allowed.is_some());
        }
    }
}
