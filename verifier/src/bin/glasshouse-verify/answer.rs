//! What the command says in the end, in words or as JSON, and its exit status.

use std::io::Write as _;
use std::process::ExitCode;

use serde_json::{Map, Value};

/// The verdict, as the exit status tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Holds,
    DoesNotHold,
    Trouble,
    Misbehaviour,
    Convicts,
    NotUnderstood,
}

impl Verdict {
    fn status(self) -> u8 {
        match self {
            Verdict::Holds => 0,
            Verdict::DoesNotHold => 1,
            Verdict::Trouble => 2,
            Verdict::Misbehaviour | Verdict::Convicts => 3,
            Verdict::NotUnderstood => 4,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::DoesNotHold => "does-not-hold",
            Verdict::Trouble => "trouble",
            Verdict::Misbehaviour => "misbehaviour",
            Verdict::Convicts => "convicts",
            Verdict::NotUnderstood => "not-understood",
        }
    }
}

/// A verdict, a sentence that gives it, and what was found.
pub(crate) struct Answer {
    verdict: Verdict,
    sentence: String,
    details: Vec<String>,
    members: Map<String, Value>,
}

impl Answer {
    pub(crate) fn new(verdict: Verdict, sentence: impl std::fmt::Display) -> Answer {
        Answer { verdict, sentence: sentence.to_string(), details: vec![], members: Map::new() }
    }

    /// The same under another verdict.
    pub(crate) fn with_verdict(mut self, verdict: Verdict) -> Answer {
        self.verdict = verdict;
        self
    }

    /// Adds a line for people.
    pub(crate) fn line(mut self, line: impl std::fmt::Display) -> Answer {
        self.details.push(line.to_string());
        self
    }

    /// Adds a member for programs.
    pub(crate) fn member(mut self, name: &str, value: impl Into<Value>) -> Answer {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// The sentence that gives the verdict.
    pub(crate) fn sentence(&self) -> &str {
        &self.sentence
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.verdict.status())
    }

    /// Prints the answer: JSON on standard output, else words; trouble goes to standard error.
    pub(crate) fn print(&self, json: bool) {
        let text = if json { self.json() } else { self.words() };
        // Nobody listens any more if this fails; the exit status still tells.
        let _ = if self.verdict == Verdict::Trouble && !json {
            writeln!(std::io::stderr(), "{text}")
        } else {
            writeln!(std::io::stdout(), "{text}")
        };
    }

    fn json(&self) -> String {
        let mut members = Map::new();
        members.insert("verdict".to_owned(), self.verdict.name().into());
        members.insert("message".to_owned(), self.sentence.clone().into());
        members.extend(self.members.clone());
        Value::Object(members).to_string()
    }

    fn words(&self) -> String {
        let mark = match self.verdict {
            Verdict::Holds => "holds",
            Verdict::DoesNotHold => "DOES NOT HOLD",
            Verdict::Trouble => "error",
            Verdict::Misbehaviour => "MISBEHAVIOUR OF THE LOG",
            Verdict::Convicts => "CONVICTS",
            Verdict::NotUnderstood => "not understood",
        };
        let mut text = format!("{mark}: {}", self.sentence);
        for line in &self.details {
            text.push_str("\n  ");
            text.push_str(line);
        }
        text
    }
}

/// Wrong usage, or a file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Trouble(pub(crate) String);

impl Trouble {
    pub(crate) fn into_answer(self) -> Answer {
        Answer::new(Verdict::Trouble, self)
    }
}

impl From<Trouble> for Box<Answer> {
    fn from(trouble: Trouble) -> Box<Answer> {
        Box::new(trouble.into_answer())
    }
}
