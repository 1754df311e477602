//! Folders that the formats of every version left: today's program opens each, finds it whole, and goes on. And folders that a
//! later program left, which are refused and left as they are. `formats/README.md` says how the folders were made.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/slow_tree.rs"]
mod slow_tree;
mod support;
#[path = "support/witness_bench.rs"]
mod witness_bench;

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::file_store::FileStore;
use glasshouse_ledger::key_file;
use glasshouse_ledger::ledger::{InitOptions, Ledger, OpenOptions};
use glasshouse_ledger::open::{Hold, OpenError, Opened};
use glasshouse_ledger::place::write_place;
use glasshouse_ledger::store::{StateCopy, Store};
use glasshouse_ledger::witness::folder::WitnessFolder;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_ledger::writer::Answer;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::issuer::Issuer;
use slow_tree::SlowTree;
use support::lives::{leaf, redaction, submit};
use support::*;
use witness_bench::{HandClock, NOW_S, last_size, logs, settings};

/// Entries of the ledgers in `formats/`.
const SIZE: u64 = 7;
/// Size of the tree that the witnesses in `formats/` cosigned last.
const COSIGNED: u64 = 5;
/// What a restart makes anew, and a running process holds: not kept.
const LEFT_OUT: [&str; 3] = ["look-ups", "tmp", "lock"];

/// The kept folders, by the number of their set of formats, the oldest first.
fn kept() -> BTreeMap<u32, PathBuf> {
    let formats = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats");
    let entries = fs::read_dir(formats).unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.is_dir())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().parse().unwrap(), path))
        .collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (name, target) = (entry.file_name(), to.join(entry.file_name()));
        if LEFT_OUT.contains(&name.to_str().unwrap()) {
            continue;
        }
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), &target).unwrap()),
        }
        // A repository keeps no modes.
        if name.to_str().unwrap().ends_with(".key") {
            fs::set_permissions(&target, Permissions::from_mode(0o600)).unwrap();
        }
    }
}

/// A copy of one of them, which is the ledger's own folder.
struct Folder {
    scratch: tempfile::TempDir,
}

impl Folder {
    fn of(kept: &Path) -> Folder {
        let folder = Folder { scratch: tempfile::tempdir().unwrap() };
        copy(kept, folder.scratch.path());
        folder.own();
        folder
    }

    fn newest() -> Folder {
        Folder::of(kept().last_entry().unwrap().get())
    }

    /// Makes the files its own, as if they had been written here.
    fn own(&self) {
        FileStore::open(&self.ledger()).unwrap().own_state().unwrap();
        write_place(&self.ledger()).unwrap();
    }

    fn ledger(&self) -> PathBuf {
        self.scratch.path().join("ledger")
    }

    fn options(&self, seen: &[Vec<u8>]) -> OpenOptions {
        OpenOptions {
            folder: self.ledger(),
            clock: TestClock::new(),
            seen: seen.to_vec(),
            hold: Hold::NONE,
            publication: Publication::AtOnce,
        }
    }

    fn open(&self, seen: &[Vec<u8>]) -> Result<Opened, OpenError> {
        Ledger::open(&self.options(seen))
    }

    fn adopt(&self) -> Result<Opened, OpenError> {
        Ledger::adopt(&self.options(&[]), &[], &mut |_| {}).map(|adopted| adopted.opened)
    }

    #[track_caller]
    fn assert_whole(&self, entries: u64, served: u64, withheld: u64) {
        let report = Ledger::fsck(&self.ledger()).unwrap();
        assert!(report.is_clean(), "{:#?}", report.findings);
        assert_eq!(
            (report.entries, report.served, report.erased, report.withheld),
            (entries, served, 1, withheld)
        );
    }

    fn file(&self, name: &str) -> PathBuf {
        self.ledger().join(name)
    }
}

fn enrolment(registrar_key: &Path) -> Signed {
    let key = key_file::read_pem(registrar_key).unwrap();
    let registrar = Author::new(Issuer::of_registrar(&origin()), origin(), key).unwrap();
    enrolment_by(&registrar, &provider(), 2)
}

