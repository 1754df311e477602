//! The thread that owns the ledger's writer: takes admitted statements, runs its rounds, hands the answers back.
//!
//! The writer itself knows no thread, clock or socket. This module gives it a thread, a bounded queue in front, and a
//! pace: a round as soon as there is work, at most one in every `round_interval`; the disk is settled once a second.

mod pace;

use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use glasshouse_verifier::issuer::Issuer;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

use self::pace::Pace;
use crate::budget::{Budget, Share};
use crate::fair_budget::{FairBudget, FairShare};
use crate::limits::{QUEUED_BYTES, QUEUED_STATEMENTS};
use crate::measure::Measure;

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

    /// Whether no statement gets a place before there was a publication: rounds make no sense until then.
    fn is_held_up(&self) -> bool {
        false
    }

    /// Publishes what may be published now, where that is no part of a round. Called when [`Rounds::publish_in`] says so, and
    /// after somebody used the [waker](WriterThread::waker), however busy the writer is; at the latest behind the next round.
    /// Several uses of the waker may end in one call.
    ///
    /// # Errors
    /// If anything could not be stored, or nothing may be signed any more.
    fn publish(&mut self) -> Result<Option<Finished<Self>>, Self::Error> {
        Ok(None)
    }

    /// In what time [`Rounds::publish`] has something to do; `None` if it has not.
    fn publish_in(&self) -> Option<Duration> {
        None
    }
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

/// Whose room a statement takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Holder {
    /// The provider's that has signed it.
    Provider(Issuer),
    /// That of whoever has this address: what is on record anybody can send.
    Sender(IpAddr),
}

/// What somebody has in a batch.
#[derive(Debug, Clone)]
pub struct Portion {
    /// Who.
    pub holder: Holder,
    /// How many statements.
    pub statements: usize,
    /// Bytes of them and their texts.
    pub bytes: usize,
}

/// The room that a batch takes until its statements have their places.
#[derive(Debug)]
struct Room {
    _statements: OwnedSemaphorePermit,
    _bytes: Share,
    _portions: Vec<(FairShare<Holder>, FairShare<Holder>)>,
}

/// Why a batch was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// The queue is full.
    Full,
    /// Somebody has as much in the queue as they may beside the others.
    TooMany,
    /// The writer has stopped.
    Stopped,
}

struct Batch<W: Rounds> {
    work: Vec<W::Work>,
    reply: oneshot::Sender<Vec<W::Answer>>,
    held: Room,
}

enum Message<W: Rounds> {
    Batch(Batch<W>),
    Wake,
    Stop,
}

/// The end of the queue that requests put their statements in.
pub struct Queue<W: Rounds> {
    sender: Sender<Message<W>>,
    statements: Arc<Semaphore>,
    bytes: Budget,
    /// How much of both each holder has.
    shares: (FairBudget<Holder>, FairBudget<Holder>),
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
        self.hand_in_within(Vec::new(), work, weight)
    }

    /// The same for statements of these holders, none of whom may take the room of the others: each gets more only while at
    /// least as much stays free as it has then.
    ///
    /// # Errors
    /// As above, and if one of them has too much there already.
    pub fn hand_in_of(
        &self,
        portions: Vec<Portion>,
        work: Vec<W::Work>,
    ) -> Result<oneshot::Receiver<Vec<W::Answer>>, NotTaken> {
        let weight = portions.iter().map(|portion| portion.bytes).sum();
        let shares = portions.into_iter().map(|Portion { holder, statements, bytes }| {
            let statements = self.shares.0.take(holder.clone(), statements)?;
            Some((statements, self.shares.1.take(holder, bytes)?))
        });
        let shares: Option<Vec<_>> = shares.collect();
        self.hand_in_within(shares.ok_or(NotTaken::TooMany)?, work, weight)
    }

    fn hand_in_within(
        &self,
        portions: Vec<(FairShare<Holder>, FairShare<Holder>)>,
        work: Vec<W::Work>,
        weight: usize,
    ) -> Result<oneshot::Receiver<Vec<W::Answer>>, NotTaken> {
        let count = u32::try_from(work.len()).map_err(|_| NotTaken::Full)?;
        let permit =
            Arc::clone(&self.statements).try_acquire_many_owned(count).map_err(|_| NotTaken::Full)?;
        let share = self.bytes.take(weight).ok_or(NotTaken::Full)?;
        let (reply, answers) = oneshot::channel();
        let held = Room { _statements: permit, _bytes: share, _portions: portions };
        let batch = Batch { work, reply, held };
        self.sender.send(Message::Batch(batch)).map_err(|_| NotTaken::Stopped)?;
        Ok(answers)
    }

    /// Whether a batch would be taken now, of these portions and of so many statements and bytes in all. Nothing is taken: it tells
    /// early what would be checked for nothing.
    ///
    /// # Errors
    /// As [`Queue::hand_in_of`] would say.
    pub fn check_room(
        &self,
        portion: Option<&Portion>,
        statements: usize,
        bytes: usize,
    ) -> Result<(), NotTaken> {
        if self.statements.available_permits() < statements || self.bytes.free() < bytes {
            return Err(NotTaken::Full);
        }
        let fits = |portion: &Portion| {
            self.shares.0.would_give(&portion.holder, portion.statements)
                && self.shares.1.would_give(&portion.holder, portion.bytes)
        };
        if portion.is_none_or(fits) { Ok(()) } else { Err(NotTaken::TooMany) }
    }

    /// Whether the writer takes statements.
    pub fn is_open(&self) -> bool {
        // A thread that panicked has said nothing, but its end of the channel is gone.
        *self.running.borrow() && self.running.has_changed().is_ok()
    }

    /// Statements that take room here. They give it back when they are answered, or when every statement that was handed in
    /// has its place in the log: what then still waits, waits for a publication or for texts to be erased.
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
            Message::Wake => "Wake",
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
            shares: (FairBudget::new(QUEUED_STATEMENTS), FairBudget::new(QUEUED_BYTES)),
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

    /// Makes the thread look whether something can be published: at once, or behind the round that it is at.
    pub fn waker(&self) -> impl Fn() + Send + Sync + use<W> {
        let sender = self.sender.clone();
        move || {
            // A thread that has ended publishes nothing.
            let _ = sender.send(Message::Wake);
        }
    }

    /// Answers everything that was handed in and can be answered, settles the disk, and ends the thread. What waits for a
    /// publication and whose submitter is gone is left to the next start. Blocks.
    ///
    /// # Errors
    /// What the writer failed on, now or before.
    pub fn stop(self) -> Result<(), Option<W::Error>> {
        // A thread that has failed no longer listens.
        let _ = self.sender.send(Message::Stop);
        self.thread.join().map_err(|_| None)?.map_err(Some)
    }
}
