//! The example of spec/witness.md is what a witness answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/slow_tree.rs"]
mod slow_tree;
#[path = "support/witness_bench.rs"]
mod witness_bench;

use std::path::Path;
use std::sync::Arc;

use glasshouse_ledger::witness::Witness;
use glasshouse_ledger::witness::log_settings::LogSet;
use glasshouse_ledger::witness::memory_store::MemoryWitnessStore;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;
use witness_bench::{HandClock, cosigner};

const LOG: &str = "log.example/takedowns+f8bc89f6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";

#[test]
fn the_example_of_the_page_is_answered_as_it_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/witness.md");
    let page = std::fs::read_to_string(page).unwrap();
    let blocks: Vec<&str> =
        page.split("```text\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let vkeys: Vec<String> = cosigner().vkeys().iter().map(Vkey::encode).collect();
    assert!(page.contains(&vkeys[0]));
    assert!(is_cut_or_whole(&vkeys[1], blocks[2].trim_end()));
    let mut logs = LogSet::new();
    logs.add_policy(&Policy::parse(&format!("log {LOG}\nquorum none\n")).unwrap()).unwrap();
    let store = Arc::new(MemoryWitnessStore::new());
    let clock = HandClock::at(1_750_000_000);
    let (witness, _) = Witness::open(store, cosigner(), clock, logs.into_logs()).unwrap();
    let answer = witness.add_checkpoint(blocks[0].as_bytes()).answer.unwrap();
    let (answered, shown): (Vec<&str>, Vec<&str>) =
        (answer.lines.lines().collect(), blocks[1].lines().collect());
    assert_eq!((answered.len(), answered[0]), (2, shown[0]));
    assert!(is_cut_or_whole(answered[1], shown[1]), "{}", answered[1]);
}

/// The page shows only both ends of a long line, and three dots between them.
fn is_cut_or_whole(line: &str, shown: &str) -> bool {
    match shown.split_once("...") {
        Some((begin, end)) => line.starts_with(begin) && line.ends_with(end) && shown.len() > 60,
        None => line == shown,
    }
}
