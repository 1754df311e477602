//! What was checked, by which rule, and what came of it.

use serde_json::json;

use crate::answer::{Answer, Verdict};

/// How much a rule asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Demand {
    /// The specification says MUST.
    Must,
    /// The specification says SHOULD.
    Should,
    /// The specification is silent; readers are glad of it.
    Wish,
}

impl Demand {
    fn name(self) -> &'static str {
        match self {
            Demand::Must => "must",
            Demand::Should => "should",
            Demand::Wish => "wish",
        }
    }
}

#[derive(Debug)]
enum Outcome {
    Kept,
    Broken(String),
    NotTried(String),
}

/// One rule.
#[derive(Debug)]
struct Check {
    id: &'static str,
    demand: Demand,
    /// The rule in words, and which specification has it.
    rule: &'static str,
    outcome: Outcome,
}

/// All of them, in the order in which they were tried.
#[derive(Debug, Default)]
pub(crate) struct Report {
    checks: Vec<Check>,
    notes: Vec<String>,
}

impl Report {
    /// Writes down what came of a rule.
    pub(crate) fn check(
        &mut self,
        demand: Demand,
        id: &'static str,
        rule: &'static str,
        outcome: Result<(), String>,
    ) -> bool {
        let kept = outcome.is_ok();
        let outcome = outcome.map_or_else(Outcome::Broken, |()| Outcome::Kept);
        self.checks.push(Check { id, demand, rule, outcome });
        kept
    }

    /// Writes down that a rule could not be tried.
    pub(crate) fn not_tried(
        &mut self,
        demand: Demand,
        id: &'static str,
        rule: &'static str,
        why: impl Into<String>,
    ) {
        self.checks.push(Check { id, demand, rule, outcome: Outcome::NotTried(why.into()) });
    }

    /// Says something that is no rule.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    fn broken(&self, demand: Demand) -> usize {
        let is_broken =
            |check: &&Check| check.demand == demand && matches!(check.outcome, Outcome::Broken(_));
        self.checks.iter().filter(is_broken).count()
    }

    /// The verdict: broken only by a MUST.
    pub(crate) fn answer(&self, subject: &str) -> Answer {
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
                Outcome::Broken(why) if check.demand == Demand::Must => ("BROKEN   ", format!(": {why}")),
                Outcome::Broken(why) => ("not kept ", format!(": {why}")),
                Outcome::NotTried(why) => ("not tried", format!(": {why}")),
            };
            answer =
                answer.line(format!("{mark} {:6} {}: {}{detail}", check.demand.name(), check.id, check.rule));
        }
        answer = answer.line(format!(
            "{tried} rules tried, {} not; not kept: {must} MUST, {should} SHOULD, {wish} that no specification asks for",
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
        json!({"id": self.id, "demand": self.demand.name(), "rule": self.rule, "outcome": outcome, "detail": detail})
    }
}
