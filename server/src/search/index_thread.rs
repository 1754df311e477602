//! The thread that writes the index: it brings what stands in memory to disk, builds the index where it is far behind, and
//! writes segments anew that hold words of texts that are out of sight.

use std::cell::Cell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use glasshouse_ledger::current::Entries;
use glasshouse_ledger::index::IndexError;
use glasshouse_ledger::reader::{ReadError, Reader};
use glasshouse_verifier::size::LeafIndex;
use rayon::prelude::*;

use super::affected::Affected;
use super::facts::{Facts, FactsReader};
use super::index_store::{IndexStore, Mark};
use super::index_store_error::IndexStoreError;
use super::logged::LoggedRanges;
use super::purge::Purge;
use super::snapshot::Base;
use super::ticking::Ticking;
use super::{Search, Shared};
use crate::niceness::let_others_go_first;

/// How often it looks.
const INTERVAL: Duration = Duration::from_millis(50);

/// How long it waits after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// How often segments are looked at for words out of sight.
const PURGE_AGAIN: Duration = Duration::from_millis(500);

/// So long after the last segment with such words was written anew files are swept: an answer that is made from the old ones
/// takes [`SEARCH_TIME`](crate::limits::SEARCH_TIME) at most.
const SWEEP: Duration = Duration::from_secs(8);

/// Entries that one core reads at once while the index is built.
const BLOCK: u64 = 1_024;

/// Why a turn ended early.
#[derive(Debug, thiserror::Error)]
enum TurnError {
    /// The server ends.
    #[error("stopped")]
    Stopped,
    /// Something failed.
    #[error(transparent)]
    Failed(#[from] IndexStoreError),
}

impl From<ReadError> for TurnError {
    fn from(error: ReadError) -> TurnError {
        TurnError::Failed(error.into())
    }
}

/// The running thread.
#[derive(Debug)]
pub(crate) struct IndexThread {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl IndexThread {
    /// Starts the thread over the index in a folder.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn start(folder: PathBuf, reader: Reader, search: Search) -> std::io::Result<IndexThread> {
        let (stop, stopped) = channel();
        let run = move || {
            // Answers are made beside it. The threads that write and merge segments are started by it, and are as nice.
            let_others_go_first();
            let (purged, held) = (Cell::new(None), Cell::new(Instant::now()));
            Indexer { folder, reader, search, stopped, purged, held }.run();
        };
        let thread = std::thread::Builder::new().name("search".to_owned()).spawn(run)?;
        Ok(IndexThread { stop, thread })
    }

    /// Ends the thread. What is not written is read from the log again at the next start.
    pub(crate) fn stop(self) {
        drop(self.stop);
        let _ = self.thread.join();
    }
}

struct Indexer {
    folder: PathBuf,
    reader: Reader,
    search: Search,
    stopped: Receiver<()>,
    /// When segments were looked at last for words out of sight.
    purged: Cell<Option<Instant>>,
    /// When one was found last.
    held: Cell<Instant>,
}

impl Indexer {
    fn run(self) {
        loop {
            // A panic is a failure like any other: the index is opened again as its last commit left it.
            let ended = catch_unwind(AssertUnwindSafe(|| self.live()));
            match ended
                .unwrap_or_else(|_| Err(IndexStoreError::Io(std::io::Error::other("it panicked")).into()))
            {
                Err(TurnError::Failed(error)) => {
                    tracing::error!(%error, "the search index could not follow");
                    // While it fails again and again, nobody waits for it anew.
                    self.shared().lock().building.get_or_insert_with(tokio::time::Instant::now);
                    if !matches!(self.stopped.recv_timeout(AFTER_FAILURE), Err(RecvTimeoutError::Timeout)) {
                        return;
                    }
                }
                _ => return,
            }
        }
    }

    /// Opens the index, follows, and closes it.
    fn live(&self) -> Result<(), TurnError> {
        let mut store = self.open()?;
        let ended = self.follow(&mut store);
        // Whatever happened, nobody else holds the folder afterwards.
        store.close()?;
        ended
    }

    fn shared(&self) -> &Shared {
        &self.search.shared
    }

    fn ticking(&self) -> &Ticking {
        &self.shared().ticking
    }

    /// Entries that are written before a commit while the index is built.
    fn chunk_size(&self) -> u64 {
        self.shared().steps.chunk.max(1)
    }

    fn mark(&self, size: u64, hiding: u64, purge: bool) -> Result<Mark, TurnError> {
        Ok(Mark::of(&self.reader, self.ticking(), size, hiding, purge)?)
    }

