//! `glasshouse check` as an author runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use serde_json::{Value, json};

const GLASSHOUSE: &str = env!("CARGO_BIN_EXE_glasshouse");

fn run(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(GLASSHOUSE).args(arguments).current_dir(dir).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn events(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A decision with nothing to warn of.
fn decision(puid: &str) -> Value {
    json!({
        "puid": puid,
        "provider_role": "registrar",
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

fn write(dir: &Path, lines: &[String]) {
    std::fs::write(dir.join("lines.jsonl"), lines.join("\n")).unwrap();
}

/// The blocks between fences in a part of the README, from its heading to the next.
fn readme_blocks(heading: &str) -> Vec<&'static str> {
    let page = include_str!("../../README.md");
    let part = page.split(heading).nth(1).unwrap().split("\n## ").next().unwrap();
    let blocks = part.split("```").skip(1).step_by(2);
    blocks.map(|block| block.split_once('\n').unwrap().1).collect()
}

#[test]
fn the_readme_shows_what_check_says() {
    let folder = tempfile::tempdir().unwrap();
    let [wrong, said, mended] = readme_blocks("## Before you publish")[..] else {
        panic!("not three blocks")
    };
    std::fs::write(folder.path().join("mine.jsonl"), wrong).unwrap();
    let output = run(folder.path(), &["check", "mine.jsonl"]);
    // On a terminal both stand one behind the other.
    let all = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!((all.as_str(), output.status.code()), (said, Some(1)));
    std::fs::write(folder.path().join("mine.jsonl"), mended).unwrap();
    let output = run(folder.path(), &["check", "--strict", "mine.jsonl"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
fn the_exit_status_tells_errors_warnings_and_usage_apart() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let code = |arguments: &[&str]| run(dir, &[&["check"], arguments].concat()).status.code();
    write(dir, &[decision("a").to_string(), String::new(), decision("b").to_string()]);
    assert_eq!(code(&["--strict", "lines.jsonl"]), Some(0));
    let mut warned = decision("c");
    warned["application_date"] = json!("2062-03-01");
    write(dir, &[warned.to_string()]);
    assert_eq!((code(&["lines.jsonl"]), code(&["--strict", "lines.jsonl"])), (Some(0), Some(1)));
    write(dir, &["{}".to_owned()]);
    assert_eq!(code(&["lines.jsonl"]), Some(1));
    assert_eq!(code(&["no-such-file.jsonl"]), Some(2));
    assert_eq!(code(&[]), Some(2));
    assert_eq!(code(&["--role", "wizard", "lines.jsonl"]), Some(2));
    assert_eq!(code(&["--explain", "no-such-rule"]), Some(2));
    // A file without a line holds nothing wrong.
    write(dir, &[String::new()]);
    assert_eq!(code(&["lines.jsonl"]), Some(0));
}

#[test]
fn every_line_is_told_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let mut wrong = decision("b");
    wrong["category"] = json!("FRAUD");
    wrong["puidd"] = json!("b");
    write(dir, &[decision("a").to_string(), wrong.to_string(), "{".to_owned(), decision("a").to_string()]);
    let output = run(dir, &["check", "--json", "lines.jsonl"]);
    let events = events(&output);
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["line", "line", "line", "line", "checked", "error"]);
    let expected =
        json!({"event": "checked", "lines": 4, "wrong": 2, "errors": 3, "warnings": 0, "notes": 1});
    assert_eq!(events[4], expected);
    assert_eq!(events[0]["statement"]["texts"]["decision_facts"]["place"], "served");
    assert!(events[1].get("statement").is_none());
    let output = run(dir, &["check", "lines.jsonl"]);
    let said = text(&output.stdout);
    for expected in [
        "line 2: category: not-a-code, given \"FRAUD\"",
        "did you mean STATEMENT_CATEGORY_SCAMS_AND_FRAUD?",
        "line 2: puidd: unknown-field, given \"puidd\"",
        "line 3: not-json (at column 1",
        "line 4: note: repeated-line, given \"line 1\"",
        "4 lines: 2 wrong, with 3 errors; 0 warnings, 1 note\n",
    ] {
        assert!(said.contains(expected), "{expected} is not in\n{said}");
    }
}

#[test]
fn what_a_file_ends_twice_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let lifted = |targets: Value, day: &str| {
        json!({"type": "lifted", "targets": targets, "end_date": day, "lifted_reason": "expired"}).to_string()
    };
    let range = |first: u64, last: u64| json!({"first": first, "last": last});
    let lines = [
        lifted(json!([range(1, 3), "sequence:7"]), "2024-03-01"),
        lifted(json!([range(4, 6), range(1, 3)]), "2024-03-02"),
        lifted(json!(["sequence:7"]), "2024-03-01"),
        json!({"type": "withdrawal", "targets": ["sequence:7"]}).to_string(),
        lifted(json!([range(8, 9)]), "2024-03-01"),
    ];
    write(dir, &lines);
    let output = run(dir, &["check", "lines.jsonl"]);
    let said = text(&output.stdout);
    let expected = "line 2: warning: targets/1: said-before, given \"line 1 is a lifted of it too\"";
    assert!(said.contains(expected) && said.contains("line 3: warning: targets/0: said-before"), "{said}");
    assert!(said.contains("5 lines: 0 wrong, with 0 errors; 2 warnings, 0 notes"), "{said}");
}

#[test]
fn what_was_withdrawn_in_between_is_said_anew() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let lifted = |id: &str, day: &str| json!({"type": "lifted", "id": id, "targets": ["puid:a"], "end_date": day, "lifted_reason": "expired"});
    let withdrawal = |id: &str, target: Value| json!({"type": "withdrawal", "id": id, "targets": [target]});
    let warned = |lines: &[Value]| -> Vec<u64> {
        let lines: Vec<String> = [decision("a")].iter().chain(lines).map(Value::to_string).collect();
        write(dir, &lines);
        let output = run(dir, &["check", "--json", "--strict", "lines.jsonl"]);
        let of_said_before = |event: &Value| {
            let warnings = event["warnings"].as_array()?.clone();
            warnings
                .iter()
                .any(|warning| warning["rule"] == "said-before")
                .then(|| event["line"].as_u64().unwrap())
        };
        let found: Vec<u64> = events(&output).iter().filter_map(of_said_before).collect();
        assert_eq!(output.status.code(), Some(i32::from(!found.is_empty())), "{}", text(&output.stdout));
        found
    };
    // A wrong date is mended in no other way.
    let (wrong, right) = (lifted("l-1", "2026-03-02"), lifted("l-2", "2026-03-03"));
    let mended = [wrong.clone(), withdrawal("w-1", json!("id:l-1")), right.clone()];
    assert!(warned(&mended).is_empty());
    // It is said again, and once more is once too often.
    assert_eq!(warned(&[mended.as_slice(), &[lifted("l-3", "2026-03-04")]].concat()), [5]);
    assert_eq!(warned(&[wrong.clone(), withdrawal("w-1", json!("puid:a")), right.clone()]), [4]);
    // A withdrawal, one of that, and the first one again.
    let first = withdrawal("w-1", json!("puid:a"));
    let again = withdrawal("w-3", json!("puid:a"));
    assert!(warned(&[first.clone(), withdrawal("w-2", json!("id:w-1")), again.clone()]).is_empty());
    assert_eq!(warned(&[first, again]), [3]);
    // A number or a leaf hash may be that of any line.
    for target in [json!("sequence:2"), json!({"first": 2, "last": 2}), json!({"entry": "ab".repeat(32)})] {
        assert!(warned(&[wrong.clone(), withdrawal("w-1", target.clone()), right.clone()]).is_empty());
        let twice = [withdrawal("w-1", target.clone()), withdrawal("w-2", target)];
        assert_eq!(warned(&twice), [3]);
    }
}

#[test]
fn article_17_is_shown_when_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[decision("a").to_string()]);
    let plain = run(folder.path(), &["check", "lines.jsonl"]);
    assert!(!text(&plain.stdout).contains("Article 17"));
    let listed = run(folder.path(), &["check", "--completeness", "lines.jsonl"]);
    let said = text(&listed.stdout);
    assert!(said.contains("not owed: Article 17 binds hosting services; still useful"), "{said}");
    for letter in ["(a) ", "(b) ", "(c) ", "(d) ", "(e) ", "(f) "] {
        assert!(said.contains(letter), "{letter} is not in\n{said}");
    }
}

