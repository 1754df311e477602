//! The writer's thread in front of a writer that is told what to do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use glasshouse_server::limits::{QUEUED_BYTES, QUEUED_STATEMENTS};
use glasshouse_server::measure::Measure;
use glasshouse_server::writer_thread::{Finished, Holder, NotTaken, Portion, Queue, Rounds, WriterThread};
use glasshouse_verifier::issuer::Issuer;

/// What makes the writer panic instead of failing.
const PANIC: &str = "panic";

/// Work that gets its place and is never carried out.
const NEVER: u32 = 999;

/// Numbers what it is given. A round waits for a permission, and takes some of the statements.
struct Told {
    pool: Vec<(u64, u32)>,
    next: u64,
    permissions: Receiver<Result<(), &'static str>>,
    settled: Arc<Mutex<u64>>,
    /// So many rounds it wants although nothing waits.
    wanted: u64,
    /// Told of each of them.
    alone: Sender<u64>,
}

impl Rounds for Told {
    type Work = u32;
    type Ticket = u64;
    type Answer = (u64, u32);
    type Error = &'static str;

    fn submit(&mut self, work: u32) -> u64 {
        self.next += 1;
        self.pool.push((self.next, work));
        self.next
    }

    fn round(&mut self) -> Result<Finished<Told>, &'static str> {
        // Without anybody to ask, everything is allowed.
        if let Err(error) = self.permissions.recv().unwrap_or(Ok(())) {
            assert_ne!(error, PANIC);
            return Err(error);
        }
        if self.pool.is_empty() && self.wanted > 0 {
            self.wanted -= 1;
            self.alone.send(self.wanted).unwrap();
        }
        let taken: Vec<_> = self.pool.drain(..self.pool.len().min(3 + self.pool.len() / 2)).collect();
        let size = taken.last().map_or(0, |(ticket, _)| *ticket);
        let answers = taken.into_iter().filter(|(_, work)| *work != NEVER);
        let answers = answers.map(|(t, work)| (t, (t, work))).collect();
        Ok(Finished { answers, size, pooled: self.pool.len(), remarks: Vec::new() })
    }

    fn settle(&mut self) -> Result<(), &'static str> {
        *self.settled.lock().unwrap() = self.next;
        Ok(())
    }

    fn due_in(&self) -> Option<Duration> {
        (self.wanted > 0).then_some(Duration::ZERO)
    }
}

struct World {
    allow: Sender<Result<(), &'static str>>,
    settled: Arc<Mutex<u64>>,
    alone: Receiver<u64>,
    thread: WriterThread<Told>,
    queue: Queue<Told>,
}

fn start() -> World {
    start_wanting(0)
}

fn start_wanting(wanted: u64) -> World {
    let (allow, permissions) = channel();
    let (told, alone) = channel();
    let settled = Arc::new(Mutex::new(0));
    let writer =
        Told { pool: Vec::new(), next: 0, permissions, settled: Arc::clone(&settled), wanted, alone: told };
    let measure = Arc::new(Measure::new().unwrap());
    let (thread, queue) = WriterThread::start(writer, Duration::from_millis(1), measure).unwrap();
    World { allow, settled, alone, thread, queue }
}

#[test]
fn answers_come_in_the_order_of_the_batch_and_over_several_rounds() {
    let world = start();
    drop(world.allow);
    let first = world.queue.hand_in(vec![10, 11, 12, 13, 14], 100).unwrap();
    let second = world.queue.hand_in(vec![20], 100).unwrap();
    assert_eq!(first.blocking_recv().unwrap(), [(1, 10), (2, 11), (3, 12), (4, 13), (5, 14)]);
    assert_eq!(second.blocking_recv().unwrap(), [(6, 20)]);
    world.thread.stop().unwrap();
}

#[test]
fn stopping_answers_what_was_taken_and_settles() {
    let world = start();
    let answers: Vec<_> = (0..10).map(|i| world.queue.hand_in(vec![i, i], 100).unwrap()).collect();
    // The permissions come only after the stop was asked for.
    let stopped = std::thread::spawn(move || world.thread.stop());
    drop(world.allow);
    stopped.join().unwrap().unwrap();
    for (i, answer) in answers.into_iter().enumerate() {
        let works: Vec<u32> = answer.blocking_recv().unwrap().into_iter().map(|(_, work)| work).collect();
        assert_eq!(works, [u32::try_from(i).unwrap(); 2]);
    }
    assert_eq!(*world.settled.lock().unwrap(), 20);
    assert!(!world.queue.is_open());
    assert_eq!(world.queue.hand_in(vec![1], 1).unwrap_err(), NotTaken::Stopped);
}