    fn check_stopped(&self) -> Result<(), TurnError> {
        match self.stopped.try_recv() {
            Err(TryRecvError::Empty) => Ok(()),
            _ => Err(TurnError::Stopped),
        }
    }

    /// Opens the index, and lets answers be made from it.
    fn open(&self) -> Result<IndexStore, TurnError> {
        let (mut store, mark) = IndexStore::open(&self.folder, &self.reader, self.ticking())?;
        let mark = match mark {
            Some(mark) => mark,
            None => self.mark(0, 0, false)?,
        };
        let (searcher, purge) = store.cut(&mark)?;
        if mark.purge {
            // Where the purge was killed when it had written everything anew, only files that nobody reads have the words.
            store.sweep()?;
        }
        let logged = logged(&searcher)?;
        let mut follower = self.shared().lock();
        follower.begin(Base { searcher, size: mark.size }, logged, mark.hiding, purge);
        if !follower.is_far_from(self.reader.head().size().get()) {
            follower.building = None;
        }
        self.shared().show(&follower);
        drop(follower);
        Ok(store)
    }

    fn follow(&self, store: &mut IndexStore) -> Result<(), TurnError> {
        loop {
            self.turn(store)?;
            match self.stopped.recv_timeout(INTERVAL) {
                Err(RecvTimeoutError::Timeout) => {}
                _ => return Err(TurnError::Stopped),
            }
        }
    }

    fn turn(&self, store: &mut IndexStore) -> Result<(), TurnError> {
        if self.shared().take_damaged() {
            return Err(TurnError::Failed(self.drop_index()));
        }
        let follower = self.shared().lock();
        let far = follower.is_far_from(self.reader.head().size().get());
        let (waits, purges) = (follower.purge_waits(), follower.purge.is_due());
        let due = follower.is_due() || waits;
        drop(follower);
        if far {
            self.build(store)?;
        } else if due {
            self.write(store)?;
        }
        if (waits || far) && purges {
            // Words went out of sight: segments are looked at from now on until they are surely gone.
            self.held.set(Instant::now());
        }
        if purges {
            self.purge(store)?;
        }
        Ok(())
    }

    /// An answer met damage: the next opening finds nothing, and builds it again.
    fn drop_index(&self) -> IndexStoreError {
        match std::fs::remove_file(self.folder.join("meta.json")) {
            Ok(()) => tantivy::TantivyError::SystemError("damaged, and dropped".to_owned()).into(),
            Err(error) => error.into(),
        }
    }

    /// Brings what stands in memory to disk.
    fn write(&self, store: &mut IndexStore) -> Result<(), TurnError> {
        let follower = self.shared().lock();
        if follower.is_written() {
            return Ok(());
        }
        let ((tail, documents), (size, hiding)) = (follower.tail(), follower.covered());
        let purge = follower.purge.is_due();
        drop(follower);
        for facts in tail.values() {
            store.write(facts, facts.index < documents)?;
        }
        let searcher = store.commit(&self.mark(size, hiding, purge)?)?;
        let mut follower = self.shared().lock();
        follower.written(&tail, Base { searcher, size });
        self.shared().show(&follower);
        Ok(())
    }

    /// Follows the log alone, straight to disk, until it is near.
    fn build(&self, store: &mut IndexStore) -> Result<(), TurnError> {
        self.shared().lock().building.get_or_insert_with(tokio::time::Instant::now);
        self.write(store)?;
        // Its threads are as nice as this one, which those that check signatures must not be.
        let cores = rayon::ThreadPoolBuilder::new().build();
        let cores = cores.map_err(|error| IndexStoreError::Io(std::io::Error::other(error)))?;
        loop {
            let follower = self.shared().lock();
            let (size, (start, hiding)) = (self.reader.head().size().get(), follower.covered());
            let far = follower.is_far_from(size);
            drop(follower);
            if !far {
                break;
            }
            let end = size.min(start.saturating_add(self.chunk_size()));
            self.chunk(store, &cores, start..end, hiding)?;
        }
        let mut follower = self.shared().lock();
        follower.building = None;
        self.shared().show(&follower);
        Ok(())
    }

