//! The tables of the transparency report: every number is the number of entries that its query lists.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::draft::Draft;
use serde_json::{Value, json};

use crate::annex1_cells::{APPEALS, ILLEGAL, ORDERS};
use crate::world::{About, World, decision_line, later, sign};

const PERIOD: [&str; 4] = ["--from", "2025-07-01", "--to", "2025-12-31"];

/// Answer of `export annex1`, and the folder that it wrote.
fn export(world: &World, name: &str, arguments: &[&str]) -> (i32, String, PathBuf) {
    let out = world.folder.path().join(name);
    let mut command = Command::new(env!("CARGO_BIN_EXE_glasshouse"));
    command.args(["export", "annex1"]).args(arguments).arg("--out").arg(&out).arg("--json");
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap(), out)
}

fn export_dir(world: &World, name: &str, more: &[&str]) -> (Value, PathBuf) {
    let dir = world.folder.path().join("ledger");
    let arguments = [&["--dir", dir.to_str().unwrap()], &PERIOD[..], more].concat();
    let (status, answer, out) = export(world, name, &arguments);
    assert_eq!(status, 0, "{answer}");
    (serde_json::from_str(&answer).unwrap(), out)
}

/// A file's rows, heads first.
fn rows(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// How many labels the rows of a table have.
fn labels(table: &str) -> usize {
    if table == "7-appeals" { 2 } else { 3 }
}

const TABLES: [&str; 4] = ["3-orders", "5-own-initiative-illegal", "6-own-initiative-terms", "7-appeals"];

/// Whether a column holds counts.
fn is_count(head: &str) -> bool {
    !head.starts_with("Median") && !head.starts_with("Percentage")
}

/// How many entries a query lists over HTTP.
fn listed(world: &World, path: &str) -> usize {
    let (mut path, mut found) = (path.to_owned(), 0);
    loop {
        let page = world.get(&path).json();
        found += page["statements"].as_array().unwrap_or_else(|| panic!("{path}: {page}")).len();
        match page["next"].as_str() {
            Some(next) => path = next.to_owned(),
            None => return found,
        }
    }
}

/// A decision of a host in the period, changed.
fn hosted(world: &World, number: u64, change: Value) -> Signed {
    let mut line = decision_line(number);
    let members = line.as_object_mut().unwrap();
    members.remove("infrastructure_measure");
    members.remove("withheld");
    let host = json!({"provider_role": "host", "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT", "incompatible_content_ground": "Clause 4",
        "incompatible_content_explanation": "Not allowed here.", "content_type": ["CONTENT_TYPE_TEXT"],
        "content_date": "2025-06-01", "application_date": "2025-08-01", "legal_basis": {"kind": "terms_of_service"}});
    for (name, value) in host.as_object().unwrap().iter().chain(change.as_object().unwrap()) {
        if value.is_null() {
            members.remove(name)
        } else {
            members.insert(name.clone(), value.clone())
        };
    }
    sign(&world.provider, &Draft::from_json(&line).unwrap_or_else(|errors| panic!("{errors:?}")), number)
}

fn illegal() -> Value {
    json!({"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT", "incompatible_content_ground": null, "incompatible_content_explanation": null,
        "illegal_content_legal_ground": "§ 1", "illegal_content_explanation": "Forbidden.", "legal_basis": {"kind": "discretion"}})
}

fn with(mut change: Value, more: Value) -> Value {
    change.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    change
}

fn order(country: &str, kind: &str) -> Value {
    json!({"legal_basis": {"kind": kind, "order": {"authority_kind": "court", "country": country, "received": "2025-07-31T22:13:20Z"}},
        "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION", "acted_at": "2025-07-31T23:43:20Z"})
}

/// Every kind of statement that the tables count or leave out.
fn small_log(world: &World) {
    let phishing = json!({"category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "category_specification": ["KEYWORD_OTHER", "KEYWORD_PHISHING"],
        "automated_detection": "Yes"});
    let account = json!({"decision_visibility": null, "decision_account": "DECISION_ACCOUNT_SUSPENDED",
        "decision_provision": "DECISION_PROVISION_TOTAL_SUSPENSION"});
    let mirror = json!({"attribution": {"kind": "mirror"}, "attributed_to": "Another platform"});
    let older = json!({"vocabulary": "dsa-tdb/1", "category": "STATEMENT_CATEGORY_NON_CONSENSUAL_BEHAVIOUR"});
    let lines: Vec<Signed> = [
        phishing.clone(),
        with(illegal(), phishing),
        with(illegal(), account),
        order("DE", "court_order"),
        order("FR", "authority_order"),
        order("US", "authority_order"),
        mirror,
        json!({"legal_basis": {"kind": "unstated"}}),
        json!({"source_type": "SOURCE_ARTICLE_16"}),
        older,
        json!({"application_date": "2025-06-30"}),
        json!({"category": "STATEMENT_CATEGORY_VIOLENCE"}),
        json!({"category": "STATEMENT_CATEGORY_VIOLENCE"}),
    ]
    .into_iter()
    .zip(1..)
    .map(|(change, number)| hosted(world, number, change))
    .collect();
    world.take(&lines.iter().collect::<Vec<_>>());
    let mut proxy = decision_line(14);
    proxy["application_date"] = json!("2025-08-01");
    let proxy = sign(&world.provider, &Draft::from_json(&proxy).unwrap(), 14);
    let refusal = sign(&world.provider, &Draft::from_json(&refusal_line(15)).unwrap(), 15);
    world.take(&[&proxy, &refusal]);
    let by = &world.provider;
    let moved = json!({"amendment_reason": "wrong_category", "category": "STATEMENT_CATEGORY_SELF_HARM"});
    let (begin, hour) = (1_759_000_000_u64, 3_600);
    let heard = |procedure: &str, result: &str, hours: u64| json!({"procedure": procedure, "result": result, "complaint_received": begin, "decided_at": begin + hours * hour});
    world.take(&[
        &later(by, "amendment", 16, About::Entry(&lines[11]), moved),
        &later(by, "withdrawal", 17, About::Entry(&lines[12]), json!({})),
        &later(by, "outcome", 18, About::Numbers(1, 3), heard("internal_complaint", "upheld", 2)),
        &later(by, "outcome", 19, About::Entry(&lines[0]), heard("internal_complaint", "reversed", 5)),
        &later(by, "outcome", 20, About::Entry(&refusal), heard("internal_complaint", "omitted", 1)),
        &later(
            by,
            "outcome",
            21,
            About::Entry(&lines[1]),
            with(heard("out_of_court_dispute", "partially_reversed", 30), json!({"implemented": "Yes"})),
        ),
        &later(by, "outcome", 22, About::Entry(&lines[1]), heard("court", "upheld", 900)),
        // Taken back, so that it does not count.
        &later(by, "outcome", 23, About::Entry(&lines[2]), heard("internal_complaint", "reversed", 3)),
    ]);
    let last = later(by, "withdrawal", 24, About::Numbers(23, 23), json!({}));
    world.take(&[&last]);
}

fn refusal_line(number: u64) -> Value {
    json!({"type": "no_action", "puid": format!("case-{number}"), "subject": "domain:forum.example.com", "provider_role": "host",
        "category": "STATEMENT_CATEGORY_VIOLENCE", "source_type": "SOURCE_ARTICLE_16", "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "refusal_reason": "within_terms", "decision_facts": "Somebody complained of a quarrel."})
}

/// Everything in a table that is not 0 or empty: `row: column = value`.
fn filled(folder: &Path, table: &str) -> Vec<String> {
    let all = rows(folder, &format!("{table}.csv"));
    let count = labels(table);
    let mut found = Vec::new();
    for row in &all[1..] {
        let name: Vec<&str> = row[..2].iter().map(String::as_str).filter(|label| !label.is_empty()).collect();
        for (head, cell) in
            all[0].iter().zip(row).skip(count).filter(|(_, cell)| *cell != "0" && !cell.is_empty())
        {
            found.push(format!("{}: {head} = {cell}", name.join(" ")));
        }
    }
    found
}

#[test]
fn a_small_log_gives_these_tables() {
    let world = World::with_provider();
    small_log(&world);
    let (answer, out) = export_dir(&world, "report", &[]);
    assert_eq!(filled(&out, "5-own-initiative-illegal"), ILLEGAL);
    let terms = filled(&out, "6-own-initiative-terms");
    assert!(terms.contains(&"TOTAL: Number of measures = 2".to_owned()), "{terms:?}");
    assert!(terms.contains(&"STATEMENT_CATEGORY_SELF_HARM: Number of measures = 1".to_owned()), "{terms:?}");
    assert!(
        !terms.iter().any(|line| line.contains("VIOLENCE")),
        "the amended and the withdrawn one: {terms:?}"
    );
    assert_eq!(filled(&out, "3-orders"), ORDERS);
    assert_eq!(filled(&out, "7-appeals"), APPEALS);
    assert_eq!((&answer["event"], &answer["decisions"]), (&"exported".into(), &13.into()));
    let left_out: Vec<u64> =
        answer["left_out"].as_array().unwrap().iter().map(|g| g["count"].as_u64().unwrap()).collect();
    assert_eq!(left_out, [1; 7]);
    let readme = std::fs::read_to_string(out.join("README.txt")).unwrap();
    for said in [
        "Tree size: 26",
        answer["root"].as_str().unwrap(),
        "2025-07-01 to 2025-12-31",
        "mirror",
        "withdrawn",
        "unstated",
        "as amended",
    ] {
        assert!(readme.contains(said), "{said}: {readme}");
    }
}

#[test]
fn each_number_is_how_many_entries_its_query_lists() {
    let world = World::with_provider();
    small_log(&world);
    let (_, out) = export_dir(&world, "report", &["--provider", "https://host.example"]);
    let (mut asked, mut found) = (0, BTreeMap::new());
    for table in TABLES {
        let (values, queries) =
            (rows(&out, &format!("{table}.csv")), rows(&out, &format!("{table}-queries.csv")));
        assert_eq!((values.len(), &values[0]), (queries.len(), &queries[0]), "one shape");
        let first = labels(table);
        for (value, query) in values.iter().zip(&queries).skip(1) {
            assert_eq!(value[..first], query[..first]);
            // Of a row without entries, its first column finds all that the others could find.
            let columns = if value[first] == "0" { first..first + 1 } else { first..value.len() };
            for column in columns.filter(|column| is_count(&values[0][*column])) {
                let path = &query[column];
                assert!(path.len() < 2_048 && path.starts_with("/api/v1/statements?"), "{path}");
                let there = *found.entry(path.clone()).or_insert_with(|| listed(&world, path));
                assert_eq!(
                    there.to_string(),
                    value[column],
                    "{table} {:?} {}: {path}",
                    &value[..first],
                    values[0][column]
                );
                asked += 1;
            }
        }
    }
    assert!(asked > 700, "{asked}");
    let readme = std::fs::read_to_string(out.join("README.txt")).unwrap();
    let mut groups = 0;
    for (count, path) in
        readme.lines().zip(readme.lines().skip(1)).filter(|(_, path)| path.starts_with("  /api/"))
    {
        let count = count.trim_start_matches("- ").trim_start_matches("Decisions of the period: ");
        let count: usize = count.split(':').next().unwrap().parse().unwrap();
        assert_eq!(listed(&world, path.trim()), count, "{path}");
        groups += 1;
    }
    assert_eq!(groups, 8);
}

#[test]
fn rows_add_up_and_no_decision_is_lost() {
    let world = World::with_provider();
    // A fixed sequence of choices (a linear congruential generator), so that a failure can be repeated.
    let mut state = 7_u64;
    let mut choose = |count: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % count
    };
    let categories = ["VIOLENCE", "SELF_HARM", "SCAMS_AND_FRAUD", "ANIMAL_WELFARE", "PROTECTION_OF_MINORS"];
    let decisions: Vec<Signed> = (1..=300)
        .map(|number| {
            let mut change = if choose(2) == 0 { illegal() } else { json!({}) };
            change["category"] = json!(format!("STATEMENT_CATEGORY_{}", categories[choose(5)]));
            change["automated_detection"] = json!(["Yes", "No"][choose(2)]);
            change["source_type"] =
                json!(["SOURCE_VOLUNTARY", "SOURCE_VOLUNTARY", "SOURCE_TRUSTED_FLAGGER"][choose(3)]);
            change["application_date"] =
                json!(["2025-06-30", "2025-07-01", "2025-12-31", "2026-01-01"][choose(4)]);
            match choose(6) {
                0 => change = with(change, order(["DE", "FR", "US"][choose(3)], "court_order")),
                1 => change["legal_basis"] = json!({"kind": "unstated"}),
                2 => change["category_specification"] = json!(["KEYWORD_OTHER", "KEYWORD_SUICIDE"]),
                _ => {}
            }
            hosted(&world, number, change)
        })
        .collect();
    world.take(&decisions.iter().collect::<Vec<_>>());
    let wrong = later(&world.provider, "withdrawal", 301, About::Numbers(40, 60), json!({}));
    let moved = json!({"amendment_reason": "wrong_category", "category": "STATEMENT_CATEGORY_VIOLENCE"});
    let moved = later(&world.provider, "amendment", 302, About::Numbers(50, 200), moved);
    world.take(&[&wrong, &moved]);
    let (answer, out) = export_dir(&world, "report", &[]);
    let number = |cell: &str| cell.parse::<u64>().unwrap();
    for table in ["5-own-initiative-illegal", "6-own-initiative-terms", "3-orders"] {
        let all = rows(&out, &format!("{table}.csv"));
        for (column, head) in all[0].iter().enumerate().skip(3).filter(|(_, head)| is_count(head)) {
            // In table 3 a Member State is the sum of its categories, and all of them the sum of the Member States.
            let sum: u64 =
                all[2..].iter().filter(|row| row[1].is_empty()).map(|row| number(&row[column])).sum();
            assert_eq!(sum, number(&all[1][column]), "{table} {head}");
            assert!(
                sum > 0 || !matches!(head.as_str(), "Number of measures" | "Visibility: Removal"),
                "{table} {head}"
            );
        }
        assert_eq!(answer["tables"][table], number(&all[1][3]));
    }
    let counted = ["3-orders", "5-own-initiative-illegal", "6-own-initiative-terms"]
        .map(|table| answer["tables"][table].as_u64().unwrap());
    let left_out =
        answer["left_out"].as_array().unwrap().iter().map(|group| group["count"].as_u64().unwrap());
    assert_eq!(counted.iter().sum::<u64>() + left_out.sum::<u64>(), answer["decisions"].as_u64().unwrap());
    assert!(counted.iter().all(|count| *count > 3), "{answer}");
}

#[test]
fn a_mirror_gives_the_same_tables_as_the_folder() {
    let world = World::with_provider();
    small_log(&world);
    let (_, from_folder) = export_dir(&world, "folder", &[]);
    let (url, policy) = (world.url(), world.folder.path().join("ledger/policy.txt"));
    let arguments = [&["--log", &url, "--policy", policy.to_str().unwrap()], &PERIOD[..]].concat();
    let (status, answer, from_mirror) = export(&world, "mirror", &arguments);
    assert_eq!(status, 0, "{answer}");
    let mut compared = 0;
    for file in std::fs::read_dir(&from_folder).unwrap() {
        let name = file.unwrap().file_name();
        let read = |folder: &Path| std::fs::read(folder.join(&name)).unwrap();
        assert!(read(&from_folder) == read(&from_mirror), "{name:?}");
        compared += 1;
    }
    assert_eq!(compared, 9);
    let (status, _, _) = export(&world, "mirror", &arguments);
    assert_eq!(status, 2, "a folder that is not empty");
    for (wrong, status) in [
        (&["--provider", "https://stranger.example"][..], 1),
        (&["--provider", "stranger"], 2),
        (&["--policy", "/nowhere"], 2),
    ] {
        let dir = world.folder.path().join("ledger");
        let arguments = match wrong[0] {
            "--policy" => [&["--log", url.as_str()], wrong, &PERIOD[..]].concat(),
            _ => [&["--dir", dir.to_str().unwrap()], wrong, &PERIOD[..]].concat(),
        };
        assert_eq!(export(&world, &format!("wrong{status}"), &arguments).0, status, "{wrong:?}");
    }
    assert_eq!(unfinished(world.folder.path()), 0, "what was refused leaves nothing");
    assert!(!world.folder.path().join("wrong1").exists());
    let dir = world.folder.path().join("ledger");
    let backwards = ["--dir", dir.to_str().unwrap(), "--from", "2025-12-31", "--to", "2025-07-01"];
    assert_eq!(export(&world, "backwards", &backwards).0, 2);
}

/// Folders in the making, and files in them.
fn unfinished(place: &Path) -> usize {
    let folders = std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path());
    let open = folders.filter(|path| path.to_string_lossy().ends_with(".unfinished"));
    open.map(|folder| 1 + std::fs::read_dir(folder).map_or(0, Iterator::count)).sum()
}

/// Half a report looks like one: each table stands by itself. So it has no name before it is whole.
#[test]
fn a_report_that_was_killed_is_none() {
    let world = World::with_provider();
    small_log(&world);
    let place = world.folder.path();
    let mut killed = 0;
    for turn in 0..10 {
        let out = place.join(format!("report-{turn}"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_glasshouse"))
            .args(["export", "annex1", "--dir"])
            .arg(place.join("ledger"))
            .args(PERIOD)
            .arg("--out")
            .arg(&out)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let files = || std::fs::read_dir(&out).map_or(0, Iterator::count);
        // The moment at which there is a first file, wherever it is.
        while unfinished(place) < 2 && files() == 0 && child.try_wait().unwrap().is_none() {}
        child.kill().unwrap();
        child.wait().unwrap();
        let whole = files();
        assert!(whole == 0 && !out.exists() || whole == 9, "{whole} of 9 files");
        killed += usize::from(whole == 0);
        for entry in std::fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().ends_with(".unfinished") {
                std::fs::remove_dir_all(path).unwrap();
            }
        }
    }
    assert!(killed > 0, "no kill came in time");
}
