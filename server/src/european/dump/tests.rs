//! Zips as dumps are, cut, hollow, bent and blown up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

type Files<'a> = [(&'a str, &'a [u8])];

fn zip_of(files: &Files<'_>, method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn deflated(files: &Files<'_>) -> Vec<u8> {
    zip_of(files, CompressionMethod::Deflated)
}

fn stored(files: &Files<'_>) -> Vec<u8> {
    zip_of(files, CompressionMethod::Stored)
}

/// Name and content of every CSV file.
fn read(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, DumpError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dump.zip");
    std::fs::write(&path, bytes).unwrap();
    let mut found = Vec::new();
    Dump::open(&path)?.each_csv(&mut |name, source| {
        let mut content = Vec::new();
        source
            .read_to_end(&mut content)
            .map_err(|source| DumpError::Io { name: name.to_string(), source })?;
        found.push((name.to_string(), content));
        Ok::<(), DumpError>(())
    })?;
    Ok(found)
}

/// Two inner zips of two files each.
fn nested() -> Vec<u8> {
    let text = |number: u32| format!("{number}\n").repeat(5_000).into_bytes();
    let [a, b, c, d] = [1, 2, 3, 4].map(text);
    let first = deflated(&[("s-00000-00000.csv", &a), ("s-00000-00001.csv", &b)]);
    let second = deflated(&[("s-00001-00000.csv", &c), ("s-00001-00001.csv", &d)]);
    stored(&[("s-00000.csv.zip", &first), ("s-00001.csv.zip", &second)])
}

#[test]
fn the_files_of_a_zip_of_zips_come_in_their_order() {
    let found = read(&nested()).unwrap();
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "s-00000.csv.zip/s-00000-00000.csv",
            "s-00000.csv.zip/s-00000-00001.csv",
            "s-00001.csv.zip/s-00001-00000.csv",
            "s-00001.csv.zip/s-00001-00001.csv",
        ]
    );
    assert_eq!(found[2].1, "3\n".repeat(5_000).into_bytes());
}

#[test]
fn an_inner_zip_and_an_unpacked_file_are_dumps_too() {
    let found = read(&deflated(&[("a.csv", b"x"), ("b.csv", b"y")])).unwrap();
    assert_eq!(found, [("a.csv".to_owned(), b"x".to_vec()), ("b.csv".to_owned(), b"y".to_vec())]);
    assert_eq!(read(b"uuid,x\n").unwrap(), [("dump.zip".to_owned(), b"uuid,x\n".to_vec())]);
    assert_eq!(read(b"").unwrap().len(), 1, "an empty file is for the reader of rows to refuse");
}

#[test]
fn a_zip_that_is_cut_anywhere_is_said_to_be_cut_and_nothing_of_it_is_taken() {
    let whole = nested();
    let mut cuts = 0;
    for length in (4..whole.len()).filter(|length| length % 7 == 4 || whole.len() - length < 400) {
        match read(&whole[..length]) {
            Err(DumpError::Cut(name)) => assert_eq!(name, "dump.zip"),
            other => panic!("cut to {length} of {}: {other:?}", whole.len()),
        }
        cuts += 1;
    }
    assert!(cuts > 400, "{cuts}");
}

#[test]
fn a_changed_byte_of_a_member_is_found() {
    let mut bytes = nested();
    let at = bytes.len() / 4;
    bytes[at] ^= 1;
    let error = read(&bytes).unwrap_err();
    assert!(matches!(error, DumpError::Io { .. } | DumpError::Damaged { .. }), "{error}");
}

#[test]
fn a_zip_without_files_is_hollow() {
    assert!(matches!(read(&stored(&[])), Err(DumpError::Hollow(_))));
    let error = read(&stored(&[("a.csv.zip", &stored(&[]))])).unwrap_err();
    assert_eq!(error.to_string(), "a.csv.zip holds no file");
}

#[test]
fn what_is_none_of_a_dumps_files_is_refused() {
    let inner = deflated(&[("a.csv", b"x")]);
    let deep = stored(&[("a.csv.zip", &stored(&[("b.csv.zip", &inner)]))]);
    let long = format!("{}.csv", "x".repeat(300));
    for (bytes, wanted) in [
        (stored(&[("../a.csv", b"x")]), "named ….csv or ….csv.zip"),
        (stored(&[("__MACOSX/._a", b"x")]), "named ….csv or ….csv.zip"),
        (stored(&[("a b.csv", b"x")]), "named ….csv or ….csv.zip"),
        (stored(&[(&long, b"x")]), "named ….csv or ….csv.zip"),
        (deep, "three deep"),
        (deflated(&[("a.csv.zip", &inner)]), "compressed once more"),
    ] {
        let error = read(&bytes).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn a_list_of_more_files_than_a_dump_has_is_refused_before_it_fills_the_memory() {
    let names: Vec<String> = (0..=MAX_MEMBERS).map(|number| format!("{number}.csv")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let error = read(&stored(&files)).unwrap_err().to_string();
    assert!(error.contains("10001 files"), "{error}");
    let names: Vec<String> =
        (0..MAX_MEMBERS).map(|number| format!("{}{number}.csv", "x".repeat(200))).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert!(read(&stored(&files)).is_err());
}

#[test]
fn two_files_of_one_name_are_refused() {
    let mut bytes = deflated(&[("a.csv", b"x"), ("b.csv", b"y")]);
    while let Some(at) = bytes.windows(5).position(|window| window == b"b.csv") {
        bytes[at] = b'a';
    }
    let error = read(&bytes).unwrap_err().to_string();
    assert!(error.contains("two files of one name"), "{error}");
}

#[test]
fn a_file_that_is_larger_than_any_dump_is_not_read_on() {
    let mut endless = Bounded { source: io::repeat(0), left: 10 };
    let mut buffer = [0; 8];
    assert_eq!(endless.read(&mut buffer).unwrap(), 8);
    assert_eq!(endless.read(&mut buffer).unwrap_err().kind(), io::ErrorKind::InvalidData);
}

#[test]
fn a_folder_is_no_dump() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Dump::open(folder.path()), Err(DumpError::Io { .. })));
    assert!(matches!(Dump::open(&folder.path().join("none")), Err(DumpError::Io { .. })));
}
