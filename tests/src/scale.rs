//! What does not grow with the log, and what does: one ledger is grown through powers of ten, and measured at each.
//!
//! It is grown through the ledger's own writer, without HTTP, as fast as that goes. At each size, in this order: the bytes on the
//! disk ([`disk`]); what opening takes, by the ledger alone in a process of its own, and by the server ([`opening`]); inclusion
//! proofs ([`reading`]) and receipts ([`receipts`]), asked of that server one after the other by one reader; and last what a round of 1,000 more
//! statements takes ([`grower`]). The server is started twice: the first time it builds its search index, the second counts.
//!
//! Nothing here judges: the aims stand in BENCHMARKS.md, and times say something on an idle machine only.

pub mod arguments;
pub mod disk;
pub mod grower;
pub mod opening;
pub mod reading;
pub mod receipts;
pub mod report;

use self::arguments::Arguments;
use self::grower::Grower;
use self::report::{Report, Stage};

/// Grows a ledger and measures it at each size.
///
/// # Panics
/// When the ledger refuses a statement, the server answers wrongly, or a proof or receipt does not hold.
pub fn run(arguments: &Arguments) -> Report {
    let scratch = arguments.scratch();
    let mut grower = Grower::begin(scratch.path(), arguments.providers);
    let sizes = arguments.sizes();
    let mut stages = Vec::new();
    for (at, size) in sizes.iter().enumerate() {
        grower.grow_to(*size);
        grower.close();
        // The rounds that are measured lead to the next size and not beyond.
        let room = sizes.get(at + 1).map_or(u64::MAX, |next| (next - size) / grower::ROUND);
        let stage = measure(arguments, &mut grower, *size, arguments.rounds.min(room));
        eprintln!("{stage}");
        stages.push(stage);
    }
    Report { stages }
}

fn measure(arguments: &Arguments, grower: &mut Grower, size: u64, rounds: u64) -> Stage {
    let program = arguments.program();
    let bytes = disk::look(grower.dir());
    let bare = opening::open_in_child(grower.dir(), true);
    let with_look_ups = opening::open_in_child(grower.dir(), false);
    opening::build_search_index(&program, grower.dir());
    let (server, served) = opening::serve(&program, grower.dir());
    let proofs = reading::time_twice(server.url(), size, arguments.proofs);
    let receipts = receipts::time_receipts(server.url(), &grower.policy(), size, arguments.receipts);
    assert_eq!(server.stop(), Some(0), "the server ends well");
    let appends = grower.time_rounds(rounds);
    grower.close();
    Stage { size, bytes, bare, with_look_ups, served, proofs, receipts, appends }
}
