//! SHA-256 values by what they are hashes of, and the two ways a tree makes them (RFC 6962 §2.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::fault::Fault;

/// A hash's text is not its one spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashTextError {
    /// Not 64 lower-case hexadecimal digits.
    #[error("a hash in hex is exactly 64 digits of 0-9 and a-f")]
    Hex,
    /// Not 32 bytes in canonical base64.
    #[error("a hash in base64 is exactly 32 bytes, standard alphabet, padded, unused bits zero")]
    Base64,
}

impl HashTextError {
    /// Whose fault it is.
    pub fn fault(self) -> Fault {
        Fault::HostileInput
    }
}

macro_rules! sha256_value {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// Takes 32 bytes as they are.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The 32 bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// 64 lower-case hexadecimal digits.
            pub fn to_hex(&self) -> String {
                hex::encode(self.0)
            }

            /// Reads 64 lower-case hexadecimal digits; upper case is refused, so that a value has one spelling.
            pub fn from_hex(text: &str) -> Result<Self, HashTextError> {
                let mut bytes = [0; 32];
                if text.len() != 64 || text.bytes().any(|b| b.is_ascii_uppercase()) {
                    return Err(HashTextError::Hex);
                }
                hex::decode_to_slice(text, &mut bytes).map_err(|_| HashTextError::Hex)?;
                Ok(Self(bytes))
            }

            /// 44 characters of padded standard base64 (RFC 4648 §4).
            pub fn to_base64(&self) -> String {
                STANDARD.encode(self.0)
            }

            /// Reads 44 characters of canonical base64 (RFC 4648 §4).
            pub fn from_base64(text: &str) -> Result<Self, HashTextError> {
                if text.len() != 44 {
                    return Err(HashTextError::Base64);
                }
                let bytes = STANDARD.decode(text).map_err(|_| HashTextError::Base64)?;
                Ok(Self(bytes.try_into().map_err(|_| HashTextError::Base64)?))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.to_hex())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.to_hex())
            }
        }
    };
}

sha256_value! {
    /// The digest of an addendum or a document: opaque here, never a node of the tree.
    Digest
}

sha256_value! {
    /// The hash of one entry as a leaf of the tree.
    LeafHash
}

sha256_value! {
    /// The hash of a node: of a leaf, or of everything under an inner node.
    NodeHash
}

sha256_value! {
    /// The hash of a whole tree, as a checkpoint states it.
    RootHash
}

impl Digest {
    /// SHA-256 of the bytes as they are.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl LeafHash {
    /// SHA-256(0x00 ‖ entry): the prefix keeps a leaf from being taken for an inner node (RFC 6962 §2.1).
    pub fn of_entry(entry: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update([0x00]);
        hash.update(entry);
        Self(hash.finalize().into())
    }

    /// The leaf as the lowest node of the tree.
    pub const fn to_node(self) -> NodeHash {
        NodeHash(self.0)
    }
}

impl NodeHash {
    /// SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1).
    pub fn join(left: &NodeHash, right: &NodeHash) -> Self {
        let mut hash = Sha256::new();
        hash.update([0x01]);
        hash.update(left.0);
        hash.update(right.0);
        Self(hash.finalize().into())
    }

    /// The node as the root of a tree that holds exactly what is under it.
    pub const fn to_root(self) -> RootHash {
        RootHash(self.0)
    }

    /// A node of tile level 0 is a leaf.
    pub const fn to_leaf(self) -> LeafHash {
        LeafHash(self.0)
    }
}

impl RootHash {
    /// The root of a tree without leaves: SHA-256 of nothing (RFC 6962 §2.1).
    pub fn empty() -> Self {
        Self(Sha256::digest([]).into())
    }

    /// The root as a node, to compare with or to climb from.
    pub const fn to_node(self) -> NodeHash {
        NodeHash(self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_hash_has_one_spelling() {
        let hash = RootHash::empty();
        assert_eq!(hash.to_base64(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(RootHash::from_hex(&hash.to_hex()), Ok(hash));
        assert_eq!(RootHash::from_base64(&hash.to_base64()), Ok(hash));
        assert_eq!(RootHash::from_hex(&hash.to_hex().to_uppercase()), Err(HashTextError::Hex));
        for wrong in [
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=", // an unused bit set
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
            "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=",
        ] {
            assert_eq!(RootHash::from_base64(wrong), Err(HashTextError::Base64), "{wrong}");
        }
    }
}
