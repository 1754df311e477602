//! The load program: statements signed ahead, sent at a fixed rate whatever the answers do, and read by others meanwhile.
//!
//! **What is timed.** A statement's time runs from the moment when it was due to be sent, not from when it was: a server that
//! stalls is charged for everyone who had to wait (no coordinated omission). With `--rate max` nothing is due: a request goes out
//! when one of the connections is free, and its time runs from then. That is a closed loop, which a slow server slows down;
//! it finds the greatest throughput, and its percentiles say nothing about a server that is asked for less.
//!
//! **Accepted and published** are one moment for whoever submits: the ledger answers only when a published checkpoint covers
//! the entry. **Cosigned** is when a `/checkpoint` that covers it was first seen with the lines of all witnesses, asked
//! for every [`cosigned::LOOK`].
//!
//! **The machine's limits** ([`limits`]) are measured in the same run, before and behind the load, and the better of both counts.

pub mod arguments;
pub mod bodies;
pub mod cosigned;
pub mod limits;
pub mod outcome;
pub mod readers;
pub mod report;
pub mod sender;
pub mod subject;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use self::arguments::Arguments;
use self::cosigned::CosignWatch;
use self::limits::Limits;
use self::outcome::Outcome;
use self::readers::Readers;
use self::report::Report;
use self::subject::Subject;
use crate::usage;

/// Does what the arguments say, and tells what came of it.
///
/// # Panics
/// When the server answers wrongly, or ends other than well, or `fsck` finds something afterwards.
pub fn run(arguments: &Arguments) -> Report {
    let mut subject = Subject::start(arguments);
    let before = arguments.limits.then(|| Limits::measure(subject.dir()));
    let bodies = bodies::sign_ahead(&mut subject, arguments);
    let signed: u64 = bodies.iter().map(|body| body.statements).sum();
    let bytes: u64 = bodies.iter().map(|body| body.bytes.len() as u64).sum();
    let readers = Readers::start(arguments, &subject);
    let watch = subject.witnesses().map(|witnesses| CosignWatch::start(subject.url(), witnesses.policy()));
    let server = subject.server().id();
    let cpu = |subject: &Subject| {
        [usage::cpu_seconds(server), usage::cpu_seconds(std::process::id()), subject.witnesses_cpu_seconds()]
    };
    let cpu_before = cpu(&subject);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let begun = Instant::now();
    let outcome: Outcome =
        runtime.block_on(sender::send(arguments, subject.url(), bodies, Arc::clone(readers.published())));
    let seconds = outcome.last.duration_since(begun).as_secs_f64();
    let cpu_after = cpu(&subject);
    let memory = usage::memory(server).expect("the server runs");
    let open_files = usage::open_files(server).expect("the server runs");
    let published = readers.published().load(Ordering::Relaxed);
    let read = readers.finish();
    let cosigned = watch.map(|watch| watch.finish(published, &outcome.answers).unwrap());
    let after = arguments.limits.then(|| Limits::measure(subject.dir()));
    let limits = before.zip(after).map(|(before, after)| before.better_of(after));
    let cpu_seconds: [f64; 3] = std::array::from_fn(|at| cpu_after[at] - cpu_before[at]);
    subject.finish(arguments);
    Report {
        arguments: arguments.clone(),
        signed,
        bytes,
        seconds,
        outcome,
        cosigned,
        read,
        cpu_seconds,
        memory,
        open_files,
        limits,
    }
}
