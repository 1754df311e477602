//! A witness that does what a test tells it, written from c2sp.org/tlog-witness and not from our client.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use glasshouse_ledger::cosign_time::CosignTime;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::ml_dsa_key_file::MlDsaSecretKey;
use glasshouse_ledger::ml_dsa_signer::MlDsaSigner;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::consistency::{ConsistencyProof, verify_consistency};
use glasshouse_verifier::cosignature::cosignature_message;
use glasshouse_verifier::hash::{Digest, NodeHash};
use glasshouse_verifier::head::{NewTree, OldTree, TreeHead};
use glasshouse_verifier::note::SignatureLine;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::vkey::{Vkey, VkeyKind};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::world::now;

/// How it behaves.
#[derive(Debug, Clone)]
pub(crate) enum Manner {
    /// As specified.
    Right,
    /// It takes requests and says nothing: cut off.
    Silent,
    /// As specified, after a while.
    Slow(Duration),
    /// The same answer to everything.
    Says(u16, String),
    /// An answer without an end.
    Endless,
    /// It signs another root.
    OtherRoot,
    /// It signs with another key, under its own name.
    WrongKey,
    /// It signs with the first of its keys only.
    FirstKeyOnly,
    /// It answers where else to go.
    Redirects,
    /// It is to be asked again after so many seconds.
    Later(u64),
}

struct Inner {
    manner: Manner,
    /// The tree that it signed last.
    head: TreeHead,
    note: Option<String>,
    /// What the monitoring endpoint shows instead of `note`.
    shows: Option<Vec<u8>>,
    asked: u64,
    signed: u64,
    /// The tree of each request, as its checkpoint says.
    trees: Vec<u64>,
    /// How often it answered 409.
    conflicts: u64,
    /// So many seconds its clock is behind.
    lag: u64,
    /// What its clock says instead of the time.
    clock: Option<u64>,
    /// Where connections came from; each has a port of its own.
    peers: HashSet<SocketAddr>,
}

