//! The bodies of all requests, signed before the first is sent.

use rayon::prelude::*;

use super::arguments::{Arguments, Mix};
use super::subject::Subject;
use crate::mix;
use crate::workload::{Publisher, batch, decision, now};

/// The body of one request.
#[derive(Debug, Clone)]
pub struct Body {
    /// As it is sent.
    pub bytes: Vec<u8>,
    /// How many statements it holds.
    pub statements: u64,
}

/// The bodies in sending order: one of each provider in turn.
pub fn sign_ahead(subject: &mut Subject, arguments: &Arguments) -> Vec<Body> {
    let many = arguments.count().div_ceil(arguments.batch);
    eprintln!("signing {} statements", many * arguments.batch);
    let count = subject.publishers().len() as u64;
    let share = |at: usize| many / count + u64::from((at as u64) < many % count);
    let mut signed: Vec<std::vec::IntoIter<Body>> = subject
        .publishers()
        .par_iter_mut()
        .enumerate()
        .map(|(at, publisher)| {
            let bodies = (0..share(at)).map(|_| body(publisher, at as u64, arguments));
            bodies.collect::<Vec<_>>().into_iter()
        })
        .collect();
    let turns = (0..many).map(|turn| usize::try_from(turn % count).unwrap());
    turns.filter_map(|at| signed[at].next()).collect()
}

fn body(publisher: &mut Publisher, seed: u64, arguments: &Arguments) -> Body {
    let signed: Vec<_> = (0..arguments.batch).map(|_| sign_next(publisher, seed, arguments.mix)).collect();
    Body { bytes: batch(&signed), statements: arguments.batch }
}

/// A provider's next statement of this mix, signed now.
pub fn sign_next(publisher: &mut Publisher, seed: u64, mix: Mix) -> glasshouse_ledger::author::Signed {
    let number = publisher.next_number();
    publisher.skip();
    let line = match mix {
        Mix::European => mix::decision(seed, number),
        Mix::Small => decision(number),
    };
    publisher.sign(&line, number, now())
}
