//! The evidence that a witness keeps, so much of each log and so much in all.
//!
//! What convicts does so for ever: of each log the first files are kept, and when the shelf is full of them, a log that has
//! none yet gets the place of one of a log that has several. A doubt can be made by anybody who sends a right note with a
//! wrong proof: of each log the newest ones are kept. Doubts have a bound of their own, so that they never take the place
//! of what convicts.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use super::contradiction::Contradiction;
use super::log_settings::LogId;
use super::store::WitnessStore;
use crate::store::StoreError;

/// Most files that convict which are kept of one log: one convicts.
pub const FORKS_MAX: usize = 16;
/// Most doubts that are kept of one log.
pub const DOUBTS_MAX: usize = 16;
/// Most files that convict, in all. A file has some 30 KiB: two texts of 4 KiB, the log's signatures, its keys.
pub const FORK_FILES_MAX: usize = 4_096;
/// Most doubts in all: of the logs that are busy now, not of every list in use.
pub const DOUBT_FILES_MAX: usize = 1_024;

/// Hexadecimal digits of what a file is about in its name.
const DIGITS: usize = 32;

/// What became of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It lies in this file, durably.
    Written(String),
    /// It lay there already, durably; perhaps with another proof.
    Known(String),
    /// A doubt that was not written: another file was being written, or this log has had its doubts for now.
    PassedOver,
    /// The shelf is full.
    Full,
}

/// The files that there are, and who writes one. Nobody waits here for a disk but those who bring what convicts.
#[derive(Debug, Default)]
pub(crate) struct EvidenceShelf {
    index: Mutex<Index>,
    /// Held while a file is written.
    writing: Mutex<()>,
}

/// Files that lie there, durably.
#[derive(Debug, Default)]
struct Index {
    forks: Files,
    /// Of each log in the order of their numbers, oldest first.
    doubts: Files,
}

#[derive(Debug, Default)]
struct Files {
    of_log: BTreeMap<LogId, Vec<String>>,
    count: usize,
}

/// What is to be done with evidence.
enum Plan {
    Nothing(Kept),
    Write { name: String, given_up: Option<String> },
}

impl EvidenceShelf {
    /// Reads what lies there; names that are not ours are passed over.
    pub(crate) fn open(store: &dyn WitnessStore) -> Result<Self, StoreError> {
        let mut index = Index::default();
        store.evidence()?.into_iter().for_each(|name| index.add(name));
        Ok(Self { index: Mutex::new(index), writing: Mutex::default() })
    }

