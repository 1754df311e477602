//! Data sets: the columns are the specified ones, and the rows of the specification's logs are the reference's, byte for byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use glasshouse_verifier::as_amended::AsAmended;
use glasshouse_verifier::data_set::{AsItStands, Extent, Format, Row, RowWriter, Tree};
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::{Digest, LeafHash};
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::past::WholePast;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::size::LeafIndex;
use serde_json::Value;

fn spec(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec").join(name)
}

#[test]
fn the_columns_are_those_of_the_page() {
    let page = std::fs::read_to_string(spec("data-set.md")).unwrap();
    let mut columns = Extent::WithTexts.columns();
    for (part, many) in [("coded", Extent::Coded.columns().count()), ("texts", usize::MAX)] {
        let head = "\n| column | kind | says |\n|---|---|---|\n";
        let (begin, end) = (format!("<!-- {part}:begin -->{head}"), format!("<!-- {part}:end -->"));
        let rows = columns
            .by_ref()
            .take(many)
            .map(|column| format!("| `{}` | {} | {} |\n", column.name, column.kind.as_str(), column.about));
        let table: String = rows.collect();
        let there = page.split(&begin).nth(1).and_then(|rest| rest.split(&end).next()).unwrap_or_default();
        assert_eq!(there, table, "{part}");
    }
}

/// A log of the specification's lives: its entries, and what they say about each other.
struct Log {
    tree: Tree,
    entries: Vec<Entry>,
    registry: Registry,
}

impl Log {
    fn of(input: &Value) -> Log {
        let origin = Origin::parse(input["origin"].as_str().unwrap()).unwrap();
        let (mut registry, mut past) = (Registry::new(origin.clone()), WholePast::default());
        let (mut entries, mut edge) = (Vec::new(), Frontier::new());
        for entry in input["entries"].as_array().unwrap() {
            let entry = Entry::parse(&hex::decode(entry.as_str().unwrap()).unwrap()).unwrap();
            let index = edge.push(LeafHash::of_entry(entry.bytes())).unwrap();
            registry.apply(index, entry.statement(), &past).unwrap();
            past.remember(entry.leaf_hash(), index, entry.statement().clone());
            entries.push(entry);
        }
        Log { tree: Tree { origin, head: edge.head() }, entries, registry }
    }

    fn write(&self, format: Format) -> Vec<u8> {
        let mut writer = RowWriter::new(format, Extent::Coded, &self.tree, Vec::new()).unwrap();
        for (index, entry) in (0..).map(|index| LeafIndex::new(index).unwrap()).zip(&self.entries) {
            let state = self.registry.state_of(entry.statement());
            let mut amended = AsAmended::filed(index, entry.statement().payload());
            for by in &state.amendments {
                let amendment = &self.entries[usize::try_from(by.get()).unwrap()];
                amended.amend(*by, amendment.statement().payload());
            }
            let texts = BTreeMap::new();
            let stands = AsItStands { index, entry, state: &state, amended: &amended, texts: &texts };
            writer.write(&Row::of(&stands, Extent::Coded)).unwrap();
        }
        writer.finish().unwrap()
    }
}

fn lives() -> impl Iterator<Item = (String, Value)> {
    let files = std::fs::read_dir(spec("vectors/lifecycle/valid")).unwrap().map(|file| file.unwrap().path());
    files.map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
    })
}

#[test]
fn the_rows_of_every_life_are_those_of_the_reference() {
    let digests: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_slice(&std::fs::read(spec("examples/data-set.json")).unwrap()).unwrap();
    assert!(digests.len() > 50, "{}", digests.len());
    assert_eq!(lives().count(), digests.len());
    for (name, case) in lives() {
        let log = Log::of(&case["input"]);
        for format in [Format::Csv, Format::JsonLines] {
            let bytes = log.write(format);
            let digest = Digest::of(&bytes).to_hex();
            assert_eq!(
                digest,
                digests[&name][format.as_str()],
                "{name}: {}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }
}
