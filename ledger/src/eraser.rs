//! Carries redactions out: step by step between rounds, and before anything is served when a ledger starts.
//!
//! A step, in an order in which dying is harmless everywhere, because what is due follows from the log:
//!
//! 1. settle: a sync, and the stages go, which may hold the very texts;
//! 2. mark the records of some entries as erased, pack by pack;
//! 3. a sync: a start that finds a part of a text gone finds that its redaction was begun;
//! 4. overwrite these records;
//! 5. a sync: these texts are gone, and so are the stages;
//! 6. when the redaction's last entry was looked at, write down how far erasing has come. Its submitter is answered.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;

use crate::erasures::Redaction;
use crate::erasures::record::{ErasureRecord, NAME};
use crate::erasures::walk::{Cursor, Place, Room, Walk, WalkError};
use crate::pack::{pack_of, scan_pack};
use crate::pack_eraser::{Marked, Tombstone, erase_marked, mark_in_pack};
use crate::state::StateRecord;
use crate::tombstones::Tombstones;
use crate::tree_files::BUNDLE;
use crate::writer::{Core, WriterError};

/// Entries that are looked at together.
struct Group {
    /// The redaction that is being carried out: it takes all that it names and does not pass over, whatever else is due.
    at: Option<LeafIndex>,
    places: Vec<Place>,
}

impl Core {
    /// The ledger's time, which does not go back.
    pub(crate) fn time_ms(&self) -> u64 {
        let last = self.state.as_ref().map_or(0, StateRecord::last_used_ms);
        self.clock.now_ms().max(last)
    }

    /// The redaction that is next to be carried out.
    fn next_due(&mut self, now_ms: u64) -> Option<LeafIndex> {
        let shared = Arc::clone(&self.shared);
        let published = shared.registry();
        let counts = |one: &Redaction| one.counts(&self.registry) && one.counts(&published);
        self.erasures.next(&counts, now_ms)
    }

    /// One step of erasing, if a redaction is due: many small ones, or a part of a long one.
    pub(crate) fn erase_some(&mut self) -> Result<(), WriterError> {
        if self.erasures.is_idle() {
            return Ok(());
        }
        let now_ms = self.time_ms();
        let (mut room, mut groups, mut found) = (Room::default(), Vec::new(), Vec::new());
        while !room.is_full()
            && let Some(at) = self.next_due(now_ms)
            && let Some(walk) = self.erasures.get(at).map(|redaction| redaction.walk().clone())
            && let Some((places, next)) = self.step_of(&walk, &mut room)?
        {
            groups.push(Group { at: Some(at), places });
            self.erasures.begin(at, &self.registry);
            if self.erasures.go_on(at, next) {
                self.erasures.end_turn(at);
                found.push(at);
            }
        }
        if groups.is_empty() {
            return Ok(());
        }
        self.settle()?;
        self.withdraw_stamps(by_pack(&groups).into_keys())?;
        // If we die here: the stages are gone or come back, and nothing is erased yet. The redactions are in the log.
        let is_whole = self.erasures.doubtful.is_empty();
        let tombstones = if is_whole { Tombstone::Whole } else { Tombstone::PerhapsTorn };
        self.erase_groups(&groups, now_ms, tombstones)?;
        // If we die here: some are erased and others not, one perhaps half. The next start looks at all of them again.
        self.store.sync()?;
        // If we die here: the texts are gone for good. What is written down is older, and the next start looks again.
        for at in &found {
            self.erasures.finish(*at, &self.registry);
        }
        if !found.is_empty() {
            self.write_down()?;
        }
        Ok(())
    }

    /// Recovery's count of what the rounds behind that tree had dropped unwritten, in packs of which the tree has no entries.
    pub(crate) fn count_dropped(&mut self, base: TreeSize) -> Result<(), WriterError> {
        for pack in base.get().div_ceil(BUNDLE)..self.edge.size().get().div_ceil(BUNDLE) {
            let records = scan_pack(self.store.as_ref(), pack)?;
            self.erasures.tombstones.join(&Tombstones::of(self.store.as_ref(), &records)?);
        }
        Ok(())
    }