/// A ledger with a redaction that was carried out and a round that lies staged, and a witness, as today's program makes them.
fn make(to: &Path) {
    let scratch = tempfile::tempdir().unwrap();
    let (ledger, registrar_key) = (scratch.path().join("ledger"), scratch.path().join("registrar.key"));
    let init = InitOptions {
        folder: ledger.clone(),
        origin: origin(),
        registrar_key: registrar_key.clone(),
        purpose: "test".to_owned(),
        policy: None,
        contact: None,
    };
    Ledger::init(&init, TestClock::new()).unwrap();
    let options = OpenOptions {
        folder: ledger.clone(),
        clock: TestClock::new(),
        seen: Vec::new(),
        hold: Hold::NONE,
        publication: Publication::AtOnce,
    };
    let Opened { mut writer, reader, .. } = Ledger::open(&options).unwrap();
    publish(&mut writer, &reader, &[enrolment(&registrar_key)]);
    let decisions: Vec<Signed> = (1..=3).map(decision).collect();
    publish(&mut writer, &reader, &decisions);
    let erased = redaction(4, &[leaf(&decisions[0])], &["decision_facts"]);
    assert!(matches!(submit(&mut writer, &reader, &erased), Answer::Accepted { .. }));
    writer.settle().unwrap();
    publish(&mut writer, &reader, &[decision(5)]);
    // Before it is settled: the last round lies staged.
    copy(scratch.path(), to);

    let witness = scratch.path().join("witness");
    WitnessFolder::at(&witness).init("witness.example/w1").unwrap();
    let [log, _] = logs();
    let (running, _) =
        WitnessFolder::at(&witness).open(HandClock::at(NOW_S), settings(&logs(), 1_000_000)).unwrap();
    let tree = SlowTree::of(COSIGNED, u64::MAX, 0);
    running.add_checkpoint(&log.request(0, &tree)).answer.unwrap();
    drop(running);
    copy(&witness, &to.join("witness"));
}

/// Which format each kind of file has, by its first line.
fn formats_in(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if let Some((what, version)) =
            std::str::from_utf8(line).ok().and_then(|line| line.strip_prefix("glasshouse-")?.rsplit_once('/'))
        {
            found.insert(what.to_owned(), version.to_owned());
        }
    }
    found
}

#[test]
fn a_ledger_of_every_version_is_opened_audited_and_goes_on() {
    let kept = kept();
    assert!(!kept.is_empty());
    for (number, path) in kept {
        let folder = Folder::of(&path);
        folder.assert_whole(SIZE, 16, 4);
        let before = fs::read(folder.file("public/checkpoint")).unwrap();
        let Opened { mut writer, reader, .. } = folder.open(&[]).unwrap();
        assert_eq!(reader.head().size().get(), SIZE, "{number}");
        let answers = publish(&mut writer, &reader, &[decision(6)]);
        assert!(matches!(answers[..], [Answer::Accepted { index, .. }] if index.get() == SIZE), "{number}");
        writer.settle().unwrap();
        drop((writer, reader));
        // It has grown out of what was signed then.
        drop(folder.open(&[before]).unwrap());
        folder.assert_whole(SIZE + 1, 20, 5);

        // The same as a restored backup.
        let folder = Folder { scratch: tempfile::tempdir().unwrap() };
        copy(&path, folder.scratch.path());
        folder.open(&[]).unwrap_err();
        assert_eq!(folder.adopt().unwrap().reader.head().size().get(), SIZE);
        drop(folder.open(&[]).unwrap());
    }
}

#[test]
fn a_witness_of_every_version_goes_on() {
    for path in kept().into_values() {
        let scratch = tempfile::tempdir().unwrap();
        copy(&path.join("witness"), scratch.path());
        let [log, _] = logs();
        let folder = WitnessFolder::at(scratch.path());
        folder.adopt(&[]).unwrap();
        let (witness, _) = folder.open(HandClock::at(NOW_S), settings(&logs(), 1_000_000)).unwrap();
        assert_eq!(last_size(&witness, &log), Some(COSIGNED));
        let tree = SlowTree::of(COSIGNED + 2, u64::MAX, 0);
        witness.add_checkpoint(&log.request(COSIGNED, &tree)).answer.unwrap();
    }
}

/// Whoever changes a format keeps a folder of it, from then on for ever.
#[test]
fn every_format_of_today_is_kept() {
    let made = tempfile::tempdir().unwrap();
    make(made.path());
    if let Some(to) = std::env::var_os("GLASSHOUSE_KEEP_FORMATS") {
        make(Path::new(&to));
    }
    let today = formats_in(made.path());
    let kinds: Vec<&str> = today.keys().map(String::as_str).collect();
    assert_eq!(kinds, ["erasures", "pack", "place", "stage", "state", "witness-logs", "witness-state"]);
    assert_eq!(formats_in(kept().last_entry().unwrap().get()), today);
}

/// The same file of the next version, as the rules for all versions have it: another first line, and the right hash.
fn of_next_version(bytes: &[u8]) -> Vec<u8> {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    assert_eq!(bytes[end - 2..end], *b"/1", "the next version is another one now");
    let mut later = bytes.to_vec();
    later[end - 1] = b'2';
    if let Ok(text) = std::str::from_utf8(&later)
        && let Some(start) = text.find("\nsha256 ")
    {
        let body = &text[..=start];
        return format!("{body}sha256 {}\n", Digest::of(body.as_bytes())).into_bytes();
    }
    if later.starts_with(b"glasshouse-stage/") {
        let end = later.len() - 32;
        let hash = Digest::of(&later[..end]);
        later[end..].copy_from_slice(hash.as_bytes());
    }
    later
}

