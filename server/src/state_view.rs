//! The state of an entry as the interface shows it: what follows from later entries, each claim with the entry that makes
//! it (`spec/lifecycle.md`).

use std::collections::BTreeMap;

use glasshouse_ledger::current::Entries;
use glasshouse_ledger::entry_cursor::EntryCursor;
use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::entry_state::{Claim, EntryState, TextState};
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::payload::Payload;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement_type::StatementType;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::amended_view::AmendedView;
use crate::app_state::failed;
use crate::problem::Problem;

/// So many claims are shown unless all are asked for: more than nearly every decision has, and some 30 KiB of JSON.
pub(crate) const CLAIMS_SHOWN: usize = 100;

/// What follows for an entry from everything that was said about it later.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct StateView {
    /// `in_force`, `stands`, `partially_reversed`, `lifted`, `reversed` or `withdrawn`.
    pub(crate) standing: String,
    /// The entry that it follows from; absent where nothing was said that changes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) standing_by: Option<EntryLink>,
    /// How many statements say something about the entry.
    pub(crate) claim_count: u64,
    /// What they say, in the order of the log: the first 100, or with `claims=all` every one (10,000 at most).
    pub(crate) claims: Vec<ClaimView>,
    /// What became of each text that the entry commits to.
    pub(crate) texts: BTreeMap<String, TextStateView>,
    /// The statement as its amendments leave it; absent without an amendment that counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) as_amended: Option<AmendedView>,
}

/// Where an entry is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(crate) struct EntryLink {
    /// Its place.
    pub(crate) index: u64,
    /// The statement on this server.
    pub(crate) link: String,
    /// The page for people.
    pub(crate) page: String,
}

/// What one later statement says.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct ClaimView {
    /// `withdrawn`, `lifted`, `outcome`, `amended`, `conflict`, `disclosed` or `redacted`.
    pub(crate) claim: String,
    /// The statement's type.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Who made it.
    pub(crate) iss: String,
    /// When, by its issuer's clock (RFC 3339).
    pub(crate) iat: String,
    #[serde(flatten)]
    pub(crate) entry: EntryLink,
    /// Leaf hash of its entry, hex.
    pub(crate) leaf_hash: String,
    /// Whether it counts: no withdrawal that counts took it back.
    pub(crate) counts: bool,
    /// It says once more what an earlier statement that counts says, and changes nothing: another end, another withdrawal,
    /// another erasure of the same texts. Absent where it is false.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) repeats: bool,
    /// Its fields that are about this entry, as they stand in its payload; of an amendment also `changes`: the names of
    /// the fields and texts that it brings.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub(crate) says: Map<String, Value>,
}

/// What became of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(crate) struct TextStateView {
    /// `served`, `withheld`, `disclosed` or `redacted`.
    pub(crate) state: String,
    /// The entry that disclosed or redacted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<u64>,
    /// That entry on this server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<String>,
    /// A locator under a keyword whose locators are shown nowhere.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) hidden: bool,
}

impl EntryLink {
    /// The entry at a place.
    pub(crate) fn to(index: LeafIndex) -> EntryLink {
        EntryLink {
            index: index.get(),
            link: format!("/api/v1/statements/{index}"),
            page: format!("/e/{index}"),
        }
    }
}

/// The fields of later statements that say what becomes of an entry. None holds a text.
const SAYS: [FieldName; 13] = [
    FieldName::PROCEDURE,
    FieldName::RESULT,
    FieldName::COMPLAINT_RECEIVED,
    FieldName::DECIDED_AT,
    FieldName::IMPLEMENTED,
    FieldName::END_DATE,
    FieldName::LIFTED_REASON,
    FieldName::FIELDS,
    FieldName::AMENDMENT_REASON,
    FieldName::REMOVED,
    FieldName::REDACTION_GROUND,
    FieldName::REQUESTED_BY,
    FieldName::REQUEST_RECEIVED,
];

/// The name of what a later statement does to an entry.
fn name_of_claim(kind: StatementType) -> &'static str {
    match kind {
        StatementType::Withdrawal => "withdrawn",
        StatementType::Lifted => "lifted",
        StatementType::Outcome => "outcome",
        StatementType::Amendment => "amended",
        StatementType::Conflict => "conflict",
        StatementType::Disclosure => "disclosed",
        StatementType::Redaction => "redacted",
        other => other.as_str(),
    }
}

