//! A whole running server: the ledger's writer on its thread, its reader behind the routes, the socket in front.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use glasshouse_ledger::admission::Admitted;
use glasshouse_ledger::clock::Clock as _;
use glasshouse_ledger::ledger::{Ledger, OpenOptions};
use glasshouse_ledger::open::{Hold, OpenError};
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_ledger::writer::Answer;
use glasshouse_ledger::writer::{Ticket, Writer, WriterError};
use glasshouse_verifier::origin::Origin;
use tokio::net::TcpListener;

use crate::app;
use crate::app_state::AppState;
use crate::http_server::HttpServer;
use crate::look_ups::LookUps;
use crate::measure::Measure;
use crate::system_clock::SystemClock;
use crate::writer_thread::{Finished, Rounds, WriterThread};

/// Time between two rounds of the writer, unless told otherwise.
pub const ROUND_INTERVAL: Duration = Duration::from_millis(50);

/// What to serve, and where.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// The ledger's folder.
    pub dir: PathBuf,
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Least time between two rounds.
    pub round_interval: Duration,
    /// Checkpoints of this log that others have, signed notes: the ledger must reach that far to start.
    pub seen: Vec<Vec<u8>>,
    /// How long a redaction can be withdrawn before its texts are erased; zero: erased before its submitter is answered.
    pub redaction_hold: Duration,
}

impl ServerOptions {
    /// A folder and an address, the rest as usual.
    pub fn new(dir: PathBuf, listen: SocketAddr) -> ServerOptions {
        let redaction_hold = Duration::ZERO;
        ServerOptions { dir, listen, round_interval: ROUND_INTERVAL, seen: Vec::new(), redaction_hold }
    }
}

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
    /// A fault of this program.
    #[error("a fault of this program: {0}")]
    Internal(String),
}

/// A server that runs.
#[derive(Debug)]
pub struct LedgerServer {
    http: HttpServer,
    writer: WriterThread<Writer>,
    look_ups: LookUps,
    reader: Reader,
    origin: Origin,
}

impl LedgerServer {
    /// Opens the ledger and starts to answer.
    ///
    /// # Errors
    /// [`ServerError`]; nothing runs then.
    pub async fn start(options: &ServerOptions) -> Result<LedgerServer, ServerError> {
        // The socket first: who cannot have it should not touch the ledger.
        let listener = TcpListener::bind(options.listen).await.map_err(io(options.listen.to_string()))?;
        let (writer, reader) = open(options).await?;
        let clock = Arc::new(SystemClock);
        let origin = reader.with_registry(|registry| registry.origin().clone());
        let measure = Arc::new(Measure::new().map_err(|error| ServerError::Internal(error.to_string()))?);
        measure.level("glasshouse_tree_size", reader.head().size().get());
        let (writer, queue) = WriterThread::start(writer, options.round_interval, Arc::clone(&measure))
            .map_err(io("starting the writer's thread"))?;
        let look_ups = LookUps::start(reader.clone()).map_err(io("starting the thread of the look-ups"))?;
        let state = AppState::new(measure, origin.clone(), reader.clone(), queue, clock);
        let router = app::router(options.dir.join("public"), Arc::new(state));
        let http = HttpServer::start(listener, router).map_err(io("listening"))?;
        Ok(LedgerServer { http, writer, look_ups, reader, origin })
    }

    /// `http://` and the address that it listens on.
    pub fn url(&self) -> String {
        format!("http://{}", self.http.address())
    }

    /// The log's origin.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Reads what is published.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Becomes ready when the writer has failed.
    pub fn failed(&self) -> impl Future<Output = ()> + use<> {
        self.writer.ended()
    }

    /// Answers what was asked, finishes what was accepted, and closes the ledger.
    ///
    /// # Errors
    /// The writer's failure, now or before.
    pub async fn stop(self) -> Result<(), ServerError> {
        // Requests in flight wait for the writer, so it has to run until they are answered.
        self.http.stop().await;
        let (writer, look_ups) = (self.writer, self.look_ups);
        let stopped = tokio::task::spawn_blocking(move || {
            look_ups.stop();
            writer.stop()
        });
        match stopped.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Some(error))) => Err(ServerError::Writer(error)),
            Ok(Err(None)) => Err(ServerError::Internal("the writer's thread panicked".to_owned())),
            Err(error) => Err(ServerError::Internal(error.to_string())),
        }
    }
}

async fn open(options: &ServerOptions) -> Result<(Writer, Reader), ServerError> {
    let hold = Hold::Ms(u64::try_from(options.redaction_hold.as_millis()).unwrap_or(u64::MAX));
    let (folder, seen) = (options.dir.clone(), options.seen.clone());
    let publication = Publication::AtOnce;
    let options = OpenOptions { folder, clock: Arc::new(SystemClock), seen, hold, publication };
    let opened = tokio::task::spawn_blocking(move || Ledger::open(&options)).await;
    let opened = opened.map_err(|error| ServerError::Internal(error.to_string()))??;
    for remark in &opened.remarks {
        tracing::warn!(remark, "found while opening the ledger");
    }
    Ok((opened.writer, opened.reader))
}

fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> ServerError {
    let what = what.into();
    move |source| ServerError::Io { what, source }
}

impl Rounds for Writer {
    type Work = Admitted;
    type Ticket = Ticket;
    type Answer = Answer;
    type Error = WriterError;

    fn submit(&mut self, work: Admitted) -> Ticket {
        Writer::submit(self, work)
    }

    fn round(&mut self) -> Result<Finished<Writer>, WriterError> {
        let report = Writer::round(self)?;
        let size = report.head.size().get();
        let pooled = self.pooled();
        Ok(Finished { answers: report.answers, size, pooled, remarks: report.remarks })
    }

    fn settle(&mut self) -> Result<(), WriterError> {
        Writer::settle(self)
    }

    fn due_in(&self) -> Option<Duration> {
        let due_ms = self.next_erasing_ms()?;
        Some(Duration::from_millis(due_ms.saturating_sub(SystemClock.now_ms())))
    }
}
