//! Witnesses whose clock is far off: their signature holds, and counts nowhere.

use std::time::{Duration, Instant};

use super::fake::{Fake, Manner};
use super::town::{Mode, Town};
use super::world::now;

/// Seconds of an hour: more than a clock may be off.
const HOUR: u64 = 3_600;

impl Town {
    /// How many signatures of the third witness were refused for their time.
    fn counted(&self) -> u64 {
        let line = "glasshouse_witness_requests_total{witness=\"w3\",result=\"clock\"} ";
        let metrics = String::from_utf8(self.world.get("/metrics").body).unwrap();
        let count = metrics.lines().find_map(|found| found.strip_prefix(line));
        count.map_or(0, |count| count.parse().unwrap())
    }
}

/// One hostile clock among three would stand in the log for ever, in a tick.
#[test]
fn a_clock_that_is_far_off_is_an_alarm_and_stands_nowhere() {
    let mut town = Town::with(Mode::FailClosed, "group two all w1 w2\ngroup any any two w3\nquorum two\n");
    let clocks = [i64::MAX as u64, 1_000, now() + HOUR, now() - HOUR];
    for (number, clock) in (1..).zip(clocks) {
        town.witnesses[2].set_clock(None);
        town.until("the third is right", |town| town.signers().len() == 3);
        let counted = town.counted();
        town.witnesses[2].set_clock(Some(clock));
        town.answered(&town.world.decision(number), "accepted", number + 1);
        town.until("it is counted", |town| town.counted() > counted);
        assert_eq!(town.signers(), ["w1", "w2"], "{clock}");
        town.trusted();
    }
    // Nor does it stand in a tick.
    town.start_ticking();
    town.until("a tick", |town| town.ticks() == 1);
    let (note, names) = (town.tick_at(6), ["w1", "w2"]);
    let ticked = town.policy().open(note.as_bytes()).unwrap();
    assert!(ticked.witnesses().iter().map(|witness| witness.name.as_str()).eq(names), "{note}");
    town.close();
}

/// Where that witness is needed, whoever runs the log is told both times; and it counts again when its clock is right.
#[test]
fn a_quorum_waits_for_a_right_clock_and_says_both_times() {
    let town = Town::new(Mode::FailClosed);
    town.until("all three signed", |town| town.signers().len() == 3);
    town.witnesses[0].kill();
    town.witnesses[1].lag_behind(HOUR);
    let statement = town.world.decision(1);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| town.try_submit(&statement).unwrap());
        town.until("it says why", |town| {
            let why = town.readyz();
            let why = why.split("w2: did not sign since").nth(1).unwrap_or_default();
            why.contains("its time is 20")
                && why.contains("and this ledger's clock says 20")
                && why.contains("more than 600 seconds")
        });
        assert!(!waiting.is_finished());
        assert_eq!(town.size(), 2);
        town.witnesses[1].lag_behind(0);
        assert_eq!(waiting.join().unwrap(), 200);
    });
    assert_eq!(town.signers(), ["w2", "w3"]);
    town.close();
}

/// `Retry-After: 0` asks for no pause, and there is one all the same.
#[test]
fn a_witness_cannot_ask_to_be_asked_without_a_pause() {
    let town = Town::of(Mode::Open, 1, Fake::start, "quorum w1\n");
    town.until("it signed", |town| !town.signers().is_empty());
    let witness = &town.witnesses[0];
    witness.be(Manner::Later(0));
    let (begun, before) = (Instant::now(), witness.asked());
    town.answered(&town.world.decision(1), "accepted", 2);
    town.until("it was asked again and again", |_| witness.asked() >= before + 20);
    // Between these requests are at least 18 pauses of 20 ms.
    assert!(begun.elapsed() >= Duration::from_millis(18 * 20), "{:?}", begun.elapsed());
    town.close();
}
