//! A receipt for one reader: the public one, and withheld texts beside it.

use std::collections::BTreeMap;

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::proved::Proved;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::vkey::Vkey;

use super::OutboxError;
use super::kept::Kept;
use super::later::withheld_text;
use super::lives::OwnLives;
use super::record::Numbered;

/// Why nothing can be shown.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// The outbox.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// It is not on record, or its receipt is not there.
    #[error("{0}")]
    NotReady(String),
    /// A text that cannot be shown.
    #[error("{field}: {why}")]
    Text {
        /// Whose text.
        field: FieldName,
        /// Why not, and what there is.
        why: String,
    },
    /// What lies in the outbox does not hold.
    #[error("{0}")]
    DoesNotHold(String),
}

/// What is handed on.
#[derive(Debug)]
pub struct Shown {
    /// The receipt.
    pub receipt: Receipt,
    /// What it proves.
    pub proved: Proved,
    /// The texts in it that are withheld from the public.
    pub texts: Vec<FieldName>,
    /// Texts of the stored receipt that were redacted since, and are left out.
    pub left_out: Vec<FieldName>,
}

/// The receipt of a statement with withheld texts: those of `fields`, or all that it withholds if there are none.
///
/// # Errors
/// [`ShowError`].
pub fn show(kept: &Kept, sequence: u64, fields: &[FieldName]) -> Result<Shown, ShowError> {
    let (policy, public) = stored_receipt(kept, sequence)?;
    let numbered = kept.numbered(sequence)?.ok_or_else(|| {
        ShowError::NotReady(format!("the outbox holds nothing of number {sequence} but its receipt"))
    })?;
    let proved = public.verify(&policy).map_err(|error| {
        ShowError::DoesNotHold(format!("{}: {error}", kept.receipts().path(sequence).display()))
    })?;
    let statement = proved.statement();
    let state = OwnLives::of(kept)?.state(statement);
    let chosen: Vec<FieldName> = match fields {
        [] => {
            let withheld = statement.payload().withheld().keys().copied();
            withheld.filter(|field| !state.is_redacted(*field)).collect()
        }
        fields => fields.to_vec(),
    };
    let mut texts: BTreeMap<FieldName, Vec<u8>> = BTreeMap::new();
    let mut left_out = Vec::new();
    for bytes in public.addenda() {
        let field =
            Addendum::parse(bytes).map_err(|error| ShowError::DoesNotHold(error.to_string()))?.field();
        match state.is_redacted(field) {
            true => left_out.push(field),
            false => drop(texts.insert(field, bytes.clone())),
        }
    }
    for field in &chosen {
        if state.is_redacted(*field) {
            return Err(text(*field, "it was redacted: it is shown to nobody any more"));
        }
        texts.insert(*field, text_to_show(&numbered, statement, *field)?);
    }
    let whole = Receipt::new(
        public.checkpoint().to_owned(),
        public.entries().to_vec(),
        texts.into_values().collect(),
    );
    let receipt = whole.map_err(|error| ShowError::DoesNotHold(error.to_string()))?;
    // As the reader will read it.
    let read = Receipt::parse(receipt.encode().as_bytes());
    let receipt = read.map_err(|error| ShowError::DoesNotHold(error.to_string()))?;
    let proved = receipt.verify(&policy).map_err(|error| ShowError::DoesNotHold(error.to_string()))?;
    Ok(Shown { receipt, proved, texts: chosen, left_out })
}

/// The receipt that `publish` fetched, and the policy of the outbox: its log, and no witness.
pub(super) fn stored_receipt(kept: &Kept, sequence: u64) -> Result<(Policy, Receipt), ShowError> {
    let pin = kept.contents().pin();
    let pin = pin.ok_or_else(|| ShowError::NotReady("the outbox was never used".to_owned()))?;
    let wrong = |error: String| ShowError::DoesNotHold(format!("the log's key in the outbox: {error}"));
    let vkey = Vkey::parse(&pin.vkey).map_err(|error| wrong(error.to_string()))?;
    let policy = Policy::of_log(vkey).map_err(|error| wrong(error.to_string()))?;
    if kept.contents().pending().contains_key(&sequence) {
        let what = format!(
            "number {sequence} is not on record yet: run `glasshouse publish` with this outbox first"
        );
        return Err(ShowError::NotReady(what));
    }
    let path = kept.receipts().path(sequence);
    let bytes = std::fs::read(&path).map_err(|error| {
        ShowError::NotReady(format!(
            "{}: {error}: run `glasshouse publish` with this outbox, without --no-receipts, to fetch it",
            path.display()
        ))
    })?;
    let receipt = Receipt::parse(&bytes)
        .map_err(|error| ShowError::DoesNotHold(format!("{}: {error}", path.display())))?;
    Ok((policy, receipt))
}

fn text_to_show(numbered: &Numbered, statement: &Statement, field: FieldName) -> Result<Vec<u8>, ShowError> {
    let payload = statement.payload();
    if !payload.withheld().contains_key(&field) {
        let names: Vec<&str> = payload.withheld().keys().map(|field| field.as_str()).collect();
        let there = if names.is_empty() { "it withholds none".to_owned() } else { names.join(", ") };
        return Err(text(field, &format!("the statement withholds no such text ({there})")));
    }
    withheld_text(numbered, field)
        .ok_or_else(|| text(field, "the outbox no longer has this text: it was purged"))
}

fn text(field: FieldName, why: &str) -> ShowError {
    ShowError::Text { field, why: why.to_owned() }
}
