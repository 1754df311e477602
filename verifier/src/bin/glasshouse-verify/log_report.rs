//! What an audit says in the end: what does not hold, what providers owe, and what is odd and yet allowed, apart.

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::evidence::Fork;
use serde_json::{Value, json};

use crate::answer::{Answer, Verdict};
use crate::audit::{Audited, Stop};
use crate::finding::Findings;
use crate::owed::{Account, all_embargoes, embargoes, owed};
use crate::states::States;
use crate::text_check::TextCounts;

/// As many ranges of missing numbers are listed, and as many ended keys.
const LISTED: usize = 1_000;

/// Everything that was found out.
pub(crate) struct Report<'a> {
    pub(crate) newest: &'a SignedCheckpoint,
    pub(crate) witnesses: usize,
    pub(crate) audited: &'a Audited,
    /// The day that embargoes are judged by.
    pub(crate) on: Day,
    pub(crate) accounts: Vec<Account>,
    /// `None` where the log was not read a second time although statements are about others.
    pub(crate) states: Option<States>,
    /// `None` if the texts were not fetched.
    pub(crate) texts: Option<TextCounts>,
    /// The issuers whose completeness could not be compared; `None` if none was to be.
    pub(crate) uncompared: Option<Vec<String>>,
    /// What ended it early.
    pub(crate) stopped: Option<&'a Stop>,
}

