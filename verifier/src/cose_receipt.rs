//! COSE receipts (RFC 9942) over the verifiable data structure 1, RFC9162_SHA256: that an entry is in the log's tree, or
//! that the log's tree grew out of an older one.
//!
//! A receipt is a COSE_Sign1 whose payload, the tree's root, is detached: whoever checks it computes the root from what he
//! holds and from the proof, and asks whether the log's receipt key signed that root. Only the root is signed. Tree size
//! and index stand in the unprotected header, and several pairs of them lead to one root: a receipt proves membership, and
//! no place.

use crate::bounds::COSE_RECEIPT_MAX;
use crate::cbor::{self, CborErrorKind, Item, Walker};
use crate::consistency::{ConsistencyProof, root_after};
use crate::cose::{self, SIGN1_HEAD, put_bytes};
use crate::cose_receipt_error::CoseReceiptError;
use crate::hash::{LeafHash, NodeHash, RootHash};
use crate::head::OldTree;
use crate::inclusion::{InclusionProof, root_of};
use crate::key::{Kid, PublicKey, SIGNATURE_LEN};
use crate::origin::Origin;
use crate::size::{LeafIndex, TreeSize};
use crate::statement::Algorithm;
use crate::subject::Subject;

/// Header label of the receipts of a statement (RFC 9942 §2).
pub const RECEIPTS: i128 = 394;

/// Header label of the verifiable data structure, protected.
const VDS: i128 = 395;

/// Header label of its proofs, unprotected.
const VDP: i128 = 396;

/// RFC9162_SHA256, the tree of this log.
const RFC9162_SHA256: i128 = 1;

/// Key of the inclusion proofs under [`VDP`].
const INCLUSION: i128 = -1;

/// Key of the consistency proofs under [`VDP`].
const CONSISTENCY: i128 = -2;

/// The detached payload: null, the only one that any format of ours has.
const DETACHED: [u8; 1] = [0xf6];

/// What a receipt proves, as it says itself. No path is empty: a log of one entry gives no receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptProof {
    /// An entry is in a tree.
    Inclusion {
        /// Leaves of the tree, at least 2. Not signed.
        size: TreeSize,
        /// The entry's place, below `size`. Not signed.
        index: LeafIndex,
        /// From the leaf up; at least one hash.
        path: InclusionProof,
    },
    /// A tree grew out of an older one.
    Consistency {
        /// Leaves of the older tree, at least 1.
        from: TreeSize,
        /// Leaves of the newer tree, more than `from`.
        to: TreeSize,
        /// In the order of RFC 6962 §2.1.2; at least one hash.
        path: ConsistencyProof,
    },
}

impl ReceiptProof {
    /// The bounds that the forms have beside those of the types.
    fn check(&self) -> Result<(), CoseReceiptError> {
        let (in_range, hashes) = match self {
            ReceiptProof::Inclusion { size, index, path } => (index.is_in(*size), path.hashes().len()),
            ReceiptProof::Consistency { from, to, path } => {
                (from.get() > 0 && from < to, path.hashes().len())
            }
        };
        if !in_range {
            return Err(CoseReceiptError::Range(
                "the index is not below the size, or the sizes do not ascend from 1",
            ));
        }
        if hashes == 0 {
            return Err(crate::inclusion::ProofError::WrongLength.into());
        }
        Ok(())
    }

    /// `{-1: [proof]}` or `{-2: [proof]}`, the proof in a byte string.
    fn to_item(&self) -> Item {
        let (key, first, second, hashes) = match self {
            ReceiptProof::Inclusion { size, index, path } => {
                (INCLUSION, size.get(), index.get(), path.hashes())
            }
            ReceiptProof::Consistency { from, to, path } => {
                (CONSISTENCY, from.get(), to.get(), path.hashes())
            }
        };
        let path = hashes.iter().map(|hash| Item::bytes(hash.as_bytes().to_vec())).collect();
        let number = |n: u64| Item::Integer(i128::from(n));
        let proof = cbor::encode(&Item::Array(vec![number(first), number(second), Item::Array(path)]));
        Item::Map(vec![(Item::Integer(key), Item::Array(vec![Item::bytes(proof)]))])
    }

