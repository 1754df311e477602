//! A whole running server: the ledger's writer on its thread, its reader behind the routes, the socket in front.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use glasshouse_ledger::clock::Clock;
use glasshouse_ledger::ledger::{Ledger, OpenOptions};
use glasshouse_ledger::log_key_files::read_vkey;
use glasshouse_ledger::open::{Hold, OpenError, Opened};
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_ledger::writer::WriterError;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::Policy;
use tokio::net::TcpListener;

use crate::app;
use crate::app_state::AppState;
use crate::entrance::Entrance;
use crate::http_server::HttpServer;
use crate::limits::LOOK_UPS_WAIT;
use crate::look_ups::{LookUps, LookUpsThread};
use crate::measure::Measure;
use crate::publisher::{Asking, Publisher};
use crate::reading::Reading;
use crate::search::{FollowThread, IndexThread, Search};
use crate::search_steps::SearchSteps;
pub use crate::server_error::ServerError;
use crate::storage::{Storage, StorageOptions, StorageWatch};
use crate::system_clock::SystemClock;
use crate::ticks::{TickOptions, Ticker, Ticks};
use crate::tls::Tls;
use crate::witnesses::acquaintances::Acquaintances;
use crate::witnesses::board::Board;
use crate::witnesses::desk::Desk;
use crate::witnesses::seen::{self, Silent, Told};
use crate::witnesses::station::Station;
use crate::witnesses::{Office, WitnessOptions, Witnesses};
use crate::writer_thread::WriterThread;

/// Time between two rounds of the writer, unless told otherwise.
pub const ROUND_INTERVAL: Duration = Duration::from_millis(50);

/// The folder of the search index in the ledger's. It can be deleted while the server does not run.
pub const SEARCH_FOLDER: &str = "search";

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
    /// Which witnesses are asked before or behind a publication; `None`: every round is published at once.
    pub witnesses: Option<WitnessOptions>,
    /// The registrar's key, to log ticks with it; `None`: somebody else logs them, or nobody.
    pub ticks: Option<TickOptions>,
    /// How the search index is brought up to the log.
    pub search: SearchSteps,
    /// How much room there must be on the disk, and how that is measured.
    pub storage: StorageOptions,
    /// Who gets in, and how. Its counters are the server's own.
    pub entrance: Entrance,
}

impl ServerOptions {
    /// A folder and an address, the rest as usual.
    pub fn new(dir: PathBuf, listen: SocketAddr) -> ServerOptions {
        ServerOptions {
            dir,
            listen,
            round_interval: ROUND_INTERVAL,
            seen: Vec::new(),
            redaction_hold: Duration::ZERO,
            witnesses: None,
            ticks: None,
            search: SearchSteps::default(),
            storage: StorageOptions::default(),
            entrance: Entrance::default(),
        }
    }
}

