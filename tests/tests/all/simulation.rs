//! A hundred simulated worlds hold, reach everything that can go wrong, and repeat themselves to the byte.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use glasshouse_tests::simulation::counts::Counts;
use glasshouse_tests::simulation::{Failure, run};

/// How many worlds every test run sees; `simulate --seeds 10000` sees more.
const WORLDS: u64 = 100;

#[test]
fn a_hundred_worlds_hold_and_reach_every_fault_and_every_way_out() {
    let (next, counts, failures) = (AtomicU64::new(1), Mutex::new(Counts::default()), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > WORLDS {
                return;
            }
            match run(seed, false) {
                Ok(outcome) => counts.lock().unwrap().join(&outcome.counts),
                Err(failure) => failures.lock().unwrap().push(failure),
            }
        }
    };
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        (0..cores).for_each(|_| drop(scope.spawn(work)));
    });
    let failures: Vec<Box<Failure>> = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures[0]);
    let missing = counts.into_inner().unwrap().missing();
    assert_eq!(missing, Vec::<&str>::new(), "never happened in {WORLDS} worlds");
}

/// Also in another thread, in which every map of the standard library has another order.
#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in [3, 45, 71] {
        let [first, second] =
            [(); 2].map(|()| std::thread::spawn(move || run(seed, false).unwrap()).join().unwrap());
        assert!(first.lines > 30, "{}", first.lines);
        assert_eq!((first.lines, first.digest), (second.lines, second.digest), "seed {seed}");
    }
    assert_ne!(run(3, false).unwrap().digest, run(4, false).unwrap().digest);
}
