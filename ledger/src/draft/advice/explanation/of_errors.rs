//! The rules whose breach keeps a line from being published.

use glasshouse_verifier::payload_error::Rule;

use super::Words;

/// Every rule of payloads (spec/payload.md); a test counts them.
pub(super) const PAYLOAD_RULES: &[Rule] = &[
    Rule::Required,
    Rule::Forbidden,
    Rule::UnknownField,
    Rule::WrongType,
    Rule::NotACode,
    Rule::OutOfRange,
    Rule::TooLong,
    Rule::Empty,
    Rule::NotSorted,
    Rule::Duplicate,
    Rule::Grammar,
    Rule::Needs,
    Rule::MeasureRequired,
    Rule::MustBeWithheld,
    Rule::Sub,
];

/// What a rule of payloads means.
pub(super) fn words(rule: Rule) -> Words {
    use Rule as R;
    match rule {
        R::Required | R::Forbidden | R::UnknownField | R::WrongType | R::NotACode | R::OutOfRange => {
            of_values(rule)
        }
        R::TooLong | R::Empty | R::NotSorted | R::Duplicate | R::Grammar => of_spelling(rule),
        R::Needs | R::MeasureRequired | R::MustBeWithheld | R::Sub => of_meaning(rule),
    }
}

fn of_values(rule: Rule) -> Words {
    let (meaning, wrong, right) = match rule {
        Rule::Required => (
            "The field must be there: every statement of this type needs it, or another field of the line does.",
            r#"{"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"}"#,
            r#"{"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT", "illegal_content_legal_ground": "§ 130 StGB", "illegal_content_explanation": "It calls for violence."}"#,
        ),
        Rule::Forbidden => (
            "The field must not be there, given what else the line says: an order without a legal basis that is one, or a type of content stated by a service that never held it.",
            r#"{"provider_role": "reverse_proxy", "content_type": ["CONTENT_TYPE_TEXT"]}"#,
            r#"{"provider_role": "reverse_proxy"}"#,
        ),
        Rule::UnknownField => (
            "This type of statement has no such field. Nothing that is not understood is published, so that a misspelt name loses nothing.",
            r#"{"catgory": "STATEMENT_CATEGORY_VIOLENCE"}"#,
            r#"{"category": "STATEMENT_CATEGORY_VIOLENCE"}"#,
        ),
        Rule::WrongType => (
            "Another kind of JSON value is expected: a text, a list, an object, a whole number. A line as a whole is one object.",
            r#"{"decision_facts": 7, "items": "40"}"#,
            r#"{"decision_facts": "Seven posts.", "items": 40}"#,
        ),
        Rule::NotACode => (
            "The value is none of a closed set. Only codes may stand in the log, and case matters.",
            r#"{"category": "FRAUD"}"#,
            r#"{"category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"}"#,
        ),
        _ => (
            "The number, day or instant lies outside its range: days from 1990 to 2099, instants from 1970, whole numbers up to 2^53 - 1.",
            r#"{"application_date": "1789-07-14"}"#,
            r#"{"application_date": "2022-09-03"}"#,
        ),
    };
    Words { meaning, wrong, right }
}

fn of_spelling(rule: Rule) -> Words {
    let (meaning, wrong, right) = match rule {
        Rule::TooLong => (
            "More characters, bytes or elements than the field can hold. A whole line has at most 16 MiB.",
            r#"{"illegal_content_legal_ground": "(a law, quoted over 501 characters)"}"#,
            r#"{"illegal_content_legal_ground": "§ 130 StGB"}"#,
        ),
        Rule::Empty => (
            "A text, list or object that must not be empty. In a line an empty one means: absent.",
            r#"{"content_url": ["https://forum.example/1", " "]}"#,
            r#"{"content_url": ["https://forum.example/1"]}"#,
        ),
        Rule::NotSorted => (
            "A set whose members are not in the order of their bytes. In a line the tool sorts them, so this is met only in statements that other tools made.",
            r#"{"territorial_scope": ["FR", "DE"]}"#,
            r#"{"territorial_scope": ["DE", "FR"]}"#,
        ),
        Rule::Duplicate => (
            "Something stands twice that stands once: the same relation to the same entry, the category among its additions.",
            r#"{"relates_to": [{"relation": "follows", "entry": "puid:a"}, {"relation": "follows", "entry": "puid:a"}]}"#,
            r#"{"relates_to": [{"relation": "follows", "entry": "puid:a"}]}"#,
        ),
        _ => (
            "The text is not spelt as it must be: a day as YYYY-MM-DD, an instant as RFC 3339, a puid of A-Z a-z 0-9 - _, a URL from https:// or http:// on.",
            r#"{"application_date": "03.09.2022", "puid": "case 17"}"#,
            r#"{"application_date": "2022-09-03", "puid": "case-17"}"#,
        ),
    };
    Words { meaning, wrong, right }
}