    /// Keeps evidence against a log, durably. `may_doubt` is asked before a doubt is written.
    pub(crate) fn keep(
        &self,
        store: &dyn WitnessStore,
        log: LogId,
        found: &Contradiction,
        may_doubt: impl FnOnce() -> bool,
    ) -> Result<Kept, StoreError> {
        if let Plan::Nothing(kept) = self.index().plan(log, found) {
            return Ok(kept);
        }
        let _writing = match self.writing.try_lock() {
            Ok(writing) => writing,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) if found.reason.convicts() => {
                self.writing.lock().unwrap_or_else(PoisonError::into_inner)
            }
            Err(TryLockError::WouldBlock) => return Ok(Kept::PassedOver),
        };
        // Somebody may have written it while we waited.
        let (name, given_up) = match self.index().plan(log, found) {
            Plan::Nothing(kept) => return Ok(kept),
            Plan::Write { name, given_up } => (name, given_up),
        };
        if !found.reason.convicts() && !may_doubt() {
            return Ok(Kept::PassedOver);
        }
        if let Some(given_up) = given_up {
            store.delete_evidence(&given_up)?;
            self.index().forget(&given_up);
        }
        store.put_evidence(&name, found.text.as_bytes())?;
        self.index().add(name.clone());
        Ok(Kept::Written(name))
    }

    /// Files that convict and doubts of one log.
    pub(crate) fn counts_of(&self, log: LogId) -> (usize, usize) {
        let index = self.index();
        (index.forks.of(log).len(), index.doubts.of(log).len())
    }

    /// How many files there are.
    pub(crate) fn files(&self) -> usize {
        let index = self.index();
        index.forks.count + index.doubts.count
    }

    /// Every name, those that convict first.
    pub(crate) fn names(&self) -> Vec<String> {
        let index = self.index();
        let names = index.forks.of_log.values().chain(index.doubts.of_log.values()).flatten();
        let names = names.cloned().collect();
        drop(index);
        forks_first(names)
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        // It only tells of files: at worst one is told of that is not there.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Index {
    fn plan(&self, log: LogId, found: &Contradiction) -> Plan {
        let convicts = found.reason.convicts();
        let digest = found.about.to_hex();
        let digest = digest.get(..DIGITS).unwrap_or_default();
        let files = if convicts { &self.forks } else { &self.doubts };
        let names = files.of(log);
        let known = names.iter().find(|name| name.ends_with(&format!("-{digest}.json")));
        if let Some(known) = known {
            return Plan::Nothing(Kept::Known(known.clone()));
        }
        let hex = log.to_hex();
        if convicts {
            let is_full = files.count >= FORK_FILES_MAX;
            let given_up = files.longest().and_then(<[String]>::split_last);
            let given_up = given_up.filter(|(_, others)| is_full && names.is_empty() && !others.is_empty());
            if names.len() >= FORKS_MAX || (is_full && given_up.is_none()) {
                return Plan::Nothing(Kept::Full);
            }
            let given_up = given_up.map(|(last, _)| last.clone());
            return Plan::Write { name: format!("{hex}-fork-{digest}.json"), given_up };
        }
        let given_up = match () {
            () if names.len() >= DOUBTS_MAX => names.first(),
            () if files.count >= DOUBT_FILES_MAX => files.longest().and_then(<[String]>::first),
            () => None,
        };
        let last = names.last().and_then(|name| read_name(name));
        let number = last.map_or(0, |(_, kind)| kind.number().saturating_add(1));
        Plan::Write { name: format!("{hex}-doubt-{number:012}-{digest}.json"), given_up: given_up.cloned() }
    }

    fn files(&mut self, kind: Kind) -> &mut Files {
        match kind {
            Kind::Fork => &mut self.forks,
            Kind::Doubt(_) => &mut self.doubts,
        }
    }

    fn add(&mut self, name: String) {
        let Some((log, kind)) = read_name(&name) else { return };
        let files = self.files(kind);
        files.of_log.entry(log).or_default().push(name);
        files.count += 1;
    }

    fn forget(&mut self, name: &str) {
        let Some((log, kind)) = read_name(name) else { return };
        let files = self.files(kind);
        let Some(names) = files.of_log.get_mut(&log) else { return };
        let before = names.len();
        names.retain(|other| other != name);
        files.count = files.count.saturating_sub(before - names.len());
        if names.is_empty() {
            files.of_log.remove(&log);
        }
    }
}

impl Files {
    fn of(&self, log: LogId) -> &[String] {
        self.of_log.get(&log).map_or(&[], Vec::as_slice)
    }

    /// Those of the log that has the most.
    fn longest(&self) -> Option<&[String]> {
        self.of_log.values().max_by_key(|names| names.len()).map(Vec::as_slice)
    }
}

/// The names of files of evidence, those that convict first, else by name.
pub(crate) fn forks_first(mut names: Vec<String>) -> Vec<String> {
    let is_doubt = |name: &str| read_name(name).is_none_or(|(_, kind)| kind != Kind::Fork);
    names.sort_by(|one, other| (is_doubt(one), one).cmp(&(is_doubt(other), other)));
    names
}

/// What a file of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It convicts.
    Fork,
    Doubt(u64),
}

impl Kind {
    const fn number(self) -> u64 {
        match self {
            Kind::Fork => 0,
            Kind::Doubt(number) => number,
        }
    }
}

