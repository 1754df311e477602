//! `POST /add` over HTTP, and GET passed on to the ledger.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tokio::sync::{mpsc, oneshot};

use super::ADD_MAX;
use super::collector::{Offer, WAITING_MAX, collect};
use super::{Bench, ORIGIN};

#[derive(Debug, Clone)]
struct Desk {
    offers: mpsc::Sender<Offer>,
    ledger: String,
    client: reqwest::Client,
}

/// Serves a bench until `stopped`, then stops its ledger and removes it.
///
/// # Panics
/// When the address cannot be had, or the ledger does not end well.
pub async fn serve(bench: Bench, listen: SocketAddr, stopped: impl Future<Output = ()> + Send + 'static) {
    let ledger = bench.ledger_url().to_owned();
    let (mut world, signer) = bench.split();
    let (offers, taken) = mpsc::channel(WAITING_MAX);
    let url = ledger.clone();
    let collector = tokio::spawn(async move { collect(taken, signer, &url).await });
    let listener = tokio::net::TcpListener::bind(listen).await.unwrap();
    let add = format!("http://{}", listener.local_addr().unwrap());
    let desk = Desk { offers, ledger: ledger.clone(), client: reqwest::Client::new() };
    let router = Router::new()
        .route("/add", post(add_bytes))
        .fallback_service(get(pass_on).with_state(desk.clone()))
        .layer(DefaultBodyLimit::max(ADD_MAX))
        .with_state(desk);
    let ready = serde_json::json!({"event": "ready", "add": add, "url": ledger, "origin": ORIGIN});
    println!("{ready}");
    axum::serve(listener, router).with_graceful_shutdown(stopped).await.unwrap();
    collector.await.unwrap();
    assert_eq!(world.take_server().stop(), Some(0));
}

async fn add_bytes(State(desk): State<Desk>, bytes: Bytes) -> Response {
    let (answer, told) = oneshot::channel();
    if desk.offers.try_send(Offer { bytes: bytes.to_vec(), answer }).is_err() {
        return come_back("too many wait".to_owned());
    }
    match told.await {
        Ok(Ok(index)) => index.to_string().into_response(),
        Ok(Err(why)) => come_back(why),
        Err(_) => come_back("the bench ends".to_owned()),
    }
}

fn come_back(why: String) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], why).into_response()
}

/// What the ledger answers to a GET.
async fn pass_on(State(desk): State<Desk>, uri: Uri) -> Response {
    let gone = |error: reqwest::Error| (StatusCode::BAD_GATEWAY, error.to_string()).into_response();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let answer = match desk.client.get(format!("{}{path}", desk.ledger)).send().await {
        Ok(answer) => answer,
        Err(error) => return gone(error),
    };
    let (status, mut headers) = (answer.status().as_u16(), answer.headers().clone());
    let kept: [HeaderName; 2] = [header::CONTENT_TYPE, header::CACHE_CONTROL];
    let names: Vec<HeaderName> = headers.keys().filter(|name| !kept.contains(name)).cloned().collect();
    names.iter().for_each(|name| drop(headers.remove(name)));
    match answer.bytes().await {
        Ok(body) => (StatusCode::from_u16(status).unwrap(), headers, body).into_response(),
        Err(error) => gone(error),
    }
}
