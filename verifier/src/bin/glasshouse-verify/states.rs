//! What became of the entries of a log, counted; and of their texts, which are fetched if that is asked for. Follows the
//! audit, because what a later entry says is known only then. For the counts, those entries are read again that others
//! name; for the texts, every entry, in batches, and it is hashed again, so that nothing else is counted than what was audited.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{AddAssign, SubAssign};
use std::sync::atomic::{AtomicBool, Ordering};

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::entry_state::{EntryState, Standing, TextState};
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::audit::Stop;
use crate::audit_past::AuditPast;
use crate::bundles::Bundles;
use crate::finding::{Finding, Findings};
use crate::read_ahead::{Fetched, Span, read_ahead};
use crate::source::SourceError;
use crate::text_check::{TextCheck, TextCounts};

/// What became of entries, as counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct States {
    /// Decisions and refusals, by standing.
    decisions: BTreeMap<Standing, u64>,
    /// Entries of every type that their issuer took back.
    withdrawn: u64,
    /// Decisions and refusals that an amendment corrects.
    amended: u64,
    /// Texts, by state.
    texts: BTreeMap<&'static str, u64>,
}

impl States {
    /// Counts one entry, given what was said about it.
    pub(crate) fn count(&mut self, state: &EntryState, statement: &Statement) {
        let payload = statement.payload();
        if matches!(payload.kind(), StatementType::Decision | StatementType::NoAction) {
            *self.decisions.entry(state.standing(payload.kind())).or_default() += 1;
            self.amended += u64::from(!state.amendments.is_empty());
        }
        self.withdrawn += u64::from(state.withdrawn.is_some());
        for field in payload.addenda().keys() {
            if let Some(text) = state.text(payload, *field) {
                *self.texts.entry(text.as_str()).or_default() += 1;
            }
        }
    }

    /// For people: what there is, in the order of the words.
    pub(crate) fn words(&self) -> String {
        let decisions = self.decisions.iter().map(|(standing, many)| format!("{many} {standing}"));
        // What the entries say, whatever was fetched.
        let promised = |state: &&str| if *state == "served" { "to be served" } else { state }.to_owned();
        let texts = self.texts.iter().map(|(state, many)| format!("{many} {}", promised(state)));
        let join = |parts: Vec<String>| if parts.is_empty() { "none".to_owned() } else { parts.join(", ") };
        format!(
            "decisions and refusals: {}; amended: {}; withdrawn of every type: {}; texts, by the entries: {}",
            join(decisions.collect()),
            self.amended,
            self.withdrawn,
            join(texts.collect())
        )
    }

    /// The same for programs.
    pub(crate) fn to_json(&self) -> Value {
        let decisions: BTreeMap<&str, u64> =
            self.decisions.iter().map(|(standing, many)| (standing.as_str(), *many)).collect();
        json!({"decisions": decisions, "amended": self.amended, "withdrawn": self.withdrawn, "texts": self.texts})
    }
}

impl AddAssign for States {
    fn add_assign(&mut self, other: States) {
        for (standing, many) in other.decisions {
            *self.decisions.entry(standing).or_default() += many;
        }
        for (state, many) in other.texts {
            *self.texts.entry(state).or_default() += many;
        }
        self.withdrawn += other.withdrawn;
        self.amended += other.amended;
    }
}

impl SubAssign for States {
    fn sub_assign(&mut self, other: States) {
        let less = |count: &mut u64, many: u64| *count = count.saturating_sub(many);
        for (standing, many) in other.decisions {
            less(self.decisions.entry(standing).or_default(), many);
        }
        for (state, many) in other.texts {
            less(self.texts.entry(state).or_default(), many);
        }
        self.decisions.retain(|_, many| *many > 0);
        self.texts.retain(|_, many| *many > 0);
        less(&mut self.withdrawn, other.withdrawn);
        less(&mut self.amended, other.amended);
    }
}