    fn read(item: &Item) -> Result<ReceiptProof, CoseReceiptError> {
        let form = CoseReceiptError::Form("not {-1 or -2: [one proof in a byte string]} under label 396");
        let [(Item::Integer(key), Item::Array(proofs))] = item.as_map().unwrap_or_default() else {
            return Err(form);
        };
        let [Item::Bytes(proof)] = proofs.as_slice() else { return Err(form) };
        let proof = cbor::decode(proof)?;
        let parts = match proof.as_array() {
            Some([first, second, path]) => first.as_unsigned().zip(second.as_unsigned()).zip(path.as_array()),
            _ => None,
        };
        let ((first, second), path) =
            parts.ok_or(CoseReceiptError::Form("a proof is not [number, number, [hash, ...]]"))?;
        let hashes = path.iter().map(|hash| Some(NodeHash::from_bytes(hash.as_bytes()?.try_into().ok()?)));
        let hashes: Option<Vec<NodeHash>> = hashes.collect();
        let hashes = hashes.ok_or(CoseReceiptError::Form("a hash of a path is not 32 bytes"))?;
        let beyond = |_| CoseReceiptError::Range("a tree has at most 2^53 - 1 leaves");
        let proof = match *key {
            INCLUSION => ReceiptProof::Inclusion {
                size: TreeSize::new(first).map_err(beyond)?,
                index: LeafIndex::new(second).map_err(beyond)?,
                path: InclusionProof::new(hashes)?,
            },
            CONSISTENCY => ReceiptProof::Consistency {
                from: TreeSize::new(first).map_err(beyond)?,
                to: TreeSize::new(second).map_err(beyond)?,
                path: ConsistencyProof::new(hashes)?,
            },
            _ => return Err(form),
        };
        proof.check()?;
        Ok(proof)
    }
}

/// A receipt of the right form. Its signature is not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoseReceipt {
    algorithm: Algorithm,
    kid: Kid,
    origin: Origin,
    proof: ReceiptProof,
    signature: [u8; SIGNATURE_LEN],
}

impl CoseReceipt {
    /// What the log signs for a root: with algorithm −8, under the receipt key of that thumbprint.
    pub fn to_sign(kid: &Kid, origin: &Origin, root: &RootHash) -> Vec<u8> {
        cose::sig_structure(&encode_protected(Algorithm::EdDsa, kid, origin), root.as_bytes())
    }

    /// Joins a proof and the signature over [`CoseReceipt::to_sign`].
    ///
    /// # Errors
    ///
    /// A proof that no receipt can have: with an empty path, or with an index or sizes out of range.
    pub fn new(
        kid: Kid,
        origin: Origin,
        proof: ReceiptProof,
        signature: [u8; SIGNATURE_LEN],
    ) -> Result<CoseReceipt, CoseReceiptError> {
        proof.check()?;
        Ok(CoseReceipt { algorithm: Algorithm::EdDsa, kid, origin, proof, signature })
    }

    /// Reads a receipt in its one spelling, of at most 4,096 bytes.
    pub fn parse(bytes: &[u8]) -> Result<CoseReceipt, CoseReceiptError> {
        if bytes.len() > COSE_RECEIPT_MAX {
            return Err(CoseReceiptError::Form("more than 4096 bytes"));
        }
        let mut walker = Walker::new(bytes);
        walker.literal(&SIGN1_HEAD)?;
        let protected = walker.bytes()?;
        let unprotected = cbor::decode(walker.skip()?)?;
        walker.literal(&DETACHED)?;
        let signature = *walker.bytes_of()?;
        walker.finish()?;
        let (algorithm, kid, origin) = parse_protected(protected)?;
        let [(Item::Integer(VDP), proofs)] = unprotected.as_map().unwrap_or_default() else {
            return Err(CoseReceiptError::Form("the unprotected header is not {396: proofs}"));
        };
        let receipt = CoseReceipt { algorithm, kid, origin, proof: ReceiptProof::read(proofs)?, signature };
        if receipt.encode() != bytes {
            return Err(cbor::CborError::new(CborErrorKind::Respelled, 0).into());
        }
        Ok(receipt)
    }