/// A witness with its HTTP server.
#[derive(Clone)]
pub(crate) struct Fake {
    key: Arc<SecretKey>,
    /// The key of ML-DSA-44, if it has one.
    second: Option<Arc<MlDsaSigner>>,
    pub(crate) vkey: Vkey,
    log: Vkey,
    inner: Arc<Mutex<Inner>>,
    address: SocketAddr,
    handle: Handle,
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Fake {
    /// A witness with one key.
    pub(crate) fn start(handle: &Handle, number: u8, log: &Vkey) -> Fake {
        Fake::start_with(handle, number, log, None)
    }

    /// A witness that signs with ML-DSA-44 too.
    pub(crate) fn start_with_two_keys(handle: &Handle, number: u8, log: &Vkey) -> Fake {
        let second = MlDsaSecretKey::from_seed(&[150 + number; 32]);
        Fake::start_with(handle, number, log, Some(second))
    }

    fn start_with(handle: &Handle, number: u8, log: &Vkey, second: Option<MlDsaSecretKey>) -> Fake {
        let key = SecretKey::from_seed(&[100 + number; 32]);
        let name = format!("witness.example/w{number}");
        let vkey = Vkey::new(&name, VkeyKind::Cosignature, key.public_bytes()).unwrap();
        let inner = Inner {
            manner: Manner::Right,
            head: TreeHead::empty(),
            note: None,
            shows: None,
            asked: 0,
            signed: 0,
            trees: Vec::new(),
            conflicts: 0,
            lag: 0,
            clock: None,
            peers: HashSet::new(),
        };
        let mut fake = Fake {
            key: Arc::new(key),
            second: second.map(|second| Arc::new(MlDsaSigner::new(&name, second).unwrap())),
            vkey,
            log: log.clone(),
            inner: Arc::new(Mutex::new(inner)),
            address: "127.0.0.1:0".parse().unwrap(),
            handle: handle.clone(),
            task: Arc::default(),
        };
        fake.address = fake.serve();
        fake
    }

    fn serve(&self) -> SocketAddr {
        let listener = self.handle.block_on(tokio::net::TcpListener::bind(self.address)).unwrap();
        let address = listener.local_addr().unwrap();
        let path = format!("/{}/checkpoint", Digest::of(self.log.name().as_bytes()).to_hex());
        let router = Router::new()
            .route("/add-checkpoint", post(add_checkpoint))
            .route(&path, get(monitor))
            .with_state(self.clone());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let task = self.handle.spawn(async move { axum::serve(listener, service).await.unwrap() });
        *self.task.lock().unwrap() = Some(task);
        address
    }

    /// Its lines of a policy, one for each key: `<name>`, and `<name>-new`.
    pub(crate) fn policy_lines(&self, name: &str) -> String {
        let mut lines = format!("witness {name} {} http://{}/\n", self.vkey.encode(), self.address);
        if let Some(second) = &self.second {
            lines.push_str(&format!(
                "witness {name}-new {} http://{}\n",
                second.vkey().encode(),
                self.address
            ));
        }
        lines
    }

    pub(crate) fn be(&self, manner: Manner) {
        self.inner.lock().unwrap().manner = manner;
    }

    /// Its process ends: new connections are refused, and over those that are open nothing comes any more.
    pub(crate) fn kill(&self) {
        self.be(Manner::Silent);
        let task = self.task.lock().unwrap().take().unwrap();
        task.abort();
        let _ = self.handle.block_on(task);
    }

    /// It starts again with everything that it had.
    pub(crate) fn revive(&self) {
        self.serve();
        self.be(Manner::Right);
    }

    /// It has an old tree again, as one that was restored.
    pub(crate) fn fall_back(&self, head: TreeHead) {
        self.inner.lock().unwrap().head = head;
    }

    /// Its clock is so many seconds behind.
    pub(crate) fn lag_behind(&self, seconds: u64) {
        self.inner.lock().unwrap().lag = seconds;
    }

    /// Its clock stands still there; `None`: it goes again.
    pub(crate) fn set_clock(&self, seconds: Option<u64>) {
        self.inner.lock().unwrap().clock = seconds;
    }

    /// How often it answered 409.
    pub(crate) fn conflicts(&self) -> u64 {
        self.inner.lock().unwrap().conflicts
    }

    pub(crate) fn show(&self, note: Vec<u8>) {
        self.inner.lock().unwrap().shows = Some(note);
    }

    /// It shows what it signed last, and nothing else any more.
    pub(crate) fn show_its_own(&self) {
        self.inner.lock().unwrap().shows = None;
    }

    /// It has never signed anything.
    pub(crate) fn forget(&self) {
        let mut inner = self.inner.lock().unwrap();
        (inner.head, inner.note, inner.shows) = (TreeHead::empty(), None, None);
    }

    pub(crate) fn asked(&self) -> u64 {
        self.inner.lock().unwrap().asked
    }

    /// How many connections were made to ask it.
    pub(crate) fn connections(&self) -> usize {
        self.inner.lock().unwrap().peers.len()
    }

    pub(crate) fn signed(&self) -> u64 {
        self.inner.lock().unwrap().signed
    }

    /// The sizes of the trees that it was asked about, in the order of the requests.
    pub(crate) fn trees(&self) -> Vec<u64> {
        self.inner.lock().unwrap().trees.clone()
    }

    fn cosign(&self, text: &str, key: &SecretKey, time: u64) -> String {
        let mut blob = time.to_be_bytes().to_vec();
        blob.extend_from_slice(&key.sign(&cosignature_message(time, text)));
        SignatureLine::new(&self.vkey, blob).encode()
    }

    /// The checks of add-checkpoint, in the order of the specification.
    fn add(&self, body: &str) -> Result<String, (u16, String)> {
        let plain = |status: u16| (status, String::new());
        let (front, note) = body.split_once("\n\n").ok_or(plain(400))?;
        let mut lines = front.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).ok_or(plain(400))?;
        let old = TreeSize::parse(old).map_err(|_| plain(400))?;
        let hashes: Vec<NodeHash> = lines.map(|line| NodeHash::from_base64(line).unwrap()).collect();
        let signed = SignedCheckpoint::open(note.as_bytes(), &self.log).map_err(|_| plain(403))?;
        // The log's own lines and nobody else's.
        assert!(signed.note().signatures().iter().all(|line| line.name() == self.log.name()), "{note}");
        let head = *signed.head();
        if old > head.size() {
            return Err(plain(400));
        }
        let mut inner = self.inner.lock().unwrap();
        if old != inner.head.size() {
            inner.conflicts += 1;
            return Err((409, format!("{}\n", inner.head.size())));
        }
        let holds = if old == TreeSize::ZERO {
            hashes.is_empty()
        } else {
            let proof = ConsistencyProof::new(hashes).unwrap();
            verify_consistency(&OldTree(inner.head), &NewTree(head), &proof).is_ok()
        };
        if !holds {
            return Err(plain(422));
        }
        let text = signed.note().text().to_owned();
        let time = inner.clock.unwrap_or(now() - inner.lag);
        let line = match inner.manner {
            Manner::OtherRoot => {
                let other = text.replace(&head.root().to_base64(), &Digest::of(b"other").to_base64());
                self.cosign(&other, &self.key, time)
            }
            Manner::WrongKey => self.cosign(&text, &SecretKey::from_seed(&[9; 32]), time),
            _ => self.cosign(&text, &self.key, time),
        };
        let second = self.second.as_ref().filter(|_| !matches!(inner.manner, Manner::FirstKeyOnly));
        let second =
            second.map(|second| second.sign_text(&text, CosignTime::new(time).unwrap()).unwrap().encode());
        let line = line + &second.unwrap_or_default();
        inner.head = head;
        inner.signed += 1;
        inner.note = Some(format!("{note}{line}"));
        Ok(line)
    }
}

