//! `GET /api/v1/receipts/{entry}`: everything that proves a statement offline.

use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};

use crate::accept::{Accepted, COSE, STATEMENT_COSE};
use crate::app_state::{AppState, EntryName, failed};
use crate::parameters;
use crate::problem::Problem;

/// Media type of a receipt.
const RECEIPT: &str = "application/vnd.glasshouse.receipt+json";

/// The members of a receipt (spec: receipt).
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes the answer, which is made by the verifier's own code")]
pub(crate) struct ReceiptForm {
    /// `glasshouse-receipt/1`.
    format: String,
    /// The newest checkpoint, a signed note.
    checkpoint: String,
    /// The statement first, then every entry that vouches for its key.
    entries: Vec<ReceiptEntry>,
    /// The texts that are served, base64.
    addenda: Vec<String>,
}

/// An entry of a receipt.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes the answer, which is made by the verifier's own code")]
pub(crate) struct ReceiptEntry {
    /// Its place.
    index: u64,
    /// Its bytes, base64.
    entry: String,
    /// The hashes of its inclusion proof, base64, from the leaf up.
    path: Vec<String>,
}

/// The receipt of an entry under the newest checkpoint; with `Accept: text/plain`, the entry's tlog-proof; with `Accept:
/// application/cose`, the transparent statement, which carries a COSE receipt.
#[utoipa::path(get, path = "/api/v1/receipts/{entry}", tag = "statements",
    params(
        ("entry" = String, Path, description = "Index, or leaf hash in hex"),
        ("form" = Option<String>, Query, description = "`whole`, `proof` or `cose`, for who cannot set `Accept`, such as a link"),
    ),
    responses(
        (status = 200, description = "The receipt, the proof, or the transparent statement",
            content((ReceiptForm = "application/vnd.glasshouse.receipt+json"), (String = "text/plain"), (Vec<u8> = "application/cose"))),
        (status = 400, description = "`bad-request`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`", body = Problem, content_type = "application/problem+json"),
        (status = 501, description = "`no-receipt-key`, of the transparent statement", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "`overloaded`; by leaf hash `look-ups-behind`, while the look-ups are being built; `no-quorum`, while one is \
            required and the published tree has none", body = Problem,
            content_type = "application/problem+json"),
    ))]
pub(super) async fn receipt(
    State(state): State<Arc<AppState>>,
    entry: Result<Path<String>, PathRejection>,
    asked: Result<Query<Vec<(String, String)>>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    state.check_shown()?;
    let Query(asked) = asked.map_err(|error| Problem::of_query(&error))?;
    let Path(entry) = entry.map_err(|error| Problem::of_path(&error))?;
    let name = EntryName::parse(&entry)?;
    let form = Form::asked(&asked)?.unwrap_or_else(|| Form::of(&headers));
    let absent = || Problem::not_found("the log has no such entry");
    let index = state.find(name).await?;
    let bytes = state.answer(move |reader| {
        Ok(match form {
            Form::Whole => reader.receipt(index).map_err(failed)?.ok_or_else(absent)?.encode().into_bytes(),
            Form::Proof => {
                reader.tlog_proof(index).map_err(failed)?.ok_or_else(absent)?.encode().into_bytes()
            }
            Form::Transparent => {
                reader.transparent_statement(index).map_err(failed)?.ok_or_else(absent)?.encode()
            }
        })
    });
    let headers = [
        (header::CONTENT_TYPE, form.media_type()),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "accept"),
    ];
    Ok((headers, bytes.await?).into_response())
}

/// The forms of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Whole,
    Proof,
    Transparent,
}

impl Form {
    /// The form that the query asks for, if it asks.
    fn asked(pairs: &[(String, String)]) -> Result<Option<Form>, Problem> {
        let mut form = None;
        for (name, value) in pairs {
            let asked = match (name.as_str(), value.as_str()) {
                ("form", "whole") => Form::Whole,
                ("form", "proof") => Form::Proof,
                ("form", "cose") => Form::Transparent,
                ("form", _) => {
                    return Err(Problem::of_parameter(name, "not-a-code", value, "whole, proof or cose"));
                }
                _ => return Err(parameters::unknown(name, value, &["form"])),
            };
            if form.replace(asked).is_some() {
                return Err(Problem::of_parameter(name, "duplicate", value, "this parameter is given once"));
            }
        }
        Ok(form)
    }

    /// The whole receipt, unless another form is asked for by name and no JSON is.
    fn of(headers: &HeaderMap) -> Form {
        let accepted = Accepted::of(headers);
        match () {
            () if accepted.names_json() => Form::Whole,
            () if accepted.names("text/plain") => Form::Proof,
            () if accepted.names(COSE) || accepted.names(STATEMENT_COSE) => Form::Transparent,
            () => Form::Whole,
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Form::Whole => RECEIPT,
            Form::Proof => "text/plain; charset=utf-8",
            Form::Transparent => COSE,
        }
    }
}