    /// At start, before anything is served: everything that is due, also what lies in packs that were restored. `record` is
    /// what the last run wrote down, if it can be believed.
    pub(crate) fn erase_at_start(&mut self, record: Option<ErasureRecord>) -> Result<(), WriterError> {
        if self.erasures.is_empty() && self.store.get(NAME)?.is_none() {
            self.erasures.was_looked_through = true;
            return Ok(());
        }
        let believed = record.filter(|record| record.tombstones == self.erasures.tombstones);
        if let Some(record) = &believed {
            self.erasures.believe(record, &self.registry);
        }
        let now_ms = self.time_ms();
        for walk in self.erasures.walks(true, now_ms) {
            self.walk_whole(None, walk, now_ms)?;
        }
        if believed.is_none() {
            self.resume_begun(now_ms)?;
        }
        let (mut done, passed_over) = (Vec::new(), std::mem::take(&mut self.erasures.passed_over));
        // Many that are set aside are no sign that nothing is due.
        while self.erasures.has_due(now_ms) {
            let Some(at) = self.next_due(now_ms) else { continue };
            if let Some(walk) = self.erasures.get(at).map(|redaction| redaction.walk().clone())
                && passed_over.contains(walk.owner())
            {
                // What is signed may say of a text that another one was the first to redact, which does not count yet.
                self.walk_whole(Some(at), walk, now_ms)?;
            }
            self.erasures.end_turn(at);
            done.push(at);
        }
        self.store.sync()?;
        // If we die here: everything that is due is erased, durably; the next start looks once more.
        done.into_iter().for_each(|at| self.erasures.finish(at, &self.registry));
        self.erasures.was_looked_through = true;
        // A start at which nothing has changed asks for no room on the disk.
        match self.store.get(NAME)? == Some(self.erasure_record()) {
            true => Ok(()),
            false => self.write_down_durably(),
        }
    }

    /// Redactions that are held as far as anybody knows, and of which something is erased already: the texts cannot be given
    /// back any more, so they are carried out.
    fn resume_begun(&mut self, now_ms: u64) -> Result<(), WriterError> {
        let mut begun = BTreeSet::new();
        for mut walk in self.erasures.walks(false, now_ms) {
            while !walk.is_done() {
                let Some((places, next)) = self.step_of(&walk, &mut Room::default())? else { continue };
                let group = Group { at: None, places };
                self.find_begun(&[group], now_ms, &mut begun)?;
                walk.go_on(next);
            }
        }
        // One that is carried out begins earlier ones that name the same texts, and these are carried out whole as well.
        while let Some(at) = begun.pop_last() {
            self.erasures.begin(at, &self.registry);
            let counts = self.erasures.counts_published(at, &self.shared.registry());
            if !counts || !self.erasures.is_due(at, now_ms) {
                // Carried out behind its publication: what it names is shown until then.
                self.erasures.doubtful.insert(at);
                continue;
            }
            let Some(walk) = self.erasures.get(at).map(|redaction| redaction.walk().clone()) else {
                continue;
            };
            begun.extend(self.walk_whole(Some(at), walk, now_ms)?);
        }
        Ok(())
    }

    /// Gives the redactions that were begun by it.
    fn walk_whole(
        &mut self,
        at: Option<LeafIndex>,
        mut walk: Walk,
        now_ms: u64,
    ) -> Result<BTreeSet<LeafIndex>, WriterError> {
        let mut begun = BTreeSet::new();
        while !walk.is_done() {
            let Some((places, next)) = self.step_of(&walk, &mut Room::default())? else { continue };
            let groups = [Group { at, places }];
            self.withdraw_stamps(by_pack(&groups).into_keys())?;
            begun.extend(self.erase_groups(&groups, now_ms, Tombstone::PerhapsTorn)?);
            walk.go_on(next);
        }
        Ok(begun)
    }

