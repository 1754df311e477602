//! Reading a submission's body within its bounds: so many bytes each, so many for all together, so much time.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use glasshouse_verifier::submission::BODY_MAX;
use http_body_util::BodyExt;

use crate::client_address::ClientAddress;
use crate::fair_budget::FairShare;
use crate::limits::BODY_TIMEOUT;
use crate::problem::{Kind, Problem};

/// The media type of a batch of submissions.
pub(crate) const CBOR: &str = "application/cbor";

/// The media type of one draft, or of a list of them.
pub(crate) const JSON: &str = "application/json";

/// The media type of drafts, one a line.
pub(crate) const NDJSON: &str = "application/x-ndjson";

/// Room made at first for a body that announces its length, in bytes.
const FIRST_ROOM: usize = 1 << 20;

/// Pause of a client after which the rest of its refused body is not waited for.
const DISCARD_PAUSE: Duration = Duration::from_secs(2);

/// Time for which the rest of a refused body is waited for at most, however little pauses its client makes.
const DISCARD_TIME: Duration = Duration::from_secs(8);

/// How much of a refused body is read past and forgotten: a body that is somewhat too long still gets its answer.
const DISCARD_MAX: usize = 2 * BODY_MAX;

/// A body that arrived whole, with its share of the memory for bodies.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) bytes: Vec<u8>,
    /// Which of the media types that are taken it is of.
    pub(crate) media_type: &'static str,
    /// Given back when dropped; keep it as long as the bytes.
    pub(crate) _share: FairShare<ClientAddress>,
}

/// Why a body did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyFault {
    /// Longer than it may be.
    TooLarge,
    /// Other bodies fill the memory, or the client has as much of it as it may beside them.
    NoRoom,
    /// It ended before its end.
    BrokeOff,
    /// It took longer than [`BODY_TIMEOUT`].
    TooSlow,
}

