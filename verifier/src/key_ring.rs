//! The keys of a log's registrar and providers: who was enrolled when, and which key may sign what comes next.

mod stored;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::cose_key::CoseKey;
use crate::enrolment_check::{self, NewKey};
use crate::field_value::FieldValue;
use crate::fields::FieldName;
use crate::issuer::Issuer;
use crate::key::{Kid, PublicKey};
use crate::known_key::KnownKey;
use crate::origin::Origin;
use crate::payload::Payload;
use crate::provider::{EnrolledKey, Provider};
use crate::registry_error::RegistryError;
use crate::size::LeafIndex;
use crate::statement::Statement;
use crate::statement_type::StatementType;
use crate::vkey::Vkey;

/// The keys that were enrolled up to some entry. Cloning it copies one pointer.
#[derive(Debug, Clone, Default)]
pub struct KeySnapshot {
    keys: Arc<HashMap<Kid, Arc<EnrolledKey>>>,
    /// The registrar's next key, as it was announced last.
    announced: Option<Kid>,
}

impl KeySnapshot {
    /// The key of that thumbprint, whether it still signs or not.
    pub fn get(&self, kid: &Kid) -> Option<&EnrolledKey> {
        self.keys.get(kid).map(Arc::as_ref)
    }

    /// All keys, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &EnrolledKey> {
        self.keys.values().map(Arc::as_ref)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
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

    /// What to check a statement's signature with: the key that it names, or, where the registrar changes its key, the
    /// new one, which the statement brings and the one before announced.
    ///
    /// # Errors
    ///
    /// Those of [`KeySnapshot::signer`]; a key that was not announced; a weak key.
    pub fn verifying_key(&self, index: LeafIndex, statement: &Statement) -> Result<KnownKey, RegistryError> {
        match self.successor(statement)? {
            Some(key) => Ok(KnownKey::new(key)),
            None => self.signer(index, statement).map(|enrolled| enrolled.known().clone()),
        }
    }

    /// The registrar's new key, where the statement changes to it.
    ///
    /// # Errors
    ///
    /// It is weak, or not the one that was announced.
    pub fn successor(&self, statement: &Statement) -> Result<Option<PublicKey>, RegistryError> {
        let key = successor(statement)?;
        if let Some(key) = &key {
            self.check_successor(statement, key)?;
        }
        Ok(key)
    }

    /// The registrar's next key is the one that was announced, and it signs for itself.
    fn check_successor(&self, statement: &Statement, key: &PublicKey) -> Result<(), RegistryError> {
        if !statement.claims().is_registrar() {
            let (kind, issuer) = (statement.payload().kind(), statement.claims().iss.clone());
            return Err(RegistryError::NotAuthorised { kind, issuer });
        }
        if self.announced != Some(key.kid()) {
            return Err(RegistryError::Enrolment("registrar_key: not the key that was announced"));
        }
        if *statement.kid() != key.kid() {
            return Err(RegistryError::UnknownKey(*statement.kid()));
        }
        Ok(())
    }

    fn insert(&mut self, key: EnrolledKey) {
        Arc::make_mut(&mut self.keys).insert(key.kid(), Arc::new(key));
    }
}

/// What a genesis or a `keys` statement does to the log's own keys.
#[derive(Debug, Clone)]
struct Change {
    index: LeafIndex,
    /// Whether it brings a key of the registrar.
    brings_key: bool,
    /// The keys that it names for checkpoints.
    log_keys: Vec<Vkey>,
}

/// The keys and providers after some entries.
#[derive(Debug, Clone)]
pub(crate) struct KeyRing {
    registrar: Issuer,
    keys: KeySnapshot,
    /// Thumbprints of the log's own keys, which no provider can have.
    reserved: HashSet<Kid>,
    /// The log's keys that are in use, and the receipts'.
    log_keys: HashSet<Kid>,
    receipt_keys: HashSet<Kid>,
    /// Every key that was ever named for receipts, in the order of the log.
    receipts: Vec<PublicKey>,
    /// The genesis and what changed its keys, in the order of the log.
    changes: Vec<Change>,
    providers: BTreeMap<Issuer, Provider>,
}

impl KeyRing {
    /// Before the first entry.
    pub(crate) fn new(registrar: Issuer) -> KeyRing {
        KeyRing {
            registrar,
            keys: KeySnapshot::default(),
            reserved: HashSet::new(),
            log_keys: HashSet::new(),
            receipt_keys: HashSet::new(),
            receipts: Vec::new(),
            changes: Vec::new(),
            providers: BTreeMap::new(),
        }
    }

