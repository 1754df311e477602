//! The examples of the specification, published as they stand on a real ledger by the provider's own commands, and the
//! states that follow held against `expected.json`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use glasshouse_tests::world::{ORIGIN, World};
use serde_json::Value;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/examples")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(examples().join(name)).unwrap()
}

/// The provider's role, which its key is enrolled for.
const ROLES: [(&str, &str); 5] = [
    ("https://reverse-proxy.example", "reverse_proxy"),
    ("https://ddos-protection.example", "ddos_protection"),
    ("https://host.example", "host"),
    ("https://social.example", "social"),
    ("https://marketplace.example", "marketplace"),
];

struct Publishing {
    world: World,
    enrolled: BTreeMap<String, String>,
    files: usize,
}

impl Publishing {
    fn new() -> Publishing {
        let world = World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
        Publishing { world, enrolled: BTreeMap::new(), files: 0 }
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) {
        let (status, output, errors) = self.world.command(arguments);
        assert_eq!(status, 0, "{arguments:?}: {output}{errors}");
    }

    /// Makes a key for the provider and has it admitted; the short name of its files.
    fn admit(&mut self, provider: &str) -> String {
        if let Some(name) = self.enrolled.get(provider) {
            return name.clone();
        }
        let name = provider.trim_start_matches("https://").replace('.', "-");
        let role = ROLES.iter().find(|(known, _)| *known == provider).unwrap().1;
        let (key, request) = (format!("{name}.pem"), format!("{name}.cose"));
        let url = self.world.server().url().to_owned();
        let registrar = self.world.registrar_key();
        self.run(&["key", "new", "--out", &key]);
        self.run(&[
            "provider",
            "request",
            "--origin",
            ORIGIN,
            "--provider",
            provider,
            "--key",
            &key,
            "--out",
            &request,
        ]);
        self.run(&[
            "provider",
            "enrol",
            "--log",
            &url,
            "--registrar-key",
            registrar.to_str().unwrap(),
            "--request",
            &request,
            "--name",
            "An example",
            "--role",
            role,
            "--country",
            "LU",
        ]);
        self.enrolled.insert(provider.to_owned(), name.clone());
        name
    }

    /// Publishes lines of one provider, or gives its command.
    fn give(&mut self, provider: &str, lines: &[Value], command: Option<&Value>) {
        let name = self.admit(provider);
        let (url, key, outbox) =
            (self.world.server().url().to_owned(), format!("{name}.pem"), format!("{name}.outbox"));
        let common = ["--log", &url, "--provider", provider, "--key", &key, "--outbox", &outbox];
        let mut arguments: Vec<&str> = Vec::new();
        let file = format!("lines-{}.jsonl", self.files);
        match command {
            Some(command) => {
                arguments.extend(command.as_array().unwrap().iter().map(|a| a.as_str().unwrap()))
            }
            None => {
                self.files += 1;
                let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
                std::fs::write(self.world.scratch().join(&file), text).unwrap();
                arguments.push("publish");
            }
        }
        arguments.extend(common);
        if command.is_none() {
            arguments.push(&file);
        }
        self.run(&arguments);
    }

    /// Publishes a file: neighbouring lines of one provider at once.
    fn publish(&mut self, name: &str) {
        let mut waiting: (String, Vec<Value>) = Default::default();
        for line in read(name).lines() {
            let mut line: Value = serde_json::from_str(line).unwrap();
            let provider = line["provider"].as_str().unwrap().to_owned();
            line.as_object_mut().unwrap().remove("provider");
            let command = line.get("run").cloned();
            if !waiting.1.is_empty() && (provider != waiting.0 || command.is_some()) {
                let (provider, lines) = std::mem::take(&mut waiting);
                self.give(&provider, &lines, None);
            }
            match command {
                Some(command) => self.give(&provider, &[], Some(&command)),
                None => {
                    waiting.0 = provider;
                    waiting.1.push(line);
                }
            }
        }
        if !waiting.1.is_empty() {
            self.give(&waiting.0, &waiting.1, None);
        }
    }

    /// Every statement on record, decoded, with its state.
    fn statements(&self) -> Vec<Value> {
        let size = self.world.get("/api/v1/stats").json()["size"].as_u64().unwrap();
        let one = |index| {
            let reply = self.world.get(&format!("/api/v1/statements/{index}"));
            assert_eq!(reply.status, 200, "{index}");
            reply.json()
        };
        (0..size).map(one).collect()
    }
}

/// The statement that a line made: by its puid, or where it tells none by its type, of which the file has one.
fn find<'a>(statements: &'a [Value], reference: &str, file: &str) -> &'a Value {
    let (kind, name) = reference.split_once(':').unwrap();
    let found = match kind {
        "puid" => statements.iter().find(|one| one["texts"]["puid"] == name),
        _ => statements.iter().find(|one| one["payload"]["type"] == name),
    };
    found.unwrap_or_else(|| panic!("{reference} of {file} is not on record"))
}

#[test]
fn every_example_leads_to_the_state_that_it_says() {
    let expected: Value = serde_json::from_str(&read("expected.json")).unwrap();
    let files: Vec<&String> = expected.as_object().unwrap().keys().collect();
    assert_eq!(files.len(), 6);
    for file in files {
        // Ranges of numbers count from 1, so each story has a ledger of its own.
        let mut publishing = Publishing::new();
        publishing.publish(file);
        let statements = publishing.statements();
        for (reference, wanted) in expected[file].as_object().unwrap() {
            let state = &find(&statements, reference, file)["state"];
            assert_eq!(state["standing"], wanted["standing"], "{file} {reference}: {state}");
            let amended = wanted["amended"] == true;
            assert_eq!(state.get("as_amended").is_some(), amended, "{file} {reference}: {state}");
            for (field, text) in wanted["texts"].as_object().into_iter().flatten() {
                assert_eq!(state["texts"][field]["state"], *text, "{file} {reference} {field}: {state}");
            }
        }
        publishing.world.assert_fsck_clean();
    }
}
