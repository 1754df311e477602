//! What entries are counted by.

use glasshouse_ledger::near::near;
use glasshouse_ledger::query::Parameter;

use super::coded::{Coded, Ordinal};
use super::day_number::{DAYS, MONTHS, YEAR_NUMBERS, day_text, month_of, month_text, year_of, year_text};
use super::facts::Facts;
use crate::problem::Problem;

/// Shown where an entry has no code and no day.
const NONE: &str = "none";

/// Dimensions that are no parameters of codes.
const OTHERS: [(&str, Dimension); 6] = [
    ("provider", Dimension::Text(TextColumn::Provider)),
    ("authority", Dimension::Text(TextColumn::Authority)),
    ("subject", Dimension::Text(TextColumn::Subject)),
    ("day", Dimension::Time(Span::Day)),
    ("month", Dimension::Time(Span::Month)),
    ("year", Dimension::Time(Span::Year)),
];

/// Parameters of codes that are no dimensions: what they hold is counted under others.
const NOT_COUNTED: [Parameter; 2] = [Parameter::Attribution, Parameter::RefusalReason];

/// Texts that entries are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextColumn {
    /// Who issued it, without `https://`.
    Provider,
    /// The published name of an authority.
    Authority,
    /// The published text that `sub` stands for, else `sub` itself.
    Subject,
}

/// Spans of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// A day.
    Day,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

impl Span {
    /// The number of the span that a day lies in.
    pub(crate) fn of_day(self, day: u32) -> u32 {
        match self {
            Span::Day => day,
            Span::Month => month_of(day),
            Span::Year => year_of(day),
        }
    }

    fn text(self, number: u32) -> Option<String> {
        match self {
            Span::Day => day_text(number),
            Span::Month => month_text(number),
            Span::Year => year_text(number),
        }
    }

    fn count(self) -> u32 {
        match self {
            Span::Day => DAYS,
            Span::Month => MONTHS,
            Span::Year => YEAR_NUMBERS,
        }
    }
}

/// What entries are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dimension {
    /// The codes of the parameter at that position of [`Coded::all`]. An entry with several counts once for each.
    Codes(usize),
    /// A text.
    Text(TextColumn),
    /// When.
    Time(Span),
}

/// One value of a dimension.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Value {
    /// A number of its own.
    Number(u32),
    /// A text.
    Text(String),
}

impl Value {
    /// How many bytes its text has.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Value::Number(_) => 0,
            Value::Text(text) => text.len(),
        }
    }
}

impl Dimension {
    /// Whether counts by it tell what texts say, which may go out of sight.
    pub(crate) fn tells_texts(self) -> bool {
        matches!(self, Dimension::Text(TextColumn::Authority | TextColumn::Subject))
    }