    pub(crate) fn keys(&self) -> &KeySnapshot {
        &self.keys
    }

    pub(crate) fn providers(&self) -> &BTreeMap<Issuer, Provider> {
        &self.providers
    }

    pub(crate) fn receipts(&self) -> &[PublicKey] {
        &self.receipts
    }

    /// The key of that thumbprint if it may sign an entry at that index.
    pub(crate) fn key_at(&self, kid: &Kid, index: LeafIndex) -> Option<&EnrolledKey> {
        self.keys.get(kid).filter(|key| key.is_valid_at(index))
    }

    /// The keys that the newest entry which names any names for checkpoints.
    pub(crate) fn log_vkeys(&self) -> &[Vkey] {
        let named = self.changes.iter().rev().map(|change| change.log_keys.as_slice());
        named.into_iter().find(|vkeys| !vkeys.is_empty()).unwrap_or_default()
    }

    /// The lists of keys for checkpoints, in the order of the log.
    pub(crate) fn log_key_lists(&self) -> impl Iterator<Item = &[Vkey]> + Clone {
        self.changes.iter().map(|change| change.log_keys.as_slice()).filter(|list| !list.is_empty())
    }

    /// Whether the genesis or a change ever named a key for checkpoints.
    pub(crate) fn named_log_key(&self, log: &Vkey) -> bool {
        self.changes.iter().any(|change| change.log_keys.contains(log))
    }

    /// The `keys` entries that a receipt needs: those that lead to the registrar's key that was in use before `anchor`
    /// (the enrolment, or the registrar's own statement), and the first that names `log`, where the genesis does not,
    /// with those that lead to it. Leading are a change of the key, and what announced it where no change did.
    pub(crate) fn chain_to(&self, anchor: LeafIndex, log: &Vkey) -> Vec<LeafIndex> {
        let [_, changes @ ..] = self.changes.as_slice() else { return Vec::new() };
        let naming = self.changes.iter().find(|change| change.log_keys.contains(log));
        let naming = naming.map(|change| change.index).filter(|index| *index != LeafIndex::ZERO);
        let end = naming.map_or(anchor, |index| index.max(anchor));
        let next = changes.iter().skip(1).map(Some).chain([None]);
        let leads = |change: &Change, next: Option<&Change>| match change.brings_key {
            true => change.index < end,
            false => next.is_some_and(|next| next.brings_key && next.index <= end),
        };
        let needed = changes
            .iter()
            .zip(next)
            .filter(|(change, next)| Some(change.index) == naming || leads(change, *next));
        needed.map(|(change, _)| change.index).collect()
    }

    /// Everything but the evidence.
    pub(crate) fn check_request(&self, origin: &Origin, payload: &Payload) -> Result<NewKey, RegistryError> {
        let new = NewKey::read(payload)?;
        if self.is_known(&new.kid) {
            return Err(RegistryError::AlreadyEnrolled(new.kid));
        }
        if new.provider == self.registrar {
            return Err(RegistryError::Enrolment("provider: the registrar is not a provider"));
        }
        new.check_request(origin)?;
        Ok(new)
    }

    pub(crate) fn check_enrolment(
        &self,
        index: LeafIndex,
        origin: &Origin,
        payload: &Payload,
    ) -> Result<(), RegistryError> {
        self.check_request(origin, payload)?.check_evidence(|kid| self.key_at(kid, index))
    }

