//! Why a reader got nothing that it can use: the server is away, or what came is wrong.

/// The difference counts: one is what a killed server does to its readers, the other is never excused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// No connection, a connection that broke off, or an answer that says to come back (503, 429).
    Away(String),
    /// Something came that an honest ledger does not give.
    Wrong(String),
}

impl ReadError {
    /// Something wrong, in these words.
    pub fn wrong(what: impl std::fmt::Display) -> ReadError {
        ReadError::Wrong(what.to_string())
    }
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ReadError::Away(what) => write!(f, "the server is away: {what}"),
            ReadError::Wrong(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for ReadError {}
