//! The log as files: `/checkpoint`, `/tile/…`, `/addenda.v1` and `/vkey`, read from the ledger's public folder.
//!
//! This is the read side of C2SP tlog-tiles. The folder is laid out as the URLs are, so a plain file server or a CDN
//! can stand in for this module. A requested path is parsed into numbers ([`resource`]) and a file name is written from
//! those numbers: nothing of a URL is ever joined to a folder. No answer is a redirect.

pub(crate) mod condition;
mod encoding;
mod folder;
pub mod resource;
mod serve;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use glasshouse_ledger::reader::Reader;
use tokio::sync::Semaphore;

use crate::budget::Budget;
use crate::limits::COMPRESSIONS_AT_ONCE;
use crate::witnesses::board::Board;

/// What the handlers of the static side share.
#[derive(Debug, Clone)]
pub(crate) struct StaticSide {
    folder: PathBuf,
    answers: Budget,
    compressions: Arc<Semaphore>,
    /// The ledger, if files may lie there that are not published yet.
    ledger: Option<Reader>,
    /// Whether the checkpoint may be shown, where that hangs on witnesses.
    board: Option<Arc<Board>>,
}

/// The routes of the static side over a public folder (`D/public`). What they send lies within the budget.
pub fn router(folder: PathBuf, answers: Budget) -> Router {
    router_of(folder, answers, None, None)
}

/// The same of a ledger that writes files before it publishes them.
pub(crate) fn router_of(
    folder: PathBuf,
    answers: Budget,
    ledger: Option<Reader>,
    board: Option<Arc<Board>>,
) -> Router {
    let compressions = Arc::new(Semaphore::new(COMPRESSIONS_AT_ONCE));
    let side = StaticSide { folder, answers, compressions, ledger, board };
    Router::new()
        .route("/checkpoint", get(serve::resource))
        .route("/vkey", get(serve::resource))
        .route("/addenda.v1", get(serve::resource))
        .route("/tile/{*rest}", get(serve::resource))
        .with_state(side)
}
