//! The README's tour as a newcomer takes it, with the mistakes that newcomers make.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

const PROVIDER: &str = "https://www.example.net";

fn glasshouse(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_glasshouse")).args(arguments).current_dir(dir).output().unwrap()
}

#[track_caller]
fn done(dir: &Path, arguments: &[&str]) -> String {
    let output = glasshouse(dir, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A ledger that is served until the end of the test.
struct Log {
    dir: PathBuf,
    child: Child,
    url: String,
}

impl Log {
    /// Makes and serves a ledger, and enrols the provider of the README with the key in `provider.pem`.
    fn start(desk: &Path, name: &str, origin: &str) -> Log {
        let dir = desk.join(name);
        std::fs::create_dir(&dir).unwrap();
        let init = ["init", "--dir", "ledger", "--registrar-key", "registrar.pem", "--purpose", "test"];
        done(&dir, &[&init[..], &["--origin", origin]].concat());
        let mut child = Command::new(env!("CARGO_BIN_EXE_glasshouse"))
            .args(["serve", "--dir", "ledger", "--listen", "127.0.0.1:0", "--min-free", "0"])
            .current_dir(&dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let log = Log { dir, child, url: ready["url"].as_str().unwrap().to_owned() };
        let ask =
            ["provider", "request", "--origin", origin, "--provider", PROVIDER, "--key", "../provider.pem"];
        done(&log.dir, &[&ask[..], &["--out", "request"]].concat());
        let admit = ["provider", "enrol", "--log", &log.url, "--registrar-key", "registrar.pem"];
        let who = ["--request", "request", "--name", "Example Networks", "--country", "US"];
        let roles = ["--role", "reverse_proxy", "--role", "other"];
        done(&log.dir, &[&admit[..], &who, &roles].concat());
        log
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn desk() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    done(folder.path(), &["key", "new", "--out", "provider.pem"]);
    folder
}

fn publish<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let fixed =
        ["publish", "--log", url, "--provider", PROVIDER, "--key", "provider.pem", "--outbox", "outbox"];
    [&fixed[..], more].concat()
}

/// The lines that the README puts into `shop.jsonl`.
fn shop() -> &'static str {
    let page = include_str!("../../README.md");
    page.split("cat > shop.jsonl <<'END'\n").nth(1).unwrap().split("END\n").next().unwrap()
}

/// The words of the README's command that begins like that.
fn command_of_the_readme(begin: &str) -> Vec<&'static str> {
    let page = include_str!("../../README.md");
    let line = page.lines().find(|line| line.starts_with(begin)).unwrap();
    line.split_whitespace().skip(1).collect()
}

#[test]
fn the_lines_of_the_tour_give_no_warning_and_stand_in_the_tables() {
    let folder = desk();
    let dir = folder.path();
    std::fs::write(dir.join("shop.jsonl"), shop()).unwrap();
    // Whatever the clock says: nothing in them has passed or lies ahead.
    done(dir, &["check", "--strict", "shop.jsonl"]);
    let log = Log::start(dir, "log", "localhost:8080");
    done(dir, &publish(&log.url, &["shop.jsonl"]));
    let mut export = command_of_the_readme("glasshouse export annex1");
    let ledger = log.dir.join("ledger");
    let place = export.iter().position(|word| *word == "ledger").unwrap();
    export[place] = ledger.to_str().unwrap();
    done(dir, &export);
    let total = |table: &str| {
        let text = std::fs::read_to_string(dir.join("report").join(table)).unwrap();
        text.lines().find(|line| line.contains("TOTAL,")).unwrap().to_owned()
    };
    assert!(total("6-own-initiative-terms.csv").starts_with("TOTAL,,,1,"));
    assert!(
        total("7-appeals.csv").starts_with("Internal complaint,TOTAL,1,1,"),
        "{}",
        total("7-appeals.csv")
    );
}

/// All texts that tell somebody what to type.
fn told() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut open: Vec<PathBuf> = ["README.md", "spec", "server/OPERATIONS.md", "server/src", "verifier/src"]
        .map(|path| root.join(path))
        .to_vec();
    let mut told = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "md") {
            told.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    told
}

