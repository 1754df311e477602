//! Checks what a Glasshouse ledger says: statements, entries, proofs, checkpoints and receipts.
//!
//! This crate has no input or output, no clock, no randomness and no trust in anyone. It believes bytes, the keys in a
//! policy, and arithmetic. Nothing that arrives makes it panic, overflow, or take memory without bound ([`bounds`]), and
//! everything that it accepts has one spelling: what was read is written again and compared.
//!
//! # The protocol
//!
//! A provider (a host, a registrar, a platform) signs each takedown. A ledger appends what was signed to a list that
//! never shrinks and signs the list's state. Anyone can check, offline, that a decision is on record.
//!
//! 1. A **statement** ([`statement`]) is a COSE_Sign1 (RFC 9052): who says it (`iss`), about what (`sub`), to which log
//!    (`aud`), when (`iat`), and a [`payload`] of coded fields. An issuer numbers its statements in a log 1, 2, 3 …
//!    ([`sequence`]), so that a number that was given out and is missing can be seen.
//! 2. Free texts stand beside it, as **addenda** ([`addendum`]): the payload holds only the digest of each, over the text
//!    and a random salt. A text can be withheld or erased, and no proof changes.
//! 3. An **entry** ([`entry`]) is the statement and where in it the digests are. Its leaf hash is SHA-256(0x00 ‖ entry)
//!    ([`hash`]).
//! 4. The entries are the leaves of a Merkle tree (RFC 6962 §2.1). A **checkpoint** ([`checkpoint`]) is a signed [`note`]
//!    of three lines: the log's name ([`origin`]), the number of leaves ([`size`]), the root.
//! 5. **Witnesses** sign a checkpoint when it contains the one that they signed before ([`cosignature`]). A reader's
//!    [`policy`] names the log's key, the witnesses, and how many of them must have signed.
//! 6. An [`inclusion`] proof shows that a leaf is in the tree of a checkpoint, a [`consistency`] proof that a newer tree
//!    begins with an older one. Each has exactly one length.
//! 7. Entry 0 is the registrar's **genesis**. The registrar enrols a provider's key in an entry before the first one that
//!    the key signs. [`registry`] replays this order.
//! 8. A **receipt** ([`receipt`]) is one file with all that is needed: the checkpoint, the statement's entry, the genesis,
//!    the registrar's changes of keys and the enrolment, each with its proof, and the texts. [`proved`] says what it proves, and what it does not.
//! 9. For programs that know SCITT (RFC 9943), the log signs a [`cose_receipt`] with a key of its own: that an entry is in
//!    its tree, or that its tree grew. A statement that carries such receipts is a [`transparent`] one.
//! 10. A reader that follows a log keeps a [`view`]. If the log signs two histories, rewrites an entry or admits a bad one, or
//!     a provider signs two statements under one number, the reader gets [`evidence`] that convinces anyone who knows the
//!     log's key.
//!
//! An unknown version or type is a verdict of its own, *not understood*: neither good nor a lie.
//!
//! # Example
//!
//! Is this entry on record? The proof file came from the log or from anyone; the key was known before.
//!
//! ```
//! use glasshouse_verifier::hash::LeafHash;
//! use glasshouse_verifier::policy::Policy;
//! use glasshouse_verifier::tlog_proof::TlogProof;
//! use glasshouse_verifier::vkey::Vkey;
//!
//! let log = "log.example/takedowns+f8bc89f6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
//! let proof = "c2sp.org/tlog-proof@v1
//! index 3
//! ApjRIpBtz8EIkstTpzmS/FufST6kybrbJ7eRtBJ6f+c=
//! +sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=
//! a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=
//!
//! log.example/takedowns
//! 8
//! XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=
//!
//! — log.example/takedowns +LyJ9ugSSiaikaJBGFzeH0D1k/jLdi63S8727E0gwX6B8g7iZoUDZ81voAP+HegsoCEwO7uJeAe8Xv7ZVBS4pUTSRgk=
//! ";
//! let entry = [0x20, 0x21];
//!
//! let policy = Policy::of_log(Vkey::parse(log)?)?;
//! let proof = TlogProof::parse(proof)?;
//! let trusted = proof.verify(&LeafHash::of_entry(&entry), &policy)?;
//! assert_eq!(trusted.signed().head().size().get(), 8);
//!
//! let another = LeafHash::of_entry(b"another entry");
//! let refusal = proof.verify(&another, &policy).unwrap_err();
//! assert_eq!(refusal.to_string(), "the proof's hashes do not lead to the tree's root");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A receipt is checked the same way: [`receipt::Receipt::parse`], then [`receipt::Receipt::verify`] under a policy.

pub mod addendum;
pub mod addendum_value;
pub mod as_amended;
pub mod bad_entry;
pub mod bounds;
pub mod bundle;
pub mod cbor;
mod cbor_error;
pub mod checkpoint;
pub mod claims;
pub mod codes;
pub mod consistency;
pub mod cose;
pub mod cose_key;
pub mod cose_key_set;
pub mod cose_receipt;
pub mod cose_receipt_error;
pub mod cosignature;
#[cfg(feature = "data-set")]
pub mod data_set;
pub mod day;
pub mod double_statement;
pub mod embargoes;
mod enrolled_by;
mod enrolment_check;
pub mod enrolment_evidence;
pub mod entry;
pub mod entry_state;
pub mod evidence;
#[cfg(test)]
mod example;
pub mod fault;
pub mod field_map;
mod field_names;
mod field_table;
pub mod field_value;
pub mod fields;
mod fork;
pub mod frontier;
pub mod hash;
pub mod head;
pub mod inclusion;
pub mod instant;
pub mod issuer;
pub mod issuer_account;
mod item_map;
mod json_head;
pub mod key;
mod key_ring;
mod key_table;
pub mod known_key;
pub mod leaf_table;
pub mod legal_basis;
mod life_rules;
pub mod lives;
mod log_keys;
pub mod ml_dsa_key;
mod name_list;
pub mod names;
pub mod naming;
pub mod note;
mod number_set;
pub mod origin;
pub mod past;
pub mod payload;
mod payload_encoding;
pub mod payload_error;
mod payload_rules;
mod pointer;
pub mod policy;
pub mod policy_reader;
pub mod predecessor;
pub mod proved;
pub mod proved_entry;
pub mod provider;
mod reading;
pub mod receipt;
mod receipt_chain;
pub mod receipt_check;
pub mod receipt_error;
pub mod registry;
pub mod registry_error;
pub mod relates_to;
pub mod request;
pub mod rewritten_entry;
mod runs;
pub mod sealed;
pub mod sequence;
mod sequence_window;
pub mod signature_batch;
pub mod size;
pub mod snapshot;
mod sound_keys;
mod span_map;
pub mod statement;
mod statement_header;
pub mod statement_type;
pub mod statute;
pub mod subject;
mod subject_rule;
pub mod submission;
pub mod target_error;
pub mod targets;
mod text_rules;
pub mod tick_bounds;
pub mod tile;
pub mod tlog_proof;
pub mod transparent;
mod type_table;
pub mod view;
pub mod vkey;
pub mod vocabulary;
mod walker;
mod withdrawals;
pub mod withheld;
