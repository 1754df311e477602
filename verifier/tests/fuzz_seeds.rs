//! The fuzzers begin from seeds that were made from the test vectors. A folder that moved would leave them with none,
//! and nobody would notice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::Path;

use glasshouse_verifier::cose_receipt::CoseReceipt;
use glasshouse_verifier::note::Note;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::submission::walk_batch;
use glasshouse_verifier::tlog_proof::TlogProof;
use glasshouse_verifier::transparent::TransparentStatement;

/// Whether a reader accepts the bytes.
type Reads = fn(&[u8]) -> bool;

/// How many seeds of a target its reader accepts, and how many not.
fn verdicts(target: &str, reads: Reads) -> (usize, usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(target);
    let seeds: Vec<Vec<u8>> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect();
    assert!(seeds.len() >= 20, "{target} has {} seeds", seeds.len());
    assert!(seeds.iter().all(|seed| seed.len() <= 12_000), "a seed of {target} is too large");
    let accepted = seeds.iter().filter(|seed| reads(seed)).count();
    (accepted, seeds.len() - accepted)
}

fn proof_file(seed: &[u8]) -> bool {
    let text = seed.strip_prefix(&[0]).and_then(|text| std::str::from_utf8(text).ok());
    text.is_some_and(|text| TlogProof::parse(text).is_ok())
}

#[test]
fn every_fuzzer_has_good_and_bad_seeds() {
    let targets: [(&str, Reads); 6] = [
        ("cose_receipt", |seed| {
            CoseReceipt::parse(seed).is_ok() || TransparentStatement::parse(seed).is_ok()
        }),
        ("statement", |seed| Statement::parse(seed).is_ok()),
        ("note", |seed| Note::parse(seed).is_ok()),
        ("proof", proof_file),
        ("receipt", |seed| Receipt::parse(seed).is_ok()),
        ("submission", |seed| walk_batch(seed).is_ok()),
    ];
    for (target, reads) in targets {
        let (accepted, refused) = verdicts(target, reads);
        assert!(accepted >= 3 && refused >= 3, "{target}: {accepted} accepted, {refused} refused");
    }
}
