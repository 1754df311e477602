//! A receipt: one JSON file that proves one statement offline, years later. This file reads and writes it; the
//! checks are in [`crate::receipt_check`].
//!
//! `{"format":"glasshouse-receipt/1","checkpoint":"…","entries":[{"index":0,"entry":"…","path":["…"]}],"addenda":["…"]}`:
//! members in this order, no white space outside strings, only what JSON requires escaped, canonical base64. What is
//! read is written again and compared, so that a receipt has one spelling.

use std::fmt;
use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::bounds::{ENTRY_MAX, INCLUSION_PROOF_MAX};
use crate::entry::Entry;
use crate::fault::Fault;
use crate::hash::NodeHash;
use crate::inclusion::InclusionProof;
use crate::json_head;
use crate::size::LeafIndex;
use crate::submission::ADDENDUM_MAX;

/// What the member `format` says.
pub const FORMAT: &str = "glasshouse-receipt/1";

/// The most bytes of a receipt, 48 MiB: a statement's 32 addenda of 1 MiB in base64, and the rest.
pub const RECEIPT_MAX: usize = 48 << 20;

/// The most entries of a receipt: statement, genesis, enrolment, and changes of the registrar's key.
pub const RECEIPT_ENTRIES_MAX: usize = 64;

/// The most addenda of a receipt: those of one statement.
pub const RECEIPT_ADDENDA_MAX: usize = 32;

/// Why bytes are no receipt.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReceiptFormError {
    /// More than [`RECEIPT_MAX`] bytes.
    #[error("receipt: more than 48 MiB")]
    TooLong,
    /// Another format than [`FORMAT`].
    #[error("receipt: not understood: format {0:?} is not known to this version")]
    NotUnderstood(String),
    /// Not JSON, or not of these members: what the reader says.
    #[error("receipt: this is no receipt: {0}")]
    Json(String),
    /// A member is not what must stand there.
    #[error("receipt: {member}: {rule}")]
    Member {
        /// Which member.
        member: &'static str,
        /// The rule it breaks.
        rule: &'static str,
    },
    /// Another spelling of a receipt.
    #[error("receipt: not the one spelling of its content")]
    Respelled,
}

impl ReceiptFormError {
    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        match self {
            ReceiptFormError::NotUnderstood(_) => "not-understood",
            _ => "receipt-format",
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            ReceiptFormError::NotUnderstood(_) => Fault::CallerMisuse,
            _ => Fault::HostileInput,
        }
    }
}

fn member(member: &'static str, rule: &'static str) -> ReceiptFormError {
    ReceiptFormError::Member { member, rule }
}

/// An entry and its way to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptEntry {
    /// Where it stands in the log.
    pub index: LeafIndex,
    /// Its bytes: at most 65,535.
    pub entry: Vec<u8>,
    /// The way from its leaf to the checkpoint's root.
    pub path: InclusionProof,
}

/// A receipt, taken apart and not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The checkpoint: a signed note, as it was published.
    checkpoint: String,
    entries: Vec<ReceiptEntry>,
    addenda: Vec<Vec<u8>>,
}

impl Receipt {
    /// Joins the parts. The first entry is the one that is proved; then the genesis, if that is another one, and for a
    /// provider's statement the enrolment of its key. Addenda stand in the order of the statement's own map.
    pub fn new(
        checkpoint: String,
        entries: Vec<ReceiptEntry>,
        addenda: Vec<Vec<u8>>,
    ) -> Result<Receipt, ReceiptFormError> {
        if entries.is_empty() || entries.len() > RECEIPT_ENTRIES_MAX {
            return Err(member("entries", "not 1 to 64 entries"));
        }
        if entries.iter().any(|entry| entry.entry.len() > ENTRY_MAX) {
            return Err(member("entry", "more than 65,535 bytes"));
        }
        if addenda.len() > RECEIPT_ADDENDA_MAX || addenda.iter().any(|bytes| bytes.len() > ADDENDUM_MAX) {
            return Err(member("addenda", "more than 32, or one of more than 1 MiB"));
        }
        Ok(Receipt { checkpoint, entries, addenda })
    }

