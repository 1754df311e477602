//! `glasshouse serve`: the server of one ledger.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::CommandError;
use crate::app;
use crate::app_state::AppState;
use crate::http_server::HttpServer;
use crate::measure::Measure;

/// Serve a ledger over HTTP.
///
/// Prints one line of JSON on standard output when it is ready: {"event":"ready","url":…,"origin":…,"size":…}. Log lines
/// go to standard error. SIGTERM and SIGINT stop it: requests in flight are answered first.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  glasshouse serve --dir ledger --listen 127.0.0.1:8080")]
pub struct Serve {
    /// The ledger's folder, as `glasshouse init` made it.
    #[arg(long, value_name = "D")]
    dir: PathBuf,

    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

impl Serve {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        start_logging(json);
        let runtime = tokio::runtime::Runtime::new().map_err(CommandError::io("starting the runtime"))?;
        runtime.block_on(self.serve())
    }

    async fn serve(&self) -> Result<(), CommandError> {
        let measure = Measure::new().map_err(|error| CommandError::Usage(error.to_string()))?;
        let state = Arc::new(AppState { measure: Arc::new(measure) });
        let listener =
            TcpListener::bind(self.listen).await.map_err(CommandError::io(self.listen.to_string()))?;
        let stopped = stop_signal()?;
        let server = HttpServer::start(listener, app::router(self.dir.join("public"), state))
            .map_err(CommandError::io(self.listen.to_string()))?;
        println!("{}", serde_json::json!({"event": "ready", "url": format!("http://{}", server.address())}));
        stopped.await;
        tracing::info!("stopping: requests in flight are answered first");
        server.stop().await;
        Ok(())
    }
}

/// Becomes ready with the first SIGTERM or SIGINT. The handlers are in place when this returns.
fn stop_signal() -> Result<impl Future<Output = ()>, CommandError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(CommandError::io("SIGTERM"))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(CommandError::io("SIGINT"))?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn start_logging(json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,sled=warn"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second server in one process keeps the first one's log.
    let _ = if json { lines.json().try_init() } else { lines.try_init() };
}
