//! A statement as the interface shows it: what was signed, its texts, who signed it, what became of it.

use std::collections::BTreeMap;

use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::entry_state::{EntryState, TextState};
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::instant::Instant;
use glasshouse_verifier::size::LeafIndex;
use serde::Serialize;
use serde_json::Value;

use crate::app_state::failed;
use crate::names_view::{self, NamesView};
use crate::problem::Problem;
use crate::sealed_view::{self, SealedView};
use crate::state_view::{self, StateView};
use crate::{amended_view, parameters};

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
    /// The texts that are served or were disclosed, by field. A sealed statement stands in `sealed` instead, decoded.
    #[schema(value_type = Object)]
    pub(crate) texts: BTreeMap<String, Value>,
    /// Fields whose texts the issuer withholds; why stands in the payload.
    pub(crate) withheld: Vec<String>,
    /// Fields whose texts were erased.
    pub(crate) redacted: Vec<String>,
    /// What follows from later entries.
    pub(crate) state: StateView,
    /// What it names; absent for a statement that is about no earlier ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) names: Option<NamesView>,
    /// What was sealed; absent until a disclosure has opened it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sealed: Option<SealedView>,
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

/// How much of a statement's life is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Every claim, and not the first 100 only.
    pub(crate) all_claims: bool,
    /// Every target, and not those among the first 100 only.
    pub(crate) all_names: bool,
}

impl Extent {
    /// Reads `claims=all` and `names=all`.
    ///
    /// # Errors
    /// `bad-request`.
    pub(crate) fn parse(pairs: &[(String, String)]) -> Result<Extent, Problem> {
        let mut extent = Extent::default();
        for (name, value) in pairs {
            let place = match name.as_str() {
                "claims" => &mut extent.all_claims,
                "names" => &mut extent.all_names,
                _ => return Err(parameters::unknown(name, value, &["claims", "names"])),
            };
            if value != "all" {
                return Err(Problem::of_parameter(name, "not-a-code", value, "all"));
            }
            *place = true;
        }
        Ok(extent)
    }
}

/// The statement at a place that is published.
///
/// # Errors
/// `not-found` beyond the published end; `internal` where the ledger cannot be read.
pub(crate) fn of(reader: &Reader, index: LeafIndex, extent: Extent) -> Result<StatementView, Problem> {
    let entry = reader.entry(index).map_err(failed)?;
    let entry = entry.ok_or_else(|| Problem::not_found("the log has no such entry"))?;
    let state = reader.state_of(&entry);
    let texts = reader.texts(&entry, index).map_err(failed)?;
    let mut cursor = reader.cursor();
    let mut view = state_view::of(&mut cursor, &entry, &state, extent.all_claims)?;
    view.as_amended = amended_view::of(reader, cursor, index, &entry, &state)?;
    let names = names_view::of(reader, entry.statement(), extent.all_names)?;
    let shown: Vec<&Addendum> = state_view::shown(&texts, &entry, &state).collect();
    let sealed = sealed_view::of(entry.statement(), shown.iter().copied())?;
    let links = links(&entry, index, &shown);
    Ok(StatementView { names, sealed, ..described(reader, &entry, index, &state, &shown, view, links) })
}

fn described(
    reader: &Reader,
    entry: &Entry,
    index: LeafIndex,
    state: &EntryState,
    shown: &[&Addendum],
    view: StateView,
    links: Links,
) -> StatementView {
    let statement = entry.statement();
    let (claims, payload) = (statement.claims(), statement.payload());
    let fields_that_are = |is: fn(TextState) -> bool| {
        let fields = payload.addenda().keys().filter(|field| state.text(payload, **field).is_some_and(is));
        fields.map(|field| field.as_str().to_owned()).collect()
    };
    let texts = shown.iter().filter(|text| text.field() != FieldName::SEALED_STATEMENT);
    StatementView {
        index: index.get(),
        leaf_hash: entry.leaf_hash().to_hex(),
        iss: claims.iss.as_str().to_owned(),
        sub: claims.sub.to_string(),
        aud: claims.aud.to_string(),
        iat: instant(claims.iat),
        signer: signer(reader, entry),
        payload: payload.to_json(),
        texts: texts.map(|text| (text.field().as_str().to_owned(), text_json(text.value()))).collect(),
        withheld: fields_that_are(|text| text == TextState::Withheld),
        redacted: fields_that_are(|text| matches!(text, TextState::Redacted(_))),
        state: view,
        names: None,
        sealed: None,
        links,
    }
}

/// A time of a claim in RFC 3339; beyond what that can write, the number of seconds.
pub(crate) fn instant(seconds: u64) -> String {
    Instant::new(seconds).map_or_else(|| seconds.to_string(), |instant| instant.to_string())
}

fn links(entry: &Entry, index: LeafIndex, shown: &[&Addendum]) -> Links {
    let addenda = entry.statement().payload().addenda().iter();
    let addenda = addenda.filter(|(field, _)| shown.iter().any(|text| text.field() == **field));
    Links {
        receipt: format!("/api/v1/receipts/{index}"),
        page: format!("/e/{index}"),
        addenda: addenda
            .map(|(field, digest)| (field.as_str().to_owned(), path_of(&digest.to_hex())))
            .collect(),
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
pub(crate) fn text_json(item: &Item) -> Value {
    match item {
        Item::Text(text) => Value::from(text.as_ref()),
        Item::Bytes(bytes) => Value::from(hex::encode(bytes)),
        Item::Array(items) => items.iter().map(text_json).collect(),
        Item::Integer(_) | Item::Map(_) | Item::Bool(_) => Value::Null,
    }
}
