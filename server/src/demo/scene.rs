//! Where the story plays: folders, keys, a ledger, and its server on threads of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use glasshouse_ledger::key_file::{self, SecretKey};
use glasshouse_ledger::ledger::{InitOptions, Ledger};
use glasshouse_verifier::origin::Origin;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::client::log::RemoteLog;
use crate::client::{Client, Patience};
use crate::commands::CommandError;
use crate::ledger_server::{LedgerServer, ServerOptions};
use crate::system_clock::SystemClock;

/// The name under which demonstration ledgers go. Each has a number of its own behind it: an origin is for one ledger.
const NAME: &str = "demo.glasshouse.example";

/// The folder of a demonstration.
pub(super) struct Folder {
    path: PathBuf,
    // Removes the folder at the end; `None` where the user gave one.
    _temporary: Option<TempDir>,
}

impl Folder {
    /// The given folder, or a temporary one.
    pub(super) fn open(given: Option<&Path>) -> Result<Folder, CommandError> {
        if let Some(path) = given {
            std::fs::create_dir_all(path).map_err(CommandError::io(path.display().to_string()))?;
            return Ok(Folder { path: path.to_owned(), _temporary: None });
        }
        let temporary = tempfile::Builder::new()
            .prefix("glasshouse-demo-")
            .tempdir()
            .map_err(CommandError::io("making a temporary folder"))?;
        Ok(Folder { path: temporary.path().to_owned(), _temporary: Some(temporary) })
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it goes when the story is over.
    pub(super) fn is_temporary(&self) -> bool {
        self._temporary.is_some()
    }

    /// The ledger's own folder.
    pub(super) fn ledger(&self) -> PathBuf {
        self.path.join("ledger")
    }

    /// The policy that readers check with.
    pub(super) fn policy(&self) -> PathBuf {
        self.ledger().join("policy.txt")
    }

    /// The registrar's key.
    pub(super) fn registrar_key(&self) -> PathBuf {
        self.path.join("registrar.pem")
    }

    /// A provider's key, made at first use.
    pub(super) fn key(&self, short: &str) -> Result<SecretKey, CommandError> {
        let path = self.path.join(format!("{short}.pem"));
        if path.exists() {
            return Ok(key_file::read_pem(&path)?);
        }
        let key = SecretKey::generate()?;
        key_file::write_pem(&path, &key)?;
        Ok(key)
    }

    /// A provider's outbox.
    pub(super) fn outbox(&self, short: &str) -> PathBuf {
        self.path.join(format!("{short}.outbox"))
    }

    /// Makes the ledger, unless it is there. Gives whether it is new.
    pub(super) fn make_ledger(&self) -> Result<bool, CommandError> {
        if self.ledger().join("place").exists() {
            return Ok(false);
        }
        let mut number = [0; 4];
        getrandom::fill(&mut number)
            .map_err(|error| CommandError::Refused(format!("no random bytes from the system: {error}")))?;
        let origin = Origin::parse(&format!("{NAME}/{}", hex::encode(number)))
            .map_err(|error| CommandError::Refused(error.to_string()))?;
        let options = InitOptions {
            folder: self.ledger(),
            origin,
            registrar_key: self.registrar_key(),
            purpose: "demo".to_owned(),
            policy: Some(
                "A demonstration. Its providers are made up, its keys lie beside it, and nothing in it is anybody's word."
                    .to_owned(),
            ),
            contact: None,
        };
        Ledger::init(&options, Arc::new(SystemClock))?;
        Ok(true)
    }
}

/// The ledger's server, and a client of it.
pub(super) struct Stage {
    runtime: Runtime,
    server: LedgerServer,
    log: RemoteLog,
}

impl Stage {
    /// Starts the server.
    pub(super) fn open(folder: &Folder, listen: SocketAddr) -> Result<Stage, CommandError> {
        let runtime = Runtime::new().map_err(CommandError::io("starting the runtime"))?;
        let mut options = ServerOptions::new(folder.ledger(), listen);
        // A story takes a few megabytes.
        options.storage.least_free = 64 << 20;
        let server = runtime.block_on(LedgerServer::start(&options))?;
        let log = RemoteLog::new(Client::new(&server.url(), Patience::default())?);
        Ok(Stage { runtime, server, log })
    }

    /// The log, as anybody sees it over HTTP.
    pub(super) fn log(&self) -> &RemoteLog {
        &self.log
    }

    /// Waits for Ctrl-C or SIGTERM.
    pub(super) fn stay(&self) -> Result<(), CommandError> {
        use tokio::signal::unix::{SignalKind, signal};
        self.runtime.block_on(async {
            let mut terminate = signal(SignalKind::terminate()).map_err(CommandError::io("SIGTERM"))?;
            let mut interrupt = signal(SignalKind::interrupt()).map_err(CommandError::io("SIGINT"))?;
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                () = self.server.failed() => {}
            }
            Ok(())
        })
    }

    /// Stops the server; the ledger is closed.
    pub(super) fn close(self) -> Result<(), CommandError> {
        Ok(self.runtime.block_on(self.server.stop())?)
    }
}
