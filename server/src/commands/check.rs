//! `glasshouse check`: what is wrong with lines before they are published.

mod meanings;
mod report;

use std::path::PathBuf;

use clap::Args;
use glasshouse_ledger::clock::Clock as _;
use glasshouse_ledger::draft::advice::Setting;
use glasshouse_ledger::draft::advice::aliases::known_as;
use glasshouse_ledger::draft::advice::explanation::Explanation;
use glasshouse_ledger::draft::advice::glossary;
use glasshouse_ledger::near::near;
use glasshouse_verifier::codes::CodeSet;

use self::meanings::Meanings;
use self::report::Report;
use super::CommandError;
use super::publish::input::Input;
use crate::check::{Checker, is_role};
use crate::problem::Kind;
use crate::system_clock::SystemClock;

/// Say everything that is wrong with lines before they are published: every error of every line, and warnings.
///
/// Nothing is sent, and no key, log or outbox is needed. A warning is no error: the line would be published. What only
/// the log or the outbox know is not checked: in which roles the provider is enrolled, what was published before.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  glasshouse check decisions.jsonl\n  glasshouse check --strict --completeness decisions.jsonl\n  glasshouse check --explain looks-like-email\n\nEnds with 0 if no line is wrong, 1 if one is (with --strict, also if there is a warning), 2 if the file cannot be read."
)]
pub struct Check {
    /// The lines, one JSON object each; `-` reads standard input.
    #[arg(value_name = "FILE.jsonl", required_unless_present = "explain")]
    file: Option<PathBuf>,

    /// The provider_role of lines that name none, as publish fills it in.
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,

    /// Warnings fail, too.
    #[arg(long)]
    strict: bool,

    /// Show for each decision what Article 17(3) of the Digital Services Act asks for, and what of it is there.
    #[arg(long)]
    completeness: bool,

    /// Say what a rule, a problem that a log answers, a type, a field, a member, a set of codes or a code means; `all`
    /// lists every rule and problem.
    #[arg(long, value_name = "WORD", conflicts_with_all = ["file", "role", "strict", "completeness"])]
    explain: Option<String>,
}

impl Check {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        if let Some(rule) = &self.explain {
            return explain(rule, json);
        }
        if let Some(role) = self.role.as_ref().filter(|role| !is_role(role)) {
            let roles = CodeSet::ProviderRole.values();
            let meant = near(role, roles.iter().copied());
            let meant = if meant.is_empty() { roles.to_vec() } else { meant };
            return Err(CommandError::Usage(format!(
                "--role {role}: no role; is it {}?",
                meant.join(" or ")
            )));
        }
        let Some(file) = &self.file else {
            return Err(CommandError::Usage("a file of lines is needed".to_owned()));
        };
        let input = Input::open(file, false)?;
        let mut report = Report::new(json, self.completeness, input.count());
        let setting =
            Setting { now: SystemClock.now_ms() / 1_000, role: self.role.clone(), most_errors: usize::MAX };
        let mut checker = Checker::new(setting);
        for line in input.one_by_one() {
            report.line(&checker.check(&line?))?;
        }
        report.end(self.strict)
    }
}

/// Everything that has that name, or stands at that path.
fn explain(word: &str, json: bool) -> Result<(), CommandError> {
    if let Some(meanings) = Meanings::of(word) {
        return meanings.say(json);
    }
    let known = Explanation::all().map(|explanation| explanation.rule);
    let known = known.chain(Kind::ALL.iter().map(|kind| kind.slug)).chain(glossary::words());
    let mut meant = known_as(word);
    if meant.is_empty() {
        meant = near(word, known);
        meant.dedup();
    }
    let hint = match meant.as_slice() {
        [] => "--explain all lists the rules, --explain decision the fields of a decision".to_owned(),
        meant => format!("is it {}?", meant.join(" or ")),
    };
    Err(CommandError::Usage(format!("--explain {word}: no rule, type, field, set of codes or code; {hint}")))
}
