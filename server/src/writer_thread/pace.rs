//! The thread's loop: when a round, a publication, a settling is due, and who is answered.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::{Finished, Message, Room, Rounds};
use crate::measure::Measure;

/// Time between two syncs of what rounds wrote.
const SETTLE_INTERVAL: Duration = Duration::from_secs(1);
/// The writer is asked at least so often when it has something to do by itself: its clock may be set meanwhile.
const ASK_INTERVAL: Duration = Duration::from_secs(60);

/// A batch whose answers are not complete.
struct Waiting<W: Rounds> {
    answers: Vec<Option<W::Answer>>,
    open: usize,
    reply: oneshot::Sender<Vec<W::Answer>>,
    /// Its room in the queue, until all of its statements have their places.
    held: Option<Room>,
}

/// The thread's loop and its state.
pub(super) struct Pace<W: Rounds> {
    writer: W,
    round_interval: Duration,
    measure: Arc<Measure>,
    tickets: HashMap<W::Ticket, (u64, usize)>,
    batches: HashMap<u64, Waiting<W>>,
    next_batch: u64,
    /// Statements that wait for a round.
    pooled: usize,
    /// The earliest time of the next round.
    next_round: Instant,
    /// When the writer has something to do by itself, or is asked again; `None` if it has nothing to do.
    own_work: Option<Instant>,
    /// When what was written has to be settled; nothing was written since the last time if `None`.
    settle_at: Option<Instant>,
    /// When it is to be looked whether something can be published, apart from rounds. Only having looked puts it off.
    publish_at: Option<Instant>,
    stopping: bool,
}

fn is_past(due: Option<Instant>) -> bool {
    due.is_some_and(|due| due <= Instant::now())
}

impl<W: Rounds> Pace<W> {
    pub(super) fn new(writer: W, round_interval: Duration, measure: Arc<Measure>) -> Pace<W> {
        let own_work = writer.due_in().map(|time| Instant::now() + time.min(ASK_INTERVAL));
        let publish_at = writer.publish_in().map(|time| Instant::now() + time);
        Pace {
            own_work,
            publish_at,
            pooled: 0,
            writer,
            round_interval,
            measure,
            tickets: HashMap::new(),
            batches: HashMap::new(),
            next_batch: 0,
            next_round: Instant::now(),
            settle_at: None,
            stopping: false,
        }
    }

    pub(super) fn run(mut self, receiver: &Receiver<Message<W>>) -> Result<(), W::Error> {
        loop {
            self.wait(receiver);
            if is_past(self.round_due()) {
                // Whatever came while the last round ran goes into this one.
                while let Ok(message) = receiver.try_recv() {
                    self.take(message);
                }
                self.round()?;
            }
            // Behind the round, so that it is published with the rest. Under load every turn has a round.
            if is_past(self.publish_at) {
                self.publish()?;
            }
            if is_past(self.settle_at) {
                self.writer.settle()?;
                self.settle_at = None;
            }
            if self.stopping && self.is_done() {
                return self.writer.settle();
            }
        }
    }

    /// Whether everybody who still listens is answered.
    fn is_done(&mut self) -> bool {
        if self.pooled == 0 || self.writer.is_held_up() {
            self.forget_the_gone();
        }
        self.tickets.is_empty()
    }

    /// When the next round may begin; `None` without work.
    fn round_due(&self) -> Option<Instant> {
        let asked = (self.pooled > 0 && !self.writer.is_held_up()).then_some(self.next_round);
        let own = self.own_work.map(|due| due.max(self.next_round));
        [asked, own].into_iter().flatten().min()
    }

    /// Waits for a message, but not longer than until something is due.
    fn wait(&mut self, receiver: &Receiver<Message<W>>) {
        // Who stops looks again soon whether those who wait are gone.
        let look = self.stopping.then(|| Instant::now() + self.round_interval);
        let due = [self.round_due(), self.settle_at, self.publish_at, look].into_iter().flatten().min();
        let message = match due {
            Some(due) => receiver.recv_timeout(due.saturating_duration_since(Instant::now())),
            None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match message {
            Ok(message) => self.take(message),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => self.stopping = true,
        }
    }

    fn take(&mut self, message: Message<W>) {
        let batch = match message {
            Message::Batch(batch) => batch,
            Message::Wake => {
                self.publish_at = Some(Instant::now());
                return;
            }
            Message::Stop => {
                self.stopping = true;
                return;
            }
        };
        let number = self.next_batch;
        self.next_batch += 1;
        let open = batch.work.len();
        self.pooled += open;
        for (position, work) in batch.work.into_iter().enumerate() {
            let ticket = self.writer.submit(work);
            self.tickets.insert(ticket, (number, position));
        }
        let answers = (0..open).map(|_| None).collect();
        let waiting = Waiting { answers, open, reply: batch.reply, held: Some(batch.held) };
        self.batches.insert(number, waiting);
        self.reply_if_complete(number);
    }

    fn round(&mut self) -> Result<(), W::Error> {
        let started = Instant::now();
        self.next_round = started + self.round_interval;
        let finished = self.writer.round()?;
        self.measure.round(started.elapsed());
        self.pooled = finished.pooled;
        self.hand_out(finished);
        // A publication may be due earlier now. One that somebody woke us for, or that is due already, stays due.
        self.publish_at = [self.publish_at, self.next_publication()].into_iter().flatten().min();
        if self.pooled == 0 && !self.batches.is_empty() {
            self.forget_the_gone();
        }
        Ok(())
    }

    fn publish(&mut self) -> Result<(), W::Error> {
        match self.writer.publish()? {
            Some(finished) => {
                self.hand_out(finished);
                self.publish_at = self.next_publication();
            }
            None => self.publish_at = None,
        }
        Ok(())
    }

    /// When the writer has something to publish by itself.
    fn next_publication(&self) -> Option<Instant> {
        self.writer.publish_in().map(|time| Instant::now() + time)
    }

    /// Gives everybody their answers, and looks when the writer has work of its own.
    fn hand_out(&mut self, finished: Finished<W>) {
        let now = Instant::now();
        self.own_work = self.writer.due_in().map(|time| now + time.min(ASK_INTERVAL));
        for remark in &finished.remarks {
            tracing::error!(remark, "a round went on");
        }
        self.measure.level("glasshouse_tree_size", finished.size);
        self.settle_at.get_or_insert(now + SETTLE_INTERVAL);
        for (ticket, answer) in finished.answers {
            let Some((number, position)) = self.tickets.remove(&ticket) else { continue };
            let Some(waiting) = self.batches.get_mut(&number) else { continue };
            waiting.answers[position] = Some(answer);
            waiting.open -= 1;
            self.reply_if_complete(number);
        }
    }

    /// Nothing waits for its place, so the queue has room for others. Requests that were given up are forgotten: what they
    /// asked for goes on, and must not keep a server from stopping.
    fn forget_the_gone(&mut self) {
        self.batches.retain(|_, waiting| {
            waiting.held = None;
            !waiting.reply.is_closed()
        });
        let batches = &self.batches;
        self.tickets.retain(|_, (number, _)| batches.contains_key(number));
    }

    fn reply_if_complete(&mut self, number: u64) {
        if self.batches.get(&number).is_none_or(|waiting| waiting.open > 0) {
            return;
        }
        if let Some(waiting) = self.batches.remove(&number) {
            let Waiting { answers, reply, held, .. } = waiting;
            // Whoever reads the answer finds the room free again.
            drop(held);
            // Nobody may be waiting any more: the statements are in the log all the same.
            let _ = reply.send(answers.into_iter().flatten().collect());
        }
    }
}
