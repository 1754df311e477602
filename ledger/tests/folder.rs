//! A ledger in a folder: made once, held by one process, refused after it was copied, adopted, and checked whole.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use glasshouse_ledger::author::Author;
use glasshouse_ledger::file_store::FileStore;
use glasshouse_ledger::key_file;
use glasshouse_ledger::ledger::{InitError, InitOptions, Ledger, OpenOptions};
use glasshouse_ledger::open::Hold;
use glasshouse_ledger::open::{OpenError, Opened};
use glasshouse_ledger::place::PlaceError;
use glasshouse_ledger::recover::Refusal;
use glasshouse_ledger::store::StoreError;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_ledger::writer::Answer;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::policy::Policy;
use support::*;

struct Folder {
    outer: tempfile::TempDir,
}

impl Folder {
    fn new() -> Folder {
        let folder = Folder { outer: tempfile::tempdir().unwrap() };
        Ledger::init(&folder.options(), TestClock::new()).unwrap();
        folder
    }

    fn inner(&self) -> PathBuf {
        self.outer.path().join("ledger")
    }

    fn options(&self) -> InitOptions {
        InitOptions {
            folder: self.inner(),
            origin: origin(),
            registrar_key: self.outer.path().join("registrar.key"),
            purpose: "test".to_owned(),
            policy: None,
            contact: Some("nobody".to_owned()),
        }
    }

    fn open(&self) -> Result<Opened, OpenError> {
        open_at(&self.inner(), &[])
    }

    /// The enrolment of the provider, by the registrar whose key lies beside the folder.
    fn enrolment(&self) -> glasshouse_ledger::author::Signed {
        let key = key_file::read_pem(&self.outer.path().join("registrar.key")).unwrap();
        let registrar = Author::new(Issuer::of_registrar(&origin()), origin(), key).unwrap();
        enrolment_by(&registrar, &provider(), 2)
    }

    /// Enrols the provider and publishes its decisions 1 to `last`.
    fn fill(&self, last: u64) {
        let Opened { mut writer, reader, .. } = self.open().unwrap();
        publish(&mut writer, &reader, &[self.enrolment()]);
        let statements: Vec<_> = (1..=last).map(decision).collect();
        publish(&mut writer, &reader, &statements);
        writer.settle().unwrap();
    }

    #[track_caller]
    fn assert_clean(&self) {
        let report = Ledger::fsck(&self.inner()).unwrap();
        assert!(report.is_clean(), "{:#?}", report.findings);
    }
}

fn open_at(folder: &Path, seen: &[Vec<u8>]) -> Result<Opened, OpenError> {
    Ledger::open(&options(folder, seen))
}

fn options(folder: &Path, seen: &[Vec<u8>]) -> OpenOptions {
    OpenOptions {
        folder: folder.to_owned(),
        clock: TestClock::new(),
        seen: seen.to_vec(),
        hold: Hold::NONE,
        publication: Publication::AtOnce,
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            copy(&item.path(), &target);
        } else {
            fs::copy(item.path(), target).unwrap();
        }
    }
}

#[test]
fn a_new_ledger_has_its_files_and_is_not_made_twice() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let inner = folder.inner();
    let own = ["log.key", "log.ml-dsa-44.key", "receipt.key"].map(|name| inner.join(name));
    for private in own.into_iter().chain([folder.options().registrar_key]) {
        let mode = fs::metadata(&private).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{private:?}");
    }
    let policy = fs::read_to_string(inner.join("policy.txt")).unwrap();
    Policy::parse(&policy).unwrap();
    let vkey = fs::read(inner.join("log.vkey")).unwrap();
    assert_eq!(vkey, fs::read(inner.join("public/vkey")).unwrap());
    assert!(fs::read(inner.join("public/addenda.v1")).unwrap().is_empty());
    let again = Ledger::init(&folder.options(), TestClock::new()).unwrap_err();
    assert!(matches!(again, InitError::NotEmpty(_)), "{again}");
    let Opened { reader, .. } = folder.open().unwrap();
    assert_eq!(reader.head().size().get(), 1);
    folder.assert_clean();
}

