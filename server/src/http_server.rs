//! Connections: accepting them, bounding their request heads, and stopping so that requests in flight finish.

use std::future::Future;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_rustls::server::TlsStream;
use tower::ServiceExt;

use crate::client_address::ClientAddress;
use crate::connection_places::ConnectionPlaces;
use crate::entrance::Entrance;
use crate::limits::{
    CROWDED_BELOW, CROWDED_GRACE, CROWDED_HEAD_TIMEOUT, CROWDED_PACE, HANDSHAKE_TIMEOUT, HEAD_TIMEOUT,
    LEAST_PACE, MAX_CONNECTIONS, MAX_HEAD, MAX_HEADER_FIELDS, PACE_GRACE, SEND_BUFFER, STALL_TIMEOUT,
    STOP_TIMEOUT,
};
use crate::tls::Tls;
use crate::unstalled::{Patience, Unstalled};

/// What a client is told whose address has as many connections as it may.
const TURNED_AWAY: &[u8] =
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nCache-Control: no-store\r\nContent-Length: 0\r\n\
    Connection: close\r\n\r\n";

/// Pause after the system refused to accept a connection, for instance because no file descriptor is left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A server that runs as a task of the current runtime.
#[derive(Debug)]
pub struct HttpServer {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl HttpServer {
    /// Starts to answer on a listener, over plain HTTP and with the usual bounds.
    ///
    /// # Errors
    /// If the listener cannot tell its address.
    pub fn start(listener: TcpListener, router: Router) -> std::io::Result<HttpServer> {
        HttpServer::start_behind(Entrance::default(), listener, router)
    }

    /// Starts to answer those whom the entrance lets in.
    ///
    /// # Errors
    /// If the listener cannot tell its address.
    pub fn start_behind(
        entrance: Entrance,
        listener: TcpListener,
        router: Router,
    ) -> std::io::Result<HttpServer> {
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(listener, router, entrance, async move {
            // A dropped sender stops the server as well.
            let _ = stopped.await;
        }));
        Ok(HttpServer { address, stop, task })
    }

    /// The address it listens on; with port 0 in the listener, the port that the system chose.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no further connection, and returns when the requests in flight were answered.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the HTTP server ended abnormally");
        }
    }
}

/// Answers on a listener until `stop` is ready and the requests in flight were answered, or [`STOP_TIMEOUT`] went by.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    entrance: Entrance,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let places = ConnectionPlaces::new(entrance.connections_per_address);
    // Dropped when the server is to stop: nobody begins anything then.
    let (open, closing) = watch::channel(());
    let hall = Arc::new(Hall { router, entrance, slots: Arc::new(Semaphore::new(MAX_CONNECTIONS)), closing });
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = accept(&listener, &hall.slots) => accepted,
        };
        let Some((stream, peer, permit)) = accepted else {
            continue;
        };
        let place = match hall.entrance.proxies.bound(peer) {
            false => None,
            true => match places.take(ClientAddress::of(peer)) {
                Some(place) => Some(place),
                None => {
                    hall.turn_away(stream);
                    continue;
                }
            },
        };
        let (hall, watcher) = (Arc::clone(&hall), graceful.watcher());
        tokio::spawn(async move {
            hall.answer(stream, peer, watcher).await;
            drop((place, permit));
        });
    }
    drop((listener, open));
    if tokio::time::timeout(STOP_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("connections were still open when the time to stop was over");
    }
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, IpAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Small answers go out at once; without it the system may hold them back for 40 ms.
            let _ = stream.set_nodelay(true);
            let _ = rustix::net::sockopt::set_socket_send_buffer_size(&stream, SEND_BUFFER);
            Some((stream, peer.ip(), permit))
        }
        Err(error) => {
            tracing::warn!(%error, "accepting a connection failed");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// What all connections of a server share.
struct Hall {
    router: Router,
    entrance: Entrance,
    slots: Arc<Semaphore>,
    closing: watch::Receiver<()>,
}

impl Hall {
    /// Tells a client that it has enough connections, as far as that can be done without waiting for it.
    fn turn_away(&self, stream: TcpStream) {
        self.entrance.count_refused();
        if self.entrance.tls.is_some() {
            return;
        }
        if let Ok(mut stream) = stream.into_std() {
            // What lies there unread when a connection is closed makes the system take back what was sent.
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write(TURNED_AWAY);
        }
    }

    /// Answers the requests of one connection, until it ends.
    async fn answer(&self, stream: TcpStream, peer: IpAddr, watcher: Watcher) {
        let counted = Arc::clone(&self.slots);
        let stream = Unstalled::new(stream, Box::new(move || patience(is_crowded(&counted))));
        match &self.entrance.tls {
            None => self.converse(stream, peer, watcher).await,
            Some(tls) => match self.shake_hands(tls, stream).await {
                Some(stream) => self.converse(stream, peer, watcher).await,
                None => self.entrance.count_failed_handshake(),
            },
        }
    }

    /// The TLS handshake, within its time; `None` if it failed, or the server is to stop. Whoever speaks something else gets an
    /// alert, and the end of the connection.
    async fn shake_hands(
        &self,
        tls: &Tls,
        stream: Unstalled<TcpStream>,
    ) -> Option<TlsStream<Unstalled<TcpStream>>> {
        let time = if is_crowded(&self.slots) { CROWDED_HEAD_TIMEOUT } else { HANDSHAKE_TIMEOUT };
        let mut closing = self.closing.clone();
        let mut handshake = tls.acceptor().accept(stream).into_fallible();
        let shaken = tokio::select! {
            shaken = tokio::time::timeout(time, &mut handshake) => shaken,
            _ = closing.changed() => return None,
        };
        match shaken {
            Ok(Ok(stream)) => Some(stream),
            Ok(Err((error, mut stream))) => {
                tracing::debug!(%error, "a TLS handshake failed");
                let _ = stream.shutdown().await;
                None
            }
            Err(_) => None,
        }
    }

    async fn converse<S>(&self, stream: S, peer: IpAddr, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let builder = if is_crowded(&self.slots) { crowded_settings() } else { connection_settings() };
        let proxies = self.entrance.proxies.clone();
        let service = self.router.clone().map_request(move |mut request: Request<Incoming>| {
            let client = proxies.client_of(peer, request.headers());
            request.extensions_mut().insert(client);
            request
        });
        let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        // A connection that breaks is the client's affair; its address is nobody's.
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "connection ended early");
        }
    }
}

fn is_crowded(slots: &Semaphore) -> bool {
    slots.available_permits() < CROWDED_BELOW
}

/// How long a client may take to read.
fn patience(is_crowded: bool) -> Patience {
    match is_crowded {
        false => Patience { stall: STALL_TIMEOUT, grace: PACE_GRACE, pace: LEAST_PACE },
        true => Patience { stall: CROWDED_GRACE, grace: CROWDED_GRACE, pace: CROWDED_PACE },
    }
}

/// While the server is crowded: one request, and no time to lose.
fn crowded_settings() -> http1::Builder {
    let mut builder = connection_settings();
    builder.header_read_timeout(CROWDED_HEAD_TIMEOUT).keep_alive(false);
    builder
}

fn connection_settings() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(MAX_HEADER_FIELDS)
        .max_header_size(MAX_HEAD)
        .half_close(true);
    builder
}
