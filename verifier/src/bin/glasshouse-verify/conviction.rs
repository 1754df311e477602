//! What an audit proves to others: forks, rewritten entries, entries that no rule allows. Only a proof convicts: entries that
//! a broken mirror serves differ too, and the log is not to blame for them.

use std::collections::BTreeMap;

use glasshouse_verifier::bad_entry::BadEntry;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::consistency::{ConsistencyProof, verify_consistency};
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::evidence::{Evidence, Fork};
use glasshouse_verifier::hash::{LeafHash, NodeHash};
use glasshouse_verifier::head::{NewTree, OldTree};
use glasshouse_verifier::inclusion::{InclusionProof, verify_inclusion};
use glasshouse_verifier::proved_entry::ProvedEntry;
use glasshouse_verifier::provider::EnrolledKey;
use glasshouse_verifier::receipt::{Receipt, ReceiptEntry};
use glasshouse_verifier::rewritten_entry::RewrittenEntry;
use glasshouse_verifier::size::{LeafIndex, TreeSize};

use crate::audit::Audit;
use crate::copy_nodes::CopyNodes;
use crate::finding::{Finding, Findings};
use crate::source::Source;
use crate::tile_nodes::TileNodes;
use crate::tree_nodes::TreeNodes;

/// Entries of receipts that a reader kept, and those that the log shows otherwise now.
#[derive(Default)]
pub(crate) struct Kept {
    entries: BTreeMap<u64, ProvedEntry>,
    rewritten: Vec<ProvedEntry>,
}

impl Kept {
    /// Has an entry compared with what stands at its index.
    pub(crate) fn add(&mut self, entry: ProvedEntry) {
        self.entries.insert(entry.index().get(), entry);
    }

    /// Compares the entry that is served at an index.
    pub(crate) fn compare(&mut self, index: LeafIndex, served: &[u8], findings: &mut Findings) {
        let Some(kept) = self.entries.remove(&index.get()) else { return };
        if kept.entry() != served {
            let detail =
                "another entry is served than the one that a receipt which you kept proves".to_owned();
            findings.add(Finding::entry(index, "rewritten", detail));
            self.rewritten.push(kept);
        }
    }

    /// The largest index that was not compared.
    pub(crate) fn left(&self) -> Option<u64> {
        self.entries.keys().next_back().copied()
    }
}

/// What came of the attempt to prove that an entry is wrong.
enum Proof {
    Of(Box<BadEntry>),
    /// Something that it takes is not to be had.
    Missing,
    /// No evidence is made of that.
    Impossible,
}

/// How a smaller tree stands to a larger one, as far as nodes of the larger one show.
pub(crate) enum Prefix {
    Consistent,
    Fork(Box<Fork>),
    /// What was read does not lead to the larger root.
    Unknown,
}

/// Holds two checkpoints against each other; `path` gives the consistency proof with its first node written out.
pub(crate) fn judge_prefix(
    old: &SignedCheckpoint,
    new: &SignedCheckpoint,
    path: impl FnOnce(TreeSize) -> Option<Vec<NodeHash>>,
) -> Prefix {
    let size = old.head().size();
    if size == new.head().size() {
        return match Fork::same_size(old.clone(), new.clone()) {
            Ok(fork) => Prefix::Fork(Box::new(fork)),
            Err(_) => Prefix::Consistent,
        };
    }
    if size == TreeSize::ZERO {
        return Prefix::Consistent;
    }
    let Some(path) = path(size) else { return Prefix::Unknown };
    if let Ok(fork) = Fork::other_prefix(old.clone(), new.clone(), path.clone()) {
        return Prefix::Fork(Box::new(fork));
    }
    // RFC 6962 §2.1.2 leaves the first node out where the old tree is complete.
    let skip = usize::from(size.get().is_power_of_two());
    let Ok(proof) = ConsistencyProof::new(path.into_iter().skip(skip).collect()) else {
        return Prefix::Unknown;
    };
    match verify_consistency(&OldTree(*old.head()), &NewTree(*new.head()), &proof) {
        Ok(()) => Prefix::Consistent,
        Err(_) => Prefix::Unknown,
    }
}