#[test]
fn a_failed_round_ends_the_thread_and_answers_nobody() {
    let world = start();
    let answer = world.queue.hand_in(vec![1], 1).unwrap();
    world.allow.send(Err("the disk is gone")).unwrap();
    assert!(answer.blocking_recv().is_err());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(world.thread.ended());
    assert!(!world.queue.is_open());
    assert_eq!(world.thread.stop(), Err(Some("the disk is gone")));
}

#[test]
fn a_writer_that_panics_is_not_open_any_more() {
    let world = start();
    let answer = world.queue.hand_in(vec![1], 1).unwrap();
    world.allow.send(Err(PANIC)).unwrap();
    assert!(answer.blocking_recv().is_err());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(world.thread.ended());
    assert!(!world.queue.is_open());
    assert_eq!(world.thread.stop(), Err(None));
}

#[test]
fn a_full_queue_takes_all_of_a_batch_or_nothing() {
    let world = start();
    let half = QUEUED_STATEMENTS / 2;
    let first = world.queue.hand_in(vec![1; half], 1).unwrap();
    assert_eq!(world.queue.hand_in(vec![2; half + 1], 1).unwrap_err(), NotTaken::Full);
    assert_eq!(world.queue.hand_in(vec![3], QUEUED_BYTES).unwrap_err(), NotTaken::Full);
    let second = world.queue.hand_in(vec![4; half], 1).unwrap();
    assert_eq!(world.queue.hand_in(vec![5], 1).unwrap_err(), NotTaken::Full);
    drop(world.allow);
    assert_eq!(first.blocking_recv().unwrap().len(), half);
    assert_eq!(second.blocking_recv().unwrap().len(), half);
    // The room is there again once the answers were given.
    let third = world.queue.hand_in(vec![6; QUEUED_STATEMENTS], QUEUED_BYTES).unwrap();
    assert_eq!(third.blocking_recv().unwrap().len(), QUEUED_STATEMENTS);
    world.thread.stop().unwrap();
}

#[test]
fn a_writer_with_work_of_its_own_gets_rounds_without_statements() {
    let world = start_wanting(3);
    drop(world.allow);
    for left in [2, 1, 0] {
        assert_eq!(world.alone.recv().unwrap(), left);
    }
    assert_eq!(world.queue.hand_in(vec![7], 1).unwrap().blocking_recv().unwrap(), [(1, 7)]);
    world.thread.stop().unwrap();
}

/// What takes long after it has its place takes no room from others, and a server that stops does not wait for it.
#[test]
fn work_that_goes_on_keeps_nobody_out() {
    let world = start();
    drop(world.allow);
    let mut long = vec![1; QUEUED_STATEMENTS - 1];
    long.push(NEVER);
    let slow = world.queue.hand_in(long, QUEUED_BYTES).unwrap();
    // Rounds go on while anything is not answered, so the room is given back by the one that places the last of them.
    let other = loop {
        match world.queue.hand_in(vec![1, 2], 1) {
            Ok(answer) => break answer,
            Err(NotTaken::Full | NotTaken::TooMany) => std::thread::yield_now(),
            Err(NotTaken::Stopped) => panic!("stopped"),
        }
    };
    assert_eq!(other.blocking_recv().unwrap().len(), 2);
    drop(slow);
    world.thread.stop().unwrap();
}

#[test]
fn an_empty_batch_is_answered_at_once() {
    let world = start();
    let answer = world.queue.hand_in(Vec::new(), 0).unwrap();
    assert!(answer.blocking_recv().unwrap().is_empty());
    world.thread.stop().unwrap();
}

/// Never without a statement that waits, so that a round is due at every moment. Says what it does.
struct Busy {
    publish_in: Option<Duration>,
    does: Sender<&'static str>,
    permissions: Receiver<()>,
}

impl Rounds for Busy {
    type Work = ();
    type Ticket = ();
    type Answer = ();
    type Error = &'static str;

    fn submit(&mut self, (): ()) {}

    fn round(&mut self) -> Result<Finished<Busy>, &'static str> {
        let _ = self.does.send("round");
        let _ = self.permissions.recv();
        Ok(Finished { answers: vec![((), ())], size: 1, pooled: 1, remarks: Vec::new() })
    }

    fn settle(&mut self) -> Result<(), &'static str> {
        Ok(())
    }

    fn due_in(&self) -> Option<Duration> {
        None
    }

    fn publish(&mut self) -> Result<Option<Finished<Busy>>, &'static str> {
        let _ = self.does.send("publish");
        Ok(Some(Finished { answers: Vec::new(), size: 1, pooled: 1, remarks: Vec::new() }))
    }

    fn publish_in(&self) -> Option<Duration> {
        self.publish_in
    }
}