/// With `curl -s … -o receipt.json` a refusal takes the place of a receipt, or an old receipt passes for the one that was not
/// fetched: a command fails where there is nothing, and each entry has a file of its own.
#[test]
fn what_is_fetched_fails_loudly_and_bears_the_number_of_its_entry() {
    let mut looked = 0;
    for (path, text) in told() {
        for command in text.split("curl ").skip(1) {
            let command = command.split(['\n', '`']).next().unwrap().split("\\n").next().unwrap();
            let place = path.display();
            let Some((address, file)) = command.split_once(" -o ") else { continue };
            assert!(command.starts_with("-fsS "), "{place}: curl {command}");
            if let Some((_, number)) = address.split_once("/api/v1/receipts/") {
                let name = format!("{number}.");
                assert!(file.starts_with(&name), "{place}: curl {command}");
            }
            looked += 1;
        }
        assert!(!text.contains("curl -s "), "{}", path.display());
    }
    assert!(looked >= 12, "{looked}");
    let readme = include_str!("../../README.md");
    assert!(!readme.contains("$ME"), "zsh does not split it");
}

fn decision(puid: &str) -> Value {
    json!({"puid": puid, "provider_role": "reverse_proxy", "infrastructure_measure": ["proxying_stopped"],
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "application_date": "2024-03-03", "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "No", "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "legal_basis": {"kind": "terms_of_service"}, "decision_facts": "A shop that sold nothing."})
}

#[test]
fn right_lines_are_published_beside_wrong_ones_and_the_command_says_so() {
    let folder = desk();
    let dir = folder.path();
    let log = Log::start(dir, "log", "log.example");
    let mut wrong = decision("b");
    wrong["category"] = json!("FRAUD");
    let lines = [decision("a"), wrong, decision("c")].map(|line| line.to_string());
    std::fs::write(dir.join("lines.jsonl"), lines.join("\n")).unwrap();
    let none = glasshouse(dir, &publish(&log.url, &["--all-or-nothing", "lines.jsonl"]));
    assert_eq!(none.status.code(), Some(1));
    assert!(said(&none).contains("1 wrong lines, so nothing was published"), "{}", said(&none));
    let some = glasshouse(dir, &publish(&log.url, &["lines.jsonl"]));
    assert_eq!(some.status.code(), Some(1));
    for expected in [
        "2 new on record",
        "1 of 3 lines are wrong and were not published; the others, being right, are published all the same",
        "--all-or-nothing",
        "glasshouse check --explain RULE",
    ] {
        assert!(said(&some).contains(expected), "{expected}: {}", said(&some));
    }
    let lines = ["a", "b", "c"].map(|puid| decision(puid).to_string());
    std::fs::write(dir.join("lines.jsonl"), lines.join("\n")).unwrap();
    let mended = done(dir, &publish(&log.url, &["lines.jsonl"]));
    assert!(mended.contains("1 new on record"), "{mended}");
}

#[test]
fn another_log_behind_the_url_is_named_as_that() {
    let folder = desk();
    let dir = folder.path();
    std::fs::write(dir.join("lines.jsonl"), decision("a").to_string()).unwrap();
    let log = Log::start(dir, "log", "log.example");
    done(dir, &publish(&log.url, &["lines.jsonl"]));
    let journal = || std::fs::read(dir.join("outbox/journal")).unwrap();
    let before = journal();
    // The second one has another name, the third one the same name and another key. Neither is asked for anything else.
    for (name, origin, what) in [
        (
            "other",
            "other.example",
            "is another log: it is called other.example, and outbox publishes to log.example",
        ),
        ("anew", "log.example", "has the name of the log that outbox publishes to, and another key"),
    ] {
        let wrong = Log::start(dir, name, origin);
        let field =
            ["--puid", "a", "--field", "decision_facts", "--ground", "error", "--requested-by", "provider"];
        let redact = [&["redact"], &publish(&wrong.url, &[])[1..], &field].concat();
        for command in [publish(&wrong.url, &["lines.jsonl"]), redact] {
            let refused = glasshouse(dir, &command);
            assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
            assert!(said(&refused).contains(what), "{}", said(&refused));
        }
    }
    assert_eq!(journal(), before);
}

#[test]
fn a_wrong_scheme_is_told_at_once() {
    let folder = desk();
    let dir = folder.path();
    std::fs::write(dir.join("lines.jsonl"), decision("a").to_string()).unwrap();
    let log = Log::start(dir, "log", "log.example");
    let secure = log.url.replace("http://", "https://");
    // A patience that the test does not have.
    let refused = glasshouse(dir, &publish(&secure, &["--patience", "86400", "lines.jsonl"]));
    assert_eq!(refused.status.code(), Some(2));
    let hint = format!("does not speak TLS; if you meant a server without TLS, give {},", log.url);
    assert!(said(&refused).contains(&hint), "{}", said(&refused));
}
