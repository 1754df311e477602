//! The texts of every bundle: each one that is committed to is what the entries say became of it, and there are no others.
//!
//! What became of a text is known when the whole log was read. Of most texts nothing was said later: each pack is looked at
//! with its bundle, as if that were so of all of it, and only what is out of the ordinary is looked at once more in the end.

use std::collections::{BTreeMap, HashSet};

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::entry_state::{EntryState, TextState};
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::tile::bundles_of;
use glasshouse_verifier::vkey::Vkey;

use super::bundles::{Bundle, read_batch};
use super::entries::{self, Read};
use super::staged::{Beyond, Staged};
use super::{Finding, FsckReport, newest_size};
use crate::erasures::record::ErasureRecord;
use crate::pack::{HEAD_BYTES, PackError, PackRecord, pack_path, text_of, walk_pack};
use crate::store::{Store, StoreError};

/// What says beside the entries what became of each text.
pub(super) struct Light<'a> {
    /// What the ledger has written down of erasing.
    pub(super) record: Option<ErasureRecord>,
    /// The last time that the ledger used, in milliseconds since 1970.
    pub(super) time_ms: u64,
    /// Rounds that lie staged.
    pub(super) staged: &'a Staged,
    /// The size of the published tree.
    pub(super) size: TreeSize,
    /// Whether a server is running.
    pub(super) live: bool,
}

impl Light<'_> {
    /// Whether the redaction at that place is held, as far as the ledger has written down.
    fn is_held(&self, by: LeafIndex) -> bool {
        self.record.as_ref().is_some_and(|record| record.is_held(by, self.time_ms))
    }
}

/// The texts of a bundle of which none is out of the ordinary.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain {
    served: u32,
    withheld: u32,
}

/// What one pack holds, beside what its bundle says.
#[derive(Default)]
struct Pack {
    served: u64,
    withheld: u64,
    erased: u64,
    held: u64,
    findings: Vec<Finding>,
    suspects: Vec<Suspect>,
}

/// A text that is not there although it is served, or there although it is withheld, as far as the entries were read.
struct Suspect {
    index: LeafIndex,
    field: FieldName,
    digest: Digest,
    is_there: bool,
    rule: String,
}

impl Pack {
    /// Whether all texts are as their statements alone have them.
    fn plain(&self) -> Option<Plain> {
        let nothing_else =
            self.findings.is_empty() && self.suspects.is_empty() && self.erased + self.held == 0;
        let (served, withheld) = (u32::try_from(self.served).ok()?, u32::try_from(self.withheld).ok()?);
        nothing_else.then_some(Plain { served, withheld })
    }
}

/// Looks at a pack as if no later statement had said anything about its texts.
pub(super) fn look_first(
    store: &dyn Store,
    bundle: &Bundle,
    light: &Light<'_>,
) -> Result<Option<Plain>, StoreError> {
    Ok(look(store, bundle, &|_| EntryState::default(), (light, &Ahead::Nothing))?.plain())
}