/// Every file of a folder but what a start makes anew.
fn files_of(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        let name = path.file_name().unwrap().to_str().unwrap();
        if LEFT_OUT.contains(&name) || name == "state.sled" {
            continue;
        }
        match path.is_dir() {
            true => open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path())),
            false => drop(files.insert(path.clone(), fs::read(&path).unwrap())),
        }
    }
    files
}

/// Neither `open` nor `adopt` takes the folder, both say why, and all of it stays.
#[track_caller]
fn assert_refused(folder: &Folder, format: &str) {
    let before = files_of(&folder.ledger());
    for refused in [folder.open(&[]), folder.adopt()] {
        let said = refused.unwrap_err().to_string();
        for part in [format, "a later glasshouse wrote it"] {
            assert!(said.contains(part), "{said}");
        }
    }
    assert_eq!(files_of(&folder.ledger()), before, "{format}");
}

#[test]
fn files_of_a_later_version_are_refused_and_stay() {
    let folder = Folder::newest();
    let stage = fs::read_dir(folder.file("stage")).unwrap().next().unwrap().unwrap().path();
    let cases = [
        (folder.file("state"), "glasshouse-state/2"),
        (stage, "glasshouse-stage/2"),
        (folder.file("erasures"), "glasshouse-erasures/2"),
        (folder.file("place"), "glasshouse-place/2"),
    ];
    for (file, format) in cases {
        let known = fs::read(&file).unwrap();
        // Damage is damage, whatever number stands there: it is another test that it does no harm.
        fs::write(&file, of_next_version(&known)).unwrap();
        assert_refused(&folder, format);
        let report = Ledger::fsck(&folder.ledger()).unwrap();
        let named = report.findings.iter().any(|finding| finding.rule.contains(format));
        assert!(named, "{format}: {:#?}", report.findings);
        fs::write(&file, known).unwrap();
    }
    assert_eq!(folder.open(&[]).unwrap().reader.head().size().get(), SIZE);
}

/// The plain copy is of this version, and the embedded one of the next: the next one ran last.
#[test]
fn an_embedded_state_of_a_later_version_is_not_outvoted() {
    let folder = Folder::newest();
    let store = FileStore::open(&folder.ledger()).unwrap();
    let StateCopy::Bytes(record) = store.load_state().unwrap().plain else { panic!() };
    let plain = fs::read(folder.file("state")).unwrap();
    let later = of_next_version(&record);
    store.reset_state(&later).unwrap();
    fs::write(folder.file("state"), plain).unwrap();
    store.own_state().unwrap();
    drop(store);
    assert_refused(&folder, "glasshouse-state/2");
    let copies = FileStore::open(&folder.ledger()).unwrap().load_state().unwrap();
    assert_eq!(copies.embedded, StateCopy::Bytes(later));
}

#[test]
fn a_pack_of_a_later_version_is_refused_and_stays() {
    let folder = Folder::newest();
    let pack = folder.file("addenda-pack/000");
    let later = of_next_version(&fs::read(&pack).unwrap());
    fs::write(&pack, &later).unwrap();
    for refused in [folder.open(&[]), folder.adopt()] {
        let said = refused.unwrap_err().to_string();
        assert!(said.contains("glasshouse-pack/2") && said.contains("a later glasshouse wrote it"), "{said}");
        assert_eq!(fs::read(&pack).unwrap(), later);
    }
}

#[test]
fn a_witness_leaves_a_later_version_alone() {
    let newest = kept().last_entry().unwrap().get().join("witness");
    let scratch = tempfile::tempdir().unwrap();
    copy(&newest, scratch.path());
    let folder = WitnessFolder::at(scratch.path());
    folder.adopt(&[]).unwrap();
    let record = fs::read_dir(scratch.path().join("state")).unwrap().next().unwrap().unwrap().path();
    for (file, format) in [
        (record, "glasshouse-witness-state/2"),
        (scratch.path().join("state.mark"), "glasshouse-witness-logs/2"),
    ] {
        let known = fs::read(&file).unwrap();
        let later = of_next_version(&known);
        fs::write(&file, &later).unwrap();
        let opened = folder.open(HandClock::at(NOW_S), settings(&logs(), 1_000_000)).map(drop);
        for refused in [opened, folder.adopt(&[]).map(drop)] {
            let said = refused.unwrap_err().to_string();
            assert!(said.contains(format) && said.contains("a later glasshouse wrote it"), "{said}");
            assert_eq!(fs::read(&file).unwrap(), later, "{format}");
        }
        fs::write(&file, known).unwrap();
    }
    folder.open(HandClock::at(NOW_S), settings(&logs(), 1_000_000)).unwrap();
}