    /// Reads a receipt in its one spelling.
    pub fn parse(bytes: &[u8]) -> Result<Receipt, ReceiptFormError> {
        if bytes.len() > RECEIPT_MAX {
            return Err(ReceiptFormError::TooLong);
        }
        let json: Json<'_> = match serde_json::from_slice(bytes) {
            Ok(json) => json,
            Err(error) => return Err(unreadable(bytes, &error)),
        };
        if json.format != FORMAT {
            return Err(not_understood(&json.format));
        }
        let entries = json.entries.0.iter().map(JsonEntry::read).collect::<Result<_, _>>()?;
        let addenda = json.addenda.0.iter().map(|text| decode("addenda", text)).collect::<Result<_, _>>()?;
        let receipt = Receipt::new(json.checkpoint, entries, addenda)?;
        if receipt.encode().as_bytes() == bytes { Ok(receipt) } else { Err(ReceiptFormError::Respelled) }
    }

    /// The file.
    pub fn encode(&self) -> String {
        let json = JsonOut {
            format: FORMAT,
            checkpoint: &self.checkpoint,
            entries: self.entries.iter().map(JsonEntryOut::of).collect(),
            addenda: self.addenda.iter().map(|bytes| STANDARD.encode(bytes)).collect(),
        };
        // Strings and integers in structs always have a JSON form.
        serde_json::to_string(&json).unwrap_or_default()
    }

    /// The signed note with the tree's root.
    pub fn checkpoint(&self) -> &str {
        &self.checkpoint
    }

    /// The statement's entry first, then those that it rests on; at least one.
    pub fn entries(&self) -> &[ReceiptEntry] {
        &self.entries
    }

    /// The texts that came along.
    pub fn addenda(&self) -> &[Vec<u8>] {
        &self.addenda
    }

    /// The entry that the receipt is about, if it is one.
    pub fn entry(&self) -> Option<Entry> {
        self.entries.first().and_then(|first| Entry::parse(&first.entry).ok())
    }
}

/// A later version may have other members too: if the format says so, it is not our place to judge them.
fn unreadable(bytes: &[u8], error: &serde_json::Error) -> ReceiptFormError {
    match json_head::texts_of(bytes, ["format"]) {
        Some([format]) if format != FORMAT => not_understood(&format),
        _ => ReceiptFormError::Json(error.to_string().chars().take(200).collect()),
    }
}

fn not_understood(format: &str) -> ReceiptFormError {
    ReceiptFormError::NotUnderstood(format.chars().take(80).collect())
}

fn decode(name: &'static str, text: &str) -> Result<Vec<u8>, ReceiptFormError> {
    STANDARD.decode(text).map_err(|_| member(name, "not canonical base64 (RFC 4648 section 4)"))
}

/// The members as they are read. Base64 has no escapes, so that its strings are borrowed from the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Json<'a> {
    format: String,
    checkpoint: String,
    #[serde(borrow)]
    entries: AtMost<JsonEntry<'a>, RECEIPT_ENTRIES_MAX>,
    #[serde(borrow)]
    addenda: AtMost<&'a str, RECEIPT_ADDENDA_MAX>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonEntry<'a> {
    index: u64,
    entry: &'a str,
    #[serde(borrow)]
    path: AtMost<&'a str, INCLUSION_PROOF_MAX>,
}

impl JsonEntry<'_> {
    fn read(&self) -> Result<ReceiptEntry, ReceiptFormError> {
        let index = LeafIndex::new(self.index).map_err(|_| member("index", "beyond the largest tree"))?;
        let hash =
            |text: &&str| NodeHash::from_base64(text).map_err(|_| member("path", "not 32 bytes in base64"));
        let path = self.path.0.iter().map(hash).collect::<Result<_, _>>()?;
        let path = InclusionProof::new(path).map_err(|_| member("path", "more than 53 hashes"))?;
        Ok(ReceiptEntry { index, entry: decode("entry", self.entry)?, path })
    }
}

/// The members as they are written.
#[derive(Serialize)]
struct JsonOut<'a> {
    format: &'a str,
    checkpoint: &'a str,
    entries: Vec<JsonEntryOut>,
    addenda: Vec<String>,
}

#[derive(Serialize)]
struct JsonEntryOut {
    index: u64,
    entry: String,
    path: Vec<String>,
}

