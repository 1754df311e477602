//! What witnesses show when a ledger starts: a contradiction is the same evidence as while it runs, and the same end.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use glasshouse_ledger::file_store::FileStore;
use glasshouse_ledger::log_key_files::read_vkey;
use glasshouse_server::ledger_server::ServerError;
use glasshouse_verifier::checkpoint::SignedCheckpoint;

use super::fake::Manner;
use super::town::{Mode, Town};

const GLASSHOUSE: &str = env!("CARGO_BIN_EXE_glasshouse");

impl Town {
    fn dir(&self) -> PathBuf {
        self.world.folder.path().join("ledger")
    }

    /// The server as a process of its own.
    fn serve(&self) -> Child {
        let mut command = Command::new(GLASSHOUSE);
        command
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--min-free",
                "0",
                "--witness-interval",
                "20",
                "--dir",
            ])
            .arg(self.dir());
        command.arg("--policy").arg(self.policy_file()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Takes away the only evidence.
    fn settle_evidence(&self) {
        let [file] = &self.evidence()[..] else { panic!() };
        fs::remove_file(file).unwrap();
    }
}

/// Exit status and last words of a process.
fn end(mut child: Child) -> (Option<i32>, String) {
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    let words = errors.lines().find_map(|line| line.strip_prefix("glasshouse: ")).unwrap().to_owned();
    (child.wait().unwrap().code(), words)
}

/// Copies a folder into another one, whose own inode stays.
fn copy_into(from: &Path, to: &Path, but: &[&str]) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        if !but.contains(&name.to_str().unwrap()) {
            let copied = Command::new("cp").arg("-a").arg(entry.path()).arg(to).status().unwrap();
            assert!(copied.success());
        }
    }
}

