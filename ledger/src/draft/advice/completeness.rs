//! The minimum content of a statement of reasons: Regulation (EU) 2022/2065, Article 17(3), point by point.
//!
//! Article 17 binds hosting services. For every other provider the list says what a reader will look for.

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::{FieldName, MEASURES};
use glasshouse_verifier::payload_error::PayloadError;
use glasshouse_verifier::statement_type::StatementType;
use serde::Serialize;

use super::super::Draft;
use super::caution::Caution;
use super::finding::Finding;
use super::form_words;

/// Whether the provider owes a statement of reasons with these items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Owed {
    /// A hosting service, which restricted somebody's information.
    Owed,
    /// Not by this provider for this decision; the items are useful all the same.
    NotOwed,
    /// The role alone does not tell.
    Unclear,
}

/// Whether an item is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The line says it.
    Present,
    /// The line does not say it, and `field` would.
    Missing,
    /// This decision has no such thing to say.
    NotApplicable,
}

/// One item of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Point {
    /// The letter of the point in Article 17(3), `a` to `f`.
    pub letter: char,
    /// What the point asks for.
    pub what: &'static str,
    /// Whether it is there.
    pub state: State,
    /// The field that says it, or would.
    pub field: &'static str,
}

/// The list for one decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Completeness {
    /// Whether it is owed.
    pub owed: Owed,
    /// Why, or why not.
    pub because: &'static str,
    /// The points, in the order of their letters.
    pub points: Vec<Point>,
}

const ENDS: [FieldName; 4] = [
    FieldName::END_DATE_VISIBILITY_RESTRICTION,
    FieldName::END_DATE_MONETARY_RESTRICTION,
    FieldName::END_DATE_SERVICE_RESTRICTION,
    FieldName::END_DATE_ACCOUNT_RESTRICTION,
];

const UNCLEAR: &str = "owed if the provider stores information for others (a hosting service)";

/// Roles that store information at somebody's request.
const HOSTING: [&str; 4] = ["app_store", "host", "marketplace", "social"];

/// Roles of which some do and some do not.
const MIXED: [&str; 3] = ["messaging", "other", "search"];

/// The list for a draft; `None` for what is no decision.
pub(super) fn of(draft: &Draft) -> Option<Completeness> {
    if draft.kind() != StatementType::Decision {
        return None;
    }
    let (owed, because) = owed(draft);
    let mut points = restriction(draft);
    points.push(stated('b', "facts and circumstances", draft, &[FieldName::DECISION_FACTS]));
    points.push(stated('b', "on a notice or on own initiative", draft, &[FieldName::SOURCE_TYPE]));
    points.push(stated('c', "automated means in detection", draft, &[FieldName::AUTOMATED_DETECTION]));
    points.push(stated('c', "automated means in the decision", draft, &[FieldName::AUTOMATED_DECISION]));
    points.extend(grounds(draft));
    points.push(stated('f', "ways to object", draft, &[FieldName::REDRESS, FieldName::REDRESS_URL]));
    Some(Completeness { owed, because, points })
}

impl Completeness {
    /// Says that the role is not known, when the draft's is a stand-in.
    pub(super) fn forget_role(&mut self) {
        if self.owed == Owed::Unclear || self.owed == Owed::Owed {
            (self.owed, self.because) = (Owed::Unclear, UNCLEAR);
        }
    }
}

/// A warning for each point that is owed and missing. Which ground is missing cannot be told where the ground is wrong.
pub(super) fn warn(completeness: &Completeness, errors: &[PayloadError], found: &mut Vec<Finding>) {
    let on_ground = |error: &PayloadError| {
        ["/decision_ground", "/legal_basis"].iter().any(|path| error.path.starts_with(path))
    };
    let unclear = errors.iter().any(on_ground);
    let missing = completeness.points.iter().filter(|point| point.state == State::Missing);
    let told =
        |point: &&Point| completeness.owed == Owed::Owed && !(unclear && matches!(point.letter, 'd' | 'e'));
    for point in missing.filter(told) {
        let path = format!("/{}", point.field);
        let holds = FieldName::find(point.field).and_then(form_words::of_field).unwrap_or_default();
        let advice = format!("Article 17(3)({}): {}; {holds}", point.letter, point.what);
        found.push(Finding::caution(&path, Caution::Article17Missing, None, advice));
    }
}

