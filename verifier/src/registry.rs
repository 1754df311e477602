//! What the log knows after some entries: who may say what, under which key, with which number.
//!
//! One struct for the ledger's writer, its checker and the auditor: each entry is checked against everything before it
//! and then taken in. Signatures are checked by [`Registry::verify`], apart, so that a writer can do that in parallel
//! and in advance.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::enrolment_check::{self, NewKey};
use crate::field_value::FieldValue;
use crate::fields::FieldName;
use crate::issuer::Issuer;
use crate::key::{Kid, PublicKey};
use crate::origin::Origin;
use crate::payload::Payload;
use crate::provider::{EnrolledKey, Provider};
use crate::registry_error::RegistryError;
use crate::sequence::{NumberState, Sequence, SequenceWindow};
use crate::size::LeafIndex;
use crate::statement::Statement;
use crate::statement_type::{Issuing, StatementType};

/// The keys that were enrolled up to some entry. Cloning it copies one pointer.
#[derive(Debug, Clone, Default)]
pub struct KeySnapshot(Arc<HashMap<Kid, Arc<EnrolledKey>>>);

impl KeySnapshot {
    /// The key of that thumbprint, whether it still signs or not.
    pub fn get(&self, kid: &Kid) -> Option<&EnrolledKey> {
        self.0.get(kid).map(Arc::as_ref)
    }

    /// All keys, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &EnrolledKey> {
        self.0.values().map(Arc::as_ref)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key that a statement names, if it may sign for the statement's issuer at that index.
    ///
    /// # Errors
    ///
    /// Unknown, another issuer's, not yet enrolled, or retired.
    pub fn signer(&self, index: LeafIndex, statement: &Statement) -> Result<&EnrolledKey, RegistryError> {
        let kid = *statement.kid();
        let key = self.get(&kid).ok_or(RegistryError::UnknownKey(kid))?;
        if key.owner != statement.claims().iss {
            return Err(RegistryError::WrongIssuer { kid, owner: key.owner.clone() });
        }
        if key.is_valid_at(index) {
            return Ok(key);
        }
        match key.retired_at {
            Some(retired_at) if retired_at < index => Err(RegistryError::KeyRetired { kid, retired_at }),
            _ => Err(RegistryError::NotYetEnrolled { kid, enrolled_at: key.enrolled_at }),
        }
    }

    fn insert(&mut self, key: EnrolledKey) {
        Arc::make_mut(&mut self.0).insert(key.kid, Arc::new(key));
    }
}

/// The state after some entries.
#[derive(Debug, Clone)]
pub struct Registry {
    origin: Origin,
    registrar: Issuer,
    size: u64,
    keys: KeySnapshot,
    /// Thumbprints of the log's own keys, which no provider can have.
    reserved: HashSet<Kid>,
    providers: BTreeMap<Issuer, Provider>,
    windows: HashMap<Issuer, SequenceWindow>,
}

impl Registry {
    /// Before the first entry of the log of that origin.
    pub fn new(origin: Origin) -> Registry {
        Registry {
            registrar: Issuer::of_registrar(&origin),
            origin,
            size: 0,
            keys: KeySnapshot::default(),
            reserved: HashSet::new(),
            providers: BTreeMap::new(),
            windows: HashMap::new(),
        }
    }

    /// The log's origin.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The registrar's issuer.
    pub fn registrar(&self) -> &Issuer {
        &self.registrar
    }

    /// How many entries were taken in.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// All keys so far; it stays as it is while the registry goes on.
    pub fn keys(&self) -> KeySnapshot {
        self.keys.clone()
    }

    /// The key of that thumbprint if it may sign an entry at that index.
    pub fn key_at(&self, kid: &Kid, index: LeafIndex) -> Option<&EnrolledKey> {
        self.keys.get(kid).filter(|key| key.is_valid_at(index))
    }

    /// All providers, in the order of their issuers.
    pub fn providers(&self) -> impl Iterator<Item = &Provider> {
        self.providers.values()
    }

    /// One provider.
    pub fn provider(&self, issuer: &Issuer) -> Option<&Provider> {
        self.providers.get(issuer)
    }

    /// The numbers of an issuer; `None` if it has used none.
    pub fn sequence_state(&self, issuer: &Issuer) -> Option<&SequenceWindow> {
        self.windows.get(issuer)
    }

    /// The issuers that have used numbers, in no order.
    pub fn issuers(&self) -> impl Iterator<Item = (&Issuer, &SequenceWindow)> {
        self.windows.iter()
    }

    /// Whether a statement of that issuer has the number: then the next one with it is a duplicate or a conflict.
    pub fn is_taken(&self, issuer: &Issuer, number: Sequence) -> bool {
        self.windows.get(issuer).is_some_and(|window| window.state(number) == NumberState::Taken)
    }

