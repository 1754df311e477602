//! The thread that owns the ledger's writer: takes admitted statements, runs its rounds, hands the answers back.
//!
//! The writer itself knows no thread, clock or socket. This module gives it a thread, a bounded queue in front, and a
//! pace: a round as soon as there is work, at most one in every `round_interval`; the disk is settled once a second.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

use crate::budget::{Budget, Share};
use crate::limits::{QUEUED_BYTES, QUEUED_STATEMENTS};
use crate::measure::Measure;

/// Time between two syncs of what rounds wrote.
const SETTLE_INTERVAL: Duration = Duration::from_secs(1);
/// The writer is asked at least so often when it has something to do by itself: its clock may be set meanwhile.
const ASK_INTERVAL: Duration = Duration::from_secs(60);

/// What the thread needs of a ledger's writer.
pub trait Rounds: Send + 'static {
    /// A statement that may be appended.
    type Work: Send + 'static;
    /// What a statement is known by until it is answered.
    type Ticket: Eq + Hash;
    /// The answer: accepted, duplicate or refused.
    type Answer: Send + 'static;
    /// A failure after which the writer must not be used any more.
    type Error: std::fmt::Display + Send + 'static;

    /// Puts a statement into the pool of the next round.
    fn submit(&mut self, work: Self::Work) -> Self::Ticket;

    /// Numbers, stores, signs and publishes what is in the pool, or a part of it.
    ///
    /// # Errors
    /// If anything could not be stored. What was in the round may be in the log or not.
    fn round(&mut self) -> Result<Finished<Self>, Self::Error>;

    /// Makes durable what rounds wrote.
    ///
    /// # Errors
    /// If the disk refuses.
    fn settle(&mut self) -> Result<(), Self::Error>;

    /// In what time a round has something to do although no statement waits; `None` if it has not.
    fn due_in(&self) -> Option<Duration>;
}

/// What one round brought.
#[derive(Debug)]
pub struct Finished<W: Rounds + ?Sized> {
    /// The statements that are answered.
    pub answers: Vec<(W::Ticket, W::Answer)>,
    /// Entries under the newest published checkpoint.
    pub size: u64,
    /// Statements that wait for a later round. Others that are not answered have their places, and wait for what they ask
    /// for to be carried out.
    pub pooled: usize,
    /// What was broken on the way and stopped nothing; logged for the operator.
    pub remarks: Vec<String>,
}

/// Why a batch was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// The queue is full.
    Full,
    /// The writer has stopped.
    Stopped,
}

struct Batch<W: Rounds> {
    work: Vec<W::Work>,
    reply: oneshot::Sender<Vec<W::Answer>>,
    held: (OwnedSemaphorePermit, Share),
}

enum Message<W: Rounds> {
    Batch(Batch<W>),
    Stop,
}

/// The end of the queue that requests put their statements in.
pub struct Queue<W: Rounds> {
    sender: Sender<Message<W>>,
    statements: Arc<Semaphore>,
    bytes: Budget,
    running: watch::Receiver<bool>,
}

impl<W: Rounds> std::fmt::Debug for Queue<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").field("free", &self.statements.available_permits()).finish_non_exhaustive()
    }
}

impl<W: Rounds> Queue<W> {
    /// Hands in the statements of one request, which hold so many bytes. All or none of them are taken. The answers
    /// come in the order of the statements; if the writer fails first, the receiver is told that there will be none.
    ///
    /// # Errors
    /// If there is no room for all of them, or the writer has stopped.
    pub fn hand_in(
        &self,
        work: Vec<W::Work>,
        weight: usize,
    ) -> Result<oneshot::Receiver<Vec<W::Answer>>, NotTaken> {
        let count = u32::try_from(work.len()).map_err(|_| NotTaken::Full)?;
        let permit =
            Arc::clone(&self.statements).try_acquire_many_owned(count).map_err(|_| NotTaken::Full)?;
        let share = self.bytes.take(weight).ok_or(NotTaken::Full)?;
        let (reply, answers) = oneshot::channel();
        let batch = Batch { work, reply, held: (permit, share) };
        self.sender.send(Message::Batch(batch)).map_err(|_| NotTaken::Stopped)?;
        Ok(answers)
    }

    /// Whether the writer takes statements.
    pub fn is_open(&self) -> bool {
        // A thread that panicked has said nothing, but its end of the channel is gone.
        *self.running.borrow() && self.running.has_changed().is_ok()
    }

    /// Statements that were handed in and are not answered.
    pub fn queued(&self) -> u64 {
        (QUEUED_STATEMENTS - self.statements.available_permits().min(QUEUED_STATEMENTS)) as u64
    }
}

/// The running thread.
#[derive(Debug)]
pub struct WriterThread<W: Rounds> {
    sender: Sender<Message<W>>,
    running: watch::Receiver<bool>,
    thread: JoinHandle<Result<(), W::Error>>,
}

impl<W: Rounds> std::fmt::Debug for Message<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Message::Batch(_) => "Batch",
            Message::Stop => "Stop",
        })
    }
}