impl Report<'_> {
    /// The answer. `convict` keeps the proof of a fork.
    pub(crate) fn answer(&self, convict: impl Fn(&Fork) -> Answer) -> Answer {
        let size = self.newest.head().size();
        let mut answer = self
            .verdict(convict)
            .line(format!("log        {}", self.newest.checkpoint().origin()))
            .line(format!("entries    {size}"))
            .line(format!("root       {}", self.newest.head().root()));
        for finding in self.findings().listed() {
            let place = finding.index.map_or_else(|| "the log".to_owned(), |index| format!("entry {index}"));
            answer = answer.line(format!("{place}: {}: {}", finding.rule, finding.detail));
        }
        if let Some(stop) = self.stopped {
            answer =
                answer.line(format!("the audit ended early: {stop}")).member("stopped", stop.to_string());
        }
        answer = self.tell_states(answer);
        answer = self.tell_owed(answer);
        answer = self.tell_odd(answer);
        answer = self.tell_unchecked(answer);
        answer
            .member("origin", self.newest.checkpoint().origin().as_str())
            .member("size", size.get())
            .member("root", self.newest.head().root().to_hex())
            .member("witnesses", self.witnesses)
            .member("providers", self.audited.registry.providers().count())
            .member("broken", self.findings().broken())
            .member("not_understood", self.findings().not_understood())
            .member("findings", self.findings().to_json())
    }

    fn findings(&self) -> &Findings {
        &self.audited.findings
    }

    fn verdict(&self, convict: impl Fn(&Fork) -> Answer) -> Answer {
        let findings = self.findings();
        match &self.audited.fork {
            Some(fork) => convict(fork),
            None if findings.broken() > 0 => Answer::new(
                Verdict::DoesNotHold,
                format!("{} of the things that must be true of this log are not", findings.broken()),
            ),
            None if findings.not_understood() > 0 => Answer::new(
                Verdict::NotUnderstood,
                format!(
                    "{} entries were made for a newer program than this one; what is understood holds",
                    findings.not_understood()
                ),
            ),
            None => Answer::new(
                Verdict::Holds,
                format!(
                    "all {} entries are what the log signed, and follow its rules",
                    self.newest.head().size()
                ),
            ),
        }
    }

    /// What became of entries and texts.
    fn tell_states(&self, mut answer: Answer) -> Answer {
        if let Some(states) = &self.states {
            answer = answer.line(states.words()).member("states", states.to_json());
        }
        if let Some(texts) = self.texts {
            answer = answer.line(texts.words()).member("texts", texts.to_json());
        }
        let sum = all_embargoes(&self.accounts);
        answer
            .line(format!(
                "embargoes on {}: {} open, {} overdue, {} kept, {} late, {} redacted",
                self.on, sum.open, sum.overdue, sum.kept, sum.late, sum.redacted
            ))
            .member("on", self.on.to_string())
            .member("embargoes", embargoes(&sum))
            .member("issuers", self.accounts.iter().map(Account::to_json).collect::<Vec<Value>>())
    }

    /// What providers have to explain. The log is not to blame for it.
    fn tell_owed(&self, mut answer: Answer) -> Answer {
        let owed = owed(&self.accounts);
        if !owed.is_empty() {
            answer = answer.line("Owed by providers; no fault of the log:");
        }
        for (iss, rule, words) in &owed {
            answer = answer.line(format!("- {iss}: {rule}: {words}"));
        }
        let list =
            |(iss, rule, words): &(&_, _, _)| json!({"iss": format!("{iss}"), "rule": rule, "detail": words});
        answer
            .member("owed", owed.iter().map(list).collect::<Vec<Value>>())
            .member("missing_numbers", self.missing_numbers())
    }

    /// Numbers that an issuer passed over: at most [`LISTED`] ranges, in the order of the issuers.
    fn missing_numbers(&self) -> Vec<String> {
        let gaps = self.accounts.iter().flat_map(|account| {
            account.missing.iter().map(|(first, last)| format!("{} {first} to {last}", account.iss))
        });
        gaps.take(LISTED).collect()
    }

    /// What breaks no rule and yet matters.
    fn tell_odd(&self, answer: Answer) -> Answer {
        let audited = self.audited;
        let mut lines = Vec::new();
        let keys = audited.registry.keys();
        let mut ended: Vec<_> = keys.iter().filter_map(|key| Some((key.retired_at()?, key))).collect();
        ended.sort_by_key(|(at, _)| *at);
        ended.truncate(LISTED);
        for (at, key) in &ended {
            lines.push(format!("key ended by entry {at}: {} of {}", key.kid(), key.owner()));
        }
        if audited.on_its_word > 0 {
            let indices: Vec<String> = audited.unbacked.iter().map(ToString::to_string).collect();
            let (many, list) = (audited.on_its_word, indices.join(", "));
            lines.push(format!(
                "keys enrolled without evidence beyond the key's own request: {many}, by entries {list}"
            ));
        }
        for conflict in &audited.conflicts.listed {
            let (iss, sequence, entry, index) =
                (&conflict.iss, conflict.sequence, conflict.entry, conflict.index);
            lines.push(format!(
                "{iss} signed number {sequence} twice: entry {entry} has it, entry {index} shows the other one"
            ));
        }
        if let Some(at) = audited.registry.closed_at() {
            lines.push(format!("the log was closed by entry {at}"));
        }
        let mut answer = answer;
        if !lines.is_empty() {
            answer = answer.line("Odd, but allowed:");
        }
        for line in lines {
            answer = answer.line(format!("- {line}"));
        }
        let word: Vec<u64> = audited.unbacked.iter().map(|at| at.get()).collect();
        answer
            .member("ended_keys", ended.iter().map(|(_, key)| key.kid().to_hex()).collect::<Vec<String>>())
            .member("on_the_registrars_word", word)
            .member("conflicts", self.conflicts())
            .member("conflict_count", audited.conflicts.count)
            .member("closed_at", audited.registry.closed_at().map(|at| at.get()))
    }

    fn conflicts(&self) -> Vec<Value> {
        let listed = self.audited.conflicts.listed.iter();
        let json = listed.map(|conflict| {
            json!({"index": conflict.index.get(), "iss": conflict.iss.as_str(),
                "sequence": conflict.sequence.get(), "entry": conflict.entry.get()})
        });
        json.collect()
    }

    /// What this audit says nothing about.
    fn tell_unchecked(&self, mut answer: Answer) -> Answer {
        if self.texts.is_none() {
            answer = answer.line("not checked: whether the texts beside the log are served (--texts)");
        }
        for iss in self.uncompared.iter().flatten() {
            answer = answer.line(format!("not compared, because the log grew meanwhile: {iss}"));
        }
        if let Some(uncompared) = &self.uncompared {
            answer = answer.member("uncompared", uncompared.clone());
        }
        if self.witnesses == 0 {
            answer =
                answer.line("not proved: that anybody but the log saw this checkpoint; no witness signed it");
        }
        answer
    }
}
