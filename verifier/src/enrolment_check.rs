//! What an enrolment and a genesis say about keys, and whether a request and its evidence bear it out.

use std::collections::HashSet;

use crate::codes::Code;
use crate::cose_key::CoseKey;
use crate::enrolment_evidence::Evidence;
use crate::field_value::FieldValue;
use crate::fields::FieldName;
use crate::issuer::Issuer;
use crate::key::{Kid, PublicKey};
use crate::origin::Origin;
use crate::payload::Payload;
use crate::provider::EnrolledKey;
use crate::registry_error::RegistryError;
use crate::request::{EnrolmentRequest, RequestError, SignedRequest};
use crate::vkey::{Vkey, VkeyKind};

/// The key that an enrolment admits.
pub(crate) struct NewKey {
    pub(crate) provider: Issuer,
    pub(crate) name: String,
    pub(crate) country: Code,
    pub(crate) roles: Vec<Code>,
    pub(crate) key: PublicKey,
    pub(crate) kid: Kid,
    request: Vec<u8>,
    evidence: Option<Evidence>,
}

impl NewKey {
    /// Takes the fields of an enrolment out of its payload; the key must be a good one.
    pub(crate) fn read(payload: &Payload) -> Result<NewKey, RegistryError> {
        // A payload of this type has every required field in its form.
        let incomplete = RegistryError::Enrolment("enrolment: a field is missing");
        let field = |name| payload.field(name);
        let (
            Some(FieldValue::Issuer(provider)),
            Some(FieldValue::Name(name)),
            Some(FieldValue::Code(country)),
            Some(FieldValue::CoseKey(cose_key)),
            Some(FieldValue::CoseSign1(request)),
        ) = (
            field(FieldName::PROVIDER),
            field(FieldName::NAME),
            field(FieldName::COUNTRY),
            field(FieldName::KEY),
            field(FieldName::REQUEST),
        )
        else {
            return Err(incomplete);
        };
        let key = PublicKey::from_cose(cose_key.as_bytes()).map_err(RegistryError::WeakKey)?;
        let evidence = match field(FieldName::EVIDENCE) {
            Some(FieldValue::Evidence(evidence)) => Some(evidence.clone()),
            _ => None,
        };
        Ok(NewKey {
            provider: provider.clone(),
            name: name.clone(),
            country: *country,
            roles: payload.codes(FieldName::ROLES).to_vec(),
            key,
            kid: key.kid(),
            request: request.clone(),
            evidence,
        })
    }

    /// Possession and consent: the request is signed by the key itself, to this log, for this provider.
    pub(crate) fn check_request(&self, origin: &Origin) -> Result<(), RegistryError> {
        let request = EnrolmentRequest::parse(&self.request).map_err(RegistryError::Request)?;
        request.check(origin, &self.provider).map_err(RegistryError::Request)?;
        if request.key != self.key {
            return Err(RegistryError::Enrolment("request: made for another key"));
        }
        Ok(())
    }

    /// Evidence that can be checked here: the same request, signed by a key of that provider that is not retired. What
    /// stood at the provider's address is for those to judge who can ask it.
    pub(crate) fn check_evidence<'k>(
        &self,
        valid_key: impl FnOnce(&Kid) -> Option<&'k EnrolledKey>,
    ) -> Result<(), RegistryError> {
        let Some(Evidence::Cosigned(cosigned)) = &self.evidence else {
            return Ok(());
        };
        let refused = |error: RequestError| RegistryError::Request(error);
        let cosigned = SignedRequest::parse(cosigned).map_err(refused)?;
        let request = SignedRequest::parse(&self.request).map_err(refused)?;
        if cosigned.request() != request.request() {
            return Err(RegistryError::Enrolment("evidence: another request was signed"));
        }
        let signer = valid_key(cosigned.signer()).filter(|key| key.owner == self.provider);
        let signer = signer.ok_or(RegistryError::Enrolment("evidence: no key of that provider signed"))?;
        cosigned.verify(signer.key()).map_err(|error| refused(RequestError::Signature(error)))
    }
}

/// The keys that a genesis or a change of keys names for checkpoints.
pub(crate) fn log_keys(payload: &Payload) -> &[Vkey] {
    match payload.field(FieldName::LOG_VKEYS) {
        Some(FieldValue::Vkeys(vkeys)) => vkeys,
        _ => &[],
    }
}

/// Whether the keys that a genesis names for the log are Ed25519 and ML-DSA-44 keys under the log's name, one of Ed25519 at
/// least.
pub(crate) fn are_log_keys(payload: &Payload, origin: &Origin) -> bool {
    let vkeys = log_keys(payload);
    vkeys.iter().all(|vkey| vkey.kind() != VkeyKind::Cosignature && vkey.name() == origin.as_str())
        && vkeys.iter().any(|vkey| vkey.kind() == VkeyKind::Ed25519)
}

/// The keys that a genesis or a change of keys names for checkpoints; `None` if it leaves them as they are.
pub(crate) fn log_kids(payload: &Payload) -> Option<HashSet<Kid>> {
    match payload.field(FieldName::LOG_VKEYS) {
        Some(FieldValue::Vkeys(vkeys)) => Some(vkeys.iter().map(|vkey| vkey.fingerprint()).collect()),
        _ => None,
    }
}

/// The keys that it names for receipts; `None` if it leaves them as they are.
pub(crate) fn receipt_kids(payload: &Payload) -> Option<HashSet<Kid>> {
    match payload.field(FieldName::RECEIPT_KEYS) {
        Some(FieldValue::CoseKeys(keys)) => Some(keys.iter().map(CoseKey::thumbprint).collect()),
        _ => None,
    }
}

/// The same as keys, without those that nothing can be checked with.
pub(crate) fn receipt_keys(payload: &Payload) -> impl Iterator<Item = PublicKey> {
    let keys = match payload.field(FieldName::RECEIPT_KEYS) {
        Some(FieldValue::CoseKeys(keys)) => keys.as_slice(),
        _ => &[],
    };
    keys.iter().filter_map(|key| PublicKey::from_cose(key.as_bytes()).ok())
}

/// Both.
pub(crate) fn own_kids(payload: &Payload) -> impl Iterator<Item = Kid> {
    log_kids(payload).into_iter().chain(receipt_kids(payload)).flatten()
}

/// The registrar's next key, as it is announced.
pub(crate) fn next_registrar(payload: &Payload) -> Option<Kid> {
    match payload.field(FieldName::NEXT_REGISTRAR_KID) {
        Some(FieldValue::Digest(next)) => Some(Kid::from_bytes(*next.as_bytes())),
        _ => None,
    }
}
