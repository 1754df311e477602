//! What a registrar says, and what a provider says about its own numbers and keys: drafts of the life-cycle statements.

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::key::{Kid, PublicKey};
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::targets::Target;

use crate::draft::{Draft, map_item};

/// Why the registrar believed an enrolment request (design §3.5). Without any, auditors list the enrolment as the
/// registrar's word only.
#[derive(Debug, Clone)]
pub enum Evidence {
    /// The same request, signed by another key of that provider: the COSE_Sign1.
    Cosigned(Vec<u8>),
    /// `https://<provider>/.well-known/glasshouse.json` named the key.
    WellKnown {
        /// SHA-256 of the document.
        digest: [u8; 32],
        /// When it was fetched, in seconds since 1970 UTC.
        fetched_at: u64,
    },
}

/// A provider's key that is to be admitted.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The provider's HTTPS origin.
    pub provider: Issuer,
    /// The organisation's name, 1 to 200 characters.
    pub name: String,
    /// Codes of the set `provider_role`.
    pub roles: Vec<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The key.
    pub key: PublicKey,
    /// The enrolment request that the key signed: a COSE_Sign1.
    pub request: Vec<u8>,
    /// Why the registrar believed it.
    pub evidence: Option<Evidence>,
    /// How to reach the provider, in words.
    pub contact: Option<String>,
}

fn text(text: &str) -> Item {
    Item::text(text.to_owned())
}

impl Enrolment {
    /// The draft of the registrar's statement.
    pub fn draft(&self) -> Draft {
        let mut roles = self.roles.clone();
        roles.sort_unstable();
        roles.dedup();
        let roles = roles.into_iter().map(Item::text).collect();
        let mut draft = Draft::new(StatementType::Enrolment)
            .with_field(FieldName::PROVIDER, text(self.provider.as_str()))
            .with_field(FieldName::NAME, text(&self.name))
            .with_field(FieldName::ROLES, Item::Array(roles))
            .with_field(FieldName::COUNTRY, text(&self.country))
            .with_field(FieldName::KEY, Item::bytes(self.key.to_cose().to_vec()))
            .with_field(FieldName::REQUEST, Item::bytes(self.request.clone()));
        if let Some(evidence) = &self.evidence {
            draft = draft.with_field(FieldName::EVIDENCE, evidence.item());
        }
        match &self.contact {
            Some(contact) => draft.with_text(FieldName::CONTACT, text(contact)),
            None => draft,
        }
    }
}

impl Evidence {
    fn item(&self) -> Item {
        match self {
            Evidence::Cosigned(bytes) => map_item(vec![(text("cosigned"), Item::bytes(bytes.clone()))]),
            Evidence::WellKnown { digest, fetched_at } => map_item(vec![
                (text("well_known"), Item::bytes(digest.to_vec())),
                (text("fetched_at"), Item::Integer(i128::from(*fetched_at))),
            ]),
        }
    }
}

/// A key ends. `reason` is a code of the set `retirement_reason`; `suspect_from` (seconds since 1970 UTC) only with
/// `compromised`.
pub fn key_retirement(
    provider: &Issuer,
    kid: &Kid,
    reason: &str,
    suspect_from: Option<u64>,
    explanation: Option<&str>,
) -> Draft {
    let mut draft = Draft::new(StatementType::KeyRetirement)
        .with_field(FieldName::PROVIDER, text(provider.as_str()))
        .with_field(FieldName::KID, Item::bytes(kid.as_bytes().to_vec()))
        .with_field(FieldName::RETIREMENT_REASON, text(reason));
    if let Some(instant) = suspect_from {
        draft = draft.with_field(FieldName::SUSPECT_FROM, Item::Integer(i128::from(instant)));
    }
    match explanation {
        Some(words) => draft.with_text(FieldName::RETIREMENT_EXPLANATION, text(words)),
        None => draft,
    }
}

