//! The scale program; what it measures, and how, is told in `glasshouse_tests::scale`.

use clap::Parser as _;
use glasshouse_tests::scale::{self, arguments::Arguments};

fn main() {
    let arguments = Arguments::parse();
    if let Some(dir) = &arguments.open {
        println!("{}", scale::opening::open_here(dir, arguments.without_look_ups).to_json());
        return;
    }
    let report = scale::run(&arguments);
    match arguments.json {
        true => println!("{}", report.to_json()),
        false => println!("{report}"),
    }
}
