//! `glasshouse-verify export --texts`: texts that the log serves, that it erased, and that it erases meanwhile.
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

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use data_sets::{export, files, names};
use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::sequence::Sequence;
use long_log::LongLog;
use reader::Reader;
use serde_json::Value;
use served_log::{ServedLog, case, entries_of};

/// The addendum that the vectors' standard statements commit to: salt and words follow from its name.
fn text(iss: &str, sequence: u64, field: FieldName, words: &str) -> Vec<u8> {
    let label = format!("salt {iss} {sequence} {field}");
    let salt = Digest::of(label.as_bytes()).as_bytes()[..16].try_into().unwrap();
    let (aud, iss) = (Origin::parse("log.example/takedowns").unwrap(), Issuer::parse(iss).unwrap());
    let sequence = Sequence::new(sequence).unwrap();
    Addendum::new(salt, aud, iss, sequence, field, Item::text(words.to_owned())).unwrap().encode()
}

/// Where the log serves a text.
fn path(text: &[u8]) -> String {
    let hex = Digest::of(text).to_hex();
    format!("addenda/{}/{}/{hex}", &hex[..2], &hex[2..4])
}

const PROXY: &str = "https://reverse-proxy.example";
const POLICY: &str = "This log takes statements for demonstration. Nothing in it is a provider's own word.\n";
const FACTS: &str =
    "Threats on the forum had grown beyond anything seen before; no court order was there to act on.";

/// A decision whose facts were redacted, and an amendment with other ones.
#[test]
fn texts_stand_where_they_hold_and_erased_ones_nowhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/lifecycle/valid");
    let log = ServedLog::of(&entries_of(&case(&folder.join("amended-and-redacted.json"))));
    let texts = [
        text("https://log.example/takedowns", 1, FieldName::POLICY, POLICY),
        text(PROXY, 1, FieldName::PUID, "2022-09-03-block"),
        text(PROXY, 2, FieldName::DECISION_FACTS, FACTS),
    ];
    for text in &texts {
        log.put(&path(text), text);
    }
    let reader = Reader::new("");
    let place = log.folder().to_str().unwrap().to_owned();
    let (status, answer) = export(&reader, &place, &["--out", "data", "--format", "jsonl", "--texts"]);
    assert_eq!(status, 0, "{answer}");
    let left_out = &answer["data_set"]["manifest"]["left_out"];
    assert!(left_out["texts"].is_object(), "{answer}");
    let rows: Vec<Value> = files(&reader.path("data"))
        .into_iter()
        .filter(|(name, _)| name.ends_with(".jsonl"))
        .flat_map(|(_, bytes)| {
            String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .map(|line| serde_json::from_str(&line).unwrap())
        .collect();
    let decision = rows.iter().find(|row| row["type"] == "decision").unwrap();
    // The amendment's facts hold; those of the decision were erased.
    assert_eq!((&decision["decision_facts"], &decision["puid"]), (&FACTS.into(), &"2022-09-03-block".into()));
    assert_eq!(decision["redacted"], serde_json::json!(["decision_facts"]));
    assert_eq!(export(&reader, &place, &["--check", "data"]).0, 0);
    // A text that has to be served and is not: the log does not hold, and a data set cannot be compared.
    log.remove(&path(&texts[1]));
    let (status, answer) = export(&reader, &place, &["--out", "again", "--texts"]);
    assert_eq!(status, 1, "{answer}");
    assert!(!reader.path("again").exists());
    let (status, answer) = export(&reader, &place, &["--check", "data"]);
    assert!(status == 2 && answer.to_string().contains("is not served any more"), "{answer}");
}

/// Serves a folder; before it answers, `before` is told what was asked for.
fn serve(folder: &Path, before: impl Fn(&str) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let folder = folder.to_owned();
    std::thread::spawn(move || {
        // One request a connection, one connection after the other.
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let Some(Ok(request)) = lines.next() else { continue };
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let path = request.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
            before(&path);
            let (status, body) = match std::fs::read(folder.join(path)) {
                Ok(bytes) => ("200 OK", bytes),
                Err(_) => ("404 Not Found", vec![]),
            };
            let length = body.len();
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
        }
    });
    url
}