/// The numbers `first` to `last` of the signer will not be filed. `reason` is a code of the set `void_reason`.
pub fn void(first: u64, last: u64, reason: &str, explanation: Option<&str>) -> Draft {
    let draft = Draft::new(StatementType::Void)
        .with_field(FieldName::FIRST, Item::Integer(i128::from(first)))
        .with_field(FieldName::LAST, Item::Integer(i128::from(last)))
        .with_field(FieldName::VOID_REASON, text(reason));
    match explanation {
        Some(words) => draft.with_text(FieldName::VOID_EXPLANATION, text(words)),
        None => draft,
    }
}

/// A checkpoint of this log with its cosignatures, so that time stands in the log.
pub fn tick(note: &str) -> Draft {
    Draft::new(StatementType::Tick).with_field(FieldName::CHECKPOINT, text(note))
}

/// The registrar's key changes to the one that was announced, and the next one is announced. Signed by the new key.
pub fn key_change(key: &PublicKey, next: &Kid) -> Draft {
    Draft::new(StatementType::Keys)
        .with_field(FieldName::REGISTRAR_KEY, Item::bytes(key.to_cose().to_vec()))
        .with_field(FieldName::NEXT_REGISTRAR_KID, Item::bytes(next.as_bytes().to_vec()))
}

/// The rules of the log that hold from here on, in words of at most 65,536 characters.
pub fn policy(rules: &str, contact: Option<&str>) -> Draft {
    let draft = Draft::new(StatementType::Policy).with_text(FieldName::POLICY, text(rules));
    match contact {
        Some(words) => draft.with_text(FieldName::CONTACT, text(words)),
        None => draft,
    }
}

/// The log takes nothing more. `successor` is the log that goes on in its place.
pub fn closure(explanation: &str, successor: Option<&Origin>) -> Draft {
    let draft =
        Draft::new(StatementType::Closure).with_text(FieldName::CLOSURE_EXPLANATION, text(explanation));
    match successor {
        Some(origin) => draft.with_field(FieldName::SUCCESSOR, text(origin.as_str())),
        None => draft,
    }
}

/// A provider signed two statements under one number: the entry on record has that leaf hash, and `refused` is the other
/// one, whole.
pub fn conflict(provider: &Issuer, entry: &LeafHash, refused: &[u8]) -> Draft {
    let target = map_item(vec![(text("entry"), Item::bytes(entry.as_bytes().to_vec()))]);
    Draft::new(StatementType::Conflict)
        .with_field(FieldName::PROVIDER, text(provider.as_str()))
        .with_field(FieldName::TARGETS, Item::Array(vec![target]))
        .with_text(FieldName::REFUSED_STATEMENT, Item::bytes(refused.to_vec()))
}

/// Texts of a provider are erased.
#[derive(Debug, Clone)]
pub struct Redaction {
    /// Whose they are.
    pub provider: Issuer,
    /// Of which of its statements.
    pub targets: Vec<Target>,
    /// Which texts.
    pub fields: Vec<FieldName>,
    /// A code of the set `redaction_ground`.
    pub ground: String,
    /// A code of the set `requested_by`.
    pub requested_by: String,
    /// When the request came in, in seconds since 1970 UTC.
    pub request_received: Option<u64>,
    /// What a reader should know, in words.
    pub explanation: Option<String>,
}

impl Redaction {
    /// The draft of the registrar's statement. About a single entry it is signed with that entry's subject.
    pub fn draft(&self) -> Draft {
        let mut names: Vec<&str> = self.fields.iter().map(|field| field.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let mut draft = Draft::new(StatementType::Redaction)
            .with_targets(self.targets.iter().copied())
            .with_field(FieldName::PROVIDER, text(self.provider.as_str()))
            .with_field(FieldName::FIELDS, Item::Array(names.into_iter().map(text).collect()))
            .with_field(FieldName::REDACTION_GROUND, text(&self.ground))
            .with_field(FieldName::REQUESTED_BY, text(&self.requested_by));
        if let Some(instant) = self.request_received {
            draft = draft.with_field(FieldName::REQUEST_RECEIVED, Item::Integer(i128::from(instant)));
        }
        match &self.explanation {
            Some(words) => draft.with_text(FieldName::REDACTION_EXPLANATION, text(words)),
            None => draft,
        }
    }
}
