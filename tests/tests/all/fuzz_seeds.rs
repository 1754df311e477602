//! The seeds of the fuzzers: enough of them for every target, and each is judged without a panic.

use std::path::{Path, PathBuf};

use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::draft::json_line::JsonLine;
use glasshouse_ledger::log_key_files::read_vkey;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::pack::{pack_path, scan_pack};
use glasshouse_ledger::query::Query;
use glasshouse_ledger::stage::Stage;
use glasshouse_ledger::state::StateRecord;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::witness::add_request::AddRequest;
use glasshouse_ledger::witness::log_list::parse_log_list;
use glasshouse_server::european::rows::Rows;
use glasshouse_server::static_side::resource::Resource;
use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::cbor;
use glasshouse_verifier::checkpoint::Checkpoint;
use glasshouse_verifier::cose_key_set::{encode_key_set, parse_key_set};
use glasshouse_verifier::cose_receipt::CoseReceipt;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::note::Note;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::request::SignedRequest;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::submission::{encode_batch, walk_batch};
use glasshouse_verifier::tile::Tile;
use glasshouse_verifier::tlog_proof::TlogProof;
use glasshouse_verifier::transparent::TransparentStatement;
use glasshouse_verifier::vkey::Vkey;

/// Fewer seeds than this mean that a folder moved.
const SEEDS_MIN: usize = 20;

/// The longest seed, in bytes: a fuzzer is slow with long ones.
const SEED_BYTES_MAX: usize = 12_000;

/// Every target; `.ci/fuzz` runs what cargo-fuzz lists.
const TARGETS: [&str; 13] = [
    "address",
    "cbor",
    "cose_receipt",
    "draft",
    "dump",
    "note",
    "proof",
    "receipt",
    "record",
    "statement",
    "submission",
    "tile",
    "witness",
];

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
    assert_eq!(targets, TARGETS);
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

/// Whether a reader of a target takes the bytes.
type Reads = fn(&[u8]) -> bool;

/// Those readers that [`judge`] does not have: of the ledger's and the server's files and requests.
const READERS: [(&str, Reads); 6] = [
    ("address", |seed| {
        let text = std::str::from_utf8(seed).unwrap_or_default();
        let pairs = text.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Resource::parse(text).is_some() || Query::parse(pairs).is_ok()
    }),
    ("draft", |seed| JsonLine::parse(seed).is_ok_and(|line| Draft::from_json(&line.value).is_ok())),
    ("dump", |seed| {
        let mut rows = Rows::open(seed).unwrap();
        matches!(rows.next_row(), Ok(Some(row)) if row.cells.is_ok())
    }),
    ("record", |seed| {
        let (kind, body) = seed.split_first().unwrap();
        let vkey = |folder: &str| read_vkey(&formats().join(folder));
        match kind {
            0 => StateRecord::parse(&with_line(body), &vkey("ledger").unwrap()).is_ok(),
            1 => {
                let file = [body, Digest::of(body).as_bytes()].concat();
                Stage::parse(&file, &vkey("ledger").unwrap()).is_ok()
            }
            2 => {
                let store = MemoryStore::new();
                store.put(&pack_path(0), body).unwrap();
                scan_pack(&store, 0).is_ok_and(|records| !records.is_empty())
            }
            _ => false,
        }
    }),
    ("tile", |seed| {
        let [kind, width, bytes @ ..] = seed else { return false };
        let width = u16::from(*width) + 1;
        if *kind == 0 { Tile::parse(bytes, width).is_ok() } else { parse_bundle(bytes, width).is_ok() }
    }),
    ("witness", |seed| AddRequest::parse(seed).is_ok() || parse_log_list(seed).is_ok()),
];

fn formats() -> PathBuf {
    fuzz().join("../ledger/tests/formats/1")
}

/// A text and the line with its hash, as the target puts it there.
fn with_line(body: &[u8]) -> Vec<u8> {
    [body, format!("sha256 {}\n", Digest::of(body).to_hex()).as_bytes()].concat()
}

#[test]
fn each_reader_has_good_and_bad_seeds() {
    for (target, reads) in READERS {
        let folder = fuzz().join("seeds").join(target);
        let seeds: Vec<Vec<u8>> =
            names(&folder).iter().map(|name| std::fs::read(folder.join(name)).unwrap()).collect();
        assert!(seeds.iter().all(|seed| seed.len() <= SEED_BYTES_MAX), "a seed of {target} is too large");
        let accepted = seeds.iter().filter(|seed| reads(seed)).count();
        println!("{target}: {accepted} of {} are accepted", seeds.len());
        assert!(accepted >= 3 && seeds.len() - accepted >= 3, "{target}: {accepted} of {}", seeds.len());
    }
}
