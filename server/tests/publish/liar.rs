//! A log that lies: it answers as the real one does, but for one thing. Nothing that it says may be believed, signed for
//! or kept as true.

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{Method, header};
use axum::response::IntoResponse;
use glasshouse_server::client::log::RemoteLog;
use glasshouse_server::client::{Client, Patience};
use glasshouse_server::http_server::HttpServer;
use glasshouse_server::outbox::Outbox;
use glasshouse_server::outbox::publisher::PublishError;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::world::{Provider, World, decisions};

/// Bends the JSON of an answer.
type Lie = fn(&Method, &str, &mut Value);

/// Stands in front of the real log.
struct Liar {
    log: RemoteLog,
    _server: HttpServer,
    _runtime: Runtime,
}

impl Liar {
    fn before(world: &World, lie: Lie) -> Liar {
        let runtime = Runtime::new().unwrap();
        let target = world.log.url().to_owned();
        let router = Router::new().fallback(move |request: Request| pass(target.clone(), request, lie));
        let server = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            HttpServer::start(listener, router).unwrap()
        });
        let url = format!("http://{}", server.address());
        let log = RemoteLog::new(Client::new(&url, Patience::default()).unwrap());
        Liar { log, _server: server, _runtime: runtime }
    }
}

async fn pass(target: String, request: Request, lie: Lie) -> impl IntoResponse {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 24).await.unwrap();
    let path = head.uri.path().to_owned();
    let method = head.method.clone();
    let url = format!("{target}{path}");
    let (status, kind, bytes) = tokio::task::spawn_blocking(move || ask(&method, &url, &body)).await.unwrap();
    // A receipt has one spelling, which this would lose.
    let bytes = match serde_json::from_slice(&bytes) {
        Ok(mut value) if !path.starts_with("/api/v1/receipts/") => {
            lie(&head.method, &path, &mut value);
            Bytes::from(value.to_string())
        }
        _ => bytes,
    };
    (axum::http::StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, kind)], bytes)
}

fn ask(method: &Method, url: &str, body: &[u8]) -> (u16, String, Bytes) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let answer = match *method {
        Method::POST => agent.post(url).header("Content-Type", "application/cbor").send(body),
        _ => agent.get(url).call(),
    };
    let mut answer = answer.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status().as_u16(), kind, answer.body_mut().read_to_vec().unwrap().into())
}

fn publish(world: &World, provider: &Provider, lie: Lie) -> Result<(), PublishError> {
    let liar = Liar::before(world, lie);
    let outbox = Outbox::open(&provider.outbox).unwrap();
    provider.publish_to(&liar.log, outbox, &decisions(1), &mut Vec::new()).map(|_| ())
}

/// Everything that an honest run must still do after the lie.
#[track_caller]
fn believed_nothing(world: &World, provider: &Provider) {
    let summary = provider.publish_all(world, &decisions(1));
    assert_eq!((summary.highest, summary.voided), (1, 0));
    assert_eq!(world.state(provider).sequence.unbroken, 1);
}

const OTHER: &str = "00000000000000000000000000000000000000000000000000000000000000ff";

#[test]
fn an_acceptance_of_something_else_is_not_believed() {
    let world = World::start();
    let provider = world.enrol("is-told-another-leaf");
    let error = publish(&world, &provider, |method, _, answer| {
        if *method == Method::POST {
            answer["results"][0]["leaf_hash"] = json!(OTHER);
        }
    });
    assert!(error.unwrap_err().to_string().contains(&format!("was accepted with the leaf hash {OTHER}")));
    believed_nothing(&world, &provider);
}

#[test]
fn an_earlier_place_of_something_else_is_not_believed() {
    let world = World::start();
    let provider = world.enrol("is-told-it-was-there");
    let error = publish(&world, &provider, |method, _, answer| {
        if *method == Method::POST {
            answer["results"][0]["status"] = json!("duplicate");
            answer["results"][0]["leaf_hash"] = json!(OTHER);
        }
    });
    assert!(error.unwrap_err().to_string().contains("has not the leaf hash"));
    believed_nothing(&world, &provider);
}

#[test]
fn numbers_that_cannot_be_are_neither_signed_for_nor_a_reason_to_panic() {
    let world = World::start();
    let lies: [Lie; 4] = [
        |_, path, answer| bend(path, answer, json!({"unbroken": 0, "highest": u64::MAX, "missing": []})),
        |_, path, answer| bend(path, answer, json!({"unbroken": 0, "highest": 3, "missing": [u64::MAX, 1]})),
        // A provider that signed this would have voided numbers that it has not given out yet.
        |_, path, answer| bend(path, answer, json!({"unbroken": 0, "highest": 3, "missing": [1, 2, 9]})),
        |_, path, answer| bend(path, answer, json!({"unbroken": 5, "highest": 3, "missing": []})),
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        let provider = world.enrol(&format!("is-told-numbers-{number}"));
        let error = publish(&world, &provider, lie).unwrap_err().to_string();
        assert!(error.contains("cannot be"), "{error}");
        believed_nothing(&world, &provider);
    }
}

fn bend(path: &str, answer: &mut Value, sequence: Value) {
    if path.starts_with("/api/v1/providers/") {
        answer["sequence"] = sequence;
    }
}

#[test]
fn numbers_that_stay_open_for_ever_are_voided_once() {
    let world = World::start();
    let provider = world.enrol("is-told-they-are-open");
    world.hole(&provider, 4);
    let second = Provider { outbox: world.dir.path().join("new.outbox"), ..provider };
    let error = publish(&world, &second, |_, path, answer| {
        if path.starts_with("/api/v1/providers/") {
            answer["sequence"]["unbroken"] = json!(0);
            answer["sequence"]["missing"] = json!([1, 2, 3, 4]);
        }
    });
    assert!(error.unwrap_err().to_string().contains("stay open"));
    assert_eq!(world.state(&second).sequence.highest, 6, "one void, and no line");
}
