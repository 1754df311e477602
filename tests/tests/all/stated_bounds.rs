//! What documents, alarms and panels say of the bounds of the queue is what the program holds.

use std::path::Path;

use glasshouse_ledger::backlog::{BACKLOG_BYTES_MAX, BACKLOG_STATEMENTS_MAX};
use glasshouse_server::limits::{QUEUED_BYTES, QUEUED_STATEMENTS};

/// A file of the repository.
fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// With a comma between thousands.
fn comma(number: usize) -> String {
    format!("{},{:03}", number / 1_000, number % 1_000)
}

#[test]
fn the_bounds_of_the_queue_are_told_in_one_way() {
    let (queue, backlog) = (comma(QUEUED_STATEMENTS), comma(BACKLOG_STATEMENTS_MAX));
    let (queue_mib, backlog_mib) = (QUEUED_BYTES >> 20, BACKLOG_BYTES_MAX >> 20);
    let (much, more) = (QUEUED_STATEMENTS * 3 / 4, BACKLOG_STATEMENTS_MAX * 3 / 4);
    let expr = format!(
        "expr: glasshouse_queued_statements{{job=\"glasshouse\"}} > {much} or glasshouse_unpublished_statements{{job=\"glasshouse\"}} > {more}"
    );
    let summary = format!(
        "More than {} statements wait for a round of {{{{ $labels.instance }}}}, or {} for publication; with {queue} in the queue",
        comma(much),
        comma(more)
    );
    for (name, said) in [
        ("spec/http.md", format!("| statements waiting for a round | {queue} or {queue_mib} MiB, then 503.")),
        (
            "spec/http.md",
            format!("| statements waiting for publication | {backlog} or {backlog_mib} MiB, then no round"),
        ),
        (
            "spec/log.md",
            format!("At most {backlog} statements and {backlog_mib} MiB wait for their publication"),
        ),
        ("server/OPERATIONS.md", format!("At {queue} further ones get 503")),
        ("server/deploy/dashboard.json", format!("In the queue ({queue} at most, then 503)")),
        ("server/deploy/dashboard.json", format!("without a publication ({backlog} at most, then no round")),
        ("server/deploy/alerts.yml", expr),
        ("server/deploy/alerts.yml", summary),
    ] {
        assert!(read(name).contains(&said), "{name} does not say: {said}");
    }
}
