//! A ledger, its server, and a provider, as the commands make them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

pub(crate) const GLASSHOUSE: &str = env!("CARGO_BIN_EXE_glasshouse");
pub(crate) const PROVIDER: &str = "https://www.provider.example";

pub(crate) fn glasshouse(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(GLASSHOUSE).args(arguments).current_dir(dir).output().unwrap()
}

/// Runs a command that must end well; gives what it wrote.
#[track_caller]
pub(crate) fn done(dir: &Path, arguments: &[&str]) -> String {
    let output = glasshouse(dir, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A server that is stopped at the end.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) url: String,
}

impl Server {
    /// One that takes statements however full the machine's disk is.
    pub(crate) fn start(dir: &Path) -> Server {
        Server::start_with(dir, &["--min-free", "0"])
    }

    /// One with these options.
    pub(crate) fn start_with(dir: &Path, options: &[&str]) -> Server {
        let mut child = Command::new(GLASSHOUSE)
            .args(["serve", "--dir", "ledger", "--listen", "127.0.0.1:0"])
            .args(options)
            .current_dir(dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(ready["event"], "ready");
        Server { child, url: ready["url"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

pub(crate) fn decision(puid: &str) -> Value {
    json!({
        "puid": puid,
        "infrastructure_measure": ["domain_hold"],
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "application_date": "2026-03-01",
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "legal_basis": {"kind": "terms_of_service"},
        "decision_facts": "A domain was put on hold.",
    })
}

pub(crate) fn write_lines(path: &Path, lines: impl Iterator<Item = Value>) {
    let mut file = std::fs::File::create(path).unwrap();
    for line in lines {
        writeln!(file, "{line}").unwrap();
    }
}

/// A folder with a ledger, its server, and an enrolled provider.
pub(crate) fn enrolled() -> (tempfile::TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let init = ["init", "--dir", "ledger", "--origin", "log.example", "--registrar-key", "registrar.pem"];
    done(dir, &[init.as_slice(), &["--purpose", "test"]].concat());
    let again = glasshouse(dir, &init);
    assert_eq!(again.status.code(), Some(1), "a folder that holds a ledger is refused");
    let server = Server::start(dir);
    done(dir, &["key", "new", "--out", "provider.pem"]);
    let key = ["--provider", PROVIDER, "--key", "provider.pem"];
    done(dir, &[["provider", "request", "--origin", "log.example", "--out", "r"].as_slice(), &key].concat());
    for expected in ["is enrolled with the key", "nothing to do"] {
        let text = done(dir, &enrol(&server.url));
        assert!(text.contains(expected), "{text}");
    }
    (folder, server)
}

pub(crate) fn enrol(url: &str) -> Vec<&str> {
    let who = ["--name", "A registrar of domains", "--role", "registrar", "--country", "DE"];
    let what = ["provider", "enrol", "--log", url, "--registrar-key", "registrar.pem", "--request", "r"];
    [what.as_slice(), &who].concat()
}

pub(crate) fn publish<'a>(url: &'a str, file: &'a str) -> Vec<&'a str> {
    let fixed = ["publish", "--provider", PROVIDER, "--key", "provider.pem", "--outbox", "outbox"];
    [fixed.as_slice(), &["--log", url, "--json", file]].concat()
}

/// The last line of JSON that a command wrote.
pub(crate) fn summary(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().rfind(|line| line.contains("\"event\":\"published\"")).unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)))
}
