//! Why a ledger's server did not start, or did not end well.

use glasshouse_ledger::open::OpenError;
use glasshouse_ledger::writer::WriterError;

use crate::tls::TlsError;

/// Why a server did not start, or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The ledger cannot be opened: held by another process, damaged, copied, or not there.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A socket or thread.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The writer failed. What it had in hand is judged when the ledger is opened again.
    #[error("the ledger's writer stopped: {0}")]
    Writer(WriterError),
    /// Fewer witnesses than are required said what they have seen. The ledger was not opened.
    #[error(
        "{heard} of {asked} witnesses said what they have seen of this log, and --require-witnesses-at-start asks for {required}, \
         so nothing is signed: what the others have signed may be greater than what lies here. {silent}"
    )]
    Unheard {
        /// How many did.
        heard: usize,
        /// How many were asked.
        asked: usize,
        /// How many have to.
        required: usize,
        /// Who did not, and why.
        silent: String,
    },
    /// The certificate or its key.
    #[error(transparent)]
    Tls(Box<TlsError>),
    /// The registrar's key, for ticks.
    #[error("the registrar's key {0}")]
    RegistrarKey(String),
    /// A fault of this program.
    #[error("a fault of this program: {0}")]
    Internal(String),
}