/// What became of the entries, where only those that others name are read again: `all` counts every entry as if nobody had
/// said anything about it.
pub(crate) fn count_named(
    all: &States,
    places: &BTreeSet<u64>,
    past: &AuditPast,
    registry: &Registry,
) -> Result<States, Stop> {
    let mut states = all.clone();
    for index in places.iter().filter_map(|place| LeafIndex::new(*place).ok()) {
        let unreadable = |why: String| SourceError::Unreadable { path: format!("entry {index}"), why };
        let bytes = past.read(index).map_err(|error| unreadable(error.to_string()))?.unwrap_or_default();
        if !past.is_at(&LeafHash::of_entry(&bytes), index) {
            return Err(unreadable("another entry is served the second time".to_owned()).into());
        }
        let Ok(entry) = Entry::parse(&bytes) else { continue };
        let statement = entry.statement();
        let (mut before, mut now) = (States::default(), States::default());
        before.count(&EntryState::default(), statement);
        now.count(&registry.state_of(statement), statement);
        states += now;
        states -= before;
    }
    Ok(states)
}

/// The second reading.
pub(crate) struct SecondReading<'a> {
    pub(crate) bundles: &'a Bundles,
    pub(crate) head: &'a TreeHead,
    pub(crate) registry: &'a Registry,
}

/// What it found.
pub(crate) struct Reread {
    pub(crate) states: States,
    pub(crate) texts: TextCounts,
}

/// One entry: its counts, those of its texts, and what is wrong with them.
type Judged = Result<(States, TextCounts, Vec<Finding>), Stop>;

impl SecondReading<'_> {
    /// Reads all entries again; findings about texts go to `findings`. `progress` is told how many entries are done.
    pub(crate) fn run(&self, findings: &mut Findings, progress: &dyn Fn(u64)) -> Result<Reread, Stop> {
        let mut tree = Frontier::new();
        let mut states = States::default();
        let mut texts = TextCounts::default();
        let span = Span { from: tree.size(), to: self.head.size(), with_tiles: false };
        let batches = read_ahead(self.bundles, span);
        while tree.size() < self.head.size() {
            let batch = batches.recv().map_err(|_| Stop::ReaderStopped)??;
            let mut entries = Vec::new();
            for Fetched { path, bytes, .. } in &batch {
                let malformed = |why: &dyn std::fmt::Display| Stop::Malformed {
                    path: path.encode(),
                    why: why.to_string(),
                };
                for bytes in parse_bundle(bytes, path.width()).map_err(|error| malformed(&error))? {
                    let index = tree.push(LeafHash::of_entry(bytes)).map_err(|error| malformed(&error))?;
                    entries.push((index, bytes));
                }
            }
            let mut failed = None;
            for one in self.judge_all(&entries) {
                match one {
                    Ok((counted, fetched, wrong)) => {
                        states += counted;
                        texts += fetched;
                        wrong.into_iter().for_each(|finding| findings.add(finding));
                    }
                    Err(stop) => failed = failed.or(Some(stop)),
                }
            }
            if let Some(stop) = failed {
                return Err(stop);
            }
            progress(tree.size().get());
        }
        if tree.root() != *self.head.root() {
            let detail = "the entries that are served the second time are not those of the first";
            findings.add(Finding::whole("root", detail.to_owned()));
        }
        Ok(Reread { states, texts })
    }

    /// Entries of a batch, in their order; after the first failure only those that were begun, since each text that cannot be
    /// had may cost a minute.
    fn judge_all(&self, entries: &[(LeafIndex, &[u8])]) -> Vec<Judged> {
        let has_failed = AtomicBool::new(false);
        let judged = entries.par_iter().map(|(index, bytes)| {
            if has_failed.load(Ordering::Relaxed) {
                return None;
            }
            let judged = self.judge(*index, bytes);
            has_failed.fetch_or(judged.is_err(), Ordering::Relaxed);
            Some(judged)
        });
        judged.collect::<Vec<Option<Judged>>>().into_iter().flatten().collect()
    }

    /// What does not parse is a finding of the audit, and nothing here.
    fn judge(&self, index: LeafIndex, bytes: &[u8]) -> Judged {
        let (mut states, mut texts, mut wrong) = (States::default(), TextCounts::default(), Vec::new());
        let Ok(entry) = Entry::parse(bytes) else { return Ok((states, texts, wrong)) };
        let statement = entry.statement();
        let state = self.registry.state_of(statement);
        states.count(&state, statement);
        let check = TextCheck { source: self.bundles.source(), registry: self.registry };
        for (field, digest) in statement.payload().addenda().iter() {
            let text: Option<TextState> = state.text(statement.payload(), *field);
            let Some(text) = text else { continue };
            wrong.extend(check.judge(index, statement, (*field, digest), text, &mut texts)?);
        }
        Ok((states, texts, wrong))
    }
}
