//! Search: an index that follows the log, and answers which entries meet conditions and how many of them have which values.
//!
//! The index holds no entry. It can be dropped and built again from the log, to the same answers; the rows that are
//! shown are read from the ledger. Answers are made from the index on disk and from what stands in memory behind it, which
//! a thread brings up to each published tree; a request waits for it, for a moment. So what was published is found at once,
//! and what was redacted is not.

mod affected;
mod asked;
mod clause;
mod coded;
mod conditions;
mod counts;
mod day_number;
mod dimension;
mod document_set;
mod every;
mod facts;
mod first;
mod follow_thread;
mod follower;
mod found_again;
mod gather;
mod index_store;
mod index_store_error;
mod index_thread;
mod kept_sets;
mod layout;
mod logged;
mod looked_up;
mod purge;
mod rank;
mod segment_sizes;
mod snapshot;
mod subject_name;
mod tally;
mod text_query;
mod ticking;
mod words;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::thread::Thread;
use std::time::Duration;

use glasshouse_ledger::clock::Clock;
use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

pub(crate) use self::asked::Asked;
pub(crate) use self::conditions::Conditions;
pub(crate) use self::dimension::Dimension;
pub(crate) use self::follow_thread::FollowThread;
use self::follower::Follower;
pub(crate) use self::found_again::FoundAgain;
use self::gather::GatherError;
pub(crate) use self::index_thread::IndexThread;
pub(crate) use self::logged::{LoggedBetween, LoggedBound};
pub(crate) use self::rank::Rank;
pub(crate) use self::rank::Sort;
use self::snapshot::Snapshot;
pub(crate) use self::tally::Counted;
use self::ticking::Ticking;
use crate::app_state::failed;
use crate::counts_view::CountsView;
use crate::limits::SEARCH_WAIT;
use crate::list_view::{self, Found, ListView};
use crate::measure::Measure;
use crate::problem::{Kind, Problem, Progress};
use crate::search_steps::SearchSteps;

/// The search of one ledger. Clones share one index.
#[derive(Clone)]
pub(crate) struct Search {
    shared: Arc<Shared>,
}

struct Shared {
    /// What answers are made from.
    current: RwLock<Arc<Snapshot>>,
    /// Who follows the log, one at a time.
    follower: Mutex<Follower>,
    /// Where that stands, for those who wait.
    stand: watch::Sender<Stand>,
    /// Who follows when it is woken; nobody before it runs.
    follows: OnceLock<Thread>,
    /// Whether an answer met damage in the index.
    damaged: AtomicBool,
    /// Whose times are believed.
    ticking: Ticking,
    /// How it is brought up from far behind.
    steps: SearchSteps,
}

