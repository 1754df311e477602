//! The repository checks itself: layering, file heads, sizes of files and functions, forbidden words.
//!
//! ARCHITECTURE.md states these rules; this file makes them hold.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Longest file in lines. Generated data (`// @generated` in the first lines) does not count.
const MAX_FILE_LINES: usize = 400;
/// Longest function in lines, from its `fn` line to its closing brace.
const MAX_FUNCTION_LINES: usize = 70;
/// The verifier library in lines, tests, generated data, data sets and snapshots (which judge nothing) and the binary left out: a day of reading. A third of it is the rules
/// of payloads and of the statements about earlier ones; a twentieth is evidence, another one COSE receipts.
const MAX_VERIFIER_LINES: usize = 11_050;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Every file below `dir` whose name has that ending, build output left out.
fn files_named(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    open.push(path);
                }
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    files_named(dir, ".rs")
}

fn all_rust_files() -> Vec<PathBuf> {
    let files = rust_files(&root());
    assert!(files.len() > 60, "only {} files found: the walk is broken", files.len());
    files
}

fn is_generated(text: &str) -> bool {
    text.lines().take(5).any(|line| line.contains("@generated"))
}

fn show(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// `(first line, length, text of the first line)` of each function, found by indentation as rustfmt writes it.
fn functions(text: &str) -> Vec<(usize, usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let start = line.trim_start();
        let words = ["pub ", "pub(crate) ", "pub(super) ", "const ", "async ", "unsafe "];
        let mut rest = start;
        while let Some(word) = words.iter().find(|word| rest.starts_with(**word)) {
            rest = &rest[word.len()..];
        }
        let opens = lines[at..].iter().find(|line| line.contains('{') || line.ends_with(';'));
        if !rest.starts_with("fn ") || !opens.is_some_and(|line| line.contains('{')) {
            continue;
        }
        let indent = line.len() - start.len();
        let close = format!("{}}}", " ".repeat(indent));
        if let Some(length) = lines[at..].iter().position(|line| *line == close) {
            found.push((at + 1, length + 1, start.to_owned()));
        }
    }
    found
}

#[test]
fn every_file_begins_by_saying_what_it_is() {
    let without: Vec<String> = all_rust_files()
        .iter()
        .filter(|path| !fs::read_to_string(path).unwrap().starts_with("//!"))
        .map(|path| show(path))
        .collect();
    assert!(without.is_empty(), "no `//!` on the first line of: {without:#?}");
}

#[test]
fn no_file_outgrows_its_bound() {
    let mut long = Vec::new();
    for path in all_rust_files() {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        if lines > MAX_FILE_LINES && !is_generated(&text) {
            long.push(format!("{} has {lines} lines", show(&path)));
        }
    }
    assert!(long.is_empty(), "more than {MAX_FILE_LINES} lines: {long:#?}");
}

#[test]
fn no_function_outgrows_its_bound() {
    let mut long = Vec::new();
    let mut seen = 0;
    for path in all_rust_files() {
        for (line, length, head) in functions(&fs::read_to_string(&path).unwrap()) {
            seen += 1;
            if length > MAX_FUNCTION_LINES {
                long.push(format!("{}:{line} has {length} lines: {head}", show(&path)));
            }
        }
    }
    assert!(seen > 400, "only {seen} functions found: the search is broken");
    assert!(long.is_empty(), "more than {MAX_FUNCTION_LINES} lines: {long:#?}");
}

#[test]
fn the_function_search_sees_a_long_function() {
    let body = "    let x = 1;\n".repeat(80);
    let text = format!("impl A {{\n    pub(crate) async fn long() {{\n{body}    }}\n}}\n");
    let found = functions(&text);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].0, found[0].1), (2, 82));
    let declared = format!("trait A {{\n    fn declared(\n        key: [u8; 32],\n    ) -> u8;\n{body}}}\n");
    assert!(functions(&declared).is_empty(), "a declaration has no body");
}