/// Reads a body of one of these media types, of at most [`BODY_MAX`] bytes, into its client's share of the memory for bodies. Nothing
/// of a refused body is kept.
///
/// # Errors
/// `unsupported-media-type`, `body-too-large`, `overloaded` where other bodies fill the memory, `bad-request` where
/// the body broke off, `request-timeout` where it took longer than [`BODY_TIMEOUT`].
pub(crate) async fn receive(
    headers: &HeaderMap,
    media_types: &[&'static str],
    body: Body,
    share: FairShare<ClientAddress>,
) -> Result<Received, Problem> {
    receive_at_most(BODY_MAX, headers, media_types, body, share).await
}

/// The same for a body of at most `most` bytes, which is not more than [`BODY_MAX`].
pub(crate) async fn receive_at_most(
    most: usize,
    headers: &HeaderMap,
    media_types: &[&'static str],
    body: Body,
    share: FairShare<ClientAddress>,
) -> Result<Received, Problem> {
    let media_type = match media_type(headers, media_types) {
        Ok(media_type) => media_type,
        Err(problem) => {
            discard(body).await;
            return Err(problem);
        }
    };
    let (bytes, share) = receive_within(headers, body, most, share).await.map_err(|fault| match fault {
        BodyFault::TooLarge => {
            Problem::new(Kind::BODY_TOO_LARGE, format!("a body has at most {most} bytes here"))
        }
        BodyFault::NoRoom => Problem::new(Kind::OVERLOADED, "too many bodies are being received"),
        BodyFault::BrokeOff => Problem::new(Kind::BAD_REQUEST, "the body broke off"),
        BodyFault::TooSlow => Problem::new(Kind::REQUEST_TIMEOUT, "the body took too long to arrive"),
    })?;
    Ok(Received { bytes, media_type, _share: share })
}

/// Reads a body of any media type, of at most `most` bytes, into its client's share of the memory for bodies.
pub(crate) async fn receive_within(
    headers: &HeaderMap,
    mut body: Body,
    most: usize,
    share: FairShare<ClientAddress>,
) -> Result<(Vec<u8>, FairShare<ClientAddress>), BodyFault> {
    let reading = read(headers, &mut body, most, share);
    let fault = match tokio::time::timeout(BODY_TIMEOUT, reading).await {
        Ok(Ok(received)) => return Ok(received),
        Ok(Err(fault)) => fault,
        // It has had its time.
        Err(_) => return Err(BodyFault::TooSlow),
    };
    discard(body).await;
    Err(fault)
}

/// Lets the rest of a refused body run out: an answer behind a connection that is closed on bytes still under way is
/// often lost. Ends when the client pauses, has sent [`DISCARD_MAX`] bytes more, or after [`DISCARD_TIME`].
async fn discard(mut body: Body) {
    let rest = async {
        let mut left = DISCARD_MAX;
        while let Ok(Some(Ok(frame))) = tokio::time::timeout(DISCARD_PAUSE, body.frame()).await {
            let length = frame.data_ref().map_or(0, |data| data.len());
            match left.checked_sub(length) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    };
    // Whoever drips has had its answer waited for long enough.
    let _ = tokio::time::timeout(DISCARD_TIME, rest).await;
}

async fn read(
    headers: &HeaderMap,
    body: &mut Body,
    most: usize,
    mut share: FairShare<ClientAddress>,
) -> Result<(Vec<u8>, FairShare<ClientAddress>), BodyFault> {
    let announced = announced_length(headers);
    if announced.is_some_and(|length| length > most) {
        return Err(BodyFault::TooLarge);
    }
    // Room is taken as bytes arrive, not as they are announced, so that a client which announces much and sends
    // nothing keeps nobody else out.
    let mut bytes = Vec::with_capacity(announced.unwrap_or(0).min(FIRST_ROOM));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyFault::BrokeOff)?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > most {
            return Err(BodyFault::TooLarge);
        }
        if !share.grow(data.len()) {
            return Err(BodyFault::NoRoom);
        }
        bytes.extend_from_slice(&data);
    }
    Ok((bytes, share))
}

fn media_type(headers: &HeaderMap, taken: &[&'static str]) -> Result<&'static str, Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    let encoded = headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
    let found = taken.iter().find(|name| essence.eq_ignore_ascii_case(name)).filter(|_| !encoded);
    found.copied().ok_or_else(|| {
        let detail = format!("the body must be {}, without a content coding", taken.join(" or "));
        Problem::new(Kind::UNSUPPORTED_MEDIA_TYPE, detail)
    })
}

fn announced_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::fair_budget::FairBudget;

    fn client(number: u8) -> ClientAddress {
        ClientAddress::of([192, 0, 2, number].into())
    }

    fn cbor() -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "application/cbor".parse().unwrap());
        headers
    }

    #[tokio::test]
    async fn a_body_takes_room_and_gives_it_back() {
        let budget = FairBudget::new(1 << 20);
        let received = receive(&cbor(), &[CBOR], Body::from(vec![7; 300_000]), budget.share_of(client(1)))
            .await
            .unwrap();
        assert_eq!(received.bytes.len(), 300_000);
        assert!(budget.free() < 750_000);
        drop(received);
        assert_eq!(budget.free(), 1 << 20);
    }

    #[tokio::test]
    async fn what_is_too_large_is_refused() {
        let budget = FairBudget::new(64 << 20);
        let whole =
            receive(&cbor(), &[CBOR], Body::from(vec![7; BODY_MAX]), budget.share_of(client(1))).await;
        assert_eq!(whole.unwrap().bytes.len(), BODY_MAX);
        let larger =
            receive(&cbor(), &[CBOR], Body::from(vec![7; BODY_MAX + 1]), budget.share_of(client(1))).await;
        assert_eq!(larger.unwrap_err().slug(), "body-too-large");
        let mut announced = cbor();
        announced.insert(header::CONTENT_LENGTH, (BODY_MAX + 1).into());
        let announced = receive(&announced, &[CBOR], Body::empty(), budget.share_of(client(1))).await;
        assert_eq!(announced.unwrap_err().slug(), "body-too-large");
    }

    #[tokio::test]
    async fn without_room_it_is_503() {
        let budget = FairBudget::new(1 << 20);
        let held = budget.take(client(2), 1 << 19).unwrap();
        let refused = receive(&cbor(), &[CBOR], Body::from(vec![7; 600_000]), budget.share_of(client(1)))
            .await
            .unwrap_err();
        assert_eq!((refused.slug(), refused.status), ("overloaded", 503));
        drop(held);
        assert_eq!(budget.free(), 1 << 20);
    }

    #[tokio::test]
    async fn other_media_types_are_415() {
        let budget = FairBudget::new(1 << 20);
        for (content_type, coding, stands) in [
            (Some("application/cbor"), None, true),
            (Some("Application/CBOR; v=1"), Some("identity"), true),
            (Some("application/json"), None, false),
            (Some("application/cbor"), Some("gzip"), false),
            (None, None, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(content_type) = content_type {
                headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
            }
            if let Some(coding) = coding {
                headers.insert(header::CONTENT_ENCODING, coding.parse().unwrap());
            }
            let answer = receive(&headers, &[CBOR], Body::empty(), budget.share_of(client(1))).await;
            assert_eq!(answer.is_ok(), stands, "{content_type:?} {coding:?}");
        }
    }
}
