//! A log as files, and the command that audits it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use glasshouse_verifier::bundle::encode_bundle;
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::tile::Tile;
use glasshouse_verifier::vkey::VkeyKind;
use serde_json::Value;

use crate::signer::Signer;

/// The log of the test vectors.
pub(crate) fn key() -> Signer {
    Signer::new("log.example/takedowns", VkeyKind::Ed25519, 1)
}

/// Six entries: genesis, two enrolments, three statements.
pub(crate) fn small_log() -> Vec<Vec<u8>> {
    vector("small-log")
}

/// The entries of a log of the test vectors that holds.
pub(crate) fn vector(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/registry/valid");
    entries_of(&case(&folder.join(format!("{name}.json"))))
}

/// A vector as it lies.
pub(crate) fn case(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// The entries of a vector.
pub(crate) fn entries_of(case: &Value) -> Vec<Vec<u8>> {
    let entries = case["input"]["entries"].as_array().unwrap();
    entries.iter().map(|entry| hex::decode(entry.as_str().unwrap()).unwrap()).collect()
}

fn leaves(entries: &[Vec<u8>]) -> Vec<LeafHash> {
    entries.iter().map(|entry| LeafHash::of_entry(entry)).collect()
}

pub(crate) fn head(entries: &[Vec<u8>]) -> TreeHead {
    let mut edge = Frontier::new();
    for leaf in leaves(entries) {
        edge.push(leaf).unwrap();
    }
    edge.head()
}

/// The checkpoint of these entries by the log.
pub(crate) fn checkpoint(entries: &[Vec<u8>]) -> String {
    key().note(&head(entries), &[]).encode()
}

pub(crate) fn bundle(entries: &[Vec<u8>]) -> Vec<u8> {
    encode_bundle(entries).unwrap()
}

/// A folder laid out as the log's URL is, for at most 255 entries; the reader's own files lie in it too.
pub(crate) struct ServedLog(tempfile::TempDir);

impl ServedLog {
    pub(crate) fn of(entries: &[Vec<u8>]) -> ServedLog {
        ServedLog::signed_by(&key(), entries)
    }

    pub(crate) fn signed_by(signer: &Signer, entries: &[Vec<u8>]) -> ServedLog {
        let log = ServedLog(tempfile::tempdir().unwrap());
        log.put("policy", format!("log {}\nquorum none\n", signer.vkey.encode()));
        log.put("checkpoint", signer.note(&head(entries), &[]).encode());
        if !entries.is_empty() {
            log.put_bundle(&format!("tile/entries/000.p/{}", entries.len()), entries);
            log.put_tile(&format!("tile/0/000.p/{}", entries.len()), entries);
        }
        log
    }

    #[allow(dead_code)]
    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    pub(crate) fn put_bundle(&self, name: &str, entries: &[Vec<u8>]) -> &Self {
        self.put(name, bundle(entries))
    }

    pub(crate) fn put_tile(&self, name: &str, entries: &[Vec<u8>]) -> &Self {
        let nodes = leaves(entries).into_iter().map(LeafHash::to_node).collect();
        self.put(name, Tile::new(nodes).unwrap().encode())
    }

    pub(crate) fn remove(&self, name: &str) -> &Self {
        std::fs::remove_file(self.0.path().join(name)).unwrap();
        self
    }

    /// Exit status and answer of `log`.
    pub(crate) fn audit(&self, more: &[&str]) -> (i32, Value) {
        self.ask(&[&["log", ".", "--policy", "policy"], more].concat())
    }

    /// What `log` says to people.
    #[allow(dead_code)]
    pub(crate) fn words(&self, more: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify"));
        command.args(["log", ".", "--policy", "policy"]).args(more).current_dir(self.0.path());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    fn ask(&self, arguments: &[&str]) -> (i32, Value) {
        let program = env!("CARGO_BIN_EXE_glasshouse-verify");
        let mut command = Command::new(program);
        let output = command.args(arguments).arg("--json").current_dir(self.0.path()).output().unwrap();
        let answer = String::from_utf8(output.stdout).unwrap();
        let answer = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
        (output.status.code().unwrap(), answer)
    }

    pub(crate) fn evidence(&self) -> Option<PathBuf> {
        let mut files = std::fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().path());
        files.find(|path| path.to_string_lossy().contains("glasshouse-evidence-"))
    }

    /// Whether the saved file convinces whoever has the log's key.
    pub(crate) fn evidence_holds(&self) -> bool {
        let file = self.evidence().unwrap();
        self.verify_evidence(file.to_str().unwrap()).0 == 3
    }

    /// What is said of a file of evidence.
    pub(crate) fn verify_evidence(&self, file: &str) -> (i32, Value) {
        self.ask(&["evidence", file, "--log-key", &key().vkey.encode()])
    }

    /// The same, from a server that answers with these files, in gzip or plainly, until the command has ended.
    pub(crate) fn audit_over_http(&self, gzip: bool) -> (i32, Value) {
        self.audit_over_http_with(gzip, &[])
    }

    /// The same with more arguments.
    pub(crate) fn audit_over_http_with(&self, gzip: bool, more: &[&str]) -> (i32, Value) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let folder = self.0.path().to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), &folder, gzip);
            }
        });
        self.ask(&[&["log", &url, "--policy", "policy"], more].concat())
    }
}

/// One request, one answer.
fn answer(mut stream: TcpStream, folder: &Path, gzip: bool) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
    let request = lines.next().unwrap();
    let path = request.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let (status, body) = match std::fs::read(folder.join(path)) {
        Ok(bytes) => ("200 OK", bytes),
        Err(_) => ("404 Not Found", vec![]),
    };
    let (coding, body) = if gzip { ("content-encoding: gzip\r\n", stored_gzip(&body)) } else { ("", body) };
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{coding}content-length: {length}\r\nconnection: close\r\n\r\n");
    stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
}

/// RFC 1952 around one stored block of RFC 1951: at most 65,535 bytes, not made smaller.
fn stored_gzip(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&(!length).to_le_bytes());
    out.extend_from_slice(bytes);
    out.extend_from_slice(&crc32(bytes).to_le_bytes());
    out.extend_from_slice(&u32::from(length).to_le_bytes());
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    let all = bytes.iter().fold(!0, |crc: u32, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)));
    !all
}
