//! Verifying a receipt. Trust comes only from the policy; the steps, in this order:
//!
//! 1. The file has the form of a receipt ([`Receipt::parse`]).
//! 2. A log of the policy signed the checkpoint, for its own origin.
//! 3. Enough of the policy's witnesses signed it too.
//! 4. Every entry is in the tree of that checkpoint, at its index.
//! 5. The entry at index 0 is the genesis: the registrar's statement number 1 for this log, signed by the key that it
//!    announces; the key that signed the checkpoint is one of its log keys.
//! 6. Each later key of the registrar was announced by the one before. (No statement type changes it yet: the key of
//!    the genesis is the one.)
//! 7. For a provider's statement: the registrar enrolled the key that `kid` names, for the statement's `iss`, at an
//!    earlier index, upon a request that this key signed.
//! 8. That key signed the statement, for this log, and may sign this type in this role.
//! 9. Header, claims and payload of the statement follow their schema. (Done before step 5 needs them; numbered by what
//!    it proves.)
//! 10. Each addendum belongs to this statement, and they stand in its order.

use std::collections::HashSet;

use crate::addendum::Addendum;
use crate::enrolment_check::{are_log_keys, next_registrar, own_kids};
use crate::entry::Entry;
use crate::field_value::FieldValue;
use crate::fields::FieldName;
use crate::hash::LeafHash;
use crate::inclusion::verify_inclusion;
use crate::issuer::Issuer;
use crate::key::{Kid, PublicKey};
use crate::origin::Origin;
use crate::policy::{Policy, TrustedCheckpoint};
use crate::proved::Proved;
use crate::receipt::{Receipt, ReceiptEntry, ReceiptFormError};
use crate::receipt_error::{EnrolmentFault, ReceiptError};
use crate::request::EnrolmentRequest;
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
        let root = Root::open(self, &trusted).map_err(ReceiptError::Genesis)?;
        let [first, rest @ ..] = self.entries() else {
            return Err(ReceiptFormError::Member { member: "entries", rule: "none" }.into());
        };
        let entry = Entry::parse(&first.entry)?;
        let statement = entry.statement();
        // Steps 6 and 7.
        let signer = root.signer(statement, first.index, rest)?;
        // Step 8.
        if statement.claims().aud != origin {
            return Err(ReceiptError::Audience);
        }
        statement.verify(&signer.key)?;
        check_authority(first.index, statement, signer.enrolment.as_ref())?;
        // Step 10.
        let addenda = read_addenda(self.addenda(), statement)?;
        Ok(Proved::new(trusted, first.index, entry, signer.enrolment, addenda, policy.asks_for_witnesses()))
    }
}

/// What the genesis says: whom this log trusts to enrol keys.
struct Root {
    origin: Origin,
    registrar: Issuer,
    key: PublicKey,
    /// Keys that can never be a provider's: the log's, those of receipts, and the registrar's.
    reserved: HashSet<Kid>,
}

/// Who signed the statement.
struct Signer {
    key: PublicKey,
    /// For a provider: the statement that enrolled the key, and its index.
    enrolment: Option<(LeafIndex, Statement)>,
}

impl Root {
    /// Step 5.
    fn open(receipt: &Receipt, trusted: &TrustedCheckpoint) -> Result<Root, EnrolmentFault> {
        let origin = trusted.signed().checkpoint().origin().clone();
        let mut at_zero = receipt.entries().iter().filter(|item| item.index == LeafIndex::ZERO);
        let (Some(item), None) = (at_zero.next(), at_zero.next()) else {
            return Err(EnrolmentFault::Missing);
        };
        let entry = Entry::parse(&item.entry)?;
        let statement = entry.statement();
        let claims = statement.claims();
        let payload = statement.payload();
        let of_this_log = claims.aud == origin && claims.is_registrar();
        if payload.kind() != StatementType::Genesis || !of_this_log || statement.sequence().get() != 1 {
            return Err(EnrolmentFault::Kind);
        }
        let log = trusted.signed().log();
        let of_policy = match payload.field(FieldName::LOG_VKEYS) {
            Some(FieldValue::Vkeys(keys)) => keys.contains(log),
            _ => false,
        };
        if !of_policy || !are_log_keys(payload, &origin) {
            return Err(EnrolmentFault::LogKeys);
        }
        let key = cose_key(statement, FieldName::REGISTRAR_KEY)?;
        statement.verify(&key)?;
        let mut reserved: HashSet<Kid> = own_kids(payload).chain(next_registrar(payload)).collect();
        reserved.insert(key.kid());
        Ok(Root { registrar: Issuer::of_registrar(&origin), origin, key, reserved })
    }

    /// Steps 6 and 7: the key that the statement must be signed with.
    fn signer(
        &self,
        statement: &Statement,
        index: LeafIndex,
        rest: &[ReceiptEntry],
    ) -> Result<Signer, ReceiptError> {
        if statement.claims().iss == self.registrar {
            let expected: &[LeafIndex] = if index == LeafIndex::ZERO { &[] } else { &[LeafIndex::ZERO] };
            if !rest.iter().map(|item| item.index).eq(expected.iter().copied()) {
                let rule = "others than the statement and the genesis";
                return Err(ReceiptFormError::Member { member: "entries", rule }.into());
            }
            return Ok(Signer { key: self.key, enrolment: None });
        }
        let item = match rest {
            [zero, item]
                if zero.index == LeafIndex::ZERO && LeafIndex::ZERO < item.index && item.index < index =>
            {
                item
            }
            _ => return Err(ReceiptError::Enrolment(EnrolmentFault::Missing)),
        };
        let (key, enrolment) = self.enrolled(item, statement).map_err(ReceiptError::Enrolment)?;
        Ok(Signer { key, enrolment: Some((item.index, enrolment)) })
    }

    /// Step 7.
    fn enrolled(
        &self,
        item: &ReceiptEntry,
        statement: &Statement,
    ) -> Result<(PublicKey, Statement), EnrolmentFault> {
        let enrolment = Entry::parse(&item.entry)?.into_statement();
        let claims = enrolment.claims();
        let payload = enrolment.payload();
        let of_this_log = claims.aud == self.origin && claims.iss == self.registrar;
        if payload.kind() != StatementType::Enrolment || !of_this_log {
            return Err(EnrolmentFault::Kind);
        }
        enrolment.verify(&self.key)?;
        let key = cose_key(&enrolment, FieldName::KEY)?;
        let (Some(FieldValue::Issuer(provider)), Some(FieldValue::CoseSign1(request))) =
            (payload.field(FieldName::PROVIDER), payload.field(FieldName::REQUEST))
        else {
            return Err(EnrolmentFault::Kind);
        };
        if self.reserved.contains(&key.kid()) || *provider == self.registrar {
            return Err(EnrolmentFault::Key);
        }
        let request = EnrolmentRequest::parse(request)?;
        request.check(&self.origin, provider)?;
        if request.key != key || key.kid() != *statement.kid() || *provider != statement.claims().iss {
            return Err(EnrolmentFault::Other);
        }
        Ok((key, enrolment))
    }
}

fn cose_key(statement: &Statement, field: FieldName) -> Result<PublicKey, EnrolmentFault> {
    match statement.payload().field(field) {
        Some(FieldValue::CoseKey(key)) => {
            PublicKey::from_cose(key.as_bytes()).map_err(|_| EnrolmentFault::Key)
        }
        _ => Err(EnrolmentFault::Kind),
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
            let rule = "not in the order in which the statement names them";
            return Err(ReceiptFormError::Member { member: "addenda", rule }.into());
        }
        addenda.push(addendum);
    }
    Ok(addenda)
}
