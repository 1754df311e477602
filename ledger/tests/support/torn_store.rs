//! A store on a disk with a volatile write cache. It keeps each moment at which the power can go: in the middle of every call
//! that writes, and so after the call before it.
//!
//! What the trait's comments promise holds: of a file that was put durably, of the state, of what was synced. What they do
//! not promise is lost, kept or torn as the loss says, also what an embedded database says that nobody has synced.
#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use glasshouse_ledger::store::{FileStamp, StateCopies, StateCopy, Store, StoreError, check_path};

use crate::disk::{Disk, Embedded, Loss};
use crate::support::dice::Dice;

/// A moment at which the power can go.
#[derive(Clone)]
pub struct Moment {
    /// The call in whose middle it is, as `put_durable stage/…`.
    pub call: String,
    /// The disk, with all pieces of that call.
    pub disk: Disk,
    /// How much was promised before that call, as whoever drives the ledger counts it.
    pub promised: usize,
}

/// A mistake of whoever writes, put in here: the calls come as the ledger makes them, and something else is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// No sync is made.
    SkipsSync,
    /// A stage is deleted before the sync that should come first.
    DeletesBeforeSync,
    /// A stage is only put: so the round is published before it is durable.
    PutsStage,
    /// The state is swapped before the stage that it names is written.
    SwapsBeforeStage,
    /// The checkpoint is only put.
    PutsCheckpoint,
    /// The first sync behind a rewrite is not made: texts that were overwritten may lie there still.
    SkipsSyncBehindRewrite,
    /// From a stage on nothing reaches the disk until a checkpoint is put.
    ShowsBeforeWriting,
}

pub struct TornStore {
    disk: Mutex<Disk>,
    mistake: Mutex<Option<Mistake>>,
    /// The stage, or the sync, that comes too late.
    late: Mutex<Option<(String, Vec<u8>)>>,
    /// The disk without what does not reach it.
    behind: Mutex<Option<Disk>>,
    /// Whether a file was rewritten since the last sync was asked for.
    is_rewritten: AtomicBool,
    moments: Mutex<Vec<Moment>>,
    promised: AtomicUsize,
    /// How many syncs still go well; those of `overwrite` are not counted.
    good_syncs: AtomicUsize,
    /// What the system forgets of what could not be synced, in tenths.
    forgotten: AtomicUsize,
}

impl TornStore {
    pub fn on(disk: Disk) -> Arc<TornStore> {
        Arc::new(TornStore {
            disk: Mutex::new(disk),
            mistake: Mutex::new(None),
            late: Mutex::new(None),
            behind: Mutex::new(None),
            is_rewritten: AtomicBool::new(false),
            moments: Mutex::new(Vec::new()),
            promised: AtomicUsize::new(0),
            good_syncs: AtomicUsize::new(usize::MAX),
            forgotten: AtomicUsize::new(0),
        })
    }

    /// So many syncs go well, of a file that is put, of the state or of everything, and the next one fails; of what it should have brought
    /// to the disk so many tenths cannot be read either.
    pub fn fail_sync_after(&self, syncs: usize, forgotten: usize) {
        self.good_syncs.store(syncs, Ordering::SeqCst);
        self.forgotten.store(forgotten, Ordering::SeqCst);
    }

    /// Whether this sync is the one that fails.
    fn fails(&self) -> bool {
        let left = self.good_syncs.load(Ordering::SeqCst);
        if left != usize::MAX {
            self.good_syncs.store(left.checked_sub(1).unwrap_or(usize::MAX), Ordering::SeqCst);
        }
        left == 0
    }

    /// Whether that one has come.
    pub fn has_failed(&self) -> bool {
        self.good_syncs.load(Ordering::SeqCst) == usize::MAX
    }

    /// Makes a mistake from now on.
    pub fn mistake(&self, mistake: Mistake) {
        *self.mistake.lock().unwrap() = Some(mistake);
    }

    fn makes(&self, mistake: Mistake) -> bool {
        *self.mistake.lock().unwrap() == Some(mistake)
    }

    /// Says how much was promised by now.
    pub fn promise(&self, promised: usize) {
        self.promised.store(promised, Ordering::SeqCst);
    }

    /// All moments since the last time that this was asked, and this one.
    pub fn take_moments(&self) -> Vec<Moment> {
        let now = self.moment("nothing", self.disk().clone());
        let mut moments = std::mem::take(&mut *self.moments.lock().unwrap());
        moments.push(now);
        moments
    }

