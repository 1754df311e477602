//! Rows as PHP wrote them, and every row that can be written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use proptest::prelude::*;

use super::*;

/// Cells, and the row that `fputcsv` of PHP 8.2.31 made of them.
const BY_PHP: [([&str; 3], &str); 9] = [
    (["plain", "", "two words"], "plain,,\"two words\"\n"),
    (["tab\there", "line\nbreak", "return\rhere"], "\"tab\there\",\"line\nbreak\",\"return\rhere\"\n"),
    (["a,b", "say \"x\"", "a;b"], "\"a,b\",\"say \"\"x\"\"\",a;b\n"),
    (["back\\slash", "end\\", "end\\"], "\"back\\slash\",\"end\\\",\"end\\\"\n"),
    (
        ["he said \\\"no\\\" and", "he said \\\"no\\\", and", "{\\\"a\\\":\\\"b\\\",\\\"c\\\":1}"],
        "\"he said \\\"no\\\" and\",\"he said \\\"no\\\", and\",\"{\\\"a\\\":\\\"b\\\",\\\"c\\\":1}\"\n",
    ),
    (["\\", "\"", "\\\""], "\"\\\",\"\"\"\",\"\\\"\"\n"),
    (["\\\\\"", "\"\"", "\\\"\""], "\"\\\\\"\",\"\"\"\"\"\",\"\\\"\"\"\"\n"),
    (["a\\\n\"b", "é ü", "[\"AT\",\"BE\"]"], "\"a\\\n\"\"b\",\"é ü\",\"[\"\"AT\"\",\"\"BE\"\"]\"\n"),
    (["", "", ""], ",,\n"),
];

fn anything(_: usize, _: &[u8]) -> bool {
    true
}

fn encode(cells: &[&str]) -> String {
    let mut out = Vec::new();
    encode_row(cells.iter().copied(), &mut out);
    String::from_utf8(out).unwrap()
}

fn parse(text: &str, wanted: usize) -> Result<Vec<String>, RowFault> {
    let parsed = parse_row(text.as_bytes(), wanted, &anything)?;
    Ok(parsed.cells.into_iter().map(|cell| String::from_utf8(cell).unwrap()).collect())
}

#[test]
fn rows_are_written_as_php_writes_them_and_read_back() {
    for (cells, row) in BY_PHP {
        assert_eq!(encode(&cells), row);
        assert_eq!(parse(row, 3).unwrap(), cells, "{row}");
    }
}

#[test]
fn another_reader_reads_every_row_without_backslashes_alike() {
    let mut compared = 0;
    for (cells, row) in BY_PHP.into_iter().filter(|(_, row)| !row.contains("\\\"")) {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(row.as_bytes());
        let record = reader.records().next().unwrap().unwrap();
        assert_eq!(record.iter().collect::<Vec<_>>(), cells);
        compared += 1;
    }
    assert!(compared >= 5, "{compared}");
}

#[test]
fn a_row_ends_at_its_own_line_end_whatever_follows() {
    for end in ["", "\n", "\r\n"] {
        for last in ["c", "\"c c\""] {
            let row = format!("a,b,{last}{end}");
            let parsed = parse_row(row.as_bytes(), 3, &anything).unwrap();
            assert_eq!(parsed.length, row.len());
            assert_eq!(parsed.cells[2], last.trim_matches('"').as_bytes());
        }
    }
    let two = "a,\"b\nb\",c\nd,e,f\n";
    assert_eq!(parse_row(two.as_bytes(), 3, &anything).unwrap().length, 10);
}

#[test]
fn other_programs_double_every_quote() {
    assert_eq!(parse("a,\"x\\\"\"y\",c\n", 3).unwrap(), ["a", "x\\\"y", "c"]);
}

#[test]
fn each_fault_says_in_which_cell() {
    for (row, fault) in [
        ("a,\"b,c\n", RowFault::Unclosed(2)),
        ("a,\"b\"b,c\n", RowFault::BehindQuote(2)),
        ("a,b\"b,c\n", RowFault::QuoteInside(2)),
        ("a,b\n,c\n", RowFault::TooFew { given: 2, wanted: 3 }),
        ("a,b,c,d\n", RowFault::TooMany(3)),
        ("a,\"b\\\", c\" d,e\n", RowFault::Backslashes),
    ] {
        assert_eq!(parse(row, 3), Err(fault), "{row}");
    }
}

#[test]
fn a_quote_behind_a_backslash_ends_its_cell_or_not_as_the_rest_of_the_row_says() {
    assert_eq!(parse("\"x\\\",\"y\\\",z\n", 3).unwrap(), ["x\\", "y\\", "z"]);
    assert_eq!(parse("\"a\\\",b,\"c\\\",d\n", 4).unwrap(), ["a\\", "b", "c\\", "d"]);
    assert_eq!(parse("\"a\\\",b\",d\n", 2).unwrap(), ["a\\\",b", "d"]);
}

#[test]
fn where_both_give_a_row_it_is_refused_unless_the_forms_of_cells_decide() {
    // A row that ends on the first line, or one cell of two lines.
    let row = "\"a\\\"\n\"";
    assert_eq!(parse(row, 1), Err(RowFault::Ambiguous));
    let of_one_line = |_: usize, cell: &[u8]| !cell.contains(&b'\n');
    assert_eq!(parse_row(row.as_bytes(), 1, &of_one_line).unwrap().cells, [b"a\\"]);
}

#[test]
fn the_readings_of_one_row_are_bounded() {
    let many = "\\\",".repeat(300_000);
    let row = format!("a,\"{many}\",c\n");
    let started = std::time::Instant::now();
    assert_eq!(parse(&row, 3).unwrap()[1], many);
    let two = format!("a,\"{}\",c\n", "\\\",\"".repeat(200_000));
    assert!(parse(&two, 3).is_err());
    assert!(started.elapsed().as_secs() < 20);
}

proptest! {
    /// Written and read back, a row is the same, or it is said to be uncertain. It is never another one.
    #[test]
    fn what_was_written_is_read_or_refused(
        cells in prop::collection::vec(r#"[a\\", \n\r\t]{0,7}"#, 1..6),
    ) {
        let mut row = Vec::new();
        encode_row(cells.iter().map(String::as_str), &mut row);
        match parse_row(&row, cells.len(), &anything) {
            Ok(parsed) => {
                let read: Vec<&[u8]> = parsed.cells.iter().map(Vec::as_slice).collect();
                let written: Vec<&[u8]> = cells.iter().map(|cell| cell.as_bytes()).collect();
                prop_assert_eq!(read, written);
                prop_assert_eq!(parsed.length, row.len());
            }
            Err(fault) => prop_assert_eq!(fault, RowFault::Ambiguous),
        }
    }

    /// A row in which no quote follows a backslash has one reading, and that is the one.
    #[test]
    fn a_row_without_such_quotes_is_always_read(
        cells in prop::collection::vec(r#"([a", \n\t]|\\[a ])"#, 1..6),
    ) {
        let mut row = Vec::new();
        encode_row(cells.iter().map(String::as_str), &mut row);
        let parsed = parse_row(&row, cells.len(), &anything).unwrap();
        let read: Vec<&[u8]> = parsed.cells.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(read, cells.iter().map(|cell| cell.as_bytes()).collect::<Vec<_>>());
    }

    /// Whatever arrives, nothing panics.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(prop::sample::select(b"a\\\",\n\r".to_vec()), 0..60)) {
        let _ = parse_row(&bytes, 3, &anything);
    }
}