#[test]
fn the_verifier_library_stays_readable() {
    let lib = root().join("verifier/src");
    let mut total = 0;
    for path in rust_files(&lib) {
        let text = fs::read_to_string(&path).unwrap();
        let is_other = ["bin", "data_set", "snapshot", "snapshot.rs"]
            .iter()
            .any(|folder| path.starts_with(lib.join(folder)));
        if is_other || is_generated(&text) {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap();
        total += code
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//"))
            .count();
    }
    println!("verifier library: {total} lines of code");
    assert!(total > 1_000, "only {total} lines counted: the walk is broken");
    assert!(total <= MAX_VERIFIER_LINES, "the verifier library has {total} lines of code");
}

#[test]
fn names_say_what_is_inside() {
    let vague: Vec<String> = all_rust_files()
        .iter()
        .filter(|path| {
            let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
            ["utils", "util", "common", "helpers", "misc", "shared"].contains(&stem.as_str())
        })
        .map(|path| show(path))
        .collect();
    assert!(vague.is_empty(), "files without a noun: {vague:#?}");
}

/// The packages of this workspace that `package` reaches, tests of its own included.
fn workspace_dependencies(package: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let found = packages.iter().find(|p| p["name"] == package).unwrap();
    found["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
        .filter(|name| name.starts_with("glasshouse-"))
        .collect()
}

#[test]
fn dependencies_point_one_way() {
    let nothing: Vec<String> = Vec::new();
    assert_eq!(workspace_dependencies("glasshouse-verifier"), nothing);
    assert_eq!(workspace_dependencies("glasshouse-ledger"), ["glasshouse-verifier"]);
    let mut server = workspace_dependencies("glasshouse-server");
    server.sort();
    assert_eq!(server, ["glasshouse-ledger", "glasshouse-verifier"]);
}

#[test]
fn the_verifier_library_does_no_io() {
    let lib = root().join("verifier/src");
    let forbidden = [
        "std::fs",
        "std::net",
        "std::time::SystemTime",
        "std::process",
        "std::thread",
        "tokio",
        "println!",
        "rand::",
    ];
    let mut found = Vec::new();
    for path in rust_files(&lib) {
        if path.starts_with(lib.join("bin")) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (at, line) in code.lines().enumerate() {
            let is_comment = line.trim_start().starts_with("//");
            if !is_comment && forbidden.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}: {}", show(&path), at + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "I/O, clock or randomness in the verifier library: {found:#?}");
}

#[test]
fn nothing_is_left_half_done() {
    // Put together here so that this file does not find itself.
    let words = [
        "to".to_owned() + "do!(",
        "unimple".to_owned() + "mented!(",
        "#[ign".to_owned() + "ore",
        "FIX".to_owned() + "ME",
        "TO".to_owned() + "DO",
    ];
    let mut found = Vec::new();
    for path in all_rust_files() {
        for (at, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            if words.iter().any(|word| line.contains(word.as_str())) {
                found.push(format!("{}:{}: {}", show(&path), at + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "unfinished work: {found:#?}");
}

#[test]
fn no_merge_is_left_open() {
    // Put together here so that this file does not find itself.
    let marks = ["<<<<".to_owned() + "<<< ", ">>>>".to_owned() + ">>> "];
    let mut found = Vec::new();
    for path in files_named(&root(), "").into_iter().chain(files_named(&root().join(".ci"), "")) {
        // What is not text has no lines.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (at, line) in text.lines().enumerate() {
            if marks.iter().any(|mark| line.starts_with(mark.as_str())) {
                found.push(format!("{}:{}", show(&path), at + 1));
            }
        }
    }
    assert!(found.is_empty(), "a merge with two answers: {found:#?}");
}

/// The parts of a Markdown text that are neither a fenced block nor code within a line, joined by spaces.
fn prose_of(text: &str) -> String {
    let mut kept = String::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// The names by which a page's headings are linked: lower case, spaces to hyphens, other punctuation left out.
fn anchors_of(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        if let Some(title) = line.strip_prefix('#').filter(|_| !fenced) {
            let title = title.trim_start_matches('#').trim().to_lowercase();
            let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            found.push(kept.map(|c| if c == ' ' { '-' } else { c }).collect());
        }
    }
    found
}

/// What is wrong with a link on a page, if anything.
fn fault_of_link(page: &Path, target: &str) -> Option<String> {
    if target.starts_with("http://") || target.starts_with("https://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() { page.to_path_buf() } else { page.parent().unwrap().join(file) };
    if !path.exists() {
        return Some(format!("{}: {target} is not there", show(page)));
    }
    let is_anchor = !anchor.is_empty() && path.extension().is_some_and(|e| e == "md");
    if is_anchor && !anchors_of(&fs::read_to_string(&path).unwrap()).iter().any(|name| name == anchor) {
        return Some(format!("{}: no heading is linked by {target}", show(page)));
    }
    None
}

#[test]
fn links_in_prose_resolve() {
    let mut faults = Vec::new();
    let mut seen = 0;
    for page in files_named(&root(), ".md") {
        let text = prose_of(&fs::read_to_string(&page).unwrap());
        for rest in text.split("](").skip(1) {
            let target = rest.split(')').next().unwrap();
            seen += 1;
            faults.extend(fault_of_link(&page, target));
        }
    }
    assert!(seen > 60, "only {seen} links found: the search is broken");
    assert!(faults.is_empty(), "links that lead nowhere: {faults:#?}");
}

#[test]
fn the_link_search_sees_a_broken_link() {
    let page = root().join("README.md");
    assert!(fault_of_link(&page, "no-such-page.md").is_some());
    assert!(fault_of_link(&page, "ARCHITECTURE.md#no-such-heading").is_some());
    assert!(fault_of_link(&page, "ARCHITECTURE.md#the-write-path").is_none());
    assert_eq!(prose_of("a `[b](c)` d\n```\n[e](f)\n```\n[g](h)\n").matches("](").count(), 1);
}

/// Salts that somebody can foretell give withheld texts away: whoever guesses a text sees that its digest fits. So only the system's
/// randomness makes them, but where a test needs the same bytes again.
#[test]
fn salts_are_chosen_by_nobody() {
    let mut found = Vec::new();
    let mut tests = 0;
    for path in all_rust_files() {
        let (name, text) = (show(&path), fs::read_to_string(&path).unwrap());
        let is_test = name.starts_with("tests/") || name.contains("/tests/");
        match text.contains(&["with", "salts"].join("_")) {
            true if is_test => tests += 1,
            true if name != "ledger/src/author.rs" => found.push(name),
            _ => {}
        }
    }
    assert!(found.is_empty(), "salts are chosen outside of tests: {found:?}");
    assert!(tests > 0, "no test chooses salts: nothing was looked for");
}