impl Audit {
    /// Compares the tree so far with every older checkpoint of its size (step 4).
    pub(crate) fn compare_older(&mut self, newest: &SignedCheckpoint) {
        while let Some(old) = self.older.first().filter(|old| old.head().size() <= self.frontier.size()) {
            let old = old.clone();
            self.older.remove(0);
            if old.head().size() < self.frontier.size() {
                self.compare_passed(&old, newest);
            } else if *old.head().root() != self.frontier.root() {
                self.differs(&old, newest);
            }
        }
    }

    /// A checkpoint of a size that the tree had before: its root follows from a proof only.
    fn compare_passed(&mut self, old: &SignedCheckpoint, newest: &SignedCheckpoint) {
        match self.prefix(old, newest) {
            Prefix::Consistent => {}
            Prefix::Fork(_) => self.differs(old, newest),
            Prefix::Unknown => {
                let size = old.head().size();
                let detail = format!(
                    "the log shows no proof that its tree begins with that of a checkpoint of {size}"
                );
                self.found.findings.add(Finding::whole("older-checkpoint", detail));
            }
        }
    }

    fn differs(&mut self, old: &SignedCheckpoint, newest: &SignedCheckpoint) {
        let size = old.head().size();
        let detail =
            format!("what is served at the beginning is not the tree of size {size} that the log signed");
        self.found.findings.add(Finding::whole("older-checkpoint", detail));
        match self.prefix(old, newest) {
            Prefix::Fork(fork) => self.found.convict(Evidence::Fork(fork)),
            // Without the tiles there is no proof, until the copy has all of the newest tree.
            _ => self.found.contradicted.push(old.clone()),
        }
    }

    /// Two checkpoints of the log, from its tiles, else from the copy that is kept.
    pub(crate) fn prefix(&self, one: &SignedCheckpoint, other: &SignedCheckpoint) -> Prefix {
        let (old, new) = match one.head().size() <= other.head().size() {
            true => (one, other),
            false => (other, one),
        };
        match prefix_by_tiles(self.bundles.source(), old, new) {
            Prefix::Unknown => judge_prefix(old, new, |size| {
                let copy = self.bundles.copy()?;
                CopyNodes::new(copy.clone(), new.head().size()).path_from(size).ok()
            }),
            known => known,
        }
    }

    /// Makes evidence of what is wrong with entries, when the tree's root is known to be the signed one. What cannot be proved
    /// now, because a node or an entry is not to be had, is kept for the next time.
    pub(crate) fn convict_entries(&mut self, newest: &SignedCheckpoint) {
        for kept in std::mem::take(&mut self.kept.rewritten) {
            let Some(now) = self.prove_entry(kept.index(), newest) else {
                self.kept.rewritten.push(kept);
                continue;
            };
            let in_order = kept.checkpoint().head().size() <= newest.head().size();
            let (one, other) = if in_order { (kept, now) } else { (now, kept) };
            if let Ok(rewritten) = RewrittenEntry::new(one, other) {
                self.found.convict(Evidence::RewrittenEntry(Box::new(rewritten)));
            }
        }
        for index in std::mem::take(&mut self.found.bad) {
            match self.prove_bad(index, newest) {
                Proof::Of(bad) => self.found.convict(Evidence::BadEntry(bad)),
                Proof::Missing => self.found.is_bad(index),
                Proof::Impossible => {}
            }
        }
    }

    /// Entries of the signed tree that are wrong and could not be proved to be, in no order.
    pub(crate) fn unproved(&self, newest: &SignedCheckpoint) -> Vec<LeafIndex> {
        match self.frontier.root() == *newest.head().root() {
            true => {
                let rewritten = self.kept.rewritten.iter().map(ProvedEntry::index);
                self.found.bad.iter().copied().chain(rewritten).collect()
            }
            false => Vec::new(),
        }
    }

