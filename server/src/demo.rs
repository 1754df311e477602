//! The demonstration: one ledger, three made-up providers, real rows, a forgery that is caught.
//!
//! It uses nothing that a user could not: the HTTP interface through the client, `publish` through the outbox, the
//! verifier's library for every check.

mod cast;
mod chapters;
mod forgery;
mod scene;
mod story;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use self::chapters::Telling;
use self::scene::{Folder, Stage};
use self::story::Story;
use crate::commands::CommandError;

/// How to tell the story.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder to keep everything in; a temporary one if `None`.
    pub dir: Option<PathBuf>,
    /// Where the ledger listens.
    pub listen: SocketAddr,
    /// Whether to end after the story.
    pub once: bool,
    /// Whether one JSON line says how it ended, behind the story.
    pub json: bool,
}

/// Tells the story, then stays to be browsed until Ctrl-C, unless it is told once.
///
/// # Errors
/// Anything that does not go as the story says.
pub fn run(options: &Options, out: &mut dyn Write) -> Result<(), CommandError> {
    let folder = Folder::open(options.dir.as_deref())?;
    let is_new = folder.make_ledger()?;
    let stage = Stage::open(&folder, options.listen)?;
    let told = tell(options, &folder, &stage, is_new, out);
    if told.is_ok() && !options.once {
        stage.stay()?;
    }
    let closed = stage.close();
    let facts = told?;
    closed?;
    if options.json {
        writeln!(out, "{facts}").map_err(CommandError::io("writing"))?;
    }
    Ok(())
}

fn tell(
    options: &Options,
    folder: &Folder,
    stage: &Stage,
    is_new: bool,
    out: &mut dyn Write,
) -> Result<serde_json::Value, CommandError> {
    let story = Story::begin(out, "Glasshouse: the demonstration").map_err(CommandError::io("writing"))?;
    let mut telling = Telling::new(folder, stage.log(), story, is_new, options.once)?;
    telling.the_ledger()?;
    telling.the_providers()?;
    let early = stage.log().checkpoint()?;
    telling.the_case()?;
    telling.the_mirror()?;
    telling.the_receipts()?;
    telling.the_forgery()?;
    telling.the_history(&early)?;
    telling.the_end(options.once)?;
    Ok(telling.facts())
}