/// What became of one text.
pub(crate) fn text_state(state: TextState, hidden: bool) -> TextStateView {
    let by = match state {
        TextState::Disclosed(index) | TextState::Redacted(index) => Some(index),
        TextState::Served | TextState::Withheld => None,
    };
    TextStateView {
        state: state.as_str().to_owned(),
        by: by.map(LeafIndex::get),
        link: by.map(|index| EntryLink::to(index).link),
        hidden: hidden && state.is_public(),
    }
}

/// The state of each text of an entry.
pub(crate) fn text_states(entry: &Entry, state: &EntryState) -> BTreeMap<String, TextStateView> {
    let (payload, hidden) = (entry.statement().payload(), state.hidden_locators(entry.statement()));
    let states = payload.addenda().keys().filter_map(|field| {
        let text = state.text(payload, *field)?;
        Some((field.as_str().to_owned(), text_state(text, hidden.contains(*field))))
    });
    states.collect()
}

/// Everything but what is as amended.
///
/// # Errors
/// `internal`, if an entry that makes a claim cannot be read.
pub(crate) fn of(
    cursor: &mut EntryCursor,
    entry: &Entry,
    state: &EntryState,
    all_claims: bool,
) -> Result<StateView, Problem> {
    let kind = entry.statement().payload().kind();
    let most = if all_claims { usize::MAX } else { CLAIMS_SHOWN };
    let mut claims = Vec::with_capacity(state.claims.len().min(most));
    for claim in state.claims.iter().take(most) {
        claims.extend(claim_view(cursor, claim, state)?);
    }
    Ok(StateView {
        standing: state.standing(kind).as_str().to_owned(),
        standing_by: state.standing_by().map(EntryLink::to),
        claim_count: state.claims.len() as u64,
        claims,
        texts: text_states(entry, state),
        as_amended: None,
    })
}

/// Whether a claim that counts says what an earlier one said. The state has the first one of each kind.
fn repeats(claim: &Claim, payload: &Payload, state: &EntryState) -> bool {
    let is_later = |first: Option<LeafIndex>| claim.counts && first.is_some_and(|first| first < claim.index);
    match claim.kind {
        StatementType::Lifted => is_later(state.lifted),
        StatementType::Withdrawal => is_later(state.withdrawn),
        StatementType::Redaction => {
            let mut erased = payload
                .names(FieldName::FIELDS)
                .iter()
                .filter_map(|field| state.redacted.get(field))
                .peekable();
            erased.peek().is_some() && erased.all(|first| is_later(Some(*first)))
        }
        _ => false,
    }
}

fn claim_view(
    cursor: &mut EntryCursor,
    claim: &Claim,
    state: &EntryState,
) -> Result<Option<ClaimView>, Problem> {
    // The state is one of the tree that the cursor reads, so the entry is there.
    let Some(entry) = cursor.entry(claim.index).map_err(failed)? else { return Ok(None) };
    let (claims, payload) = (entry.statement().claims(), entry.statement().payload());
    let mut says = Map::new();
    for field in SAYS {
        if let Some(value) = payload.field(field) {
            says.insert(field.as_str().to_owned(), value.to_json());
        }
    }
    if claim.kind == StatementType::Amendment {
        let about_itself = [
            FieldName::TARGETS,
            FieldName::REMOVED,
            FieldName::AMENDMENT_REASON,
            FieldName::AMENDMENT_EXPLANATION,
        ];
        let brought = payload.fields().keys().chain(payload.addenda().keys());
        let brought = brought.filter(|field| !about_itself.contains(field)).map(|field| field.as_str());
        says.insert("changes".to_owned(), brought.collect());
    }
    Ok(Some(ClaimView {
        claim: name_of_claim(claim.kind).to_owned(),
        kind: claim.kind.as_str().to_owned(),
        iss: claims.iss.as_str().to_owned(),
        iat: crate::statement_view::instant(claims.iat),
        entry: EntryLink::to(claim.index),
        leaf_hash: entry.leaf_hash().to_hex(),
        counts: claim.counts,
        repeats: repeats(claim, payload, state),
        says,
    }))
}

/// Of the texts that are served, those that may be shown.
pub(crate) fn shown<'t>(
    texts: &'t [Addendum],
    entry: &Entry,
    state: &EntryState,
) -> impl Iterator<Item = &'t Addendum> {
    let payload = entry.statement().payload().clone();
    let (state, hidden) = (state.clone(), state.hidden_locators(entry.statement()));
    texts.iter().filter(move |text| {
        let public = state.text(&payload, text.field()).is_some_and(TextState::is_public);
        public && !hidden.contains(text.field())
    })
}
