//! Who signed a statement, and who vouched for the key.

use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement_type::StatementType;
use maud::{Markup, html};
use serde_json::Value;

use crate::app_state::failed;
use crate::pages::value;
use crate::problem::Problem;
use crate::statement_view::{StatementView, instant};
use crate::texts::formats;
use crate::texts::language::Visit;
use crate::texts::place::PLACE;

/// Why a key counts.
#[derive(Debug)]
pub(super) struct Vouching {
    /// The entry that brought the key.
    index: u64,
    is_enrolment: bool,
    /// When that was issued.
    day: String,
    evidence: Value,
}

/// Reads the entry that brought the key of a statement.
///
/// # Errors
/// `internal`, if the ledger cannot be read.
pub(super) fn vouching(reader: &Reader, view: &StatementView) -> Result<Option<Vouching>, Problem> {
    let Some(Ok(index)) = view.signer.enrolled_at.map(LeafIndex::new) else { return Ok(None) };
    let Some(entry) = reader.entry(index).map_err(failed)? else { return Ok(None) };
    let (claims, payload) = (entry.statement().claims(), entry.statement().payload());
    Ok(Some(Vouching {
        index: index.get(),
        is_enrolment: payload.kind() == StatementType::Enrolment,
        day: instant(claims.iat).chars().take(10).collect(),
        evidence: payload.field(FieldName::EVIDENCE).map_or(Value::Null, |evidence| evidence.to_json()),
    }))
}

/// Issuer, key, and why the key counts.
pub(super) fn section(
    visit: &Visit,
    view: &StatementView,
    name: Option<&str>,
    vouching: Option<&Vouching>,
) -> Markup {
    let texts = PLACE.in_(visit.language);
    let entry_texts = crate::texts::entry::ENTRY.in_(visit.language);
    let host = view.iss.trim_start_matches("https://");
    html! {
        section #signed {
            h2 { (texts.signed) }
            dl.facts {
                div {
                    dt { (texts.issuer) }
                    dd {
                        a href=(visit.link(&format!("/providers/{host}"))) {
                            @match name { Some(name) => span lang="" { (name) }, None => (host) }
                        }
                        p.note { code { (view.iss) } }
                    }
                }
                div { dt { (entry_texts.issued) } dd { (value::moment(visit, &view.iat)) } }
                div {
                    dt { (entry_texts.number) }
                    dd { (value::number(visit, view.payload["sequence"].as_u64().unwrap_or_default())) }
                }
                div {
                    dt { (texts.key) }
                    dd {
                        code.hash { (view.signer.kid) }
                        @if let Some(ended) = view.signer.retired_at {
                            p { (texts.key_ended) " (" (value::entry(visit, ended)) ")" }
                        }
                    }
                }
                @if let Some(vouching) = vouching {
                    div { dt { (texts.vouched) } dd { (vouched(visit, vouching)) } }
                }
            }
        }
    }
}

fn vouched(visit: &Visit, vouching: &Vouching) -> Markup {
    let texts = PLACE.in_(visit.language);
    let day = |text: &str| formats::day(visit.language, &text.chars().take(10).collect::<String>());
    let known = &vouching.evidence;
    let because = match (known["well_known"].as_str(), known["fetched_at"].as_str()) {
        (Some(digest), Some(fetched)) => (texts.by_well_known)(&day(fetched), digest),
        _ if known["cosigned"].is_string() => texts.by_other_key.to_owned(),
        _ => texts.by_nothing.to_owned(),
    };
    html! {
        @if vouching.is_enrolment {
            p { ((texts.vouched_registrar)(&day(&vouching.day))) " (" (value::entry(visit, vouching.index)) ")." }
            p { (because) }
        } @else {
            p { (texts.vouched_genesis) " (" (value::entry(visit, vouching.index)) ")" }
        }
    }
}
