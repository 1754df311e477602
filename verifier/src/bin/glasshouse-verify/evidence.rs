//! `evidence`: that a file convicts a log or a provider, in words for somebody who trusts neither side.

use std::path::PathBuf;

use clap::Args;
use glasshouse_verifier::bounds::EVIDENCE_MAX;
use glasshouse_verifier::evidence::{Evidence, EvidenceError};
use glasshouse_verifier::vkey::Vkey;

use crate::answer::{Answer, Trouble, Verdict};
use crate::doubt::explain;
use crate::input::read_text;
use crate::plural::counted;
use crate::trust::log_key;

const EXAMPLE: &str = "\
Example:
  glasshouse-verify evidence glasshouse-evidence-1f0c44a9.json --log-key ./ledger.vkey
  glasshouse-verify evidence glasshouse-evidence-1f0c44a9.json

Everything in the file is checked: each signature, each proof, and that together they break a rule. Whoever made the file need
not be believed. What must be believed is whose the log's key is: give it with --log-key, from a place that you trust. Without it
the file is checked under the key that it names itself, and the answer says which key that is.

Exit status: 3 it convicts, 1 it does not, 4 a format or kind that this version does not know.";

/// Check that a file convicts a log or a provider, and say of what.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The file that another task saved.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The log's verifier key, or a file that holds it (a value with '/' and without '+' is a file).
    #[arg(long, value_name = "VKEY")]
    log_key: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Answer, Trouble> {
    let known = arguments.log_key.as_deref().map(log_key).transpose()?;
    let text = read_text(&arguments.file, EVIDENCE_MAX)?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let key = match &known {
        Some(key) => Ok(key.clone()),
        None => Evidence::log_key(text),
    };
    let found = key.and_then(|key| Ok((Evidence::parse(text, &key)?, key)));
    if let (Err(EvidenceError::NotUnderstood(_)), Some(doubt)) = (&found, explain(text)) {
        return Ok(doubt);
    }
    Ok(match found {
        Ok((evidence, key)) => convicts(&evidence, &key, known.is_some()),
        Err(error) => {
            let verdict = match error {
                EvidenceError::NotUnderstood(_) => Verdict::NotUnderstood,
                _ => Verdict::DoesNotHold,
            };
            Answer::new(verdict, &error).member("rule", error.slug())
        }
    })
}

/// What was proved, what it rests on, and what it does not prove.
fn convicts(evidence: &Evidence, key: &Vkey, is_known: bool) -> Answer {
    let mut answer = accuse(evidence);
    answer = answer.line("What has to be believed:");
    let origin = evidence.origin();
    let whose = match is_known {
        true => format!("that {} is the key of the log {origin}, as you said", key.encode()),
        false => format!(
            "that {} is the key of the log {origin}. The file says so itself, which is worth nothing: compare it with the \
             log's key in a policy, a receipt or a publication that you trust, or ask again with --log-key",
            key.encode()
        ),
    };
    answer = answer.line(format!("- {whose}"));
    if let Evidence::DoubleStatement(double) = evidence {
        answer = answer.line(format!(
            "- the log's registrar, that the keys were those of {}: each asked for its own enrolment, and only the registrar \
             says whose it is. The provider can be asked which keys are its own",
            double.other().claims().iss
        ));
    }
    answer = answer.line("Nobody else: not whoever made this file, and not the log.");
    answer = answer.line("What it does not prove:");
    let unproved: &[&str] = match evidence {
        Evidence::Fork(_) | Evidence::RewrittenEntry(_) => &[
            "which of the two histories is the right one, or who was shown which",
            "that it was done on purpose: a log restored from an old copy contradicts itself too",
            "that the log's key was not stolen",
        ],
        Evidence::DoubleStatement(_) => &[
            "which of the two statements is true",
            "that it was done on purpose: a counter that was set back makes the same mistake",
            "that the provider's key was not stolen",
        ],
        Evidence::BadEntry(_) => &[
            "who made the entry: a signature that does not hold is nobody's",
            "that other entries are wrong too",
            "that the log's key was not stolen",
        ],
    };
    for sentence in unproved {
        answer = answer.line(format!("- {sentence}"));
    }
    answer.member("origin", origin.as_str()).member("log_key", key.encode()).member("key_known", is_known)
}