    /// A provider's key ends by the word of its owner or of the registrar.
    pub(crate) fn check_retirement(
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

    /// A change of the log's own keys: new ones are new, those in use may be repeated, and what is announced may be
    /// announced again where nothing took its place.
    pub(crate) fn check_change(&self, statement: &Statement, origin: &Origin) -> Result<(), RegistryError> {
        let payload = statement.payload();
        if payload.field(FieldName::LOG_VKEYS).is_some() && !enrolment_check::are_log_keys(payload, origin) {
            return Err(RegistryError::Enrolment(
                "log_vkeys: not Ed25519 and ML-DSA-44 keys named by the origin, one of Ed25519 at least",
            ));
        }
        let takes_place = payload.field(FieldName::REGISTRAR_KEY).is_some();
        let again = |kid: &Kid| !takes_place && Some(*kid) == self.keys.announced;
        let next = enrolment_check::next_registrar(payload).filter(|kid| !again(kid));
        let in_use = |kid: &Kid| self.log_keys.contains(kid) || self.receipt_keys.contains(kid);
        let brought = enrolment_check::own_kids(payload).filter(|kid| !in_use(kid));
        let signer = Some(*statement.kid());
        match next.into_iter().chain(brought).find(|kid| self.is_known(kid) || Some(*kid) == signer) {
            Some(kid) => Err(RegistryError::AlreadyEnrolled(kid)),
            None => Ok(()),
        }
    }

    fn is_known(&self, kid: &Kid) -> bool {
        self.keys.get(kid).is_some() || self.reserved.contains(kid)
    }

    pub(crate) fn take_genesis(&mut self, statement: &Statement) -> Result<(), RegistryError> {
        let key = genesis_key(statement)?;
        self.take_registrar_key(key, LeafIndex::ZERO);
        self.take_own_keys(LeafIndex::ZERO, statement.payload());
        Ok(())
    }

    pub(crate) fn take_enrolment(
        &mut self,
        index: LeafIndex,
        payload: &Payload,
    ) -> Result<(), RegistryError> {
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
            key: KnownKey::new(new.key),
            owner: new.provider,
            roles: new.roles,
            enrolled_at: index,
            retired_at: None,
        });
        Ok(())
    }

    pub(crate) fn take_retirement(&mut self, index: LeafIndex, payload: &Payload) {
        let ended = retired_key(payload).ok().and_then(|(_, kid)| self.keys.get(&kid).cloned());
        if let Some(mut key) = ended {
            key.retired_at = Some(index);
            self.keys.insert(key);
        }
    }

    pub(crate) fn take_change(
        &mut self,
        index: LeafIndex,
        statement: &Statement,
    ) -> Result<(), RegistryError> {
        if let Some(key) = successor(statement)? {
            let current = |key: &&EnrolledKey| key.owner == self.registrar && key.retired_at.is_none();
            let ended: Vec<EnrolledKey> = self.keys.iter().filter(current).cloned().collect();
            for mut old in ended {
                old.retired_at = Some(index);
                self.keys.insert(old);
            }
            self.take_registrar_key(key, index);
        }
        self.take_own_keys(index, statement.payload());
        Ok(())
    }

    fn take_registrar_key(&mut self, key: PublicKey, index: LeafIndex) {
        self.keys.insert(EnrolledKey {
            key: KnownKey::new(key),
            owner: self.registrar.clone(),
            roles: Vec::new(),
            enrolled_at: index,
            retired_at: None,
        });
    }

    /// What a genesis or a change names for the log itself: no provider can have one of these keys, ever.
    fn take_own_keys(&mut self, index: LeafIndex, payload: &Payload) {
        self.changes.push(Change {
            index,
            brings_key: payload.field(FieldName::REGISTRAR_KEY).is_some(),
            log_keys: enrolment_check::log_keys(payload).to_vec(),
        });
        self.keys.announced = enrolment_check::next_registrar(payload);
        if let Some(kids) = enrolment_check::log_kids(payload) {
            self.log_keys = kids;
        }
        if let Some(kids) = enrolment_check::receipt_kids(payload) {
            self.receipt_keys = kids;
        }
        for key in enrolment_check::receipt_keys(payload) {
            if !self.receipts.contains(&key) {
                self.receipts.push(key);
            }
        }
        self.reserved.extend(enrolment_check::own_kids(payload));
        self.reserved.extend(self.keys.announced);
    }
}

/// The registrar's new key, if the statement changes it; the type, which is looked at first, rules out most.
pub(crate) fn successor(statement: &Statement) -> Result<Option<PublicKey>, RegistryError> {
    let keys = Some(statement.payload()).filter(|payload| payload.kind() == StatementType::Keys);
    match keys.and_then(|payload| payload.field(FieldName::REGISTRAR_KEY)) {
        Some(FieldValue::CoseKey(key)) => read_key(key).map(Some),
        _ => Ok(None),
    }
}

fn read_key(key: &CoseKey) -> Result<PublicKey, RegistryError> {
    PublicKey::from_cose(key.as_bytes()).map_err(RegistryError::WeakKey)
}

/// The key that a genesis brings.
pub(crate) fn genesis_key(statement: &Statement) -> Result<PublicKey, RegistryError> {
    match statement.payload().field(FieldName::REGISTRAR_KEY) {
        Some(FieldValue::CoseKey(key)) => read_key(key),
        _ => Err(RegistryError::Genesis("entry 0 is a genesis")),
    }
}

fn retired_key(payload: &Payload) -> Result<(&Issuer, Kid), RegistryError> {
    match (payload.provider(), payload.field(FieldName::KID)) {
        (Some(provider), Some(FieldValue::Digest(kid))) => Ok((provider, Kid::from_bytes(*kid.as_bytes()))),
        // A payload of this type has both.
        _ => Err(RegistryError::Enrolment("provider and kid: missing")),
    }
}
