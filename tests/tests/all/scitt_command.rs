//! `glasshouse-verify scitt` on what a running ledger issues.

use std::path::{Path, PathBuf};
use std::process::Command;

use glasshouse_tests::workload::Publisher;
use glasshouse_tests::world::World;
use serde_json::Value;

const COSE: (&str, &str) = ("Accept", "application/cose");

/// A ledger with three decisions of one provider, and files of what it gives out.
struct Scene {
    world: World,
    publisher: Publisher,
}

impl Scene {
    fn new() -> Scene {
        let mut world = World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
        let mut publisher = world.enrol("scitt");
        let old = world.get("/checkpoint").body;
        std::fs::write(world.scratch().join("old"), old).unwrap();
        let signed: Vec<_> = (0..3).map(|_| publisher.sign_next()).collect();
        world.submit(&signed);
        let scene = Scene { world, publisher };
        scene.file("statement", signed[1].statement());
        scene.fetch("keys", "/.well-known/scitt-keys", &[]);
        scene.fetch("json", "/api/v1/receipts/3", &[]);
        scene.fetch("receipt", "/entries/3", &[]);
        scene.fetch("whole", "/api/v1/receipts/3", &[COSE]);
        scene.fetch("growth", "/api/v1/proofs/consistency?from=2", &[COSE]);
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.world.scratch().join(name)
    }

    fn file(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    #[track_caller]
    fn fetch(&self, name: &str, path: &str, headers: &[(&str, &str)]) {
        let reply = self.world.get_with(path, headers);
        assert_eq!(reply.status, 200, "{path}");
        self.file(name, &reply.body);
    }

    /// Exit status and answer of the command in the folder of the files.
    fn verify(&self, arguments: &str) -> (i32, Value) {
        let output = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify-under-test"))
            .args(["--json", "scitt"])
            .args(arguments.split(' '))
            .current_dir(self.world.scratch())
            .output()
            .unwrap();
        let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code().unwrap(), answer)
    }
}

#[test]
fn what_the_ledger_issues_holds_offline() {
    let scene = Scene::new();
    let policy = scene.world.dir().join("policy.txt");
    let genesis = format!("whole --genesis json --policy {}", policy.display());
    for arguments in [
        "whole --keys keys",
        "receipt --keys keys --statement statement",
        "receipt --keys keys --statement whole",
        genesis.as_str(),
    ] {
        let (status, answer) = scene.verify(arguments);
        assert_eq!((status, &answer["verdict"]), (0, &"holds".into()), "{arguments}: {answer}");
        assert_eq!(answer["iss"], scene.publisher.author().issuer().as_str(), "{arguments}");
        let open = answer["not_proved"].to_string();
        assert!(open.contains("index and tree size are not signed"), "{open}");
        assert!(open.contains("no witness signs a COSE receipt"), "{open}");
    }
    let (status, answer) = scene.verify("growth --keys keys --old old");
    assert_eq!((status, &answer["old_size"]), (0, &2.into()), "{answer}");
}

#[test]
fn what_is_wrong_or_incomplete_does_not_hold() {
    let scene = Scene::new();
    let whole = std::fs::read(scene.path("whole")).unwrap();
    let mut forged = whole.clone();
    *forged.last_mut().unwrap() ^= 1;
    scene.file("forged", &forged);
    // Label 395 says another data structure: nothing that this version could judge.
    let receipt = std::fs::read(scene.path("receipt")).unwrap();
    let at = receipt.windows(3).position(|bytes| bytes == [0x19, 0x01, 0x8b]).unwrap();
    let mut later = receipt.clone();
    later[at + 3] = 2;
    scene.file("later", &later);
    let other = World::start(scene.world.program());
    scene.file("other-keys", &other.get("/.well-known/scitt-keys").body);
    for (arguments, status, rule) in [
        ("forged --keys keys", 1, "bad-signature"),
        ("whole --keys other-keys", 1, "unknown-key"),
        ("growth --keys keys --statement statement", 1, "receipt-format"),
        ("receipt --keys keys --old old", 1, "receipt-format"),
        ("statement --keys keys", 1, "receipt-format"),
        ("later --keys keys --statement statement", 4, "not-understood"),
    ] {
        let (found, answer) = scene.verify(arguments);
        assert_eq!((found, &answer["rule"]), (status, &rule.into()), "{arguments}: {answer}");
    }
    // A policy of another log names no keys of this one.
    let policy = other.dir().join("policy.txt");
    let (status, _) = scene.verify(&format!("whole --genesis json --policy {}", policy.display()));
    assert_eq!(status, 2);
    assert_eq!(scene.verify("whole").0, 2, "no keys at all");
    assert_eq!(scene.verify("receipt --keys keys").0, 2, "nothing that the receipt is about");
}
