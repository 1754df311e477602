//! Dumps that are written are read back, by our reader and by another.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use super::super::dump::{Dump, DumpError};
use super::super::layout::COLUMNS;
use super::*;

fn row(number: u64) -> Vec<String> {
    let mut cells = vec![String::new(); COLUMNS.len()];
    cells[0] = format!("f1e5d3be-e95d-4e51-bb38-{number:012x}");
    cells[30] = format!("Row {number}.");
    cells
}

/// Name and content of every file of a dump.
fn files(path: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let read = Dump::open(path).unwrap().each_csv(&mut |name, source| {
        let mut text = String::new();
        source.read_to_string(&mut text).unwrap();
        found.push((name.to_string(), text));
        Ok::<(), DumpError>(())
    });
    read.unwrap();
    found
}

fn write(path: &Path, layout: Layout, rows: u64) -> Written {
    let mut writer = DumpWriter::create(path, layout).unwrap();
    for number in 0..rows {
        writer.row(&row(number)).unwrap();
    }
    assert!(!path.exists(), "it appears when it is whole");
    writer.finish().unwrap()
}

#[test]
fn names_and_nesting_are_those_of_real_dumps() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sor-global-2025-07-01-full.zip");
    let written = write(&path, Layout::ALL[0], 200_001);
    assert_eq!((written.rows, &written.path), (200_001, &path));
    let found = files(&path);
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    let inner = "sor-global-2025-07-01-full-00000.csv.zip/sor-global-2025-07-01-full-00000";
    let wanted: Vec<String> = (0..3).map(|file| format!("{inner}-{file:05}.csv")).collect();
    assert_eq!(names, wanted);
    let lines: Vec<usize> = found.iter().map(|(_, text)| text.lines().count()).collect();
    assert_eq!(lines, [100_001, 100_001, 2], "a header in each");
    assert!(found.iter().all(|(_, text)| text.starts_with(&format!("{}\n", COLUMNS.join(",")))));
    let sum = std::fs::read_to_string(folder.path().join("sor-global-2025-07-01-full.zip.sha1")).unwrap();
    let real = Checksum::of(File::open(&path).unwrap()).unwrap();
    assert_eq!(sum, format!("{}  sor-global-2025-07-01-full.zip\n", real.to_hex()));
    assert_eq!(written.sha1, Some(real));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no scratch file is left");
}

#[test]
fn the_outer_zip_is_stored_and_the_inner_ones_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    write(&path, Layout::ALL[1], 5_000);
    let mut outer = zip::ZipArchive::new(File::open(&path).unwrap()).unwrap();
    let mut member = outer.by_index(0).unwrap();
    assert_eq!(member.entry().compression(), CompressionMethod::Stored);
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut member, &mut bytes).unwrap();
    let mut inner = zip::ZipArchive::new(io::Cursor::new(bytes)).unwrap();
    let member = inner.by_index(0).unwrap();
    assert_eq!(member.entry().compression(), CompressionMethod::Deflated);
    assert!(member.entry().size() > 10 * member.entry().compressed_size());
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("1").join("a.zip"), folder.path().join("2").join("a.zip"));
    for path in [&one, &two] {
        std::fs::create_dir(path.parent().unwrap()).unwrap();
        write(path, Layout::ALL[0], 1_000);
    }
    assert_eq!(std::fs::read(one).unwrap(), std::fs::read(two).unwrap());
}

#[test]
fn an_unpacked_file_has_one_header_and_no_checksum() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let written = write(&path, Layout::ALL[3], 100_005);
    assert_eq!(written.sha1, None);
    let found = files(&path);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1.lines().count(), 100_006);
    assert_eq!(found[0].1.lines().next().unwrap().split(',').count(), 33);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_dump_without_rows_has_a_header() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    write(&path, Layout::ALL[0], 0);
    let found = files(&path);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1, format!("{}\n", COLUMNS.join(",")));
}

#[test]
fn a_dump_that_is_not_finished_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    std::fs::write(&path, "before").unwrap();
    let mut writer = DumpWriter::create(&path, Layout::ALL[0]).unwrap();
    writer.row(&row(1)).unwrap();
    drop(writer);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