    /// The bytes that [`CoseReceipt::parse`] reads.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = SIGN1_HEAD.to_vec();
        put_bytes(&mut out, &encode_protected(self.algorithm, &self.kid, &self.origin));
        let unprotected = Item::Map(vec![(Item::Integer(VDP), self.proof.to_item())]);
        out.extend_from_slice(&cbor::encode(&unprotected));
        out.extend_from_slice(&DETACHED);
        put_bytes(&mut out, &self.signature);
        out
    }

    /// The log that it is of, by its own word until it was verified.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Which key signed it, by its own word.
    pub fn kid(&self) -> &Kid {
        &self.kid
    }

    /// What it proves, by its own word.
    pub fn proof(&self) -> &ReceiptProof {
        &self.proof
    }

    /// Checks that the log signed a tree with this leaf in it: computes the root, then asks for the signature. `keys` are
    /// the receipt keys that the caller trusts for this log. The answer is the root.
    pub fn verify_inclusion(
        &self,
        leaf: &LeafHash,
        keys: &[PublicKey],
    ) -> Result<RootHash, CoseReceiptError> {
        let ReceiptProof::Inclusion { size, index, path } = &self.proof else {
            return Err(CoseReceiptError::OtherProof("that a tree grew, and not that an entry is in one"));
        };
        let root = root_of(leaf, *index, *size, path)?;
        self.check_signature(&root, keys)?;
        Ok(root)
    }

    /// Checks that the log signed a tree that grew out of `old`, which the caller has already. The answer is the newer
    /// tree's root; its size stands in the receipt unsigned, as the index of an entry does.
    pub fn verify_consistency(
        &self,
        old: &OldTree,
        keys: &[PublicKey],
    ) -> Result<RootHash, CoseReceiptError> {
        let ReceiptProof::Consistency { from, to, path } = &self.proof else {
            return Err(CoseReceiptError::OtherProof("that an entry is in a tree, and not that one grew"));
        };
        if *from != old.0.size() {
            return Err(CoseReceiptError::Range(
                "it begins with a tree of another size than the one at hand",
            ));
        }
        let root = root_after(old, *to, path)?;
        self.check_signature(&root, keys)?;
        Ok(root)
    }

    fn check_signature(&self, root: &RootHash, keys: &[PublicKey]) -> Result<(), CoseReceiptError> {
        let key = keys.iter().find(|key| key.kid() == self.kid);
        let key = key.ok_or(CoseReceiptError::UnknownKey(self.kid))?;
        let protected = encode_protected(self.algorithm, &self.kid, &self.origin);
        let signed = cose::sig_structure(&protected, root.as_bytes());
        key.verify(&signed, &self.signature).map_err(CoseReceiptError::Signature)
    }
}

/// `{1: alg, 4: kid, 15: {1: iss, 2: sub}, 395: 1}`. The claims name the log and nothing else: a receipt tells nobody what
/// its statement is about.
fn encode_protected(algorithm: Algorithm, kid: &Kid, origin: &Origin) -> Vec<u8> {
    let claims = Item::Map(vec![
        (Item::Integer(1), Item::text(origin.registrar_issuer())),
        (Item::Integer(2), Item::text(Subject::log(origin).as_str().to_owned())),
    ]);
    cbor::encode(&Item::Map(vec![
        (Item::Integer(1), Item::Integer(algorithm.number())),
        (Item::Integer(4), Item::bytes(kid.as_bytes().to_vec())),
        (Item::Integer(15), claims),
        (Item::Integer(VDS), Item::Integer(RFC9162_SHA256)),
    ]))
}

fn parse_protected(bytes: &[u8]) -> Result<(Algorithm, Kid, Origin), CoseReceiptError> {
    let header = cbor::decode(bytes)?;
    let pairs = header.as_map().ok_or(CoseReceiptError::Form("the protected header is not a map"))?;
    let value = |label: i128| pairs.iter().find(|(key, _)| *key == Item::Integer(label)).map(|(_, v)| v);
    // The data structure comes first: what another one puts beside it is not ours to judge.
    match value(VDS) {
        Some(Item::Integer(RFC9162_SHA256)) => {}
        Some(Item::Integer(other)) => return Err(CoseReceiptError::NotUnderstood(*other)),
        _ => {
            return Err(CoseReceiptError::Form("no verifiable data structure (395) in the protected header"));
        }
    }
    let algorithm = match value(1) {
        Some(Item::Integer(number)) => {
            Algorithm::find(*number).ok_or(CoseReceiptError::Algorithm(*number))?
        }
        _ => return Err(CoseReceiptError::Form("no algorithm (1)")),
    };
    let kid = value(4).and_then(Item::as_bytes).and_then(|kid| kid.try_into().ok());
    let kid = Kid::from_bytes(kid.ok_or(CoseReceiptError::Form("the kid (4) is not 32 bytes"))?);
    let claims = CoseReceiptError::Form("the claims (15) are not {1: the log's issuer, 2: the log}");
    let [(Item::Integer(1), Item::Text(iss)), (Item::Integer(2), Item::Text(_))] =
        value(15).and_then(Item::as_map).unwrap_or_default()
    else {
        return Err(claims);
    };
    let origin = iss.strip_prefix("https://").and_then(|origin| Origin::parse(origin).ok()).ok_or(claims)?;
    // Another sub, and other labels, are seen where the whole is written again.
    if encode_protected(algorithm, &kid, &origin) != bytes {
        return Err(CoseReceiptError::Form("the protected header is not {1, 4, 15: {1, 2}, 395} of one log"));
    }
    Ok((algorithm, kid, origin))
}
