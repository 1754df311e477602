//! What an audit says in the end: what does not hold, what providers owe, and what is odd and yet allowed, apart.

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::evidence::Evidence;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::vkey::Vkey;
use serde_json::{Value, json};

use crate::answer::{Answer, Verdict};
use crate::audit::Audit;
use crate::doubles::Double;
use crate::finding::Findings;
use crate::further::Further;
use crate::owed::{Account, all_embargoes, embargoes, owed};
use crate::plural::counted;
use crate::session::Session;

/// As many ranges of missing numbers are listed, and as many ended keys.
const LISTED: usize = 1_000;

/// Everything that was found out.
pub(crate) struct Report<'a> {
    pub(crate) session: &'a Session,
    pub(crate) further: &'a Further,
    /// The day that embargoes are judged by.
    pub(crate) on: Day,
    pub(crate) accounts: Vec<Account>,
    /// Providers that signed two statements under one number.
    pub(crate) doubles: Vec<Double>,
}

impl Report<'_> {
    /// The answer.
    pub(crate) fn answer(&self) -> Answer {
        let (newest, size) = (self.newest(), self.newest().head().size());
        let mut answer = self
            .verdict()
            .line(format!("log        {}", newest.checkpoint().origin()))
            .line(format!("entries    {size}"))
            .line(format!("root       {}", newest.head().root()));
        let read = self.audit().frontier.size();
        if read > size {
            answer = answer.line(format!(
                "the figures below are of the {} that were read before",
                counted(read.get(), "entry", "entries")
            ));
        }
        answer = self.tell_log(answer);
        if let Some(stop) = &self.further.stopped {
            answer =
                answer.line(format!("the audit ended early: {stop}")).member("stopped", stop.to_string());
        }
        answer = self.tell_states(answer);
        answer = self.tell_providers(answer);
        answer = self.tell_odd(answer);
        answer = self.tell_unchecked(answer);
        answer
            .member("origin", newest.checkpoint().origin().as_str())
            .member("size", size.get())
            .member("read", read.get())
            .member("root", newest.head().root().to_hex())
            .member("witnesses", self.witnesses())
            .member("providers", self.audit().registry.providers().count())
            .member("broken", self.findings().broken())
            .member("not_understood", self.findings().not_understood())
            .member("findings", self.findings().to_json())
    }

    fn audit(&self) -> &Audit {
        &self.session.audit
    }

    fn newest(&self) -> &SignedCheckpoint {
        self.session.newest()
    }

    fn witnesses(&self) -> usize {
        self.session.newest.witnesses().len()
    }

    fn findings(&self) -> &Findings {
        &self.audit().found.findings
    }

    fn verdict(&self) -> Answer {
        let findings = self.findings();
        if let [first, rest @ ..] = self.audit().found.evidence.as_slice() {
            // Each further proof is a file of its own, too, where a state keeps them.
            let further = rest.iter().filter_map(|evidence| self.keep(evidence));
            let further: Vec<String> = further.collect();
            let answer = self.audit().found.keeper.convict(first);
            return match further.is_empty() {
                true => answer,
                false => answer.line(format!("further proofs: {}", further.join(", "))),
            }
            .member("evidence_count", self.audit().found.evidence.len());
        }
        match (findings.broken(), findings.not_understood()) {
            (1.., _) => Answer::new(
                Verdict::DoesNotHold,
                format!(
                    "{} not",
                    counted(
                        findings.broken(),
                        "of the things that must be true of this log is",
                        "of the things that must be true of this log are"
                    )
                ),
            ),
            (0, 1..) => Answer::new(
                Verdict::NotUnderstood,
                match self.is_all_read() {
                    true => format!(
                        "{} made for a newer program than this one; what is understood holds",
                        counted(findings.not_understood(), "entry was", "entries were")
                    ),
                    false => format!(
                        "{} made for a newer program than this one; {}",
                        counted(findings.not_understood(), "entry was", "entries were"),
                        self.part()
                    ),
                },
            ),
            (0, 0) if !self.is_all_read() => Answer::new(Verdict::Holds, self.part()),
            (0, 0) => self.holds(),
        }
    }

    /// What is said of a log that was read to its end, and in which nothing was found.
    fn holds(&self) -> Answer {
        match &self.session.lag {
            Some(lag) => Answer::new(
                Verdict::Holds,
                format!("{lag}. What it shows is what it signed, and follows its rules"),
            )
            .odd(),
            None => Answer::new(
                Verdict::Holds,
                match self.newest().head().size().get() {
                    1 => "its one entry is what the log signed, and follows its rules".to_owned(),
                    size => format!("all {size} entries are what the log signed, and follow its rules"),
                },
            ),
        }
    }

    /// Whether all of the log was read, and what was read has the root that the log signed.
    fn is_all_read(&self) -> bool {
        self.further.stopped.is_none() && self.session.is_settled()
    }

    /// What is said of a log that was not read to its end.
    fn part(&self) -> String {
        let (read, size) = (self.audit().frontier.size(), self.newest().head().size());
        format!(
            "the first {read} of {} were read, and those understood follow the log's rules; whether the log \
             signed them was not compared",
            counted(size.get(), "entry", "entries")
        )
    }

    /// Where the state keeps a further proof.
    fn keep(&self, evidence: &Evidence) -> Option<String> {
        let path = self.audit().found.keeper.keep_in_state(evidence).ok()??;
        Some(path.display().to_string())
    }

    /// The first group: what the log, or whoever serves it, is to blame for.
    fn tell_log(&self, mut answer: Answer) -> Answer {
        if !self.findings().listed().is_empty() {
            answer = answer.line("What does not hold; the log, or whoever serves it, has to explain it:");
        }
        for finding in self.findings().listed() {
            let place = finding.index.map_or_else(|| "the log".to_owned(), |index| format!("entry {index}"));
            answer = answer.line(format!("- {place}: {}: {}", finding.rule, finding.detail));
        }
        let unproved: Vec<u64> =
            self.audit().unproved(self.newest()).into_iter().map(LeafIndex::get).collect();
        if !unproved.is_empty() {
            let places: Vec<String> = unproved.iter().map(u64::to_string).collect();
            answer = answer.line(format!(
                "no proof could be made of what is wrong with entries {}: what leads from them to the root is not served; an \
                 audit with --state keeps the entries, and needs no tile for it",
                places.join(", ")
            ));
        }
        answer.member("unproved", unproved)
    }

    /// What became of entries and texts.
    fn tell_states(&self, mut answer: Answer) -> Answer {
        if let Some(states) = &self.further.states {
            answer = answer.line(states.words()).member("states", states.to_json());
        }
        if let Some(texts) = self.further.texts {
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

    /// The second group: what providers have to explain. The log is not to blame for it.
    fn tell_providers(&self, mut answer: Answer) -> Answer {
        let ticks = &self.audit().ticks;
        let mut all = owed(&self.accounts);
        for (iss, late) in ticks.late().iter().take(LISTED) {
            let words = format!(
                "{} filed {} or more after the named date, by the log's ticks; the worst is entry {}, {}",
                counted(late.count, "decision was", "decisions were"),
                counted(ticks.late_after(), "day", "days"),
                late.at,
                counted(late.days, "day", "days")
            );
            all.push((iss, "late-filing", words));
        }
        if !self.is_all_read() && !all.is_empty() {
            // Who tampers with a copy of the log must not make others look as if they had filed nothing.
            all.clear();
            answer = answer.line(
                "what providers have to explain is not told: what was read is not, or not all, what the log signed",
            );
        }
        if !all.is_empty() || !self.doubles.is_empty() {
            answer = answer.line("What providers have to explain; no fault of the log:");
        }
        for (iss, rule, words) in &all {
            answer = answer.line(format!("- {iss}: {rule}: {words}"));
        }
        let mut proofs = Vec::new();
        for double in &self.doubles {
            answer = answer.line(format!("- {}", double.words()));
            if let Some(path) = double.evidence.as_ref().and_then(|evidence| self.keep(evidence)) {
                answer =
                    answer.line(format!("  saved to {path}; check it with `glasshouse-verify evidence`"));
                proofs.push(path);
            }
        }
        let list =
            |(iss, rule, words): &(&_, _, _)| json!({"iss": format!("{iss}"), "rule": rule, "detail": words});
        answer
            .line(ticks.words())
            .member("owed", all.iter().map(list).collect::<Vec<Value>>())
            .member("missing_numbers", self.missing_numbers())
            .member("conflicts", self.doubles.iter().map(Double::to_json).collect::<Vec<Value>>())
            .member("conflict_count", self.audit().found.conflicts.count)
            .member("provider_evidence", proofs)
            .member("time", ticks.to_json())
    }

    /// Numbers that an issuer passed over: at most [`LISTED`] ranges, in the order of the issuers.
    fn missing_numbers(&self) -> Vec<String> {
        let gaps = self.accounts.iter().flat_map(|account| {
            account.missing.iter().map(|(first, last)| format!("{} {first} to {last}", account.iss))
        });
        gaps.take(LISTED).collect()
    }

    /// The third group: what breaks no rule and yet matters.
    fn tell_odd(&self, answer: Answer) -> Answer {
        let audit = self.audit();
        let found = &audit.found;
        let mut lines: Vec<String> = self.session.odd_lines().cloned().collect();
        let keys = audit.registry.keys();
        let mut ended: Vec<_> = keys.iter().filter_map(|key| Some((key.retired_at()?, key))).collect();
        ended.sort_by_key(|(at, _)| *at);
        ended.truncate(LISTED);
        for (at, key) in &ended {
            lines.push(format!("key ended by entry {at}: {} of {}", key.kid(), key.owner()));
        }
        if found.on_its_word > 0 {
            let indices: Vec<String> = found.unbacked.iter().map(ToString::to_string).collect();
            let (many, list) = (found.on_its_word, indices.join(", "));
            lines.push(format!(
                "keys enrolled without evidence beyond the key's own request: {many}, by entries {list}"
            ));
        }
        if let Some(at) = audit.registry.closed_at() {
            lines.push(format!("the log was closed by entry {at}"));
        }
        let (vkeys, used) = (audit.registry.log_vkeys(), self.newest().log());
        if audit.registry.named_log_key(used) && !vkeys.contains(used) {
            let list: Vec<String> = vkeys.iter().map(Vkey::encode).collect();
            lines.push(format!(
                "the checkpoint is signed with a key that the log has left out of its list since; it lists {}",
                list.join(", ")
            ));
        }
        if let Some(left) = audit.kept.left() {
            lines.push(format!(
                "a receipt that you kept is for entry {left}, which the log does not show yet"
            ));
        }
        let mut answer = answer;
        if !lines.is_empty() {
            answer = answer.line("Odd, but allowed:");
        }
        for line in &lines {
            answer = answer.line(format!("- {line}"));
        }
        let word: Vec<u64> = found.unbacked.iter().map(|at| at.get()).collect();
        answer
            .member("ended_keys", ended.iter().map(|(_, key)| key.kid().to_hex()).collect::<Vec<String>>())
            .member("on_the_registrars_word", word)
            .member("closed_at", audit.registry.closed_at().map(|at| at.get()))
            .member("odd", lines)
    }

    /// What this audit says nothing about.
    fn tell_unchecked(&self, mut answer: Answer) -> Answer {
        if self.further.texts.is_none() {
            answer = answer.line("not checked: whether the texts beside the log are served (--texts)");
        }
        for iss in self.further.uncompared.iter().flatten() {
            answer = answer.line(format!("not compared, because the log grew meanwhile: {iss}"));
        }
        if let Some(uncompared) = &self.further.uncompared {
            answer = answer.member("uncompared", uncompared.clone());
        }
        if self.witnesses() == 0 {
            answer =
                answer.line("not proved: that anybody but the log saw this checkpoint; no witness signed it");
        }
        answer
    }
}