/// An `init` that died left keys, and the next one said "choose another folder".
#[test]
fn a_half_made_ledger_says_what_to_delete() {
    let whole = Folder::new();
    let made = [
        "log.ml-dsa-44.key",
        "log.key",
        "log.vkey",
        "log.ml-dsa-44.vkey",
        "receipt.key",
        "policy.txt",
        "state.sled",
        "public",
    ];
    for last in 1..=made.len() {
        let outer = tempfile::tempdir().unwrap();
        let options = InitOptions {
            folder: outer.path().join("ledger"),
            registrar_key: outer.path().join("registrar.key"),
            ..whole.options()
        };
        fs::create_dir(&options.folder).unwrap();
        fs::copy(whole.options().registrar_key, &options.registrar_key).unwrap();
        for name in &made[..last] {
            let (from, to) = (whole.inner().join(name), options.folder.join(name));
            match *name {
                "state.sled" => {
                    drop(glasshouse_ledger::file_store::FileStore::open(&options.folder).unwrap())
                }
                "public" => drop(fs::copy(from.join("vkey"), to.join("vkey")).unwrap()),
                _ => drop(fs::copy(from, to).unwrap()),
            }
        }
        let error = Ledger::init(&options, TestClock::new()).unwrap_err();
        let InitError::HalfMade { delete, .. } = &error else { panic!("{error}") };
        assert!(error.to_string().contains(delete), "{error}");
        let key = fs::read(whole.inner().join(made[0])).unwrap();
        assert_eq!(fs::read(options.folder.join(made[0])).unwrap(), key);
        for name in delete.split(", ").map(|name| options.folder.join(name)) {
            if name.is_dir() { fs::remove_dir_all(name).unwrap() } else { fs::remove_file(name).unwrap() }
        }
        Ledger::init(&options, TestClock::new()).unwrap();
        let registrar = fs::read(whole.options().registrar_key).unwrap();
        assert_eq!(fs::read(&options.registrar_key).unwrap(), registrar);
        assert!(Ledger::fsck(&options.folder).unwrap().is_clean());
    }
    // Any trace of a signature, and nobody is told to delete a key.
    for signed in ["state", "place", "public/checkpoint", "public/tile", "stage/1-ab", "addenda-pack/000"] {
        let outer = tempfile::tempdir().unwrap();
        let options = InitOptions { folder: outer.path().join("ledger"), ..whole.options() };
        fs::create_dir_all(options.folder.join(signed).parent().unwrap()).unwrap();
        fs::write(options.folder.join(signed), b"").unwrap();
        fs::copy(whole.inner().join("log.key"), options.folder.join("log.key")).unwrap();
        let error = Ledger::init(&options, TestClock::new()).unwrap_err();
        assert!(matches!(error, InitError::NotEmpty(_)), "{signed}: {error}");
    }
}

#[test]
fn the_registrars_key_lies_outside() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("ledger");
    let options = InitOptions {
        registrar_key: folder.join("registrar.key"),
        folder,
        origin: origin(),
        purpose: "test".to_owned(),
        policy: None,
        contact: None,
    };
    let refused = Ledger::init(&options, TestClock::new()).unwrap_err();
    assert!(matches!(refused, InitError::RegistrarInside(_)), "{refused}");
}

#[test]
fn a_second_process_is_refused_and_may_check() {
    let folder = Folder::new();
    let first = folder.open().unwrap();
    let second = folder.open().unwrap_err();
    assert!(matches!(second, OpenError::Store(StoreError::Held(_))), "{second}");
    folder.assert_clean();
    drop(first);
    folder.open().unwrap();
}

#[test]
fn statements_outlive_the_process() {
    let folder = Folder::new();
    folder.fill(300);
    folder.assert_clean();
    let Opened { mut writer, reader, .. } = folder.open().unwrap();
    assert_eq!(reader.head().size().get(), 302);
    let signed = decision(301);
    let answers = publish(&mut writer, &reader, std::slice::from_ref(&signed));
    assert!(matches!(answers[0], Answer::Accepted { index, .. } if index.get() == 302));
    let receipt = reader.receipt(index(302)).unwrap().unwrap();
    let policy = fs::read_to_string(folder.inner().join("policy.txt")).unwrap();
    receipt.verify(&Policy::parse(&policy).unwrap()).unwrap();
    // Not settled: the stage lies, as after a kill.
    drop((writer, reader));
    let Opened { reader, .. } = folder.open().unwrap();
    assert_eq!(reader.find(signed.leaf_hash()).unwrap(), Some(index(302)));
    drop(reader);
    folder.assert_clean();
}

