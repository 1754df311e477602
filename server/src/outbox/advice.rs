//! What a person can do about a statement that may not be about what it names.

use crate::problem::Kind;

/// A sentence for the name of a rule of order (`spec/lifecycle.md`); `None` for other problems.
pub fn advice(rule: &str) -> Option<&'static str> {
    let is_of_order = rule.starts_with("target-") || ["must-be-withheld", "log-closed"].contains(&rule);
    Kind::of_slug(rule).filter(|_| is_of_order).map(|kind| kind.remedy)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use glasshouse_verifier::fields::FieldName;
    use glasshouse_verifier::sequence::Sequence;
    use glasshouse_verifier::statement_type::StatementType;
    use glasshouse_verifier::target_error::TargetError;

    #[test]
    fn every_rule_of_order_comes_with_advice() {
        let errors = [
            TargetError::Unknown,
            TargetError::Owner,
            TargetError::Type(StatementType::Void),
            TargetError::Sub(String::new()),
            TargetError::Number(Sequence::FIRST),
            TargetError::Text(FieldName::PUID),
            TargetError::Done(FieldName::PUID),
            TargetError::State { index: None, why: "" },
            TargetError::MustBeWithheld(FieldName::PUID),
        ];
        for error in errors {
            assert!(advice(error.slug()).is_some(), "{}", error.slug());
        }
        assert_eq!(advice("sequence-ahead"), None);
        // It stands behind "the redaction can no longer be withdrawn" too, and must not contradict it.
        let state = advice("target-state").unwrap();
        assert!(
            state.contains("for a redaction is possible only while the ledger still holds it"),
            "{state}"
        );
    }
}
