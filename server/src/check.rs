//! Looks at authored lines before they are published: the same for the command and for the route. Nothing is kept of a
//! line but short hashes of what it is known by and of what it says.

pub mod checked_line;
pub mod drafts;

use std::collections::{HashMap, HashSet};

use glasshouse_ledger::draft::Reference;
use glasshouse_ledger::draft::advice::caution::Caution;
use glasshouse_ledger::draft::advice::finding::Finding;
use glasshouse_ledger::draft::advice::{Advice, Setting, advise};
use glasshouse_verifier::codes::{Code, CodeSet};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use self::checked_line::CheckedLine;
use crate::outbox::line::{AuthoredLine, LineError};

/// So many references to lines that did not stand before are remembered, to say so when such a line comes, and so many
/// targets that were ended or withdrawn, and lines that were withdrawn: some 7 MiB each.
const MAX_AWAITED: usize = 100_000;

/// The beginning of a hash: no two of a million lines share one by accident, and there is nothing to gain on purpose.
type Short = [u8; 16];

/// Looks at lines in their order.
pub struct Checker {
    setting: Setting,
    /// Right lines so far: what each is known by, what it says, and its number.
    seen: HashMap<Short, (Short, u64)>,
    /// What was referred to and did not stand before, and the line that did.
    awaited: HashMap<Short, u64>,
    /// What was ended or withdrawn: the type and the target, and the line that did.
    said: HashMap<Short, u64>,
    /// Lines that a later one withdrew: what they said can be said again.
    taken_back: HashSet<u64>,
}

impl Checker {
    /// With no line seen.
    pub fn new(setting: Setting) -> Checker {
        Checker {
            setting,
            seen: HashMap::new(),
            awaited: HashMap::new(),
            said: HashMap::new(),
            taken_back: HashSet::new(),
        }
    }

    /// From now on so many errors of a line are named, and the others counted.
    pub fn name_errors(&mut self, most: usize) {
        self.setting.most_errors = most;
    }

    /// Everything that is to be said of the next line.
    pub fn check(&mut self, line: &Result<AuthoredLine, LineError>) -> CheckedLine {
        let line = match line {
            Ok(line) => line,
            Err(error) => {
                let allowed = error.allowed.as_deref().unwrap_or_default();
                let advice = Advice::unreadable(&error.path, &error.rule, allowed);
                return CheckedLine::new(error.line, advice, Vec::new());
            }
        };
        let mut advice = advise(line.json(), &self.setting);
        let mut notes = Vec::new();
        let id = line.id();
        let (known_by, content) = (short(&id), short(&line.content()));
        match self.seen.get(&known_by) {
            Some((same, before)) if *same == content => {
                let given = Some(format!("line {before}"));
                notes.push(Finding::caution("", Caution::RepeatedLine, given, "it is published once"));
            }
            Some((_, before)) => {
                let (path, given) = named(&id);
                let allowed = format!("another one: line {before} has this one with other content");
                advice.errors.push(Finding::error(path, "already-published", given, &allowed));
                advice.errors.sort_by(|a, b| a.path.cmp(&b.path));
                advice.statement = None;
            }
            None if advice.errors.is_empty() && advice.more_errors == 0 => {
                self.seen.insert(known_by, (content, line.number()));
                self.warn_of_earlier(known_by, named(&id).0, &mut advice);
                self.warn_of_repeated(line, &mut advice);
            }
            None => {}
        }
        self.look_up(line.number(), &advice, &mut notes);
        CheckedLine::new(line.number(), advice, notes)
    }

    /// The line is one that an earlier line referred to.
    fn warn_of_earlier(&mut self, known_by: Short, path: &str, advice: &mut Advice) {
        if let Some(earlier) = self.awaited.remove(&known_by) {
            let given = Some(format!("line {earlier} refers to it"));
            let what = "put this line in front of that one, unless it is published already";
            advice.warnings.push(Finding::caution(path, Caution::ReferenceToLaterLine, given, what));
        }
    }

    /// The line ends or withdraws what an earlier line did; targets are compared as they are spelt.
    fn warn_of_repeated(&mut self, line: &AuthoredLine, advice: &mut Advice) {
        let kind = line.value().get("type").and_then(Value::as_str).unwrap_or_default();
        let targets =
            line.value().get("targets").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if !["lifted", "withdrawal"].contains(&kind) {
            return;
        }
        for (at, target) in targets.iter().enumerate() {
            let said = short(&said(kind, target));
            match self.said.get(&said) {
                Some(earlier) if self.taken_back.contains(earlier) => {
                    self.said.insert(said, line.number());
                }
                Some(earlier) if *earlier != line.number() => {
                    let given = Some(format!("line {earlier} is a {kind} of it too"));
                    let what = "saying it again changes nothing: take it out here";
                    let path = format!("/targets/{at}");
                    advice.warnings.push(Finding::caution(&path, Caution::SaidBefore, given, what));
                }
                Some(_) => {}
                None if self.said.len() < MAX_AWAITED => drop(self.said.insert(said, line.number())),
                None => {}
            }
        }
        if kind == "withdrawal" {
            self.take_back(line.number(), targets);
        }
    }

    /// A withdrawal takes back what its targets said, so that it can be said rightly. A target that is named by its number
    /// or its leaf hash may be any line, so then nothing that was said before is held against a later line.
    fn take_back(&mut self, number: u64, targets: &[Value]) {
        let is_of_line = |text: &&str| text.starts_with("puid:") || text.starts_with("id:");
        let names: Vec<&str> =
            targets.iter().filter_map(|target| target.as_str().filter(is_of_line)).collect();
        if names.len() == targets.len() && self.taken_back.len() + names.len() <= MAX_AWAITED {
            let lines = names.into_iter().filter_map(|name| self.seen.get(&short(name)));
            self.taken_back.extend(lines.map(|(_, line)| *line));
            return;
        }
        self.taken_back = HashSet::new();
        // Only what this line itself says is remembered.
        let said =
            targets.iter().take(MAX_AWAITED).map(|target| (short(&said("withdrawal", target)), number));
        self.said = said.collect();
    }

    fn look_up(&mut self, number: u64, advice: &Advice, notes: &mut Vec<Finding>) {
        for (path, reference) in &advice.references {
            let (Reference::Puid(_) | Reference::Id(_)) = reference else { continue };
            let known_by = short(&reference.to_string());
            if self.seen.get(&known_by).is_some_and(|(_, line)| *line != number) {
                continue;
            }
            if self.awaited.len() < MAX_AWAITED {
                self.awaited.entry(known_by).or_insert(number);
            }
            let given = Some(reference.to_string());
            let what = "no right line stood in front that is known by this; publish then looks in its outbox";
            notes.push(Finding::caution(path, Caution::ReferenceNotInFile, given, what));
        }
    }
}

/// What a line of that type says of a target.
fn said(kind: &str, target: &Value) -> String {
    format!("{kind} {target}")
}

/// The member that a line is known by, and what it says.
fn named(id: &str) -> (&'static str, Option<&str>) {
    match id.split_once(':') {
        Some(("puid", puid)) => ("/puid", Some(puid)),
        Some(("id", id)) => ("/id", Some(id)),
        _ => ("", None),
    }
}

fn short(text: &str) -> Short {
    let hash: [u8; 32] = Sha256::digest(text).into();
    let mut short = Short::default();
    short.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    short
}

/// Whether a text is a role that a provider can be enrolled in.
pub fn is_role(text: &str) -> bool {
    Code::find(CodeSet::ProviderRole, text).is_some()
}
