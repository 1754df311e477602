//! What the command says in the end, in words or as JSON, and its exit status.

use std::io::Write as _;
use std::process::ExitCode;

use serde_json::{Map, Value};

use crate::printable;

/// The verdict, as the exit status tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Holds,
    /// What was asked was answered, and nothing of the answer was checked.
    Answered,
    DoesNotHold,
    Trouble,
    Misbehaviour,
    Convicts,
    NotUnderstood,
}

impl Verdict {
    fn status(self) -> u8 {
        match self {
            Verdict::Holds | Verdict::Answered => 0,
            Verdict::DoesNotHold => 1,
            Verdict::Trouble => 2,
            Verdict::Misbehaviour | Verdict::Convicts => 3,
            Verdict::NotUnderstood => 4,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Answered => "answered",
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
    /// Whether it holds and is odd all the same.
    is_odd: bool,
    sentence: String,
    details: Vec<String>,
    members: Map<String, Value>,
}

impl Answer {
    pub(crate) fn new(verdict: Verdict, sentence: impl std::fmt::Display) -> Answer {
        Answer {
            verdict,
            is_odd: false,
            sentence: sentence.to_string(),
            details: vec![],
            members: Map::new(),
        }
    }

    /// The same under another verdict.
    pub(crate) fn with_verdict(mut self, verdict: Verdict) -> Answer {
        self.verdict = verdict;
        self
    }

    /// The same under another sentence.
    pub(crate) fn with_sentence(mut self, sentence: &str) -> Answer {
        sentence.clone_into(&mut self.sentence);
        self
    }

    /// The same verdict, under another word for people: it breaks no rule, and yet something has to be looked into.
    pub(crate) fn odd(mut self) -> Answer {
        self.is_odd = true;
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

    /// The verdict.
    pub(crate) fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The sentence that gives the verdict.
    pub(crate) fn sentence(&self) -> &str {
        &self.sentence
    }

    /// Prints the answer: JSON on standard output, else words; trouble goes to standard error. The exit status is the verdict's;
    /// where nobody was told that something holds, it is that of trouble. A reader that goes away, as `head` does, was told.
    pub(crate) fn print(&self, json: bool) -> ExitCode {
        let text = self.text(json);
        let printed = if self.verdict == Verdict::Trouble && !json {
            writeln!(std::io::stderr(), "{text}")
        } else {
            writeln!(std::io::stdout(), "{text}")
        };
        let status = self.verdict.status();
        match printed {
            Err(error) if status == 0 && error.kind() != std::io::ErrorKind::BrokenPipe => {
                // Nobody listens any more if this fails; the exit status still tells.
                let _ = writeln!(std::io::stderr(), "error: standard output: {error}");
                ExitCode::from(Verdict::Trouble.status())
            }
            _ => ExitCode::from(status),
        }
    }

    /// What is printed: nothing in it moves a terminal's cursor or turns the direction of writing, whoever said it.
    pub(crate) fn text(&self, json: bool) -> String {
        if json { printable::json(&self.json()) } else { printable::lines(&self.words()) }
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
            Verdict::Holds if self.is_odd => "odd, but allowed",
            Verdict::Holds => "holds",
            Verdict::Answered => "the server's word",
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
