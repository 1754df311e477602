//! Writes down what the published entries say, behind the answers, so that a start has few entries to read.

use std::collections::HashMap;

use glasshouse_verifier::size::{LeafIndex, TreeSize};

use super::bundle_seen::BundleSeen;
use super::record::{NAME, Parts};
use super::{History, served};
use crate::backlog::DurableRound;
use crate::erasures::Redaction;
use crate::pack::pack_path;
use crate::tree_files::BUNDLE;
use crate::writer::{Core, WriterError};

/// It is written anew when the published tree has grown by so many entries: what a start reads within a second.
const EVERY: u64 = 50_000;
/// Bundles that are looked at behind one settling: some ten milliseconds.
const LOOKED_AT_ONCE: usize = 32;

/// What the writer need not know, and the file has.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    /// Every published redaction, in the order of the log.
    redactions: Vec<(LeafIndex, Redaction)>,
    /// What was seen in each full bundle and its pack. What is written into one later has another stamp, and the next start
    /// looks again.
    bundles: Vec<BundleSeen>,
    /// Where to go on looking.
    next: usize,
    /// How many texts the entries of a bundle serve from the start; of those that were not looked at.
    texts: HashMap<u64, u64>,
    /// The size up to which the file that lies says everything.
    covered: u64,
    /// Why the file was not used at start.
    pub(crate) remark: Option<&'static str>,
}

impl Keeper {
    /// Goes on from what was read at start.
    pub(crate) fn of(history: &History) -> Keeper {
        let (full, rest) = (history.registry.size() / BUNDLE, history.registry.size() % BUNDLE);
        let begun = (rest > 0).then_some((full, history.last_texts));
        let full = usize::try_from(full).unwrap_or(usize::MAX);
        Keeper {
            redactions: history.redactions.clone(),
            bundles: history.bundles.iter().take(full).copied().collect(),
            next: 0,
            texts: begun.into_iter().collect(),
            covered: history.covered,
            remark: history.remark,
        }
    }

    /// Takes in a round that is published.
    pub(crate) fn take(&mut self, round: &DurableRound) {
        for (index, statement) in (round.first().get()..).zip(&round.statements) {
            *self.texts.entry(index / BUNDLE).or_default() += served(statement);
        }
        for index in round.redactions() {
            let place = usize::try_from(index.get() - round.first().get()).unwrap_or(usize::MAX);
            let said = round.statements.get(place).zip(round.namings.get(place));
            let redaction = said.and_then(|(statement, naming)| Redaction::of(statement, naming));
            self.redactions.extend(redaction.map(|redaction| (index, redaction)));
        }
    }
}

impl Core {
    /// Looks at some bundles that were filled, and writes everything down when enough was published since the last time. Where it
    /// is lost, a start reads more: so only a failed sync is an error.
    pub(crate) fn keep_history(&mut self) -> Result<(), WriterError> {
        let published = *self.shared.current().head();
        if published.size().get() < EVERY {
            return Ok(());
        }
        self.look_at_bundles(published.size(), LOOKED_AT_ONCE);
        match published.size().get().saturating_sub(self.keeper.covered) >= EVERY {
            true => self.write_history(),
            false => Ok(()),
        }
    }

    /// Looks at all bundles that were filled, and writes everything down.
    pub(crate) fn keep_all_history(&mut self) -> Result<(), WriterError> {
        let size = self.shared.current().head().size();
        self.look_at_bundles(size, usize::MAX);
        self.write_history()
    }

    /// Bundles that nothing vouches for, the oldest first, at most so many.
    fn look_at_bundles(&mut self, size: TreeSize, most: usize) {
        let full = usize::try_from(size.get() / BUNDLE).unwrap_or(usize::MAX);
        self.keeper.bundles.resize(full.max(self.keeper.bundles.len()), BundleSeen::default());
        let bare = |(_, seen): &(u64, &mut BundleSeen)| seen.stamp.is_none();
        let bundles = (0..).zip(&mut self.keeper.bundles).skip(self.keeper.next).filter(bare).take(most);
        let (files, texts) = (&self.files, &mut self.keeper.texts);
        let mut last = None;
        for (bundle, seen) in bundles {
            *seen = BundleSeen::look(files, size, bundle, texts.get(&bundle).copied().unwrap_or(0));
            if seen.stamp.is_some() {
                texts.remove(&bundle);
            }
            last = Some(bundle);
        }
        // Those that nothing vouches for yet are looked at again when all others were.
        self.keeper.next = last.map_or(0, |last| usize::try_from(last + 1).unwrap_or(0));
    }

    /// Writes down what the published tree says.
    fn write_history(&mut self) -> Result<(), WriterError> {
        // What a stamp stands for must not be undone by a loss of power.
        self.store.sync()?;
        // If we die here: the old file lies, and the next start reads more.
        let published = self.shared.current();
        let head = published.head();
        let registry = self.shared.registry();
        let parts = Parts {
            head,
            registry: &registry,
            stats: &published.stats,
            redactions: &self.keeper.redactions,
            bundles: &self.keeper.bundles,
        };
        let bytes = parts.encode();
        drop(registry);
        // If we die within: the old file lies, or, where there was none, a part, which its hash gives away. If it cannot be
        // written, for want of room say, it is tried again when as much has come.
        match self.store.put_durable(NAME, &bytes) {
            Err(error) if error.is_of_sync() => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        self.keeper.covered = head.size().get();
        Ok(())
    }

    /// The bytes of these packs are about to change: what vouches for them is withdrawn before, durably. A loss of power could
    /// otherwise keep the new bytes and the old stamp.
    pub(crate) fn withdraw_stamps(&mut self, packs: impl Iterator<Item = u64>) -> Result<(), WriterError> {
        let mut withdrawn = false;
        for pack in packs {
            let seen = usize::try_from(pack).ok().and_then(|pack| self.keeper.bundles.get_mut(pack));
            if let Some(seen) = seen.filter(|seen| seen.stamp.is_some()) {
                self.store.touch(&pack_path(pack))?;
                (*seen, withdrawn) = (BundleSeen::default(), true);
            }
        }
        if withdrawn { Ok(self.store.sync()?) } else { Ok(()) }
    }
}