/// How far answers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stand {
    /// The size of the tree that they cover.
    covered: u64,
    /// How many entries of it took texts out of sight.
    hiding: u64,
    /// Since when the index is opened or built.
    building: Option<Instant>,
    /// When they covered the published tree last.
    reached: Instant,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Follower> {
        // Nothing is left half-done by a panic that a later step would not do again; both threads go on after one.
        self.follower.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets answers be made from what the follower knows.
    fn show(&self, follower: &Follower) {
        let stand = follower.stand();
        if follower.has_changed_since(&self.current()) {
            let snapshot = Arc::new(follower.snapshot());
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
        }
        self.stand.send_if_modified(|known| {
            let is_news = Stand { reached: known.reached, ..stand } != *known;
            *known = stand;
            is_news
        });
    }

    fn current(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn take_damaged(&self) -> bool {
        self.damaged.swap(false, Ordering::Relaxed)
    }
}

/// A search as of one moment.
pub(crate) struct FrozenSearch {
    search: Search,
    snapshot: Arc<Snapshot>,
}

impl FrozenSearch {
    /// The places of all entries that meet the conditions, in the order of the log.
    ///
    /// # Errors
    /// `overloaded`, where it takes too long; `internal`, if the index cannot be read.
    pub(crate) fn every(
        &self,
        conditions: &Conditions,
    ) -> Result<impl Iterator<Item = LeafIndex> + Send + use<>, Problem> {
        let found = self.snapshot.every(&conditions.clauses(&self.snapshot.logged));
        let found = found.map_err(|error| self.search.failed(error))?;
        Ok(found.filter_map(|index| LeafIndex::new(index).ok()))
    }

    /// Who holds the conditions on texts against entries as they stand when they are looked at; `None` where there are none.
    pub(crate) fn again(&self, reader: &Reader, conditions: &Conditions) -> Option<FoundAgain> {
        FoundAgain::of(reader, &self.search.shared.ticking, conditions)
    }
}

impl Search {
    /// A search over the ledger of a reader. Before its thread runs it covers nothing. Which days entries were logged on follows
    /// from ticks, held against a policy.
    pub(crate) fn new(
        reader: &Reader,
        policy: Option<Policy>,
        clock: Arc<dyn Clock>,
        steps: SearchSteps,
    ) -> Search {
        let ticking = Ticking::new(reader, policy, clock);
        let follower = Follower::new(reader, &ticking, steps.far_behind);
        let shared = Shared {
            current: RwLock::new(Arc::new(Snapshot::default())),
            stand: watch::Sender::new(follower.stand()),
            follower: Mutex::new(follower),
            follows: OnceLock::new(),
            damaged: AtomicBool::new(false),
            ticking,
            steps,
        };
        Search { shared: Arc::new(shared) }
    }

    /// One page of a list.
    ///
    /// # Errors
    /// `overloaded`, where it takes too long; `index-behind`, where texts are looked for and a redaction is not covered yet;
    /// `internal`, if the ledger or the index cannot be read.
    pub(crate) fn page(&self, reader: &Reader, asked: &Asked) -> Result<ListView, Problem> {
        let snapshot = self.snapshot_for(reader, asked.conditions().looks_at_texts())?;
        let clauses = asked.conditions().clauses(&snapshot.logged);
        let found = snapshot.first(&clauses, asked.sort(), asked.after(), asked.limit());
        let (total, ranks) = found.map_err(|error| self.failed(error))?;
        let (size, indexed) = (reader.head().size().get(), snapshot.covered);
        list_view::of(reader, asked, Found { size, indexed, total, ranks })
    }

    /// Counts of what meets the conditions.
    ///
    /// # Errors
    /// `bad-request`, where there are too many different values; and as [`Search::page`].
    pub(crate) fn counts(
        &self,
        reader: &Reader,
        conditions: &Conditions,
        by: &[Dimension],
    ) -> Result<CountsView, Problem> {
        let tells = conditions.looks_at_texts() || by.iter().any(|by| by.tells_texts());
        let snapshot = self.snapshot_for(reader, tells)?;
        let counted = snapshot.counts(&conditions.clauses(&snapshot.logged), by);
        let (total, counted) = counted.map_err(|error| match error {
            GatherError::TooManyGroups => {
                let names: Vec<&str> = by.iter().map(|dimension| dimension.name()).collect();
                let allowed = "dimensions that have fewer different values together; or more conditions";
                Problem::of_parameter("by", "too-long", &names.join(","), allowed)
            }
            other => self.failed(other),
        })?;
        Ok(CountsView::new(reader.head().size().get(), snapshot.covered, by, total, counted))
    }

    /// What answers are made from at a moment at which they cover the published tree, and that tree. It stays as it is, whatever
    /// is published later. Such a moment is waited for.
    ///
    /// # Errors
    /// `index-behind`, if there is none for so long.
    pub(crate) async fn freeze(
        &self,
        reader: &Reader,
        patience: Duration,
    ) -> Result<(FrozenSearch, TreeHead), Problem> {
        let (mut stands, until) = (self.shared.stand.subscribe(), Instant::now() + patience);
        loop {
            stands.mark_unchanged();
            let snapshot = self.shared.current();
            // What the index holds was read before this, so nothing of it is from a later tree.
            let head = reader.head();
            let progress = Progress { indexed: snapshot.covered, size: head.size().get() };
            if progress.indexed == progress.size {
                return Ok((FrozenSearch { search: self.clone(), snapshot }, head));
            }
            self.wake();
            if !matches!(timeout_at(until, stands.changed()).await, Ok(Ok(()))) {
                return Err(Problem::index_behind(progress));
            }
        }
    }

    /// The size of the tree that answers cover now.
    pub(crate) fn covered(&self) -> TreeSize {
        TreeSize::new(self.shared.current().covered).unwrap_or(TreeSize::ZERO)
    }

    /// Whether the index is being opened or built, so that an answer may cover a small part of the log only.
    pub(crate) fn is_building(&self) -> bool {
        self.shared.stand.borrow().building.is_some()
    }

    /// Between which moments an entry was logged, as far as ticks prove it: what `logged_from` and `logged_to` go by.
    ///
    /// # Errors
    /// `internal`, if the ledger cannot be read.
    pub(crate) fn logged(&self, reader: &Reader, index: LeafIndex) -> Result<LoggedBetween, Problem> {
        let snapshot = self.shared.current();
        let (behind, inside) = snapshot.logged.around(index.get());
        let proved = |tick: Option<u64>| -> Result<_, Problem> {
            let Some(index) = tick.and_then(|tick| LeafIndex::new(tick).ok()) else { return Ok(None) };
            let entry = reader.entry(index).map_err(failed)?;
            Ok(entry.and_then(|entry| self.shared.ticking.bounds(index, entry.statement())))
        };
        Ok(LoggedBetween {
            after: proved(behind)?
                .zip(behind)
                .map(|((bounds, _), tick)| LoggedBound { time: bounds.after, tick }),
            before: proved(inside)?
                .zip(inside)
                .map(|((bounds, _), tick)| LoggedBound { time: bounds.before, tick }),
            progress: Progress { indexed: snapshot.covered, size: reader.head().size().get() },
        })
    }

    /// Tells who is to be woken when there is something to follow.
    fn wakes(&self, thread: Thread) {
        // There is one thread; a second would find the first one's name here, and look every now and then by itself.
        let _ = self.shared.follows.set(thread);
    }

    /// Has what was published looked at now.
    pub(crate) fn wake(&self) {
        if let Some(thread) = self.shared.follows.get() {
            thread.unpark();
        }
    }

    /// Waits until what is published now is covered: no longer than a moment, and a little longer while the index has just
    /// begun to be opened or built, or lacks an entry that takes texts out of sight.
    pub(crate) async fn catch_up(&self, reader: &Reader) {
        let published = reader.stats();
        let mut stands = self.shared.stand.subscribe();
        let lacks = |stand: &Stand| stand.covered < published.entries;
        let (mut stand, started) = (*stands.borrow_and_update(), Instant::now());
        if lacks(&stand) {
            self.wake();
        }
        // Once the index is open, what lies behind it is followed, which takes its own moment.
        let mut opened = started;
        while lacks(&stand) {
            let until = match stand.building {
                Some(since) => since + SEARCH_WAIT,
                None if stand.hiding < published.hiding => started + SEARCH_WAIT,
                None => opened + self.shared.steps.follow,
            };
            let changed = timeout_at(until, stands.changed()).await;
            if !matches!(changed, Ok(Ok(()))) {
                return;
            }
            let before = std::mem::replace(&mut stand, *stands.borrow_and_update());
            if before.building.is_some() && stand.building.is_none() {
                opened = Instant::now();
            }
        }
    }

    /// What an answer is made from. Whoever is told what texts say is told nothing while a redaction is not covered.
    fn snapshot_for(&self, reader: &Reader, tells_of_texts: bool) -> Result<Arc<Snapshot>, Problem> {
        let published = reader.stats();
        let snapshot = self.shared.current();
        if tells_of_texts && snapshot.hiding < published.hiding {
            let size = reader.head().size().get();
            return Err(Problem::index_behind(Progress { indexed: snapshot.covered, size }));
        }
        Ok(snapshot)
    }

    fn failed(&self, error: GatherError) -> Problem {
        match error {
            GatherError::TooLong => {
                Problem::new(Kind::OVERLOADED, "the search took too long; more conditions make it shorter")
            }
            GatherError::TooManyGroups => Problem::internal(&error),
            GatherError::Index(_) | GatherError::Io(_) => {
                // The index is dropped and built again.
                self.shared.damaged.store(true, Ordering::Relaxed);
                Problem::internal(&error)
            }
        }
    }

    /// Sets the gauges that tell how far the index is.
    pub(crate) fn measure(&self, reader: &Reader, measure: &Measure) {
        let (size, snapshot) = (reader.head().size().get(), self.shared.current());
        let stand = *self.shared.stand.borrow();
        let behind = if snapshot.covered < size { stand.reached.elapsed().as_secs() } else { 0 };
        measure.level("glasshouse_search_indexed", self.covered().get());
        measure.level("glasshouse_search_lag_entries", size.saturating_sub(snapshot.covered));
        measure.level("glasshouse_search_lag_seconds", behind);
        measure.level("glasshouse_search_building", u64::from(stand.building.is_some()));
        let base = snapshot.base.as_ref();
        measure.level("glasshouse_search_documents", base.map_or(0, |base| base.searcher.num_docs()));
        let segments = base.map_or(0, |base| base.searcher.segment_readers().len());
        measure.level("glasshouse_search_segments", segments as u64);
        measure.level("glasshouse_search_in_memory", snapshot.tail.len() as u64);
    }
}
