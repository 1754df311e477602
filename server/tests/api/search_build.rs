//! The index is far behind, and its thread builds it by chunks: the same answers as the log's, whatever the size of a chunk and
//! whatever the index held before.

use glasshouse_server::search_steps::SearchSteps;
use serde_json::json;

use crate::search::copy;
use crate::story::{Story, compare, rows};
use crate::world::{About, World, later};

/// The value of a gauge.
fn gauge(world: &World, name: &str) -> u64 {
    let metrics = String::from_utf8(world.get("/metrics").body).unwrap();
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name}: {metrics}")).parse().unwrap()
}

/// Waits until the index covers the log: an export begins only then. Small chunks are many commits, which a busy disk makes slow;
/// the index must get on all the while.
fn cover(world: &World) {
    let (mut covered, mut since) = (0, std::time::Instant::now());
    while world.get("/api/v1/export?format=csv&type=genesis").status != 200 {
        let now = gauge(world, "glasshouse_search_indexed");
        if now != covered {
            (covered, since) = (now, std::time::Instant::now());
        }
        assert!(since.elapsed().as_secs() < 30, "the index stays at {covered}, and does not cover the log");
    }
}

/// Starts the server with these steps, and waits until the index covers the log. The thread built it then: small steps would
/// have left what is new in memory.
fn start(world: &mut World, far_behind: u64, chunk: u64) {
    world.tune =
        Box::new(move |options| options.search = SearchSteps { far_behind, chunk, ..options.search });
    world.start().unwrap();
    cover(world);
    let (documents, size) =
        (gauge(world, "glasshouse_search_documents"), gauge(world, "glasshouse_search_indexed"));
    assert!(documents + far_behind >= size, "{documents} documents of {size}");
}

/// Amendments, redactions, withdrawals and ranges name entries in the chunk before, in their own, and in the index that was
/// there. Fails if what a chunk names is not written anew (`Affected` in `IndexThread::chunk`), if it is not taken out first
/// (`again` in `write_again`), if a chunk begins or ends one off, or if a chunk's redactions are not counted (`hiding`).
#[test]
fn an_index_that_is_far_behind_is_built_by_chunks_to_the_same_answers() {
    let mut world = World::with_provider();
    let mut story = Story::new(23);
    let (index, kept) = (world.folder.path().join("ledger/search"), world.folder.path().join("kept"));
    let mut moments = Vec::new();
    for moment in 0..3 {
        story.go_on(&world, 20);
        compare(&world, &mut story, 2);
        world.stop();
        let state = kept.join(moment.to_string());
        copy(&index, &state);
        moments.push(state);
        world.start().unwrap();
    }
    // What the index of before holds, and what lies at the borders of chunks of 7, is named from behind.
    let last = story.next - 1;
    for (kind, fields) in [
        (
            "amendment",
            json!({"amendment_reason": "wrong_category", "category": "STATEMENT_CATEGORY_VIOLENCE",
            "decision_facts": "amended harbour"}),
        ),
        (
            "redaction",
            json!({"fields": ["decision_facts"], "redaction_ground": "error", "requested_by": "provider"}),
        ),
        ("withdrawal", json!({})),
    ] {
        for first in [1, 5, 6, 12, 19, last - 1] {
            let about = About::Numbers(first, first + 1);
            let signed = later(&world.provider, kind, story.next, about, fields.clone());
            if world.submit(&[&signed]).json()["results"][0]["status"] == "accepted" {
                story.filed.push(signed);
                story.next += 1;
            }
        }
    }
    compare(&world, &mut story, 6);
    let mut harbours = rows(&world.get("/api/v1/statements?q=harbour&limit=1000").json());
    assert!(!harbours.is_empty());
    // Nothing there; and the index of each of the earlier moments.
    let states = moments.iter().map(Some).chain([None]);
    for (state, (far_behind, chunk)) in states.zip([(4, 7), (1, 1), (3, 20), (2, 7)]) {
        world.stop();
        std::fs::remove_dir_all(&index).unwrap();
        if let Some(state) = state {
            copy(state, &index);
        }
        start(&mut world, far_behind, chunk);
        compare(&world, &mut story, 12);
        assert_eq!(rows(&world.get("/api/v1/statements?q=harbour&limit=1000").json()), harbours);
        // It follows from there.
        story.go_on(&world, 6);
        cover(&world);
        compare(&world, &mut story, 3);
        harbours = rows(&world.get("/api/v1/statements?q=harbour&limit=1000").json());
    }
}
