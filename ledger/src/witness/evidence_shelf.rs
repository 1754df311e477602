//! The evidence that a witness keeps, so much of each log and so much in all.
//!
//! A fork convicts for ever: of each log the first ones are kept. A doubt can be made by anybody who sends a right note with
//! a wrong proof: of each log the newest ones are kept, so that nobody fills the shelf once for all.

use std::collections::BTreeMap;

use glasshouse_verifier::hash::Digest;

use super::contradiction::Contradiction;
use super::log_settings::LogId;
use super::store::WitnessStore;
use crate::store::StoreError;

/// Most forks that are kept of one log: one convicts.
pub const FORKS_MAX: usize = 16;
/// Most doubts that are kept of one log.
pub const DOUBTS_MAX: usize = 16;
/// Most files in all. A file has at most some 30 KiB: two texts of 4 KiB, and the log's own signatures.
pub const FILES_MAX: usize = 4_096;

/// What became of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It lies in this file, durably.
    Written(String),
    /// It lay there already.
    Known(String),
    /// The shelf is full.
    Full,
}

/// Which files there are.
#[derive(Debug, Default)]
pub(crate) struct EvidenceShelf {
    forks: BTreeMap<LogId, Vec<String>>,
    /// In the order of their numbers, oldest first.
    doubts: BTreeMap<LogId, Vec<String>>,
    files: usize,
}

impl EvidenceShelf {
    /// Reads what lies there; names that are not ours are passed over.
    pub(crate) fn open(store: &dyn WitnessStore) -> Result<Self, StoreError> {
        let mut shelf = Self::default();
        for name in store.evidence()? {
            let Some((log, kind)) = read_name(&name) else { continue };
            let names = match kind {
                Kind::Fork => shelf.forks.entry(log).or_default(),
                Kind::Doubt(_) => shelf.doubts.entry(log).or_default(),
            };
            names.push(name);
            shelf.files += 1;
        }
        Ok(shelf)
    }

    /// Keeps evidence against a log, durably.
    pub(crate) fn keep(
        &mut self,
        store: &dyn WitnessStore,
        log: LogId,
        found: &Contradiction,
    ) -> Result<Kept, StoreError> {
        let digest = Digest::of(found.text.as_bytes()).to_hex();
        let short = digest.get(..32).unwrap_or_default();
        let names = if found.is_fork { &mut self.forks } else { &mut self.doubts };
        let names = names.entry(log).or_default();
        if let Some(known) = names.iter().find(|name| name.ends_with(&format!("-{short}.json"))) {
            return Ok(Kept::Known(known.clone()));
        }
        if !found.is_fork && names.len() >= DOUBTS_MAX {
            let oldest = names.remove(0);
            self.files = self.files.saturating_sub(1);
            store.delete_evidence(&oldest)?;
        }
        if self.files >= FILES_MAX || (found.is_fork && names.len() >= FORKS_MAX) {
            return Ok(Kept::Full);
        }
        let log = log.to_hex();
        let name = if found.is_fork {
            format!("{log}-fork-{short}.json")
        } else {
            let last = names.last().and_then(|name| read_name(name));
            let number = last.map_or(0, |(_, kind)| kind.number().saturating_add(1));
            format!("{log}-doubt-{number:012}-{short}.json")
        };
        store.put_evidence(&name, found.text.as_bytes())?;
        names.push(name.clone());
        self.files += 1;
        Ok(Kept::Written(name))
    }

    /// Forks and doubts of one log.
    pub(crate) fn counts_of(&self, log: LogId) -> (usize, usize) {
        (self.forks.get(&log).map_or(0, Vec::len), self.doubts.get(&log).map_or(0, Vec::len))
    }

    /// Every name, forks first.
    pub(crate) fn names(&self) -> Vec<String> {
        let names = self.forks.values().chain(self.doubts.values()).flatten();
        forks_first(names.cloned().collect())
    }
}

/// The names of files of evidence, those that convict by themselves first, else by name.
pub(crate) fn forks_first(mut names: Vec<String>) -> Vec<String> {
    let is_doubt = |name: &str| read_name(name).is_none_or(|(_, kind)| kind != Kind::Fork);
    names.sort_by(|one, other| (is_doubt(one), one).cmp(&(is_doubt(other), other)));
    names
}

/// What a file of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
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
    (parts.next()?.len() == 32 && parts.next().is_none()).then_some((log, kind))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::witness::contradiction::Reason;
    use crate::witness::memory_store::MemoryWitnessStore;

    fn found(is_fork: bool, text: &str) -> Contradiction {
        Contradiction { reason: Reason::ProofFails, is_fork, text: text.to_owned() }
    }

    #[test]
    fn the_first_forks_and_the_newest_doubts_are_kept() {
        let store = MemoryWitnessStore::new();
        let mut shelf = EvidenceShelf::open(&store).unwrap();
        let (one, two) = (LogId::of_origin("one"), LogId::of_origin("two"));
        for number in 0..40 {
            let fork = shelf.keep(&store, one, &found(true, &format!("f{number}"))).unwrap();
            assert_eq!(fork == Kept::Full, number >= FORKS_MAX, "{number}");
            let doubt = shelf.keep(&store, one, &found(false, &format!("d{number}"))).unwrap();
            assert!(matches!(doubt, Kept::Written(_)));
        }
        assert!(matches!(shelf.keep(&store, one, &found(true, "f3")).unwrap(), Kept::Known(_)));
        assert!(matches!(shelf.keep(&store, two, &found(true, "f3")).unwrap(), Kept::Written(_)));
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
        let mut again = EvidenceShelf::open(&store).unwrap();
        assert_eq!((again.counts_of(one), again.names().len()), ((16, 16), 33));
        let Kept::Written(name) = again.keep(&store, one, &found(false, "d40")).unwrap() else { panic!() };
        assert!(name.contains("-doubt-000000000040-"), "{name}");
    }

    #[test]
    fn the_shelf_has_an_end() {
        let store = MemoryWitnessStore::new();
        let mut shelf = EvidenceShelf::open(&store).unwrap();
        let mut written = 0;
        for log in 0..FILES_MAX / FORKS_MAX + 2 {
            let id = LogId::of_origin(&log.to_string());
            for number in 0..FORKS_MAX {
                let kept = shelf.keep(&store, id, &found(true, &number.to_string())).unwrap();
                written += usize::from(kept != Kept::Full);
            }
        }
        assert_eq!((written, store.evidence().unwrap().len()), (FILES_MAX, FILES_MAX));
    }
}
