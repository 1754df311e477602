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
use glasshouse_server::outbox::kept::Kept;
use glasshouse_server::outbox::place_in_log::PlaceInLog;
use glasshouse_server::outbox::publisher::PublishError;
use glasshouse_server::outbox::record::{OnRecord, Record};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::world::{Provider, World, decisions};

/// Bends the JSON of an answer.
trait Lie: Fn(&Method, &str, &mut Value) + Clone + Send + Sync + 'static {}

impl<L: Fn(&Method, &str, &mut Value) + Clone + Send + Sync + 'static> Lie for L {}

/// Stands in front of the real log.
struct Liar {
    log: RemoteLog,
    _server: HttpServer,
    _runtime: Runtime,
}

impl Liar {
    fn before(world: &World, lie: impl Lie) -> Liar {
        let runtime = Runtime::new().unwrap();
        let target = world.log.url().to_owned();
        let router =
            Router::new().fallback(move |request: Request| pass(target.clone(), request, lie.clone()));
        let server = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            HttpServer::start(listener, router).unwrap()
        });
        let url = format!("http://{}", server.address());
        let log = RemoteLog::new(Client::new(&url, Patience::default()).unwrap());
        Liar { log, _server: server, _runtime: runtime }
    }
}

async fn pass(target: String, request: Request, lie: impl Lie) -> impl IntoResponse {
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

fn publish(world: &World, provider: &Provider, lie: impl Lie) -> Result<(), PublishError> {
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

/// So far off is an index that is a lie.
const FAR: u64 = 900_000;

/// Where the outbox has its first statement, by its journal and by the receipt.
fn places(provider: &Provider) -> (u64, Option<PlaceInLog>) {
    let kept = Kept::read(&provider.outbox).unwrap();
    (kept.contents().on_record()[&1], kept.place_in_log(1))
}

#[test]
fn a_wrong_index_is_corrected_by_the_receipt_of_the_leaf_hash() {
    let world = World::start();
    for status in ["accepted", "duplicate"] {
        let provider = world.enrol(&format!("is-told-another-index-{status}"));
        let published = publish(&world, &provider, move |method, _, answer| {
            if *method == Method::POST {
                let index = answer["results"][0]["index"].as_u64().unwrap();
                answer["results"][0]["status"] = json!(status);
                answer["results"][0]["index"] = json!(index + FAR);
            }
        });
        published.unwrap();
        let (index, place) = places(&provider);
        assert!(index < FAR, "{status}: {index}");
        assert_eq!(place, Some(PlaceInLog::Proved(index)), "{status}");
        believed_nothing(&world, &provider);
    }
}

/// Outboxes of before kept any index that came with the right leaf hash, and asked for the receipt there for ever.
#[test]
fn an_outbox_with_a_wrong_index_heals() {
    let world = World::start();
    let provider = world.enrol("was-told-another-index");
    provider.publish_all(&world, &decisions(1));
    let (right, _) = places(&provider);
    let mut outbox = Outbox::open(&provider.outbox).unwrap();
    // One where nothing is, and one where another entry is.
    for wrong in [right + FAR, right - 1] {
        std::fs::remove_file(outbox.receipts().path(1)).unwrap();
        let on_record = vec![OnRecord { sequence: 1, index: wrong, leaf: None }];
        outbox.append_durable(&[Record::Answers { on_record, refused: vec![] }]).unwrap();
        let place = outbox.kept().place_in_log(1).unwrap();
        assert_eq!(place.to_string(), format!("entry {wrong} by the log's word, not proved yet"));
        assert_eq!(place.proved(), None);
        drop(outbox);
        let summary = provider.publish_all(&world, &decisions(1));
        assert_eq!((summary.receipts, summary.already_published), (1, 1));
        assert_eq!(places(&provider), (right, Some(PlaceInLog::Proved(right))));
        outbox = Outbox::open(&provider.outbox).unwrap();
    }
}

#[test]
fn a_statement_that_no_receipt_proves_stays_and_is_sent_again() {
    let world = World::start();
    // So late that the log takes nothing, and early enough that the publisher sends it as it is.
    let mut provider = world.enrol("is-told-that-it-is-there");
    provider.hours_behind = 30;
    let outbox = provider.outbox.clone();
    let error = publish(&world, &provider, move |method, _, answer| {
        if *method == Method::POST {
            let leaf = Kept::read(&outbox).unwrap().contents().leaf(1).unwrap();
            answer["results"][0] = json!({"status": "accepted", "index": FAR, "leaf_hash": leaf.to_hex()});
        }
    });
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("has no receipt that proves it") && error.contains("Run `glasshouse publish` again"),
        "{error}"
    );
    assert!(Kept::read(&provider.outbox).unwrap().contents().pending().contains_key(&1));
    provider.hours_behind = 0;
    believed_nothing(&world, &provider);
}

#[test]
fn numbers_that_cannot_be_are_neither_signed_for_nor_a_reason_to_panic() {
    let world = World::start();
    let lies: [fn(&Method, &str, &mut Value); 4] = [
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
