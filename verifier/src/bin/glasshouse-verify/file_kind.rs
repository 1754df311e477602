//! What a file is that was given in place of another: each kind has a task of its own.

use glasshouse_verifier::note::Note;
use glasshouse_verifier::request::REQUEST_CONTENT_TYPE;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The first byte of a COSE_Sign1 with its tag (RFC 9052, tag 18).
const COSE: u8 = 0xd2;

/// As many bytes at the beginning of a COSE_Sign1 hold its content type.
const COSE_HEAD: usize = 256;

/// The mark of byte order that some editors and shells put before a text in UTF-8.
const UTF_8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// The same before a text in UTF-16, of either order.
const UTF_16_MARKS: [&[u8]; 2] = [&[0xff, 0xfe], &[0xfe, 0xff]];

/// Kinds of files that are mistaken for one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Empty,
    /// Text behind a byte order mark, whatever stands there.
    Marked,
    Utf16,
    Request,
    Cose,
    Page,
    TlogProof,
    Checkpoint,
    Receipt,
    Evidence,
    Refusal,
    InclusionProof,
    ConsistencyProof,
}

impl FileKind {
    /// What bytes are, as far as their beginning or their members tell. They may be broken all the same.
    pub(crate) fn of(bytes: &[u8]) -> Option<FileKind> {
        let text = bytes.trim_ascii_start();
        Some(match bytes {
            _ if text.is_empty() => FileKind::Empty,
            _ if bytes.starts_with(UTF_8_MARK) => FileKind::Marked,
            _ if UTF_16_MARKS.iter().any(|mark| bytes.starts_with(mark)) => FileKind::Utf16,
            [COSE, ..] if is_request(bytes) => FileKind::Request,
            [COSE, ..] => FileKind::Cose,
            _ if text.starts_with(b"<") => FileKind::Page,
            _ if text.starts_with(b"c2sp.org/tlog-proof@") => FileKind::TlogProof,
            _ if Note::parse(bytes).is_ok() => FileKind::Checkpoint,
            _ => return of_json(bytes),
        })
    }

    /// What it is, and where it belongs. `fetch` says how the file comes that is wanted instead.
    pub(crate) fn words(self, fetch: &str) -> String {
        match self {
            FileKind::Empty => format!("an empty file: was it written? {fetch}"),
            FileKind::Marked => {
                "a text with a byte order mark before it (EF BB BF), which an editor or a shell put there: take the file as it was fetched, or \
                 save it without that mark"
                    .to_owned()
            }
            FileKind::Utf16 => format!("a text in UTF-16, as `>` writes it in some shells of Windows: {fetch}"),
            FileKind::Request => {
                "a provider's request for admission: `glasshouse provider enrol --request` brings it to a ledger".to_owned()
            }
            FileKind::Cose => format!(
                "a COSE receipt or a signed statement (application/cose): `scitt` checks it; {fetch}"
            ),
            FileKind::Page => format!("a page for browsers: {fetch}"),
            FileKind::TlogProof => {
                "a proof (c2sp.org/tlog-proof): `inclusion` checks it with the entry's bytes".to_owned()
            }
            FileKind::Checkpoint => {
                "a checkpoint (a signed note), which proves no entry: `consistency` compares two, and `log --old FILE` a log with one"
                    .to_owned()
            }
            FileKind::Receipt => "a receipt in JSON: `receipt` checks it".to_owned(),
            FileKind::Evidence => "evidence against a log or a provider: `evidence` checks it".to_owned(),
            FileKind::Refusal => {
                format!("a ledger's refusal (its members say why), which was saved in place of what was asked for: {fetch}")
            }
            FileKind::InclusionProof => {
                "a proof of inclusion in JSON: `inclusion` takes the same as a file of c2sp.org/tlog-proof, which \
                 `curl -fsS -H 'Accept: text/plain' URL/api/v1/receipts/N -o N.proof` fetches"
                    .to_owned()
            }
            FileKind::ConsistencyProof => "a proof of consistency: `consistency --proof` takes it".to_owned(),
        }
    }
}

/// Its content type stands in its first bytes.
fn is_request(bytes: &[u8]) -> bool {
    let (kind, _) = REQUEST_CONTENT_TYPE.split_once(';').unwrap_or((REQUEST_CONTENT_TYPE, ""));
    bytes.get(..COSE_HEAD).unwrap_or(bytes).windows(kind.len()).any(|window| window == kind.as_bytes())
}

/// The members by which JSON of a ledger tells what it is.
#[derive(Deserialize)]
struct Named {
    format: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    hashes: Option<IgnoredAny>,
    leaf_hash: Option<IgnoredAny>,
}

fn of_json(bytes: &[u8]) -> Option<FileKind> {
    let named: Named = serde_json::from_slice(bytes).ok()?;
    let begins = |text: &Option<String>, with| text.as_deref().is_some_and(|text| text.starts_with(with));
    match (named.hashes, named.leaf_hash) {
        _ if begins(&named.format, "glasshouse-receipt/") => Some(FileKind::Receipt),
        _ if begins(&named.format, "glasshouse-evidence/") => Some(FileKind::Evidence),
        _ if begins(&named.kind, "urn:glasshouse:problem:") => Some(FileKind::Refusal),
        (Some(_), Some(_)) => Some(FileKind::InclusionProof),
        (Some(_), None) => Some(FileKind::ConsistencyProof),
        (None, _) => None,
    }
}