/// A process that runs, and one that starts, end with the same status and the same words.
#[test]
fn a_start_ends_as_a_running_server_does() {
    let mut town = Town::new(Mode::Open);
    town.answered(&town.world.decision(1), "accepted", 2);
    town.until("all three signed", |town| town.signers().len() == 3);
    town.world.stop();
    let mut running = town.serve();
    let mut ready = String::new();
    BufReader::new(running.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
    assert!(ready.contains("\"event\":\"ready\""), "{ready}");
    // From now on the second refuses what it is asked for at every start, and shows why.
    town.witnesses[1].show(town.forged(2));
    town.witnesses[1].be(Manner::Says(422, String::new()));
    let url: serde_json::Value = serde_json::from_str(&ready).unwrap();
    let url = format!("{}/api/v1/statements", url["url"].as_str().unwrap());
    let body = town.world.body(&[&town.world.decision(2)]);
    // Whether this is answered before the news come is a matter of luck.
    let _ = town.world.agent.post(&url).header("content-type", "application/cbor").send(&body[..]);
    let (status, words) = end(running);
    // Nothing may be signed any more: a refusal, and no failure that passes.
    assert_eq!(status, Some(1), "{words}");
    assert!(words.contains("the witness w2") && words.contains("contradicts its tree"), "{words}");
    town.settle_evidence();
    assert_eq!(end(town.serve()), (status, words));
    // What is not settled stops the next one, which says where it lies.
    let (status, words) = end(town.serve());
    assert!(status == Some(1) && words.starts_with("evidence/2-"), "{status:?} {words}");
    town.settle_evidence();
    town.witnesses[1].show(Vec::new());
    town.witnesses[1].be(Manner::Right);
    town.world.start().unwrap();
    town.close();
}

/// The folder was set back beneath the ledger, as by a snapshot of the disk: nothing but its witnesses can know.
#[test]
fn a_folder_that_was_set_back_is_found_and_can_be_mended() {
    let mut town = Town::new(Mode::FailClosed);
    town.answered(&town.world.decision(1), "accepted", 2);
    town.world.stop();
    let scratch = town.world.folder.path().to_owned();
    let (older, newer) = (scratch.join("older"), scratch.join("newer"));
    fs::create_dir(&older).unwrap();
    fs::create_dir(&newer).unwrap();
    copy_into(&town.dir(), &older, &[]);
    town.world.start().unwrap();
    let second = town.world.decision(2);
    town.answered(&second, "accepted", 3);
    town.until("all three signed", |town| town.signers().len() == 3);
    town.world.stop();
    copy_into(&town.dir(), &newer, &[]);
    for name in ["public", "addenda-pack", "state", "state.sled", "stage", "look-ups", "erasures"] {
        let _ = fs::remove_dir_all(town.dir().join(name)).or_else(|_| fs::remove_file(town.dir().join(name)));
    }
    copy_into(&older, &town.dir(), &["place", "lock"]);
    // A snapshot brings back the very file.
    FileStore::open(&town.dir()).unwrap().own_state().unwrap();

    let refused = town.world.start().unwrap_err();
    assert!(matches!(refused, ServerError::Writer(_)), "{refused}");
    let said = refused.to_string();
    for part in ["size 4", "greater than any", "restored backup", "another server", "glasshouse adopt"] {
        assert!(said.contains(part), "{said}");
    }
    let [file] = &town.evidence()[..] else { panic!() };
    let json: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert!(json["means"].as_str().unwrap().contains("restored backup"), "{json}");
    // Nothing was signed, so nobody was contradicted: the newest checkpoint here is the one that was restored.
    let note = |folder: &Path| fs::read_to_string(folder.join("public/checkpoint")).unwrap();
    assert_eq!(note(&town.dir()), note(&older));

    // The operator mends it, beside the evidence, which stops the server until it is moved away.
    copy_into(&newer.join("public"), &town.dir().join("public"), &[]);
    copy_into(&newer.join("addenda-pack"), &town.dir().join("addenda-pack"), &[]);
    let adopt = Command::new(GLASSHOUSE)
        .args(["adopt", "--dir"])
        .arg(town.dir())
        .arg("--policy")
        .arg(town.policy_file())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&adopt.stdout).into_owned();
    assert!(adopt.status.success(), "{adopt:?}");
    assert!(told.contains("lies there still") && told.contains("tree of size 4"), "{told}");
    assert!(town.world.start().unwrap_err().to_string().starts_with("evidence/4-"));
    town.settle_evidence();
    town.world.start().unwrap();
    assert_eq!(town.trusted().signed().head().size().get(), 4);
    town.answered(&second, "duplicate", 3);
    town.answered(&town.world.decision(3), "accepted", 4);
    town.close();
}

/// A start while rounds wait for their quorum: what witnesses have signed of them is theirs to show.
#[test]
fn a_witness_that_is_ahead_of_what_is_published_is_no_contradiction() {
    let mut town = Town::new(Mode::FailClosed);
    town.until("all three signed", |town| town.signers().len() == 3);
    town.witnesses[0].kill();
    town.witnesses[1].be(Manner::Silent);
    let signed = town.world.decision(1);
    let (url, body) = (format!("{}/api/v1/statements", town.world.url()), town.world.body(&[&signed]));
    let waiting = std::thread::spawn(move || {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        agent.post(&url).header("content-type", "application/cbor").send(&body[..]).map(drop)
    });
    town.until("the third signed it", |town| town.readyz().contains("w3: signed a tree of size 3 at 20"));
    town.restart(Mode::FailClosed);
    // It was told that there is no quorum, when the server ended.
    waiting.join().unwrap().unwrap();
    assert!(town.evidence().is_empty());
    assert_eq!(town.size(), 2);
    town.witnesses[0].revive();
    town.until("it is published", |town| town.size() == 3);
    town.close();
}

/// What a start asks for with `--require-witnesses-at-start`.
fn require(town: &mut Town, required: usize) {
    let tune = std::mem::replace(&mut town.world.tune, Box::new(|_| {}));
    town.world.tune = Box::new(move |options| {
        tune(options);
        let witnesses = options.witnesses.as_mut().unwrap();
        witnesses.required_at_start = required;
        // However busy the machine is, who answers is heard.
        witnesses.timeout = Duration::from_secs(2);
    });
}

