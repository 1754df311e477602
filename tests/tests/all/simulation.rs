//! A hundred simulated worlds hold, reach everything that can go wrong, and repeat themselves to the byte.

use glasshouse_tests::simulation::counts::Counts;
use glasshouse_tests::simulation::run;

/// How many worlds every test run sees; `simulate --seeds 10000` sees more.
const WORLDS: u64 = 100;

#[test]
fn a_hundred_worlds_hold_and_reach_every_fault_and_every_way_out() {
    let mut counts = Counts::default();
    for seed in 1..=WORLDS {
        match run(seed, false) {
            Ok(outcome) => counts.join(&outcome.counts),
            Err(failure) => panic!("{failure}"),
        }
    }
    assert_eq!(counts.missing(), Vec::<&str>::new(), "never happened in {WORLDS} worlds");
}

/// Also in another thread, in which every map of the standard library has another order.
#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in [3, 45, 71] {
        let [first, second] =
            [(); 2].map(|()| std::thread::spawn(move || run(seed, false).unwrap()).join().unwrap());
        assert!(first.lines > 100, "{}", first.lines);
        assert_eq!((first.lines, first.digest), (second.lines, second.digest), "seed {seed}");
    }
    assert_ne!(run(3, false).unwrap().digest, run(4, false).unwrap().digest);
}
