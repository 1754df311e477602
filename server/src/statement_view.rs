//! A statement as the interface shows it: what was signed, its texts, who signed it, what became of it.

use std::collections::BTreeMap;

use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::instant::Instant;
use glasshouse_verifier::size::LeafIndex;
use serde::Serialize;
use serde_json::Value;

use crate::app_state::failed;
use crate::problem::Problem;

/// A statement on record.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct StatementView {
    /// Place of the entry.
    pub(crate) index: u64,
    /// Leaf hash of the entry, hex.
    pub(crate) leaf_hash: String,
    /// Who issued it.
    pub(crate) iss: String,
    /// What it is about.
    pub(crate) sub: String,
    /// The log that it is meant for.
    pub(crate) aud: String,
    /// When it was issued, by the issuer's clock (RFC 3339).
    pub(crate) iat: String,
    /// The key that signed it.
    pub(crate) signer: Signer,
    /// The signed payload: codes, numbers, days, digests.
    #[schema(value_type = Object)]
    pub(crate) payload: Value,
    /// The texts that are served, by field.
    #[schema(value_type = Object)]
    pub(crate) texts: BTreeMap<String, Value>,
    /// Fields whose texts the issuer withholds; why stands in the payload.
    pub(crate) withheld: Vec<String>,
    /// Fields whose texts were erased.
    pub(crate) redacted: Vec<String>,
    /// Where its parts can be fetched and checked.
    pub(crate) links: Links,
}

/// The key behind a signature.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct Signer {
    /// Thumbprint (RFC 9679), hex.
    pub(crate) kid: String,
    /// Entry that enrolled it; the genesis for the registrar's first key.
    pub(crate) enrolled_at: Option<u64>,
    /// Entry that retired it, if one did since.
    pub(crate) retired_at: Option<u64>,
}

/// Paths on this server.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct Links {
    /// The receipt, which proves it offline.
    pub(crate) receipt: String,
    /// The page for people.
    pub(crate) page: String,
    /// The texts as they were committed to, by field.
    pub(crate) addenda: BTreeMap<String, String>,
}

/// The statement at a place that is published.
///
/// # Errors
/// `not-found` beyond the published end; `internal` where the ledger cannot be read.
pub(crate) fn of(reader: &Reader, index: LeafIndex) -> Result<StatementView, Problem> {
    let entry = reader.entry(index).map_err(failed)?;
    let entry = entry.ok_or_else(|| Problem::not_found("the log has no such entry"))?;
    let texts = reader.texts(&entry, index).map_err(failed)?;
    Ok(view(reader, &entry, index, &texts))
}

fn view(reader: &Reader, entry: &Entry, index: LeafIndex, texts: &[Addendum]) -> StatementView {
    let statement = entry.statement();
    let (claims, payload) = (statement.claims(), statement.payload());
    let withheld: Vec<String> = payload.withheld().keys().map(|field| field.as_str().to_owned()).collect();
    let served = |field: &str| texts.iter().any(|text| text.field().as_str() == field);
    let names = payload.addenda().keys().map(|field| field.as_str());
    let redacted = names.filter(|name| !served(name) && !withheld.iter().any(|field| field == name));
    let addenda = payload.addenda().iter().filter(|(field, _)| served(field.as_str()));
    StatementView {
        index: index.get(),
        leaf_hash: entry.leaf_hash().to_hex(),
        iss: claims.iss.as_str().to_owned(),
        sub: claims.sub.to_string(),
        aud: claims.aud.to_string(),
        iat: Instant::new(claims.iat).map_or_else(|| claims.iat.to_string(), |instant| instant.to_string()),
        signer: signer(reader, entry),
        payload: payload.to_json(),
        texts: texts.iter().map(|text| (text.field().as_str().to_owned(), text_json(text.value()))).collect(),
        redacted: redacted.map(str::to_owned).collect(),
        withheld,
        links: Links {
            receipt: format!("/api/v1/receipts/{index}"),
            page: format!("/e/{index}"),
            addenda: addenda
                .map(|(field, digest)| (field.as_str().to_owned(), path_of(&digest.to_hex())))
                .collect(),
        },
    }
}

fn signer(reader: &Reader, entry: &Entry) -> Signer {
    let kid = entry.statement().kid();
    let keys = reader.keys();
    let key = keys.get(kid);
    Signer {
        kid: kid.to_hex(),
        enrolled_at: key.map(|key| key.enrolled_at().get()),
        retired_at: key.and_then(|key| key.retired_at()).map(LeafIndex::get),
    }
}

/// `/addenda/ab/cd/abcd…` (c2sp.org/tlog-addenda).
fn path_of(digest: &str) -> String {
    format!("/addenda/{}/{}/{digest}", &digest[..2], &digest[2..4])
}

/// A text, a list of texts, or a digest in hex: an addendum holds nothing else.
fn text_json(item: &Item) -> Value {
    match item {
        Item::Text(text) => Value::from(text.as_str()),
        Item::Bytes(bytes) => Value::from(hex::encode(bytes)),
        Item::Array(items) => items.iter().map(text_json).collect(),
        Item::Integer(_) | Item::Map(_) | Item::Bool(_) => Value::Null,
    }
}
