//! Connections: accepting them, bounding their request heads, and stopping so that requests in flight finish.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

use crate::limits::{
    CROWDED_BELOW, CROWDED_GRACE, CROWDED_HEAD_TIMEOUT, CROWDED_PACE, HEAD_TIMEOUT, LEAST_PACE,
    MAX_CONNECTIONS, MAX_HEAD, MAX_HEADER_FIELDS, PACE_GRACE, SEND_BUFFER, STALL_TIMEOUT, STOP_TIMEOUT,
};
use crate::unstalled::{Patience, Unstalled};

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
    /// Starts to answer on a listener.
    ///
    /// # Errors
    /// If the listener cannot tell its address.
    pub fn start(listener: TcpListener, router: Router) -> std::io::Result<HttpServer> {
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(listener, router, async move {
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
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let (roomy, crowded) = (connection_settings(), crowded_settings());
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        let Some((stream, permit)) = accepted else {
            continue;
        };
        let service = TowerToHyperService::new(router.clone());
        let builder = if is_crowded(&slots) { &crowded } else { &roomy };
        let counted = Arc::clone(&slots);
        let stream = Unstalled::new(stream, Box::new(move || patience(is_crowded(&counted))));
        let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A connection that breaks is the client's affair; its address is nobody's.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended early");
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(STOP_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("connections were still open when the time to stop was over");
    }
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            // Small answers go out at once; without it the system may hold them back for 40 ms.
            let _ = stream.set_nodelay(true);
            let _ = rustix::net::sockopt::set_socket_send_buffer_size(&stream, SEND_BUFFER);
            Some((stream, permit))
        }
        Err(error) => {
            tracing::warn!(%error, "accepting a connection failed");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
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