/// The size that the checkpoint of a request says.
fn tree_of(body: &str) -> u64 {
    let note = body.split_once("\n\n").unwrap().1;
    note.lines().nth(1).unwrap().parse().unwrap()
}

struct Endless;

impl hyper::body::Body for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        Poll::Ready(Some(Ok(hyper::body::Frame::data(Bytes::from(vec![b'a'; 8_192])))))
    }
}

async fn add_checkpoint(
    State(fake): State<Fake>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    body: String,
) -> Response {
    let manner = {
        let mut inner = fake.inner.lock().unwrap();
        inner.asked += 1;
        inner.peers.insert(peer);
        inner.trees.push(tree_of(&body));
        inner.manner.clone()
    };
    match manner {
        Manner::Silent => std::future::pending().await,
        Manner::Slow(pause) => tokio::time::sleep(pause).await,
        Manner::Says(status, body) => {
            return (StatusCode::from_u16(status).unwrap(), body).into_response();
        }
        Manner::Endless => {
            return Response::new(Body::new(Endless));
        }
        Manner::Redirects => {
            return (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/elsewhere")]).into_response();
        }
        Manner::Later(seconds) => {
            let later = [(header::RETRY_AFTER, seconds.to_string())];
            return (StatusCode::SERVICE_UNAVAILABLE, later).into_response();
        }
        Manner::Right | Manner::OtherRoot | Manner::WrongKey | Manner::FirstKeyOnly => {}
    }
    match fake.add(&body) {
        Ok(lines) => lines.into_response(),
        Err((status, body)) => {
            let status = StatusCode::from_u16(status).unwrap();
            (status, [(header::CONTENT_TYPE, "text/x.tlog.size")], body).into_response()
        }
    }
}

async fn monitor(State(fake): State<Fake>) -> Response {
    let (manner, shown) = {
        let inner = fake.inner.lock().unwrap();
        (inner.manner.clone(), inner.shows.clone().or(inner.note.clone().map(String::into_bytes)))
    };
    match (manner, shown) {
        (Manner::Silent, _) => std::future::pending().await,
        (_, Some(shown)) => shown.into_response(),
        (_, None) => StatusCode::NOT_FOUND.into_response(),
    }
}
