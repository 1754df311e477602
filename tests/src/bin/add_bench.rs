//! `POST /add` in front of a throw-away ledger; why it is made like this is told in `glasshouse_tests::add_bench`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use clap::Parser as _;
use glasshouse_tests::add_bench::{Bench, arguments::Arguments, front};
use glasshouse_tests::process;
use tokio::signal::unix::{SignalKind, signal};

fn main() {
    let arguments = Arguments::parse();
    let bench = Bench::start(&process::program(arguments.glasshouse.as_deref(), "glasshouse"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).unwrap();
        let mut interrupt = signal(SignalKind::interrupt()).unwrap();
        let stopped = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        front::serve(bench, arguments.listen, stopped).await;
    });
}
