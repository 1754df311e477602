//! The sequence window against a plain set of numbers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;

use glasshouse_verifier::sequence::{NumberState, Sequence, SequenceError, SequenceWindow, WINDOW};
use proptest::prelude::*;

fn n(number: u64) -> Sequence {
    Sequence::new(number).unwrap()
}

/// The same rules on sets, slowly.
#[derive(Default)]
struct Model {
    taken: BTreeSet<u64>,
    voided: BTreeSet<u64>,
}

impl Model {
    fn is_used(&self, number: u64) -> bool {
        self.taken.contains(&number) || self.voided.contains(&number)
    }

    fn unbroken(&self) -> u64 {
        (1..).take_while(|number| self.is_used(*number)).last().unwrap_or(0)
    }

    fn highest(&self) -> u64 {
        self.taken.union(&self.voided).max().copied().unwrap_or(0)
    }

    fn state(&self, number: u64) -> NumberState {
        self.state_above(number, self.unbroken())
    }

    fn state_above(&self, number: u64, unbroken: u64) -> NumberState {
        match number {
            _ if self.taken.contains(&number) => NumberState::Taken,
            _ if self.voided.contains(&number) => NumberState::Voided,
            _ if number > unbroken + WINDOW => NumberState::Ahead,
            _ => NumberState::Free,
        }
    }

    fn take(&mut self, number: u64) -> Result<(), NumberState> {
        match self.state(number) {
            NumberState::Free => {
                self.taken.insert(number);
                Ok(())
            }
            other => Err(other),
        }
    }

    fn void(&mut self, first: u64, last: u64) -> Result<(), NumberState> {
        if let Some(used) = (first..=last).find(|number| self.is_used(*number)) {
            return Err(self.state(used));
        }
        if self.state(last) == NumberState::Ahead {
            return Err(NumberState::Ahead);
        }
        self.voided.extend(first..=last);
        Ok(())
    }

    fn missing(&self) -> Vec<u64> {
        (1..self.highest()).filter(|number| !self.is_used(*number)).collect()
    }
}

fn state_of(error: SequenceError) -> NumberState {
    match error {
        SequenceError::Taken(_) => NumberState::Taken,
        SequenceError::Voided(_) => NumberState::Voided,
        SequenceError::Ahead { .. } => NumberState::Ahead,
        SequenceError::EmptyRange(..) => panic!("an empty range"),
    }
}

fn assert_same(window: &SequenceWindow, model: &Model, near: impl Iterator<Item = u64>) {
    let unbroken = model.unbroken();
    assert_eq!(window.unbroken(), unbroken);
    assert_eq!(window.highest(), model.highest());
    assert_eq!(window.taken_count(), model.taken.len() as u64);
    assert_eq!(window.voided_count(), model.voided.len() as u64);
    let missing: Vec<u64> = window.missing(usize::MAX).into_iter().flat_map(|(a, b)| a..=b).collect();
    assert_eq!(missing, model.missing());
    for number in near {
        assert_eq!(window.state(n(number)), model.state_above(number, unbroken), "{number}");
        assert_eq!(window.is_taken(n(number)), model.taken.contains(&number));
    }
}

/// Every order of taking the numbers 1 to 6, with one range closed at every point in between.
#[test]
fn every_small_history() {
    fn orders(rest: &[u64]) -> Vec<Vec<u64>> {
        if rest.is_empty() {
            return vec![Vec::new()];
        }
        let mut found = Vec::new();
        for first in rest {
            let others: Vec<u64> = rest.iter().copied().filter(|other| other != first).collect();
            found.extend(orders(&others).into_iter().map(|tail| [vec![*first], tail].concat()));
        }
        found
    }
    let mut histories = 0;
    for order in orders(&[1, 2, 3, 4, 5, 6]) {
        for (at, first, last) in (0..6).flat_map(|at| [(at, 2, 2), (at, 3, 4), (at, 6, 8)]) {
            let (mut window, mut model) = (SequenceWindow::new(), Model::default());
            for (step, number) in order.iter().enumerate() {
                if step == at {
                    let closed = window.void(n(first), n(last)).map_err(state_of);
                    assert_eq!(closed, model.void(first, last));
                }
                assert_eq!(window.take(n(*number)).map_err(state_of), model.take(*number));
                assert_eq!(window.take(n(*number)).map_err(state_of), model.take(*number));
                assert_same(&window, &model, 1..=9);
            }
            histories += 1;
        }
    }
    assert_eq!(histories, 720 * 18);
}

