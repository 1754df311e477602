//! `scitt`: a COSE receipt or a transparent statement, offline, under the log's receipt keys.

use std::path::{Path, PathBuf};

use clap::Args;
use glasshouse_verifier::bounds::{NOTE_MAX, TRANSPARENT_MAX};
use glasshouse_verifier::checkpoint::Checkpoint;
use glasshouse_verifier::cose_key_set::{SET_LEN_MAX, parse_key_set};
use glasshouse_verifier::cose_receipt::{CoseReceipt, ReceiptProof};
use glasshouse_verifier::cose_receipt_error::CoseReceiptError;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::head::OldTree;
use glasshouse_verifier::key::PublicKey;
use glasshouse_verifier::note::Note;
use glasshouse_verifier::receipt::{RECEIPT_MAX, Receipt};
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::transparent::TransparentStatement;

use crate::answer::{Answer, Trouble, Verdict};
use crate::file_kind::FileKind;
use crate::input::read;
use crate::plural::counted;
use crate::receipt;
use crate::trust::policy_at;

const EXAMPLE: &str = "\
Example:
  curl -fsS -H 'Accept: application/cose' https://ledger.example/api/v1/receipts/42 -o 42.cose
  curl -fsS https://ledger.example/.well-known/scitt-keys -o keys.cbor
  glasshouse-verify scitt 42.cose --keys keys.cbor

Keys that come from the log itself prove that the log agrees with itself. To trust a key that you had before, take the
receipt keys from a receipt (JSON) that holds under your policy:
  glasshouse-verify scitt 42.cose --genesis 42.json --policy policy.txt";

/// Check a COSE receipt or a transparent statement (RFC 9942, RFC 9943); say what that proves and what it does not.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The transparent statement, or a COSE receipt.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The receipt keys that you trust: a COSE_KeySet, as the log's /.well-known/scitt-keys has it.
    #[arg(long, value_name = "FILE", required_unless_present = "genesis", conflicts_with = "genesis")]
    keys: Option<PathBuf>,
    /// A receipt (JSON) of the log: the receipt keys are those that its genesis and changes of keys name.
    #[arg(long, value_name = "FILE", requires = "policy")]
    genesis: Option<PathBuf>,
    /// The policy under which that receipt must hold.
    #[arg(long, value_name = "FILE", requires = "genesis")]
    policy: Option<PathBuf>,
    /// The signed statement that a receipt is of, bare or as a transparent statement, whose own receipts are not looked at.
    #[arg(long, value_name = "FILE", conflicts_with = "old")]
    statement: Option<PathBuf>,
    /// The older checkpoint that a receipt of growth begins with, as you have it; its signatures are not looked at.
    #[arg(long, value_name = "FILE")]
    old: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Answer, Trouble> {
    let keys = arguments.keys()?;
    let bytes = read(&arguments.file, TRANSPARENT_MAX)?;
    let checked = match (&arguments.statement, &arguments.old) {
        (Some(path), _) => of_statement(&bytes, &statement_at(path)?, &keys),
        (None, Some(path)) => of_growth(&bytes, &old_tree(path)?, &keys),
        (None, None) if CoseReceipt::parse(&bytes).is_ok() => return Err(bare(&arguments.file)),
        (None, None) => of_transparent(&bytes, &keys),
    };
    Ok(checked.unwrap_or_else(|error| refused(&error, &bytes)))
}

/// The statement that a receipt is of. Another kind of file is the caller's mistake, and nobody else's.
fn statement_at(path: &Path) -> Result<Vec<u8>, Trouble> {
    let bytes = read(path, TRANSPARENT_MAX)?;
    match FileKind::of(&bytes) {
        Some(kind) if kind != FileKind::Cose => Err(Trouble(format!(
            "{}: this is no signed statement, but {}",
            path.display(),
            kind.words(FETCH)
        ))),
        _ => Ok(bytes),
    }
}

impl Arguments {
    /// The keys that the caller trusts.
    fn keys(&self) -> Result<Vec<PublicKey>, Trouble> {
        let trouble =
            |path: &Path, why: &dyn std::fmt::Display| Trouble(format!("{}: {why}", path.display()));
        if let Some(path) = &self.keys {
            return parse_key_set(&read(path, SET_LEN_MAX)?).map_err(|error| trouble(path, &error));
        }
        let (Some(receipt), Some(policy)) = (&self.genesis, &self.policy) else {
            return Err(Trouble("--keys, or --genesis and --policy, are needed".to_owned()));
        };
        let trust = policy_at(policy)?;
        let bytes = read(receipt, RECEIPT_MAX)?;
        let parsed = Receipt::parse(&bytes).map_err(|error| match FileKind::of(&bytes) {
            Some(kind) if kind != FileKind::Receipt => {
                trouble(receipt, &format!("this is no receipt in JSON, but {}", kind.words(receipt::FETCH)))
            }
            _ => trouble(receipt, &error),
        })?;
        let proved = parsed.verify(&trust).map_err(|error| trouble(receipt, &error))?;
        match proved.receipt_keys() {
            [] => Err(trouble(receipt, &"it names no receipt key")),
            keys => Ok(keys.to_vec()),
        }
    }
}

