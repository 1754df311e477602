//! Damaged dumps of the European database: each damage has its own error, with the line where there is one. An import
//! that is killed goes on, and neither repeats nor loses a line.

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use glasshouse_server::european::layout::Layout;
use glasshouse_tests::european::Day;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const PROGRAM: &str = env!("CARGO_BIN_EXE_glasshouse-under-test");
const EXCERPT: &str = include_str!("../../../spec/examples/sor-global-2025-07-01-full-excerpt.csv");
/// 2025-07-01T00:00:00Z.
const MIDNIGHT: u64 = 1_751_328_000;

/// How the command ended.
#[derive(Debug)]
struct Ended {
    status: i32,
    /// How many lines it wrote; `None` if the file is not there.
    lines: Option<usize>,
    errors: String,
}

struct Scratch(tempfile::TempDir);

impl Scratch {
    fn new() -> Scratch {
        Scratch(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Imports a file with this content.
    fn import(&self, name: &str, bytes: &[u8], more: &[&str]) -> Ended {
        std::fs::write(self.path(name), bytes).unwrap();
        let out = self.path("lines");
        let _ = std::fs::remove_file(&out);
        let output = Command::new(PROGRAM)
            .args(["import", "dsa-tdb", name, "--out", "lines"])
            .args(more)
            .current_dir(self.0.path())
            .output()
            .unwrap();
        let lines = std::fs::read_to_string(&out).ok().map(|text| text.lines().count());
        let left = [".partial", ".partial.json"].map(|end| self.path(&format!("lines{end}")).exists());
        assert_eq!(left, [false, false], "something is left beside the lines");
        let errors = String::from_utf8(output.stderr).unwrap();
        Ended { status: output.status.code().unwrap(), lines, errors }
    }
}

fn zip_of(name: &str, bytes: &[u8], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default().compression_method(method)).unwrap();
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap().into_inner()
}

/// A CSV file as it lies in a real dump.
fn nested(csv: &[u8]) -> Vec<u8> {
    let inner = zip_of("s-00000-00000.csv", csv, CompressionMethod::Deflated);
    zip_of("s-00000.csv.zip", &inner, CompressionMethod::Stored)
}

/// The excerpt with something else instead of its fourth row.
fn with_row(change: impl FnOnce(&str) -> Vec<u8>) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = EXCERPT.lines().map(|line| line.as_bytes().to_vec()).collect();
    lines[4] = change(EXCERPT.lines().nth(4).unwrap());
    lines.join(&b'\n')
}

/// A row that is wrong is named with file and line, and the others stand; unpacked and in a zip of zips alike.
#[track_caller]
fn assert_row(csv: &[u8], lines: usize, line: u64, wanted: &str) {
    let scratch = Scratch::new();
    let unpacked = scratch.import("a.csv", csv, &[]);
    let packed = scratch.import("a.zip", &nested(csv), &[]);
    for (ended, file) in [(unpacked, "a.csv"), (packed, "s-00000.csv.zip/s-00000-00000.csv")] {
        assert_eq!((ended.status, ended.lines), (1, Some(lines)), "{}", ended.errors);
        let named = format!("{file}, line {line}: ");
        assert!(ended.errors.starts_with(&named) && ended.errors.contains(wanted), "{}", ended.errors);
        assert!(ended.errors.contains("1 rows are wrong and were left out"), "{}", ended.errors);
    }
    let lenient = scratch.import("a.csv", csv, &["--lenient"]);
    assert_eq!((lenient.status, lenient.lines), (0, Some(lines)), "{}", lenient.errors);
    assert!(lenient.errors.contains(wanted), "{}", lenient.errors);
}

/// A file that cannot be read as a whole is refused, and nothing of it is written.
#[track_caller]
fn assert_file(name: &str, bytes: &[u8], wanted: &str) {
    for more in [&[][..], &["--lenient"]] {
        let ended = Scratch::new().import(name, bytes, more);
        assert_eq!((ended.status, ended.lines), (1, None), "{}", ended.errors);
        assert!(
            ended.errors.contains(wanted) && ended.errors.contains("lines was not written"),
            "{}",
            ended.errors
        );
    }
}