    pub fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap()
    }

    fn moment(&self, call: &str, disk: Disk) -> Moment {
        let disk = match self.behind.lock().unwrap().clone() {
            Some(mut behind) => {
                behind.shown = disk.shown;
                behind
            }
            None => disk,
        };
        Moment { call: call.to_owned(), disk, promised: self.promised.load(Ordering::SeqCst) }
    }

    /// Keeps the moment in the middle of a call.
    fn in_flight(&self, call: String, disk: &Disk, begin: impl FnOnce(&mut Disk)) {
        let mut flying = disk.clone();
        begin(&mut flying);
        let moment = self.moment(&call, flying);
        self.moments.lock().unwrap().push(moment);
    }

    fn replace_state(&self, call: &str, disk: &mut Disk, new: &[u8]) {
        self.in_flight(call.to_owned(), disk, |disk| disk.begin_swap(new));
        disk.begin_swap(new);
        disk.end_swap();
    }
}

fn sync_failed() -> StoreError {
    StoreError::Io { action: "sync", path: "the disk".to_owned(), source: std::io::Error::other("put in") }
}

/// The end of these bytes, which must lie inside the file.
fn end_within(disk: &Disk, path: &str, offset: u64, bytes: usize) -> Result<usize, StoreError> {
    let length = disk.get(path).map_or(0, |file| file.len() as u64);
    let end = offset.saturating_add(bytes as u64);
    if end > length || disk.get(path).is_none() {
        return Err(StoreError::Range { path: path.to_owned(), offset, length });
    }
    Ok(usize::try_from(end).unwrap())
}

