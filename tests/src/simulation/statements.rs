//! What providers and the registrar say, as drafts: decisions, and statements about earlier ones.

use glasshouse_ledger::draft::Draft;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::targets::Target;
use serde_json::{Value, json};

use super::dice::Dice;

/// The text that is redacted and disclosed in these worlds.
pub(super) const TEXT: FieldName = FieldName::DECISION_FACTS;

fn draft(line: &Value) -> Draft {
    Draft::from_json(line).unwrap_or_else(|errors| panic!("{line}: {errors:?}"))
}

/// A decision; `secret`: its facts are withheld.
pub(super) fn decision(name: &str, secret: bool) -> Draft {
    let mut line = json!({
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": "Section 4",
        "incompatible_content_explanation": "Not permitted.",
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "content_type": ["CONTENT_TYPE_TEXT"],
        "content_date": "2025-06-30",
        "application_date": "2025-07-01",
        "decision_facts": format!("An advertisement for what does not exist: {name}."),
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "Yes",
        "automated_decision": "AUTOMATED_DECISION_FULLY",
        "puid": name,
        "provider_role": "marketplace",
        "legal_basis": {"kind": "terms_of_service"},
    });
    if secret {
        line["withheld"] = json!({"decision_facts": {"ground": "ongoing_investigation"}});
    }
    draft(&line)
}

/// One of the kinds of statements about an earlier one, by its name in the counts.
pub(super) fn about(kind: &str, target: LeafHash, dice: &mut Dice) -> Draft {
    let line = match kind {
        "amendment" => json!({"type": "amendment", "amendment_reason": "clerical_error",
            "decision_facts": format!("As it was, {}.", dice.roll(1_000))}),
        "outcome" => json!({"type": "outcome", "procedure": "internal_complaint", "result": "reversed",
            "outcome_explanation": "As decided."}),
        "lifted" => json!({"type": "lifted", "end_date": "2025-07-01", "lifted_reason": "own_error"}),
        "withdrawal" => json!({"type": "withdrawal"}),
        _ => return opening(kind, target),
    };
    let mut line = line;
    line["targets"] = json!([{"entry": hex::encode(target.as_bytes())}]);
    draft(&line)
}

/// A redaction or a disclosure of the text.
fn opening(kind: &str, target: LeafHash) -> Draft {
    let fields = Item::Array(vec![Item::text(TEXT.as_str().to_owned())]);
    let text = |text: &str| Item::text(text.to_owned());
    match kind {
        "redaction" => Draft::new(StatementType::Redaction)
            .with_targets([Target::Entry(target)])
            .with_field(FieldName::FIELDS, fields)
            .with_field(FieldName::REDACTION_GROUND, text("erasure_request"))
            .with_field(FieldName::REQUESTED_BY, text("data_subject")),
        "disclosure" => Draft::new(StatementType::Disclosure)
            .with_targets([Target::Entry(target)])
            .with_field(FieldName::FIELDS, fields),
        other => panic!("no such statement: {other}"),
    }
}
