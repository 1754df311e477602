//! `glasshouse demo`: the whole story on a ledger of its own.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::CommandError;
use crate::demo;

/// See the whole story: a ledger is made, providers sign decisions, receipts are checked, and a forgery is caught.
///
/// Everything happens on this machine, on a ledger whose purpose is `demo`, with made-up providers. At the end the ledger
/// stays up to be browsed until Ctrl-C.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  glasshouse demo\n  glasshouse demo --once\n  glasshouse demo --dir my-demo --listen 127.0.0.1:8080"
)]
pub struct Demo {
    /// Folder to keep everything in; a temporary one, removed at the end, if not given. Running it again in the same
    /// folder goes on with the same ledger.
    #[arg(long, value_name = "D")]
    dir: Option<PathBuf>,

    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "A", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// End after the story.
    #[arg(long)]
    once: bool,
}

impl Demo {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let options = demo::Options { dir: self.dir.clone(), listen: self.listen, once: self.once, json };
        demo::run(&options, &mut std::io::stdout().lock())
    }
}