    /// Checks the signature with the key that the statement names; a genesis brings its own.
    ///
    /// # Errors
    ///
    /// That the key may not sign at that index, or that the signature does not hold.
    pub fn verify(&self, index: LeafIndex, statement: &Statement) -> Result<(), RegistryError> {
        if index == LeafIndex::ZERO {
            let key = genesis_key(statement)?;
            return statement.verify(&key).map_err(RegistryError::Signature);
        }
        let key = self.keys.signer(index, statement)?;
        statement.verify(&key.key).map_err(RegistryError::Signature)
    }

    /// Whether a statement whose signature was checked can be the entry at that index.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks. A number that is taken is reported as a conflict: whether it is a duplicate, the
    /// caller finds out by comparing with the entry that has it.
    pub fn check(&self, index: LeafIndex, statement: &Statement) -> Result<(), RegistryError> {
        let claims = statement.claims();
        if claims.aud != self.origin {
            return Err(RegistryError::WrongAudience(claims.aud.to_string()));
        }
        let payload = statement.payload();
        if index == LeafIndex::ZERO {
            return self.check_genesis(statement);
        }
        if payload.kind() == StatementType::Genesis {
            return Err(RegistryError::Genesis("only entry 0 is a genesis"));
        }
        let key = self.keys.signer(index, statement)?;
        self.check_author(payload, key)?;
        let fresh = SequenceWindow::default();
        let window = self.windows.get(&claims.iss).unwrap_or(&fresh);
        window.check(payload.sequence())?;
        match payload.kind() {
            StatementType::Enrolment => self.check_enrolment(index, payload).map(|_| ()),
            StatementType::KeyRetirement => self.check_retirement(&claims.iss, index, payload),
            StatementType::Void => check_void(window, payload),
            _ => Ok(()),
        }
    }

    /// Checks the statement as [`Registry::check`] does and takes it in.
    ///
    /// # Errors
    ///
    /// Those of the check, or that another index is next; then nothing changes.
    pub fn apply(&mut self, index: LeafIndex, statement: &Statement) -> Result<(), RegistryError> {
        if index.get() != self.size {
            return Err(RegistryError::OutOfOrder { given: index, expected: self.size });
        }
        self.check(index, statement)?;
        let (claims, payload) = (statement.claims(), statement.payload());
        let window = self.windows.entry(claims.iss.clone()).or_default();
        window.take(payload.sequence())?;
        if let Some((first, last)) = payload.void_range() {
            window.void(first, last)?;
        }
        match payload.kind() {
            StatementType::Genesis => self.take_genesis(statement)?,
            StatementType::Enrolment => self.take_enrolment(index, payload)?,
            StatementType::KeyRetirement => self.take_retirement(index, payload),
            _ => {}
        }
        self.size = self.size.saturating_add(1);
        Ok(())
    }

    /// Passes over an entry that a log holds although it cannot be taken in, so that the entries after it can be judged.
    /// For those who audit; a writer never appends such an entry.
    pub fn pass_over(&mut self) {
        self.size = self.size.saturating_add(1);
    }

    /// Checks the signature too, for those who replay a log.
    ///
    /// # Errors
    ///
    /// Those of [`Registry::verify`] and [`Registry::apply`]; then nothing changes.
    pub fn verify_and_apply(&mut self, index: LeafIndex, statement: &Statement) -> Result<(), RegistryError> {
        self.check(index, statement)?;
        self.verify(index, statement)?;
        self.apply(index, statement)
    }

    /// Entry 0 is the registrar's first statement, signed by the key that it brings.
    fn check_genesis(&self, statement: &Statement) -> Result<(), RegistryError> {
        let payload = statement.payload();
        if payload.kind() != StatementType::Genesis {
            return Err(RegistryError::Genesis("entry 0 is a genesis"));
        }
        if statement.claims().iss != self.registrar {
            return Err(RegistryError::Genesis("a genesis is the registrar's"));
        }
        if payload.sequence() != Sequence::FIRST {
            return Err(RegistryError::Genesis("a genesis is number 1"));
        }
        if !enrolment_check::are_log_keys(payload, &self.origin) {
            return Err(RegistryError::Genesis("log_vkeys are Ed25519 keys named by the origin"));
        }
        let kid = genesis_key(statement)?.kid();
        if kid != *statement.kid() {
            return Err(RegistryError::UnknownKey(*statement.kid()));
        }
        Ok(())
    }

