//! The columns of a data set (`spec/data-set.md` has the same table; a test compares them).
//!
//! A column that a query of the ledger's interface knows has its name there.

use crate::entry_state::TextState;
use crate::fields::{FieldName, MEASURES};
use crate::instant::Instant;

use super::cell::Cell;
use super::row::AsItStands;

/// The version of the columns. Another one means that a column went, or means something else; a further column at the end of
/// its part is none.
pub const VERSION: &str = "glasshouse-data-set/1";

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 0 to 2^53 − 1.
    Integer,
    /// True or false.
    Flag,
    /// A day.
    Day,
    /// An instant, whole seconds.
    Instant,
    /// A text, a code for the most part.
    Text,
    /// A list of codes or names, perhaps empty.
    Texts,
}

impl Kind {
    /// The name in the specification and in manifests.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Integer => "integer",
            Kind::Flag => "boolean",
            Kind::Day => "day",
            Kind::Instant => "instant",
            Kind::Text => "text",
            Kind::Texts => "list",
        }
    }
}

/// How much of an entry stands in its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What stands in the log: codes, numbers, days.
    Coded,
    /// And the texts beside it that may be shown.
    WithTexts,
}

impl Extent {
    /// Its columns, in order.
    pub fn columns(self) -> impl Iterator<Item = &'static Column> {
        let texts = match self {
            Extent::Coded => &[],
            Extent::WithTexts => TEXTS,
        };
        CODED.iter().chain(texts)
    }
}