fn owed(draft: &Draft) -> (Owed, &'static str) {
    let role = draft.fields().get(&FieldName::PROVIDER_ROLE).and_then(Item::as_text);
    let kind = basis(draft);
    if draft.fields().contains_key(&FieldName::ATTRIBUTION) {
        return (Owed::NotOwed, "not owed by who reports somebody else's decision, still useful");
    }
    match role {
        Some(role) if HOSTING.contains(&role) => {}
        Some(role) if !MIXED.contains(&role) => {
            return (Owed::NotOwed, "not owed: Article 17 binds hosting services; still useful");
        }
        _ => return (Owed::Unclear, UNCLEAR),
    }
    if matches!(kind, Some("court_order" | "authority_order")) {
        return (Owed::NotOwed, "not owed for an order under Article 9 (Article 17(5)); still useful");
    }
    (Owed::Owed, "owed: a hosting service restricted somebody's information (Article 17(1))")
}

fn basis(draft: &Draft) -> Option<&str> {
    draft.fields().get(&FieldName::LEGAL_BASIS)?.get("kind")?.as_text()
}

fn has(draft: &Draft, field: FieldName) -> bool {
    draft.fields().contains_key(&field) || draft.texts().contains_key(&field)
}

/// A point that one of several fields says.
fn stated(letter: char, what: &'static str, draft: &Draft, fields: &[FieldName]) -> Point {
    let there = fields.iter().find(|field| has(draft, **field));
    let state = if there.is_some() { State::Present } else { State::Missing };
    let field = there.or(fields.first()).map_or("", |field| field.as_str());
    Point { letter, what, state, field }
}

/// Point (a): which restriction, where, how long.
fn restriction(draft: &Draft) -> Vec<Point> {
    let end = ENDS.into_iter().find(|field| has(draft, *field));
    let (what, field) = match end {
        Some(end) => ("how long", end),
        None => ("how long: from that day on, without end", FieldName::APPLICATION_DATE),
    };
    vec![
        stated('a', "which restriction", draft, &MEASURES),
        stated('a', "where it applies", draft, &[FieldName::TERRITORIAL_SCOPE]),
        Point { letter: 'a', what, state: State::Present, field: field.as_str() },
    ]
}

/// Points (d) and (e): the law or the contract, and why the content breaks it.
fn grounds(draft: &Draft) -> [Point; 4] {
    const LAW: &str = "legal ground";
    const WHY_ILLEGAL: &str = "why the content is illegal on that ground";
    const CONTRACT: &str = "contractual ground";
    const WHY_INCOMPATIBLE: &str = "why the content is incompatible with that ground";
    let ground = draft.fields().get(&FieldName::DECISION_GROUND).and_then(Item::as_text);
    let kind = basis(draft);
    let (illegal, incompatible) = match (ground, kind) {
        (Some("DECISION_GROUND_ILLEGAL_CONTENT"), _) => (true, false),
        (Some("DECISION_GROUND_INCOMPATIBLE_CONTENT"), _) => (false, true),
        (_, Some("statute" | "court_order" | "authority_order")) => (true, false),
        (_, Some("terms_of_service")) => (false, true),
        // Neither is said, and one of them is asked for.
        _ => (true, true),
    };
    let identified =
        draft.fields().get(&FieldName::LEGAL_BASIS).is_some_and(|basis| basis.get("statute_id").is_some());
    let mut law = stated(
        'd',
        LAW,
        draft,
        &[FieldName::ILLEGAL_CONTENT_LEGAL_GROUND, FieldName::INSTRUMENT, FieldName::ORDER_REFERENCE],
    );
    if identified && law.state == State::Missing {
        law = Point { state: State::Present, field: FieldName::LEGAL_BASIS.as_str(), ..law };
    }
    let contract = [FieldName::INCOMPATIBLE_CONTENT_GROUND, FieldName::PROVISION, FieldName::INSTRUMENT];
    let when = |applies: bool, point: Point| match applies {
        true => point,
        false => Point { state: State::NotApplicable, ..point },
    };
    [
        when(illegal, law),
        when(illegal, stated('d', WHY_ILLEGAL, draft, &[FieldName::ILLEGAL_CONTENT_EXPLANATION])),
        when(incompatible, stated('e', CONTRACT, draft, &contract)),
        when(
            incompatible,
            stated('e', WHY_INCOMPATIBLE, draft, &[FieldName::INCOMPATIBLE_CONTENT_EXPLANATION]),
        ),
    ]
}
