//! Rows of the European database's dumps: no panic, and what is read and written again is read again the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

/// The server's own files: the server itself takes minutes to build.
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../server/src/european/dialect.rs"]
mod dialect;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../server/src/european/layout.rs"]
mod layout;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../server/src/european/rows.rs"]
mod rows;

fuzz_target!(|data: &[u8]| {
    let Ok(mut rows) = rows::Rows::open(data) else { return };
    let mut before = (1, 0);
    while let Ok(Some(row)) = rows.next_row() {
        assert!(row.line > before.0 && row.number == before.1 + 1);
        before = (row.line, row.number);
        let Ok(cells) = row.cells else { continue };
        assert_eq!(cells.len(), layout::COLUMNS.len());
        again(&cells);
    }
});

/// Where no backslash makes it uncertain, a row has one reading, and it is the one that was written.
fn again(cells: &[String]) {
    if cells.iter().any(|cell| cell.contains('\\')) {
        return;
    }
    let mut written = Vec::new();
    dialect::encode_row(cells.iter().map(String::as_str), &mut written);
    let Ok(read) = dialect::parse_row(&written, cells.len(), &|_, _| true) else {
        unreachable!("what was written is a row")
    };
    assert!(read.cells.iter().eq(cells.iter().map(|cell| cell.as_bytes())));
    assert_eq!(read.length, written.len());
}
