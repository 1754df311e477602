//! What stands in an outbox's journal: one JSON object a line, each with its own checksum.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use glasshouse_verifier::statement_type::{About, StatementType};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::purged_id::IdKey;

/// Hex digits of the checksum in front of a record: 64 bits of SHA-256, enough to tell a torn line from a whole one.
const SUM_DIGITS: usize = 16;

/// Bytes that stand in JSON as standard base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base64(pub Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Base64, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD.decode(text).map(Base64).map_err(serde::de::Error::custom)
    }
}

/// The log and the provider that an outbox belongs to, for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// Version of the journal's format: 1.
    pub version: u32,
    /// Origin of the log, as its checkpoint's first line has it.
    pub origin: String,
    /// The log's verification key, as `/vkey` gave it at first use.
    pub vkey: String,
    /// The provider: its HTTPS origin.
    pub provider: String,
}

/// A statement that has its number and its signature: from here on, it is sent until it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbered {
    /// `puid:…`, `id:…`, or `sha256:…` of the line where it has neither; absent for statements that the tool makes itself.
    /// Once the puid was purged, what [`IdKey::purged`] puts here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// SHA-256 of the authored line in its canonical form, hex; what [`IdKey::purged`] makes of it once a purge has written
    /// the journal anew; absent once a text of the line was purged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The statement's type; absent for a decision and a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The provider's number for it, from 1.
    pub sequence: u64,
    /// What the pseudonym stands for; absent where `sub` is no pseudonym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The statement's `sub`; of a sealed statement, that of what it seals.
    pub sub: String,
    /// Numbers that this statement closes, first and last, if it is a `void`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voids: Option<(u64, u64)>,
    /// Leaf hash of the entry, hex: known before anything is sent.
    pub leaf: String,
    /// When it was signed: seconds since 1970 UTC.
    pub signed_at: u64,
    /// The signed statement.
    pub statement: Base64,
    /// The addenda that are sent with it: its own, and those that a disclosure opens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addenda: Vec<Base64>,
    /// The addenda that stay here; a later disclosure needs them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<Base64>,
    /// Of a sealed statement: the addenda that what it seals withholds in its turn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Base64>,
}

impl Numbered {
    /// Its type.
    pub fn kind(&self) -> Option<StatementType> {
        self.kind.as_deref().map_or(Some(StatementType::Decision), StatementType::find)
    }

    /// Whether it names earlier statements.
    pub fn is_about_others(&self) -> bool {
        self.kind().is_some_and(|kind| kind.rules().about == About::Target)
    }
}

/// The same payload under a new signature, because the first came too late or its key was retired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resigned {
    /// The number, which stays.
    pub sequence: u64,
    /// Leaf hash of the new entry, hex.
    pub leaf: String,
    /// When it was signed: seconds since 1970 UTC.
    pub signed_at: u64,
    /// The newly signed statement.
    pub statement: Base64,
}

/// A statement that the log put on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnRecord {
    /// The provider's number.
    pub sequence: u64,
    /// The entry's index in the log.
    pub index: u64,
    /// Leaf hash of the entry, hex, where it is not the one that was sent last: an earlier signature was on record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaf: Option<String>,
}

/// A statement that the log will never take: its line may be published again, under another number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The provider's number.
    pub sequence: u64,
    /// Slug of the problem.
    pub problem: String,
    /// Whether the number stays open and must be closed with a `void`.
    pub open: bool,
}

/// One record of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// First record: whose outbox this is.
    Outbox(Pin),
    /// Under which key the ids of purged lines are hashed; a purge writes it behind the first record.
    IdKey {
        /// The key.
        key: IdKey,
    },
    /// Numbers that were lost with an earlier outbox are closed; lines are numbered from here on.
    Started {
        /// Highest number on record at that moment; 0 if none.
        after: u64,
    },
    /// A statement was numbered and signed.
    Numbered(Numbered),
    /// A statement was signed anew.
    Resigned(Resigned),
    /// The log's final answers to one batch.
    Answers {
        /// What is on record now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        on_record: Vec<OnRecord>,
        /// What never will be.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        refused: Vec<Refused>,
    },
}

impl Record {
    /// The record as one line of the journal: checksum, space, JSON, line feed.
    ///
    /// # Errors
    /// Only where JSON cannot be written at all.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        let json = serde_json::to_vec(self)?;
        let mut line = sum(&json).into_bytes();
        line.push(b' ');
        line.extend_from_slice(&json);
        line.push(b'\n');
        Ok(line)
    }

    /// Reads one line of the journal, without its line feed. `None` where it is not whole.
    pub fn parse(line: &[u8]) -> Option<Record> {
        let (given, json) = line.split_at_checked(SUM_DIGITS)?;
        let json = json.strip_prefix(b" ")?;
        if sum(json).as_bytes() != given {
            return None;
        }
        serde_json::from_slice(json).ok()
    }
}

fn sum(json: &[u8]) -> String {
    let mut digits = hex::encode(Sha256::digest(json));
    digits.truncate(SUM_DIGITS);
    digits
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn a_record_reads_back_and_any_flipped_bit_is_seen() {
        let record = Record::Answers {
            on_record: vec![OnRecord { sequence: 7, index: 9, leaf: Some("00".to_owned()) }],
            refused: vec![Refused { sequence: 8, problem: "weak-key".to_owned(), open: true }],
        };
        let line = record.encode().unwrap();
        let whole = &line[..line.len() - 1];
        assert_eq!(Record::parse(whole), Some(record));
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut copy = whole.to_vec();
                copy[at] ^= 1 << bit;
                assert_eq!(Record::parse(&copy), None, "byte {at}, bit {bit}");
            }
            assert_eq!(Record::parse(&whole[..at]), None, "cut at {at}");
        }
    }
}
