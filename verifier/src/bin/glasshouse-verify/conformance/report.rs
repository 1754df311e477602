//! What was checked, by which rule, and what came of it.

use serde_json::json;

use super::rules::{Demand, Rule};
use crate::answer::{Answer, Verdict};

/// What is said of a rule that nothing was tried for.
const NOTHING_TO_TRY: &str = "there was nothing to try it on, or what it needs is broken";

#[derive(Debug)]
enum Outcome {
    Kept,
    Broken(String),
    NotTried(String),
}

/// One rule, and what came of it.
#[derive(Debug)]
struct Check {
    rule: Rule,
    outcome: Outcome,
}

/// What came of all rules that there are, in the order in which they were tried.
#[derive(Debug)]
pub(crate) struct Report {
    rules: &'static [Rule],
    checks: Vec<Check>,
    notes: Vec<String>,
}

impl Report {
    /// None of these rules has been tried.
    pub(crate) fn new(rules: &'static [Rule]) -> Report {
        Report { rules, checks: vec![], notes: vec![] }
    }

    /// Writes down what came of a rule.
    pub(crate) fn check(&mut self, rule: Rule, outcome: Result<(), String>) -> bool {
        let kept = outcome.is_ok();
        let outcome = outcome.map_or_else(Outcome::Broken, |()| Outcome::Kept);
        self.checks.push(Check { rule, outcome });
        kept
    }

    /// Writes down that a rule could not be tried.
    pub(crate) fn not_tried(&mut self, rule: Rule, why: impl Into<String>) {
        self.checks.push(Check { rule, outcome: Outcome::NotTried(why.into()) });
    }

    /// Says something that is no rule.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    fn broken(&self, demand: Demand) -> usize {
        let is_broken =
            |check: &&Check| check.rule.demand == demand && matches!(check.outcome, Outcome::Broken(_));
        self.checks.iter().filter(is_broken).count()
    }

    /// The verdict: broken only by a MUST.
    pub(crate) fn answer(mut self, subject: &str) -> Answer {
        for rule in self.rules {
            if !self.checks.iter().any(|check| check.rule.id == rule.id) {
                self.not_tried(*rule, NOTHING_TO_TRY);
            }
        }
        let (must, should, wish) =
            (self.broken(Demand::Must), self.broken(Demand::Should), self.broken(Demand::Wish));
        let tried = self.checks.iter().filter(|check| !matches!(check.outcome, Outcome::NotTried(_))).count();
        let verdict = if must == 0 { Verdict::Holds } else { Verdict::DoesNotHold };
        let sentence = match must {
            0 => format!("{subject} keeps every rule that was tried and that is a MUST"),
            _ => format!("{subject} breaks {must} of the rules that are a MUST"),
        };
        let mut answer = Answer::new(verdict, sentence);
        for check in &self.checks {
            let (mark, detail) = match &check.outcome {
                Outcome::Kept => ("ok       ", String::new()),
                Outcome::Broken(why) if check.rule.demand == Demand::Must => {
                    ("BROKEN   ", format!(": {why}"))
                }
                Outcome::Broken(why) => ("not kept ", format!(": {why}")),
                Outcome::NotTried(why) => ("not tried", format!(": {why}")),
            };
            answer = answer.line(format!(
                "{mark} {:6} {}: {}{detail}",
                check.rule.demand.name(),
                check.rule.id,
                check.rule.words
            ));
        }
        answer = answer.line(format!(
            "rules tried: {tried}, not tried: {}; not kept: {must} MUST, {should} SHOULD, {wish} that no specification asks for",
            self.checks.len() - tried
        ));
        for note in &self.notes {
            answer = answer.line(note);
        }
        let checks: Vec<_> = self.checks.iter().map(Check::json).collect();
        answer
            .member("checks", checks)
            .member("tried", tried)
            .member("broken", json!({"must": must, "should": should, "wish": wish}))
            .member("notes", self.notes.clone())
    }
}

impl Check {
    fn json(&self) -> serde_json::Value {
        let (outcome, detail) = match &self.outcome {
            Outcome::Kept => ("kept", None),
            Outcome::Broken(why) => ("broken", Some(why)),
            Outcome::NotTried(why) => ("not-tried", Some(why)),
        };
        json!({"id": self.rule.id, "demand": self.rule.demand.name(), "rule": self.rule.words, "outcome": outcome, "detail": detail})
    }
}
