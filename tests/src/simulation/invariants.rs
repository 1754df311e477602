//! What must always be true, a function for each, named like it. The world calls them after every step.

use glasshouse_ledger::backlog::BACKLOG_STATEMENTS_MAX;
use glasshouse_ledger::fsck::fsck;
use glasshouse_ledger::reader::{AddendumState, Reader};
use glasshouse_ledger::store::Store;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::{Digest, LeafHash, RootHash};
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::vkey::Vkey;

use super::disk::Disk;
use super::known::{Erased, Known};
use crate::traces::Needles;

/// Entries of the greatest round, which may come on top of a full backlog.
const ROUND_ENTRIES: usize = 8_192;

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Its function's name.
    pub invariant: &'static str,
    /// What was seen.
    pub what: String,
}

pub(super) type Held = Result<(), Broken>;

/// Holds, or says what was seen.
pub(super) fn hold(invariant: &'static str, holds: bool, what: impl FnOnce() -> String) -> Held {
    if holds { Ok(()) } else { Err(Broken { invariant, what: what() }) }
}

/// Anything that fails where it must not.
pub(super) fn must<T, E: std::fmt::Display>(
    invariant: &'static str,
    what: &str,
    done: Result<T, E>,
) -> Result<T, Broken> {
    done.map_err(|error| Broken { invariant, what: format!("{what}: {error}") })
}

/// Design §1, 1 and 2: entries that are published for the first time are signed by keys that were enrolled there, and none is
/// there twice. `reader` shows a published tree that is greater than what is known.
pub(super) fn take_published(known: &mut Known, reader: &Reader) -> Held {
    let head = reader.head();
    hold("no_checkpoint_is_contradicted", head.size().get() >= known.published, || {
        format!("the published tree shrank from {} to {}", known.published, head.size())
    })?;
    while known.size() < head.size().get() {
        let first = LeafIndex::new(known.size()).unwrap();
        let entries =
            must("nothing_answered_is_lost", "published entries cannot be read", reader.entries_from(first))?;
        hold("nothing_answered_is_lost", !entries.is_empty(), || {
            format!("entry {first} is published and not there")
        })?;
        for bytes in entries {
            let index = LeafIndex::new(known.size()).unwrap();
            let entry = must("every_entry_is_signed_by_an_enrolled_key", "an entry", Entry::parse(&bytes))?;
            every_entry_is_signed_by_an_enrolled_key(known, index, &entry)?;
            no_entry_is_there_twice(known, index, &entry)?;
            known.push(entry);
        }
    }
    known.published = head.size().get();
    no_checkpoint_is_contradicted(known, head.size().get(), head.root(), "what readers see")?;
    settle_ahead(known)
}

/// Trees that somebody saw before they were published: they are published now, and the same.
fn settle_ahead(known: &mut Known) -> Held {
    let reached = known.ahead.split_off(&(known.size() + 1));
    let settled = std::mem::replace(&mut known.ahead, reached);
    settled.iter().try_for_each(|(size, root)| {
        no_checkpoint_is_contradicted(known, *size, root, "what left the log before")
    })
}

/// Design §1, 1. By the verifier's registry, from entry 0 on.
fn every_entry_is_signed_by_an_enrolled_key(known: &mut Known, index: LeafIndex, entry: &Entry) -> Held {
    let applied = known.registry.verify_and_apply(index, entry.statement(), &known.past);
    must("every_entry_is_signed_by_an_enrolled_key", &format!("entry {index}"), applied).map(|_| ())
}

/// No leaf and no number of an issuer twice.
fn no_entry_is_there_twice(known: &mut Known, index: LeafIndex, entry: &Entry) -> Held {
    let leaf = entry.leaf_hash();
    let (iss, number) = (entry.statement().claims().iss.to_string(), entry.statement().sequence().get());
    hold("no_entry_is_there_twice", !known.places.contains_key(&leaf), || {
        format!("entry {index} is there before")
    })?;
    let is_new = known.numbers.insert((iss.clone(), number));
    hold("no_entry_is_there_twice", is_new, || {
        format!("entry {index}: number {number} of {iss} is there before")
    })
}

