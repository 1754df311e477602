//! Runs every vector of `spec/vectors` through the verifier. The vectors are data: another program wrote them from the
//! same specifications, and neither side may bend to the other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "vectors/accumulated.rs"]
mod accumulated;
#[path = "vectors/case.rs"]
mod case;
#[path = "support/prover.rs"]
mod prover;

#[path = "vectors/bundle.rs"]
mod bundle;
#[path = "vectors/checkpoint.rs"]
mod checkpoint;
#[path = "vectors/consistency.rs"]
mod consistency;
#[path = "vectors/cosignature.rs"]
mod cosignature;
#[path = "vectors/inclusion.rs"]
mod inclusion;
#[path = "vectors/note.rs"]
mod note;
#[path = "vectors/policy.rs"]
mod policy;
#[path = "vectors/tile.rs"]
mod tile;
#[path = "vectors/tlog_proof.rs"]
mod tlog_proof;

use case::{Family, run};

/// Each family, who judges it, and the fewest vectors that must be there: valid ones, invalid ones.
const FAMILIES: &[Family] = &[
    Family { name: "bundle", judge: bundle::judge, valid: 3, invalid: 9 },
    Family { name: "checkpoint", judge: checkpoint::judge, valid: 6, invalid: 22 },
    Family { name: "consistency", judge: consistency::judge, valid: 12, invalid: 20 },
    Family { name: "cosignature", judge: cosignature::judge, valid: 3, invalid: 10 },
    Family { name: "inclusion", judge: inclusion::judge, valid: 14, invalid: 23 },
    Family { name: "note", judge: note::judge, valid: 8, invalid: 45 },
    Family { name: "policy", judge: policy::judge, valid: 11, invalid: 36 },
    Family { name: "tile", judge: tile::judge, valid: 18, invalid: 22 },
    Family { name: "tlog_proof", judge: tlog_proof::judge, valid: 5, invalid: 26 },
];

#[test]
fn every_vector_gets_its_verdict() {
    let mut wrong = vec![];
    for family in FAMILIES {
        run(family, &mut wrong);
    }
    assert!(wrong.is_empty(), "{} vectors disagree:\n{}", wrong.len(), wrong.join("\n"));
}
