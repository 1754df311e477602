//! Proof that a provider signed two statements under one number.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::bounds::ENTRY_MAX;
use crate::enrolled_by::{enrolled, open_enrolment, open_receipt};
use crate::evidence::{EvidenceError, FORMAT, check_kind, read_log};
use crate::proved::Proved;
use crate::statement::Statement;
use crate::vkey::Vkey;

/// What the member `kind` says.
pub(crate) const KIND: &str = "double-statement";

/// A statement of a provider that is on record, and another one of the same number for the same log, which says something
/// else. Both are signed by keys that the log's registrar had enrolled for that provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoubleStatement {
    filed: Proved,
    receipt: String,
    other: Statement,
    enrolments: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DoubleFile {
    format: String,
    kind: String,
    log: String,
    receipt: String,
    statement: String,
    enrolments: Vec<String>,
}

impl DoubleStatement {
    /// Joins the receipt of the statement on record, without texts; the other statement's bytes; and, if another key of
    /// the provider signed that one, the receipt of that key's enrolment. `log` is the key of the log's checkpoints.
    pub fn new(
        receipt: &str,
        statement: &[u8],
        enrolment: Option<&str>,
        log: &Vkey,
    ) -> Result<DoubleStatement, EvidenceError> {
        if statement.len() > ENTRY_MAX {
            return Err(EvidenceError::Form);
        }
        let filed = open_receipt(receipt, log)?;
        let other = Statement::parse(statement).map_err(|error| EvidenceError::Statement(Box::new(error)))?;
        let (one, two) = (filed.statement().claims(), other.claims());
        let Some((at, admission)) = filed.enrolment() else {
            return Err(EvidenceError::Unproved("the receipt is not of a provider's statement"));
        };
        if one.iss != two.iss || one.aud != two.aud || filed.statement().sequence() != other.sequence() {
            return Err(EvidenceError::Unproved(
                "the statements have not one issuer, one log and one number",
            ));
        }
        if filed.statement().says_the_same_as(&other) {
            return Err(EvidenceError::NoContradiction);
        }
        let same_key = filed.statement().kid() == other.kid();
        let signer = match (same_key, enrolment) {
            (true, None) => enrolled(at, admission)?,
            (false, Some(text)) => open_enrolment(text, log)?,
            _ => {
                return Err(EvidenceError::Unproved(
                    "an enrolment stands beside a statement by another key, and only there",
                ));
            }
        };
        let of_issuer = signer.kid == *other.kid() && signer.owner == two.iss;
        if !of_issuer || other.verify(&signer.key).is_err() {
            return Err(EvidenceError::Unproved(
                "no key that was enrolled for the issuer signed the other one",
            ));
        }
        let enrolments = enrolment.into_iter().map(str::to_owned).collect();
        Ok(DoubleStatement { filed, receipt: receipt.to_owned(), other, enrolments })
    }

    /// The statement on record.
    pub const fn filed(&self) -> &Proved {
        &self.filed
    }

    /// The other one.
    pub const fn other(&self) -> &Statement {
        &self.other
    }

    /// One JSON object: `format`, `kind`, `log` (the vkey), `receipt` (its text), `statement` (base64), `enrolments` (none, or the
    /// text of a receipt).
    pub fn encode(&self) -> String {
        let file = DoubleFile {
            format: FORMAT.to_owned(),
            kind: KIND.to_owned(),
            log: self.filed.checkpoint().signed().log().encode(),
            receipt: self.receipt.clone(),
            statement: STANDARD.encode(self.other.bytes()),
            enrolments: self.enrolments.clone(),
        };
        // Strings and arrays of strings always become JSON.
        serde_json::to_string(&file).unwrap_or_default()
    }

    /// Checks everything in a file.
    pub fn parse(text: &str, log: &Vkey) -> Result<DoubleStatement, EvidenceError> {
        check_kind(text, KIND)?;
        let file: DoubleFile = serde_json::from_str(text).map_err(|_| EvidenceError::Form)?;
        read_log(&file.log, log)?;
        let statement = STANDARD.decode(&file.statement).map_err(|_| EvidenceError::Form)?;
        let enrolment = match file.enrolments.as_slice() {
            [] => None,
            [one] => Some(one.as_str()),
            _ => return Err(EvidenceError::Form),
        };
        let found = Self::new(&file.receipt, &statement, enrolment, log)?;
        if found.encode() == text { Ok(found) } else { Err(EvidenceError::Form) }
    }
}
