//! A running witness: its state behind the routes, the socket in front (c2sp.org/tlog-witness).

mod add_checkpoint;
mod meters;
mod monitoring;
mod operations;
mod witness_state;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use glasshouse_ledger::witness::Witness;
use glasshouse_ledger::witness::folder::{WitnessFolder, WitnessFolderError};
use glasshouse_ledger::witness::log_settings::LogSettings;
use glasshouse_verifier::vkey::Vkey;
use tokio::net::TcpListener;

use self::witness_state::WitnessState;
use crate::app;
use crate::entrance::Entrance;
use crate::http_server::HttpServer;
use crate::measure::Measure;
use crate::system_clock::SystemClock;

/// What to watch, and where to answer.
#[derive(Debug, Clone)]
pub struct WitnessOptions {
    /// The witness's folder.
    pub dir: PathBuf,
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The logs.
    pub logs: Vec<LogSettings>,
}

/// Why a witness did not start, or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum WitnessServerError {
    /// Its folder, its key or its state.
    #[error(transparent)]
    Folder(#[from] WitnessFolderError),
    /// A socket.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The disk failed while it was serving. What it holds is judged at the next start.
    #[error("a write failed, so nothing can be signed any more; the log lines above say which")]
    Stopped,
    /// A fault of this program.
    #[error("a fault of this program: {0}")]
    Internal(String),
}

/// A witness that runs.
#[derive(Debug)]
pub struct WitnessServer {
    http: HttpServer,
    state: Arc<WitnessState>,
}

impl WitnessServer {
    /// Opens the witness's folder and starts to answer.
    ///
    /// # Errors
    /// [`WitnessServerError`]; nothing runs then.
    pub async fn start(options: WitnessOptions) -> Result<WitnessServer, WitnessServerError> {
        let io = |what: String| move |source| WitnessServerError::Io { what, source };
        // The socket first: who cannot have it should not touch the state.
        let listener = TcpListener::bind(options.listen).await.map_err(io(options.listen.to_string()))?;
        let WitnessOptions { dir, logs, .. } = options;
        let folder = WitnessFolder::at(&dir);
        let opening = tokio::task::spawn_blocking(move || folder.open(Arc::new(SystemClock), logs));
        let opened = opening.await.map_err(|error| WitnessServerError::Internal(error.to_string()))?;
        let (witness, remarks) = opened?;
        for remark in remarks {
            tracing::warn!(remark, "found while opening the witness");
        }
        let measure = Measure::new().map_err(|error| WitnessServerError::Internal(error.to_string()))?;
        let state = Arc::new(WitnessState::new(witness, Arc::new(measure)));
        state.meters.started(&state.witness);
        let entrance = Entrance { measure: Some(Arc::clone(&state.measure)), ..Entrance::default() };
        let router = router(Arc::clone(&state));
        let http = HttpServer::start_behind(entrance, listener, router).map_err(io("listening".into()))?;
        Ok(WitnessServer { http, state })
    }

    /// `http://` and the address that it listens on.
    pub fn url(&self) -> String {
        format!("http://{}", self.http.address())
    }

    /// What verifiers need, one for each key.
    pub fn vkeys(&self) -> &[Vkey] {
        self.witness().vkeys()
    }

    /// The witness itself.
    pub fn witness(&self) -> &Witness {
        &self.state.witness
    }

    /// Becomes ready when a write has failed.
    pub fn failed(&self) -> impl Future<Output = ()> + use<> {
        let state = Arc::clone(&self.state);
        async move { state.stopped.rung().await }
    }

    /// Answers what was asked, and ends.
    ///
    /// # Errors
    /// [`WitnessServerError::Stopped`] if a write had failed, or the witness itself.
    pub async fn stop(self) -> Result<(), WitnessServerError> {
        self.http.stop().await;
        let has_failed = self.state.witness.has_stopped() || self.state.stopped.has_rung();
        if has_failed { Err(WitnessServerError::Stopped) } else { Ok(()) }
    }
}

fn router(state: Arc<WitnessState>) -> Router {
    let measure = Arc::clone(&state.measure);
    let routes = Router::new()
        .route("/add-checkpoint", post(add_checkpoint::add_checkpoint))
        .route("/{log}/checkpoint", get(monitoring::checkpoint))
        .route("/status", get(operations::status))
        .route("/evidence/{name}", get(operations::evidence))
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .route("/metrics", get(operations::metrics))
        .with_state(state);
    app::frame(routes, measure)
}
