//! The vectors of what has to come with a statement, judged by a whole ledger: admission, numbering, and what is served.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use glasshouse_ledger::admission::Admission;
use glasshouse_ledger::fsck::fsck;
use glasshouse_ledger::genesis::Genesis;
use glasshouse_ledger::index::Index;
use glasshouse_ledger::log_signer::LogSigner;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::open::{Hold, open_store};
use glasshouse_ledger::reader::{AddendumState, Reader};
use glasshouse_ledger::store::Store;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_ledger::writer::{Answer, Writer};
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::submission::SubmissionSlices;
use serde_json::{Value, json};
use support::*;

/// The fewest vectors that must be there: valid ones, invalid ones.
const FEWEST: (usize, usize) = (5, 28);

fn hex_of(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// What the ledger says of the last entry: the slug, or nothing.
fn submit(writer: &mut Writer, reader: &Reader, entry: &Entry, texts: &[Vec<u8>]) -> Result<(), String> {
    let slices = SubmissionSlices {
        statement: entry.statement().bytes(),
        addenda: texts.iter().map(Vec::as_slice).collect(),
    };
    let now = entry.statement().claims().iat;
    let admitted = Admission::new(entry.statement().claims().aud.clone())
        .admit(&slices, &reader.keys(), now)
        .map_err(|rejection| rejection.slug.to_owned())?;
    writer.submit(admitted);
    match writer.round().unwrap().answers.pop().unwrap().1 {
        Answer::Accepted { .. } => Ok(()),
        Answer::Rejected(rejection) => Err(rejection.slug.to_owned()),
        Answer::Duplicate { index, .. } => panic!("a duplicate of {index}"),
    }
}

/// Replays the entries of a vector into a new ledger; the index of the one that it refused, and by which rule.
fn replay(input: &Value) -> (Arc<dyn Store>, Reader, Option<(usize, String)>) {
    let origin = Origin::parse(input["origin"].as_str().unwrap()).unwrap();
    let signer = LogSigner::new(origin, key(1)).unwrap();
    let entries =
        input["entries"].as_array().unwrap().iter().map(|entry| Entry::parse(&hex_of(entry)).unwrap());
    let entries: Vec<Entry> = entries.collect();
    let texts: Vec<Vec<Vec<u8>>> = input["texts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|texts| texts.as_array().unwrap().iter().map(hex_of).collect())
        .collect();
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let genesis = entries[0].statement().clone();
    let index = Index::temporary().unwrap();
    Genesis::begin_signed(genesis, texts[0].clone(), Arc::clone(&store), TestClock::new(), &signer, index)
        .unwrap();
    let index = Index::temporary().unwrap();
    let (clock, at_once) = (TestClock::new(), Publication::AtOnce);
    let opened = open_store(Arc::clone(&store), signer, clock, index, Hold::NONE, at_once, &[]).unwrap();
    let (mut writer, reader) = (opened.writer, opened.reader);
    for (at, (entry, texts)) in entries.iter().zip(&texts).enumerate().skip(1) {
        if let Err(slug) = submit(&mut writer, &reader, entry, texts) {
            writer.settle().unwrap();
            return (store, reader, Some((at, slug)));
        }
    }
    writer.settle().unwrap();
    (store, reader, None)
}

/// What became of each text of each entry.
fn texts_of(reader: &Reader) -> Value {
    let entries = (0..reader.head().size().get()).map(|at| reader.entry(index(at)).unwrap().unwrap());
    let states = entries.map(|entry| {
        let addenda = entry.statement().payload().addenda();
        let states = addenda.iter().map(|(field, digest)| {
            let state = match reader.addendum(digest).unwrap() {
                AddendumState::Served { .. } => "served",
                AddendumState::Disclosed { .. } => "disclosed",
                AddendumState::Withheld { .. } => "withheld",
                AddendumState::Redacted { .. } => "redacted",
                AddendumState::NotFound => "lost",
            };
            (field.to_string(), state)
        });
        json!(states.collect::<BTreeMap<_, _>>())
    });
    states.collect()
}

#[test]
fn every_vector_gets_its_verdict() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/admission");
    let mut judged = [0; 2];
    for (at, kind) in ["valid", "invalid"].into_iter().enumerate() {
        for file in std::fs::read_dir(folder.join(kind)).unwrap() {
            let vector: Value =
                serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
            let (store, reader, refused) = replay(&vector["input"]);
            let expect = &vector["expect"];
            match refused {
                None => {
                    assert_eq!(json!({"ok": true, "texts": texts_of(&reader)}), *expect, "{}", vector["name"])
                }
                Some((index, rule)) => {
                    assert_eq!(
                        json!({"ok": false, "rule": rule, "index": index}),
                        *expect,
                        "{}",
                        vector["name"]
                    );
                }
            }
            let report = fsck(store.as_ref(), reader.vkey()).unwrap();
            assert!(report.is_clean(), "{}: {:#?}", vector["name"], report.findings);
            judged[at] += 1;
        }
    }
    println!("{} valid and {} invalid vectors", judged[0], judged[1]);
    assert!(judged[0] >= FEWEST.0 && judged[1] >= FEWEST.1, "{judged:?}");
}
