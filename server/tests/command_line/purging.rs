//! `redact --purge-outbox` is killed at many moments, and run again; and what it must leave.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::world::{
    GLASSHOUSE, PROVIDER, Server, decision, done, enrolled, glasshouse, publish, summary, write_lines,
};

const SECRET: &str = "Words about somebody that a court has forbidden.";

/// The words in every spelling that a file of an outbox may have them in: plain, and in base64 at its three offsets.
fn spellings() -> Vec<Vec<u8>> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    let coded = (0..3).map(|offset| {
        let digits = STANDARD_NO_PAD.encode([&b"\0\0\0"[..offset], SECRET.as_bytes()].concat());
        // The first and last digits mix with what stands beside the words.
        digits.as_bytes()[4..digits.len() - 4].to_vec()
    });
    std::iter::once(SECRET.as_bytes().to_vec()).chain(coded).collect()
}

/// The files of a folder that hold the words, whatever they are called.
fn holders(folder: &Path) -> Vec<PathBuf> {
    let (spellings, mut found, mut open) = (spellings(), Vec::new(), vec![folder.to_path_buf()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            if spellings.iter().any(|words| memory_holds(&bytes, words)) {
                found.push(path);
            }
        }
    }
    found
}

fn memory_holds(bytes: &[u8], words: &[u8]) -> bool {
    let first = words[0];
    let mut starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == first);
    starts.any(|(at, _)| bytes[at..].starts_with(words))
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copy = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &copy);
        } else {
            fs::copy(&path, &copy).unwrap();
        }
    }
}

fn redact<'a>(server: &'a Server, outbox: &'a str, what: &[&'a str]) -> Vec<&'a str> {
    let fixed = ["--json", "redact", "--log", &server.url, "--provider", PROVIDER, "--key", "provider.pem"];
    let why = ["--outbox", outbox, "--ground", "court_order", "--requested-by", "court"];
    [&fixed[..], &why, what].concat()
}

/// A moment of a purge, by what it left in the folder.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// So many receipts have no words any more, or are about to have none.
    Receipts(u64),
    /// The new journal has grown to so many bytes.
    Journal(u64),
    /// The old journal has its second name: it is replaced, and perhaps overwritten in part.
    Replaced,
}

impl Moment {
    /// Whether it has come; `first_inode` is that of the receipt of the number, before anything.
    fn has_come(self, outbox: &Path, first_inode: &dyn Fn(u64) -> u64) -> bool {
        match self {
            Moment::Receipts(number) => {
                inode(&outbox.join(format!("receipts/{number}.json"))) != first_inode(number)
            }
            Moment::Journal(bytes) => {
                fs::metadata(outbox.join("journal.new")).is_ok_and(|file| file.len() >= bytes)
            }
            Moment::Replaced => outbox.join("journal.old").exists(),
        }
    }
}

fn inode(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).unwrap().ino()
}

/// Lines of the outbox that is purged: enough receipts for a kill between any two.
const LINES: usize = 60;
/// How often a moment is tried: the shortest is over in a thousandth of a second.
const TRIES: usize = 20;

/// Lines with long texts, so that the journal is long too.
fn long_lines() -> impl Iterator<Item = Value> {
    (0..LINES).map(|number| {
        let mut line = decision(&format!("case-{number}"));
        line["decision_facts"] = json!(format!("{SECRET} {}", "More of it. ".repeat(400)));
        line
    })
}