/// Who is convicted of what.
pub(crate) fn accuse(evidence: &Evidence) -> Answer {
    let convicts = |sentence: String| Answer::new(Verdict::Convicts, sentence);
    let origin = evidence.origin();
    match evidence {
        Evidence::Fork(fork) => {
            let (old, new) = (fork.older().head(), fork.newer().head());
            convicts(format!(
                "the log {origin} signed two histories: a tree of {} and one of {} that exclude each other",
                counted(old.size().get(), "entry", "entries"),
                new.size()
            ))
            .line(format!("older root  {}", old.root()))
            .line(format!("newer root  {}", new.root()))
            .member("kind", "fork")
            .member("old", serde_json::json!({"size": old.size().get(), "root": old.root().to_hex()}))
            .member("new", serde_json::json!({"size": new.size().get(), "root": new.root().to_hex()}))
        }
        Evidence::RewrittenEntry(rewritten) => {
            let (one, other) = (rewritten.one(), rewritten.other());
            let tree = |entry: &glasshouse_verifier::proved_entry::ProvedEntry| {
                let head = entry.checkpoint().head();
                format!(
                    "{} in the tree of {} with the root {}",
                    of(entry.entry()),
                    counted(head.size().get(), "entry", "entries"),
                    head.root()
                )
            };
            convicts(format!("the log {origin} signed two different entries at index {}", one.index()))
                .line(format!("one    {}", tree(one)))
                .line(format!("other  {}", tree(other)))
                .member("kind", "rewritten-entry")
                .member("index", one.index().get())
        }
        Evidence::DoubleStatement(double) => {
            let (filed, other) = (double.filed(), double.other());
            let claims = filed.statement().claims();
            convicts(format!(
                "{} signed two different statements under its number {} for the log {origin}",
                claims.iss,
                other.sequence().get()
            ))
            .line(format!("on record  entry {}: {}", filed.index(), of_statement(filed.statement())))
            .line(format!("other      {}", of_statement(other)))
            .member("kind", "double-statement")
            .member("iss", claims.iss.as_str())
            .member("sequence", other.sequence().get())
            .member("index", filed.index().get())
            .member("signatures", serde_json::json!([signature(filed.statement()), signature(other)]))
        }
        Evidence::BadEntry(bad) => {
            let at = bad.at();
            convicts(format!(
                "the log {origin} signed a tree whose entry {} breaks the rule {}",
                at.index(),
                bad.rule()
            ))
            .line(format!("entry      {}", of(at.entry())))
            .line(format!(
                "tree       {}, root {}",
                counted(at.checkpoint().head().size().get(), "entry", "entries"),
                at.checkpoint().head().root()
            ))
            .member("kind", "bad-entry")
            .member("index", at.index().get())
            .member("broken_rule", bad.rule())
        }
    }
}

/// An entry in a few words.
fn of(bytes: &[u8]) -> String {
    use glasshouse_verifier::entry::Entry;
    match Entry::parse(bytes) {
        Ok(entry) => of_statement(entry.statement()),
        Err(error) => format!("no entry, of {} ({error})", counted(bytes.len() as u64, "byte", "bytes")),
    }
}

fn of_statement(statement: &glasshouse_verifier::statement::Statement) -> String {
    let claims = statement.claims();
    format!(
        "{} {} of {} about {}, signature {}",
        statement.payload().kind(),
        statement.sequence().get(),
        claims.iss,
        claims.sub,
        signature(statement)
    )
}

/// A statement's signature in hex.
pub(crate) fn signature(statement: &glasshouse_verifier::statement::Statement) -> String {
    hex::encode(statement.signature())
}