#[test]
fn what_is_not_damaged_is_read() {
    for (name, bytes) in [("a.csv", EXCERPT.as_bytes().to_vec()), ("a.zip", nested(EXCERPT.as_bytes()))] {
        let ended = Scratch::new().import(name, &bytes, &[]);
        assert_eq!((ended.status, ended.lines), (0, Some(20)), "{}", ended.errors);
    }
}

#[test]
fn a_cut_zip() {
    let whole = nested(EXCERPT.as_bytes());
    for length in [whole.len() - 1, whole.len() - 30, whole.len() - 100, whole.len() / 2, 10] {
        assert_file("a.zip", &whole[..length], "a.zip is cut off");
    }
}

#[test]
fn a_wrong_sha1_and_none_where_one_is_asked_for() {
    let scratch = Scratch::new();
    let bytes = nested(EXCERPT.as_bytes());
    let wanted = "a.zip has the SHA-1 ";
    std::fs::write(scratch.path("a.zip.sha1"), format!("{}  a.zip\n", "ab".repeat(20))).unwrap();
    let ended = scratch.import("a.zip", &bytes, &["--lenient"]);
    assert_eq!((ended.status, ended.lines), (1, None));
    assert!(
        ended.errors.contains(wanted) && ended.errors.contains("nothing was imported"),
        "{}",
        ended.errors
    );
    std::fs::write(scratch.path("a.zip.sha1"), "<html>Not found</html>").unwrap();
    let ended = scratch.import("a.zip", &bytes, &[]);
    assert!(ended.status == 1 && ended.errors.contains("does not hold a SHA-1"), "{}", ended.errors);
    std::fs::remove_file(scratch.path("a.zip.sha1")).unwrap();
    let ended = scratch.import("a.zip", &bytes, &["--require-sha1"]);
    assert!(ended.status == 1 && ended.errors.contains("a.zip.sha1 is not there"), "{}", ended.errors);
    assert_eq!(scratch.import("a.zip", &bytes, &[]).status, 0);
}

#[test]
fn swapped_columns() {
    let swapped = EXCERPT
        .replacen("illegal_content_legal_ground,illegal", "illegal_content_explanation,illegal", 1)
        .replacen("illegal_content_explanation,incompatible", "illegal_content_legal_ground,incompatible", 1);
    let wanted = "line 1: the columns stand in another order: column 15 is \"illegal_content_explanation\"";
    assert_file("a.csv", swapped.as_bytes(), wanted);
    assert_file("a.zip", &nested(swapped.as_bytes()), wanted);
}

#[test]
fn bad_utf8() {
    let csv = with_row(|row| {
        let mut row = row.as_bytes().to_vec();
        let at = row.windows(8).position(|window| window == b"pursuant").unwrap();
        row[at] = 0xff;
        row
    });
    assert_row(&csv, 19, 5, "decision_facts: the cell is not UTF-8");
}

