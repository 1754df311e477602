//! The seeds of the fuzzers: enough of them for every target, and each is judged without a panic.

use std::path::{Path, PathBuf};

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor;
use glasshouse_verifier::checkpoint::Checkpoint;
use glasshouse_verifier::cose_key_set::{encode_key_set, parse_key_set};
use glasshouse_verifier::cose_receipt::CoseReceipt;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::note::Note;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::request::SignedRequest;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::submission::{encode_batch, walk_batch};
use glasshouse_verifier::tlog_proof::TlogProof;
use glasshouse_verifier::transparent::TransparentStatement;
use glasshouse_verifier::vkey::Vkey;

/// Fewer seeds than this mean that a folder moved.
const SEEDS_MIN: usize = 20;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn every_target_has_seeds() {
    let targets: Vec<String> = names(&fuzz().join("fuzz_targets"))
        .iter()
        .map(|file| file.strip_suffix(".rs").expect("a target is a Rust file").to_owned())
        .collect();
    assert_eq!(targets, ["cose_receipt", "note", "proof", "receipt", "statement", "submission"]);
    assert_eq!(names(&fuzz().join("seeds")), targets, "one folder of seeds for each target");
    let manifest = std::fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for target in targets {
        let seeds = names(&fuzz().join("seeds").join(&target)).len();
        println!("{target}: {seeds} seeds");
        assert!(seeds >= SEEDS_MIN, "{target} has {seeds} seeds");
        assert!(manifest.contains(&format!("name = \"{target}\"")), "{target} is not built");
    }
}

/// What the targets do with bytes: read them, and if they are accepted, write them again. Whether any reader took them.
fn judge(bytes: &[u8]) -> bool {
    let mut taken = false;
    let mut same = |again: Option<Vec<u8>>| {
        if let Some(again) = again {
            assert_eq!(again, bytes, "accepted in a second spelling");
            taken = true;
        }
    };
    same(cbor::decode(bytes).ok().map(|item| cbor::encode(&item)));
    same(Statement::parse(bytes).ok().map(|statement| statement.bytes().to_vec()));
    same(Entry::parse(bytes).ok().map(|entry| entry.bytes().to_vec()));
    same(Addendum::parse(bytes).ok().map(|addendum| addendum.encode()));
    same(SignedRequest::parse(bytes).ok().map(|signed| {
        let _ = signed.verify(&signed.request().key);
        signed.request().assemble(signed.signer(), signed.signature())
    }));
    same(Note::parse(bytes).ok().map(|note| note.encode().into_bytes()));
    same(CoseReceipt::parse(bytes).ok().map(|receipt| receipt.encode()));
    same(TransparentStatement::parse(bytes).ok().map(|whole| whole.encode()));
    same(parse_key_set(bytes).ok().map(|keys| encode_key_set(&keys)));
    same(Receipt::parse(bytes).ok().map(|receipt| receipt.encode().into_bytes()));
    let whole = |items: Vec<Result<_, _>>| items.into_iter().collect::<Result<Vec<_>, _>>().ok();
    same(walk_batch(bytes).ok().and_then(whole).map(|items| encode_batch(&items)));
    if let Ok(text) = std::str::from_utf8(bytes) {
        same(Checkpoint::parse_text(text).ok().map(|checkpoint| checkpoint.encode_text().into_bytes()));
        same(Vkey::parse(text).ok().map(|vkey| vkey.encode().into_bytes()));
        same(TlogProof::parse(text).ok().map(|proof| proof.encode().into_bytes()));
        let _ = Policy::parse(text);
    }
    taken
}

#[test]
fn every_seed_is_judged_without_a_panic() {
    let (mut taken, mut refused) = (0, 0);
    for target in names(&fuzz().join("seeds")) {
        let folder = fuzz().join("seeds").join(target);
        for name in names(&folder) {
            let bytes = std::fs::read(folder.join(name)).unwrap();
            // A seed of proofs begins with a byte that says which kind it is: what follows is judged too.
            if judge(&bytes) || judge(bytes.get(1..).unwrap_or_default()) { taken += 1 } else { refused += 1 }
        }
    }
    println!("{taken} seeds are accepted by a reader, {refused} by none");
    assert!(taken >= 40 && refused >= 40, "{taken} accepted, {refused} refused");
}
