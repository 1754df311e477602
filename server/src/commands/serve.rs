//! `glasshouse serve`: the server of one ledger.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use clap::Args;
use glasshouse_ledger::log_key_files::read_vkey;
use glasshouse_verifier::bounds::NOTE_MAX;
use tokio::signal::unix::{SignalKind, signal};

use super::entering::Entering;
use super::witnessing::Witnessing;
use super::{CommandError, byte_size, small_file};
use crate::commands::standard_output::say;
use crate::huge_pages;
use crate::ledger_server::{LedgerServer, ServerOptions};
use crate::limits::MAX_OPEN_FILES;
use crate::open_files;

/// Serve a ledger over HTTP.
///
/// Prints one line of JSON on standard output when it is ready: {"event":"ready","url":…,"origin":…,"size":…}. Log lines
/// go to standard error. SIGTERM and SIGINT stop it: requests in flight are answered first. SIGHUP has the certificate and its key
/// read anew.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  glasshouse serve --dir ledger --listen 127.0.0.1:8080\n  glasshouse serve --dir ledger --policy witnesses.txt --require-quorum"
)]
pub struct Serve {
    /// The ledger's folder, as `glasshouse init` made it.
    #[arg(long, value_name = "D")]
    dir: PathBuf,

    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// Least time between two rounds of the writer, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    round_interval: u64,

    /// How long a provider can withdraw its redaction before the texts are erased, such as 72h, 30m or 14d; 0 erases them
    /// before the redaction is answered. Meanwhile they are shown nowhere, and stay on disk.
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = hold)]
    redaction_hold: Duration,

    /// File with a checkpoint of this log that somebody else has; may be given several times. The ledger does not
    /// start unless it has grown out of each.
    #[arg(long, value_name = "FILE")]
    seen: Vec<PathBuf>,

    /// Least room on the file system of the folder, such as 512MiB or 1GiB. With less, new statements are refused (503,
    /// `storage-full`) until there is an eighth more; withdrawals, redactions, retirements and changes of keys are taken down to half of
    /// it, and reading goes on. Files count too: fewer than 4,096 are too few. 0 refuses
    /// nothing, and a disk that is full ends the server.
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = byte_size::parse)]
    min_free: u64,

    #[command(flatten)]
    entering: Entering,

    #[command(flatten)]
    witnessing: Witnessing,
}

impl Serve {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        start_logging(json);
        huge_pages::decline();
        let runtime = tokio::runtime::Runtime::new().map_err(CommandError::io("starting the runtime"))?;
        runtime.block_on(self.serve())
    }

    async fn serve(&self) -> Result<(), CommandError> {
        read_vkey(&self.dir)?;
        let stopped = stop_signal()?;
        let mut options = ServerOptions::new(self.dir.clone(), self.listen);
        options.round_interval = Duration::from_millis(self.round_interval);
        options.redaction_hold = self.redaction_hold;
        options.storage.least_free = self.min_free;
        for path in &self.seen {
            options.seen.push(small_file::read(path, NOTE_MAX)?);
        }
        self.witnessing.add_to(&mut options)?;
        self.entering.add_to(&mut options)?;
        open_files::allow(MAX_OPEN_FILES);
        // From here on it ends nothing, also while the ledger is being opened.
        let mut hangups = signal(SignalKind::hangup()).map_err(CommandError::io("SIGHUP"))?;
        let server = LedgerServer::start(&options).await?;
        announce(&server);
        let (mut stopped, mut failed) = (pin!(stopped), pin!(server.failed()));
        loop {
            tokio::select! {
                () = &mut stopped => {
                    tracing::info!("stopping: what was asked is answered first");
                    break;
                }
                () = &mut failed => {
                    tracing::error!("the ledger's writer has stopped");
                    break;
                }
                _ = hangups.recv() => server.reload(),
            }
        }
        Ok(server.stop().await?)
    }
}

/// The longest hold: whoever asked for an erasure should not wait for years.
const HOLD_MAX: Duration = Duration::from_secs(366 * 24 * 3600);

/// Reads a whole number of seconds, minutes, hours or days: `90s`, `30m`, `72h`, `14d`; or `0`.
fn hold(text: &str) -> Result<Duration, String> {
    let unit = match text.chars().next_back() {
        _ if text == "0" => return Ok(Duration::ZERO),
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 24 * 3_600,
        _ => return Err("a whole number with s, m, h or d behind it, such as 72h; or 0".to_owned()),
    };
    let number = text.get(..text.len() - 1).unwrap_or_default();
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    let seconds =
        number.parse::<u64>().ok().filter(|_| is_number).and_then(|number| number.checked_mul(unit));
    match seconds.map(Duration::from_secs) {
        Some(hold) if hold <= HOLD_MAX => Ok(hold),
        Some(_) => Err("at most 366d".to_owned()),
        None => Err("a whole number with s, m, h or d behind it, such as 72h; or 0".to_owned()),
    }
}

/// Says on standard output, in one line, that requests are answered, and where.
fn announce(server: &LedgerServer) {
    let line = serde_json::json!({
        "event": "ready",
        "url": server.url(),
        "origin": server.origin().to_string(),
        "size": server.reader().head().size().get(),
    });
    say!("{line}");
}

/// Becomes ready with the first SIGTERM or SIGINT. The handlers are in place when this returns.
pub(super) fn stop_signal() -> Result<impl Future<Output = ()>, CommandError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(CommandError::io("SIGTERM"))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(CommandError::io("SIGINT"))?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// What is logged if `RUST_LOG` does not say. Where a merge of segments ends after one of them was merged by another or lost its
/// last document, tantivy warns that it "couldn't find segment in SegmentManager" and drops what it merged; the segments that
/// are there stay, and hold all that counts. That is no news to anybody.
const LOGGED: &str = "info,sled=warn,tantivy=warn,tantivy::indexer::segment_manager=error";

/// Log lines go to standard error, as `RUST_LOG` says.
pub(super) fn start_logging(json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(LOGGED));
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    // A second server in one process keeps the first one's log.
    let _ = if json { lines.json().try_init() } else { lines.try_init() };
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::storage::LEAST_FREE;

    #[test]
    fn a_hold_is_a_number_with_its_unit() {
        for (text, seconds) in
            [("0", 0), ("0s", 0), ("90s", 90), ("30m", 1_800), ("72h", 259_200), ("366d", 31_622_400)]
        {
            assert_eq!(hold(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in ["", "1", "h", "-1h", "+1h", "1.5h", "72H", "1w", "367d", "99999999999999999999s", "1é"]
        {
            hold(wrong).unwrap_err();
        }
    }

    #[test]
    fn the_room_that_is_kept_is_what_the_library_says() {
        let command = Serve::augment_args(clap::Command::new("serve"));
        let least = command.get_arguments().find(|argument| argument.get_id() == "min_free").unwrap();
        let defaults = least.get_default_values();
        assert_eq!(byte_size::parse(defaults[0].to_str().unwrap()), Ok(LEAST_FREE));
    }
}