#[test]
fn a_quote_behind_a_backslash() {
    // As PHP writes it, it is read, with what stands behind it.
    for facts in [r#"He said \"no\", and left"#, r"It lies in C:\"] {
        let csv = with_row(|row| {
            row.replace("The decision was taken pursuant to own-initiative investigations", facts)
                .into_bytes()
        });
        let scratch = Scratch::new();
        let ended = scratch.import("a.csv", &csv, &[]);
        assert_eq!((ended.status, ended.lines), (0, Some(20)), "{}", ended.errors);
        let lines = std::fs::read_to_string(scratch.path("lines")).unwrap();
        let line: serde_json::Value = serde_json::from_str(lines.lines().nth(3).unwrap()).unwrap();
        assert_eq!(line["decision_facts"], facts);
    }
    // Where it makes the row end nowhere, the row is named.
    let csv = with_row(|row| {
        row.replace("taken pursuant", r#"taken\", pursuant"#)
            .replacen("investigations\"", "investigations", 1)
            .into_bytes()
    });
    assert_row(&csv, 19, 5, "quotes behind backslashes (\\\")");
}

#[test]
fn a_newline_in_a_cell() {
    // In quotes it is part of the text, and lines are counted on.
    let csv = with_row(|row| row.replace("taken pursuant", "taken\npursuant").into_bytes());
    let ended = Scratch::new().import("a.csv", &csv, &[]);
    assert_eq!((ended.status, ended.lines), (0, Some(20)), "{}", ended.errors);
    let csv = String::from_utf8(csv).unwrap().replacen("Use of profane", "Use of \u{1}profane", 1);
    assert_row(csv.as_bytes(), 19, 21, "incompatible_content_explanation: grammar");
    // Outside quotes it breaks the row.
    let csv =
        with_row(|row| row.replace("AUTOMATED_DECISION_FULLY", "AUTOMATED\n_DECISION_FULLY").into_bytes());
    assert_row(&csv, 19, 5, "the row ends after 35 cells instead of 38");
}

#[test]
fn a_duplicate_row() {
    let csv = with_row(|_| EXCERPT.lines().nth(2).unwrap().as_bytes().to_vec());
    assert_row(&csv, 19, 5, "uuid: a row before this one has the same");
}

#[test]
fn a_date_in_2038() {
    let csv = with_row(|row| row.replacen("2025-07-01 00:00:00", "2038-01-19 00:00:00", 1).into_bytes());
    assert_row(&csv, 19, 5, "content_date: 2038-01-19 is after 2038-01-01");
}

#[test]
fn an_empty_file() {
    let wanted = "line 1: the file is empty";
    assert_file("a.csv", b"", wanted);
    assert_file("a.zip", &nested(b""), wanted);
    let hollow = ZipWriter::new(Cursor::new(Vec::new())).finish().unwrap().into_inner();
    assert_file("a.zip", &hollow, "a.zip holds no file");
}

#[test]
fn a_row_of_ten_megabytes() {
    let long = "x".repeat(10 << 20);
    let csv = with_row(|row| row.replace("pursuant", &long).into_bytes());
    assert_row(&csv, 19, 5, "the row has more than 1048576 bytes");
}

#[test]
fn a_changed_byte_in_a_zip() {
    let mut bytes = nested(EXCERPT.as_bytes());
    let at = bytes.len() / 2;
    bytes[at] ^= 0x10;
    let ended = Scratch::new().import("a.zip", &bytes, &["--lenient"]);
    assert_eq!((ended.status, ended.lines), (1, None), "{}", ended.errors);
    assert!(ended.errors.contains("s-00000-00000.csv, behind line "), "{}", ended.errors);
}

/// Starts the import, and kills it when the file that says how far it came has changed.
fn import_until_settled(folder: &Path, progress: &Path) {
    let before = std::fs::read(progress).ok();
    let mut child = Command::new(PROGRAM)
        .args(["import", "dsa-tdb", "a.zip", "--out", "lines"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while std::fs::read(progress).ok() == before {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it could be killed");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn an_import_that_is_killed_goes_on_and_neither_repeats_nor_loses_a_line() {
    let scratch = Scratch::new();
    Day::new(5, Layout::ALL[0], MIDNIGHT, 18_000).write(&scratch.path("a.zip")).unwrap();
    let import = |out: &str| {
        let output = Command::new(PROGRAM)
            .args(["import", "dsa-tdb", "a.zip", "--out", out])
            .current_dir(scratch.0.path())
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    import("whole");
    let progress = scratch.path("lines.partial.json");
    for kill in 1..=2 {
        import_until_settled(scratch.0.path(), &progress);
        assert!(!scratch.path("lines").exists(), "kill {kill}: a file appears whole or not at all");
    }
    let said = import("lines");
    let from: u64 =
        said.strip_prefix("going on behind row ").unwrap().lines().next().unwrap().parse().unwrap();
    assert!((10_000..18_000).contains(&from), "{said}");
    assert!(said.contains("18000 lines written, 0 rows left out"), "{said}");
    assert!(!progress.exists() && !scratch.path("lines.partial").exists());
    let (one, two) = (std::fs::read(scratch.path("whole")), std::fs::read(scratch.path("lines")));
    assert!(one.unwrap() == two.unwrap(), "the lines are not the same");
}
