//! The European database both ways: what was imported, published and exported is what was imported.

use std::path::{Path, PathBuf};

use glasshouse_ledger::key_file::write_pem;
use glasshouse_server::european::layout::Layout;
use glasshouse_tests::european::Day;
use glasshouse_tests::workload::{Publisher, batch, decision};
use glasshouse_tests::world::World;
use serde_json::{Value, json};

/// 2025-07-01T00:00:00Z.
const MIDNIGHT: u64 = 1_751_328_000;
const EXCERPT: &str = "sor-global-2025-07-01-full-excerpt.csv";

/// A ledger, and a provider that only publishes what others decided.
struct Archive {
    world: World,
    name: &'static str,
}

impl Archive {
    fn new(name: &'static str) -> Archive {
        let mut world = World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
        let publisher = Publisher::new(name, world.registrar().origin());
        let signed = world.enrolment(&publisher, &["other"]);
        let reply = world.post(&batch([&signed]));
        assert_eq!(reply.json()["results"][0]["status"], "accepted", "{}", reply.json());
        write_pem(&world.scratch().join("key.pem"), &Publisher::key_of(name)).unwrap();
        Archive { world, name }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.world.scratch().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs a command, which must end well, and gives what it wrote to standard output.
    #[track_caller]
    fn run(&self, arguments: &[&str]) -> String {
        let (status, output, errors) = self.world.command(arguments);
        assert_eq!(status, 0, "{arguments:?}: {output}{errors}");
        output
    }

    #[track_caller]
    fn import(&self, dump: &str, lines: &str) {
        self.run(&["import", "dsa-tdb", dump, "--out", lines]);
    }

    #[track_caller]
    fn publish(&self, lines: &str) {
        let url = self.world.server().url().to_owned();
        let provider = format!("https://{}.example", self.name);
        let mut arguments = vec!["publish", "--log", &url, "--provider", &provider, "--key", "key.pem"];
        arguments.extend(["--outbox", "outbox", "--no-receipts", "--batch", "500", lines]);
        self.run(&arguments);
    }

    /// Exports, and gives the report.
    #[track_caller]
    fn export(&self, more: &[&str]) -> Value {
        let dir = self.world.dir();
        let mut arguments = vec!["--json", "export", "dsa-tdb", "--dir", dir.to_str().unwrap()];
        arguments.extend(more);
        serde_json::from_str(&self.run(&arguments)).unwrap()
    }
}

#[test]
fn the_real_excerpt_comes_back_byte_for_byte_and_as_the_same_lines() {
    let archive = Archive::new("archive");
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/examples").join(EXCERPT);
    archive.import(original.to_str().unwrap(), "rows.jsonl");
    let lines = archive.read("rows.jsonl");
    assert_eq!(lines.lines().count(), 20);
    archive.publish("rows.jsonl");

    let report = archive.export(&["--out", EXCERPT]);
    assert_eq!(report["rows"], 20, "{report}");
    assert_eq!(report["left_empty"], json!({}));
    assert_eq!(report["no_column"], json!({}));
    assert_eq!(report["left_out"], json!({"no-decision": 2}), "genesis and enrolment");
    assert_eq!(archive.read(EXCERPT), std::fs::read_to_string(&original).unwrap());

    archive.import(EXCERPT, "again.jsonl");
    assert_eq!(archive.read("again.jsonl"), lines);
    // Whoever publishes these lines publishes nothing new.
    let before = archive.world.get("/api/v1/stats").json();
    archive.publish("again.jsonl");
    assert_eq!(archive.world.get("/api/v1/stats").json(), before);
}

#[test]
fn made_up_dumps_of_all_four_kinds_come_back_byte_for_byte() {
    for (seed, layout) in (1..).zip(Layout::ALL) {
        let archive = Archive::new("archive");
        let name = format!("sor-global-2025-07-01-{}.zip", layout.extent());
        let folder = archive.path("dump");
        std::fs::create_dir(&folder).unwrap();
        Day::new(seed, layout, MIDNIGHT, 300).write(&folder.join(&name)).unwrap();
        archive.run(&["import", "dsa-tdb", &format!("dump/{name}"), "--require-sha1", "--out", "rows.jsonl"]);
        archive.publish("rows.jsonl");
        let version = if layout.version.as_str() == "dsa-tdb/1" { "1" } else { "2" };
        let mut more = vec!["--version", version];
        more.extend((!layout.full).then_some("--light"));
        let report = archive.export(&[&more[..], &["--out", "out"]].concat());
        assert_eq!(report["rows"], 300, "{layout}: {report}");
        for ending in ["", ".sha1"] {
            let (one, two) = (format!("dump/{name}{ending}"), format!("out/{name}{ending}"));
            let (one, two) = (std::fs::read(archive.path(&one)), std::fs::read(archive.path(&two)));
            assert!(one.unwrap() == two.unwrap(), "{layout}: {name}{ending} is not the same");
        }
        archive.import(&format!("out/{name}"), "again.jsonl");
        assert_eq!(archive.read("again.jsonl"), archive.read("rows.jsonl"));
        let other = archive.export(&["--out", "other", "--version", if version == "1" { "2" } else { "1" }]);
        assert_eq!((&other["rows"], &other["left_out"]["other-vocabulary"]), (&0.into(), &300.into()));
        archive.world.assert_fsck_clean();
    }
}

#[test]
fn days_have_their_own_dumps_and_one_day_can_be_asked_for() {
    let archive = Archive::new("archive");
    for (seed, day) in [(1, 0), (2, 1), (3, 2)] {
        let path = archive.path(&format!("day{day}.zip"));
        Day::new(seed, Layout::ALL[1], MIDNIGHT + day * 86_400, 30).write(&path).unwrap();
        archive.import(&format!("day{day}.zip"), "rows.jsonl");
        archive.publish("rows.jsonl");
    }
    let report = archive.export(&["--light", "--out", "all"]);
    let paths: Vec<&str> =
        report["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    let wanted = ["1", "2", "3"].map(|day| format!("all/sor-global-2025-07-0{day}-light.zip"));
    assert_eq!(paths, wanted);
    let report = archive.export(&["--light", "--out", "one", "--day", "2025-07-02"]);
    assert_eq!((&report["rows"], &report["other_days"]), (&30.into(), &60.into()));
    let name = "sor-global-2025-07-02-light.zip";
    assert_eq!(
        std::fs::read(archive.path(&format!("one/{name}"))).unwrap(),
        std::fs::read(archive.path(&format!("all/{name}"))).unwrap()
    );
    let report = archive.export(&["--light", "--out", "none", "--day", "2025-08-01"]);
    assert_eq!(report["rows"], 0);
    assert!(archive.path("none/sor-global-2025-08-01-light.zip").exists());
}

#[test]
fn a_providers_own_decisions_become_a_dump_and_bodies_and_come_back_as_its_own_lines() {
    let archive = Archive::new("archive");
    let mut world = archive.world;
    let mut shop = world.enrol("shop");
    let mut hidden = decision(3);
    hidden["withheld"] = json!({"decision_facts": {"ground": "personal_data"}});
    let mut signed: Vec<_> = (0..2).map(|_| shop.sign_next()).collect();
    signed.push(shop.sign(&hidden, 3, glasshouse_tests::workload::now()));
    assert!(world.submit(signed.iter()).iter().all(|result| result["status"] == "accepted"));
    let archive = Archive { world, name: "archive" };
    let provider = ["--provider", "https://shop.example"];
    let report =
        archive.export(&[&provider[..], &["--out", "dump.csv", "--post-bodies", "b.jsonl"]].concat());
    assert_eq!(report["rows"], 3, "{report}");
    assert_eq!(report["left_empty"], json!({"decision_facts: withheld": 1}));
    assert_eq!(report["post_bodies"]["statements"], 2);
    assert_eq!(report["post_bodies"]["left_out"], json!({"lacks-decision_facts": 1}));
    let dump = archive.read("dump.csv");
    assert!(!dump.contains("listing with number 3") && dump.contains("listing with number 2"));
    let bodies: Value = serde_json::from_str(&archive.read("b.jsonl")).unwrap();
    assert_eq!(bodies["statements"][0]["puid"], "listing-1");
    assert_eq!(bodies["statements"][0]["application_date"], "2026-11-02");
    assert!(!archive.read("b.jsonl").contains("listing with number 3"));

    let name = "Provider https://shop.example";
    let (status, output, errors) = archive.world.command(&[
        "import",
        "dsa-tdb",
        "dump.csv",
        "--as-platform",
        name,
        "--role",
        "marketplace",
    ]);
    assert_eq!(status, 1, "the row without facts is no statement of a platform: {errors}");
    assert!(errors.contains("dump.csv, line 4: decision_facts: required"), "{errors}");
    for (number, line) in (1..).zip(output.lines()) {
        let line: Value = serde_json::from_str(line).unwrap();
        let mut wanted = decision(number);
        wanted["legal_basis"] = json!({"kind": "unstated"});
        wanted.as_object_mut().unwrap().remove("type");
        assert_eq!(line, wanted);
    }
    let folder = archive.export(&[&provider[..], &["--out", "dumps"]].concat());
    let path = folder["files"][0]["path"].as_str().unwrap().to_owned();
    assert!(path.starts_with("dumps/sor-provider-https-shop-example-20"), "{path}");
    let dir = archive.world.dir();
    let unknown = [
        "export",
        "dsa-tdb",
        "--dir",
        dir.to_str().unwrap(),
        "--out",
        "x",
        "--provider",
        "https://nobody.example",
    ];
    let (status, _, errors) = archive.world.command(&unknown);
    assert_eq!(status, 1);
    assert!(errors.contains("https://nobody.example is not enrolled"), "{errors}");
}

#[test]
fn a_row_says_what_holds_now_and_never_what_was_taken_back() {
    let mut world = World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
    let mut shop = world.enrol("shop");
    let signed: Vec<_> = (0..6).map(|_| shop.sign_next()).collect();
    assert!(world.submit(signed.iter()).iter().all(|result| result["status"] == "accepted"));
    let later = [
        json!({
            "type": "amendment", "targets": [{"first": 1, "last": 2}], "amendment_reason": "clerical_error",
            "removed": ["territorial_scope"], "category": "STATEMENT_CATEGORY_VIOLENCE",
            "decision_facts": "It was something else.",
        }),
        json!({"type": "withdrawal", "targets": [{"first": 3, "last": 3}]}),
        json!({
            "type": "lifted", "targets": [{"first": 4, "last": 4}], "end_date": "2026-11-03",
            "lifted_reason": "own_error",
        }),
        json!({
            "type": "redaction", "targets": [{"first": 5, "last": 5}], "fields": ["decision_facts"],
            "redaction_ground": "personal_data", "requested_by": "data_subject",
        }),
    ];
    let later: Vec<_> =
        (7..).zip(&later).map(|(number, line)| shop.sign_about_itself(line, number)).collect();
    let results = world.submit(later.iter());
    assert!(results.iter().all(|result| result["status"] == "accepted"), "{results:?}");
    let archive = Archive { world, name: "archive" };
    let report = archive.export(&["--out", "dump.csv"]);
    assert_eq!(report["rows"], 5, "{report}");
    assert_eq!(report["later"], json!({"amended": 2, "lifted": 1}));
    assert_eq!(report["left_out"]["withdrawn"], 1);
    assert_eq!(report["left_empty"], json!({"decision_facts: erased": 1}));
    let dump = archive.read("dump.csv");
    let row =
        |number: u64| dump.lines().find(|row| row.contains(&format!("listing-{number},"))).unwrap_or("");
    for number in [1, 2] {
        assert!(row(number).contains("\"It was something else.\",SOURCE_VOLUNTARY"), "{}", row(number));
        assert!(row(number).contains("STATEMENT_CATEGORY_VIOLENCE") && !row(number).contains("\"\"AT\"\""));
    }
    assert_eq!(row(3), "");
    assert!(row(4).contains("STATEMENT_CATEGORY_SCAMS_AND_FRAUD") && row(4).contains("\"\"AT\"\""));
    assert!(row(5).contains("\"2026-11-02 00:00:00\",,SOURCE_VOLUNTARY"), "{}", row(5));
    assert!(row(6).contains("number 6"));
    assert!(!dump.contains("number 5 was found") && !dump.contains("listing with number 1 "));
}

/// The page's example is what the importer makes of that row, and its table names every column in its place.
#[test]
fn the_page_says_what_the_importer_does() {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
    let page = std::fs::read_to_string(spec.join("european.md")).unwrap();
    let block = |kind: &str| {
        let rest = page.split_once(&format!("```{kind}\n")).unwrap().1;
        rest.split_once("\n```").unwrap().0.to_owned()
    };
    let original = std::fs::read_to_string(spec.join("examples").join(EXCERPT)).unwrap();
    assert_eq!(block("csv"), original.lines().nth(2).unwrap());
    let scratch = tempfile::tempdir().unwrap();
    let lines = scratch.path().join("lines");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_glasshouse-under-test"))
        .args(["import", "dsa-tdb", "--out"])
        .arg(&lines)
        .arg(spec.join("examples").join(EXCERPT))
        .output()
        .unwrap();
    assert!(output.status.success());
    let line: Value =
        serde_json::from_str(std::fs::read_to_string(lines).unwrap().lines().nth(1).unwrap()).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&block("json")).unwrap(), line);
    let names: Vec<&str> = page
        .lines()
        .filter_map(|row| row.strip_prefix("| ")?.split_once(" | `"))
        .filter(|(number, _)| number.parse::<u8>().is_ok())
        .map(|(_, rest)| rest.split('`').next().unwrap())
        .collect();
    assert_eq!(names, glasshouse_server::european::layout::COLUMNS);
}