/// Begins a purge and kills it at the moment; `false` where it ended before.
fn is_killed_at(moment: Moment, dir: &Path, outbox: &Path, arguments: &[&str]) -> bool {
    let inodes: Vec<u64> =
        (1..=LINES).map(|number| inode(&outbox.join(format!("receipts/{number}.json")))).collect();
    let mut child = Command::new(GLASSHOUSE)
        .args(arguments)
        .current_dir(dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while child.try_wait().unwrap().is_none() {
        if moment.has_come(outbox, &|number| inodes[number as usize - 1]) {
            child.kill().unwrap();
            break;
        }
        std::thread::yield_now();
    }
    // SIGKILL, and no end of its own.
    child.wait().unwrap().code().is_none()
}

#[test]
fn killed_at_any_moment_a_purge_goes_on_and_leaves_no_word() {
    let (folder, server) = enrolled();
    let dir = folder.path();
    write_lines(&dir.join("many.jsonl"), long_lines());
    done(dir, &publish(&server.url, "many.jsonl"));
    let range = format!("1-{LINES}");
    let what = ["--range", &range, "--field", "decision_facts"];
    done(dir, &redact(&server, "outbox", &what));
    assert_eq!(holders(&dir.join("outbox")).len(), LINES + 1, "the journal and every receipt");
    let length = fs::metadata(dir.join("outbox/journal")).unwrap().len();
    let moments = [
        Moment::Receipts(1),
        Moment::Receipts(LINES as u64 / 2),
        Moment::Receipts(LINES as u64),
        Moment::Journal(0),
        Moment::Journal(length / 64),
        Moment::Replaced,
    ];
    for (round, moment) in moments.into_iter().enumerate() {
        let killed = (0..TRIES).any(|time| {
            let name = format!("outbox-{round}-{time}");
            let outbox = dir.join(&name);
            copy_folder(&dir.join("outbox"), &outbox);
            let arguments = redact(&server, &name, &[&what[..], &["--purge-outbox"]].concat());
            let is_killed = is_killed_at(moment, dir, &outbox, &arguments);
            check_purged(dir, &server, &name, &arguments);
            is_killed
        });
        assert!(killed, "no purge was killed at {moment:?}: the test shows nothing of it");
    }
}

/// Runs the purge to its end: no word is left, and no line is published twice.
fn check_purged(dir: &Path, server: &Server, name: &str, arguments: &[&str]) {
    let told = done(dir, arguments);
    let left: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!((&left["texts_left"], &left["receipts_left"]), (&json!(0), &json!(0)), "{name}");
    let outbox = dir.join(name);
    assert_eq!(holders(&outbox), [] as [PathBuf; 0], "{name}");
    let names = fs::read_dir(&outbox).unwrap().count();
    assert_eq!(names, 3, "{name}: the journal, the lock, the receipts, and nothing beside them");
    assert_eq!(
        fs::read_dir(outbox.join("receipts")).unwrap().count(),
        LINES + 1,
        "{name}: and the redaction's"
    );
    let again: Vec<&str> = publish(&server.url, "many.jsonl")
        .into_iter()
        .map(|word| if word == "outbox" { name } else { word })
        .collect();
    let counts = summary(&glasshouse(dir, &again));
    assert_eq!(
        (&counts["on_record"], &counts["already_published"], &counts["highest"]),
        (&json!(0), &json!(LINES), &json!(LINES + 1)),
        "{name}"
    );
}

/// It was lost once: a purge by range took withheld texts, which the log had passed over and nobody else had.
#[test]
fn what_a_range_passes_over_can_be_disclosed_after_the_purge() {
    let (folder, server) = enrolled();
    let dir = folder.path();
    let mut withholds = decision("a");
    withholds["decision_facts"] = json!(SECRET);
    withholds["withheld"] = json!({"decision_facts": {"ground": "ongoing_investigation"}});
    let public = decision("b");
    write_lines(&dir.join("a.jsonl"), [withholds, public].into_iter());
    done(dir, &publish(&server.url, "a.jsonl"));
    let range = ["--range", "1-2", "--field", "decision_facts", "--purge-outbox"];
    let last = |text: &str| -> Value { serde_json::from_str(text.lines().last().unwrap()).unwrap() };
    let purged = last(&done(dir, &redact(&server, "outbox", &range)));
    assert_eq!((&purged["erased_texts"], &purged["texts_left"]), (&json!(1), &json!(0)), "{purged}");
    assert_eq!(holders(&dir.join("outbox")), [dir.join("outbox/journal")]);
    let disclose =
        ["--json", "disclose", "--log", &server.url, "--provider", PROVIDER, "--key", "provider.pem"];
    let which = ["--outbox", "outbox", "--puid", "a", "--field", "decision_facts"];
    done(dir, &[&disclose[..], &which].concat());
    // Now the log has the text, and the same command erases it there and here.
    let text = done(dir, &redact(&server, "outbox", &range));
    let purged = last(&text);
    assert!(text.contains("\"before\":false"), "the earlier redaction passed over the text: {text}");
    assert_eq!((&purged["erased_texts"], &purged["texts_left"]), (&json!(2), &json!(0)), "{purged}");
    assert_eq!(holders(&dir.join("outbox")), [] as [PathBuf; 0]);
    let again = done(dir, &redact(&server, "outbox", &range));
    assert!(again.contains("\"before\":true"), "{again}");
}

/// A puid that was mistyped: nothing is numbered, and what looks like it is named.
#[test]
fn a_name_that_the_outbox_does_not_hold_is_told_with_what_looks_like_it() {
    let (folder, server) = enrolled();
    let dir = folder.path();
    write_lines(&dir.join("some.jsonl"), ["2026-0041", "2026-0042", "b"].map(decision).into_iter());
    done(dir, &publish(&server.url, "some.jsonl"));
    let journal = fs::read(dir.join("outbox/journal")).unwrap();
    for (what, said) in [
        (["--puid", "2026-042"], "this outbox holds no puid:2026-042. It holds 2026-0042, 2026-0041. Was it"),
        (
            ["--puid", "nope"],
            "this outbox holds no puid:nope. Was it published from another outbox, or refused",
        ),
        (["--id", "2026-0042"], "this outbox holds no id:2026-0042. Was it"),
    ] {
        let what = [&what[..], &["--field", "decision_facts"]].concat();
        let output = glasshouse(dir, &redact(&server, "outbox", &what));
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!output.status.success() && told.contains(said), "{told}");
    }
    assert_eq!(fs::read(dir.join("outbox/journal")).unwrap(), journal);
}

