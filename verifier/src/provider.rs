//! A provider as the log knows it, and its keys.

use crate::codes::Code;
use crate::issuer::Issuer;
use crate::key::{Kid, PublicKey};
use crate::known_key::KnownKey;
use crate::size::LeafIndex;
use crate::snapshot::stored;

/// A key that the log admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolledKey {
    pub(crate) key: KnownKey,
    pub(crate) owner: Issuer,
    pub(crate) roles: Vec<Code>,
    pub(crate) enrolled_at: LeafIndex,
    pub(crate) retired_at: Option<LeafIndex>,
}

stored!(EnrolledKey { key, owner, roles, enrolled_at, retired_at });

impl EnrolledKey {
    /// The key.
    pub fn key(&self) -> &PublicKey {
        self.key.key()
    }

    /// The key with what was learnt by using it: to check many statements with.
    pub fn known(&self) -> &KnownKey {
        &self.key
    }

    /// Its thumbprint.
    pub fn kid(&self) -> Kid {
        self.key.kid()
    }

    /// Whose statements it signs.
    pub fn owner(&self) -> &Issuer {
        &self.owner
    }

    /// In which roles its owner may act with it: codes of `provider_role`; none for the registrar.
    pub fn roles(&self) -> &[Code] {
        &self.roles
    }

    /// The entry that admitted it; it signs entries above.
    pub fn enrolled_at(&self) -> LeafIndex {
        self.enrolled_at
    }

    /// The entry that ended it, if any; it signs no entry above.
    pub fn retired_at(&self) -> Option<LeafIndex> {
        self.retired_at
    }

    /// Whether the key was admitted and not ended when that entry was made. The registrar's first key is brought by
    /// the entry that it signs, the genesis.
    pub fn is_valid_at(&self, index: LeafIndex) -> bool {
        let admitted = self.enrolled_at < index || self.enrolled_at == LeafIndex::ZERO;
        admitted && self.retired_at.is_none_or(|retired| index <= retired)
    }
}

/// A provider, by the registrar's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    pub(crate) issuer: Issuer,
    pub(crate) name: String,
    pub(crate) country: Code,
    pub(crate) kids: Vec<Kid>,
    pub(crate) enrolled_at: LeafIndex,
}

stored!(Provider { issuer, name, country, kids, enrolled_at });

impl Provider {
    /// Its HTTPS origin, the `iss` of its statements.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The organisation's name in its newest enrolment.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it is established by its newest enrolment: a code of `country`.
    pub fn country(&self) -> Code {
        self.country
    }

    /// The thumbprints of all its keys, ended ones too, in the order of their enrolment.
    pub fn kids(&self) -> &[Kid] {
        &self.kids
    }

    /// The entry of its first enrolment.
    pub fn enrolled_at(&self) -> LeafIndex {
        self.enrolled_at
    }
}
