//! The soak; what it does and what must hold is told in `glasshouse_tests::soak`.

use std::process::ExitCode;

use clap::Parser as _;
use glasshouse_tests::soak::{self, arguments::Arguments};

/// The less it takes itself, the more the server has: both run on the same cores.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match soak::run(&arguments) {
        Ok(report) if arguments.json => println!("{}", report.to_json()),
        Ok(report) => println!("{report}"),
        Err(wrong) => {
            if arguments.json {
                println!("{}", serde_json::json!({"holds": false, "why": wrong}));
            }
            eprintln!("soak: {wrong}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