impl Store for TornStore {
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        check_path(path)?;
        let mut disk = self.disk();
        self.in_flight(format!("put {path}"), &disk, |disk| disk.put(path, bytes));
        disk.put(path, bytes);
        Ok(())
    }

    fn put_durable(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        check_path(path)?;
        let is_stage = path.starts_with("stage/");
        if is_stage && self.makes(Mistake::PutsStage)
            || path == "checkpoint" && self.makes(Mistake::PutsCheckpoint)
        {
            return self.put(path, bytes);
        }
        if is_stage && self.makes(Mistake::SwapsBeforeStage) && self.late.lock().unwrap().is_none() {
            *self.late.lock().unwrap() = Some((path.to_owned(), bytes.to_vec()));
            return Ok(());
        }
        let mut disk = self.disk();
        if is_stage && self.makes(Mistake::ShowsBeforeWriting) {
            self.behind.lock().unwrap().get_or_insert_with(|| disk.clone());
        }
        self.in_flight(format!("put_durable {path}"), &disk, |disk| disk.begin_put_durable(path, bytes));
        if self.fails() {
            disk.fail_put_durable(path, bytes);
            return Err(sync_failed());
        }
        disk.put_durable(path, bytes);
        if path == "checkpoint" {
            *self.behind.lock().unwrap() = None;
        }
        Ok(())
    }

    fn append(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StoreError> {
        if offset == 0 {
            return self.put(path, bytes);
        }
        check_path(path)?;
        let mut disk = self.disk();
        let offset = end_within(&disk, path, offset, 0)?;
        self.in_flight(format!("append {path}"), &disk, |disk| disk.append(path, offset, bytes));
        disk.append(path, offset, bytes);
        Ok(())
    }

    fn overwrite(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StoreError> {
        check_path(path)?;
        let mut disk = self.disk();
        let end = end_within(&disk, path, offset, bytes.len())?;
        let begin = end - bytes.len();
        self.in_flight(format!("overwrite {path}"), &disk, |disk| disk.rewrite(path, &[(begin, bytes)]));
        disk.rewrite(path, &[(begin, bytes)]);
        disk.fix(path, begin, end);
        Ok(())
    }

    fn rewrite(&self, path: &str, parts: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
        check_path(path)?;
        let mut disk = self.disk();
        end_within(&disk, path, 0, 0)?;
        let mut within = Vec::new();
        for (offset, bytes) in parts {
            let end = end_within(&disk, path, *offset, bytes.len())?;
            within.push((end - bytes.len(), bytes.as_slice()));
        }
        self.in_flight(format!("rewrite {path}"), &disk, |disk| disk.rewrite(path, &within));
        disk.rewrite(path, &within);
        self.is_rewritten.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn get(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        check_path(path)?;
        Ok(self.disk().get(path).map(|file| file.to_vec()))
    }

    fn get_range(&self, path: &str, offset: u64, length: usize) -> Result<Option<Vec<u8>>, StoreError> {
        check_path(path)?;
        Ok(self.disk().get(path).map(|file| {
            let begin = usize::try_from(offset).unwrap_or(usize::MAX).min(file.len());
            file[begin..begin.saturating_add(length).min(file.len())].to_vec()
        }))
    }

    fn stamp(&self, path: &str) -> Result<Option<FileStamp>, StoreError> {
        check_path(path)?;
        Ok(Some(self.disk().get(path).map_or(FileStamp::ABSENT, |file| FileStamp::of_bytes(&file))))
    }

    fn touch(&self, path: &str) -> Result<(), StoreError> {
        // The stamp is made of the bytes, and changes with them.
        check_path(path)
    }

    fn delete(&self, path: &str) -> Result<(), StoreError> {
        check_path(path)?;
        let mut disk = self.disk();
        self.in_flight(format!("delete {path}"), &disk, |disk| disk.delete(path));
        disk.delete(path);
        if self.late.lock().unwrap().take_if(|(call, _)| call == "sync").is_some() {
            self.in_flight("sync".to_owned(), &disk, |_| ());
            disk.sync();
        }
        Ok(())
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        check_path(folder)?;
        let inside = format!("{folder}/");
        Ok(self
            .disk()
            .files()
            .map(|(name, _)| name.to_owned())
            .filter(|name| name.starts_with(&inside))
            .collect())
    }

    fn sync(&self) -> Result<(), StoreError> {
        let is_rewritten = self.is_rewritten.swap(false, Ordering::SeqCst);
        if self.makes(Mistake::SkipsSync) || is_rewritten && self.makes(Mistake::SkipsSyncBehindRewrite) {
            return Ok(());
        }
        if self.makes(Mistake::DeletesBeforeSync) {
            *self.late.lock().unwrap() = Some(("sync".to_owned(), Vec::new()));
            return Ok(());
        }
        let mut disk = self.disk();
        self.in_flight("sync".to_owned(), &disk, |_| ());
        if self.fails() {
            let forgotten = self.forgotten.load(Ordering::SeqCst);
            let seed = disk.pieces() as u64;
            disk.fail_sync(forgotten, &mut Dice::new(seed));
            return Err(sync_failed());
        }
        disk.sync();
        Ok(())
    }

    fn load_state(&self) -> Result<StateCopies, StoreError> {
        Ok(self.disk().state())
    }

    fn swap_state(&self, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        let mut disk = self.disk();
        let old = old.map_or(StateCopy::Missing, |bytes| StateCopy::Bytes(bytes.to_vec()));
        if disk.state() != (StateCopies { embedded: old.clone(), plain: old }) {
            return Err(StoreError::StateChanged);
        }
        if self.fails() {
            disk.begin_swap(new);
            return Err(sync_failed());
        }
        self.replace_state("swap_state", &mut disk, new);
        drop(disk);
        let late = self.late.lock().unwrap().clone();
        if let Some((path, bytes)) = late.filter(|(call, _)| call.starts_with("stage/")) {
            self.put_durable(&path, &bytes)?;
            *self.late.lock().unwrap() = None;
        }
        Ok(())
    }

    fn reset_state(&self, record: &[u8]) -> Result<(), StoreError> {
        if self.fails() {
            self.disk().begin_swap(record);
            return Err(sync_failed());
        }
        self.replace_state("reset_state", &mut self.disk(), record);
        Ok(())
    }
}

impl Moment {
    /// Losses of power at this moment, no two of which leave the same: of every subset of the pieces, as long as there are no more
    /// than `most`; else of none, all, each one, all but each one, the first of them, and `most` random ones.
    pub fn losses(&self, most: usize, dice: &mut Dice) -> Vec<Loss> {
        let pieces = self.disk.pieces();
        let mut kept: Vec<Vec<bool>> = Vec::new();
        if pieces < 20 && 1 << pieces <= most {
            kept.extend((0..1_u32 << pieces).map(|set| (0..pieces).map(|at| set >> at & 1 == 1).collect()));
        } else {
            kept.extend((0..=pieces).map(|end| (0..pieces).map(|at| at < end).collect()));
            for one in 0..pieces {
                kept.push((0..pieces).map(|at| at == one).collect());
                kept.push((0..pieces).map(|at| at != one).collect());
            }
            kept.extend((0..most).map(|_| self.disk.random_loss(dice)));
        }
        let states = [Embedded::Newest, Embedded::Older, Embedded::Missing, Embedded::Unreadable];
        let (mut seen, mut losses) = (HashSet::new(), Vec::new());
        for kept in kept {
            let embedded = states[losses.len() % states.len()];
            let loss = Loss { kept, embedded, plain_is_new: (losses.len() / states.len()).is_multiple_of(2) };
            if seen.insert(image(&self.disk.after(&loss))) {
                losses.push(loss);
            }
        }
        if self.disk.is_swapping() {
            for number in 0..2 * states.len() {
                let (embedded, plain_is_new) = (states[number / 2], number % 2 == 0);
                losses.push(Loss { embedded, plain_is_new, ..self.disk.loss(number % 3 == 0) });
            }
        }
        losses
    }
}

/// A hash of all files.
fn image(disk: &Disk) -> u64 {
    let mut hasher = DefaultHasher::new();
    disk.files().for_each(|file| file.hash(&mut hasher));
    hasher.finish()
}
