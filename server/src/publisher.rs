//! The ledger's writer with its publication: at once where there are no witnesses, else at a pace of its own.
//!
//! With witnesses a publication begins at most once in every interval. The newest signed tree goes to all witnesses at the
//! same time. In the open mode it is published at that moment, and cosignatures are attached as they come; those for a tree
//! that is not the newest any more come too late, which is told and not waited for. Where a quorum is required, the tree is
//! published when there is one. What cannot be waited for is given up: after one time-out a newer tree takes the place of one
//! without quorum. Nobody is answered before the publication that covers the answer.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use glasshouse_ledger::admission::Admitted;
use glasshouse_ledger::clock::Clock;
use glasshouse_ledger::contradiction::Shown;
use glasshouse_ledger::cosigned::NotCounted;
use glasshouse_ledger::witnessing::ToWitness;
use glasshouse_ledger::writer::{Answer, RoundReport, Ticket, Writer, WriterError};

use crate::measure::Measure;
use crate::search::Search;
use crate::witnesses::WitnessOptions;
use crate::witnesses::board::Board;
use crate::witnesses::desk::Desk;
use crate::witnesses::heard::{Heard, What};
use crate::writer_thread::{Finished, Rounds};

/// A writer, and whom it asks before it publishes.
pub(crate) struct Publisher {
    writer: Writer,
    asking: Option<Asking>,
    search: Search,
    clock: Arc<dyn Clock>,
}

/// How the witnesses are reached, and where a publication stands.
pub(crate) struct Asking {
    options: WitnessOptions,
    desks: Vec<Arc<Desk>>,
    heard: Receiver<Heard>,
    board: Arc<Board>,
    measure: Arc<Measure>,
    /// When witnesses were last asked.
    asked: Option<Instant>,
    /// Since when a tree waits for its quorum, by both clocks: milliseconds since 1970 are for people.
    waiting: Option<(Instant, u64)>,
    /// When it was last looked at what is due.
    looked: Option<Instant>,
}

impl Asking {
    pub(crate) fn new(
        options: WitnessOptions,
        desks: Vec<Arc<Desk>>,
        heard: Receiver<Heard>,
        board: Arc<Board>,
        measure: Arc<Measure>,
    ) -> Asking {
        Asking { options, desks, heard, board, measure, asked: None, waiting: None, looked: None }
    }

    fn ask(&mut self, tree: &ToWitness) {
        self.desks.iter().for_each(|desk| desk.put(tree.clone()));
        self.asked = Some(Instant::now());
    }

    /// Whether so much time went by since witnesses were last asked.
    fn is_over(&self, time: Duration) -> bool {
        self.asked.is_none_or(|asked| asked.elapsed() >= time)
    }

    /// Takes what was heard since the last time.
    fn listen(&self, writer: &mut Writer, now_ms: u64) -> Result<(), WriterError> {
        let mut signed = false;
        for Heard { witness, what } in self.heard.try_iter() {
            match what {
                What::Cosigned { head, line, at } => match writer.take_cosignature(&head, &line, at) {
                    Ok(()) => signed = true,
                    Err(NotCounted::OtherTree(size)) => {
                        tracing::debug!(witness, size, "a cosignature came too late to count");
                    }
                    Err(error) => tracing::error!(witness, %error, "a cosignature does not count"),
                },
                What::Shows(bytes) => match writer.judge(&bytes, &format!("the witness {witness}"))? {
                    Shown::Fits => tracing::warn!(witness, "what the witness shows is no contradiction"),
                    Shown::NotOurs(why) => tracing::warn!(witness, why, "what the witness shows is not ours"),
                },
            }
        }
        if signed && (writer.publishing().is_none() && writer.has_quorum()) {
            self.board.complete(now_ms);
        }
        Ok(())
    }

    /// Begins what is due: a publication, or asking again about what is published.
    fn begin(&mut self, writer: &mut Writer) {
        // A tree that waits for its quorum is given up for a newer one only after every witness had its time.
        let pause = match writer.publishing() {
            Some(_) => self.options.timeout,
            None => self.options.interval,
        };
        if self.is_over(pause)
            && let Some(tree) = writer.begin_publication()
        {
            self.ask(&tree);
        } else if writer.publishing().is_none()
            && self.is_over(self.options.recosign)
            && let Some(tree) = writer.published_tree()
        {
            self.ask(&tree);
        }
    }