    /// Some types are the registrar's, some a provider's; a provider acts in a role that the key was enrolled for.
    fn check_author(&self, payload: &Payload, key: &EnrolledKey) -> Result<(), RegistryError> {
        let by_registrar = key.owner == self.registrar;
        let right = match payload.kind().rules().issuing {
            Issuing::Provider => !by_registrar,
            Issuing::Registrar => by_registrar,
            Issuing::Either => true,
        };
        if !right {
            return Err(RegistryError::NotAuthorised { kind: payload.kind(), issuer: key.owner.clone() });
        }
        match payload.code(FieldName::PROVIDER_ROLE) {
            Some(role) if !key.roles.contains(&role) => Err(RegistryError::RoleNotEnrolled(role.as_str())),
            _ => Ok(()),
        }
    }

    fn check_enrolment(&self, index: LeafIndex, payload: &Payload) -> Result<NewKey, RegistryError> {
        let new = NewKey::read(payload)?;
        if self.keys.get(&new.kid).is_some() || self.reserved.contains(&new.kid) {
            return Err(RegistryError::AlreadyEnrolled(new.kid));
        }
        if new.provider == self.registrar {
            return Err(RegistryError::Enrolment("provider: the registrar is not a provider"));
        }
        new.check_request(&self.origin)?;
        new.check_evidence(|kid| self.key_at(kid, index))?;
        Ok(new)
    }

    /// A provider's key ends by the word of its owner or of the registrar.
    fn check_retirement(
        &self,
        issuer: &Issuer,
        index: LeafIndex,
        payload: &Payload,
    ) -> Result<(), RegistryError> {
        let (provider, kid) = retired_key(payload)?;
        if *issuer != self.registrar && issuer != provider {
            return Err(RegistryError::Enrolment("provider: the key of another provider"));
        }
        let key = self.keys.get(&kid).filter(|key| key.owner == *provider && key.owner != self.registrar);
        let key = key.ok_or(RegistryError::UnknownKey(kid))?;
        match key.retired_at {
            Some(retired_at) if retired_at < index => Err(RegistryError::KeyRetired { kid, retired_at }),
            _ => Ok(()),
        }
    }

    fn take_genesis(&mut self, statement: &Statement) -> Result<(), RegistryError> {
        let key = genesis_key(statement)?;
        self.keys.insert(EnrolledKey {
            key,
            kid: key.kid(),
            owner: self.registrar.clone(),
            roles: Vec::new(),
            enrolled_at: LeafIndex::ZERO,
            retired_at: None,
        });
        self.reserved = enrolment_check::reserved_kids(statement.payload());
        Ok(())
    }

    fn take_enrolment(&mut self, index: LeafIndex, payload: &Payload) -> Result<(), RegistryError> {
        let new = NewKey::read(payload)?;
        let provider = self.providers.entry(new.provider.clone()).or_insert_with(|| Provider {
            issuer: new.provider.clone(),
            name: new.name.clone(),
            country: new.country,
            kids: Vec::new(),
            enrolled_at: index,
        });
        provider.name = new.name;
        provider.country = new.country;
        provider.kids.push(new.kid);
        self.keys.insert(EnrolledKey {
            key: new.key,
            kid: new.kid,
            owner: new.provider,
            roles: new.roles,
            enrolled_at: index,
            retired_at: None,
        });
        Ok(())
    }

    fn take_retirement(&mut self, index: LeafIndex, payload: &Payload) {
        let ended = retired_key(payload).ok().and_then(|(_, kid)| self.keys.get(&kid).cloned());
        if let Some(mut key) = ended {
            key.retired_at = Some(index);
            self.keys.insert(key);
        }
    }
}

/// The key that a genesis brings.
fn genesis_key(statement: &Statement) -> Result<PublicKey, RegistryError> {
    match statement.payload().field(FieldName::REGISTRAR_KEY) {
        Some(FieldValue::CoseKey(key)) => {
            PublicKey::from_cose(key.as_bytes()).map_err(RegistryError::WeakKey)
        }
        _ => Err(RegistryError::Genesis("entry 0 is a genesis")),
    }
}

fn retired_key(payload: &Payload) -> Result<(&Issuer, Kid), RegistryError> {
    match (payload.field(FieldName::PROVIDER), payload.field(FieldName::KID)) {
        (Some(FieldValue::Issuer(provider)), Some(FieldValue::Digest(kid))) => {
            Ok((provider, Kid::from_bytes(*kid.as_bytes())))
        }
        // A payload of this type has both.
        _ => Err(RegistryError::Enrolment("provider and kid: missing")),
    }
}

fn check_void(window: &SequenceWindow, payload: &Payload) -> Result<(), RegistryError> {
    match payload.void_range() {
        Some((first, last)) => Ok(window.check_void(first, last)?),
        // A payload of this type has both.
        None => Err(RegistryError::Enrolment("first and last: missing")),
    }
}