fn of_meaning(rule: Rule) -> Words {
    let (meaning, wrong, right) = match rule {
        Rule::Needs => (
            "The field has a meaning only together with another one, which is missing: the end of a restriction needs the restriction, a withheld text needs the text, a reference needs the line that it names.",
            r#"{"end_date_account_restriction": "2026-01-01"}"#,
            r#"{"end_date_account_restriction": "2026-01-01", "decision_account": "DECISION_ACCOUNT_SUSPENDED"}"#,
        ),
        Rule::MeasureRequired => (
            "A decision says what was done. Refusing to do anything is a statement of its own, the type no_action.",
            r#"{"type": "decision", "decision_facts": "…"}"#,
            r#"{"type": "decision", "decision_facts": "…", "infrastructure_measure": ["domain_hold"]}"#,
        ),
        Rule::MustBeWithheld => (
            "Under keywords of child abuse, intimate images, terrorism and the right to be forgotten, where the content lies may be committed to and never served.",
            r#"{"category_specification": ["KEYWORD_TERRORIST_CONTENT"], "content_url": "https://…", "withheld": {"content_url": false}}"#,
            r#"{"category_specification": ["KEYWORD_TERRORIST_CONTENT"], "content_url": "https://…"}"#,
        ),
        _ => (
            "What the statement is about cannot stand in the entry as it is written: only a domain in lower case (A-labels) or the number of a network can.",
            r#"{"subject": "domain:Forum.Example", "subject_in_entry": true}"#,
            r#"{"subject": "domain:forum.example", "subject_in_entry": true}"#,
        ),
    };
    Words { meaning, wrong, right }
}

/// The name of a rule, and its words.
type LineRule = (&'static str, fn() -> Words);

/// Rules of a line and of a file, which no payload can break.
pub(super) const LINE_RULES: &[LineRule] = &[
    ("not-json", || Words {
        meaning: "The line is no JSON in UTF-8. Each line is one object; nothing stands behind it, and it does not go on in the next line.",
        wrong: r#"{"puid": "a", }"#,
        right: r#"{"puid": "a"}"#,
    }),
    ("too-many-values", || Words {
        meaning: "The line has more than 20,000 values, lists and objects counted. No field takes that many.",
        wrong: r#"{"territorial_scope": ["DE", "DE", "DE", … 20,000 times]}"#,
        right: r#"{"territorial_scope": ["DE"]}"#,
    }),
    ("too-deep", || Words {
        meaning: "Lists and objects stand more than 16 deep inside each other. No field goes deeper than 3.",
        wrong: r#"{"redress": [[[[[[[[[[[[[[[[["judicial"]]]]]]]]]]]]]]]]]}"#,
        right: r#"{"redress": ["judicial"]}"#,
    }),
    ("repeated-member", || Words {
        meaning: "A member stands twice in one object. JSON readers differ in which of the two they keep, so nobody can tell what is meant; a text could be served that the other one withholds.",
        wrong: r#"{"items": 1, "items": 2}"#,
        right: r#"{"items": 2}"#,
    }),
    ("already-published", || Words {
        meaning: "A line is known by its puid, and another line has this one with other content. What was published stays; a correction is a statement of its own.",
        wrong: "{\"puid\": \"a\", \"items\": 1, …}\n{\"puid\": \"a\", \"items\": 2, …}",
        right: "{\"puid\": \"a\", \"items\": 1, …}\n{\"puid\": \"b\", \"items\": 2, …}",
    }),
    ("role-not-enrolled", || Words {
        meaning: "The provider is enrolled in other roles than the one that the line names. Only publish knows this, from the log.",
        wrong: r#"{"provider_role": "host"}"#,
        right: r#"{"provider_role": "reverse_proxy"}"#,
    }),
    ("cannot-be-signed", || Words {
        meaning: "The line is right by itself, and no statement can be made of it: most often its coded fields together are longer than an entry can be, 65,535 bytes. Only publish finds this.",
        wrong: r#"{"targets": ["puid:a-1", "puid:a-2", … 1,000 of them], "removed": [… every field], …}"#,
        right: r#"{"targets": [{"first": 17, "last": 1016}], …}"#,
    }),
];
