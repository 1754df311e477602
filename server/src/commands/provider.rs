//! `glasshouse provider`: a provider's keys are asked for, admitted and ended.

mod enrol;
mod request;
mod retire;

use clap::{Args, Subcommand};
use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::subject::Subject;
use glasshouse_verifier::submission::{SubmissionSlices, encode_batch};

use super::CommandError;
use super::waiting;
use crate::client::log::{IssuerState, ItemAnswer, RemoteLog};
use crate::client::refusal::one_line;
use crate::client::{Client, Patience};
use crate::outbox::advice::advice;

/// Ask for, admit or end a provider's key.
#[derive(Debug, Args)]
#[command(
    after_help = "Example, in this order:\n  glasshouse provider request …   the provider proves that it holds the key\n  glasshouse provider enrol …     the registrar admits it\n  glasshouse provider retire …    either of them ends it"
)]
pub struct Provider {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    Request(request::Request),
    Enrol(enrol::Enrol),
    Retire(retire::Retire),
}

impl Provider {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        match &self.act {
            Act::Request(command) => command.run(json),
            Act::Enrol(command) => command.run(json),
            Act::Retire(command) => command.run(json),
        }
    }
}

/// The log at a URL.
pub(crate) fn log(url: &str, json: bool) -> Result<RemoteLog, CommandError> {
    let client = Client::new(url, Patience::default())?;
    Ok(RemoteLog::new(client.telling(move |event| waiting::say(event, json))))
}

/// Where a statement stands.
#[derive(Debug)]
pub(crate) struct Filed {
    /// The signer's number.
    pub(crate) sequence: u64,
    /// The entry's index.
    pub(crate) index: u64,
    /// The entry's leaf hash, hex.
    pub(crate) leaf_hash: String,
}

/// Signs one life-cycle statement under the signer's next number and sends it. The number is the one behind the highest
/// that the log knows of this signer.
pub(crate) fn file(log: &RemoteLog, author: &Author, draft: &Draft, now: u64) -> Result<Filed, CommandError> {
    file_about(log, author, draft, None, now)
}

/// The same for a statement whose subject does not follow from what it says.
pub(crate) fn file_about(
    log: &RemoteLog,
    author: &Author,
    draft: &Draft,
    subject: Option<Subject>,
    now: u64,
) -> Result<Filed, CommandError> {
    let iss = author.issuer().as_str();
    let highest = log.issuers()?.iter().find(|state| state.iss == iss).map_or(0, highest);
    let sequence = Sequence::new(highest.saturating_add(1))
        .ok_or_else(|| CommandError::Refused(format!("{iss} has no numbers left")))?;
    let signed = match subject {
        Some(subject) => author.sign(draft, sequence, subject, now)?,
        None => author.sign_own(draft, sequence, now)?,
    };
    let answers = log.submit(&body(&signed), 1)?;
    match answers.into_iter().next() {
        Some(ItemAnswer::Accepted { index, leaf_hash } | ItemAnswer::Duplicate { index, leaf_hash }) => {
            let ours = signed.leaf_hash().to_hex();
            if leaf_hash != ours {
                return Err(CommandError::Refused(format!(
                    "{}: entry {index} has the leaf hash {leaf_hash}, and the statement that was sent (number {sequence} of {iss}) has {ours}: the log put something else on record, or somebody signed the same at the same time. Look at the entry before running this again",
                    log.url()
                )));
            }
            Ok(Filed { sequence: sequence.get(), index, leaf_hash })
        }
        Some(ItemAnswer::Rejected { problem }) => {
            let mut text =
                format!("the log refused it: {}: {}", one_line(problem.slug()), one_line(&problem.detail));
            for error in &problem.errors {
                text.push_str(&format!("\n  {}: {}", one_line(&error.path), one_line(&error.rule)));
            }
            if let Some(advice) = advice(problem.slug()) {
                text.push_str(&format!("\n{advice}"));
            }
            let is_registrar = *author.issuer() == Issuer::of_registrar(author.origin());
            if is_registrar && ["unknown-key", "key-retired"].contains(&problem.slug()) {
                text.push_str("\n--registrar-key has to be the key of this log's registrar that is in use now: `glasshouse init` made it, and `glasshouse registrar rotate-key` puts its successor into the same file");
            }
            if problem.slug() == "sequence-conflict" {
                text.push_str("\nsomebody else signs with this key at the same time: run the command again");
            }
            Err(CommandError::Refused(text))
        }
        None => Err(CommandError::Refused("the log gave no answer".to_owned())),
    }
}

fn highest(state: &IssuerState) -> u64 {
    state.sequence.highest
}

fn body(signed: &Signed) -> Vec<u8> {
    let addenda = signed.served().collect();
    encode_batch(&[SubmissionSlices { statement: signed.statement(), addenda }])
}

/// The origin of a log, as its checkpoint says.
pub(crate) fn origin_of(log: &RemoteLog) -> Result<Origin, CommandError> {
    let identity = log.identity()?;
    Origin::parse(&identity.origin).map_err(|error| CommandError::Refused(format!("{}: {error}", log.url())))
}

/// Who signs for the registrar of a log.
pub(crate) fn registrar(origin: &Origin, key: SecretKey) -> Result<Author, CommandError> {
    Ok(Author::new(Issuer::of_registrar(origin), origin.clone(), key)?)
}

/// A provider's HTTPS origin, as an argument.
pub(crate) fn provider(text: &str) -> Result<Issuer, CommandError> {
    Issuer::parse_provider(text).map_err(|error| CommandError::Usage(format!("--provider {text}: {error}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use glasshouse_ledger::registrar::key_retirement;
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpListener;

    const OTHER: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    /// A log that knows nobody and says of every statement that it stands with another leaf hash.
    fn liar(status: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let result = format!(r#"{{"status":"{status}","index":7,"leaf_hash":"{OTHER}"}}"#);
        let answers = [r#"{"providers":[]}"#.to_owned(), format!(r#"{{"results":[{result}]}}"#)];
        std::thread::spawn(move || {
            for answer in answers {
                let mut stream = BufReader::new(listener.accept().unwrap().0);
                let mut length = 0;
                let mut line = String::new();
                while stream.read_line(&mut line).unwrap() > 2 {
                    if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    line.clear();
                }
                std::io::copy(&mut stream.by_ref().take(length), &mut std::io::sink()).unwrap();
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n", answer.len());
                write!(stream.get_mut(), "{head}Connection: close\r\n\r\n{answer}").unwrap();
            }
        });
        url
    }

    #[test]
    fn another_leaf_hash_is_not_believed() {
        let provider = Issuer::parse_provider("https://www.provider.example").unwrap();
        let origin = Origin::parse("log.example").unwrap();
        let author = Author::new(provider.clone(), origin, SecretKey::generate().unwrap()).unwrap();
        let draft = key_retirement(&provider, &author.kid(), "left", None, None);
        for status in ["accepted", "duplicate"] {
            let log = log(&liar(status), false).unwrap();
            let error = file(&log, &author, &draft, 1_800_000_000).unwrap_err();
            assert_eq!(error.exit_status(), 1);
            assert!(error.to_string().contains(&format!("entry 7 has the leaf hash {OTHER}")), "{error}");
        }
    }
}
