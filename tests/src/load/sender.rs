//! Sends bodies: at a rate, or as fast as the connections carry.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::arguments::{Arguments, Rate};
use super::bodies::Body;
use super::outcome::{Answered, Judged, Outcome};
use crate::latency::Latency;

/// What all requests write into.
#[derive(Debug, Default)]
struct Ledgered {
    latency: Latency,
    answers: Mutex<Vec<Answered>>,
    refused: Mutex<std::collections::BTreeMap<String, u64>>,
}

/// Sends all bodies, and waits for all answers. Tells in `published` how many entries are published.
pub async fn send(arguments: &Arguments, url: &str, bodies: Vec<Body>, published: Arc<AtomicU64>) -> Outcome {
    let url = format!("{url}/api/v1/statements");
    let client = reqwest::Client::builder().pool_max_idle_per_host(arguments.connections()).build().unwrap();
    let places = Arc::new(Semaphore::new(arguments.connections()));
    let told = Arc::new(Ledgered::default());
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for (at, body) in bodies.into_iter().enumerate() {
        // With `max` a request is due when there is a place for it; else it is due by the clock, and waits for its place.
        let (due, place) = match arguments.rate {
            Rate::Fixed(rate) => {
                let due = at as f64 * arguments.batch as f64 / rate as f64;
                let due = begun + Duration::from_secs_f64(due);
                tokio::time::sleep_until(due.into()).await;
                (due, None)
            }
            Rate::Max => {
                let place = Arc::clone(&places).acquire_owned().await.unwrap();
                if begun.elapsed() >= Duration::from_secs(arguments.seconds) {
                    break;
                }
                (Instant::now(), Some(place))
            }
        };
        let (client, url, places) = (client.clone(), url.clone(), Arc::clone(&places));
        let (told, published) = (Arc::clone(&told), Arc::clone(&published));
        tasks.spawn(async move {
            let _place = match place {
                Some(place) => place,
                None => places.acquire_owned().await.unwrap(),
            };
            let judged = post(&client, &url, body).await;
            published.fetch_max(judged.index + 1, Ordering::Relaxed);
            told.take(due, judged);
        });
    }
    tasks.join_all().await;
    let last = Instant::now();
    let answers = std::mem::take(&mut *told.answers.lock().unwrap());
    let refused = std::mem::take(&mut *told.refused.lock().unwrap());
    let accepted = answers.iter().map(|answer| answer.accepted).sum();
    Outcome { published: told.latency.percentiles(), accepted, refused, last, answers }
}

impl Ledgered {
    fn take(&self, due: Instant, judged: Judged) {
        if judged.accepted > 0 {
            self.latency.record_many(due.elapsed(), judged.accepted);
            let answered = Answered { due, index: judged.index, accepted: judged.accepted };
            self.answers.lock().unwrap().push(answered);
        }
        let mut refused = self.refused.lock().unwrap();
        for (why, many) in judged.refused {
            *refused.entry(why).or_default() += many;
        }
    }
}

async fn post(client: &reqwest::Client, url: &str, body: Body) -> Judged {
    let Body { bytes, statements } = body;
    let request = client.post(url).header("Content-Type", "application/cbor").body(bytes);
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => return Judged::none(statements, format!("no answer: {error}")),
    };
    let status = answer.status().as_u16();
    match answer.bytes().await {
        Ok(bytes) => Judged::of(status, &bytes, statements),
        Err(error) => Judged::none(statements, format!("an answer that breaks off: {error}")),
    }
}
