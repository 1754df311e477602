//! How the failures of the parts become failures of a command: what was refused ends with 1, what did not work with 2.

use glasshouse_ledger::author::AuthorError;
use glasshouse_ledger::catch_up::CatchUpError;
use glasshouse_ledger::key_file::KeyFileError;
use glasshouse_ledger::ledger::InitError;
use glasshouse_ledger::open::OpenError;
use glasshouse_ledger::store::StoreError;
use glasshouse_ledger::walk::WalkError;

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

impl From<KeyFileError> for CommandError {
    fn from(error: KeyFileError) -> CommandError {
        did_not_work(&error, "key")
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
            InitError::Key(_) | InitError::Store(_) => did_not_work(&error, "ledger"),
            error => CommandError::Refused(error.to_string()),
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
            OpenError::Store(_) | OpenError::Key(_) | OpenError::Index(_) => did_not_work(&error, "ledger"),
            error => CommandError::Refused(error.to_string()),
        }
    }
}

impl From<ServerError> for CommandError {
    fn from(error: ServerError) -> CommandError {
        match error {
            ServerError::Io { what, source } => CommandError::Io { what, source },
            ServerError::Open(error) => error.into(),
            ServerError::Unheard { .. } => CommandError::Refused(error.to_string()),
            error => did_not_work(&error, "server"),
        }
    }
}
