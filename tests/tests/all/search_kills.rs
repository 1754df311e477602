//! The server is killed with −9 while its index is written, and between two commits of it, while statements come in and a text
//! is redacted. Whatever the index was left as: after the next start every query answers as an index that is built anew from
//! the log, and a redacted word is in no answer, and soon in no file.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use glasshouse_ledger::author::Signed;
use glasshouse_tests::workload::{Publisher, batch, decision, now};
use glasshouse_tests::world::World;
use serde_json::{Value, json};

/// How often the server is killed.
const KILLS: u64 = 8;
/// Statements of one request.
const BATCH: u64 = 20;
/// Nothing here takes so long.
const PATIENCE: Duration = Duration::from_secs(30);

const PROGRAM: &str = env!("CARGO_BIN_EXE_glasshouse-under-test");

/// A word that stands in one text only.
fn secret(round: u64) -> String {
    format!(
        "zq{}xw",
        ["alder", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple"][usize::try_from(round).unwrap()]
    )
}

/// A provider's lines of one round.
fn lines(publisher: &mut Publisher, round: u64) -> (Signed, Vec<Signed>, Signed) {
    let number = publisher.next_number();
    let mut line = decision(number);
    line["decision_facts"] = format!("The word is {}.", secret(round)).into();
    let hidden = publisher.sign(&line, number, now());
    publisher.skip();
    let mut rest = Vec::new();
    for place in 0..6 * BATCH {
        let about = number + place / 2;
        rest.push(match place % 10 {
            7 => publisher.sign_about(
                &json!({"type": "amendment", "targets": [{"first": about, "last": about + 1}],
                "amendment_reason": "wrong_category", "category": "STATEMENT_CATEGORY_VIOLENCE"}),
                about,
            ),
            9 => publisher.sign_about(
                &json!({"type": "lifted", "targets": [{"first": about, "last": about}], "end_date": "2026-11-20",
                "lifted_reason": "complied"}),
                about,
            ),
            _ => publisher.sign_next(),
        });
    }
    let redaction = json!({"type": "redaction", "targets": [{"entry": hidden.leaf_hash().to_hex()}],
        "fields": ["decision_facts"], "redaction_ground": "error", "requested_by": "provider"});
    (hidden, rest, publisher.sign_about(&redaction, number))
}

fn gauge(world: &World, name: &str) -> u64 {
    let metrics = String::from_utf8(world.get("/metrics").body).unwrap();
    metrics
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
        .map_or(0, |value| value.parse().unwrap())
}

/// Waits for an event.
#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::yield_now();
    }
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|file| file.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The moment of a round, as it is seen from outside: so many entries in memory and no commit since the start; a segment whose
/// files are being written; a commit that has just come; the redaction's own commit or its purge.
fn moment(world: &World, round: u64, index: &Path, begun: (u64, &[String])) {
    let (documents, before) = begun;
    match round % 4 {
        0 => {
            until("entries in memory", || gauge(world, "glasshouse_search_in_memory") > 30 * (1 + round / 4))
        }
        1 => until("a segment is written", || {
            files(index).iter().any(|name| !before.contains(name) && !name.starts_with('.'))
        }),
        2 => until("a commit", || gauge(world, "glasshouse_search_documents") > documents),
        _ => until("a second commit", || {
            gauge(world, "glasshouse_search_documents") > documents
                && gauge(world, "glasshouse_search_in_memory") == 0
        }),
    }
}

/// What the index says, all of it.
fn answers(world: &World, round: u64) -> Vec<(String, Value)> {
    let mut queries: Vec<String> = [
        "",
        "type=decision",
        "category=STATEMENT_CATEGORY_VIOLENCE",
        "standing=lifted",
        "q=seller%27s",
        "q=%22looked+at%22+-word",
        "q=word",
        "type=redaction,amendment&sort=newest",
        "territory=FR&sort=-day",
        "standing=in_force",
    ]
    .map(str::to_owned)
    .to_vec();
    queries.extend((0..=round).map(|round| format!("q={}", secret(round))));
    let mut all = Vec::new();
    for query in queries {
        let (mut pages, mut next) = (Vec::new(), Some(format!("/api/v1/statements?{query}&limit=1000")));
        while let Some(path) = next {
            let page = world.get(&path).json();
            assert_eq!(page["indexed"], page["size"], "{page:.300}");
            next = page["next"].as_str().map(str::to_owned);
            pages.push(page);
        }
        all.push((query.clone(), pages.into()));
        let counts = world.get(&format!("/api/v1/counts?{query}&by=type,standing")).json();
        all.push((format!("{query}, counts"), counts));
    }
    all
}

