//! Verifying a receipt. Trust comes only from the policy; the steps, in this order:
//!
//! 1. The file has the form of a receipt ([`Receipt::parse`]).
//! 2. A log of the policy signed the checkpoint, for its own origin; no key of the policy, a witness's neither, signed twice.
//! 3. No signature of a witness of the policy fails, and enough of them signed too.
//! 4. Every entry is in the tree of that checkpoint, at its index.
//! 5. The entry at index 0 is the genesis: the registrar's statement number 1 for this log, signed by the key that it
//!    brings; the key that signed the checkpoint is one of its log keys, or of a later change of them.
//! 6. Each later key of the registrar was announced by the one before, and no change of keys stands there for nothing.
//! 7. For a provider's statement: the registrar enrolled the key that `kid` names, for the statement's `iss`, at an
//!    earlier index, with the key that it had then, upon a request that this key signed.
//! 8. That key signed the statement, for this log, and may sign this type in this role.
//! 9. Header, claims and payload of the statement follow their schema. (Done before step 5 needs them; numbered by what
//!    it proves.)
//! 10. Each addendum belongs to this statement, and they stand in its order.

use crate::addendum::Addendum;
use crate::entry::Entry;
use crate::fields::FieldName;
use crate::hash::LeafHash;
use crate::inclusion::verify_inclusion;
use crate::policy::Policy;
use crate::proved::Proved;
use crate::receipt::{Receipt, ReceiptFormError};
use crate::receipt_chain::{Chain, Subject};
use crate::receipt_error::ReceiptError;
use crate::size::LeafIndex;
use crate::statement::Statement;
use crate::statement_type::{Issuing, StatementType};

impl Receipt {
    /// Runs the steps of [`crate::receipt_check`]; the answer says what they prove, and what they do not.
    pub fn verify(&self, policy: &Policy) -> Result<Proved, ReceiptError> {
        // Step 1 was `Receipt::parse`. Steps 2 and 3.
        let trusted = policy.open(self.checkpoint().as_bytes())?;
        let origin = trusted.signed().checkpoint().origin().clone();
        // Step 4.
        for item in self.entries() {
            let leaf = LeafHash::of_entry(&item.entry);
            verify_inclusion(&leaf, item.index, trusted.signed().head(), &item.path)
                .map_err(|error| ReceiptError::Inclusion { index: item.index, error })?;
        }
        // Step 5, and step 9, which the following need.
        let mut chain = Chain::open(self.entries(), &trusted).map_err(ReceiptError::Genesis)?;
        let [first, rest @ ..] = self.entries() else {
            return Err(ReceiptFormError::Member { member: "entries", rule: "none" }.into());
        };
        let entry = Entry::parse(&first.entry)?;
        let about = Subject { index: first.index, statement: entry.statement() };
        // Steps 6 and 7, and step 8 at its place among them.
        let rest = chain.sort(about, rest)?;
        chain.follow(about, &rest, |key| {
            if about.statement.claims().aud != origin {
                return Err(ReceiptError::Audience);
            }
            Ok(about.statement.verify(key)?)
        })?;
        let (keys, enrolment) = rest.into_parts();
        let receipt_keys = chain.into_receipt_keys();
        check_authority(first.index, entry.statement(), enrolment.as_ref())?;
        // Step 10.
        let addenda = read_addenda(self.addenda(), entry.statement())?;
        Ok(Proved::new(
            trusted,
            (first.index, entry),
            (keys, enrolment),
            receipt_keys,
            addenda,
            policy.asks_for_witnesses(),
        ))
    }
}

/// Step 8: some types are the registrar's, some a provider's, a provider acts in a role that it was enrolled for, and
/// only entry 0 is a genesis.
fn check_authority(
    index: LeafIndex,
    statement: &Statement,
    enrolment: Option<&(LeafIndex, Statement)>,
) -> Result<(), ReceiptError> {
    let payload = statement.payload();
    // A second genesis would name other keys for a log that has its own.
    if payload.kind() == StatementType::Genesis && index != LeafIndex::ZERO {
        return Err(ReceiptError::NotAuthorised);
    }
    let may_sign = match payload.kind().rules().issuing {
        Issuing::Provider => enrolment.is_some(),
        Issuing::Registrar => enrolment.is_none(),
        Issuing::Either => true,
    };
    if !may_sign {
        return Err(ReceiptError::NotAuthorised);
    }
    let roles = enrolment.map_or(&[][..], |(_, enrolment)| enrolment.payload().codes(FieldName::ROLES));
    match payload.code(FieldName::PROVIDER_ROLE) {
        Some(role) if !roles.contains(&role) => Err(ReceiptError::Role),
        _ => Ok(()),
    }
}

/// Step 10.
fn read_addenda(texts: &[Vec<u8>], statement: &Statement) -> Result<Vec<Addendum>, ReceiptError> {
    let mut addenda: Vec<Addendum> = Vec::new();
    for (position, bytes) in texts.iter().enumerate() {
        let addendum = Addendum::parse(bytes).map_err(|error| ReceiptError::Addendum { position, error })?;
        addendum.check_owner(statement).map_err(|error| ReceiptError::Owner { position, error })?;
        // Names of fields are ordered as their map is.
        if addenda.last().is_some_and(|last| last.field() >= addendum.field()) {
            return Err(ReceiptError::AddendaOrder);
        }
        addenda.push(addendum);
    }
    Ok(addenda)
}
