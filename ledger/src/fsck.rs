//! Derives a whole ledger again from its entries and texts, and names everything that is otherwise on disk.
//!
//! Nothing is believed: every entry is parsed, its signature checked, the registry replayed; every tile and bundle is
//! computed again and compared byte for byte; every text is re-hashed and must be what the entries say became of it: there
//! if it is served or was disclosed, not there if it is withheld, gone if it was redacted. A bounded number of bundles is looked
//! at together, on all cores. Memory grows by some 30 bytes an entry, so that one that is named later is found, and with what
//! the registry remembers.

mod bundles;
mod entries;
mod files;
mod history;
mod keys;
mod past;
mod staged;
mod texts;
mod touched;

use std::cmp::Ordering;
use std::fmt;
use std::path::Path;

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::vkey::Vkey;

use self::staged::Staged;
use crate::erasures::record::{ErasureRecord, NAME};
use crate::evidence::{Evidence, size_in_name};
use crate::file_store::FileStore;
use crate::recover::{self, Decision, Refusal};
use crate::stage::Stage;
use crate::state::StateRecord;
use crate::store::{StateCopy, Store, StoreError};

/// At most so many findings are listed; a ledger with more of them is not helped by a longer list.
pub const FINDINGS_MAX: usize = 1_000;

/// One thing that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, `entry <n>`, `state`, or `start` where the next start would refuse.
    pub place: String,
    /// What is wrong with it.
    pub rule: String,
}

impl Finding {
    fn new(place: impl Into<String>, rule: impl fmt::Display) -> Finding {
        Finding { place: place.into(), rule: rule.to_string() }
    }

    /// By the place, entries by their number, then by the rule.
    fn in_order(&self, other: &Finding) -> Ordering {
        let key = |finding: &Finding| match finding.place.split_once(' ') {
            Some((kind, number)) => (kind.to_owned(), number.parse::<u64>().ok()),
            None => (finding.place.clone(), None),
        };
        key(self).cmp(&key(other)).then_with(|| self.cmp(other))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.place, self.rule)
    }
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FsckReport {
    /// The published tree; `None` where no checkpoint could be read.
    pub head: Option<TreeHead>,
    /// How many entries were read and checked.
    pub entries: u64,
    /// How many texts are served, those that were disclosed too.
    pub served: u64,
    /// How many texts are withheld by their statement, and were neither disclosed nor redacted.
    pub withheld: u64,
    /// How many texts were redacted, and nothing of them is left.
    pub erased: u64,
    /// How many texts were redacted and are still there, as they may be: their redactions are held, or a running server is
    /// erasing them.
    pub held: u64,
    /// Rounds that lie staged: a running server has some, and the next start carries them out.
    pub stages: Vec<String>,
    /// Whether a server held the ledger meanwhile: its embedded copy of the state was not looked at, and files beyond
    /// the checkpoint are its work in progress.
    pub live: bool,
    /// Why the embedded copy of the state was not judged although no server held it; `None` if it was.
    pub not_judged: Option<String>,
    /// Everything that is wrong, by place and, among entries, in the order of the log; at most [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
}

impl FsckReport {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    fn add(&mut self, place: impl Into<String>, rule: impl fmt::Display) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding::new(place, rule));
        }
    }

    fn extend(&mut self, findings: Vec<Finding>) {
        let room = FINDINGS_MAX.saturating_sub(self.findings.len());
        self.findings.extend(findings.into_iter().take(room));
    }
}

/// Checks the ledger in a folder, beside a running server if there is one. Changes nothing in it; while no server runs, none can
/// start.
///
/// # Errors
///
/// [`StoreError`] where the folder cannot be read at all; what is wrong with the ledger is in the report.
pub fn fsck_folder(folder: &Path, log: &Vkey) -> Result<FsckReport, StoreError> {
    let mut report = match FileStore::open_to_check(folder) {
        Ok(store) => {
            let not_judged = store.not_judged().map(str::to_owned);
            run(&store, log, FsckReport { not_judged, ..FsckReport::default() })?
        }
        Err(StoreError::Held(_)) => {
            let report = FsckReport { live: true, ..FsckReport::default() };
            run(&FileStore::open_read_only(folder), log, report)?
        }
        Err(error) => return Err(error),
    };
    keys::check(folder, log, &mut report);
    report.findings.sort_by(Finding::in_order);
    Ok(report)
}

/// Checks the ledger in a store.
///
/// # Errors
///
/// [`StoreError`] where the store refuses to be read.
pub fn fsck(store: &dyn Store, log: &Vkey) -> Result<FsckReport, StoreError> {
    run(store, log, FsckReport::default())
}