/// Starts the server, and waits until its index covers the log.
fn start(world: &mut World) {
    world.serve();
    world.await_index();
}

/// Answers of a start with the index that was left, and of one without any; the index that was left comes back.
fn compare(world: &mut World, index: &Path, aside: &Path, round: u64) {
    start(world);
    let left = answers(world, round);
    for round in 0..=round {
        let page = &left.iter().find(|(query, _)| *query == format!("q={}", secret(round))).unwrap().1;
        assert_eq!(page[0]["total"], 0, "{page}");
    }
    world.take_server().kill();
    std::fs::rename(index, aside).unwrap();
    start(world);
    let anew = answers(world, round);
    for (left, anew) in left.iter().zip(&anew) {
        assert_eq!(left, anew, "round {round}");
    }
    world.take_server().kill();
    std::fs::remove_dir_all(index).unwrap();
    std::fs::rename(aside, index).unwrap();
}

/// Whether a file of the index may hold the word: a dictionary of a segment has it, bytes of a file are it, or a file belongs to no
/// segment of the index, so that nobody looks into it.
fn may_hold(index: &Path, words: &[String]) -> bool {
    let Ok(opened) = tantivy::Index::open_in_dir(index) else { return true };
    let Ok(searcher) = opened.reader().map(|reader| reader.searcher()) else { return true };
    let segments: Vec<String> =
        searcher.segment_readers().iter().map(|segment| segment.segment_id().uuid_string()).collect();
    let strays = |name: &String| {
        !name.starts_with('.') && name != "meta.json" && !segments.iter().any(|id| name.starts_with(id))
    };
    if files(index).iter().any(strays) {
        return true;
    }
    let field = opened.schema().get_field("text").unwrap();
    let in_terms = |word: &String| {
        let term = tantivy::Term::from_field_text(field, word);
        searcher.segment_readers().iter().any(|segment| {
            // A segment that is merged away at this moment is looked for again.
            segment
                .inverted_index(field)
                .and_then(|terms| Ok(terms.get_term_info(&term)?.is_some()))
                .unwrap_or(true)
        })
    };
    let in_bytes = |word: &String| {
        files(index).iter().any(|name| {
            let bytes = std::fs::read(index.join(name)).unwrap_or_default();
            bytes.windows(word.len()).any(|window| window == word.as_bytes())
        })
    };
    words.iter().any(|word| in_terms(word) || in_bytes(word))
}

/// Fails if a commit's mark is ahead of its documents (`size` in `IndexThread::write`), if entries that were named are not
/// written anew, or if a mark forgets that words wait to be purged (`purge` in `Mark`).
#[test]
fn a_killed_index_answers_as_one_that_is_built_anew() {
    let mut world = World::start(Path::new(PROGRAM));
    let mut publisher = world.enrol("indexed");
    let (index, aside): (PathBuf, PathBuf) = (world.dir().join("search"), world.scratch().join("aside"));
    let mut redacted = Vec::new();
    for round in 0..KILLS {
        let (hidden, rest, redaction) = lines(&mut publisher, round);
        assert_eq!(world.submit([&hidden])[0]["status"], "accepted");
        world.await_index();
        let found = world.get(&format!("/api/v1/statements?q={}", secret(round))).json();
        assert_eq!(found["total"], 1, "{found}");
        let begun = (gauge(&world, "glasshouse_search_documents"), files(&index));
        let (sent, killed) = (AtomicBool::new(false), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for (place, some) in rest.chunks(usize::try_from(BATCH).unwrap()).enumerate() {
                    if killed.load(Ordering::Relaxed) || world.try_post(&batch(some)).is_err() {
                        break;
                    }
                    if place as u64 == round % 3 && world.try_post(&batch([&redaction])).is_err() {
                        break;
                    }
                }
                sent.store(true, Ordering::Relaxed);
            });
            moment(&world, round, &index, (begun.0, &begun.1));
            world.server().order_kill();
            killed.store(true, Ordering::Relaxed);
        });
        assert!(sent.load(Ordering::Relaxed));
        world.take_server().kill();
        // What was on its way is sent again: it is taken, or is a duplicate.
        world.serve();
        for some in rest.chunks(usize::try_from(BATCH).unwrap()) {
            for result in world.submit(some) {
                assert!(result["status"] != "rejected", "{result}");
            }
        }
        let result = world.submit([&redaction])[0].clone();
        assert!(result["status"] != "rejected", "{result}");
        redacted.push(secret(round));
        world.take_server().kill();
        compare(&mut world, &index, &aside, round);
        world.serve();
    }
    world.await_index();
    until("no file holds a word that was redacted", || !may_hold(&index, &redacted));
    assert_eq!(world.take_server().stop(), Some(0));
    world.assert_fsck_clean();
}