/// `<log>-fork-<digest>.json` or `<log>-doubt-<number>-<digest>.json`.
fn read_name(name: &str) -> Option<(LogId, Kind)> {
    let mut parts = name.strip_suffix(".json")?.split('-');
    let log = LogId::from_hex(parts.next()?)?;
    let kind = match parts.next()? {
        "fork" => Kind::Fork,
        "doubt" => Kind::Doubt(parts.next()?.parse().ok()?),
        _ => return None,
    };
    (parts.next()?.len() == DIGITS && parts.next().is_none()).then_some((log, kind))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::witness::contradiction::Reason;
    use crate::witness::memory_store::MemoryWitnessStore;
    use glasshouse_verifier::hash::Digest;

    fn fork(text: &str) -> Contradiction {
        found(Reason::SameSize, text)
    }

    fn doubt(text: &str) -> Contradiction {
        found(Reason::ProofFails, text)
    }

    fn found(reason: Reason, text: &str) -> Contradiction {
        let about = Digest::of(text.as_bytes());
        Contradiction { reason, is_evidence: false, about, text: text.to_owned() }
    }

    fn log(number: usize) -> LogId {
        LogId::of_origin(&number.to_string())
    }

    fn keep(shelf: &EvidenceShelf, store: &dyn WitnessStore, log: LogId, found: &Contradiction) -> Kept {
        shelf.keep(store, log, found, || true).unwrap()
    }

    #[test]
    fn the_first_forks_and_the_newest_doubts_are_kept() {
        let store = MemoryWitnessStore::new();
        let shelf = EvidenceShelf::open(&store).unwrap();
        let (one, two) = (log(1), log(2));
        for number in 0..40 {
            let kept = keep(&shelf, &store, one, &fork(&format!("f{number}")));
            assert_eq!(kept == Kept::Full, number >= FORKS_MAX, "{number}");
            let kept = keep(&shelf, &store, one, &doubt(&format!("d{number}")));
            assert!(matches!(kept, Kept::Written(_)));
        }
        assert!(matches!(keep(&shelf, &store, one, &fork("f3")), Kept::Known(_)));
        assert!(matches!(keep(&shelf, &store, two, &fork("f3")), Kept::Written(_)));
        assert_eq!((shelf.counts_of(one), shelf.counts_of(two)), ((16, 16), (1, 0)));
        let held: Vec<String> = store
            .evidence()
            .unwrap()
            .iter()
            .map(|name| String::from_utf8(store.get_evidence(name).unwrap().unwrap()).unwrap())
            .collect();
        assert!(held.contains(&"f0".to_owned()) && !held.contains(&"f16".to_owned()));
        assert!(held.contains(&"d39".to_owned()) && !held.contains(&"d23".to_owned()));
        // The next start finds the same, and counts on.
        let again = EvidenceShelf::open(&store).unwrap();
        assert_eq!((again.counts_of(one), again.names().len(), again.files()), ((16, 16), 33, 33));
        let Kept::Written(name) = keep(&again, &store, one, &doubt("d40")) else { panic!() };
        assert!(name.contains("-doubt-000000000040-"), "{name}");
    }

    /// Whoever fills the shelf with doubts, or with forks of some logs, leaves room for the first fork of another.
    #[test]
    fn the_shelf_has_an_end_and_a_place_for_every_log() {
        let store = MemoryWitnessStore::new();
        let shelf = EvidenceShelf::open(&store).unwrap();
        for number in 0..DOUBT_FILES_MAX + 40 {
            let kept = keep(&shelf, &store, log(number), &doubt("d"));
            assert!(matches!(kept, Kept::Written(_)), "{number}");
        }
        assert_eq!((shelf.files(), store.evidence().unwrap().len()), (DOUBT_FILES_MAX, DOUBT_FILES_MAX));
        assert_eq!(shelf.counts_of(log(DOUBT_FILES_MAX + 39)), (0, 1), "the newest is there");
        for at in 0..FORK_FILES_MAX {
            let kept = keep(&shelf, &store, log(at / FORKS_MAX), &fork(&at.to_string()));
            assert!(matches!(kept, Kept::Written(_)), "{at}");
        }
        let most = FORK_FILES_MAX + DOUBT_FILES_MAX;
        assert_eq!(shelf.files(), most);
        for number in 0..40 {
            let new = log(10_000 + number);
            assert!(matches!(keep(&shelf, &store, new, &fork("f")), Kept::Written(_)), "{number}");
            assert_eq!(keep(&shelf, &store, new, &fork("g")), Kept::Full);
        }
        assert_eq!((shelf.files(), shelf.names().len(), store.evidence().unwrap().len()), (most, most, most));
        let all = (0..FORK_FILES_MAX / FORKS_MAX).all(|number| shelf.counts_of(log(number)).0 > 0);
        assert!(all, "no log lost its last one");
    }

    #[test]
    fn doubts_wait_for_nobody_and_what_convicts_does() {
        let (store, shelf) = (MemoryWitnessStore::new(), EvidenceShelf::default());
        assert_eq!(shelf.keep(&store, log(1), &doubt("d"), || false).unwrap(), Kept::PassedOver);
        let writing = shelf.writing.lock().unwrap();
        assert_eq!(keep(&shelf, &store, log(1), &doubt("d")), Kept::PassedOver);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| keep(&shelf, &store, log(1), &fork("f")));
            // Who only looks does not wait.
            assert_eq!((shelf.files(), shelf.counts_of(log(1))), (0, (0, 0)));
            drop(writing);
            assert!(matches!(waiting.join().unwrap(), Kept::Written(_)));
        });
        assert_eq!(shelf.names().len(), 1);
    }
}
