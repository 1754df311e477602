//! How long each piece of [`glasshouse_tests::measured_work`] takes: `cargo bench -p glasshouse-tests --bench work`.
//!
//! Times of one machine. What a change costs on any machine shows in counted instructions: `tests/src/bin/instructions.rs`.

use criterion::Criterion;
use glasshouse_tests::measured_work::PIECES;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for piece in &PIECES {
        let mut once = (piece.prepare)();
        criterion.bench_function(piece.name, |bencher| bencher.iter(&mut once));
    }
    criterion.final_summary();
}
