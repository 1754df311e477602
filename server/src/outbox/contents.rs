//! What an outbox's journal says when it is read from the beginning: a fold over its records.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use glasshouse_verifier::hash::LeafHash;

use super::journal::Place;
use super::purged_id::{IdKey, is_digest, unkeyed};
use super::record::{Numbered, Pin, Record, Resigned};

/// A line that has a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownLine {
    /// The number.
    pub sequence: u64,
    /// SHA-256 of the authored line in its canonical form, hex, or what [`IdKey::purged`] makes of it; `None` once a text of
    /// the line was purged.
    pub content: Option<String>,
}

/// Everything that an outbox knows.
#[derive(Debug, Default)]
pub struct Contents {
    pin: Option<Pin>,
    id_key: Option<IdKey>,
    started: Option<u64>,
    highest: u64,
    lines: HashMap<String, KnownLine>,
    leaves: HashMap<u64, LeafHash>,
    numbers: HashMap<LeafHash, u64>,
    pseudonyms: HashMap<String, String>,
    pending: BTreeMap<u64, Numbered>,
    on_record: BTreeMap<u64, u64>,
    open: BTreeMap<u64, ()>,
    places: BTreeMap<u64, Place>,
    about_others: BTreeSet<u64>,
}

impl Contents {
    /// Takes the next record of the journal.
    pub fn apply(&mut self, record: Record, place: Place) {
        match record {
            Record::Outbox(pin) => self.pin = Some(pin),
            Record::IdKey { key } => self.id_key = Some(key),
            Record::Started { after } => {
                self.started = Some(after);
                self.highest = self.highest.max(after);
            }
            Record::Numbered(numbered) => self.number(numbered, place),
            Record::Resigned(resigned) => self.resign(resigned),
            Record::Answers { on_record, refused } => {
                for item in on_record {
                    self.pending.remove(&item.sequence);
                    self.on_record.insert(item.sequence, item.index);
                    if let Some(leaf) = item.leaf {
                        self.set_leaf(item.sequence, &leaf);
                    }
                }
                for item in refused {
                    self.refuse(item.sequence, item.open);
                }
            }
        }
    }

    fn number(&mut self, numbered: Numbered, place: Place) {
        let sequence = numbered.sequence;
        self.highest = self.highest.max(sequence);
        self.places.insert(sequence, place);
        self.set_leaf(sequence, &numbered.leaf);
        if numbered.is_about_others() {
            self.about_others.insert(sequence);
        }
        if let Some(id) = &numbered.id {
            self.lines.insert(id.clone(), KnownLine { sequence, content: numbered.content.clone() });
        }
        if let Some(subject) = &numbered.subject {
            self.pseudonyms.insert(subject.clone(), numbered.sub.clone());
        }
        if let Some((first, last)) = numbered.voids {
            let closed: Vec<u64> = self.open.range(first..=last).map(|(number, ())| *number).collect();
            for number in closed {
                self.open.remove(&number);
            }
        }
        self.pending.insert(sequence, numbered);
    }

    fn resign(&mut self, resigned: Resigned) {
        let Some(numbered) = self.pending.get_mut(&resigned.sequence) else { return };
        numbered.leaf.clone_from(&resigned.leaf);
        numbered.signed_at = resigned.signed_at;
        numbered.statement = resigned.statement;
        self.set_leaf(resigned.sequence, &resigned.leaf);
    }

    /// The one leaf hash of a number. A text that is none was not written by this program; nothing is known then.
    fn set_leaf(&mut self, sequence: u64, leaf: &str) {
        let before = match LeafHash::from_hex(leaf) {
            Ok(leaf) => {
                self.numbers.insert(leaf, sequence);
                self.leaves.insert(sequence, leaf).filter(|before| *before != leaf)
            }
            Err(_) => self.leaves.remove(&sequence),
        };
        if let Some(before) = before {
            self.numbers.remove(&before);
        }
    }

    fn refuse(&mut self, sequence: u64, open: bool) {
        let refused = self.pending.remove(&sequence);
        if let Some(id) = refused.and_then(|numbered| numbered.id) {
            self.lines.remove(&id);
        }
        if let Some(leaf) = self.leaves.remove(&sequence) {
            self.numbers.remove(&leaf);
        }
        self.places.remove(&sequence);
        self.about_others.remove(&sequence);
        if open {
            self.open.insert(sequence, ());
        }
    }

    /// Whose outbox this is; `None` before its first use.
    pub fn pin(&self) -> Option<&Pin> {
        self.pin.as_ref()
    }

    /// Whether lines may be numbered: everything that an earlier outbox lost is closed.
    pub fn is_started(&self) -> bool {
        self.started.is_some()
    }

    /// The highest number that was on record when this outbox began: it knows nothing of those up to it.
    pub fn started_after(&self) -> u64 {
        self.started.unwrap_or_default()
    }

    /// The next number, given the highest that the log has on record from this provider.
    pub fn next_sequence(&self, highest_on_record: u64) -> u64 {
        self.highest.max(highest_on_record).saturating_add(1)
    }

    /// Highest number that this outbox knows; 0 if none.
    pub fn highest(&self) -> u64 {
        self.highest
    }

    /// The line with this id, if it has a number.
    pub fn line(&self, id: &str) -> Option<&KnownLine> {
        let keyed = || self.lines.get(&self.id_key.as_ref()?.purged(id));
        self.lines.get(id).or_else(keyed).or_else(|| self.lines.get(&unkeyed(id)))
    }

