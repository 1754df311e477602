//! What is wrong with a payload or an addendum: the place, the rule, what stood there, what may stand there.

use serde::Serialize;

use crate::pointer::Pointer;

/// At most so many errors are named for one payload. A payload of 65,535 bytes can be wrong in some ten thousand
/// places; nobody reads more than this, and an answer must not be far larger than the question.
pub const MAX_ERRORS: usize = 256;

/// At most so many characters of a wrong value are repeated in an error.
const MAX_GIVEN: usize = 80;

/// The rule that a value breaks; the names are stable and part of the HTTP interface, and the order is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A member that stands twice.
    Duplicate,
    /// A text, list or map that must not be empty.
    Empty,
    /// The field must not be there, given what else is.
    Forbidden,
    /// A text or byte string that does not follow its grammar.
    Grammar,
    /// A decision without any measure.
    MeasureRequired,
    /// A locator of such content may be committed to, never served.
    MustBeWithheld,
    /// The field has a meaning only together with another one, which is missing.
    Needs,
    /// Not in the closed set of values.
    NotACode,
    /// A set whose members are not in the order of their bytes.
    NotSorted,
    /// A number, day or instant outside its range.
    OutOfRange,
    /// The field must be there.
    Required,
    /// The claim `sub` is not of the kind that this type of statement is about.
    Sub,
    /// More characters, bytes or elements than allowed.
    TooLong,
    /// This type of statement has no such field.
    UnknownField,
    /// Another CBOR type is expected.
    WrongType,
}

impl Rule {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Rule::Duplicate => "duplicate",
            Rule::Empty => "empty",
            Rule::Forbidden => "forbidden",
            Rule::Grammar => "grammar",
            Rule::MeasureRequired => "measure-required",
            Rule::MustBeWithheld => "must-be-withheld",
            Rule::Needs => "needs",
            Rule::NotACode => "not-a-code",
            Rule::NotSorted => "not-sorted",
            Rule::OutOfRange => "out-of-range",
            Rule::Required => "required",
            Rule::Sub => "sub",
            Rule::TooLong => "too-long",
            Rule::UnknownField => "unknown-field",
            Rule::WrongType => "wrong-type",
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, thiserror::Error)]
#[error("{}: {}{}{}", place(path), rule.as_str(), part(", given ", given), part(", allowed: ", allowed))]
pub struct PayloadError {
    /// Where: a JSON Pointer (RFC 6901) into the payload; the text of an addendum is `/addenda/<field>`.
    pub path: String,
    /// Which rule it breaks.
    pub rule: Rule,
    /// What stood there, shortened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// What may stand there, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<String>,
}

fn place(path: &str) -> &str {
    if path.is_empty() { "the payload" } else { path }
}

fn part(before: &str, text: &Option<String>) -> String {
    text.as_ref().map_or_else(String::new, |t| format!("{before}{t}"))
}

impl PayloadError {
    /// An error at a place.
    pub(crate) fn at(place: &Pointer<'_>, rule: Rule) -> PayloadError {
        PayloadError { path: place.to_string(), rule, given: None, allowed: None }
    }

    /// Adds what stood there, shortened and without control characters.
    #[must_use]
    pub(crate) fn given(mut self, given: &str) -> PayloadError {
        let mut short: String =
            given.chars().take(MAX_GIVEN).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        if given.chars().nth(MAX_GIVEN).is_some() {
            short.push('…');
        }
        self.given = Some(short);
        self
    }

    /// Adds what may stand there.
    #[must_use]
    pub(crate) fn allowed(mut self, allowed: impl Into<String>) -> PayloadError {
        self.allowed = Some(allowed.into());
        self
    }
}

/// Why a payload was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadErrors {
    /// The type or the vocabulary is none that this version knows: neither good nor a lie.
    #[error("not understood: {field} {given:?} is not known to this version")]
    NotUnderstood {
        /// `type` or `vocabulary`.
        field: &'static str,
        /// The unknown value, shortened.
        given: String,
    },
    /// It breaks rules: all of them, sorted by place and rule, up to [`MAX_ERRORS`].
    #[error("{}", listed(.0))]
    Invalid(Vec<PayloadError>),
}

fn listed(errors: &[PayloadError]) -> String {
    let lines: Vec<String> = errors.iter().map(PayloadError::to_string).collect();
    lines.join("; ")
}

impl PayloadErrors {
    /// The broken rules; none if the payload was not understood.
    pub fn list(&self) -> &[PayloadError] {
        match self {
            PayloadErrors::NotUnderstood { .. } => &[],
            PayloadErrors::Invalid(list) => list,
        }
    }
}

/// Collects errors, at most [`MAX_ERRORS`].
#[derive(Debug, Default)]
pub(crate) struct Errors {
    list: Vec<PayloadError>,
    count: usize,
}

impl Errors {
    pub(crate) fn push(&mut self, error: PayloadError) {
        self.count = self.count.saturating_add(1);
        if self.list.len() < MAX_ERRORS {
            self.list.push(error);
        }
    }

    pub(crate) fn add(&mut self, place: &Pointer<'_>, rule: Rule) {
        self.push(PayloadError::at(place, rule));
    }

    /// How many were found, those beyond the limit too: a value whose reading adds one was misread.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Nothing if nothing was collected.
    pub(crate) fn finish(self) -> Result<(), PayloadErrors> {
        if self.list.is_empty() {
            return Ok(());
        }
        Err(self.into_invalid())
    }

    /// What was collected, each place and rule once.
    pub(crate) fn into_invalid(mut self) -> PayloadErrors {
        self.list.sort();
        self.list.dedup_by(|later, first| later.path == first.path && later.rule == first.rule);
        PayloadErrors::Invalid(self.list)
    }

    /// The first error, in the order of finding.
    pub(crate) fn first(self) -> Option<PayloadError> {
        self.list.into_iter().next()
    }
}
