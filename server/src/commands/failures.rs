//! How the failures of the parts become failures of a command: what was refused ends with 1, what did not work with 2.

use std::error::Error;

use glasshouse_ledger::author::AuthorError;
use glasshouse_ledger::catch_up::CatchUpError;
use glasshouse_ledger::key_file::KeyFileError;
use glasshouse_ledger::ledger::InitError;
use glasshouse_ledger::open::OpenError;
use glasshouse_ledger::store::StoreError;
use glasshouse_ledger::walk::WalkError;
use glasshouse_ledger::writer::WriterError;

use super::CommandError;
use crate::client::ClientError;
use crate::european::checksum::ChecksumError;
use crate::european::export::ExportError;
use crate::european::intake::IntakeError;
use crate::ledger_server::ServerError;
use crate::outbox::OutboxError;
use crate::outbox::publisher::PublishError;
use crate::outbox::purge::PurgeError;
use crate::outbox::showing::ShowError;

/// An input/output failure whose own words name the file or server.
fn did_not_work(error: &dyn std::fmt::Display, what: &str) -> CommandError {
    CommandError::Io { what: what.to_owned(), source: std::io::Error::other(error.to_string()) }
}

/// Whether the system is the cause, however deep: what it refuses now it may do later, and nothing was judged.
pub(super) fn is_the_systems(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<std::io::Error>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// A refusal, unless the system did not do its part.
fn refused_or_did_not_work(error: &(dyn Error + 'static), what: &str) -> CommandError {
    match is_the_systems(error) {
        true => did_not_work(&error, what),
        false => CommandError::Refused(error.to_string()),
    }
}

impl From<KeyFileError> for CommandError {
    fn from(error: KeyFileError) -> CommandError {
        match error {
            KeyFileError::Exposed { .. } | KeyFileError::NotAKey { .. } => {
                CommandError::Refused(error.to_string())
            }
            KeyFileError::Io { .. } | KeyFileError::Randomness(_) => did_not_work(&error, "key"),
        }
    }
}

impl From<AuthorError> for CommandError {
    fn from(error: AuthorError) -> CommandError {
        CommandError::Refused(error.to_string())
    }
}

impl From<ClientError> for CommandError {
    fn from(error: ClientError) -> CommandError {
        match error {
            ClientError::Problem { status, .. } if status < 500 && status != 429 => {
                CommandError::Refused(error.to_string())
            }
            ClientError::Url { .. } | ClientError::Scheme { .. } => CommandError::Usage(error.to_string()),
            error => did_not_work(&error, "log"),
        }
    }
}

impl From<OutboxError> for CommandError {
    fn from(error: OutboxError) -> CommandError {
        match error {
            OutboxError::None { .. } => CommandError::Usage(error.to_string()),
            OutboxError::Other { .. } | OutboxError::InUse { .. } => CommandError::Refused(error.to_string()),
            error => did_not_work(&error, "outbox"),
        }
    }
}

impl From<PublishError> for CommandError {
    fn from(error: PublishError) -> CommandError {
        match error {
            PublishError::Outbox(error) => error.into(),
            PublishError::Client(error) => error.into(),
            error => CommandError::Refused(error.to_string()),
        }
    }
}

impl From<PurgeError> for CommandError {
    fn from(error: PurgeError) -> CommandError {
        match error {
            PurgeError::Outbox(error) => error.into(),
            error => CommandError::Refused(error.to_string()),
        }
    }
}

impl From<ShowError> for CommandError {
    fn from(error: ShowError) -> CommandError {
        match error {
            ShowError::Outbox(error) => error.into(),
            error => CommandError::Refused(error.to_string()),
        }
    }
}

impl From<IntakeError> for CommandError {
    fn from(error: IntakeError) -> CommandError {
        match error.is_the_dumps() {
            true => CommandError::Refused(error.to_string()),
            false => did_not_work(&error, "dump"),
        }
    }
}

impl From<ChecksumError> for CommandError {
    fn from(error: ChecksumError) -> CommandError {
        match error {
            ChecksumError::Form(_) => CommandError::Refused(error.to_string()),
            error @ ChecksumError::Io { .. } => did_not_work(&error, "checksum"),
        }
    }
}

impl From<WalkError> for CommandError {
    fn from(error: WalkError) -> CommandError {
        match error {
            WalkError::Open(error) => error.into(),
            WalkError::Store(_) => did_not_work(&error, "ledger"),
            error => CommandError::Refused(error.to_string()),
        }
    }
}

impl From<ExportError> for CommandError {
    fn from(error: ExportError) -> CommandError {
        match error {
            ExportError::Walk(error) => error.into(),
            error @ ExportError::Write(_) => did_not_work(&error, "export"),
            error @ ExportError::Redacted(_) => CommandError::Refused(error.to_string()),
        }
    }
}

impl From<InitError> for CommandError {
    fn from(error: InitError) -> CommandError {
        match error {
            InitError::Io { path, source } => CommandError::Io { what: path.display().to_string(), source },
            InitError::Key(error) => error.into(),
            InitError::Store(_) => did_not_work(&error, "ledger"),
            error => refused_or_did_not_work(&error, "ledger"),
        }
    }
}

impl From<OpenError> for CommandError {
    fn from(error: OpenError) -> CommandError {
        match error {
            OpenError::NoLedger(_) => CommandError::Usage(error.to_string()),
            // As of an outbox: whoever has it does its work, and this command may not.
            OpenError::Store(StoreError::Held(_) | StoreError::Later { .. }) => {
                CommandError::Refused(error.to_string())
            }
            OpenError::CatchUp(CatchUpError::Mirror { .. }) => did_not_work(&error, "mirror"),
            OpenError::Key(error) => error.into(),
            OpenError::Store(_) | OpenError::Index(_) => did_not_work(&error, "ledger"),
            error => refused_or_did_not_work(&error, "ledger"),
        }
    }
}

impl From<ServerError> for CommandError {
    fn from(error: ServerError) -> CommandError {
        match error {
            ServerError::Io { what, source } => CommandError::Io { what, source },
            ServerError::Open(error) => error.into(),
            // Nothing may be signed: neither is a fault of the system, and trying again does not help.
            ServerError::Unheard { .. }
            | ServerError::RegistrarKey(_)
            | ServerError::Tls(_)
            | ServerError::Writer(WriterError::Contradicted(_)) => CommandError::Refused(error.to_string()),
            error => did_not_work(&error, "serving"),
        }
    }
}
