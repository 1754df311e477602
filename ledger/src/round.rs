//! The second half of a round: from numbered entries to durable ones, in the first steps of the write path.
//!
//! 1. grow the tree and sign its root;
//! 2. stage everything, durably;
//! 3. swap the state record;
//! 4. write tiles, bundles and texts.
//!
//! What follows is publication's (`publication.rs`): without witnesses at once, with witnesses at its own pace.
//! Recovery does step 4 again by [`Core::carry_out_again`], from what step 2 left. No round is signed twice.

use std::collections::HashSet;

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::naming::Naming;
use glasshouse_verifier::past::WholePast;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;

use crate::admission::Admitted;
use crate::backlog::DurableRound;
use crate::erasures::Redaction;
use crate::pack::{PackError, PackRecord, pack_path};
use crate::pack_writer::PackWriter;
use crate::past_entries::{Both, PastEntries, Patience};
use crate::right_edge::Growth;
use crate::stage::{Stage, StagedAddendum};
use crate::state::StateRecord;
use crate::tile_writer::{write_growth, write_growth_again};
use crate::tree_files::BUNDLE;
use crate::writer::{Core, WriterError};

impl Core {
    /// Steps 1 to 4 for entries that have their places.
    pub(crate) fn write(&mut self, admitted: Vec<Admitted>, namings: Vec<Naming>) -> Result<(), WriterError> {
        // 1. Grow the tree in memory and sign its root.
        let (stage, growth) = self.plan(&admitted, &namings)?;
        // If we die here: nothing was written. A note was signed that nobody has seen, and whose root no later tree
        // contradicts in public: it never leaves this process.

        // 2. Everything that follows from the swap, in one durable file.
        let bytes = stage.encode();
        let name = stage.name();
        self.store.put_durable(&name, &bytes)?;
        // If we die here: the state is the one before. The stage is whole and signed, so this tree is the next one
        // and no other may be: recovery goes on from it. If it is torn, recovery drops it: nobody saw the note.

        // 3. The point of no return.
        let state = StateRecord::new(stage.checkpoint().clone(), Some(Digest::of(&bytes)), stage.time_ms());
        let old = self.state.as_ref().map(StateRecord::encode);
        self.store.swap_state(old.as_deref(), &state.encode())?;
        self.state = Some(state);
        // If we die here: the state names the stage, which is durable. Recovery carries it out.

        // 4. Bundles, tiles and texts, not synced: the stage vouches for them until `settle` has synced.
        let statements: Vec<_> = admitted.into_iter().map(Admitted::into_statement).collect();
        let redacts = statements.iter().any(|one| one.payload().kind() == StatementType::Redaction);
        let dropped = if redacts { self.dropped(&stage)? } else { HashSet::new() };
        self.write_texts(&stage, &dropped)?;
        write_growth(self.store.as_ref(), &growth)?;
        // If we die here: files beyond the published checkpoint lie, some perhaps empty after a loss of power. The
        // stage lies too, until its tree is published, and recovery writes them again.
        self.wait_for_publication(&stage, growth, statements, namings)
    }

    /// Step 1: the tree with these entries, signed, and everything that a round has to write.
    fn plan(&self, admitted: &[Admitted], namings: &[Naming]) -> Result<(Stage, Growth), WriterError> {
        let entries = admitted.iter().map(|one| (*one.leaf_hash(), one.entry()));
        let growth = self.edge.grow(entries)?;
        let time = self.time_ms();
        let checkpoint = self.signer.sign(&growth.edge().head(), time / 1000)?;
        let mut addenda = Vec::new();
        for ((index, one), naming) in (self.edge.size().get()..).zip(admitted).zip(namings) {
            let entry = LeafIndex::new(index).map_err(|_| WriterError::Full)?;
            addenda.extend(one.addenda().iter().map(|bytes| StagedAddendum {
                entry,
                digest: Digest::of(bytes),
                bytes: bytes.clone(),
            }));
            // What a disclosure brings is its target's, and lies in the target's pack.
            if let Some(target) = naming.entries().first() {
                addenda.extend(one.opened().iter().map(|text| StagedAddendum {
                    entry: target.index,
                    digest: text.digest(),
                    bytes: text.encode(),
                }));
            }
        }
        let entries = admitted.iter().map(|one| one.entry().to_vec()).collect();
        let stage = Stage::new(self.edge.head(), checkpoint, time, entries, addenda)?;
        Ok((stage, growth))
    }

    /// Takes in a round of which all is written, and which waits for its publication.
    fn wait_for_publication(
        &mut self,
        stage: &Stage,
        growth: Growth,
        statements: Vec<Statement>,
        namings: Vec<Naming>,
    ) -> Result<(), WriterError> {
        let size = stage.new_head().size();
        self.lying.push((size, stage.name()));
        self.filled.extend(growth.filled().iter().map(|path| (size, path.clone())));
        self.edge = growth.into_edge();
        self.backlog.push(DurableRound::new(stage, statements, namings)?);
        Ok(())
    }

