//! Witnesses with two keys: two names of a policy, one URL, one request for each checkpoint.

use super::fake::{Fake, Manner};
use super::town::{Mode, Town};

/// Each kind of key has a quorum of its own, and both must be met.
const BOTH: &str =
    "group old 2 w1 w2 w3\ngroup new 2 w1-new w2-new w3-new\ngroup both all old new\nquorum both\n";

#[test]
fn a_url_is_asked_once_for_each_checkpoint_and_both_lines_count() {
    for mode in [Mode::Open, Mode::FailClosed] {
        let town = Town::of(mode, 3, Fake::start_with_two_keys, BOTH);
        for number in 1..=5 {
            town.answered(&town.world.decision(number), "accepted", number + 1);
            // All of them are waited for, so that none passes over a tree.
            town.until("both lines of all three are there", |town| {
                town.signers().len() == 6 && town.size() == number + 2
            });
        }
        town.trusted();
        assert_eq!(town.readyz(), "200 ready\n");
        for witness in &town.witnesses {
            let trees = witness.trees();
            assert!(
                trees.is_sorted_by(|one, next| one < next),
                "{mode:?}: a tree was asked for twice: {trees:?}"
            );
            assert!((3..=7).all(|size| trees.contains(&size)), "{mode:?}: {trees:?}");
            assert_eq!(witness.connections(), 1, "{mode:?}");
        }
        // Each name has its own line among the counters.
        for name in ["w1", "w1-new"] {
            let line = format!("glasshouse_witness_requests_total{{witness=\"{name}\",result=\"cosigned\"}}");
            assert!(town.metric(&line), "{line}");
        }
        town.close();
    }
}

/// A line that is missing is missing under its own name alone, and the witness is asked again until it gives it.
#[test]
fn each_key_counts_by_itself() {
    let town = Town::of(Mode::FailClosed, 3, Fake::start_with_two_keys, BOTH);
    town.answered(&town.world.decision(1), "accepted", 2);
    town.until("both lines of all three are there", |town| town.signers().len() == 6);
    town.witnesses[1].kill();
    town.witnesses[2].be(Manner::FirstKeyOnly);
    let statement = town.world.decision(2);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| town.try_submit(&statement).unwrap());
        town.until("it says who is missing", |town| {
            let why = town.readyz();
            ["w3: signed a tree of size 4", "w3-new: did not sign since 20", "w2-new: did not sign since 20"]
                .iter()
                .all(|part| why.contains(part))
        });
        assert!(town.readyz().contains("no line of the answer is by the key"), "{}", town.readyz());
        assert!(!waiting.is_finished());
        assert_eq!(town.size(), 3);
        town.witnesses[2].be(Manner::Right);
        assert_eq!(waiting.join().unwrap(), 200);
    });
    town.until("it is ready again", |town| town.readyz() == "200 ready\n");
    assert_eq!(
        (town.size(), town.signers().as_slice()),
        (4, ["w1", "w1-new", "w3", "w3-new"].map(str::to_owned).as_slice())
    );
    town.trusted();
    town.answered(&statement, "duplicate", 3);
    town.close();
}
