//! `POST /add-checkpoint`: a checkpoint is submitted, and cosigned if it follows from the last one.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glasshouse_ledger::witness::Added;
use glasshouse_ledger::witness::add_request::REQUEST_MAX;
use glasshouse_ledger::witness::contradiction::Contradiction;
use glasshouse_ledger::witness::evidence_shelf::Kept;
use glasshouse_ledger::witness::refusal::{AddRefusal, Unavailable};

use super::witness_state::WitnessState;
use crate::body::{BodyFault, receive_within};
use crate::client_address::ClientAddress;
use crate::limits::RETRY_AFTER_SECONDS;

/// The media type of a size (c2sp.org/tlog-witness).
const SIZE: &str = "text/x.tlog.size";

/// Answers with cosignatures, one line for each key, or with the reason why there are none.
pub(super) async fn add_checkpoint(
    State(state): State<Arc<WitnessState>>,
    Extension(client): Extension<ClientAddress>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let room = state.bodies.share_of(client);
    let (bytes, share) = match receive_within(&headers, body, REQUEST_MAX, room).await {
        Ok(received) => received,
        Err(fault) => {
            let (status, text) = of_fault(fault);
            state.meters.answered(None, status.as_u16());
            return refusal(status, text, None);
        }
    };
    let turn = state.adds.take(client, None).await;
    let shared = Arc::clone(&state);
    // The work is done to its end even if the client goes away: a record that was begun is finished. So it keeps what it
    // takes up until then: its turn and its share of memory.
    let added = tokio::task::spawn_blocking(move || {
        let _taken = (share, turn);
        let added = shared.witness.add_checkpoint(&bytes);
        shared.meters.added(&shared.witness, &added);
        tell(&added);
        if shared.witness.has_stopped() {
            shared.stopped.ring();
        }
        added
    });
    match added.await {
        Ok(added) => answer(added),
        Err(error) => {
            // Somebody panicked: what lies on the disk is not known.
            tracing::error!(%error, "the witness failed");
            state.stopped.ring();
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "the witness failed", None)
        }
    }
}

fn answer(added: Added) -> Response {
    let refused = match added.answer {
        Ok(cosigned) => return text(StatusCode::OK, "text/plain; charset=utf-8", cosigned.lines),
        Err(refused) => refused,
    };
    let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match &refused {
        AddRefusal::OtherSize { last } => text(status, SIZE, format!("{last}\n")),
        AddRefusal::TooOften { retry_after_s } => refusal(status, &refused.to_string(), Some(*retry_after_s)),
        AddRefusal::Unavailable(Unavailable::Busy) => {
            refusal(status, &refused.to_string(), Some(RETRY_AFTER_SECONDS.into()))
        }
        _ => refusal(status, &refused.to_string(), None),
    }
}

/// Tells the operator what a log did. Origins are those of the settings; nobody's address is told.
fn tell(added: &Added) {
    let origin = added.origin.as_deref().unwrap_or_default();
    if let Some((Contradiction { reason, .. }, kept)) = &added.evidence {
        let (reason, convicts) = (reason.as_str(), reason.convicts());
        match kept {
            Kept::Written(file) => tracing::warn!(origin, reason, convicts, file, "kept evidence"),
            Kept::Known(file) => tracing::debug!(origin, reason, convicts, file, "evidence is known"),
            Kept::PassedOver => tracing::debug!(origin, reason, "a doubt was not written"),
            Kept::Full => tracing::warn!(origin, reason, convicts, "no room for more evidence"),
        }
    }
    match &added.answer {
        Ok(cosigned) => {
            let (size, time) = (cosigned.record.head().size().get(), cosigned.record.time().get());
            tracing::debug!(origin, size, time, "cosigned");
        }
        Err(AddRefusal::Unavailable(Unavailable::Store(error))) => {
            tracing::error!(origin, %error, "a write failed: nothing is signed any more");
        }
        Err(AddRefusal::Unavailable(Unavailable::Signing(error))) => {
            tracing::error!(origin, %error, "signing failed");
        }
        Err(AddRefusal::Unavailable(Unavailable::Clock { now_s, last_s, from_s })) => {
            tracing::error!(
                origin,
                now_s,
                last_s,
                from_s,
                "nothing is signed for this log until the clock shows from_s: set the clock, or, if it is right, see \"A clock that was ahead\" in spec/witness.md"
            );
        }
        Err(_) => {}
    }
}

const fn of_fault(fault: BodyFault) -> (StatusCode, &'static str) {
    match fault {
        BodyFault::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "a request has at most 131072 bytes"),
        BodyFault::NoRoom => (StatusCode::SERVICE_UNAVAILABLE, "too many requests are being received"),
        BodyFault::BrokeOff => (StatusCode::BAD_REQUEST, "the body broke off"),
        BodyFault::TooSlow => (StatusCode::REQUEST_TIMEOUT, "the body took too long to arrive"),
    }
}