fn old_tree(path: &Path) -> Result<OldTree, Trouble> {
    let trouble = |why: &dyn std::fmt::Display| Trouble(format!("{}: {why}", path.display()));
    let note = Note::parse(&read(path, NOTE_MAX)?).map_err(|error| trouble(&error))?;
    let checkpoint = Checkpoint::parse_text(note.text()).map_err(|error| trouble(&error))?;
    Ok(OldTree(*checkpoint.head()))
}

/// A receipt by itself tells nothing.
fn bare(file: &Path) -> Trouble {
    Trouble(format!(
        "{}: this is a receipt; give what it is about: the statement (--statement) or the older checkpoint (--old)",
        file.display()
    ))
}

fn of_transparent(bytes: &[u8], keys: &[PublicKey]) -> Result<Answer, CoseReceiptError> {
    let whole = TransparentStatement::parse(bytes)?;
    let leaf = whole.verify(keys)?;
    Ok(on_record(whole.statement(), &leaf, whole.receipts()))
}

fn of_statement(bytes: &[u8], statement: &[u8], keys: &[PublicKey]) -> Result<Answer, CoseReceiptError> {
    let receipt = CoseReceipt::parse(bytes)?;
    let statement = match TransparentStatement::parse(statement) {
        Ok(whole) => whole.statement().clone(),
        Err(_) => Statement::parse(statement)?,
    };
    if statement.claims().aud != *receipt.origin() {
        let (aud, receipt) = (statement.claims().aud.clone(), receipt.origin().clone());
        return Err(CoseReceiptError::Audience { aud, receipt });
    }
    let leaf = Entry::from_statement(&statement)?.leaf_hash();
    receipt.verify_inclusion(&leaf, keys)?;
    Ok(on_record(&statement, &leaf, &[receipt]))
}

fn of_growth(bytes: &[u8], old: &OldTree, keys: &[PublicKey]) -> Result<Answer, CoseReceiptError> {
    let receipt = CoseReceipt::parse(bytes)?;
    let root = receipt.verify_consistency(old, keys)?;
    let (origin, size) = (receipt.origin(), old.0.size());
    let entries = counted(size.get(), "entry", "entries");
    let sentence = format!("a tree that {origin} signed begins with the {entries} of the older checkpoint");
    Ok(told(Answer::new(Verdict::Holds, sentence).line(format!("root      {root}")), &GROWTH_NOT_PROVED)
        .member("origin", origin.as_str())
        .member("old_size", size.get())
        .member("root", root.to_hex()))
}

/// What a receipt of an entry leaves open.
const NOT_PROVED: [&str; 5] = [
    "Where the statement stands: index and tree size are not signed.",
    "That the signature in the statement is its provider's: that is the log's word. The log's receipt (JSON) proves it.",
    "That the decision was right, or what the statement says true.",
    "That no later statement amends, ends or reverses it.",
    "That the log shows everybody the same tree: no witness signs a COSE receipt.",
];

/// What a receipt of growth leaves open.
const GROWTH_NOT_PROVED: [&str; 2] = [
    "How many entries the newer tree has: its size is not signed.",
    "That the log shows everybody the same tree: no witness signs a COSE receipt.",
];

fn on_record(statement: &Statement, leaf: &LeafHash, receipts: &[CoseReceipt]) -> Answer {
    let claims = statement.claims();
    let sentence = format!(
        "{} signed a tree that holds statement {} of {}",
        claims.aud,
        statement.sequence().get(),
        claims.iss
    );
    let answer = Answer::new(Verdict::Holds, sentence)
        .line(format!("type      {}", statement.payload().kind().as_str()))
        .line(format!("about     {}", claims.sub))
        .line(format!("leaf hash {leaf}"));
    let places: Vec<String> = receipts.iter().filter_map(place).collect();
    told(answer.line(format!("place     {}, unsigned", places.join("; "))), &NOT_PROVED)
        .member("origin", claims.aud.as_str())
        .member("leaf_hash", leaf.to_hex())
        .member("iss", claims.iss.to_string())
        .member("sub", claims.sub.to_string())
        .member("sequence", statement.sequence().get())
        .member("receipts", receipts.len())
}

fn place(receipt: &CoseReceipt) -> Option<String> {
    match receipt.proof() {
        ReceiptProof::Inclusion { size, index, .. } => Some(format!("index {index} of {size}")),
        ReceiptProof::Consistency { .. } => None,
    }
}

fn told(answer: Answer, not_proved: &[&str]) -> Answer {
    let answer =
        not_proved.iter().fold(answer.line("Not proved:"), |answer, line| answer.line(format!("- {line}")));
    answer.member("not_proved", not_proved.to_vec())
}

/// How what is checked here comes.
const FETCH: &str = "`curl -fsS -H 'Accept: application/cose' URL/api/v1/receipts/N -o N.cose` fetches entry N with its COSE receipt, and says \
     why where it cannot";

fn refused(error: &CoseReceiptError, bytes: &[u8]) -> Answer {
    let answer = match FileKind::of(bytes).filter(|kind| *kind != FileKind::Cose) {
        Some(kind) => {
            let what = kind.words(FETCH);
            Answer::new(
                Verdict::DoesNotHold,
                format!("this is no COSE receipt and no transparent statement, but {what}"),
            )
        }
        None if error.slug() == "not-understood" => Answer::new(Verdict::NotUnderstood, error),
        None => Answer::new(Verdict::DoesNotHold, error),
    };
    answer.member("rule", error.slug())
}
