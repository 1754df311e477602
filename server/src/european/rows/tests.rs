//! Files with rows that are broken, too long or uncertain.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use super::*;

const UUID: &str = "f1e5d3be-e95d-4e51-bb38-6cf13225b2af";
const DATE: &str = "\"2025-07-01 00:00:00\"";

fn file(rows: &[String]) -> Vec<u8> {
    let mut text = COLUMNS.join(",");
    for row in rows {
        text.push('\n');
        text.push_str(row);
    }
    text.into_bytes()
}

/// A row with these facts, as they stand in the file.
fn row(facts: &str) -> String {
    format!("{UUID}{}{facts},SOURCE_VOLUNTARY,,Yes,,Name,uid,{DATE}", ",".repeat(30))
}

fn facts(row: &Row) -> &str {
    super::super::line::cell(row.cells.as_ref().unwrap(), "decision_facts")
}

fn read(bytes: &[u8]) -> Vec<Row> {
    let mut rows = Rows::open(bytes).unwrap();
    std::iter::from_fn(|| rows.next_row().unwrap()).collect()
}

#[test]
fn rows_have_the_line_on_which_they_begin_and_a_number() {
    let rows = read(&file(&[row("\"a\nb\""), row("c"), row("d")]));
    assert_eq!(rows.iter().map(|row| (row.line, row.number)).collect::<Vec<_>>(), [(2, 1), (4, 2), (5, 3)]);
    assert_eq!(facts(&rows[0]), "a\nb");
    assert_eq!(facts(&rows[1]), "c");
}

#[test]
fn lines_that_are_no_row_are_named() {
    let rows = read(&file(&["x,y".to_owned(), row("c")]));
    assert!(rows[0].cells.as_ref().unwrap_err().contains("no row begins here"), "{:?}", rows[0]);
    assert_eq!((facts(&rows[1]), rows[1].line), ("c", 3));
    let rows = read(&file(&[row("c"), "x,y".to_owned()]));
    assert!(rows[0].cells.as_ref().unwrap_err().contains("belong to no row"), "{:?}", rows[0]);
    assert_eq!(rows.len(), 1);
}

#[test]
fn quotes_behind_backslashes_are_read_as_php_writes_them() {
    for (written, meant) in [
        (r#""he said \"no\", and left""#, r#"he said \"no\", and left"#),
        (r#""he said \"no\" and left""#, r#"he said \"no\" and left"#),
        (r#""C:\""#, r"C:\"),
        (r#""a\""b""#, r#"a\"b"#),
    ] {
        let rows = read(&file(&[row(written), row("c")]));
        assert_eq!(facts(&rows[0]), meant, "{written}");
        assert_eq!(facts(&rows[1]), "c");
    }
}

#[test]
fn a_quote_behind_a_backslash_that_cannot_be_settled_is_named_with_its_line() {
    let rows = read(&file(&[row("c"), row("\"a\\\", b"), row("d")]));
    assert_eq!(rows[1].line, 3);
    assert!(rows[1].cells.as_ref().unwrap_err().contains("quotes behind backslashes"), "{:?}", rows[1]);
    assert_eq!(facts(&rows[2]), "d");
}

#[test]
fn a_broken_row_does_not_swallow_the_next_one() {
    let rows = read(&file(&[row("\"never closed"), row("c"), row("broken\nhere"), row("d")]));
    assert_eq!(rows.len(), 4);
    let fault = rows[0].cells.as_ref().unwrap_err();
    assert!(fault.starts_with("created_at: ") || fault.starts_with("decision_facts: "), "{fault}");
    assert!(rows[2].cells.as_ref().unwrap_err().contains("31 cells instead of 38"), "{:?}", rows[2]);
    assert_eq!((facts(&rows[3]), rows[3].line), ("d", 6));
}

#[test]
fn bytes_that_are_no_text_are_named_with_their_column() {
    let mut bytes = file(&[row("x"), row("c")]);
    let at = bytes.windows(3).position(|window| window == b",x,").unwrap();
    bytes[at + 1] = 0xff;
    let rows = read(&bytes);
    assert_eq!(rows[0].cells.as_ref().unwrap_err(), "decision_facts: the cell is not UTF-8");
    assert_eq!(facts(&rows[1]), "c");
}

/// As much input as is asked for, of one byte.
fn endless(begin: &[u8]) -> impl Read {
    io::Cursor::new(begin.to_vec()).chain(io::repeat(b'x').take(64 << 20))
}

#[test]
fn a_row_without_end_is_named_and_costs_no_memory() {
    let begin = file(&[row("c"), row("d").split_at(40).0.to_owned()]);
    let end = format!("\n{}", row("e"));
    let mut rows = Rows::open(endless(&begin).chain(end.as_bytes())).unwrap();
    let read: Vec<Row> = std::iter::from_fn(|| rows.next_row().unwrap()).collect();
    assert_eq!(read.len(), 3);
    assert_eq!(read[1].line, 3);
    assert!(read[1].cells.as_ref().unwrap_err().contains("more than 1048576 bytes"));
    assert_eq!(facts(&read[2]), "e");
    let kept = rows.group.capacity() + rows.next.capacity();
    assert!(kept <= 8 * MAX_ROW, "{kept} bytes were kept");
    assert!(Rows::open(endless(b"\"uuid")).is_err());
}

#[test]
fn a_row_of_too_many_lines_is_named_too() {
    let rows = read(&file(&[row(&format!("\"{}\"", "x\n".repeat(MAX_ROW))), row("c")]));
    assert!(rows[0].cells.as_ref().unwrap_err().contains("bytes"));
    assert_eq!(facts(&rows[1]), "c");
}

#[test]
fn many_long_rows_are_read() {
    let bytes = file(&vec![row(&"x".repeat(MAX_ROW / 2)); 5]);
    assert!(read(&bytes).iter().all(|row| row.cells.is_ok()));
}

#[test]
fn all_four_dumps_are_read_into_the_same_cells() {
    for layout in Layout::ALL {
        let names: Vec<&str> = layout.columns().map(|(_, name)| name).collect();
        let cells: Vec<String> = names
            .iter()
            .map(|name| match *name {
                "uuid" => UUID.to_owned(),
                "created_at" => DATE.to_owned(),
                name => name.to_uppercase(),
            })
            .collect();
        let text = format!("\u{feff}{}\r\n{}\r\n", names.join(","), cells.join(","));
        let rows = read(text.as_bytes());
        let read = rows[0].cells.as_ref().unwrap();
        for column in COLUMNS {
            let cell = super::super::line::cell(read, column);
            assert_eq!(cell.is_empty(), !layout.has(column), "{layout}: {column}");
            assert!(cell.is_empty() || cell == column.to_uppercase() || cell.len() >= 19, "{cell}");
        }
        assert_eq!(Rows::open(text.as_bytes()).unwrap().layout(), layout);
    }
}

#[test]
fn an_empty_file_is_said_to_be_empty() {
    for text in ["", "\n"] {
        let error = Rows::open(text.as_bytes()).err().unwrap().to_string();
        assert_eq!(error, "line 1: the file is empty: not even a header stands in it");
    }
    assert!(read(&file(&[])).is_empty());
}