/// Starts a busy writer, with its first round on the way.
fn start_busy(publish_in: Option<Duration>) -> (Sender<()>, Receiver<&'static str>, WriterThread<Busy>) {
    let ((allow, permissions), (does, done)) = (channel(), channel());
    let writer = Busy { publish_in, does, permissions };
    let measure = Arc::new(Measure::new().unwrap());
    let (thread, queue) = WriterThread::start(writer, Duration::ZERO, measure).unwrap();
    queue.hand_in(vec![()], 1).unwrap();
    assert_eq!(done.iter().find(|what| *what == "round"), Some("round"));
    (allow, done, thread)
}

/// Under load there is no turn of the thread without a round. A witness that answered while one ran was forgotten by its end.
#[test]
fn a_wake_is_heard_however_busy_the_writer_is() {
    let (allow, done, thread) = start_busy(None);
    for _ in 0..3 {
        thread.waker()();
        (0..2).for_each(|_| allow.send(()).unwrap());
        // The wake came while a round ran, and another one was due at once.
        for what in ["round", "publish", "round"] {
            assert_eq!(done.recv().unwrap(), what);
        }
    }
    drop(allow);
    thread.stop().unwrap();
}

#[test]
fn a_publication_that_is_due_is_put_off_by_no_round() {
    let (allow, done, thread) = start_busy(Some(Duration::ZERO));
    for _ in 0..3 {
        allow.send(()).unwrap();
        for what in ["publish", "round"] {
            assert_eq!(done.recv().unwrap(), what);
        }
    }
    drop(allow);
    thread.stop().unwrap();
}

/// So many statements of so many bytes each, of the provider of that name.
fn portion(name: &str, statements: usize, each: usize) -> Portion {
    let provider = Issuer::parse_provider(&format!("https://{name}.example")).unwrap();
    Portion { holder: Holder::Provider(provider), statements, bytes: statements * each }
}

#[test]
fn a_provider_that_sends_without_end_leaves_room_for_the_others() {
    let world = start();
    let send = |name: &str, count: usize, each: usize| {
        world.queue.hand_in_of(vec![portion(name, count, each)], vec![0; count])
    };
    // The writer stands still: what is taken stays in the queue.
    let mut endless = Vec::new();
    let refused = loop {
        match send("endless", 1_000, 10) {
            Ok(answers) => endless.push(answers),
            Err(reason) => break reason,
        }
    };
    assert_eq!((refused, endless.len() * 1_000), (NotTaken::TooMany, QUEUED_STATEMENTS / 2));
    // Asking beforehand tells the same, and takes nothing.
    let room = |name: &str, count| world.queue.check_room(Some(&portion(name, count, 10)), count, count * 10);
    assert_eq!((room("endless", 1), room("honest", 1_000)), (Err(NotTaken::TooMany), Ok(())));
    assert_eq!(world.queue.check_room(None, QUEUED_STATEMENTS / 2 + 1, 10), Err(NotTaken::Full));
    assert_eq!(world.queue.check_room(None, 1, QUEUED_BYTES), Err(NotTaken::Full));
    let honest = send("honest", 1_000, 10).unwrap();
    // In one body with others' statements it has no more either, and nothing of that body is taken.
    let together = vec![portion("honest", 1, 10), portion("endless", 1, 10)];
    assert_eq!(world.queue.hand_in_of(together, vec![0; 2]).unwrap_err(), NotTaken::TooMany);
    assert_eq!(world.queue.queued(), 11_000);
    // Whoever fills the queue with bytes leaves as much of those.
    let large = send("large", 1, QUEUED_BYTES / 3).unwrap();
    assert_eq!(send("large", 1, QUEUED_BYTES / 3).unwrap_err(), NotTaken::TooMany);
    let small = send("small", 1, QUEUED_BYTES / 3).unwrap();

    drop(world.allow);
    for answers in endless.into_iter().chain([honest, large, small]) {
        answers.blocking_recv().unwrap();
    }
    // With its answers each has its room again.
    send("large", 1, QUEUED_BYTES).unwrap().blocking_recv().unwrap();
    world.thread.stop().unwrap();
}