/// Compares the packs of which more is to be said with the statements of their entries, and counts the others.
pub(super) fn check(
    store: &dyn Store,
    log: &Vkey,
    head: &TreeHead,
    (mut read, light): (Read, &Light<'_>),
    report: &mut FsckReport,
) -> Result<(), StoreError> {
    for bundle in std::mem::take(&mut read.touched).bundles() {
        if let Some(plain) = usize::try_from(bundle).ok().and_then(|at| read.plain.get_mut(at)) {
            *plain = None;
        }
    }
    let plain = std::mem::take(&mut read.plain);
    for plain in plain.iter().flatten() {
        report.served += u64::from(plain.served);
        report.withheld += u64::from(plain.withheld);
    }
    let mut again =
        bundles_of(head.size()).zip(plain).filter(|(_, plain)| plain.is_none()).map(|(path, _)| path);
    let beyond = light.staged.beyond(store, &read);
    let ahead = match &beyond {
        _ if !light.staged.is_whole(light.size) => Ahead::Unknown,
        Some(beyond) => Ahead::Known(beyond),
        None => Ahead::Nothing,
    };
    loop {
        let state_of = |statement: &Statement| read.registry.state_of(statement);
        let look_again = |bundle: &Bundle| look(store, bundle, &state_of, (light, &ahead));
        let batch = read_batch(store, light.live, &mut again, &look_again)?;
        if batch.is_empty() {
            return Ok(());
        }
        let mut since = HashSet::new();
        if light.live && batch.iter().any(|(_, pack)| !pack.suspects.is_empty()) {
            // Before the checkpoint: a stage that is gone by then was published.
            since = Staged::texts_now(store, log)?;
            // A redaction may have been published since, and carried out; or a disclosure.
            if let Some(size) = newest_size(store, log)? {
                entries::go_on(store, size, &mut read)?;
            }
        }
        for (bundle, pack) in batch {
            tell(&bundle, pack, (&read, &since), report);
        }
    }
}

/// Tells what a pack holds, and what became of those texts that are not there, or are.
fn tell(
    bundle: &Bundle,
    pack: Pack,
    (read, since): (&Read, &HashSet<(LeafIndex, Digest)>),
    report: &mut FsckReport,
) {
    report.served += pack.served;
    report.withheld += pack.withheld;
    report.erased += pack.erased;
    report.held += pack.held;
    report.extend(pack.findings);
    for suspect in pack.suspects {
        let entry = bundle.entry(suspect.index).filter(|_| report.live);
        let text = entry.and_then(|entry| {
            let statement = entry.statement();
            read.registry.state_of(statement).text(statement.payload(), suspect.field)
        });
        match text {
            Some(TextState::Redacted(_) | TextState::Disclosed(_)) if suspect.is_there => {}
            Some(TextState::Redacted(_)) => report.erased += 1,
            // A disclosure that is not published yet.
            _ if suspect.is_there && since.contains(&(suspect.index, suspect.digest)) => {}
            _ => report.add(format!("entry {}", suspect.index), suspect.rule),
        }
    }
}

/// A record of a pack and what was seen of its text.
struct Content {
    record: PackRecord,
    /// Whether it is marked as erased, and nothing but zeros is left.
    is_gone: bool,
    /// Whether the text is what its digest says, and the entry's.
    verdict: Result<(), String>,
}

/// What is signed and not published.
enum Ahead<'a> {
    Nothing,
    Known(&'a Beyond),
    /// A stage is lost: nobody knows what it takes back or opens.
    Unknown,
}

impl Ahead<'_> {
    /// Whether it takes back what the published tree says of a text: no redaction takes it then, or the first that does is not
    /// published, is held, or does not count in every tree from there on. A later one may take it all the same: this is no proof
    /// that it stays.
    fn keeps(&self, statement: &Statement, field: FieldName, light: &Light<'_>) -> bool {
        match self {
            Ahead::Nothing => false,
            Ahead::Unknown => true,
            Ahead::Known(Beyond { registry, again }) => {
                let waits =
                    |by: &LeafIndex| !by.is_in(light.size) || light.is_held(*by) || again.contains(by);
                registry.state_of(statement).redacted.get(&field).is_none_or(waits)
            }
        }
    }
}

/// Compares a pack with the statements of its 256 entries.
fn look(
    store: &dyn Store,
    bundle: &Bundle,
    state_of: &dyn Fn(&Statement) -> EntryState,
    (light, ahead): (&Light<'_>, &Ahead<'_>),
) -> Result<Pack, StoreError> {
    let mut pack = Pack::default();
    let path = pack_path(bundle.path.index());
    let mut judge = |record: &PackRecord, bytes: &[u8]| {
        see(record, bytes, bundle.entry(record.entry).map(|entry| entry.statement()))
    };
    let seen = match walk_pack(store, bundle.path.index(), &mut judge) {
        Ok(seen) => seen,
        Err(PackError::Store(error)) => return Err(error),
        Err(error) => {
            pack.findings.push(Finding::new(path, error));
            return Ok(pack);
        }
    };
    let mut contents = BTreeMap::new();
    for (record, (is_gone, verdict)) in seen {
        if contents.insert((record.entry, record.digest), Content { record, is_gone, verdict }).is_some() {
            pack.findings.push(Finding::new(&path, format!("holds the text {} twice", record.digest)));
        }
    }
    for (index, entry) in bundle.parsed() {
        let payload = entry.statement().payload();
        let state = state_of(entry.statement());
        for (field, digest) in payload.addenda().iter() {
            let key = (index, *digest);
            match state.text(payload, *field) {
                Some(TextState::Redacted(by)) => {
                    let is_kept = || ahead.keeps(entry.statement(), *field, light);
                    pack.take_redacted(index, *field, (by, &is_kept), contents.remove(&key), light)
                }
                Some(TextState::Served | TextState::Disclosed(_)) => {
                    pack.take_public(key, *field, contents.remove(&key))
                }
                // One that came all the same stays among the records, and is reported with them. A running server opens some, and
                // a lost stage may have.
                Some(TextState::Withheld) | None => {
                    pack.withheld += 1;
                    if !light.live && matches!(ahead, Ahead::Unknown) {
                        if contents.get(&key).is_some_and(|content| content.verdict.is_ok()) {
                            contents.remove(&key);
                        }
                    } else if light.live && contents.remove(&key).is_some() {
                        let rule = format!("its pack holds the text {field}, which it does not serve");
                        let (field, digest) = (*field, *digest);
                        pack.suspects.push(Suspect { index, field, digest, is_there: true, rule });
                    }
                }
            }
        }
    }
    for (index, digest) in contents.into_keys() {
        // The text of a round that waits for its publication, or that a running server has made since.
        let is_later = light.live && !index.is_in(light.size);
        if !is_later && !light.staged.has_text(index, digest) {
            let rule = format!("holds a text {digest} that entry {index} does not serve");
            pack.findings.push(Finding::new(&path, rule));
        }
    }
    Ok(pack)
}