#[test]
fn a_copied_folder_is_refused_until_it_is_adopted() {
    let folder = Folder::new();
    folder.fill(3);
    let old = folder.outer.path().join("copy");
    copy(&folder.inner(), &old);
    let refused = open_at(&old, &[]).unwrap_err();
    assert!(matches!(refused, OpenError::Place(_)), "{refused}");
    assert!(refused.to_string().contains("adopt"), "{refused}");
    // The original goes on; whoever saw its newer checkpoint can show that the copy is old.
    let Opened { mut writer, reader, .. } = folder.open().unwrap();
    publish(&mut writer, &reader, &[decision(4)]);
    let newer = reader.checkpoint_note().into_bytes();
    let refused = Ledger::adopt(&options(&old, &[newer]), &[], &mut |_| ()).unwrap_err();
    assert!(matches!(refused, OpenError::Refused(Refusal::BytesMissing { .. })), "{refused}");
    let refused = open_at(&old, &[]).unwrap_err();
    assert!(matches!(refused, OpenError::Place(_)), "a failed adoption adopts nothing: {refused}");
    drop(Ledger::adopt(&options(&old, &[]), &[], &mut |_| ()).unwrap());
    let Opened { reader, .. } = open_at(&old, &[]).unwrap();
    assert_eq!(reader.head().size().get(), 5);
}

/// A ledger that went on, a copy of its folder from before, and the checkpoint that it has signed since.
fn overtaken() -> (Folder, PathBuf, Vec<u8>) {
    let folder = Folder::new();
    folder.fill(2);
    let old = folder.outer.path().join("old");
    copy(&folder.inner(), &old);
    let Opened { mut writer, reader, .. } = folder.open().unwrap();
    publish(&mut writer, &reader, &[decision(3)]);
    writer.settle().unwrap();
    let newer = reader.checkpoint_note().into_bytes();
    (folder, old, newer)
}

/// Into the files that lie there, as `cp -a backup/. ledger/` does, which leaves every inode alone. Fails if `state` does not know
/// itself (`file_mark`), or is not looked at.
#[test]
fn files_that_were_put_back_into_the_folder_are_refused_until_it_is_adopted() {
    let (folder, old, newer) = overtaken();
    drop(folder.open().unwrap());
    copy(&old, &folder.inner());
    for name in ["place", "state"] {
        let bytes = |folder: &Path| fs::read(folder.join(name)).unwrap();
        assert_eq!(bytes(&old), bytes(&folder.inner()), "{name}");
    }
    let refused = open_at(&folder.inner(), &[]).unwrap_err();
    assert!(matches!(refused, OpenError::Place(PlaceError::PutBack { .. })), "{refused}");
    assert!(refused.to_string().contains("glasshouse adopt"), "{refused}");
    // What was signed since is not all there, and somebody shows it.
    Ledger::adopt(&options(&folder.inner(), &[newer]), &[], &mut |_| ()).unwrap_err();
    let refused = open_at(&folder.inner(), &[]).unwrap_err();
    assert!(matches!(refused, OpenError::Place(_)), "a failed adoption adopts nothing: {refused}");
}

/// An older folder that was put back without its `state`, or whose `state` was moved away since: sled's copy is as old as all else.
/// What lies there whole is adopted, and goes on.
#[test]
fn without_its_state_a_folder_is_refused_until_it_is_adopted() {
    let (folder, old, newer) = overtaken();
    copy(&old, &folder.inner());
    let state = folder.inner().join("state");
    for damage in [None, Some(vec![b'x'; (1 << 20) + 1])] {
        let _ = fs::remove_file(&state);
        damage.iter().for_each(|bytes| fs::write(&state, bytes).unwrap());
        let refused = open_at(&folder.inner(), &[]).unwrap_err();
        assert!(matches!(refused, OpenError::Place(PlaceError::PutBack { .. })), "{refused}");
        let report = Ledger::fsck(&folder.inner()).unwrap();
        assert!(
            report.findings.iter().any(|finding| finding.rule.contains("glasshouse adopt")),
            "{report:?}"
        );
    }
    Ledger::adopt(&options(&folder.inner(), &[newer]), &[], &mut |_| ()).unwrap_err();
    let whole = Folder::new();
    whole.fill(3);
    fs::remove_file(whole.inner().join("state")).unwrap();
    open_at(&whole.inner(), &[]).unwrap_err();
    Ledger::adopt(&options(&whole.inner(), &[]), &[], &mut |_| ()).unwrap();
    assert!(whole.open().unwrap().reader.head().size().get() > 3);
    assert_eq!(Ledger::fsck(&whole.inner()).unwrap().findings, []);
}

