//! A connection that ends when its peer stops reading, or drips: without this, a client that asks for much and reads next to
//! nothing would hold its answer, and its connection, for as long as it likes.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// How slowly a peer may read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Longest time without a byte.
    pub(crate) stall: Duration,
    /// Time after which the pace is looked at.
    pub(crate) grace: Duration,
    /// Least bytes a second, on average since the peer first kept us waiting.
    pub(crate) pace: u64,
}

/// What the patience is now: it can become shorter while an answer is being read.
type Rule = Box<dyn Fn() -> Patience + Send>;

/// How often a waiting write looks at the peer's pace.
const LOOK: Duration = Duration::from_millis(500);

/// A stream whose writes fail with [`ErrorKind::TimedOut`] once the peer reads more slowly than the patience allows.
pub(crate) struct Unstalled<S> {
    stream: S,
    rule: Rule,
    /// From the first write that had to wait until all was flushed.
    wait: Option<Wait>,
}

#[derive(Debug)]
struct Wait {
    since: Instant,
    last: Instant,
    sent: u64,
    look: Pin<Box<Sleep>>,
}

impl Wait {
    fn begin() -> Wait {
        let now = Instant::now();
        Wait { since: now, last: now, sent: 0, look: Box::pin(tokio::time::sleep_until(now + LOOK)) }
    }

    fn is_over(&self, now: Instant, patience: Patience) -> bool {
        let waited = now.duration_since(self.since);
        let owed = u128::from(patience.pace) * waited.as_millis() / 1_000;
        now.duration_since(self.last) >= patience.stall
            || (waited >= patience.grace && u128::from(self.sent) < owed)
    }
}

impl<S> Unstalled<S> {
    /// Wraps a stream.
    pub(crate) fn new(stream: S, rule: Rule) -> Unstalled<S> {
        Unstalled { stream, rule, wait: None }
    }

    /// Passes on what a write gave, or the end of the patience.
    fn watch(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match (&mut self.wait, &written) {
            (None, Poll::Ready(_)) => return written,
            (Some(wait), Poll::Ready(Ok(count))) => {
                wait.sent = wait.sent.saturating_add(u64::try_from(*count).unwrap_or(u64::MAX));
                wait.last = Instant::now();
                return written;
            }
            (Some(_), Poll::Ready(Err(_))) => return written,
            (_, Poll::Pending) => {}
        }
        let wait = self.wait.get_or_insert_with(Wait::begin);
        while wait.look.as_mut().poll(context).is_ready() {
            let now = Instant::now();
            if wait.is_over(now, (self.rule)()) {
                return Poll::Ready(Err(io::Error::new(ErrorKind::TimedOut, "the peer reads too slowly")));
            }
            wait.look.as_mut().reset(now + LOOK);
        }
        Poll::Pending
    }

    /// The same for a flush, which ends the waiting.
    fn flushed(&mut self, context: &mut Context<'_>, flushed: Poll<io::Result<()>>) -> Poll<io::Result<()>> {
        if flushed.is_ready() {
            self.wait = None;
            return flushed;
        }
        self.watch(context, Poll::Pending).map_ok(|_| ())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Unstalled<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Unstalled<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.flushed(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = Pin::new(&mut self.stream).poll_shutdown(context);
        self.flushed(context, closed)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn rule(patience: Patience) -> Rule {
        Box::new(move || patience)
    }

    fn patience(stall: u64, grace: u64, pace: u64) -> Patience {
        Patience { stall: Duration::from_secs(stall), grace: Duration::from_secs(grace), pace }
    }

    /// A peer that has read so many bytes in so many seconds, the last of them so many seconds ago.
    fn is_over(sent: u64, seconds: u64, ago: u64, patience: Patience) -> bool {
        let now = Instant::now() + Duration::from_secs(1_000);
        let mut wait = Wait::begin();
        wait.since = now - Duration::from_secs(seconds);
        wait.last = now - Duration::from_secs(ago);
        wait.sent = sent;
        wait.is_over(now, patience)
    }

    #[tokio::test]
    async fn a_peer_is_given_up_that_stalls_or_drips() {
        let usual = patience(30, 20, 100);
        assert!(!is_over(0, 19, 19, usual), "the grace");
        assert!(!is_over(2_000, 20, 0, usual), "the pace");
        assert!(is_over(1_999, 20, 0, usual), "below the pace");
        assert!(!is_over(1_000_000, 100, 29, usual), "a pause");
        assert!(is_over(1_000_000, 100, 30, usual), "no byte for too long");
        assert!(is_over(2_000, 20, 0, patience(30, 2, 101)), "patience became shorter");
        assert!(is_over(u64::MAX, 900, 0, patience(30, 1, u64::MAX)), "no overflow");
    }

    #[tokio::test]
    async fn a_peer_that_reads_nothing_is_given_up() {
        let (ours, _theirs) = tokio::io::duplex(16);
        let mut stream = Unstalled::new(ours, rule(patience(0, 60, 1)));
        let error = stream.write_all(&[7; 100]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_peer_that_drips_is_given_up() {
        let (ours, mut theirs) = tokio::io::duplex(16);
        let mut stream = Unstalled::new(ours, rule(patience(60, 0, 1 << 20)));
        let dripping = tokio::spawn(async move {
            while theirs.read_u8().await.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        let error = stream.write_all(&[7; 10_000]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        dripping.abort();
    }

    #[tokio::test]
    async fn a_peer_that_reads_gets_everything() {
        let (ours, mut theirs) = tokio::io::duplex(16);
        let mut stream = Unstalled::new(ours, rule(patience(60, 60, 1)));
        let reader = tokio::spawn(async move {
            let mut bytes = Vec::new();
            theirs.read_to_end(&mut bytes).await.unwrap();
            bytes
        });
        stream.write_all(&[7; 10_000]).await.unwrap();
        stream.shutdown().await.unwrap();
        drop(stream);
        assert_eq!(reader.await.unwrap(), [7; 10_000]);
    }
}