impl<W: Rounds> WriterThread<W> {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(
        writer: W,
        round_interval: Duration,
        measure: Arc<Measure>,
    ) -> std::io::Result<(WriterThread<W>, Queue<W>)> {
        let (sender, receiver) = channel();
        let (alive, running) = watch::channel(true);
        let queue = Queue {
            sender: sender.clone(),
            statements: Arc::new(Semaphore::new(QUEUED_STATEMENTS)),
            bytes: Budget::new(QUEUED_BYTES),
            running: running.clone(),
        };
        let thread = std::thread::Builder::new().name("ledger-writer".to_owned()).spawn(move || {
            let result = Pace::new(writer, round_interval, measure).run(&receiver);
            alive.send_replace(false);
            result
        })?;
        Ok((WriterThread { sender, running, thread }, queue))
    }

    /// Becomes ready when the thread has ended, which without [`stop`](Self::stop) is a failure.
    pub fn ended(&self) -> impl Future<Output = ()> + use<W> {
        let mut running = self.running.clone();
        async move {
            // An error means that the thread is gone without a word: ended as well.
            let _ = running.wait_for(|running| !*running).await;
        }
    }

    /// Answers everything that was handed in, settles the disk, and ends the thread. Blocks.
    ///
    /// # Errors
    /// What the writer failed on, now or before.
    pub fn stop(self) -> Result<(), Option<W::Error>> {
        // A thread that has failed no longer listens.
        let _ = self.sender.send(Message::Stop);
        self.thread.join().map_err(|_| None)?.map_err(Some)
    }
}

/// A batch whose answers are not complete.
struct Waiting<W: Rounds> {
    answers: Vec<Option<W::Answer>>,
    open: usize,
    reply: oneshot::Sender<Vec<W::Answer>>,
    /// Its room in the queue, until all of its statements have their places.
    held: Option<(OwnedSemaphorePermit, Share)>,
}

/// The thread's loop and its state.
struct Pace<W: Rounds> {
    writer: W,
    round_interval: Duration,
    measure: Arc<Measure>,
    tickets: HashMap<W::Ticket, (u64, usize)>,
    batches: HashMap<u64, Waiting<W>>,
    next_batch: u64,
    /// The earliest time of the next round.
    next_round: Instant,
    /// When the writer has something to do by itself, or is asked again; `None` if it has nothing to do.
    own_work: Option<Instant>,
    /// When what was written has to be settled; nothing was written since the last time if `None`.
    settle_at: Option<Instant>,
    stopping: bool,
}

impl<W: Rounds> Pace<W> {
    fn new(writer: W, round_interval: Duration, measure: Arc<Measure>) -> Pace<W> {
        let own_work = writer.due_in().map(|time| Instant::now() + time.min(ASK_INTERVAL));
        Pace {
            own_work,
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

    fn run(mut self, receiver: &Receiver<Message<W>>) -> Result<(), W::Error> {
        loop {
            self.wait(receiver);
            let now = Instant::now();
            if self.round_due().is_some_and(|due| due <= now) {
                // Whatever came while the last round ran goes into this one.
                while let Ok(message) = receiver.try_recv() {
                    self.take(message);
                }
                self.round()?;
            }
            if self.settle_at.is_some_and(|due| due <= now) {
                self.writer.settle()?;
                self.settle_at = None;
            }
            if self.stopping && self.tickets.is_empty() {
                return self.writer.settle();
            }
        }
    }

    /// When the next round may begin; `None` without work.
    fn round_due(&self) -> Option<Instant> {
        let asked = (!self.tickets.is_empty()).then_some(self.next_round);
        let own = self.own_work.map(|due| due.max(self.next_round));
        [asked, own].into_iter().flatten().min()
    }

    /// Waits for a message, but not longer than until something is due.
    fn wait(&mut self, receiver: &Receiver<Message<W>>) {
        let due = [self.round_due(), self.settle_at].into_iter().flatten().min();
        let message = match due {
            Some(due) => receiver.recv_timeout(due.saturating_duration_since(Instant::now())),
            None if self.stopping => return,
            None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match message {
            Ok(message) => self.take(message),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => self.stopping = true,
        }
    }

    fn take(&mut self, message: Message<W>) {
        let Message::Batch(batch) = message else {
            self.stopping = true;
            return;
        };
        let number = self.next_batch;
        self.next_batch += 1;
        let open = batch.work.len();
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
        self.own_work = self.writer.due_in().map(|time| Instant::now() + time.min(ASK_INTERVAL));
        for remark in &finished.remarks {
            tracing::error!(remark, "a round went on");
        }
        self.measure.level("glasshouse_tree_size", finished.size);
        self.settle_at.get_or_insert(started + SETTLE_INTERVAL);
        for (ticket, answer) in finished.answers {
            let Some((number, position)) = self.tickets.remove(&ticket) else { continue };
            let Some(waiting) = self.batches.get_mut(&number) else { continue };
            waiting.answers[position] = Some(answer);
            waiting.open -= 1;
            self.reply_if_complete(number);
        }
        if finished.pooled == 0 && !self.batches.is_empty() {
            self.forget_the_gone();
        }
        Ok(())
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
