//! Runs every vector of `spec/vectors` through the verifier. The vectors are data: another program wrote them from the
//! same specifications, and neither side may bend to the other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "vectors/accumulated.rs"]
mod accumulated;
#[path = "vectors/case.rs"]
mod case;
#[path = "support/prover.rs"]
mod prover;

#[path = "vectors/addendum.rs"]
mod addendum;
#[path = "vectors/batch.rs"]
mod batch;
#[path = "vectors/bundle.rs"]
mod bundle;
#[path = "vectors/cbor.rs"]
mod cbor;
#[path = "vectors/checkpoint.rs"]
mod checkpoint;
#[path = "vectors/consistency.rs"]
mod consistency;
#[path = "vectors/cose_receipt.rs"]
mod cose_receipt;
#[path = "vectors/cosignature.rs"]
mod cosignature;
#[path = "vectors/entry.rs"]
mod entry;
#[path = "vectors/evidence.rs"]
mod evidence;
#[path = "vectors/inclusion.rs"]
mod inclusion;
#[path = "vectors/key.rs"]
mod key;
#[path = "vectors/lifecycle.rs"]
mod lifecycle;
#[path = "vectors/note.rs"]
mod note;
#[path = "vectors/payload.rs"]
mod payload;
#[path = "vectors/policy.rs"]
mod policy;
#[path = "vectors/random_proofs.rs"]
mod random_proofs;
#[path = "vectors/receipt.rs"]
mod receipt;
#[path = "vectors/registry.rs"]
mod registry;
#[path = "vectors/request.rs"]
mod request;
#[path = "vectors/statement.rs"]
mod statement;
#[path = "vectors/tile.rs"]
mod tile;
#[path = "vectors/tlog_proof.rs"]
mod tlog_proof;
#[path = "vectors/transparent_statement.rs"]
mod transparent_statement;

use case::{Family, run};

/// Each family, who judges it, and the fewest vectors that must be there: valid ones, invalid ones.
const FAMILIES: &[Family] = &[
    Family { name: "addendum", judge: addendum::judge, valid: 16, invalid: 83 },
    Family { name: "batch", judge: batch::judge, valid: 4, invalid: 20 },
    Family { name: "bundle", judge: bundle::judge, valid: 3, invalid: 9 },
    Family { name: "cbor", judge: cbor::judge, valid: 23, invalid: 61 },
    Family { name: "checkpoint", judge: checkpoint::judge, valid: 7, invalid: 24 },
    Family { name: "consistency", judge: consistency::judge, valid: 12, invalid: 20 },
    Family { name: "cose_receipt", judge: cose_receipt::judge, valid: 14, invalid: 112 },
    Family { name: "cosignature", judge: cosignature::judge, valid: 11, invalid: 47 },
    Family { name: "entry", judge: entry::judge, valid: 8, invalid: 16 },
    Family { name: "evidence", judge: evidence::judge, valid: 23, invalid: 114 },
    Family { name: "inclusion", judge: inclusion::judge, valid: 14, invalid: 23 },
    Family { name: "key", judge: key::judge, valid: 5, invalid: 30 },
    Family { name: "lifecycle", judge: lifecycle::judge, valid: 70, invalid: 0 },
    Family { name: "note", judge: note::judge, valid: 11, invalid: 54 },
    Family { name: "payload", judge: payload::judge, valid: 162, invalid: 515 },
    Family { name: "policy", judge: policy::judge, valid: 20, invalid: 63 },
    Family { name: "receipt", judge: receipt::judge, valid: 26, invalid: 146 },
    Family { name: "registry", judge: registry::judge, valid: 29, invalid: 138 },
    Family { name: "request", judge: request::judge, valid: 2, invalid: 29 },
    Family { name: "statement", judge: statement::judge, valid: 15, invalid: 163 },
    Family { name: "tile", judge: tile::judge, valid: 18, invalid: 22 },
    Family { name: "tlog_proof", judge: tlog_proof::judge, valid: 6, invalid: 33 },
    Family { name: "transparent_statement", judge: transparent_statement::judge, valid: 5, invalid: 20 },
];

#[test]
fn every_vector_gets_its_verdict() {
    let mut wrong = vec![];
    for family in FAMILIES {
        run(family, &mut wrong);
    }
    assert!(wrong.is_empty(), "{} vectors disagree:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_family_is_judged() {
    let mut folders: Vec<String> = std::fs::read_dir(case::folder())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        // What only a ledger does is judged by its own tests: lines that providers write, and texts that come with statements.
        .filter(|name| name != "drafts" && name != "admission")
        .collect();
    folders.sort();
    let mut judged: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
    judged.sort_unstable();
    assert_eq!(folders, judged);
}