/// A server that runs.
#[derive(Debug)]
pub struct LedgerServer {
    http: HttpServer,
    tls: Option<Arc<Tls>>,
    measure: Arc<Measure>,
    threads: Threads,
    ticks: Option<Ticks>,
    board: Option<Arc<Board>>,
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
        let (Opened { writer, reader, .. }, unheard) = open(options).await?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let origin = reader.with_registry(|registry| registry.origin().clone());
        // What is wrong with the options is found before anything runs.
        let ticker = options.ticks.as_ref().map(|ticks| Ticker::new(ticks, &origin)).transpose()?;
        let measure = Arc::new(Measure::new().map_err(|error| ServerError::Internal(error.to_string()))?);
        measure.level("glasshouse_tree_size", reader.head().size().get());
        let (tell, heard) = channel();
        let desks = desks(options);
        let held_back = writer.held_back().map(|size| (size.get(), clock.now_ms()));
        let board = options.witnesses.as_ref().map(|witnesses| Arc::new(Board::new(witnesses, held_back)));
        board.iter().for_each(|board| board.set_unheard(unheard.clone()));
        let asking = options.witnesses.clone().zip(board.clone()).map(|(witnesses, board)| {
            Asking::new(witnesses, desks.clone(), heard, board, Arc::clone(&measure))
        });
        let search = Search::new(&reader, ticking_policy(options), Arc::clone(&clock), options.search);
        let publisher = Publisher::new(writer, asking, search.clone(), Arc::clone(&clock));
        let (writer, queue) = WriterThread::start(publisher, options.round_interval, Arc::clone(&measure))
            .map_err(io("starting the writer's thread"))?;
        let wake = Arc::new(writer.waker());
        let storage = Arc::new(Storage::new(options.dir.clone(), options.storage.clone(), &measure));
        let look_ups = LookUps::new(LOOK_UPS_WAIT);
        let mut threads = Threads::of(writer);
        let start = |(witnesses, board): (&WitnessOptions, &Arc<Board>)| {
            let (board, measure, clock) = (Arc::clone(board), Arc::clone(&measure), Arc::clone(&clock));
            let acquaintances = Arc::new(acquaintances(&options.dir, &witnesses.policy)?);
            let office = Office { tell, wake, board, acquaintances, measure, clock };
            threads.start_witnesses(witnesses, origin.as_str(), desks, &office)
        };
        let witnesses = options.witnesses.as_ref().zip(board.as_ref()).map(start).transpose();
        let started = witnesses.and_then(|_| threads.start_look_ups(&reader, &look_ups));
        let started = started.and_then(|()| threads.start_index(&options.dir, &reader, &search));
        let started = started.and_then(|()| threads.start_storage(&storage, &measure));
        let entrance = Entrance { measure: Some(Arc::clone(&measure)), ..options.entrance.clone() };
        let tls = entrance.tls.clone();
        let reading = Reading::new(reader.clone(), look_ups);
        let state =
            AppState::new(Arc::clone(&measure), reading, search, queue, board.clone(), storage, clock);
        let state = Arc::new(state);
        let router = app::router(options.dir.join("public"), Arc::clone(&state));
        let started = started
            .and_then(|()| HttpServer::start_behind(entrance, listener, router).map_err(io("listening")));
        let http = match started {
            Ok(http) => http,
            Err(error) => {
                // The ledger is free for the next start. What went wrong first is told.
                let _ = threads.stop().await;
                return Err(error);
            }
        };
        let ticks = ticker.map(|ticker| Ticks::start(ticker, state));
        Ok(LedgerServer { http, tls, measure, threads, ticks, board, reader, origin })
    }

    /// `http://` or `https://`, and the address that it listens on.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.http.address())
    }

    /// Reads the certificate and its key anew, for connections that begin from now on; says so in the log and counts it. A pair
    /// that cannot be served changes nothing.
    pub fn reload(&self) {
        let Some(tls) = &self.tls else {
            tracing::info!("there is nothing to read anew: the server has no TLS");
            return;
        };
        let reloaded = tls.reload();
        let result = if reloaded.is_ok() { "loaded" } else { "refused" };
        // Counted first: whoever reads the line finds it counted.
        self.measure.count("glasshouse_tls_reloads_total", &[("result", result)]);
        match reloaded {
            Ok(()) => tracing::info!("the certificate was read anew"),
            Err(error) => tracing::error!(%error, "the certificate was not changed"),
        }
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
        self.threads.writer.ended()
    }

    /// Answers what was asked, finishes what was accepted, and closes the ledger.
    ///
    /// # Errors
    /// The writer's failure, now or before.
    pub async fn stop(self) -> Result<(), ServerError> {
        if let Some(ticks) = self.ticks {
            ticks.stop();
        }
        if let Some(board) = &self.board {
            board.close();
        }
        // Requests in flight wait for the writer and its witnesses, so these have to run until they are answered.
        self.http.stop().await;
        self.threads.stop().await
    }
}

/// What runs beside the runtime.
#[derive(Debug)]
struct Threads {
    writer: WriterThread<Publisher>,
    witnesses: Option<Witnesses>,
    look_ups: Option<LookUpsThread>,
    index: Option<IndexThread>,
    follow: Option<FollowThread>,
    storage: Option<StorageWatch>,
}

impl Threads {
    fn of(writer: WriterThread<Publisher>) -> Threads {
        Threads { writer, witnesses: None, look_ups: None, index: None, follow: None, storage: None }
    }

    fn start_storage(&mut self, storage: &Arc<Storage>, measure: &Arc<Measure>) -> Result<(), ServerError> {
        let started = StorageWatch::start(Arc::clone(storage), Arc::clone(measure));
        self.storage = Some(started.map_err(io("starting the thread that watches the disk"))?);
        Ok(())
    }

    fn start_witnesses(
        &mut self,
        options: &WitnessOptions,
        origin: &str,
        desks: Vec<Arc<Desk>>,
        office: &Office,
    ) -> Result<(), ServerError> {
        let started = Witnesses::start(options, origin, desks.clone(), office);
        // If only some could be started, these go home.
        let started = started.inspect_err(|_| desks.iter().for_each(|desk| desk.close()));
        self.witnesses = Some(started.map_err(io("starting the threads of the witnesses"))?);
        Ok(())
    }

    fn start_look_ups(&mut self, reader: &Reader, look_ups: &LookUps) -> Result<(), ServerError> {
        let started = LookUpsThread::start(reader.clone(), look_ups.clone());
        self.look_ups = Some(started.map_err(io("starting the thread of the look-ups"))?);
        Ok(())
    }