/// Design §1, 2: a tree of this size has this root, whoever shows it.
pub(super) fn no_checkpoint_is_contradicted(known: &Known, size: u64, root: &RootHash, by: &str) -> Held {
    let before = known.root(size);
    hold("no_checkpoint_is_contradicted", before.is_none_or(|before| before == root), || {
        format!("{by}: another root of size {size}")
    })
}

/// A tree with the log's signature leaves the log, published or not.
pub(super) fn take_signed(known: &mut Known, size: u64, root: &RootHash, by: &str) -> Held {
    no_checkpoint_is_contradicted(known, size, root, by)?;
    if size > known.size() {
        known.ahead.insert(size, *root);
    }
    Ok(())
}

/// Design §1, 2: after a start the published entries are those from before, and all that was answered is among them.
pub(super) fn nothing_answered_is_lost(known: &Known, reader: &Reader) -> Held {
    let name = "nothing_answered_is_lost";
    let size = reader.head().size().get();
    let answered = known.answered.values().map(|index| index.get() + 1).max().unwrap_or(0);
    hold(name, size >= answered.max(known.published), || {
        format!("size {size} is published, and {answered} was answered, {} published", known.published)
    })?;
    let mut at = 0;
    while at < known.size() {
        let entries = must(name, "entries cannot be read", reader.entries_from(LeafIndex::new(at).unwrap()))?;
        hold(name, !entries.is_empty(), || format!("entry {at} is gone"))?;
        for bytes in entries {
            let Some(leaf) = known.leaves.get(usize::try_from(at).unwrap()) else { return Ok(()) };
            hold(name, LeafHash::of_entry(&bytes) == *leaf, || format!("entry {at} is another one now"))?;
            at += 1;
        }
    }
    Ok(())
}

/// Design §1, 3: an answer that leaves the log is about an entry that a checkpoint covers which survives a loss of power now.
pub(super) fn answers_come_after_publication(
    known: &mut Known,
    place: (LeafHash, LeafIndex),
    durable: Option<&SignedCheckpoint>,
) -> Held {
    let (name, (leaf, index)) = ("answers_come_after_publication", place);
    let at = usize::try_from(index.get()).unwrap();
    hold(name, known.leaves.get(at) == Some(&leaf), || {
        format!("entry {index} was answered, and is not published")
    })?;
    let covers = durable.is_some_and(|note| index.is_in(note.head().size()));
    hold(name, covers, || {
        format!("entry {index} was answered, and no checkpoint that would survive covers it")
    })?;
    let before = known.answered.insert(leaf, index);
    hold("no_entry_is_there_twice", before.is_none_or(|before| before == index), || {
        format!("entry {index} was answered with the place {before:?} before")
    })
}

/// What is published, or shown to a reader, has its quorum where one is required; and no checkpoint is contradicted.
pub(super) fn what_is_published_has_its_quorum(
    known: &mut Known,
    note: &[u8],
    keys: (&Vkey, Option<&Policy>),
    by: &str,
) -> Result<SignedCheckpoint, Broken> {
    let name = "what_is_published_has_its_quorum";
    let (log, required) = keys;
    let signed = must(name, by, SignedCheckpoint::open(note, log))?;
    take_signed(known, signed.head().size().get(), signed.head().root(), by)?;
    if let Some(policy) = required {
        must(name, by, policy.open(note))?;
    }
    Ok(signed)
}

/// What waits has a bound.
pub(super) fn the_backlog_is_bounded(unpublished: usize, pooled: usize, queue: usize) -> Held {
    let name = "the_backlog_is_bounded";
    hold(name, unpublished <= BACKLOG_STATEMENTS_MAX + ROUND_ENTRIES, || {
        format!("{unpublished} are unpublished")
    })?;
    hold(name, pooled <= queue, || format!("{pooled} wait for a round, and the queue has room for {queue}"))
}