    fn prove_bad(&self, index: LeafIndex, newest: &SignedCheckpoint) -> Proof {
        let Some(at) = self.prove_entry(index, newest) else { return Proof::Missing };
        if let Ok(bad) = BadEntry::new(at.clone(), None) {
            return Proof::Of(Box::new(bad));
        }
        let Some(enrolment) = self.enrolled_at(at.entry()) else { return Proof::Impossible };
        let Some(enrolment) = self.receipt(enrolment, newest) else { return Proof::Missing };
        match BadEntry::new(at, Some(&enrolment)) {
            Ok(bad) => Proof::Of(Box::new(bad)),
            Err(_) => Proof::Impossible,
        }
    }

    fn prove_entry(&self, index: LeafIndex, newest: &SignedCheckpoint) -> Option<ProvedEntry> {
        let item = self.receipt_entry(index, newest)?;
        ProvedEntry::new(newest.clone(), index, item.entry, item.path).ok()
    }

    /// Where the log's registrar admitted the key that a statement names.
    fn enrolled_at(&self, entry: &[u8]) -> Option<LeafIndex> {
        let entry = Entry::parse(entry).ok()?;
        self.registry.keys().get(entry.statement().kid()).map(EnrolledKey::enrolled_at)
    }

    /// The receipt of an entry, without texts, from what the log serves.
    pub(crate) fn receipt(&self, index: LeafIndex, newest: &SignedCheckpoint) -> Option<String> {
        let first = self.receipt_entry(index, newest)?;
        let entry = Entry::parse(&first.entry).ok()?;
        let statement = entry.statement();
        let keys = self.registry.keys();
        let enrolment = (!statement.claims().is_registrar()).then(|| keys.get(statement.kid())).flatten();
        let enrolment = enrolment.map(|key| key.enrolled_at());
        let mut rest = self.registry.chain_to(enrolment.unwrap_or(index), &self.log);
        rest.retain(|at| *at != index);
        rest.extend(enrolment);
        rest.sort();
        let genesis = (index != LeafIndex::ZERO).then_some(LeafIndex::ZERO);
        let mut entries = vec![first];
        for at in genesis.into_iter().chain(rest) {
            entries.push(self.receipt_entry(at, newest)?);
        }
        Some(Receipt::new(newest.note_text(), entries, Vec::new()).ok()?.encode())
    }

    /// An entry and its way to the root, from the log's tiles, else from the copy that is kept: whoever serves a tile can
    /// refuse it, or serve another one.
    fn receipt_entry(&self, index: LeafIndex, newest: &SignedCheckpoint) -> Option<ReceiptEntry> {
        let entry = self.past.read(index).ok()??;
        let (head, leaf) = (newest.head(), LeafHash::of_entry(&entry));
        let leads = |hashes: Vec<NodeHash>| {
            let path = InclusionProof::new(hashes).ok()?;
            verify_inclusion(&leaf, index, head, &path).ok().map(|()| path)
        };
        let by_tiles = TileNodes::new(self.bundles.source(), head.size()).path_to(index).ok();
        let path = by_tiles.and_then(leads).or_else(|| {
            let copy = self.bundles.copy()?;
            CopyNodes::new(copy.clone(), head.size()).path_to(index).ok().and_then(leads)
        })?;
        Some(ReceiptEntry { index, entry, path })
    }
}

/// Two checkpoints, from the tiles of the larger tree that somebody serves.
pub(crate) fn prefix_by_tiles(source: &Source, old: &SignedCheckpoint, new: &SignedCheckpoint) -> Prefix {
    judge_prefix(old, new, |size| TileNodes::new(source, new.head().size()).path_from(size).ok())
}