/// Who publishes a million lines without receipts does not wait for all of them at the next command.
#[test]
fn a_redaction_fetches_its_own_receipt_alone() {
    let (folder, server) = enrolled();
    let dir = folder.path();
    write_lines(&dir.join("a.jsonl"), ["a", "b", "c"].into_iter().map(decision));
    done(dir, &[&publish(&server.url, "a.jsonl")[..], &["--no-receipts"]].concat());
    done(dir, &redact(&server, "outbox", &["--puid", "a", "--field", "decision_facts"]));
    let receipts = || {
        let entries = fs::read_dir(dir.join("outbox/receipts")).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(receipts(), ["4.json"]);
    done(dir, &publish(&server.url, "a.jsonl"));
    assert_eq!(receipts(), ["1.json", "2.json", "3.json", "4.json"]);
}

/// What a command does comes to its end, whoever listens.
#[test]
fn a_reader_that_goes_away_keeps_nothing_from_being_erased() {
    let (folder, server) = enrolled();
    let dir = folder.path();
    let mut line = decision("a");
    line["decision_facts"] = SECRET.into();
    write_lines(&dir.join("some.jsonl"), [line].into_iter());
    done(dir, &publish(&server.url, "some.jsonl"));
    assert!(!holders(&dir.join("outbox")).is_empty());
    let what = ["--puid", "a", "--field", "decision_facts", "--purge-outbox"];
    let mut command = Command::new(GLASSHOUSE);
    command.args(redact(&server, "outbox", &what)).current_dir(dir);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(said.contains("came to its end, and not all of what it did was told"), "{said}");
    assert_eq!(holders(&dir.join("outbox")), [] as [PathBuf; 0]);
}