#[test]
fn rules_types_fields_and_codes_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let explain = |word: &str| {
        let output = run(folder.path(), &["check", "--explain", word]);
        assert_eq!(output.status.code(), Some(0), "{word}: {}", text(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let rule = explain("must-be-withheld");
    assert!(rule.contains("wrong: {") && rule.contains("right: {"), "{rule}");
    assert!(explain("decision").contains("at least one of decision_visibility"));
    assert!(explain("category").contains("STATEMENT_CATEGORY_SELF_HARM"));
    assert!(explain("relation").contains("precedent"));
    let all = explain("all");
    let rules = all
        .lines()
        .filter(|line| line.ends_with("(error)") || line.ends_with("(warning)") || line.ends_with("(note)"));
    assert!(rules.count() > 40, "{all}");
    let json = run(folder.path(), &["check", "--json", "--explain", "category"]);
    let names: Vec<Value> = events(&json).iter().map(|event| event["event"].clone()).collect();
    assert_eq!(names, ["field", "codes"]);
    let near = run(folder.path(), &["check", "--explain", "looks-like-mail"]);
    assert!(text(&near.stderr).contains("looks-like-email"), "{}", text(&near.stderr));
}

#[test]
fn the_real_rows_and_the_case_give_no_warning() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    std::fs::write(
        dir.join("dump.csv"),
        include_str!("../../spec/examples/sor-global-2025-07-01-full-excerpt.csv"),
    )
    .unwrap();
    let imported = run(dir, &["import", "dsa-tdb", "dump.csv", "--out", "lines.jsonl"]);
    assert!(imported.status.success(), "{}", text(&imported.stderr));
    let counts = |output: &Output| events(output).pop().unwrap();
    let none = |lines: u64| json!({"event": "checked", "lines": lines, "wrong": 0, "errors": 0, "warnings": 0, "notes": 0});
    assert_eq!(counts(&run(dir, &["check", "--json", "--strict", "lines.jsonl"])), none(20));
    let case = include_str!("../../spec/examples/kiwifarms-2022.jsonl");
    let lines: Vec<String> = case
        .lines()
        .map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            line.as_object_mut().unwrap().remove("provider");
            line.to_string()
        })
        .collect();
    write(dir, &lines);
    assert_eq!(counts(&run(dir, &["check", "--json", "--strict", "lines.jsonl"])), none(lines.len() as u64));
}