/// The whole disk was set back, and the one witness that has seen what was signed since does not answer. Who asks for all
/// witnesses signs nothing; who does not is warned, and the counters say so until the witness was heard.
#[test]
fn a_silent_witness_may_know_more_and_keeps_a_careful_start_waiting() {
    let mut town = Town::with(Mode::Open, "group one 1 w1 w2 w3\nquorum one\n");
    town.until("all three signed", |town| town.signers().len() == 3);
    assert!(town.metric("glasshouse_witnesses_unheard 0\n"));
    town.world.stop();
    town.witnesses[2].be(Manner::Silent);
    require(&mut town, 3);
    let before = fs::read(town.dir().join("public/checkpoint")).unwrap();
    let refused = town.world.start().unwrap_err();
    let ServerError::Unheard { heard: 2, asked: 3, required: 3, silent } = &refused else {
        panic!("{refused}")
    };
    assert!(silent.starts_with("w3: ") && !silent.contains("w1"), "{silent}");
    assert_eq!(fs::read(town.dir().join("public/checkpoint")).unwrap(), before);

    // An answer that says nothing is none.
    town.witnesses[2].be(Manner::Right);
    town.witnesses[2].show(b"no note of this log".to_vec());
    let refused = town.world.start().unwrap_err().to_string();
    assert!(refused.contains("w3: it shows what this log did not sign"), "{refused}");
    town.witnesses[2].show_its_own();
    town.world.start().unwrap();
    assert!(town.metric("glasshouse_witnesses_unheard 0\n"));
    town.world.stop();

    // Two are enough for who asks for two. The third counts as unheard until it signs.
    town.witnesses[2].be(Manner::Silent);
    require(&mut town, 2);
    town.world.start().unwrap();
    assert!(town.metric("glasshouse_witnesses_unheard 1\n"));
    town.witnesses[2].be(Manner::Right);
    town.answered(&town.world.decision(1), "accepted", 2);
    town.until("the third signed", |town| town.metric("glasshouse_witnesses_unheard 0\n"));
    town.close();
}

