//! Only in tests: a small server that answers by rules, hostile ones too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use clap::Parser;
use glasshouse_verifier::receipt::Receipt;
use serde_json::{Value, json};

use super::Arguments;
use crate::answer::{Answer, Verdict};

/// What the path has in it, and what it is answered with: the first that fits.
type Rule = (&'static str, u16, Vec<u8>);

/// Serves as long as the process lives.
pub(super) struct Fake {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    pub(super) fn of(rules: Vec<Rule>) -> Fake {
        Fake::new(move |path, _| {
            let rule =
                rules.iter().find(|(part, ..)| path.contains(part)).unwrap_or_else(|| panic!("{path}"));
            (rule.1, rule.2.clone())
        })
    }

    /// Pages of 334 rows, with ever new cursors.
    pub(super) fn endless() -> Fake {
        let indexes: Vec<u64> = (0..334).collect();
        Fake::new(move |_, count| (200, page(&indexes, Some(&format!("C{count}"))).into_bytes()))
    }

    fn new(answer: impl Fn(&str, usize) -> (u16, Vec<u8>) + Send + 'static) -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let Some(path) = path_of(&stream) else { continue };
                let count = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(path.clone());
                    seen.len()
                };
                let (status, body) = answer(&path, count);
                let head = format!(
                    "HTTP/1.1 {status} x\r\nlocation: /elsewhere\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                // Who has read enough goes away.
                let _ = (&stream).write_all(&[head.as_bytes(), &body].concat());
            }
        });
        Fake { url, asked }
    }

    /// What was asked, in order.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn path_of(stream: &TcpStream) -> Option<String> {
    let mut lines = BufReader::new(stream).lines();
    let path = lines.next()?.ok()?.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    Some(path)
}

/// A page of a tree of 1,000 entries.
pub(super) fn page(indexes: &[u64], cursor: Option<&str>) -> String {
    let row = |index: &u64| {
        json!({"index": index, "leaf_hash": "ab".repeat(32), "type": "decision", "iss": "https://shop.example",
            "sequence": 7, "sub": "domain:a.example", "iat": "2026-03-01T10:00:00Z", "day": "2026-03-01",
            "category": "STATEMENT_CATEGORY_VIOLENCE", "standing": "in_force", "amended": false})
    };
    let rows: Vec<Value> = indexes.iter().map(row).collect();
    json!({"size": 1_000, "indexed": 1_000, "total": 500, "statements": rows, "cursor": cursor}).to_string()
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

/// A command line behind `search`.
pub(super) fn arguments(place: &str, words: &[&str]) -> Arguments {
    Line::try_parse_from(["search", place].iter().chain(words)).unwrap().arguments
}

/// The answer to a search, and the rows that were printed before.
pub(super) fn search(fake: &Fake, words: &[&str], json: bool) -> (Answer, String) {
    let mut out = Vec::new();
    let answer = super::search(&arguments(&fake.url, words), json, &mut out)
        .unwrap_or_else(|trouble| trouble.into_answer());
    (answer, String::from_utf8(out).unwrap())
}

/// The answer to a search, whose rows go there.
pub(super) fn search_into(fake: &Fake, words: &[&str], out: &mut dyn std::io::Write) -> Answer {
    super::search(&arguments(&fake.url, words), false, out).unwrap_or_else(|trouble| trouble.into_answer())
}

/// The same under a policy.
pub(super) fn search_under(fake: &Fake, words: &[&str], policy: &Path, json: bool) -> (Answer, String) {
    search(fake, &[words, &["--policy", policy.to_str().unwrap()]].concat(), json)
}

fn vector(name: &str) -> Value {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../spec/vectors/receipt/valid/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The receipt of a vector.
pub(super) fn receipt_of(name: &str) -> Vec<u8> {
    vector(name)["input"]["receipt"].as_str().unwrap().as_bytes().to_vec()
}

/// The policy that the vectors hold under.
pub(super) fn policy_file() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), vector("decision")["input"]["policy"].as_str().unwrap()).unwrap();
    file
}

/// A row for the entry of the vector `decision`.
pub(super) fn true_row() -> Value {
    let receipt = Receipt::parse(&receipt_of("decision")).unwrap();
    json!({"index": 4, "leaf_hash": receipt.entry().unwrap().leaf_hash().to_hex(), "type": "decision",
        "iss": "https://reverse-proxy.example", "sequence": 2, "sub": "s:00112233445566778899aabbccddeeff",
        "iat": "2025-06-15T15:06:40Z", "day": "2022-09-03", "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
        "standing": "in_force", "amended": false, "link": "/api/v1/statements/4", "page": "/e/4"})
}

/// A ledger that answers every search with these rows, and has this receipt of entry 4 and no other.
pub(super) fn ledger(rows: &[Value], receipt: (u16, Vec<u8>)) -> Fake {
    let list = json!({"size": 6, "indexed": 6, "total": rows.len(), "statements": rows});
    Fake::of(vec![
        ("api/v1/receipts/4", receipt.0, receipt.1),
        ("api/v1/receipts/", 404, vec![]),
        ("api/v1/statements?", 200, list.to_string().into_bytes()),
    ])
}

/// What is answered to `--check` there: the verdict, the answer for programs, and everything for people.
pub(super) fn check(words: &[&str], rows: &[Value], receipt: (u16, Vec<u8>)) -> (Verdict, Value, String) {
    let (fake, policy) = (ledger(rows, receipt), policy_file());
    let (answer, text) = search_under(&fake, &[words, &["--check"]].concat(), policy.path(), false);
    (answer.verdict(), serde_json::from_str(&answer.text(true)).unwrap(), text + &answer.text(false))
}