/// Design §1, 4 and 5: a text that a redaction took is in no answer. Gives those that count: a withdrawal can take one back.
pub(super) fn what_was_redacted_is_in_no_answer<'a>(
    known: &'a Known,
    reader: &Reader,
) -> Result<Vec<&'a Erased>, Broken> {
    let name = "what_was_redacted_is_in_no_answer";
    let mut gone = Vec::new();
    for text in &known.erased {
        let index = LeafIndex::new(known.places[&text.leaf]).unwrap();
        let entry = &known.entries[usize::try_from(index.get()).unwrap()];
        // The verifier's replay says whether the redaction counts, or was withdrawn in time.
        let should = known.registry.state_of(entry.statement()).redacted.contains_key(&text.field);
        let state = must(name, "a text's state", reader.addendum(&Digest::of(&text.bytes)))?;
        let is_redacted = matches!(state, AddendumState::Redacted { .. });
        hold(name, is_redacted == should, || format!("{} of entry {index}: {state:?}", text.field))?;
        if !should {
            continue;
        }
        gone.push(text);
        let texts = must(name, "an entry's texts", reader.texts(entry, index))?;
        hold(name, texts.iter().all(|one| one.encode() != text.bytes), || {
            format!("{} of entry {index}", text.field)
        })?;
    }
    Ok(gone)
}

/// Design §1, 4: nothing of such a text lies in any file, now or after a loss of power.
pub(super) fn what_was_redacted_is_in_no_file(
    known: &Known,
    gone: &[&Erased],
    disks: &[&Disk],
    also_tree: bool,
) -> Held {
    let mut needles = Needles::default();
    for text in gone {
        let [of, by] = [&text.leaf, &text.by].map(|leaf| known.places[leaf]);
        needles.add_addendum(&text.bytes, &format!("{} of entry {of}, which entry {by} redacts", text.field));
    }
    for (name, bytes) in disks.iter().flat_map(|disk| disk.files(also_tree)) {
        let found = needles.found_in(&bytes);
        hold("what_was_redacted_is_in_no_file", found.is_none(), || {
            format!("{name} holds {}", found.unwrap_or_default())
        })?;
    }
    Ok(())
}

/// Design §1, 5: a text is served, withheld by a signed statement, or redacted by one.
pub(super) fn every_text_has_one_state(entry: &Entry, reader: &Reader) -> Held {
    let name = "every_text_has_one_state";
    for (field, digest) in entry.statement().payload().addenda().iter() {
        match must(name, field.as_str(), reader.addendum(digest))? {
            AddendumState::Served { bytes, .. } | AddendumState::Disclosed { bytes, .. } => {
                hold(name, Digest::of(&bytes) == *digest, || format!("{field} is another text"))?;
            }
            AddendumState::Withheld { .. } => {
                let withheld = entry.statement().payload().withheld().contains_key(field);
                hold(name, withheld, || format!("{field} is called withheld"))?;
            }
            AddendumState::Redacted { .. } => {}
            AddendumState::NotFound => hold(name, false, || format!("{field} is not known"))?,
        }
    }
    Ok(())
}

/// For one size of one log a witness cosigns one root, and no other than the log's.
pub(super) fn no_witness_cosigns_two_roots(
    known: &mut Known,
    witness: usize,
    size: u64,
    root: &RootHash,
) -> Held {
    let name = "no_witness_cosigns_two_roots";
    let before = known.cosigned.insert((witness, size), *root);
    hold(name, before.is_none_or(|before| before == *root), || format!("witness {witness} at size {size}"))?;
    let ours = known.root(size);
    hold(name, ours.is_none_or(|ours| ours == root), || {
        format!("witness {witness} cosigned a fork at size {size}")
    })
}

/// Every byte in the store follows from the entries.
pub(super) fn the_folder_is_whole(store: &dyn Store, log: &Vkey) -> Held {
    let report = must("the_folder_is_whole", "fsck", fsck(store, log))?;
    hold("the_folder_is_whole", report.is_clean(), || format!("{:?}", report.findings))
}
