//! What an audit found: each thing once, with its place, its rule and words for people.

use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::size::LeafIndex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// As many findings are listed; the rest is counted.
const LISTED: usize = 1_000;

/// As many characters of a finding's words are kept: a payload can break 256 rules, and a log can have 1,000 of those.
const DETAIL_MAX: usize = 1_000;

/// The rule that a log breaks which does not serve a text that it has to serve. The words of such a finding begin with the field.
pub(crate) const TEXT_LOST: &str = "text-lost";

/// One thing that does not hold, or is not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Finding {
    /// The entry that it is about; absent for the log as a whole.
    pub(crate) index: Option<u64>,
    /// The name of the rule.
    pub(crate) rule: String,
    /// What is wrong, in words.
    pub(crate) detail: String,
    /// Written for a newer reader than this program: neither good nor a lie.
    pub(crate) not_understood: bool,
}

impl Finding {
    /// About one entry.
    pub(crate) fn entry(index: LeafIndex, rule: &str, detail: String) -> Finding {
        Finding { index: Some(index.get()), rule: rule.to_owned(), detail, not_understood: false }
    }

    /// An entry that this program cannot judge.
    pub(crate) fn not_understood(index: LeafIndex, detail: String) -> Finding {
        Finding { index: Some(index.get()), rule: "not-understood".to_owned(), detail, not_understood: true }
    }

    /// About the log as a whole.
    pub(crate) fn whole(rule: &str, detail: String) -> Finding {
        Finding { index: None, rule: rule.to_owned(), detail, not_understood: false }
    }
}

/// All findings of one audit.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    listed: Vec<Finding>,
    broken: u64,
    not_understood: u64,
    kept: KeptFindings,
}

/// Entries whose signature does not hold: a state does not check these again, so it has to keep what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptFindings {
    /// The first 1,000.
    listed: Vec<Finding>,
    /// How many there are.
    count: u64,
}

impl KeptFindings {
    /// The entries that the first 1,000 are about.
    pub(crate) fn indices(&self) -> impl Iterator<Item = LeafIndex> {
        self.listed.iter().filter_map(|finding| LeafIndex::new(finding.index?).ok())
    }
}

impl Findings {
    /// The texts that are not served and have to be, by their entries; nothing where anything else was found that does not hold.
    pub(crate) fn only_lost_texts(&self) -> Option<Vec<(LeafIndex, FieldName)>> {
        let broken: Vec<&Finding> = self.listed.iter().filter(|finding| !finding.not_understood).collect();
        if broken.is_empty() || broken.len() as u64 != self.broken {
            return None;
        }
        let lost = |finding: &&Finding| {
            let (field, _) = finding.detail.split_once(": ").filter(|_| finding.rule == TEXT_LOST)?;
            Some((LeafIndex::new(finding.index?).ok()?, FieldName::find(field)?))
        };
        broken.iter().map(lost).collect()
    }

    /// Takes one in, if the list does not have it.
    pub(crate) fn add(&mut self, mut finding: Finding) {
        if let Some((end, _)) = finding.detail.char_indices().nth(DETAIL_MAX) {
            finding.detail.truncate(end);
            finding.detail.push('…');
        }
        if self.listed.contains(&finding) {
            return;
        }
        if finding.not_understood {
            self.not_understood += 1;
        } else {
            self.broken += 1;
        }
        if self.listed.len() < LISTED {
            self.listed.push(finding);
        }
    }

    /// Takes one in that is not found again when the entries are read again, so that a state has to keep it.
    pub(crate) fn add_kept(&mut self, finding: Finding) {
        self.kept.count += 1;
        if self.kept.listed.len() < LISTED {
            self.kept.listed.push(finding.clone());
        }
        self.add(finding);
    }

    /// Those that a state has to keep, of all entries that were read.
    pub(crate) fn kept(&self) -> &KeptFindings {
        &self.kept
    }

    /// Takes in those of a state.
    pub(crate) fn restore(&mut self, kept: &KeptFindings) {
        kept.listed.iter().for_each(|finding| self.add(finding.clone()));
        self.broken += kept.count.saturating_sub(kept.listed.len() as u64);
        self.kept = kept.clone();
    }

    /// The first 1,000.
    pub(crate) fn listed(&self) -> &[Finding] {
        &self.listed
    }

    /// The same for programs.
    pub(crate) fn to_json(&self) -> Value {
        self.listed.iter().map(|f| json!({"index": f.index, "rule": f.rule, "detail": f.detail})).collect()
    }

    /// How many things do not hold.
    pub(crate) fn broken(&self) -> u64 {
        self.broken
    }

    /// How many entries are not understood.
    pub(crate) fn not_understood(&self) -> u64 {
        self.not_understood
    }
}
