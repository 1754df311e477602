//! Every rule in plain words, with an example of a wrong and of a right line.

mod of_cautions;
mod of_errors;

use glasshouse_verifier::payload_error::Rule;
use serde::Serialize;

use super::caution::{Caution, Weight};
use crate::near::near;

/// What a rule means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The rule's stable name.
    pub rule: &'static str,
    /// `error`, `warning` or `note`.
    pub weight: &'static str,
    /// What it asks for, and why.
    pub meaning: &'static str,
    /// A part of a line that breaks it.
    pub wrong: &'static str,
    /// The same part, mended.
    pub right: &'static str,
}

/// What a rule's text says; the name and the weight come from the rule itself.
struct Words {
    meaning: &'static str,
    wrong: &'static str,
    right: &'static str,
}

impl Explanation {
    fn new(rule: &'static str, weight: Weight, words: Words) -> Explanation {
        let weight = match weight {
            Weight::Error => "error",
            Weight::Warning => "warning",
            Weight::Note => "note",
        };
        let Words { meaning, wrong, right } = words;
        Explanation { rule, weight, meaning, wrong, right }
    }

    /// Every rule: of payloads, of lines, and the warnings.
    pub fn all() -> impl Iterator<Item = Explanation> {
        let payload = of_errors::PAYLOAD_RULES.iter().map(|rule| Explanation::of_rule(*rule));
        let lines =
            of_errors::LINE_RULES.iter().map(|(rule, words)| Explanation::new(rule, Weight::Error, words()));
        payload.chain(lines).chain(Caution::ALL.iter().map(|caution| Explanation::of_caution(*caution)))
    }

    /// A rule of payloads.
    pub fn of_rule(rule: Rule) -> Explanation {
        Explanation::new(rule.as_str(), Weight::Error, of_errors::words(rule))
    }

    /// A warning or a note.
    pub fn of_caution(caution: Caution) -> Explanation {
        Explanation::new(caution.as_str(), caution.weight(), of_cautions::words(caution))
    }

    /// The explanation of a rule by its name; else names that look like it.
    ///
    /// # Errors
    /// Names that may have been meant, perhaps none.
    pub fn find(rule: &str) -> Result<Explanation, Vec<&'static str>> {
        let found = Explanation::all().find(|explanation| explanation.rule == rule);
        found.ok_or_else(|| near(rule, Explanation::all().map(|explanation| explanation.rule)))
    }
}
