//! Asks other places, each on a thread of its own, so that a slow one holds up neither the audit nor the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::vkey::Vkey;

use crate::conviction::{Prefix, prefix_by_tiles};
use crate::vantage::Vantage;

/// How soon a signal is noticed while an answer is waited for.
const GLANCE: Duration = Duration::from_millis(200);

/// As many comparisons wait for one place: all that can be known of when it shows a larger tree.
const QUEUE_MAX: usize = 1_100;

/// Two checkpoints of which the smaller may be what the larger one begins with.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) old: SignedCheckpoint,
    pub(crate) new: SignedCheckpoint,
}

/// What a place said; places are known by their number.
pub(crate) enum Heard {
    /// Its newest checkpoint, or why it has none.
    Shown(usize, Result<Box<SignedCheckpoint>, String>),
    /// What its tiles say.
    Judged(Box<Pair>, Prefix),
}

enum Message {
    Heard(Heard),
    /// The thread of that place has ended.
    Done(usize),
}

/// One place, and what is under way there: at most one thread.
struct Post {
    vantage: Arc<Vantage>,
    busy: bool,
    /// The last look ended before its thread: nobody waits for it now.
    late: bool,
    queue: Vec<Pair>,
}

/// All other places.
pub(crate) struct Lookout {
    posts: Vec<Post>,
    patience: Duration,
    stop: Arc<AtomicBool>,
    send: Sender<Message>,
    receive: Receiver<Message>,
}

/// Says that a thread has ended, whatever ended it.
struct Turn(usize, Sender<Message>);

impl Drop for Turn {
    fn drop(&mut self) {
        // Nobody listens any more when the program ends.
        let _ = self.1.send(Message::Done(self.0));
    }
}

impl Lookout {
    /// Places that are asked; one look at all of them together takes `patience` at most, and ends when `stop` is set.
    pub(crate) fn new(places: Vec<Vantage>, patience: Duration, stop: Arc<AtomicBool>) -> Lookout {
        let post = |vantage| Post { vantage: Arc::new(vantage), busy: false, late: false, queue: Vec::new() };
        let (send, receive) = channel();
        Lookout { posts: places.into_iter().map(post).collect(), patience, stop, send, receive }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.posts.len()
    }

    /// How long a look takes at most.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// What a place is called.
    pub(crate) fn name(&self, place: usize) -> &str {
        self.posts.get(place).map_or("", |post| &post.vantage.name)
    }

    /// Whether it serves tiles.
    pub(crate) fn has_tiles(&self, place: usize) -> bool {
        self.posts.get(place).is_some_and(|post| post.vantage.mirror_source().is_some())
    }

    /// Asks everybody who is not busy; the places that are asked.
    pub(crate) fn ask(&mut self, log: &Vkey) -> Vec<usize> {
        let mut asked = Vec::new();
        for (place, post) in self.posts.iter_mut().enumerate().filter(|(_, post)| !post.busy) {
            post.busy = true;
            asked.push(place);
            let turn = Turn(place, self.send.clone());
            let (vantage, log) = (Arc::clone(&post.vantage), log.clone());
            std::thread::spawn(move || {
                let shown = vantage.ask(&log).map(Box::new);
                let _ = turn.1.send(Message::Heard(Heard::Shown(turn.0, shown)));
            });
        }
        asked
    }

    /// Has the tiles of a place say whether its larger tree begins with the smaller one; when it is busy, afterwards.
    pub(crate) fn compare(&mut self, place: usize, pair: Pair) {
        let Some(post) = self.posts.get_mut(place) else { return };
        let known = post.queue.iter().any(|one| one.old.head() == pair.old.head() && one.new == pair.new);
        if !known && post.queue.len() < QUEUE_MAX {
            post.queue.push(pair);
        }
        self.go_on(place);
    }

    fn go_on(&mut self, place: usize) {
        let Some(post) = self.posts.get_mut(place).filter(|post| !post.busy && !post.queue.is_empty()) else {
            return;
        };
        post.busy = true;
        let (pairs, vantage) = (std::mem::take(&mut post.queue), Arc::clone(&post.vantage));
        let turn = Turn(place, self.send.clone());
        std::thread::spawn(move || {
            let Some(source) = vantage.mirror_source() else { return };
            for pair in pairs {
                let prefix = prefix_by_tiles(source, &pair.old, &pair.new);
                if turn.1.send(Message::Heard(Heard::Judged(Box::new(pair), prefix))).is_err() {
                    return;
                }
            }
        });
    }

    /// What somebody says next, until `deadline`, or until nobody is left who is waited for.
    pub(crate) fn hear(&mut self, deadline: Instant) -> Option<Heard> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let waits = self.posts.iter().any(|post| post.busy && !post.late);
            let stopped = self.stop.load(Ordering::Relaxed);
            let wait = if waits && !stopped { left.min(GLANCE) } else { Duration::ZERO };
            match self.receive.recv_timeout(wait) {
                Ok(Message::Heard(heard)) => return Some(heard),
                Ok(Message::Done(place)) => {
                    if let Some(post) = self.posts.get_mut(place) {
                        (post.busy, post.late) = (false, false);
                    }
                    self.go_on(place);
                }
                Err(RecvTimeoutError::Timeout) if !wait.is_zero() => {}
                Err(_) => return None,
            }
        }
    }

    /// Ends a look: who is still busy is not waited for the next time.
    pub(crate) fn close(&mut self) {
        self.posts.iter_mut().for_each(|post| post.late = post.busy);
    }
}