    /// Says for how long something waits for its quorum, and whether what is published has it.
    fn look(&mut self, writer: &Writer, now_ms: u64) {
        let waits = writer.publishing().or(writer.held_back());
        self.looked = Some(Instant::now());
        self.waiting = waits.map(|_| self.waiting.unwrap_or((Instant::now(), now_ms)));
        let stalled =
            waits.zip(self.waiting).filter(|(_, (since, _))| since.elapsed() >= self.options.timeout);
        self.board.set_stalled(stalled.map(|(size, (_, since_ms))| (size.get(), since_ms)));
        self.measure.level("glasshouse_publication_stalled", u64::from(stalled.is_some()));
        self.measure.level("glasshouse_unpublished_statements", writer.unpublished() as u64);
        self.board.set_quorum(writer.has_quorum(), now_ms);
    }

    /// In what time something is due by itself.
    fn due_in(&self, writer: &Writer) -> Duration {
        let Some(asked) = self.asked else { return Duration::ZERO };
        let pause = match (writer.publishing(), writer.has_unpublished()) {
            (Some(_), _) => self.options.timeout,
            (None, true) => self.options.interval,
            (None, false) => self.options.recosign,
        };
        let rest = pause.saturating_sub(asked.elapsed());
        match self.looked.filter(|_| rest.is_zero() && writer.publishing().is_some()) {
            // Once it stands still, there is nothing to do but to listen, and to look for a newer tree now and then.
            Some(looked) => self.options.timeout.saturating_sub(looked.elapsed()),
            None => rest,
        }
    }
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Publisher({:?})", self.writer)
    }
}

impl Publisher {
    pub(crate) fn new(
        writer: Writer,
        asking: Option<Asking>,
        search: Search,
        clock: Arc<dyn Clock>,
    ) -> Publisher {
        Publisher { writer, asking, search, clock }
    }

    fn finished(&self, report: RoundReport) -> Finished<Publisher> {
        // If this has published anything, the search follows at once.
        self.search.wake();
        let (size, pooled) = (report.head.size().get(), self.writer.pooled());
        Finished { answers: report.answers, size, pooled, remarks: report.remarks }
    }
}

impl Rounds for Publisher {
    type Work = Admitted;
    type Ticket = Ticket;
    type Answer = Answer;
    type Error = WriterError;

    fn submit(&mut self, work: Admitted) -> Ticket {
        self.writer.submit(work)
    }

    fn round(&mut self) -> Result<Finished<Publisher>, WriterError> {
        let report = self.writer.round()?;
        Ok(self.finished(report))
    }

    fn settle(&mut self) -> Result<(), WriterError> {
        self.writer.settle()
    }

    fn due_in(&self) -> Option<Duration> {
        let due_ms = self.writer.next_erasing_ms()?;
        Some(Duration::from_millis(due_ms.saturating_sub(self.clock.now_ms())))
    }

    fn is_held_up(&self) -> bool {
        self.writer.is_held_up()
    }

    fn publish(&mut self) -> Result<Option<Finished<Publisher>>, WriterError> {
        let Some(asking) = &mut self.asking else { return Ok(None) };
        let now_ms = self.clock.now_ms();
        asking.listen(&mut self.writer, now_ms)?;
        asking.begin(&mut self.writer);
        let waited = self.writer.publishing().is_some();
        let report = self.writer.publish()?;
        if waited && self.writer.publishing().is_none() && self.writer.has_quorum() {
            asking.board.complete(now_ms);
        }
        if self.writer.held_back().is_none() {
            asking.board.show();
        }
        asking.look(&self.writer, now_ms);
        Ok(Some(self.finished(report)))
    }

    fn publish_in(&self) -> Option<Duration> {
        self.asking.as_ref().map(|asking| asking.due_in(&self.writer))
    }
}