    /// Whether a line that has a number says the same as one of that content. A line that lost a text to a purge cannot be
    /// compared any more, and counts as the same.
    pub fn is_same(&self, known: &KnownLine, content: &str) -> bool {
        known.content.as_ref().is_none_or(|before| {
            before == content || self.id_key.as_ref().is_some_and(|key| *before == key.purged(content))
        })
    }

    /// How the journal notes by what a line is known, and its content. After a purge, what is only a digest goes under the key:
    /// the line may name a puid that was purged, and a plain digest would let it be guessed.
    pub fn as_noted(&self, id: &str, content: &str) -> (String, String) {
        match &self.id_key {
            Some(key) if is_digest(id) => (key.purged(id), key.purged(content)),
            Some(key) => (id.to_owned(), key.purged(content)),
            None => (id.to_owned(), content.to_owned()),
        }
    }

    /// By what the lines are known, in no order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.lines.keys().map(String::as_str)
    }

    /// The key under which ids of purged lines are hashed; `None` before the first purge.
    pub fn id_key(&self) -> Option<&IdKey> {
        self.id_key.as_ref()
    }

    /// Where the journal holds the statement with this number; `None` where it was refused, or made without this outbox.
    pub fn place(&self, sequence: u64) -> Option<Place> {
        self.places.get(&sequence).copied()
    }

    /// All numbers of statements that the journal holds, each with its place, ascending.
    pub fn places(&self) -> &BTreeMap<u64, Place> {
        &self.places
    }

    /// The numbers of statements that are about earlier ones, ascending.
    pub fn about_others(&self) -> &BTreeSet<u64> {
        &self.about_others
    }

    /// Leaf hash of the statement with this number.
    pub fn leaf(&self, sequence: u64) -> Option<LeafHash> {
        self.leaves.get(&sequence).copied()
    }

    /// The number of the statement with this leaf hash.
    pub fn number_of(&self, leaf: &LeafHash) -> Option<u64> {
        self.numbers.get(leaf).copied()
    }

    /// The pseudonym of a subject.
    pub fn pseudonym(&self, subject: &str) -> Option<&str> {
        self.pseudonyms.get(subject).map(String::as_str)
    }

    /// Statements without a final answer, by number.
    pub fn pending(&self) -> &BTreeMap<u64, Numbered> {
        &self.pending
    }

    /// Number to index of what is on record.
    pub fn on_record(&self) -> &BTreeMap<u64, u64> {
        &self.on_record
    }

    /// Refused numbers that no `void` has closed yet, as runs, first and last.
    pub fn open_runs(&self) -> Vec<(u64, u64)> {
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for number in self.open.keys().copied() {
            match runs.last_mut() {
                Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
                _ => runs.push((number, number)),
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::super::record::{Base64, OnRecord, Refused};
    use super::*;

    const HERE: Place = Place { offset: 0, length: 1 };

    fn numbered(sequence: u64, id: &str) -> Record {
        Record::Numbered(Numbered {
            kind: None,
            id: Some(id.to_owned()),
            content: Some("c".to_owned()),
            sequence,
            subject: Some(format!("account:{id}")),
            sub: "s:00".to_owned(),
            voids: None,
            leaf: format!("{sequence:064}"),
            signed_at: 1,
            statement: Base64(vec![1]),
            addenda: vec![],
            withheld: vec![],
            kept: vec![],
        })
    }

    fn refused(sequence: u64, open: bool) -> Record {
        let refused = vec![Refused { sequence, problem: "weak-key".to_owned(), open }];
        Record::Answers { on_record: vec![], refused }
    }

    #[test]
    fn an_answered_line_is_no_longer_pending_but_stays_known() {
        let mut contents = Contents::default();
        contents.apply(numbered(1, "a"), HERE);
        assert_eq!(contents.pending().len(), 1);
        let on_record = vec![OnRecord { sequence: 1, index: 4, leaf: Some("f".repeat(64)) }];
        contents.apply(Record::Answers { on_record, refused: vec![] }, HERE);
        assert!(contents.pending().is_empty());
        assert_eq!(contents.line("a").unwrap().sequence, 1);
        assert_eq!(contents.on_record().get(&1), Some(&4));
        let leaf = LeafHash::from_hex(&"f".repeat(64)).unwrap();
        assert_eq!(contents.leaf(1), Some(leaf), "references go to what is on record");
        assert_eq!(contents.number_of(&leaf), Some(1));
        assert_eq!(contents.number_of(&LeafHash::from_hex(&format!("{:064}", 1)).unwrap()), None);
        assert_eq!(contents.pseudonym("account:a"), Some("s:00"));
        assert_eq!(contents.next_sequence(0), 2);
        assert_eq!(contents.next_sequence(9), 10);
    }

    #[test]
    fn a_refused_line_is_free_again_and_its_number_is_closed_by_a_void() {
        let mut contents = Contents::default();
        for (sequence, id) in [(1, "a"), (2, "b"), (3, "c"), (4, "d")] {
            contents.apply(numbered(sequence, id), HERE);
        }
        contents.apply(refused(1, true), HERE);
        contents.apply(refused(2, true), HERE);
        contents.apply(refused(4, true), HERE);
        contents.apply(refused(3, false), HERE);
        assert_eq!(contents.line("a"), None);
        assert_eq!(contents.open_runs(), [(1, 2), (4, 4)]);
        let Record::Numbered(mut void) = numbered(5, "v") else { panic!() };
        void.voids = Some((1, 2));
        contents.apply(Record::Numbered(void), HERE);
        assert_eq!(contents.open_runs(), [(4, 4)]);
        assert_eq!(contents.next_sequence(0), 6);
    }
}
