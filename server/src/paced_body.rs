//! A body that a thread writes while it is being sent: a bounded number of pieces lies between them, and a reader that is too
//! slow is given up.
//!
//! An answer that was not written to its end is broken off and never ended, so that nobody takes a part for the whole: the
//! connection closes before the last chunk (RFC 9112 section 8).

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use hyper::body::{Body, Frame};

/// How much is kept ready for a reader.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Bytes of a piece.
    pub(crate) chunk: usize,
    /// Pieces that wait to be sent.
    pub(crate) chunks: usize,
}

/// How fast a reader must be. Only the time counts for which it is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Time before the pace is looked at.
    pub(crate) grace: Duration,
    /// Bytes a second beyond that.
    pub(crate) rate: u64,
}

/// What the pace is now: it can become another while an answer is being read, and what was read before counts no more then.
type Rule = Box<dyn Fn() -> Pace + Send>;

/// How often the rule is asked while a reader is waited for.
const LOOK: Duration = Duration::from_millis(500);

/// What lies between the thread and the connection.
#[derive(Debug)]
struct Between {
    state: Mutex<State>,
    /// A piece was taken, or the reader has gone.
    taken: Condvar,
}

#[derive(Debug, Default)]
struct State {
    ready: VecDeque<Bytes>,
    /// Whether the writer has ended; and whether all was written.
    ended: Option<bool>,
    reader_gone: bool,
    waker: Option<Waker>,
}

impl Between {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, is_whole: bool) {
        let mut state = self.lock();
        if state.ended.is_none() {
            state.ended = Some(is_whole);
        }
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }
}

/// The thread's end. Dropped before [`PacedWriter::finish`], the answer breaks off.
pub(crate) struct PacedWriter {
    between: Arc<Between>,
    shape: Shape,
    rule: Rule,
    pace: Pace,
    /// How long the reader was waited for under that pace, and how much was sent.
    waited: Duration,
    sent: u64,
    piece: Vec<u8>,
}

/// The connection's end.
#[derive(Debug)]
pub(crate) struct PacedBody {
    between: Arc<Between>,
}

/// Both ends of one body.
pub(crate) fn paced(rule: Rule, shape: Shape) -> (PacedWriter, PacedBody) {
    let between = Arc::new(Between { state: Mutex::default(), taken: Condvar::new() });
    let body = PacedBody { between: Arc::clone(&between) };
    let (pace, waited) = (rule(), Duration::ZERO);
    (PacedWriter { between, shape, rule, pace, waited, sent: 0, piece: Vec::new() }, body)
}

impl PacedWriter {
    /// Everything was written.
    ///
    /// # Errors
    /// As writing.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        if !self.piece.is_empty() {
            self.send()?;
        }
        self.between.end(true);
        Ok(())
    }

    /// For how long the reader may still be waited for.
    fn left(&mut self) -> Duration {
        let pace = (self.rule)();
        if pace != self.pace {
            (self.pace, self.waited, self.sent) = (pace, Duration::ZERO, 0);
        }
        let taken = Duration::from_secs(self.sent / self.pace.rate.max(1));
        (self.pace.grace + taken).saturating_sub(self.waited)
    }

    /// Hands over the piece, and waits for room.
    fn send(&mut self) -> io::Result<()> {
        let piece = Bytes::from(std::mem::take(&mut self.piece));
        let between = Arc::clone(&self.between);
        let mut state = between.lock();
        while state.ready.len() >= self.shape.chunks && !state.reader_gone {
            let left = self.left();
            if left.is_zero() {
                return Err(io::Error::new(ErrorKind::TimedOut, "the reader is too slow"));
            }
            let since = Instant::now();
            state =
                between.taken.wait_timeout(state, left.min(LOOK)).unwrap_or_else(PoisonError::into_inner).0;
            self.waited += since.elapsed();
        }
        if state.reader_gone {
            return Err(io::Error::new(ErrorKind::BrokenPipe, "the reader has gone"));
        }
        self.sent += piece.len() as u64;
        state.ready.push_back(piece);
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
        Ok(())
    }
}