/// The log erases a text between its audit and its row, and a later tree says so.
#[test]
fn a_text_that_was_erased_meanwhile_blames_nobody() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/lifecycle/valid");
    let all = entries_of(&case(&folder.join("amended-and-redacted.json")));
    // The genesis, an enrolment and the decision; then come an amendment and the redaction.
    let before = all[..3].to_vec();
    let facts = text(PROXY, 1, FieldName::DECISION_FACTS, FACTS);
    let texts = [
        text("https://log.example/takedowns", 1, FieldName::POLICY, POLICY),
        text(PROXY, 1, FieldName::PUID, "2022-09-03-block"),
        facts.clone(),
    ];
    // The audit asks once; then it is for the row.
    for (is_lawful, at) in [(true, 1), (false, 1), (true, 0), (false, 0)] {
        let log = Arc::new(LongLog::of(&before));
        for text in &texts {
            log.replace(&path(text), text);
        }
        let (published, whole, ours) = (Arc::clone(&log), all.clone(), path(&facts));
        let asked = AtomicUsize::new(0);
        let url = serve(log.folder(), move |path| {
            if path == ours && asked.fetch_add(1, Ordering::SeqCst) == at {
                std::fs::remove_file(published.folder().join(path)).unwrap();
                if is_lawful {
                    published.publish(&whole);
                }
            }
        });
        let reader = Reader::new("");
        let (status, answer) = export(&reader, &url, &["--out", "data", "--texts"]);
        let told = answer.to_string();
        assert_eq!(status, if is_lawful { 2 } else { 1 }, "{told}");
        assert_eq!(told.contains("meanwhile; run again"), is_lawful, "{told}");
        assert!(!answer["message"].as_str().unwrap().contains("follow its rules"), "{told}");
        assert!(!reader.path("data").exists());
    }
}

/// The log did not serve a text, and is asked for a newer tree, which may say that it was erased. What it answers then takes
/// nothing back: no answer leaves what was found, and a tree that does not hold is what is told.
#[test]
fn what_was_found_is_not_taken_back_by_a_second_answer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/lifecycle/valid");
    let all = entries_of(&case(&folder.join("amended-and-redacted.json")));
    let facts = text(PROXY, 1, FieldName::DECISION_FACTS, FACTS);
    for refuses in [true, false] {
        let log = Arc::new(LongLog::of(&all[..3]));
        for text in [
            text("https://log.example/takedowns", 1, FieldName::POLICY, POLICY),
            text(PROXY, 1, FieldName::PUID, "2022-09-03-block"),
        ] {
            log.replace(&path(&text), &text);
        }
        let (published, whole, ours) = (Arc::clone(&log), all.clone(), path(&facts));
        let url = serve(log.folder(), move |path| {
            if path == ours && refuses {
                let _ = std::fs::remove_file(published.folder().join("checkpoint"));
            } else if path == ours {
                // The redaction is on record, and a tile is not that of the entries.
                published.publish(&whole);
                published.replace(&format!("tile/0/000.p/{}", whole.len()), [7; 32].repeat(whole.len()));
            }
        });
        let reader = Reader::new("");
        let (status, answer) = export(&reader, &url, &["--out", "data", "--texts"]);
        let told = answer.to_string();
        assert_eq!((status, &answer["verdict"]), (1, &"does-not-hold".into()), "{told}");
        assert!(!told.contains("run again"), "{told}");
        assert!(answer["data_set"].is_null() && !reader.path("data").exists(), "{told}");
        if refuses {
            assert_eq!(answer["findings"][0]["rule"], "text-lost", "{told}");
            assert!(answer["newer"].as_str().unwrap().contains("checkpoint"), "{told}");
        } else {
            assert!(answer["findings"][0]["rule"].as_str().unwrap().starts_with("tile"), "{told}");
            assert!(answer["before"].is_string(), "{told}");
        }
    }
}

/// Killed while rows are written, a run leaves no data set, and what it leaves is no other run's concern.
#[test]
fn a_run_that_is_killed_leaves_no_data_set() {
    let all = entries_of(&case(
        &Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../spec/vectors/lifecycle/valid/amended-and-redacted.json"),
    ));
    let facts = text(PROXY, 1, FieldName::DECISION_FACTS, FACTS);
    let log = LongLog::of(&all[..3]);
    for text in [
        text("https://log.example/takedowns", 1, FieldName::POLICY, POLICY),
        text(PROXY, 1, FieldName::PUID, "2022-09-03-block"),
        facts.clone(),
    ] {
        log.replace(&path(&text), &text);
    }
    let (send, asked_for_a_row) = std::sync::mpsc::channel();
    let (ours, asked) = (path(&facts), AtomicUsize::new(0));
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let url = serve(log.folder(), move |path| {
        if path == ours && asked.fetch_add(1, Ordering::SeqCst) == 1 {
            let _ = send.send(());
            // The answer waits until the run is dead.
            let _ = held.recv();
        }
    });
    let reader = Reader::new("");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_glasshouse-verify"));
    command.args(["export", &url, "--policy", "policy", "--state", "state", "--out", "data", "--texts"]);
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut run = command.current_dir(reader.path("")).spawn().unwrap();
    asked_for_a_row.recv().unwrap();
    run.kill().unwrap();
    run.wait().unwrap();
    drop(hold);
    let left: Vec<String> = names(&reader).into_iter().filter(|name| name.contains("data")).collect();
    assert!(
        matches!(left.as_slice(), [one] if one.starts_with(".data.") && one.ends_with(".unfinished")),
        "{left:?}"
    );
    let (status, answer) = export(&reader, &url, &["--out", "data", "--texts"]);
    assert_eq!(status, 0, "{answer}");
    assert!(reader.path("data").join("manifest.json").is_file());
}