    /// Takes in the entries of a range, and those that they affect.
    fn chunk(
        &self,
        store: &mut IndexStore,
        cores: &rayon::ThreadPool,
        Range { start, end }: Range<u64>,
        hidden: u64,
    ) -> Result<(), TurnError> {
        let (mut affected, mut hiding) = (Affected::default(), hidden);
        let (reader, ticking, mut cursor) = (&self.reader, self.ticking(), self.reader.cursor());
        let blocks: Vec<u64> = (start..end).step_by(usize::try_from(BLOCK).unwrap_or(1)).collect();
        for some in blocks.chunks(2 * cores.current_num_threads()) {
            self.check_stopped()?;
            let read = |first: &u64| Block::read(reader, ticking, *first, end.min(first + BLOCK));
            let read = cores.install(|| some.par_iter().map(read).collect::<Result<Vec<Block>, _>>());
            for block in read? {
                hiding += block.hiding;
                for index in block.naming {
                    if let Some(entry) = cursor.entry(index)? {
                        self.looked_up(|| affected.name(&self.reader, entry.statement()))?;
                    }
                }
                for facts in &block.facts {
                    store.write(facts, false)?;
                }
            }
        }
        let purge = hiding > hidden || self.shared().lock().purge.is_due();
        let again = self.write_again(store, affected, start, &self.mark(start, hidden, purge)?)?;
        let searcher = store.commit(&self.mark(end, hiding, purge)?)?;
        let logged = logged(&searcher)?;
        let mut follower = self.shared().lock();
        follower.built(Base { searcher, size: end }, logged, hiding, again);
        self.shared().show(&follower);
        Ok(())
    }

    /// What takes look-ups, when these are near: while they are being built, that is waited for.
    fn looked_up<T>(&self, mut look: impl FnMut() -> Result<T, ReadError>) -> Result<T, TurnError> {
        loop {
            match look() {
                Err(ReadError::Index(IndexError::Behind { .. })) => {}
                told => return Ok(told?),
            }
            while !self.reader.look_ups_are_near()? {
                match self.stopped.recv_timeout(INTERVAL) {
                    Err(RecvTimeoutError::Timeout) => {}
                    _ => return Err(TurnError::Stopped),
                }
            }
        }
    }

    /// Writes what is affected anew, by steps. A commit between two of them still stands for the tree of before; what it has
    /// beyond that tree is cut off when it is opened.
    fn write_again(
        &self,
        store: &mut IndexStore,
        mut affected: Affected,
        start: u64,
        before: &Mark,
    ) -> Result<Vec<u64>, TurnError> {
        let (mut facts, mut again) = (FactsReader::new(&self.reader, self.ticking()), Vec::new());
        while let Some(index) = self.looked_up(|| affected.next(&self.reader))? {
            if index.get() >= start {
                continue;
            }
            let Some((current, found)) = facts.facts(index)? else { continue };
            self.looked_up(|| affected.name(&self.reader, current.entry.statement()))?;
            store.write(&found, true)?;
            again.push(index.get());
            if (again.len() as u64).is_multiple_of(BLOCK) {
                self.check_stopped()?;
            }
            if (again.len() as u64).is_multiple_of(self.chunk_size()) {
                store.commit(before)?;
            }
        }
        Ok(again)
    }

    /// Has segments written anew that hold words out of sight, until there are none and the last answer that was made from
    /// them is given.
    fn purge(&self, store: &mut IndexStore) -> Result<(), TurnError> {
        if self.purged.get().is_some_and(|last| last.elapsed() < PURGE_AGAIN) {
            return Ok(());
        }
        self.purged.set(Some(Instant::now()));
        let purge = self.shared().lock().purge.clone();
        if store.purge(&purge)? {
            self.held.set(Instant::now());
        }
        let searcher = store.searcher()?;
        let mut follower = self.shared().lock();
        follower.merged(searcher);
        self.shared().show(&follower);
        drop(follower);
        store.sweep()?;
        let mut follower = self.shared().lock();
        if self.held.get().elapsed() > SWEEP && follower.purge.is_still(&purge) && !follower.purge_waits() {
            follower.purge = Purge::default();
        }
        Ok(())
    }
}

/// The ticks of an index.
fn logged(searcher: &tantivy::Searcher) -> Result<LoggedRanges, TurnError> {
    let logged = LoggedRanges::of(searcher);
    Ok(logged.map_err(|error| IndexStoreError::Io(std::io::Error::other(error)))?)
}

/// What one core reads while the index is built.
struct Block {
    facts: Vec<Facts>,
    hiding: u64,
    naming: Vec<LeafIndex>,
}

impl Block {
    fn read(reader: &Reader, ticking: &Ticking, first: u64, end: u64) -> Result<Block, TurnError> {
        let mut block = Block { facts: Vec::new(), hiding: 0, naming: Vec::new() };
        let mut facts = FactsReader::new(reader, ticking);
        for index in (first..end).filter_map(|index| LeafIndex::new(index).ok()) {
            let Some((current, found)) = facts.facts(index)? else { continue };
            block.hiding += u64::from(reader.hides_texts(current.entry.statement()));
            if current.payload().targets().is_some() {
                block.naming.push(index);
            }
            block.facts.push(found);
        }
        Ok(block)
    }
}