/// What a record's bytes show: whether nothing is left of them, and what is wrong with the text.
fn see(record: &PackRecord, bytes: &[u8], statement: Option<&Statement>) -> (bool, Result<(), String>) {
    if record.erased {
        return (bytes.iter().skip(HEAD_BYTES).all(|byte| *byte == 0), Ok(()));
    }
    let is_named = |statement: &&Statement| {
        statement.payload().addenda().values().any(|digest| *digest == record.digest)
    };
    match statement.filter(is_named) {
        Some(statement) => (false, check_text(record, bytes, statement)),
        // It is no entry's text, whatever it is.
        None => (false, Ok(())),
    }
}

/// A text is what its digest says, and the statement's.
fn check_text(record: &PackRecord, bytes: &[u8], statement: &Statement) -> Result<(), String> {
    match Addendum::parse(bytes.get(HEAD_BYTES..).unwrap_or_default()) {
        // It was hashed to be read.
        Ok(text) if text.digest() == record.digest => {
            text.check_owner(statement).map_err(|error| error.to_string())
        }
        parsed => {
            text_of(bytes, record.place, &record.digest).map_err(|error| error.to_string())?;
            parsed.map(drop).map_err(|error| error.to_string())
        }
    }
}

impl Pack {
    /// A text that is served or was disclosed is there, and is the entry's.
    fn take_public(
        &mut self,
        (index, digest): (LeafIndex, Digest),
        field: FieldName,
        content: Option<Content>,
    ) {
        let rule = match content {
            Some(Content { record: PackRecord { erased: false, .. }, verdict: Ok(()), .. }) => {
                self.served += 1;
                return;
            }
            Some(Content { record: PackRecord { erased: false, .. }, verdict: Err(rule), .. }) => {
                format!("the text {field}: {rule}")
            }
            _ => format!("the text {field} is lost: no entry says that it is withheld or redacted"),
        };
        self.suspects.push(Suspect { index, field, digest, is_there: false, rule });
    }

    /// No byte of a redacted text is left, unless its redaction is held, or staged rounds take it back. An erasure that died half-way is to be done again.
    fn take_redacted(
        &mut self,
        index: LeafIndex,
        field: FieldName,
        (by, is_kept): (LeafIndex, &dyn Fn() -> bool),
        content: Option<Content>,
        light: &Light<'_>,
    ) {
        let Some(Content { record, is_gone, .. }) = content else {
            // It was withheld, or dropped by whoever restored this pack.
            self.erased += 1;
            return;
        };
        let rule = match record.erased {
            _ if is_gone => {
                self.erased += 1;
                return;
            }
            erased if light.live || is_kept() || (!erased && light.is_held(by)) => {
                self.held += 1;
                return;
            }
            true => format!(
                "the text {field} is marked as erased, and bytes of it are left; the next start erases them"
            ),
            false if light.record.is_none() => format!(
                "the text {field} was redacted by entry {by}, and its bytes are still there; the file erasures, which says since when it is held, is missing or damaged: the next start erases them, or begins the hold anew"
            ),
            false => format!(
                "the text {field} was redacted by entry {by}, and its bytes are still there; the next start erases them"
            ),
        };
        self.findings.push(Finding::new(format!("entry {index}"), rule));
    }
}

/// Packs of entries that the tree does not have; while a stage lies they may be that round's.
pub(super) fn check_listed(
    store: &dyn Store,
    head: &TreeHead,
    report: &mut FsckReport,
) -> Result<(), StoreError> {
    let packs = head.size().get().div_ceil(256);
    for path in store.list("addenda-pack")? {
        let Some(pack) = pack_in(&path) else {
            report.add(path, "is no pack of texts");
            continue;
        };
        if pack >= packs && report.stages.is_empty() && !report.live {
            report.add(path, "lies beyond the published tree");
        }
    }
    Ok(())
}

/// The number in a pack's name; `None` for another spelling of it.
fn pack_in(path: &str) -> Option<u64> {
    let mut pack = 0_u64;
    for group in path.strip_prefix("addenda-pack/")?.split('/') {
        let group: u64 = group.trim_start_matches('x').parse().ok()?;
        pack = pack.checked_mul(1000)?.checked_add(group)?;
    }
    (pack_path(pack) == path).then_some(pack)
}