    /// Writes the texts of a round into their packs, but for those that are dropped: these become tombstones.
    pub(crate) fn write_texts(
        &mut self,
        stage: &Stage,
        dropped: &HashSet<(LeafIndex, Digest)>,
    ) -> Result<(), WriterError> {
        let is_dropped = |entry, digest: &Digest| dropped.contains(&(entry, *digest));
        let written = self.packs.write(self.store.as_ref(), stage.addenda(), &is_dropped)?;
        let erased = written.iter().filter(|record| record.erased);
        erased.for_each(|record| self.erasures.tombstones.add(&record.digest));
        Ok(())
    }

    /// The texts of a round that are redacted in it, for good: nobody brings them back. What an earlier redaction takes by this round, for it
    /// counts again, is written, and erased once the published tree says so.
    fn dropped(&mut self, stage: &Stage) -> Result<HashSet<(LeafIndex, Digest)>, WriterError> {
        let (old, now_ms) = (stage.old_head().size(), self.time_ms());
        let mut dropped = HashSet::new();
        for text in stage.addenda() {
            let bad = |rule: String| WriterError::BadEntry { index: text.entry, rule };
            let staged = text.entry.get().checked_sub(old.get()).and_then(|at| usize::try_from(at).ok());
            let bytes = match staged {
                Some(at) => stage.entries().get(at).cloned(),
                None => self.files.entry(old, text.entry)?,
            };
            let bytes = bytes.ok_or_else(|| bad("is not in the tree".to_owned()))?;
            let entry = Entry::parse(&bytes).map_err(|error| bad(error.to_string()))?;
            let state = self.registry.state_of(entry.statement());
            let mut addenda = entry.statement().payload().addenda().iter();
            let field = addenda.find(|(_, digest)| **digest == text.digest).map(|(field, _)| *field);
            let by = field.and_then(|field| state.redacted.get(&field));
            let is_of_it = |by: &LeafIndex| !by.is_in(old);
            if let Some(by) = by.filter(|by| is_of_it(by) && self.erasures.is_past_hold(**by, now_ms)) {
                self.erasures.begin(*by, &self.registry);
                dropped.insert((text.entry, text.digest));
            }
        }
        Ok(dropped)
    }

    /// The last look of a start: at the pack to which the next texts go, so that damage stops the start and not the first
    /// round, which is signed before it is written. A log that is closed gets no texts any more.
    pub(crate) fn look_at_newest_pack(&mut self) -> Result<(), WriterError> {
        self.packs = match self.edge.size().get() % BUNDLE {
            _ if self.registry.closed_at().is_some() => PackWriter::new(),
            0 => PackWriter::new(),
            _ => PackWriter::knowing(self.store.as_ref(), self.edge.size().get() / BUNDLE)?,
        };
        self.check_lost()
    }

    /// Recovery's look at records that lost their text and that no stage brings back: redacted ones were being erased, by an edition
    /// that wrote no marks first, and are erased later. A record that is no text of its entry was written by no round that was answered.
    pub(crate) fn check_lost(&self) -> Result<(), WriterError> {
        let size = self.edge.head().size();
        for PackRecord { entry: index, digest, place, .. } in self.packs.lost() {
            let Some(bytes) = self.files.entry(size, *index)? else { continue };
            let bad = |rule: String| WriterError::BadEntry { index: *index, rule };
            let entry = Entry::parse(&bytes).map_err(|error| bad(error.to_string()))?;
            let state = self.registry.state_of(entry.statement());
            let mut addenda = entry.statement().payload().addenda().iter();
            if addenda.any(|(field, known)| known == digest && !state.is_redacted(*field)) {
                let path = pack_path(place.pack);
                return Err(PackError::Damaged { path, offset: place.offset }.into());
            }
        }
        Ok(())
    }

    /// Recovery's way to step 4: the stage's own entries, read again, and the same bytes. Nothing is dropped unwritten: whether
    /// a redaction counts is only known when all rounds are done again, and then it erases.
    pub(crate) fn carry_out_again(&mut self, stage: &Stage, growth: Growth) -> Result<(), WriterError> {
        let mut statements = Vec::with_capacity(stage.entries().len());
        let mut namings = Vec::with_capacity(stage.entries().len());
        let mut staged = WholePast::default();
        let (files, index) = (self.files.clone(), self.index.clone());
        let written = PastEntries::new(*stage.old_head(), &files, &index, Patience::Whole);
        for (index, bytes) in (stage.old_head().size().get()..).zip(stage.entries()) {
            let index = LeafIndex::new(index).map_err(|_| WriterError::Full)?;
            let entry = Entry::parse(bytes)
                .map_err(|error| WriterError::BadEntry { index, rule: error.to_string() })?;
            let naming = self.registry.check(index, entry.statement(), &Both(&staged, &written))?;
            let again = self.registry.apply_named(index, entry.statement(), &naming)?;
            self.erasures.count_again(index, &entry.statement().claims().iss, &again);
            if let Some(redaction) = Redaction::of(entry.statement(), &naming) {
                self.erasures.know(index, redaction);
            }
            namings.push(naming);
            staged.remember(entry.leaf_hash(), index, entry.statement().clone());
            statements.push(entry.into_statement());
        }
        self.write_texts(stage, &HashSet::new())?;
        write_growth_again(self.store.as_ref(), &growth)?;
        self.wait_for_publication(stage, growth, statements, namings)
    }
}