/// What a column says of an entry.
#[derive(Debug, Clone, Copy)]
pub(super) enum Says {
    /// The value of a field, as amended.
    Field(FieldName),
    /// The codes of fields, as amended, one field after the other.
    Codes(&'static [FieldName]),
    /// The text of a field, as amended, if it may be shown.
    Text(FieldName),
    /// Something else.
    Of(fn(&AsItStands<'_>) -> Cell),
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it says, in a few words.
    pub about: &'static str,
    pub(super) says: Says,
}

const fn of(
    name: &'static str,
    kind: Kind,
    about: &'static str,
    says: fn(&AsItStands<'_>) -> Cell,
) -> Column {
    Column { name, kind, about, says: Says::Of(says) }
}

const fn field(name: &'static str, kind: Kind, about: &'static str, field: FieldName) -> Column {
    Column { name, kind, about, says: Says::Field(field) }
}

const fn codes(name: &'static str, about: &'static str, fields: &'static [FieldName]) -> Column {
    Column { name, kind: Kind::Texts, about, says: Says::Codes(fields) }
}

const fn text(name: &'static str, about: &'static str, field: FieldName) -> Column {
    Column { name, kind: Kind::Text, about, says: Says::Text(field) }
}

const CODED: &[Column] = &[
    of("index", Kind::Integer, "place in the log", |e| Cell::Integer(e.index.get())),
    of("leaf_hash", Kind::Text, "leaf hash of the entry, hex", |e| Cell::text(e.entry.leaf_hash().to_hex())),
    of("type", Kind::Text, "type of the statement", |e| Cell::code(e.payload().kind().as_str())),
    of("provider", Kind::Text, "who issued it: `iss` without `https://`", |e| {
        Cell::text(e.entry.statement().claims().iss.authority())
    }),
    of("iss", Kind::Text, "who issued it", |e| Cell::text(e.entry.statement().claims().iss.as_str())),
    of("sequence", Kind::Integer, "the issuer's own number", |e| Cell::Integer(e.payload().sequence().get())),
    of("sub", Kind::Text, "what it is about: the claim `sub`", |e| {
        Cell::text(e.entry.statement().claims().sub.as_str())
    }),
    of("iat", Kind::Instant, "when it was issued, by the issuer's clock", |e| {
        Cell::maybe(Instant::new(e.entry.statement().claims().iat), Cell::Instant)
    }),
    of("day", Kind::Day, "`application_date` of a decision, of all others the day of `iat` (UTC)", |e| {
        Cell::maybe(e.amended.day(e.entry.statement()), Cell::Day)
    }),
    of("month", Kind::Text, "the month of `day`, YYYY-MM", |e| Cell::maybe(e.month(), Cell::text)),
    of("vocabulary", Kind::Text, "European vocabulary of the category; without one, the statement's", |e| {
        Cell::code(e.amended.vocabulary(e.entry.statement()).as_str())
    }),
    field("provider_role", Kind::Text, "in which role the provider acted", FieldName::PROVIDER_ROLE),
    field("category", Kind::Text, "European category", FieldName::CATEGORY),
    codes("category_addition", "further categories", &[FieldName::CATEGORY_ADDITION]),
    codes("keyword", "keywords: `category_specification`", &[FieldName::CATEGORY_SPECIFICATION]),
    field("decision_ground", Kind::Text, "European ground", FieldName::DECISION_GROUND),
    field(
        "incompatible_content_illegal",
        Kind::Text,
        "whether it was also held to be illegal",
        FieldName::INCOMPATIBLE_CONTENT_ILLEGAL,
    ),
    of("legal_basis", Kind::Text, "kind of the legal basis", |e| {
        Cell::maybe(e.legal_basis(), |basis| Cell::code(basis.kind().as_str()))
    }),
    of("jurisdiction", Kind::Text, "whose law", |e| {
        Cell::maybe(e.legal_basis().and_then(|basis| basis.jurisdiction()), |code| Cell::code(code.as_str()))
    }),
    of("statute", Kind::Text, "identifier of the law", |e| {
        Cell::maybe(e.legal_basis().and_then(|basis| basis.statute_id()), |id| Cell::text(id.as_str()))
    }),
    of("order", Kind::Text, "`with` an order, `without` one, or `unstated`", order),
    of("authority_kind", Kind::Text, "kind of the authority that ordered it", |e| {
        Cell::maybe(e.order(), |order| Cell::code(order.authority_kind.as_str()))
    }),
    of("order_country", Kind::Text, "country of that authority", |e| {
        Cell::maybe(e.order(), |order| Cell::code(order.country.as_str()))
    }),
    of("order_issued", Kind::Instant, "when the order was issued", |e| {
        Cell::maybe(e.order().and_then(|order| order.issued), Cell::Instant)
    }),
    of("order_received", Kind::Instant, "when the provider received it", |e| {
        Cell::maybe(e.order().and_then(|order| order.received), Cell::Instant)
    }),
    of("order_deadline", Kind::Instant, "by when it must be followed", |e| {
        Cell::maybe(e.order().and_then(|order| order.deadline), Cell::Instant)
    }),
    field("refusal_reason", Kind::Text, "why a notice or a demand was refused", FieldName::REFUSAL_REASON),
    field("notice_received", Kind::Instant, "when the notice or demand came in", FieldName::NOTICE_RECEIVED),
    codes("territory", "where it applies: `territorial_scope`", &[FieldName::TERRITORIAL_SCOPE]),
    field("language", Kind::Text, "language of the content: `content_language`", FieldName::CONTENT_LANGUAGE),
    codes("content_type", "types of the content", &[FieldName::CONTENT_TYPE]),
    field("content_date", Kind::Day, "day of the content", FieldName::CONTENT_DATE),
    field("account_type", Kind::Text, "type of the account", FieldName::ACCOUNT_TYPE),
    codes(
        "measure",
        "what was done: all codes of `decision_visibility`, `decision_monetary`, `decision_provision`, `decision_account`, \
         `infrastructure_measure`",
        &MEASURES,
    ),
    field(
        "end_date_visibility_restriction",
        Kind::Day,
        "when that restriction ends",
        FieldName::END_DATE_VISIBILITY_RESTRICTION,
    ),
    field(
        "end_date_monetary_restriction",
        Kind::Day,
        "when that restriction ends",
        FieldName::END_DATE_MONETARY_RESTRICTION,
    ),
    field(
        "end_date_service_restriction",
        Kind::Day,
        "when that restriction ends",
        FieldName::END_DATE_SERVICE_RESTRICTION,
    ),
    field(
        "end_date_account_restriction",
        Kind::Day,
        "when that restriction ends",
        FieldName::END_DATE_ACCOUNT_RESTRICTION,
    ),
    field("acted_at", Kind::Instant, "when the measure took effect", FieldName::ACTED_AT),
    field("items", Kind::Integer, "how many items one decision covers", FieldName::ITEMS),
    field("source_type", Kind::Text, "how the provider came to act", FieldName::SOURCE_TYPE),
    field("source_kind", Kind::Text, "who asked, finer than that", FieldName::SOURCE_KIND),
    field("automated_detection", Kind::Text, "whether a program found it", FieldName::AUTOMATED_DETECTION),
    field("automated_decision", Kind::Text, "whether a program decided it", FieldName::AUTOMATED_DECISION),
    field("authority_notified", Kind::Text, "whether an authority was told", FieldName::AUTHORITY_NOTIFIED),
    codes("redress", "which ways to object exist", &[FieldName::REDRESS]),
    field(
        "attribution",
        Kind::Text,
        "from where somebody else's decision is reported",
        FieldName::ATTRIBUTION,
    ),
    field(
        "attributed_at",
        Kind::Instant,
        "when the other register took the statement in",
        FieldName::ATTRIBUTED_AT,
    ),
    of("standing", Kind::Text, "what became of it", |e| {
        Cell::code(e.state.standing(e.payload().kind()).as_str())
    }),
    of("outcome", Kind::Text, "result of the last outcome about it that counts", |e| {
        Cell::maybe(e.state.outcomes.last(), |(_, result)| Cell::code(result.as_str()))
    }),
    of("amended", Kind::Flag, "whether an amendment that counts names it", |e| {
        Cell::Flag(!e.state.amendments.is_empty())
    }),
    of("withheld", Kind::Texts, "fields whose texts its issuer keeps", |e| {
        texts_that_are(e, |text| text == TextState::Withheld)
    }),
    of("redacted", Kind::Texts, "fields whose texts were erased", |e| {
        texts_that_are(e, |text| matches!(text, TextState::Redacted(_)))
    }),
    field("procedure", Kind::Text, "of an outcome: which procedure ended", FieldName::PROCEDURE),
    field("result", Kind::Text, "of an outcome: how it ended", FieldName::RESULT),
    field(
        "complaint_received",
        Kind::Instant,
        "of an outcome: when the complaint came in",
        FieldName::COMPLAINT_RECEIVED,
    ),
    field("decided_at", Kind::Instant, "of an outcome: when the procedure ended", FieldName::DECIDED_AT),
    field(
        "implemented",
        Kind::Text,
        "of an outcome: whether the provider did what it asks",
        FieldName::IMPLEMENTED,
    ),
    field("lifted_reason", Kind::Text, "of a lifting: why", FieldName::LIFTED_REASON),
    field("end_date", Kind::Day, "of a lifting: when", FieldName::END_DATE),
    field("amendment_reason", Kind::Text, "of an amendment: what was wrong", FieldName::AMENDMENT_REASON),
    field("redaction_ground", Kind::Text, "of a redaction: on what ground", FieldName::REDACTION_GROUND),
    field("requested_by", Kind::Text, "of a redaction: who asked, by kind", FieldName::REQUESTED_BY),
    field("void_reason", Kind::Text, "of closed numbers: why", FieldName::VOID_REASON),
    field("period_start", Kind::Day, "of a declaration: its period", FieldName::PERIOD_START),
    field("period_end", Kind::Day, "of a declaration: its period", FieldName::PERIOD_END),
    field(
        "decisions_taken",
        Kind::Integer,
        "of a declaration: the provider's own count",
        FieldName::DECISIONS_TAKEN,
    ),
    field("not_published", Kind::Integer, "of a declaration: not filed of these", FieldName::NOT_PUBLISHED),
];

const TEXTS: &[Column] = &[
    text("subject", "what the pseudonym stands for", FieldName::SUBJECT),
    text("puid", "the provider's own identifier", FieldName::PUID),
    text("authority", "the authority that ordered it: `order_authority`", FieldName::ORDER_AUTHORITY),
    text("order_reference", "file number of the order", FieldName::ORDER_REFERENCE),
    text("instrument", "the law or contract, in words", FieldName::INSTRUMENT),
    text("provision", "its clause, in words", FieldName::PROVISION),
    text("decision_facts", "facts and circumstances", FieldName::DECISION_FACTS),
    text(
        "illegal_content_legal_ground",
        "the law that the content breaks",
        FieldName::ILLEGAL_CONTENT_LEGAL_GROUND,
    ),
    text("illegal_content_explanation", "why it breaks it", FieldName::ILLEGAL_CONTENT_EXPLANATION),
    text("incompatible_content_ground", "the term that it breaks", FieldName::INCOMPATIBLE_CONTENT_GROUND),
    text("incompatible_content_explanation", "why it breaks it", FieldName::INCOMPATIBLE_CONTENT_EXPLANATION),
    text("decision_visibility_other", "the measure, in words", FieldName::DECISION_VISIBILITY_OTHER),
    text("decision_monetary_other", "the measure, in words", FieldName::DECISION_MONETARY_OTHER),
    text("category_specification_other", "the keyword, in words", FieldName::CATEGORY_SPECIFICATION_OTHER),
    text("content_type_other", "the type of content, in words", FieldName::CONTENT_TYPE_OTHER),
    text("refusal_explanation", "why a demand was refused", FieldName::REFUSAL_EXPLANATION),
    text("attributed_to", "whose decision it was, in words", FieldName::ATTRIBUTED_TO),
    text("attribution_source", "where the report comes from", FieldName::ATTRIBUTION_SOURCE),
    text("outcome_body", "of an outcome: the court or body", FieldName::OUTCOME_BODY),
    text("outcome_explanation", "of an outcome: why", FieldName::OUTCOME_EXPLANATION),
    text("lifted_explanation", "of a lifting: why", FieldName::LIFTED_EXPLANATION),
    text("amendment_explanation", "of an amendment: why", FieldName::AMENDMENT_EXPLANATION),
    text("withdrawal_explanation", "of a withdrawal: why", FieldName::WITHDRAWAL_EXPLANATION),
    text("redaction_explanation", "of a redaction: why", FieldName::REDACTION_EXPLANATION),
    text("void_explanation", "of closed numbers: why", FieldName::VOID_EXPLANATION),
    text(
        "declaration_explanation",
        "of a declaration: what there is to say",
        FieldName::DECLARATION_EXPLANATION,
    ),
];

/// An order is there exactly for two kinds of legal basis; a basis that is not stated says nothing about one.
fn order(entry: &AsItStands<'_>) -> Cell {
    Cell::maybe(entry.legal_basis(), |basis| {
        Cell::code(match basis.order() {
            Some(_) => "with",
            None if basis.kind().as_str() == "unstated" => "unstated",
            None => "without",
        })
    })
}

fn texts_that_are(entry: &AsItStands<'_>, is: fn(TextState) -> bool) -> Cell {
    let payload = entry.payload();
    let fields = payload.addenda().keys().filter(|field| entry.state.text(payload, **field).is_some_and(is));
    Cell::Texts(fields.map(|field| field.as_str().into()).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use std::collections::BTreeSet;

    use super::*;
    use crate::fields::Form;

    #[test]
    fn every_field_is_of_the_kind_of_its_column() {
        let mut names = BTreeSet::new();
        for column in Extent::WithTexts.columns() {
            assert!(names.insert(column.name), "{} twice", column.name);
            let kind = match column.says {
                Says::Of(_) => continue,
                Says::Codes(fields) => {
                    let is_coded = |field: &FieldName| matches!(field.form(), Form::Code(_) | Form::Codes(_));
                    assert!(fields.iter().all(is_coded), "{}", column.name);
                    Kind::Texts
                }
                Says::Text(field) => {
                    assert!(field.is_addendum());
                    assert!(matches!(field.form(), Form::Text | Form::Puid), "{}", column.name);
                    Kind::Text
                }
                Says::Field(field) => match field.form() {
                    Form::Code(_) | Form::Attribution => Kind::Text,
                    Form::Day => Kind::Day,
                    Form::Instant => Kind::Instant,
                    Form::Positive | Form::Count => Kind::Integer,
                    form => panic!("{}: {form:?}", column.name),
                },
            };
            assert_eq!(column.kind, kind, "{}", column.name);
        }
        assert!(names.len() > 80);
    }

    #[test]
    fn no_element_of_a_list_has_the_separator_of_csv() {
        for column in Extent::Coded.columns() {
            let Says::Codes(fields) = column.says else { continue };
            for field in fields {
                let (Form::Code(set) | Form::Codes(set)) = field.form() else { unreachable!() };
                assert!(
                    set.values().iter().all(|code| !code.contains(super::super::csv_rows::LIST_SEPARATOR))
                );
            }
        }
        assert!(
            FieldName::all().all(|field| !field.as_str().contains(super::super::csv_rows::LIST_SEPARATOR))
        );
    }
}
