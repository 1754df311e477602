//! The load program; what it measures and how is told in `glasshouse_tests::load`.

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use glasshouse_tests::load::{self, arguments::Arguments};

fn main() {
    let arguments = Arguments::parse();
    if let Err(why) = arguments.check() {
        Arguments::command().error(ErrorKind::ValueValidation, why).exit();
    }
    let report = load::run(&arguments);
    match arguments.json {
        true => println!("{}", report.to_json()),
        false => println!("{report}"),
    }
}
