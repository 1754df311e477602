//! `glasshouse-verify export`: a data set of a log that holds, made again to the same bytes, and none of one that does not.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/data_sets.rs"]
mod data_sets;
#[path = "support/long_log.rs"]
mod long_log;
#[path = "support/reader.rs"]
mod reader;
#[path = "support/served_log.rs"]
mod served_log;
#[path = "support/signer.rs"]
mod signer;

use data_sets::{export, files, names};
use glasshouse_verifier::cbor::{self, Item};
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::Digest;
use long_log::{LongLog, entries, sign};
use reader::Reader;
use serde_json::Value;

const IAT: u64 = 1_750_000_000;

/// A log whose decisions are of this many months, each of them some times, not in their order.
fn of_months(months: u64, decisions: u64) -> Vec<Vec<u8>> {
    let mut all = entries(6, IAT);
    let model = Entry::parse(&all[4]).unwrap().into_statement();
    for number in 0..decisions {
        let month = (number * 5) % months;
        let Item::Map(mut pairs) = cbor::decode(&model.payload().encode()).unwrap() else { unreachable!() };
        for (key, value) in &mut pairs {
            match key.as_text() {
                Some("sequence") => *value = Item::Integer((number + 3).into()),
                Some("application_date") => {
                    *value = Item::text(format!("{}-{:02}-01", 2000 + month / 12, month % 12 + 1));
                }
                _ => {}
            }
        }
        let mut claims = model.claims().clone();
        claims.iat = IAT;
        all.push(sign(0x11, &model, claims, &Item::Map(pairs)));
    }
    all
}

#[test]
fn the_same_tree_gives_the_same_bytes_and_a_longer_log_still_has_it() {
    let all = entries(700, IAT);
    let log = LongLog::of(&all[..600]);
    let (reader, other) = (Reader::new(""), Reader::new(""));
    let place = log.folder().to_str().unwrap();
    for format in ["parquet", "csv", "jsonl"] {
        let (status, answer) = export(&reader, place, &["--out", format, "--format", format]);
        assert_eq!((status, &answer["verdict"]), (0, &"holds".into()), "{answer}");
        let manifest = &answer["data_set"]["manifest"];
        assert_eq!((&manifest["size"], &manifest["rows"]), (&600.into(), &600.into()));
        assert_eq!(manifest["root"], served_log::head(&all[..600]).root().to_hex());
        assert_eq!(export(&other, place, &["--out", format, "--format", format]).0, 0);
        let made = files(&reader.path(format));
        assert_eq!(made, files(&other.path(format)), "{format}");
        let on_disk: Value = serde_json::from_slice(&made["manifest.json"]).unwrap();
        assert_eq!(&on_disk, manifest);
        for file in manifest["files"].as_array().unwrap() {
            let bytes = &made[file["name"].as_str().unwrap()];
            assert_eq!(file["sha256"], Digest::of(bytes).to_hex());
            assert_eq!(file["bytes"], bytes.len());
        }
        assert_eq!(manifest["files"].as_array().unwrap().len() + 1, made.len());
    }
    // The log goes on; the tree of the data set is in it.
    log.publish(&all);
    for format in ["parquet", "csv", "jsonl"] {
        let (status, answer) = export(&reader, place, &["--check", format]);
        assert_eq!((status, &answer["size"], &answer["rows"]), (0, &600.into(), &600.into()), "{answer}");
    }
    let (_, answer) = export(&reader, place, &["--out", "later"]);
    assert_eq!(answer["data_set"]["manifest"]["rows"], 700);
}

#[test]
fn many_months_are_written_some_at_a_time() {
    let all = of_months(21, 300);
    let log = LongLog::of(&all);
    let reader = Reader::new("");
    let place = log.folder().to_str().unwrap();
    let (status, answer) = export(&reader, place, &["--out", "data", "--format", "jsonl"]);
    assert_eq!(status, 0, "{answer}");
    let mut seen = Vec::new();
    for (name, bytes) in files(&reader.path("data")) {
        let Some(month) = name.strip_prefix("entries/").and_then(|name| name.strip_suffix(".jsonl")) else {
            continue;
        };
        let mut before = None;
        for line in String::from_utf8(bytes).unwrap().lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            assert_eq!((&row["month"], &row["day"].as_str().unwrap()[..7]), (&month.into(), month));
            let index = row["index"].as_u64();
            assert!(before < index, "in the order of the log");
            before = index;
            seen.extend(index);
        }
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..all.len() as u64).collect::<Vec<_>>());
    assert!(answer["data_set"]["manifest"]["files"].as_array().unwrap().len() > 21);
    assert_eq!(export(&reader, place, &["--check", "data"]).0, 0);
}

