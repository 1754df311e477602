//! `glasshouse registrar tick` by hand: from the command to an auditor who counts it, and what it says where it is refused.

use std::path::Path;
use std::process::Command;

use glasshouse_tests::process::Process;
use glasshouse_tests::workload::now;
use glasshouse_tests::world::World;
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_glasshouse-under-test");
const VERIFY: &str = env!("CARGO_BIN_EXE_glasshouse-verify-under-test");

/// A ledger that is not served yet, and a witness of it with both of its keys.
struct Scene {
    world: World,
    /// Held so that it answers.
    _witness: Process,
    policy: String,
}

impl Scene {
    fn new() -> Scene {
        let world = World::init(Path::new(PROGRAM));
        let (status, made, errors) =
            world.command(&["--json", "witness", "init", "--dir", "w1", "--name", "witness.example/w1"]);
        assert_eq!(status, 0, "{errors}");
        let logs = std::fs::read_to_string(world.dir().join("policy.txt")).unwrap();
        let logs: String =
            logs.lines().filter(|line| line.starts_with("log ")).map(|line| format!("{line}\n")).collect();
        let file = |name: &str, text: &str| {
            let path = world.scratch().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let watched = file("watched.txt", &format!("{logs}quorum none\n"));
        let dir = world.scratch().join("w1");
        let witness = Process::witness(Path::new(PROGRAM), &dir, &["--policy", &watched]).unwrap();
        let made: Value = serde_json::from_str(&made).unwrap();
        let mut text = logs;
        for (name, vkey) in ["old", "new"].iter().zip(made["vkeys"].as_array().unwrap()) {
            text.push_str(&format!("witness {name} {} {}\n", vkey.as_str().unwrap(), witness.url()));
        }
        let policy = file("witnesses.txt", &format!("{text}group both all old new\nquorum both\n"));
        Scene { world, _witness: witness, policy }
    }

    fn tick(&self, key: &str, more: &[&str]) -> (i32, String, String) {
        let fixed =
            ["--json", "registrar", "tick", "--log", self.world.server().url(), "--registrar-key", key];
        self.world.command(&[fixed.as_slice(), more].concat())
    }

    /// What the auditor says about time, after an audit that finds nothing wrong.
    fn audit(&self) -> Value {
        let output = Command::new(VERIFY)
            .args(["log", self.world.server().url(), "--policy", &self.policy, "--json"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        answer["time"].clone()
    }
}

fn event(output: &str) -> Value {
    serde_json::from_str(output.lines().last().unwrap()).unwrap()
}

#[test]
fn a_tick_by_hand_is_in_the_log_and_the_auditor_counts_it() {
    let mut scene = Scene::new();
    scene.world.serve_logging(&["--policy", &scene.policy, "--require-quorum"], "warn");
    let mut publisher = scene.world.enrol("ticked");
    assert_eq!(scene.world.submit(&[publisher.sign_next()])[0]["status"], "accepted");
    assert_eq!(scene.audit()["ticks"], 0);
    let begun = now();
    let (status, told, errors) = scene.tick("registrar.key", &["--policy", &scene.policy]);
    assert_eq!(status, 0, "{told}{errors}");
    let ticked = event(&told);
    assert_eq!((&ticked["event"], &ticked["index"]), (&"ticked".into(), &3.into()), "{ticked}");
    let entry = scene.world.get("/api/v1/statements/3").json();
    assert!(entry.to_string().contains("\"type\":\"tick\""), "{entry}");
    assert_eq!(scene.world.submit(&[publisher.sign_next()])[0]["status"], "accepted");
    // Once more, as a person reads it, and without a policy.
    let (status, told, errors) = scene.world.command(&[
        "registrar",
        "tick",
        "--log",
        scene.world.server().url(),
        "--registrar-key",
        "registrar.key",
    ]);
    assert_eq!(status, 0, "{errors}");
    assert!(told.contains("the checkpoint of size 5 is on record") && told.contains("entry 5"), "{told}");
    let time = scene.audit();
    assert_eq!((&time["ticks"], &time["passed_over"]), (&2.into(), &0.into()), "{time}");
    assert!(time["after"].as_u64().unwrap() + 60 >= begun, "{time}");
    assert_eq!(scene.world.take_server().stop(), Some(0));
    scene.world.assert_fsck_clean();
}

#[test]
fn a_refused_tick_says_what_to_do() {
    let mut scene = Scene::new();
    // Nobody is asked for cosignatures.
    scene.world.serve();
    let policy = scene.policy.clone();
    for more in [&[][..], &["--policy", &policy]] {
        let (status, told, errors) = scene.tick("registrar.key", more);
        assert_eq!((status, &event(&told)["status"]), (1, &1.into()), "{told}{errors}");
        for part in [
            "checkpoint of size 1",
            "bound nothing",
            "glasshouse serve --policy",
            "/readyz",
            "Run this again",
        ] {
            assert!(errors.contains(part), "{part}: {errors}");
        }
        assert_eq!(errors.contains("do not make the quorum"), !more.is_empty(), "{errors}");
    }
    assert_eq!(scene.world.take_server().stop(), Some(0));
    scene.world.serve_logging(&["--policy", &scene.policy, "--require-quorum"], "warn");
    // A key that is not the registrar's: the log refuses, and the command says why and what to do.
    let (status, _, errors) = scene.world.command(&["key", "new", "--out", "other.pem"]);
    assert_eq!(status, 0, "{errors}");
    let (status, _, errors) = scene.tick("other.pem", &[]);
    assert_eq!(status, 1, "{errors}");
    assert!(errors.contains("unknown-key") && errors.contains("--registrar-key"), "{errors}");
    // A policy of another log, and a file that is none.
    let other = scene.world.scratch().join("other.txt");
    let line =
        "log log.example/takedowns+f8bc89f6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\nquorum none\n";
    std::fs::write(&other, line).unwrap();
    let (status, _, errors) = scene.tick("registrar.key", &["--policy", other.to_str().unwrap()]);
    assert_eq!(status, 1, "{errors}");
    assert!(errors.contains("none of the keys given signed the note"), "{errors}");
    let (status, _, errors) = scene.tick("registrar.key", &["--policy", "registrar.key"]);
    assert_eq!(status, 1, "{errors}");
    assert!(errors.contains("registrar.key: "), "{errors}");
    // Nothing of all this is in the log.
    assert_eq!(scene.world.get("/api/v1/stats").json()["size"], 1);
    assert_eq!(scene.world.take_server().stop(), Some(0));
}
