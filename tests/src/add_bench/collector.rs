//! Collects what is posted to `/add` into batches, signs it, submits it, and tells everyone the index.

use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::BenchSigner;
use crate::workload::batch;

/// Bodies that may wait; with more, whoever comes is told to come back.
pub const WAITING_MAX: usize = 10_000;
/// Most statements of one submission: as many as a ledger takes.
const BATCH_MAX: usize = 1_000;
/// Submissions under way. One waits for its round while others are signed and checked.
const UNDER_WAY: usize = 4;

/// Some bytes, and who waits for their index.
#[derive(Debug)]
pub struct Offer {
    /// What was posted.
    pub bytes: Vec<u8>,
    /// Takes the index, or why there is none.
    pub answer: oneshot::Sender<Result<u64, String>>,
}

/// Works until nobody can offer anything any more, and everything is answered.
pub async fn collect(mut offers: mpsc::Receiver<Offer>, mut signer: BenchSigner, ledger_url: &str) {
    let url: Arc<str> = format!("{ledger_url}/api/v1/statements").into();
    let client = reqwest::Client::new();
    let places = Arc::new(Semaphore::new(UNDER_WAY));
    let mut tasks = tokio::task::JoinSet::new();
    loop {
        let place = Arc::clone(&places).acquire_owned().await.unwrap();
        let mut taken = Vec::new();
        if offers.recv_many(&mut taken, BATCH_MAX).await == 0 {
            break;
        }
        let numbered: Vec<(u64, Offer)> =
            taken.into_iter().map(|offer| (signer.take_number(), offer)).collect();
        let body = tokio::task::block_in_place(|| {
            let signed: Vec<_> =
                numbered.par_iter().map(|(number, offer)| signer.sign(&offer.bytes, *number)).collect();
            batch(&signed)
        });
        let (client, url) = (client.clone(), Arc::clone(&url));
        tasks.spawn(async move {
            let _place = place;
            let results = submit(&client, &url, body).await;
            for (at, (_, offer)) in numbered.into_iter().enumerate() {
                // Who went away meanwhile is not told.
                let _ = offer.answer.send(index_of(&results, at));
            }
        });
        while tasks.try_join_next().is_some() {}
    }
    tasks.join_all().await;
}

async fn submit(client: &reqwest::Client, url: &str, body: Vec<u8>) -> Result<Value, String> {
    let request = client.post(url).header("Content-Type", "application/cbor").body(body);
    let answer = request.send().await.map_err(|error| error.to_string())?;
    let bytes = answer.bytes().await.map_err(|error| error.to_string())?;
    serde_json::from_slice(&bytes).map_err(|error| error.to_string())
}

fn index_of(answer: &Result<Value, String>, at: usize) -> Result<u64, String> {
    let answer = answer.as_ref().map_err(Clone::clone)?;
    let result = &answer["results"][at];
    result["index"].as_u64().ok_or_else(|| match result {
        Value::Null => answer.to_string(),
        result => result.to_string(),
    })
}