/// A check of a stream, one line after the other.
struct Stream {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Stream {
    fn start() -> Stream {
        let mut child = Command::new(GLASSHOUSE)
            .args(["check", "--json", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Stream { child, input, output }
    }

    /// Sends a line and waits for what is said of it.
    fn ask(&mut self, line: &[u8]) -> Value {
        self.input.write_all(line).unwrap();
        self.input.write_all(b"\n").unwrap();
        let mut said = String::new();
        self.output.read_line(&mut said).unwrap();
        serde_json::from_str(&said).unwrap()
    }

    /// The most memory that the process has had, in MiB.
    fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() >> 10
    }

    fn end(mut self) {
        drop(self.input);
        self.child.wait().unwrap();
    }
}

#[test]
fn a_stream_is_answered_line_by_line_in_constant_memory() {
    let mut stream = Stream::start();
    assert_eq!(stream.ask(decision("a").to_string().as_bytes())["errors"], json!([]));
    let before = stream.peak();
    for number in 0..20_000 {
        let said = stream.ask(decision(&format!("case-{number}")).to_string().as_bytes());
        assert_eq!(said["line"], json!(number + 2));
    }
    let grown = stream.peak() - before;
    assert!(grown < 16, "{grown} MiB more after 20,000 lines");
    stream.end();
}

#[test]
fn hostile_lines_are_named_in_bounded_memory() {
    let mut stream = Stream::start();
    let rule = |said: &Value| said["errors"][0]["rule"].as_str().unwrap().to_owned();
    let most = 16 << 20;
    let deep = "[".repeat(most);
    let wide = format!("{{\"a\":[{}0]}}", "0,".repeat(most / 2 - 5));
    let objects = format!("{{\"a\":[{}{{}}]}}", "{},".repeat(most / 3 - 5));
    for (line, expected) in [
        (deep.as_bytes(), "too-deep"),
        (wide.as_bytes(), "too-many-values"),
        (objects.as_bytes(), "too-many-values"),
        (b"{\"puid\": \"\xc3\x28\"}", "not-json"),
        (b"{\"items\": 1e999}", "not-json"),
        (b"\x00", "not-json"),
        (b"\xef\xbb\xbf{}", "not-json"),
        (
            b"{\"withheld\": {\"contact\": {\"ground\": \"personal_data\"}}, \"withheld\": {}}",
            "repeated-member",
        ),
        (&vec![b'x'; most + 1], "too-long"),
    ] {
        assert_eq!(rule(&stream.ask(line)), expected);
    }
    assert!(stream.peak() < 150, "{} MiB", stream.peak());
    let names: Vec<String> = (0..19_000).map(|number| format!("\"{number:0800}\":1")).collect();
    let said = stream.ask(format!("{{{}}}", names.join(",")).as_bytes());
    assert_eq!(said["errors"].as_array().unwrap().len(), 256);
    let text =
        json!({"decision_facts": "@a b@c.de +49 30 1234567 ".repeat(600_000), "puid": "x".repeat(1 << 20)});
    assert_eq!(rule(&stream.ask(text.to_string().as_bytes())), "measure-required");
    assert_eq!(stream.ask(decision("a").to_string().as_bytes())["errors"], json!([]));
    assert!(stream.peak() < 300, "{} MiB", stream.peak());
    stream.end();
}
