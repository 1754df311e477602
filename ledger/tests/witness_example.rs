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
use witness_bench::{HandClock, cosigner};

const LOG: &str = "log.example/takedowns+f8bc89f6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";

#[test]
fn the_example_of_the_page_is_answered_as_it_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/witness.md");
    let page = std::fs::read_to_string(page).unwrap();
    let blocks: Vec<&str> =
        page.split("```text\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(page.contains(&cosigner().vkeys()[0].encode()));
    let mut logs = LogSet::new();
    logs.add_policy(&Policy::parse(&format!("log {LOG}\nquorum none\n")).unwrap()).unwrap();
    let store = Arc::new(MemoryWitnessStore::new());
    let clock = HandClock::at(1_750_000_000);
    let (witness, _) = Witness::open(store, cosigner(), clock, logs.into_logs()).unwrap();
    let answer = witness.add_checkpoint(blocks[0].as_bytes()).answer.unwrap();
    assert_eq!(answer.lines, blocks[1]);
}