    /// The next entries of a walk; `None` while the look-ups are being brought up to the tree. Look-ups that lack an entry are
    /// built again, once.
    fn step_of(&mut self, walk: &Walk, room: &mut Room) -> Result<Option<(Vec<Place>, Cursor)>, WriterError> {
        if walk.asks_for_numbers() && !self.index.catch_up_numbers(&self.files, &self.edge.head())? {
            return Ok(None);
        }
        let step = walk.step(&self.index, self.registry.sequence_state(walk.owner()), room);
        let lost = match &step {
            Ok((places, _)) => self.misled(walk.owner(), places)?,
            Err(WalkError::Lost(number)) => Some(*number),
            Err(WalkError::Index(_)) => None,
        };
        if let Some(number) = lost {
            self.distrust_look_ups(walk.owner(), number)?;
            return Ok(None);
        }
        match step {
            Ok(step) => {
                self.rebuilt = false;
                Ok(Some(step))
            }
            Err(WalkError::Index(error)) => Err(error.into()),
            Err(WalkError::Lost(_)) => Ok(None),
        }
    }

    /// The first number for which the look-ups gave the place of another entry.
    fn misled(&self, owner: &Issuer, places: &[Place]) -> Result<Option<Sequence>, WriterError> {
        let numbered: Vec<Place> = places.iter().filter(|(_, number)| number.is_some()).copied().collect();
        if let Some((_, number)) = numbered.iter().find(|(index, _)| !index.is_in(self.edge.size())) {
            return Ok(*number);
        }
        for places in numbered.chunk_by(|(one, _), (next, _)| pack_of(*one) == pack_of(*next)) {
            let Some((first, _)) = places.first() else { continue };
            let entries = self.files.entries(self.edge.size(), pack_of(*first))?;
            for (index, number) in places {
                let statement = statement_at(&entries, *index)?;
                let is_meant = statement.claims().iss == *owner && Some(statement.sequence()) == *number;
                if !is_meant {
                    return Ok(*number);
                }
            }
        }
        Ok(None)
    }

    /// The look-ups lack an entry, or lead to another one: they are built again. The second time they are not to blame.
    fn distrust_look_ups(&mut self, owner: &Issuer, number: Sequence) -> Result<(), WriterError> {
        if std::mem::replace(&mut self.rebuilt, true) {
            return Err(WriterError::LookUps { owner: owner.clone(), number });
        }
        Ok(self.index.forget_numbers()?)
    }

    /// Erases the texts of some entries that are redacted and due. Gives the redactions that are due only by this.
    fn erase_groups(
        &mut self,
        groups: &[Group],
        now_ms: u64,
        tombstones: Tombstone,
    ) -> Result<BTreeSet<LeafIndex>, WriterError> {
        let (mut all_begun, mut marked) = (BTreeSet::new(), Vec::new());
        let shared = Arc::clone(&self.shared);
        for (pack, places) in by_pack(groups) {
            let mut texts = HashSet::new();
            let mut begun = BTreeSet::new();
            for (at, index, statement) in self.statements(pack, &places)? {
                let state = self.registry.state_of(&statement);
                for (&field, &by) in &state.redacted {
                    let is_due = self.erasures.is_due(by, now_ms);
                    let counts = !is_due || self.erasures.counts_published(by, &shared.registry());
                    if !counts {
                        self.erasures.passed_over.insert(statement.claims().iss.clone());
                    }
                    let due = is_due && counts
                        || at.is_some_and(|at| {
                            self.erasures.takes(at, by, (index, &statement, &state, field))
                        });
                    if let Some(digest) = statement.payload().addenda().get(&field).filter(|_| due) {
                        texts.insert((index, *digest));
                        begun.insert(by);
                    }
                }
            }
            all_begun.extend(begun.iter().filter(|by| !self.erasures.has_turn(**by, now_ms)));
            begun.into_iter().for_each(|by| self.erasures.begin(by, &self.registry));
            if texts.is_empty() {
                continue;
            }
            let records = mark_in_pack(self.store.as_ref(), pack, &texts, tombstones)?;
            for Marked { record, is_torn } in &records {
                match (record.erased, is_torn) {
                    (false, _) => self.erasures.tombstones.add(&record.digest),
                    (true, true) => self.erasures.tombstones.complete(&record.digest),
                    (true, false) => {}
                }
            }
            marked.push((pack, records));
        }
        marked.retain(|(_, records)| !records.is_empty());
        if !marked.is_empty() {
            self.store.sync()?;
        }
        // If we die here: marks lie before whole texts. The next start finds the redactions begun, held or not.
        for (pack, records) in marked {
            erase_marked(self.store.as_ref(), pack, &records)?;
        }
        Ok(all_begun)
    }

