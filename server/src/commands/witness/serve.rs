//! `glasshouse witness serve`: a witness answers logs.

use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use glasshouse_ledger::witness::log_list::{LIST_MAX, parse_log_list};
use glasshouse_ledger::witness::log_settings::{LogSet, LogSettings};
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;

use crate::commands::CommandError;
use crate::commands::serve::{start_logging, stop_signal};
use crate::commands::standard_output::say;
use crate::witness_server::{WitnessOptions, WitnessServer, WitnessServerError};

/// Serve a witness over HTTP (c2sp.org/tlog-witness).
///
/// Prints one line of JSON on standard output when it is ready: {"event":"ready","url":…,"name":…,"vkeys":…,"logs":…}.
/// Log lines go to standard error. SIGTERM and SIGINT stop it: requests in flight are answered first.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse witness serve --dir w1 --listen 127.0.0.1:8181 --policy policy.txt --logs log-list.1\n\nWhich logs it watches is read once, at start."
)]
pub(super) struct Serve {
    /// The witness's folder, as `glasshouse witness init` made it.
    #[arg(long, value_name = "D")]
    dir: PathBuf,

    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8181")]
    listen: SocketAddr,

    /// Policy whose `log` lines name logs to watch (c2sp.org/tlog-policy); may be given several times.
    #[arg(long, value_name = "FILE", required_unless_present = "logs")]
    policy: Vec<PathBuf>,

    /// List of logs to watch, each with its budget of requests a day (`logs/v0`); may be given several times.
    #[arg(long, value_name = "FILE")]
    logs: Vec<PathBuf>,
}

impl Serve {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        start_logging(json);
        let options = WitnessOptions { dir: self.dir.clone(), listen: self.listen, logs: self.read_logs()? };
        let runtime = tokio::runtime::Runtime::new().map_err(CommandError::io("starting the runtime"))?;
        runtime.block_on(serve(options))
    }

    fn read_logs(&self) -> Result<Vec<LogSettings>, CommandError> {
        let mut logs = LogSet::new();
        let usage = |path: &Path, error: &dyn std::fmt::Display| {
            CommandError::Usage(format!("{}: {error}", path.display()))
        };
        for path in &self.policy {
            let bytes = read(path)?;
            let text = std::str::from_utf8(&bytes).map_err(|error| usage(path, &error))?;
            let policy = Policy::parse(text).map_err(|error| usage(path, &error))?;
            logs.add_policy(&policy).map_err(|error| usage(path, &error))?;
        }
        for path in &self.logs {
            let list = parse_log_list(&read(path)?).map_err(|error| usage(path, &error))?;
            logs.add_list(&list).map_err(|error| usage(path, &error))?;
        }
        Ok(logs.into_logs())
    }
}

async fn serve(options: WitnessOptions) -> Result<(), CommandError> {
    let stopped = stop_signal()?;
    let logs = options.logs.len();
    let server = WitnessServer::start(options).await.map_err(refused)?;
    announce(&server, logs);
    let failed = server.failed();
    tokio::select! {
        () = stopped => tracing::info!("stopping: what was asked is answered first"),
        () = failed => tracing::error!("the witness has stopped signing"),
    }
    server.stop().await.map_err(refused)
}

/// Says on standard output, in one line, that requests are answered, and where.
fn announce(server: &WitnessServer, logs: usize) {
    let vkeys: Vec<String> = server.vkeys().iter().map(Vkey::encode).collect();
    let name = server.vkeys().first().map_or("", Vkey::name);
    let line = serde_json::json!({
        "event": "ready",
        "url": server.url(),
        "name": name,
        "vkeys": vkeys,
        "logs": logs,
    });
    say!("{line}");
}

fn refused(error: WitnessServerError) -> CommandError {
    match error {
        WitnessServerError::Folder(error) => error.into(),
        WitnessServerError::Io { what, source } => CommandError::Io { what, source },
        error => {
            CommandError::Io { what: "serving".to_owned(), source: std::io::Error::other(error.to_string()) }
        }
    }
}

/// A file, up to the longest that a list may be.
fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    let io = CommandError::io(path.display().to_string());
    let mut bytes = Vec::new();
    let most = LIST_MAX as u64 + 1;
    std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(io)?;
    Ok(bytes)
}
