//! What a person can do about a statement that may not be about what it names.

/// A sentence for the name of a rule of order (`spec/lifecycle.md`); `None` for other problems.
pub fn advice(rule: &str) -> Option<&'static str> {
    Some(match rule {
        "target-unknown" => {
            "publish first what it is about, then this; for a statement that was made with another outbox, give its leaf hash"
        }
        "target-owner" => {
            "only who issued a statement can say this about it; another provider's is referred to with relates_to"
        }
        "target-type" => {
            "an amendment or outcome is about a decision or no_action, a lifted about a decision, a disclosure about what withholds a text; spec/lifecycle.md has the table"
        }
        "target-sub" => {
            "the tool takes the subject from the outbox; publish this line with the outbox that holds the other"
        }
        "target-number" => {
            "let the range end at a number that is on record; later ones need a statement of their own"
        }
        "target-text" => {
            "a disclosure names texts that the statement withholds, a redaction texts that it has"
        }
        "target-state" => {
            "nothing has to be said again; if the earlier statement was wrong, withdraw that one first"
        }
        "must-be-withheld" => {
            "under such a keyword a locator is never published; one reader can be shown it with glasshouse show"
        }
        "log-closed" => "keep the outbox: what waits in it was decided, and can go to the log's successor",
        _ => return None,
    })
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
    }
}