    /// Redactions that are not due, and that were the first to name a text that is erased.
    fn find_begun(
        &self,
        groups: &[Group],
        now_ms: u64,
        begun: &mut BTreeSet<LeafIndex>,
    ) -> Result<(), WriterError> {
        for (pack, places) in by_pack(groups) {
            let records = scan_pack(self.store.as_ref(), pack)?;
            let erased = records.iter().filter(|record| record.erased);
            let erased: HashSet<(LeafIndex, Digest)> =
                erased.map(|record| (record.entry, record.digest)).collect();
            for (_, index, statement) in self.statements(pack, &places)? {
                for (field, by) in self.registry.state_of(&statement).redacted {
                    let digest = statement.payload().addenda().get(&field);
                    let is_erased = digest.is_some_and(|digest| erased.contains(&(index, *digest)));
                    if is_erased && !self.erasures.has_turn(by, now_ms) {
                        begun.insert(by);
                    }
                }
            }
        }
        Ok(())
    }

    /// The statements at some places of one bundle, each with the redaction that is being carried out there.
    fn statements(
        &self,
        bundle: u64,
        places: &[(&Group, LeafIndex)],
    ) -> Result<Vec<(Option<LeafIndex>, LeafIndex, Statement)>, WriterError> {
        let entries = self.files.entries(self.edge.size(), bundle)?;
        let statements =
            places.iter().map(|(group, index)| Ok((group.at, *index, statement_at(&entries, *index)?)));
        statements.collect()
    }

    /// Writes down how far erasing has come. Not durable: where it is lost, more is looked at.
    pub(crate) fn write_down(&self) -> Result<(), WriterError> {
        Ok(self.store.put(NAME, &self.erasure_record())?)
    }

    /// The same, durably: from when the holds are counted.
    pub(crate) fn write_down_durably(&self) -> Result<(), WriterError> {
        Ok(self.store.put_durable(NAME, &self.erasure_record())?)
    }

    fn erasure_record(&self) -> Vec<u8> {
        self.erasures.record().encode()
    }
}

/// The statement at a place, out of the entries of its bundle.
fn statement_at(entries: &[Vec<u8>], index: LeafIndex) -> Result<Statement, WriterError> {
    let place = usize::try_from(index.get() % BUNDLE).unwrap_or(usize::MAX);
    let bad = |rule: String| WriterError::BadEntry { index, rule };
    let bytes = entries.get(place).ok_or_else(|| bad("is not in its bundle".to_owned()))?;
    let entry = Entry::parse(bytes).map_err(|error| bad(error.to_string()))?;
    Ok(entry.into_statement())
}

fn by_pack(groups: &[Group]) -> BTreeMap<u64, Vec<(&Group, LeafIndex)>> {
    let mut packs: BTreeMap<u64, Vec<(&Group, LeafIndex)>> = BTreeMap::new();
    for group in groups {
        for (index, _) in &group.places {
            packs.entry(pack_of(*index)).or_default().push((group, *index));
        }
    }
    packs
}
