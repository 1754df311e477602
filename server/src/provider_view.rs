//! An issuer as the interface shows it: who it is, its keys, its numbers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::provider::EnrolledKey;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::sequence::SequenceWindow;
use glasshouse_verifier::size::LeafIndex;
use serde::Serialize;

use crate::app_state::failed;
use crate::completeness_view::{EmbargoView, embargoes};
use crate::problem::Problem;

/// Most missing numbers that are listed.
const MISSING_LISTED: usize = 1_000;

/// What the log knows about an issuer.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct ProviderView {
    /// The issuer: an HTTPS origin.
    pub(crate) iss: String,
    /// The organisation's name; absent for the registrar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Its country (ISO 3166-1); absent for the registrar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<String>,
    /// The roles that its keys may act in, those of keys that still sign.
    pub(crate) roles: Vec<String>,
    /// Its keys, in the order of their enrolment.
    pub(crate) keys: Vec<KeyView>,
    /// Its numbers.
    pub(crate) sequence: SequenceView,
    /// What it withholds, and what became of that, on the ledger's day.
    pub(crate) embargoes: EmbargoView,
}

/// One key of an issuer.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct KeyView {
    /// Thumbprint (RFC 9679), hex.
    pub(crate) kid: String,
    /// The COSE_Key, base64.
    pub(crate) key: String,
    /// Index of its enrolment; it signs entries behind that one.
    pub(crate) from_index: u64,
    /// Index of its retirement, if it was retired; it signs no entry behind that one.
    pub(crate) until_index: Option<u64>,
    /// Why it was retired.
    pub(crate) reason: Option<String>,
}

/// The numbers that an issuer has used.
#[derive(Debug, Clone, Default, Serialize, utoipa::ToSchema)]
pub(crate) struct SequenceView {
    /// Highest number up to which nothing is missing; 0 if none.
    pub(crate) unbroken: u64,
    /// Highest number; 0 if none.
    pub(crate) highest: u64,
    /// Numbers below the highest that are neither on record nor void: the first 1,000.
    pub(crate) missing: Vec<u64>,
}

/// What the log knows about one issuer, a provider or the registrar; `None` if it is neither.
///
/// # Errors
/// `internal`, if the ledger cannot be read.
pub(crate) fn of(reader: &Reader, issuer: &Issuer, today: Day) -> Result<Option<ProviderView>, Problem> {
    let view = reader.with_registry(|registry| {
        if issuer == registry.registrar() {
            Some(of_registrar(registry, today))
        } else {
            of_provider(registry, issuer, today)
        }
    });
    view.map(|view| with_reasons(reader, view)).transpose()
}

/// All providers in the order of their issuers, and the registrar.
///
/// # Errors
/// `internal`, if the ledger cannot be read.
pub(crate) fn of_all(reader: &Reader, today: Day) -> Result<(Vec<ProviderView>, ProviderView), Problem> {
    let (providers, registrar) = reader.with_registry(|registry| {
        let issuers = registry.providers().map(|provider| provider.issuer());
        let providers: Vec<_> = issuers.filter_map(|issuer| of_provider(registry, issuer, today)).collect();
        (providers, of_registrar(registry, today))
    });
    let providers = providers.into_iter().map(|view| with_reasons(reader, view)).collect::<Result<_, _>>()?;
    Ok((providers, with_reasons(reader, registrar)?))
}

fn of_provider(registry: &Registry, issuer: &Issuer, today: Day) -> Option<ProviderView> {
    let provider = registry.provider(issuer)?;
    let keys = registry.keys();
    let keys: Vec<_> = provider.kids().iter().filter_map(|kid| keys.get(kid).cloned()).collect();
    let mut roles: Vec<String> = keys
        .iter()
        .filter(|key| key.retired_at().is_none())
        .flat_map(|key| key.roles().iter().map(|role| role.as_str().to_owned()))
        .collect();
    roles.sort();
    roles.dedup();
    Some(ProviderView {
        iss: issuer.as_str().to_owned(),
        name: Some(provider.name().to_owned()),
        country: Some(provider.country().as_str().to_owned()),
        roles,
        keys: keys.iter().map(key_view).collect(),
        sequence: sequence_view(registry.sequence_state(issuer)),
        embargoes: embargoes(registry, issuer, today),
    })
}

fn of_registrar(registry: &Registry, today: Day) -> ProviderView {
    let issuer = registry.registrar();
    let keys = registry.keys();
    let mut keys: Vec<_> = keys.iter().filter(|key| key.owner() == issuer).map(key_view).collect();
    keys.sort_by_key(|key| key.from_index);
    ProviderView {
        iss: issuer.as_str().to_owned(),
        name: None,
        country: None,
        roles: Vec::new(),
        keys,
        sequence: sequence_view(registry.sequence_state(issuer)),
        embargoes: embargoes(registry, issuer, today),
    }
}

fn key_view(key: &EnrolledKey) -> KeyView {
    KeyView {
        kid: key.kid().to_hex(),
        key: STANDARD.encode(key.key().to_cose()),
        from_index: key.enrolled_at().get(),
        until_index: key.retired_at().map(LeafIndex::get),
        reason: None,
    }
}

fn sequence_view(window: Option<&SequenceWindow>) -> SequenceView {
    let Some(window) = window else { return SequenceView::default() };
    let missing = window.missing(MISSING_LISTED).into_iter().flat_map(|(first, last)| first..=last);
    SequenceView {
        unbroken: window.unbroken(),
        highest: window.highest(),
        missing: missing.take(MISSING_LISTED).collect(),
    }
}

/// Looks up, in the entries that retired the keys, why.
fn with_reasons(reader: &Reader, mut view: ProviderView) -> Result<ProviderView, Problem> {
    for key in &mut view.keys {
        let Some(Ok(index)) = key.until_index.map(LeafIndex::new) else { continue };
        let Some(entry) = reader.entry(index).map_err(failed)? else { continue };
        let reason = entry.statement().payload().code(FieldName::RETIREMENT_REASON);
        key.reason = reason.map(|code| code.as_str().to_owned());
    }
    Ok(view)
}
