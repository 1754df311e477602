//! `glasshouse redact`: texts are erased from a log, by their author's word or the registrar's.

mod by_provider;
mod by_registrar;
mod foreseen;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args};
use glasshouse_ledger::clock::Clock as _;
use glasshouse_verifier::codes::CodeSet;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::instant::Instant;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::targets::SequenceRange;

use super::CommandError;
use super::which::text_field;
use crate::system_clock::SystemClock;

/// Erase texts from the log for good.
///
/// The provider erases texts of its own statements, through its outbox (--key); the registrar those of any provider
/// (--registrar-key). The log then answers 451 for them and overwrites their bytes, at once or when the hold that its
/// operator set has passed. Their digests stay: proofs, counts and receipts hold as before, also receipts with the text in
/// them. With --purge-outbox the provider's own copies go too.
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("who").required(true).args(["key", "registrar_key"])),
    group(ArgGroup::new("what").required(true).multiple(true).args(["puid", "sequence", "id", "entry", "range"])),
    after_help = "Examples:\n  glasshouse redact --log https://ledger.example --provider https://www.example.net --key provider.pem \\\n    --outbox outbox --puid 2026-0042 --field decision_facts --ground erasure_request \\\n    --requested-by data_subject --purge-outbox\n  glasshouse redact --log https://ledger.example --provider https://www.example.net \\\n    --registrar-key registrar.pem --range 120-160 --field subject --ground court_order --requested-by court"
)]
pub struct Redact {
    /// The log's URL.
    #[arg(long, value_name = "URL")]
    log: String,

    /// Whose texts are erased: the provider's HTTPS origin.
    #[arg(long, value_name = "https://…")]
    provider: String,

    /// The provider's private key.
    #[arg(long, value_name = "FILE.pem", requires = "outbox")]
    key: Option<PathBuf>,

    /// Folder of the provider's outbox.
    #[arg(long, value_name = "O", conflicts_with = "registrar_key")]
    outbox: Option<PathBuf>,

    /// The registrar's private key.
    #[arg(long, value_name = "FILE.pem")]
    registrar_key: Option<PathBuf>,

    /// A decision, by its own number at the provider; may be given many times.
    #[arg(long, value_name = "PUID", conflicts_with = "registrar_key")]
    puid: Vec<String>,

    /// A statement, by the provider's own number for it (sequence), which `publish` tells; may be given many times. The
    /// index of its entry in the log is another number.
    #[arg(long, value_name = "N", conflicts_with = "registrar_key", value_parser = clap::value_parser!(u64).range(1..))]
    sequence: Vec<u64>,

    /// A line without a puid, by its `id`; may be given many times.
    #[arg(long, value_name = "ID", conflicts_with = "registrar_key")]
    id: Vec<String>,

    /// A statement, by its leaf hash; may be given many times.
    #[arg(long, value_name = "HEX", value_parser = LeafHash::from_hex)]
    entry: Vec<LeafHash>,

    /// All statements with these numbers of the provider, such as 120-160; may be given many times. These are the numbers
    /// that publish gave to its lines in the order of the file (sequence), neither puids nor indexes of entries; all must be
    /// on record, and one at least must have such a text. Passed over
    /// are numbers closed with a void, statements without such a text, and texts that are withheld or erased already.
    #[arg(long, value_name = "A-B", value_parser = range)]
    range: Vec<SequenceRange>,

    /// A text to erase; may be given many times.
    #[arg(long, value_name = "FIELD", required = true, value_parser = text_field)]
    field: Vec<FieldName>,

    /// On what ground.
    #[arg(long, value_name = "CODE", value_parser = PossibleValuesParser::new(CodeSet::RedactionGround.values()))]
    ground: String,

    /// What kind of person or body asked; never a name.
    #[arg(long, value_name = "CODE", value_parser = PossibleValuesParser::new(CodeSet::RequestedBy.values()))]
    requested_by: String,

    /// When the request came in (RFC 3339); it must not lie ahead.
    #[arg(long, value_name = "T")]
    request_received: Option<String>,

    /// What a reader should know, in words. It must not repeat what is erased: of texts in the outbox, no three words in a row.
    #[arg(long, value_name = "TEXT")]
    explanation: Option<String>,

    /// Erase the texts from the outbox too: from its journal and from the receipts in it. Of a range, what the log passes
    /// over stays: the outbox has the only copy. Killed, run it again.
    #[arg(long, conflicts_with = "registrar_key")]
    purge_outbox: bool,

    /// How long to wait for a log that does not answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    patience: u64,
}

impl Redact {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let received = self.received()?;
        match (&self.key, &self.outbox, &self.registrar_key) {
            (Some(key), Some(outbox), None) => self.by_provider(key, outbox, json),
            (None, _, Some(key)) => self.by_registrar(key, received, json),
            _ => Err(CommandError::Usage("either --key and --outbox, or --registrar-key".to_owned())),
        }
    }

    /// When the request came in.
    ///
    /// # Errors
    /// `Usage`: it is no instant, or lies ahead.
    fn received(&self) -> Result<Option<Instant>, CommandError> {
        let Some(text) = &self.request_received else { return Ok(None) };
        let wrong = |why: &str| CommandError::Usage(format!("--request-received {text}: {why}"));
        let received =
            Instant::parse_rfc3339(text).ok_or_else(|| wrong("an instant such as 2026-03-01T00:00:00Z"))?;
        match received.seconds() > SystemClock.now_ms() / 1_000 {
            true => Err(wrong("that moment has not come yet")),
            false => Ok(Some(received)),
        }
    }

    /// The names of the texts, sorted, each once.
    fn fields(&self) -> Vec<FieldName> {
        let mut fields = self.field.clone();
        fields.sort_by_key(|field| field.as_str());
        fields.dedup();
        fields
    }
}

/// `120-160`, or one number.
fn range(text: &str) -> Result<SequenceRange, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |digits: &str| digits.parse().ok().and_then(Sequence::new);
    let range = number(first).zip(number(last)).and_then(|(first, last)| SequenceRange::new(first, last));
    range.ok_or_else(|| {
        "two numbers such as 120-160, the lower one first, at most 1,048,576 numbers".to_owned()
    })
}

/// What stays after an erasure, whoever asked for it.
const STAYS: &str = "what stays: the digests in the log; and the texts in every receipt and file that was handed out before, which still verify";