#[test]
fn a_checkpoint_that_others_saw_stops_an_older_ledger() {
    let (folder, old, seen) = overtaken();
    // The old files in the place of the new ones, and a state that is the folder's own, as on a disk that was set back: only
    // what others saw can tell.
    for name in ["state", "state.sled", "public", "addenda-pack", "look-ups"] {
        let target = folder.inner().join(name);
        let _ = fs::remove_dir_all(&target).or_else(|_| fs::remove_file(&target));
        if old.join(name).is_dir() {
            copy(&old.join(name), &target);
        } else {
            fs::copy(old.join(name), target).unwrap();
        }
    }
    FileStore::open(&folder.inner()).unwrap().own_state().unwrap();
    let refused = open_at(&folder.inner(), std::slice::from_ref(&seen)).unwrap_err();
    assert!(matches!(refused, OpenError::Refused(Refusal::BytesMissing { .. })), "{refused}");
    let foreign = b"not a note".to_vec();
    assert!(matches!(open_at(&folder.inner(), &[foreign]), Err(OpenError::Seen { number: 1, .. })));
}

#[test]
fn dropped_or_foreign_look_ups_are_built_again_to_the_same_answers() {
    let folder = Folder::new();
    folder.fill(5);
    let leaf = {
        let Opened { reader, .. } = folder.open().unwrap();
        let leaf = reader.entry(index(4)).unwrap().unwrap().leaf_hash();
        assert_eq!(reader.find(&leaf).unwrap(), Some(index(4)));
        leaf
    };
    let lookups = folder.inner().join("look-ups");
    fs::remove_dir_all(&lookups).unwrap();
    assert_eq!(folder.open().unwrap().reader.find(&leaf).unwrap(), Some(index(4)));
    // Where they lay in earlier versions.
    let former = folder.inner().join("index.sled");
    copy(&lookups, &former);
    fs::remove_dir_all(&lookups).unwrap();
    assert_eq!(folder.open().unwrap().reader.find(&leaf).unwrap(), Some(index(4)));
    assert!(!former.exists(), "it would lie there for ever");
    // Another log's look-ups.
    let other = Folder::new();
    other.fill(3);
    other.open().unwrap().reader.catch_up().unwrap();
    fs::remove_dir_all(&lookups).unwrap();
    copy(&other.inner().join("look-ups"), &lookups);
    let Opened { reader, .. } = folder.open().unwrap();
    assert_eq!(reader.find(&leaf).unwrap(), Some(index(4)));
    drop(reader);
    // Not even a database.
    fs::remove_dir_all(&lookups).unwrap();
    let numbers = lookups.join("numbers.sled");
    fs::create_dir_all(&numbers).unwrap();
    fs::write(numbers.join("conf"), b"garbage").unwrap();
    fs::write(numbers.join("db"), b"garbage").unwrap();
    assert_eq!(folder.open().unwrap().reader.find(&leaf).unwrap(), Some(index(4)));
}

#[test]
fn fsck_looks_at_the_files_beside_the_log_too() {
    let folder = Folder::new();
    let clean = Ledger::fsck(&folder.inner()).unwrap();
    assert!(clean.findings.is_empty(), "{:?}", clean.findings);
    for (name, damage) in [
        ("log.key", "-----BEGIN PRIVATE KEY-----\nMC4\n-----END PRIVATE KEY-----\n"),
        ("log.ml-dsa-44.key", "-----BEGIN PRIVATE KEY-----\nMC4\n-----END PRIVATE KEY-----\n"),
        ("receipt.key", ""),
        ("policy.txt", "quorum none\n"),
        ("place", "elsewhere\n"),
    ] {
        let path = folder.inner().join(name);
        let right = fs::read(&path).unwrap();
        fs::write(&path, damage).unwrap();
        let report = Ledger::fsck(&folder.inner()).unwrap();
        let places: Vec<&str> = report.findings.iter().map(|finding| finding.place.as_str()).collect();
        assert_eq!(places, [name]);
        fs::write(&path, right).unwrap();
    }
    // The same bytes in another file: what a start refuses is not whole.
    let (state, copy) = (folder.inner().join("state"), folder.inner().join("copy"));
    fs::copy(&state, &copy).unwrap();
    fs::rename(&copy, &state).unwrap();
    let report = Ledger::fsck(&folder.inner()).unwrap();
    let findings: Vec<String> = report.findings.iter().map(|finding| finding.rule.to_string()).collect();
    assert!(matches!(findings.as_slice(), [rule] if rule.contains("may have been put back")), "{findings:?}");
}