#[test]
fn what_was_changed_is_told() {
    let log = LongLog::of(&entries(300, IAT));
    let reader = Reader::new("");
    let place = log.folder().to_str().unwrap();
    assert_eq!(export(&reader, place, &["--out", "data", "--format", "csv"]).0, 0);
    let whole = files(&reader.path("data"));
    let manifest = String::from_utf8(whole["manifest.json"].clone()).unwrap();
    let csv = whole.keys().find(|name| name.ends_with(".csv")).unwrap().clone();
    let root = served_log::head(&entries(300, IAT)).root().to_hex();
    let turned = |name: &str| {
        let mut bytes = whole[name].clone();
        let last = bytes.len() - 2;
        bytes[last] ^= 1;
        bytes
    };
    let changes: Vec<(&str, Vec<u8>, i32, &str)> = vec![
        (&csv, turned(&csv), 1, "SHA-256 of the file"),
        ("entries/more.csv", b"x".to_vec(), 1, "names no such file"),
        ("manifest.json", manifest.replace("\"rows\": 300,", "\"rows\": 301,").into_bytes(), 1, "rows"),
        ("manifest.json", manifest.replace(&root, &"0".repeat(64)).into_bytes(), 1, "another tree"),
        ("manifest.json", manifest.replace("manifest/1", "manifest/2").into_bytes(), 4, "another version"),
        ("manifest.json", manifest.replace("data-set/1", "data-set/9").into_bytes(), 4, "other columns"),
        (
            "manifest.json",
            manifest.replace("\u{2014} log.example", "\u{2014} log.other").into_bytes(),
            1,
            "not trusted",
        ),
        (
            "manifest.json",
            manifest.replace("\"not_understood\": 0", "\"not_understood\": 1").into_bytes(),
            1,
            "what entries left out say",
        ),
        (
            "manifest.json",
            manifest.replace("\"verdict\": \"holds\"", "\"verdict\": \"not-understood\"").into_bytes(),
            1,
            "audit.verdict",
        ),
        (
            "manifest.json",
            manifest.replace("\"witnesses\": []", "\"witnesses\": [\"w1\"]").into_bytes(),
            1,
            "audit.witnesses",
        ),
        ("manifest.json", manifest.replace("dsa-tdb/2", "dsa-tdb/9").into_bytes(), 1, "vocabularies"),
        (
            "manifest.json",
            manifest.replace("\"policy\": \"", "\"policy\": \"0").into_bytes(),
            0,
            "its maker's word",
        ),
        ("manifest.json", b"{".to_vec(), 2, "manifest.json"),
    ];
    for (name, bytes, wanted, words) in changes {
        assert_ne!(whole.get(name), Some(&bytes), "{words}");
        std::fs::write(reader.path("data").join(name), bytes).unwrap();
        let (status, answer) = export(&reader, place, &["--check", "data"]);
        assert_eq!(status, wanted, "{name} {words}: {answer}");
        assert!(answer.to_string().contains(words), "{words}: {answer}");
        match whole.get(name) {
            Some(bytes) => std::fs::write(reader.path("data").join(name), bytes).unwrap(),
            None => std::fs::remove_file(reader.path("data").join(name)).unwrap(),
        }
    }
    std::fs::remove_file(reader.path("data").join(&csv)).unwrap();
    assert_eq!(export(&reader, place, &["--check", "data"]).0, 1);
}

#[test]
fn no_data_set_is_made_of_a_log_that_does_not_hold() {
    let mut all = entries(300, IAT);
    // A signature that does not hold, in a tree that is signed all the same.
    let place_of_signature = all[200].len() - 40;
    all[200][place_of_signature] ^= 1;
    let log = LongLog::of(&all);
    let reader = Reader::new("");
    let place = log.folder().to_str().unwrap();
    let before = names(&reader);
    let (status, answer) = export(&reader, place, &["--out", "data", "--evidence", "evidence.json"]);
    assert!(status == 1 || status == 3, "{answer}");
    assert_eq!(answer.get("data_set").cloned().unwrap_or_default(), Value::Null);
    let left: Vec<String> = names(&reader).into_iter().filter(|name| !before.contains(name)).collect();
    assert!(left.iter().all(|name| name == "state" || name == "evidence.json"), "{left:?}");
}

#[test]
fn wrong_usage_is_told_before_anything_is_asked() {
    let log = LongLog::of(&entries(10, IAT));
    let reader = Reader::new("");
    let place = log.folder().to_str().unwrap();
    std::fs::create_dir(reader.path("there")).unwrap();
    let (status, answer) = export(&reader, place, &["--out", "there"]);
    assert!(status == 2 && answer.to_string().contains("it is there already"), "{answer}");
    assert!(!reader.path("state").exists(), "nothing was read");
    for wrong in
        [&["--out", "a", "--check", "b"][..], &[], &["--out", "a", "--format", "xlsx"], &["--check", "none"]]
    {
        assert_eq!(export(&reader, place, wrong).0, 2, "{wrong:?}");
    }
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_glasshouse-verify"));
    command.args(["export", place, "--policy", "policy", "--out", "data"]).current_dir(reader.path(""));
    assert_eq!(command.output().unwrap().status.code(), Some(0), "a state is not needed");
}
