//! What a file is that was given in place of a receipt: each kind has a task of its own.

use glasshouse_verifier::note::Note;
use serde::Deserialize;

/// As many bytes at the beginning of a file tell what it is.
const HEAD: usize = 512;

/// The first byte of a COSE_Sign1 with its tag (RFC 9052, tag 18).
const COSE: u8 = 0xd2;

/// What is said of bytes that are no receipt, where it is known what they are.
pub(crate) fn instead_of_receipt(bytes: &[u8]) -> Option<&'static str> {
    let head = bytes.get(..HEAD).unwrap_or(bytes).trim_ascii_start();
    Some(match head {
        [] => {
            "an empty file: was it written? `curl --fail URL/api/v1/receipts/N > N.json` fetches the receipt of entry N, and says why \
             where it cannot"
        }
        [COSE, ..] => {
            "a COSE receipt or a signed statement (application/cose): `scitt` checks it; this task takes the receipt in JSON, \
             which `curl URL/api/v1/receipts/N` fetches"
        }
        [b'<', ..] => "a page for browsers: `curl URL/api/v1/receipts/N` fetches the receipt of entry N",
        _ if head.starts_with(b"c2sp.org/tlog-proof@") => {
            "a proof (c2sp.org/tlog-proof): `inclusion` checks it with the entry's bytes"
        }
        _ if Note::parse(bytes).is_ok() => {
            "a checkpoint (a signed note), which proves no entry: `consistency` compares two, and `log --old FILE` a log with one"
        }
        _ => return of_json(bytes),
    })
}

/// The members by which JSON of a ledger tells what it is.
#[derive(Deserialize)]
struct Named {
    format: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

fn of_json(bytes: &[u8]) -> Option<&'static str> {
    let named: Named = serde_json::from_slice(bytes).ok()?;
    let begins = |text: &Option<String>, with| text.as_deref().is_some_and(|text| text.starts_with(with));
    if begins(&named.format, "glasshouse-evidence/") {
        return Some("evidence against a log or a provider: `evidence` checks it");
    }
    if begins(&named.kind, "urn:glasshouse:problem:") {
        return Some("a ledger's refusal (its members say why), which was saved in place of a receipt");
    }
    None
}
