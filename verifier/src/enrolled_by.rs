//! Receipts as a part of evidence: that a log's registrar admitted a key for a provider, or which key is the registrar's own.

use crate::enrolment_check::NewKey;
use crate::evidence::EvidenceError;
use crate::issuer::Issuer;
use crate::key::{Kid, PublicKey};
use crate::key_ring::{genesis_key, successor};
use crate::policy::Policy;
use crate::policy_reader::PolicyError;
use crate::proved::Proved;
use crate::receipt::Receipt;
use crate::receipt_error::ReceiptError;
use crate::registry_error::RegistryError;
use crate::size::LeafIndex;
use crate::statement::Statement;
use crate::statement_type::StatementType;
use crate::vkey::Vkey;

/// A key, whose it is, and since which entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Enrolled {
    pub(crate) index: LeafIndex,
    pub(crate) key: PublicKey,
    pub(crate) kid: Kid,
    pub(crate) owner: Issuer,
}

/// Verifies a receipt under the log's key alone. One in evidence brings no texts: they prove nothing here, and what is
/// passed on to accuse somebody should not carry them.
pub(crate) fn open_receipt(text: &str, log: &Vkey) -> Result<Proved, EvidenceError> {
    let refused = |error: ReceiptError| EvidenceError::Receipt(Box::new(error));
    let receipt = Receipt::parse(text.as_bytes()).map_err(|error| refused(error.into()))?;
    if !receipt.addenda().is_empty() {
        return Err(EvidenceError::Unproved("a receipt in evidence brings no texts"));
    }
    let policy = Policy::of_log(log.clone()).map_err(|_: PolicyError| EvidenceError::OtherKey)?;
    receipt.verify(&policy).map_err(refused)
}

/// The key that an enrolment admits, which asked for it itself.
pub(crate) fn enrolled(index: LeafIndex, statement: &Statement) -> Result<Enrolled, EvidenceError> {
    let bad = EvidenceError::Unproved("the enrolment is none");
    if statement.payload().kind() != StatementType::Enrolment {
        return Err(bad);
    }
    let Ok(new) = NewKey::read(statement.payload()) else { return Err(bad) };
    match new.check_request(&statement.claims().aud) {
        Ok(()) => Ok(Enrolled { index, key: new.key, kid: new.kid, owner: new.provider }),
        Err(_) => Err(bad),
    }
}

/// The registrar's key that a genesis or a change of keys brings, and must itself be signed with; `None` for every other
/// statement.
///
/// # Errors
///
/// That the key is weak.
pub(crate) fn brought_key(statement: &Statement) -> Result<Option<PublicKey>, RegistryError> {
    match statement.payload().kind() {
        StatementType::Genesis if statement.claims().is_registrar() => genesis_key(statement).map(Some),
        StatementType::Keys if statement.claims().is_registrar() => successor(statement),
        _ => Ok(None),
    }
}

/// The key that a receipt shows: a provider's by its enrolment, the registrar's by the genesis or the change that brought it.
pub(crate) fn open_shown_key(text: &str, log: &Vkey) -> Result<Enrolled, EvidenceError> {
    let proved = open_receipt(text, log)?;
    let (index, statement) = (proved.index(), proved.statement());
    match brought_key(statement) {
        Ok(Some(key)) => Ok(Enrolled { index, key, kid: key.kid(), owner: statement.claims().iss.clone() }),
        _ => enrolled(index, statement),
    }
}

/// The provider's key that the receipt of an enrolment shows.
pub(crate) fn open_enrolment(text: &str, log: &Vkey) -> Result<Enrolled, EvidenceError> {
    let proved = open_receipt(text, log)?;
    enrolled(proved.index(), proved.statement())
}