#[derive(Debug, Clone)]
enum Act {
    Take(u64),
    Next,
    TakeAhead(u64),
    Void(u64, u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1u64..40).prop_map(Act::Take),
        4 => Just(Act::Next),
        2 => (WINDOW - 3..WINDOW + 3).prop_map(Act::TakeAhead),
        2 => (1u64..40, 0u64..5).prop_map(|(first, more)| Act::Void(first, first + more)),
        1 => (1u64..WINDOW + 3, 0u64..70).prop_map(|(first, more)| Act::Void(first, first + more)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_history_agrees_with_the_model(acts in prop::collection::vec(act(), 1..40)) {
        let (mut window, mut model) = (SequenceWindow::new(), Model::default());
        for act in acts {
            match act {
                Act::Void(first, last) => {
                    prop_assert_eq!(window.void(n(first), n(last)).map_err(state_of), model.void(first, last));
                }
                take => {
                    let number = match take {
                        Act::Take(number) => number,
                        Act::TakeAhead(by) => model.unbroken() + by,
                        _ => model.unbroken() + 1,
                    };
                    prop_assert_eq!(window.take(n(number)).map_err(state_of), model.take(number));
                }
            }
            let edge = model.unbroken() + WINDOW;
            assert_same(&window, &model, (1..50).chain(edge - 3..edge + 4));
        }
    }
}

#[test]
fn the_window_is_exactly_65536_wide() {
    let mut window = SequenceWindow::new();
    assert_eq!(window.state(n(WINDOW)), NumberState::Free);
    assert_eq!(window.take(n(WINDOW + 1)).map_err(|e| e.slug()), Err("sequence-ahead"));
    // The whole window but its first number, then the first: everything moves at once.
    for number in (2..=WINDOW).rev() {
        window.take(n(number)).unwrap();
    }
    assert_eq!((window.unbroken(), window.highest()), (0, WINDOW));
    assert_eq!(window.missing(10), vec![(1, 1)]);
    window.take(n(1)).unwrap();
    assert_eq!((window.unbroken(), window.highest()), (WINDOW, WINDOW));
    assert_eq!(window.take(n(2 * WINDOW)), Ok(()));
    assert_eq!(window.missing(10), vec![(WINDOW + 1, 2 * WINDOW - 1)]);
    // The ring's slot of a used number below is not taken for the number one window above.
    assert_eq!(window.state(n(WINDOW + 5)), NumberState::Free);
}

#[test]
fn hostile_ranges_cost_little_and_change_nothing() {
    let mut window = SequenceWindow::new();
    window.take(n(1)).unwrap();
    let before = window.clone();
    assert_eq!(window.void(n(2), n(Sequence::MAX)).map_err(|e| e.slug()), Err("sequence-ahead"));
    assert_eq!(window.void(n(1), n(Sequence::MAX)).map_err(|e| e.slug()), Err("sequence-conflict"));
    assert_eq!(window.void(n(5), n(4)), Err(SequenceError::EmptyRange(n(5), n(4))));
    assert_eq!(window.take(n(Sequence::MAX)).map_err(|e| e.slug()), Err("sequence-ahead"));
    assert_eq!(window, before);
    assert_eq!(Sequence::new(0), None);
    assert_eq!(Sequence::new(Sequence::MAX + 1), None);
}

#[test]
fn missing_stops_at_its_limit() {
    let mut window = SequenceWindow::new();
    for number in [2, 4, 8] {
        window.take(n(number)).unwrap();
    }
    assert_eq!(window.missing(0), vec![]);
    assert_eq!(window.missing(2), vec![(1, 1), (3, 3)]);
    assert_eq!(window.missing(9), vec![(1, 1), (3, 3), (5, 7)]);
}