/// One line of text, and when to come back.
fn refusal(status: StatusCode, reason: &str, retry_after_s: Option<u64>) -> Response {
    let mut response = text(status, "text/plain; charset=utf-8", format!("{reason}\n"));
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn text(status: StatusCode, media_type: &'static str, body: String) -> Response {
    let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body).into_response()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Barrier;

    use glasshouse_ledger::cosigner::Cosigner;
    use glasshouse_ledger::key_file::SecretKey;
    use glasshouse_ledger::store::{StateCopies, StoreError};
    use glasshouse_ledger::witness::Witness;
    use glasshouse_ledger::witness::add_request::AddRequest;
    use glasshouse_ledger::witness::log_settings::{LogId, LogSettings};
    use glasshouse_ledger::witness::memory_store::MemoryWitnessStore;
    use glasshouse_ledger::witness::store::WitnessStore;
    use glasshouse_verifier::hash::RootHash;
    use glasshouse_verifier::note::{Note, SignatureLine};
    use glasshouse_verifier::size::TreeSize;
    use glasshouse_verifier::vkey::{Vkey, VkeyKind};

    use crate::limits::WITNESS_ADDS_AT_ONCE;
    use crate::measure::Measure;
    use crate::system_clock::SystemClock;

    /// A store whose writes come to the barrier, and again when they may go on.
    struct SlowStore {
        inner: MemoryWitnessStore,
        gate: Arc<Barrier>,
    }

    impl WitnessStore for SlowStore {
        fn load(&self) -> Result<BTreeMap<LogId, StateCopies>, StoreError> {
            self.inner.load()
        }
        fn swap_embedded(&self, log: LogId, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
            self.gate.wait();
            self.gate.wait();
            self.inner.swap_embedded(log, old, new)
        }
        fn replace_plain(&self, log: LogId, new: &[u8]) -> Result<(), StoreError> {
            self.inner.replace_plain(log, new)
        }
        fn reset_embedded(&self, records: &BTreeMap<LogId, Vec<u8>>) -> Result<(), StoreError> {
            self.inner.reset_embedded(records)
        }
        fn signed_logs(&self) -> Result<BTreeSet<String>, StoreError> {
            self.inner.signed_logs()
        }
        fn add_signed_logs(&self, origins: &BTreeSet<String>) -> Result<(), StoreError> {
            self.inner.add_signed_logs(origins)
        }
        fn evidence(&self) -> Result<Vec<String>, StoreError> {
            self.inner.evidence()
        }
        fn get_evidence(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
            self.inner.get_evidence(name)
        }
        fn put_evidence(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
            self.inner.put_evidence(name, bytes)
        }
        fn delete_evidence(&self, name: &str) -> Result<(), StoreError> {
            self.inner.delete_evidence(name)
        }
    }

    /// A witness of one log, and the log's first request.
    fn state_and_request(gate: &Arc<Barrier>) -> (Arc<WitnessState>, Vec<u8>) {
        let key = SecretKey::from_seed(&[1; 32]);
        let vkey = Vkey::new("log.example", VkeyKind::Ed25519, key.public_bytes()).unwrap();
        let text = format!("log.example\n5\n{}\n", RootHash::from_bytes([5; 32]).to_base64());
        let line = SignatureLine::new(&vkey, key.sign(text.as_bytes()).to_vec());
        let note = Note::assemble(&text, &[line]).unwrap().encode();
        let store = SlowStore { inner: MemoryWitnessStore::new(), gate: Arc::clone(gate) };
        let cosigner = Cosigner::new("w", SecretKey::from_seed(&[2; 32])).unwrap();
        let logs = vec![LogSettings { origin: "log.example".to_owned(), keys: vec![vkey], qpd: 24 }];
        let (witness, _) = Witness::open(Arc::new(store), cosigner, Arc::new(SystemClock), logs).unwrap();
        let state = WitnessState::new(witness, Arc::new(Measure::new().unwrap()));
        (Arc::new(state), AddRequest::encode(TreeSize::ZERO, &[], &note))
    }

    /// Clients that hang up do not make room for others while their requests are still worked on.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_turn_is_kept_until_the_work_is_done() {
        let gate = Arc::new(Barrier::new(2));
        let (state, request) = state_and_request(&gate);
        let client = ClientAddress::of([192, 0, 2, 1].into());
        let asked = tokio::spawn(add_checkpoint(
            State(Arc::clone(&state)),
            Extension(client),
            HeaderMap::new(),
            request.into(),
        ));
        let at_gate = |gate: &Arc<Barrier>| {
            let gate = Arc::clone(gate);
            tokio::task::spawn_blocking(move || gate.wait())
        };
        at_gate(&gate).await.unwrap();
        asked.abort();
        assert!(asked.await.unwrap_err().is_cancelled());
        assert_eq!(state.adds.free(), WITNESS_ADDS_AT_ONCE - 1);
        at_gate(&gate).await.unwrap();
        // Comes back when the work is done.
        let mut all = Vec::new();
        for _ in 0..WITNESS_ADDS_AT_ONCE {
            all.push(state.adds.take(client, None).await);
        }
        assert_eq!(state.witness.status(1)[0].last.as_ref().unwrap().head().size().get(), 5);
    }
}