impl Write for PacedWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.shape.chunk.saturating_sub(self.piece.len()).max(1);
        let some = bytes.get(..room).unwrap_or(bytes);
        self.piece.extend_from_slice(some);
        if self.piece.len() >= self.shape.chunk {
            self.send()?;
        }
        Ok(some.len())
    }

    /// Pieces are sent when they are full.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for PacedWriter {
    fn drop(&mut self) {
        self.between.end(false);
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let mut state = self.between.lock();
        if let Some(piece) = state.ready.pop_front() {
            self.between.taken.notify_one();
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match state.ended {
            Some(true) => Poll::Ready(None),
            Some(false) => {
                let error =
                    io::Error::new(ErrorKind::UnexpectedEof, "the answer could not be made to its end");
                Poll::Ready(Some(Err(error)))
            }
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for PacedBody {
    fn drop(&mut self) {
        let mut state = self.between.lock();
        state.reader_gone = true;
        state.ready.clear();
        self.between.taken.notify_one();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use http_body_util::BodyExt;

    const SHAPE: Shape = Shape { chunk: 10, chunks: 2 };
    const PACE: Pace = Pace { grace: Duration::from_secs(60), rate: 1_000 };

    fn paced(pace: Pace) -> (PacedWriter, PacedBody) {
        super::paced(Box::new(move || pace), SHAPE)
    }

    async fn next(body: &mut PacedBody) -> Option<Result<Vec<u8>, ErrorKind>> {
        let frame = body.frame().await?;
        Some(frame.map(|frame| frame.into_data().unwrap().to_vec()).map_err(|error| error.kind()))
    }

    #[tokio::test]
    async fn what_is_written_arrives_and_ends() {
        let (mut writer, mut body) = paced(PACE);
        let thread = std::thread::spawn(move || {
            writer.write_all(&[7; 1_005])?;
            writer.finish()
        });
        let mut read = Vec::new();
        while let Some(piece) = next(&mut body).await {
            let piece = piece.unwrap();
            assert!(piece.len() <= 10);
            read.extend(piece);
        }
        assert_eq!(read, [7; 1_005]);
        thread.join().unwrap().unwrap();
    }

    #[tokio::test]
    async fn what_is_not_finished_breaks_off() {
        let (mut writer, mut body) = paced(PACE);
        writer.write_all(&[7; 15]).unwrap();
        drop(writer);
        assert_eq!(next(&mut body).await.unwrap().unwrap(), [7; 10]);
        assert_eq!(next(&mut body).await.unwrap().unwrap_err(), ErrorKind::UnexpectedEof);
    }

    #[tokio::test]
    async fn a_reader_that_has_gone_or_is_too_slow_ends_the_writing() {
        let (mut writer, body) = paced(PACE);
        let thread = std::thread::spawn(move || writer.write_all(&[7; 1_000]).unwrap_err().kind());
        drop(body);
        assert_eq!(thread.join().unwrap(), ErrorKind::BrokenPipe);
        let (mut writer, mut body) = paced(Pace { grace: Duration::from_millis(50), ..PACE });
        let thread = std::thread::spawn(move || writer.write_all(&[7; 1_000]).unwrap_err().kind());
        assert_eq!(thread.join().unwrap(), ErrorKind::TimedOut);
        // What was ready still comes, and then the end that is none.
        assert_eq!(next(&mut body).await.unwrap().unwrap().len(), 10);
        assert_eq!(next(&mut body).await.unwrap().unwrap().len(), 10);
        assert!(next(&mut body).await.unwrap().is_err());
    }

    #[tokio::test]
    async fn a_reader_must_be_faster_from_when_others_wait() {
        use std::sync::atomic::{AtomicBool, Ordering};
        let crowded = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&crowded);
        let soon = Pace { grace: Duration::from_millis(50), rate: 1_000_000 };
        let rule = move || if seen.load(Ordering::Relaxed) { soon } else { PACE };
        let (mut writer, mut body) = super::paced(Box::new(rule), SHAPE);
        let thread = std::thread::spawn(move || writer.write_all(&[7; 100_000]).unwrap_err().kind());
        // What it read before is no credit: thousands of bytes, that would do for a minute.
        for _ in 0..5_000 {
            assert_eq!(next(&mut body).await.unwrap().unwrap().len(), 10);
        }
        crowded.store(true, Ordering::Relaxed);
        let since = Instant::now();
        assert_eq!(thread.join().unwrap(), ErrorKind::TimedOut);
        assert!(since.elapsed() < PACE.grace / 2, "{:?}", since.elapsed());
    }
}