impl JsonEntryOut {
    fn of(entry: &ReceiptEntry) -> JsonEntryOut {
        JsonEntryOut {
            index: entry.index.get(),
            entry: STANDARD.encode(&entry.entry),
            path: entry.path.hashes().iter().map(NodeHash::to_base64).collect(),
        }
    }
}

/// A list that ends the reading with its element number `N` + 1: 48 MiB of `"",` would otherwise become 400 MiB.
struct AtMost<T, const N: usize>(Vec<T>);

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for AtMost<T, N> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Elements<T, const N: usize>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for Elements<T, N> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an array of at most {N} elements")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut input: A) -> Result<Vec<T>, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = input.next_element()? {
                    if elements.len() == N {
                        return Err(A::Error::invalid_length(N + 1, &self));
                    }
                    elements.push(element);
                }
                Ok(elements)
            }
        }

        input.deserialize_seq(Elements::<T, N>(PhantomData)).map(AtMost)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn receipt() -> Receipt {
        let entry = |index| ReceiptEntry {
            index: LeafIndex::new(index).unwrap(),
            entry: vec![1, 2, 3],
            path: InclusionProof::new(vec![NodeHash::from_bytes([7; 32]); 2]).unwrap(),
        };
        let checkpoint = "log.example\n8\n…\u{7f}\"\\\u{1}\n".to_owned();
        Receipt::new(checkpoint, vec![entry(5), entry(0)], vec![vec![9], vec![]]).unwrap()
    }

    #[test]
    fn a_receipt_goes_there_and_back() {
        let text = receipt().encode();
        let start = "{\"format\":\"glasshouse-receipt/1\",\"checkpoint\":\
                     \"log.example\\n8\\n…\u{7f}\\\"\\\\\\u0001\\n\",\"entries\":[{\"index\":5,\"entry\":\"AQID\",\"path\":[\"BwcH";
        assert!(text.starts_with(start), "{text}");
        assert!(text.ends_with("\"]}],\"addenda\":[\"CQ==\",\"\"]}"));
        assert_eq!(Receipt::parse(text.as_bytes()).unwrap(), receipt());
    }

    #[test]
    fn any_other_spelling_is_refused() {
        let good = receipt().encode();
        let swaps = [
            ("\"index\":5", "\"index\": 5"),
            ("\"index\":5", "\"index\":5.0"),
            ("\"index\":5", "\"index\":9007199254740991"),
            ("\"index\":5", "\"index\":-5"),
            ("\"index\":5,\"entry\":\"AQID\"", "\"entry\":\"AQID\",\"index\":5"),
            ("\"index\":5,", "\"index\":5,\"index\":5,"),
            ("\"index\":5,", "\"index\":5,\"more\":1,"),
            ("CQ==", "CQ"),
            ("CQ==", "CR=="),
            ("AQID", "AQ\\u0049D"),
            ("log.example", "log\\u002eexample"),
            ("\\u0001", "\\u0001\u{1}"),
            ("BwcH", "Bwc"),
            ("\"addenda\":[\"CQ==\",\"\"]", "\"addenda\":[]} "),
            ("\"addenda\":[\"CQ==\",\"\"]", "\"addenda\":null"),
        ];
        for (from, to) in swaps {
            let wrong = good.replacen(from, to, 1);
            assert_ne!(wrong, good);
            assert_eq!(Receipt::parse(wrong.as_bytes()).unwrap_err().slug(), "receipt-format", "{to}");
        }
    }

    #[test]
    fn another_format_is_not_understood() {
        let good = receipt().encode();
        for to in ["glasshouse-receipt/2\"", "glasshouse-receipt/2\",\"more\":1"] {
            let other = good.replacen("glasshouse-receipt/1\"", to, 1);
            assert_eq!(Receipt::parse(other.as_bytes()).unwrap_err().slug(), "not-understood");
        }
    }

    #[test]
    fn lists_are_bounded_before_they_are_read() {
        let good = receipt().encode();
        let many = format!("\"addenda\":[{}\"\"]", "\"\",".repeat(32));
        let wrong = good.replacen("\"addenda\":[\"CQ==\",\"\"]", &many, 1);
        let error = Receipt::parse(wrong.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("at most 32 elements"), "{error}");
        assert_eq!(Receipt::parse(&vec![b' '; RECEIPT_MAX + 1]), Err(ReceiptFormError::TooLong));
    }
}