    /// The names of all.
    pub(crate) fn names() -> Vec<&'static str> {
        let coded = Coded::all().iter().map(|coded| coded.parameter);
        let coded = coded.filter(|parameter| !NOT_COUNTED.contains(parameter)).map(Parameter::as_str);
        let mut names: Vec<&str> = coded.chain(OTHERS.iter().map(|(name, _)| *name)).collect();
        names.sort_unstable();
        names
    }

    /// The dimension of that name.
    pub(crate) fn find(name: &str) -> Option<Dimension> {
        if let Some((_, dimension)) = OTHERS.iter().find(|(known, _)| *known == name) {
            return Some(*dimension);
        }
        let parameter = Parameter::find(name).filter(|parameter| !NOT_COUNTED.contains(parameter))?;
        Coded::position(parameter).map(Dimension::Codes)
    }

    /// Reads one or two different names with a comma between them.
    ///
    /// # Errors
    /// `bad-request`, naming what is allowed.
    pub(crate) fn parse_list(text: &str) -> Result<Vec<Dimension>, Problem> {
        let allowed = || format!("one or two of {}, separated by a comma", Dimension::names().join(", "));
        let wrong = |rule: &str| Problem::of_parameter("by", rule, text, &allowed());
        let names: Vec<&str> = text.split(',').take(3).collect();
        if names.len() > 2 || names.first() == names.get(1) {
            return Err(wrong("grammar"));
        }
        let unknown = |name: &str| {
            Problem::of_parameter_near("by", "unknown", name, &allowed(), near(name, Dimension::names()))
        };
        names.into_iter().map(|name| Dimension::find(name).ok_or_else(|| unknown(name))).collect()
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Dimension::Codes(position) => {
                Coded::all().get(position).map_or("", |coded| coded.parameter.as_str())
            }
            other => OTHERS.iter().find(|(_, known)| *known == other).map_or("", |(name, _)| *name),
        }
    }

    /// How many numbers it has, where it has numbers.
    pub(crate) fn count(self) -> Option<u32> {
        match self {
            Dimension::Codes(position) => {
                Coded::all().get(position).and_then(|coded| u32::try_from(coded.count()).ok())
            }
            Dimension::Text(_) => None,
            Dimension::Time(span) => Some(span.count()),
        }
    }

    /// Whether a number of it is counted.
    pub(crate) fn is_counted(self, number: u32) -> bool {
        match self {
            Dimension::Codes(position) => Coded::all()
                .get(position)
                .zip(Ordinal::try_from(number).ok())
                .is_some_and(|(coded, number)| coded.is_counted(number)),
            _ => true,
        }
    }

    /// A value in words; `none` for the absence of a code or a day. Of a text, which can be any, there is nothing then.
    pub(crate) fn text(self, value: &Value) -> Option<String> {
        Some(match (self, value) {
            (Dimension::Text(TextColumn::Provider), Value::Text(issuer)) => {
                issuer.strip_prefix("https://").unwrap_or(issuer).to_owned()
            }
            (_, Value::Text(text)) => text.clone(),
            (Dimension::Codes(position), Value::Number(number)) => {
                let coded = Coded::all().get(position).zip(Ordinal::try_from(*number).ok());
                coded.map_or(NONE, |(coded, number)| coded.code(number)).to_owned()
            }
            (Dimension::Time(span), Value::Number(number)) => {
                span.text(*number).unwrap_or_else(|| NONE.to_owned())
            }
            (Dimension::Text(_), Value::Number(_)) => return None,
        })
    }

    /// The values of one entry.
    pub(crate) fn values(self, facts: &Facts) -> Vec<Value> {
        let text = |text: Option<&String>| vec![text.map_or(Value::Number(0), |t| Value::Text(t.clone()))];
        match self {
            Dimension::Codes(position) => {
                let values = facts.codes.get(position).map(Vec::as_slice).unwrap_or_default();
                let counted = values.iter().map(|value| u32::from(*value)).filter(|v| self.is_counted(*v));
                counted.map(Value::Number).collect()
            }
            Dimension::Text(TextColumn::Provider) => text(Some(&facts.issuer)),
            Dimension::Text(TextColumn::Authority) => text(facts.authority.as_ref()),
            Dimension::Text(TextColumn::Subject) => text(facts.subject.as_ref().or(Some(&facts.sub))),
            Dimension::Time(span) => vec![Value::Number(span.of_day(facts.day))],
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn one_or_two_dimensions_are_named() {
        for name in Dimension::names() {
            let dimension = Dimension::find(name).unwrap();
            assert_eq!(dimension.name(), name);
            assert_eq!(Dimension::parse_list(name).unwrap(), [dimension]);
        }
        let names = "authority,authority_kind,automated_decision,automated_detection,category,day,decision_ground,keyword,language,\
            legal_basis,measure,month,order,order_country,provider,provider_role,source_type,standing,subject,territory,type,\
            vocabulary,year";
        assert_eq!(Dimension::names().join(","), names);
        assert_eq!(Dimension::parse_list("category,day").unwrap().len(), 2);
        for (wrong, rule) in [
            ("", "unknown"),
            ("colour", "unknown"),
            ("refusal_reason", "unknown"),
            ("day,day", "grammar"),
            ("day,type,year", "grammar"),
            ("day,", "unknown"),
            ("from", "unknown"),
        ] {
            assert_eq!(Dimension::parse_list(wrong).unwrap_err().errors[0].rule, rule, "{wrong}");
        }
    }
}