/// A witness that never signed for this log says that it knows nothing, and has said what it has seen. One that did and says
/// so has lost it, or is not who answers: what the folder tells of it is enough to know.
#[test]
fn who_has_seen_nothing_has_answered_only_where_it_never_signed() {
    let mut town = Town::new(Mode::Open);
    town.until("all three signed", |town| town.signers().len() == 3);
    town.world.stop();
    let fourth = town.newcomer();
    require(&mut town, 4);
    assert_eq!(fourth.asked(), 0);
    town.world.start().unwrap();
    town.until("the fourth signed, and it was written down", |town| {
        let known = fs::read_to_string(town.dir().join("witnesses")).unwrap();
        known.contains(&fourth.vkey.encode())
    });
    town.world.stop();
    fourth.forget();
    // Neither the file nor the note has to lie there: one of both is enough.
    let (file, checkpoint) = (town.dir().join("witnesses"), town.dir().join("public/checkpoint"));
    let (names, note) = (fs::read(&file).unwrap(), fs::read(&checkpoint).unwrap());
    let log = read_vkey(&town.dir()).unwrap();
    let alone = SignedCheckpoint::open(&note, &log).unwrap().under_its_line_alone().unwrap().note_text();
    for (names, note) in [(Some(&names), alone.as_bytes()), (None, &note[..])] {
        match names {
            Some(names) => fs::write(&file, names).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        fs::write(&checkpoint, note).unwrap();
        let refused = town.world.start().unwrap_err().to_string();
        assert!(refused.contains("3 of 4") && refused.contains("w4: it answered 404"), "{refused}");
    }
    require(&mut town, 3);
    fourth.be(Manner::Says(503, String::new()));
    town.world.start().unwrap();
    assert!(town.metric("glasshouse_witnesses_unheard 1\n"));
    town.close();
}

/// Whoever stands between can hand on what the log once published. That is no word of the witness, unless its own line is below
/// it, and not where it signed a greater tree before. What it shows counts as testimony all the same.
#[test]
fn an_old_note_is_not_what_a_witness_has_seen() {
    let mut town = Town::new(Mode::Open);
    town.until("all three signed", |town| town.signers().len() == 3);
    let older = town.checkpoint().note_text().into_bytes();
    town.answered(&town.world.decision(1), "accepted", 2);
    town.until("all three signed the next", |town| town.size() == 3 && town.signers().len() == 3);
    let alone = town.checkpoint().under_its_line_alone().unwrap().note_text().into_bytes();
    town.world.stop();
    require(&mut town, 3);
    for (shown, why) in [(alone, "no signature of its own"), (older, "has signed the one of size 3")] {
        town.witnesses[2].show(shown);
        let refused = town.world.start().unwrap_err().to_string();
        assert!(refused.contains("w3: it shows a tree of size") && refused.contains(why), "{refused}");
    }
    // Under the log's line alone, and contradicting the log: evidence, whatever else is missing.
    town.witnesses[2].show(town.forged(3));
    require(&mut town, 2);
    let refused = town.world.start().unwrap_err();
    assert!(matches!(refused, ServerError::Writer(_)), "{refused}");
    town.settle_evidence();
    town.witnesses[2].show_its_own();
    require(&mut town, 3);
    town.world.start().unwrap();
    town.close();
}

/// The option by its words: more than there are is no start, and too few that answer end with 1.
#[test]
fn the_option_counts_the_witnesses_of_the_policy() {
    let mut town = Town::new(Mode::Open);
    town.world.stop();
    town.witnesses[0].kill();
    for (required, status, words) in [
        ("4", Some(2), "--require-witnesses-at-start asks for 4"),
        ("3", Some(1), "2 of 3 witnesses said what they have seen"),
        ("all", Some(1), "2 of 3 witnesses said what they have seen"),
    ] {
        let mut command = Command::new(GLASSHOUSE);
        command.args(["serve", "--listen", "127.0.0.1:0", "--require-witnesses-at-start", required, "--dir"]);
        command.arg(town.dir()).arg("--policy").arg(town.policy_file());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        if !ready.is_empty() {
            child.kill().unwrap();
        }
        assert_eq!(ready, "", "{required}");
        let (ended, said) = end(child);
        assert!(ended == status && said.contains(words), "{required}: {ended:?} {said}");
    }
    town.witnesses[0].revive();
    town.world.start().unwrap();
    town.close();
}

/// Whoever adopts a folder asks everybody, and a witness that says nothing may know the most.
#[test]
fn adopt_waits_for_every_witness_or_says_so() {
    let mut town = Town::new(Mode::Open);
    town.until("all three signed", |town| town.signers().len() == 3);
    town.world.stop();
    let adopt = |more: &[&str]| {
        let mut command = Command::new(GLASSHOUSE);
        command.args(["adopt", "--dir"]).arg(town.dir()).arg("--policy").arg(town.policy_file()).args(more);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    assert_eq!(adopt(&[]).0, Some(0));
    town.witnesses[1].kill();
    let (status, said) = adopt(&[]);
    assert!(status == Some(1) && said.contains("1 of 3 witnesses do not say"), "{status:?} {said}");
    assert!(said.contains("w2: ") && !said.contains("w3"), "{said}");
    let (status, said) = adopt(&["--pass-over-silent-witnesses"]);
    assert!(status == Some(0) && said.contains("note: passed over: w2: "), "{status:?} {said}");
    // Who has seen nothing has shown nothing.
    town.witnesses[1].revive();
    town.witnesses.iter().for_each(super::fake::Fake::forget);
    let (status, said) = adopt(&[]);
    assert!(status == Some(1) && said.contains("3 of 3 witnesses do not say"), "{status:?} {said}");
    let (status, said) = adopt(&["--pass-over-silent-witnesses"]);
    assert!(status == Some(1) && said.contains("--nobody-else-has-seen-it"), "{status:?} {said}");
    let (status, said) = adopt(&["--pass-over-silent-witnesses", "--nobody-else-has-seen-it"]);
    assert!(status == Some(0), "{said}");
    town.world.start().unwrap();
    town.close();
}