    fn start_index(&mut self, dir: &Path, reader: &Reader, search: &Search) -> Result<(), ServerError> {
        let started = IndexThread::start(dir.join(SEARCH_FOLDER), reader.clone(), search.clone());
        self.index = Some(started.map_err(io("starting the thread of the search index"))?);
        let started = FollowThread::start(reader.clone(), search.clone());
        self.follow = Some(started.map_err(io("starting the thread that follows the log"))?);
        Ok(())
    }

    /// Ends them. The witnesses' last, for the writer may wait for them.
    async fn stop(self) -> Result<(), ServerError> {
        let stopped = tokio::task::spawn_blocking(move || {
            if let Some(storage) = self.storage {
                storage.stop();
            }
            if let Some(look_ups) = self.look_ups {
                look_ups.stop();
            }
            if let Some(follow) = self.follow {
                follow.stop();
            }
            if let Some(index) = self.index {
                index.stop();
            }
            let stopped = self.writer.stop();
            if let Some(witnesses) = self.witnesses {
                witnesses.stop();
            }
            stopped
        });
        match stopped.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Some(error))) => Err(ServerError::Writer(error)),
            Ok(Err(None)) => Err(ServerError::Internal("the writer's thread panicked".to_owned())),
            Err(error) => Err(ServerError::Internal(error.to_string())),
        }
    }
}

/// Whose times ticks are held against: the witnesses that are asked, else those that the ledger's folder names.
fn ticking_policy(options: &ServerOptions) -> Option<Policy> {
    match &options.witnesses {
        Some(witnesses) => Some(witnesses.policy.clone()),
        None => Policy::parse(&std::fs::read_to_string(options.dir.join("policy.txt")).ok()?).ok(),
    }
}

/// A desk for each station.
fn desks(options: &ServerOptions) -> Vec<Arc<Desk>> {
    let stations = options.witnesses.iter().flat_map(|witnesses| Station::all_of(&witnesses.policy));
    stations.map(|_| Arc::default()).collect()
}

/// The opened ledger, and the places of each witness that did not say what it has seen of it.
async fn open(options: &ServerOptions) -> Result<(Opened, Vec<Vec<usize>>), ServerError> {
    let options = options.clone();
    let opened = tokio::task::spawn_blocking(move || open_now(options)).await;
    let (opened, silent) = opened.map_err(|error| ServerError::Internal(error.to_string()))??;
    for remark in &opened.remarks {
        tracing::warn!(remark, "found while opening the ledger");
    }
    Ok((opened, silent.into_iter().map(|silent| silent.members).collect()))
}

/// Asks the witnesses what they have seen, and opens the ledger if it has grown out of all of that.
fn open_now(options: ServerOptions) -> Result<(Opened, Vec<Silent>), ServerError> {
    let hold = Hold::Ms(u64::try_from(options.redaction_hold.as_millis()).unwrap_or(u64::MAX));
    let (folder, seen) = (options.dir.clone(), options.seen);
    let (publication, silent) = match &options.witnesses {
        None => (Publication::AtOnce, Vec::new()),
        Some(witnesses) => {
            let Told { shown, silent, .. } = ask(witnesses, &folder)?;
            let (policy, require_quorum) = (witnesses.policy.clone(), witnesses.require_quorum);
            (Publication::Witnessed { policy, require_quorum, shown }, silent)
        }
    };
    match Ledger::open(&OpenOptions { folder, clock: Arc::new(SystemClock), seen, hold, publication }) {
        Ok(opened) => Ok((opened, silent)),
        // The same as while it runs, and told in the same way.
        Err(OpenError::Writer(error @ WriterError::Contradicted(_))) => Err(ServerError::Writer(error)),
        Err(error) => Err(error.into()),
    }
}

/// Asks the witnesses, and refuses where too few answer.
fn ask(witnesses: &WitnessOptions, folder: &Path) -> Result<Told, ServerError> {
    let here = acquaintances(folder, &witnesses.policy)?;
    let told = seen::ask_all(&witnesses.policy, &read_vkey(folder)?, &here, witnesses.timeout);
    for Silent { names, reason, .. } in &told.silent {
        tracing::warn!(witness = names, reason, "a witness did not say what it has seen");
    }
    let (required, asked) = (witnesses.required_at_start, told.asked);
    let heard = asked - told.silent.len();
    match heard < required {
        true => Err(ServerError::Unheard { heard, asked, required, silent: told.who_is_silent() }),
        false => Ok(told),
    }
}

/// Which of a policy's witnesses have ever signed for the ledger in a folder.
fn acquaintances(folder: &Path, policy: &Policy) -> Result<Acquaintances, ServerError> {
    let read = Acquaintances::read(folder, &read_vkey(folder)?, policy);
    read.map_err(io("reading which witnesses have signed for this ledger"))
}

fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> ServerError {
    let what = what.into();
    move |source| ServerError::Io { what, source }
}