fn run(store: &dyn Store, log: &Vkey, mut report: FsckReport) -> Result<FsckReport, StoreError> {
    let checkpoint = check_checkpoint(store, log, &mut report)?;
    let (time_ms, staged) = check_state(store, log, checkpoint.as_ref(), &mut report)?;
    files::check_fixed(store, log, &mut report)?;
    if let Some(checkpoint) = checkpoint {
        let head = *checkpoint.head();
        report.head = Some(head);
        let record = store.get(NAME)?.as_deref().and_then(ErasureRecord::parse);
        let light = texts::Light { record, time_ms, staged: &staged, size: head.size(), live: report.live };
        let mut read = entries::check(store, checkpoint.checkpoint(), &light, &mut report)?;
        let expected = std::mem::take(&mut read.expected);
        texts::check(store, log, &head, (read, &light), &mut report)?;
        files::check_listed(store, &head, &expected, &mut report)?;
        texts::check_listed(store, &head, &mut report)?;
    }
    if !report.live {
        check_start(store, log, &mut report)?;
    }
    report.findings.sort_by(Finding::in_order);
    report.findings.dedup();
    Ok(report)
}

/// A ledger that would not start is not in order, whatever else was found or not.
fn check_start(store: &dyn Store, log: &Vkey, report: &mut FsckReport) -> Result<(), StoreError> {
    let evidence = match Evidence::collect(store, log, Vec::new()) {
        Err(error @ StoreError::Later { .. }) => {
            report.add("start", error);
            return Ok(());
        }
        collected => collected?,
    };
    match recover::decide(&evidence, store) {
        Decision::Refuse(Refusal::Store(error)) => Err(error),
        Decision::Refuse(refusal) => {
            report.add("start", refusal);
            Ok(())
        }
        Decision::Clean(_) | Decision::Replay(..) => Ok(()),
    }
}

/// The published checkpoint, signed by this log.
fn check_checkpoint(
    store: &dyn Store,
    log: &Vkey,
    report: &mut FsckReport,
) -> Result<Option<SignedCheckpoint>, StoreError> {
    let Some(bytes) = store.get("checkpoint")? else {
        report.add("checkpoint", "is missing");
        return Ok(None);
    };
    match SignedCheckpoint::open(&bytes, log) {
        Ok(checkpoint) => Ok(Some(checkpoint)),
        Err(error) => {
            report.add("checkpoint", error);
            Ok(None)
        }
    }
}

/// What a running server has published by now; `None` if its checkpoint cannot be read.
fn newest_size(store: &dyn Store, log: &Vkey) -> Result<Option<TreeSize>, StoreError> {
    let newest = store.get("checkpoint")?.and_then(|note| SignedCheckpoint::open(&note, log).ok());
    Ok(newest.map(|note| note.head().size()))
}

/// Whether the newest published tree has the round of a stage with that name.
fn is_published(store: &dyn Store, log: &Vkey, name: &str) -> Result<bool, StoreError> {
    let newest = newest_size(store, log)?;
    Ok(size_in_name(name).zip(newest).is_some_and(|(staged, size)| staged <= size))
}

/// Both copies of the state record say the same, and what is published; what lies staged too. The last time that the ledger used, in milliseconds
/// since 1970: by it holds have passed or not.
fn check_state(
    store: &dyn Store,
    log: &Vkey,
    checkpoint: Option<&SignedCheckpoint>,
    report: &mut FsckReport,
) -> Result<(u64, Staged), StoreError> {
    let mut staged = Staged::default();
    let published = checkpoint.map_or(TreeSize::ZERO, |note| note.head().size());
    for name in store.list("stage")? {
        let bytes = store.get(&name)?.unwrap_or_default();
        match Stage::parse(&bytes, log) {
            Ok(stage) => staged.take(&stage, published),
            // Gone since it was listed, as a server does with what is published.
            Err(_) if report.live && is_published(store, log, &name)? => continue,
            Err(error) => report.add(name.clone(), error),
        }
        // What has another name is no round, and no start settles it.
        if size_in_name(&name).is_some() {
            report.stages.push(name);
        }
    }
    let copies = store.load_state()?;
    let mut records = Vec::new();
    for (place, copy) in [("state", copies.plain), ("state.sled", copies.embedded)] {
        match copy {
            StateCopy::Missing if place == "state.sled" && (report.live || report.not_judged.is_some()) => {}
            StateCopy::Missing => report.add(place, "is missing"),
            StateCopy::Unreadable(why) => report.add(place, why),
            StateCopy::Bytes(bytes) => match StateRecord::parse(&bytes, log) {
                Ok(record) => records.push((place, record)),
                Err(error) => report.add(place, error),
            },
        }
    }
    staged.signed = records.iter().map(|(_, record)| record.head().size()).max().unwrap_or(TreeSize::ZERO);
    for (place, record) in &records {
        // Below the published note may stand cosignatures, and the record has none.
        let published = checkpoint.map(SignedCheckpoint::head);
        if report.stages.is_empty() && !report.live && published != Some(record.head()) {
            let rule = format!("says size {}, and the checkpoint another tree", record.head().size());
            report.add(*place, rule);
        }
    }
    if let [(_, one), (_, other)] = records.as_slice()
        && one != other
    {
        report.add("state", "its two copies differ");
    }
    Ok((records.iter().map(|(_, record)| record.last_used_ms()).max().unwrap_or(0), staged))
}
