//! `glasshouse declare`: a provider's own count of its decisions in a period goes on record.

use clap::Args;
use glasshouse_ledger::clock::Clock as _;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::instant::Instant;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::filing::Filing;
use super::{CommandError, aside, right_log};
use crate::commands::standard_output::say;
use crate::outbox::counting::{Counted, Declared, count};
use crate::outbox::kept::Kept;
use crate::outbox::line::AuthoredLine;
use crate::outbox::record::Pin;
use crate::system_clock::SystemClock;

/// Declare how many decisions were taken in a period, so that anybody can hold the log against it.
///
/// The tool counts the decisions of the outbox whose application_date lies in the period, sealed ones too, withdrawn ones
/// not (a withdrawal that waits in the outbox counts: it is sent first), by their days as amended, and declares their numbers with the count. A period without any becomes a heartbeat: nothing happened. Declaring
/// the same days again, with other numbers, takes the place of the earlier declaration. Who has never published says
/// --new-outbox. Where the log counts other decisions of these days than the outbox, nothing is declared unless
/// --differs-from-log is given: they may have been published from another outbox.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  glasshouse declare --log https://ledger.example --provider https://www.example.net --key provider.pem \\\n    --outbox outbox --from 2026-03-01 --to 2026-03-31 --dry-run\n  glasshouse declare … --from 2026-03-01 --to 2026-03-31 --taken 1200\n\nWith --taken, the decisions that the outbox does not hold count as not published. The log's completeness page\nshows the declaration beside what is on record."
)]
pub struct Declare {
    #[command(flatten)]
    filing: Filing,

    /// First day of the period, YYYY-MM-DD.
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Day,

    /// Last day of the period, YYYY-MM-DD; it must not lie ahead.
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Day,

    /// How many decisions were taken, if the outbox does not hold all of them.
    #[arg(long, value_name = "N")]
    taken: Option<u64>,

    /// How many of them are not published and will not be.
    #[arg(long, value_name = "N")]
    not_published: Option<u64>,

    /// What a reader should know about the count, in words.
    #[arg(long, value_name = "TEXT")]
    explanation: Option<String>,

    /// Begin an outbox in a folder that has none: for who has never published.
    #[arg(long)]
    new_outbox: bool,

    /// Declare although the log counts other decisions of these days than the outbox does.
    #[arg(long)]
    differs_from_log: bool,

    /// Say what would be declared, and publish nothing.
    #[arg(long)]
    dry_run: bool,
}

/// A day, as an argument.
fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "a day such as 2026-03-31, from 1990 to 2099".to_owned())
}

impl Declare {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        self.check_period()?;
        let kept = Kept::read_or_empty(&self.filing.outbox)?;
        let is_first_use = kept.contents().pin().is_none();
        let bar = progress_bar(kept.contents().places().len() as u64);
        let counted = count(&kept, self.from, self.to, || bar.inc(1));
        bar.finish_and_clear();
        let counted = counted?;
        let pin = kept.contents().pin().cloned();
        drop(kept);
        let declared = self.declared(&counted)?;
        self.announce(&counted, &declared, is_first_use, json);
        if self.dry_run {
            return Ok(());
        }
        if is_first_use && !self.new_outbox {
            // What waits in another folder has numbers already, and this would take the first of them again.
            let outbox = self.filing.outbox.display();
            return Err(CommandError::Usage(format!(
                "{outbox}: there is no outbox here. Give the folder that `glasshouse publish --outbox` was given; who has never \
                 published says --new-outbox"
            )));
        }
        if !self.differs_from_log {
            self.compare(&counted, pin.as_ref(), json)?;
        }
        // What was declared last for these days is the same line again, and is sent only if it still waits.
        let is_repeated = counted.declared.last().is_some_and(|(_, before)| *before == declared);
        let earlier = counted.declared.len() - usize::from(is_repeated);
        let published = self.filing.publish(self.line(&declared, earlier), json)?;
        if json {
            let event = json!({"event": "declared", "sequence": published.sequence, "index": published.index,
                "leaf_hash": published.leaf_hash, "before": published.before});
            say!("{event}");
        } else {
            let word =
                if published.before { "declared before, nothing is published again" } else { "declared" };
            say!("{word}: entry {}, number {}", published.index, published.sequence);
        }
        Ok(())
    }

    /// Holds the outbox's count against the log's own, before anything is signed.
    ///
    /// # Errors
    /// `Refused`, with both numbers; the log's.
    fn compare(&self, counted: &Counted, pin: Option<&Pin>, json: bool) -> Result<(), CommandError> {
        let log = self.filing.log(json)?;
        right_log::check(pin, &self.filing.outbox, &log)?;
        let (list, logged) = log.decisions(&self.filing.provider()?, (self.from, self.to))?;
        let Some(logged) = logged else {
            aside::tell("note: the log's index is behind, so its own count of these days was not compared");
            return Ok(());
        };
        // What waits in the outbox may be on record already, or is sent with the declaration.
        // So may a withdrawal that waits, or not yet.
        let most = counted.open.saturating_add(counted.withdrawn_waiting);
        if (counted.open_on_record..=most).contains(&logged) {
            return Ok(());
        }
        Err(CommandError::Refused(format!(
            "the log counts {logged} decisions of these days (sealed and withdrawn ones apart), and this outbox {}: were some published from \
             another outbox, or a day amended there? {list} lists them. To declare all the same: --differs-from-log",
            counted.open
        )))
    }

    fn check_period(&self) -> Result<(), CommandError> {
        if self.to < self.from {
            return Err(CommandError::Usage(format!("--to {} lies before --from {}", self.to, self.from)));
        }
        let today = Instant::new(SystemClock.now_ms() / 1_000).and_then(Instant::day);
        match today {
            Some(today) if self.to > today => Err(CommandError::Usage(format!(
                "--to {}: that day has not come yet (today is {today}, UTC); declare what is over",
                self.to
            ))),
            _ => Ok(()),
        }
    }

    /// What is declared: the outbox's count, and what the provider adds to it.
    fn declared(&self, counted: &Counted) -> Result<Declared, CommandError> {
        let filed = counted.decisions;
        let (taken, not_published) = match (self.taken, self.not_published) {
            (Some(taken), Some(not_published)) => (taken, not_published),
            (Some(taken), None) => (taken, taken.saturating_sub(filed)),
            (None, not_published) => {
                let not_published = not_published.unwrap_or_default();
                (filed.saturating_add(not_published), not_published)
            }
        };
        if not_published > taken {
            return Err(CommandError::Usage(format!(
                "--not-published {not_published}: more than the {taken} that were taken"
            )));
        }
        if taken < filed {
            return Err(CommandError::Usage(format!(
                "--taken {taken}: the outbox holds {filed} decisions of these days; which of them were not taken? Withdraw those first"
            )));
        }
        Ok(Declared { taken, not_published, numbers: counted.numbers })
    }

    /// The line of the declaration. Its id keeps it apart from the earlier ones of the same days.
    fn line(&self, declared: &Declared, earlier: usize) -> AuthoredLine {
        let mut line = json!({
            "type": "declaration",
            "id": format!("declaration-{}-{}-{}", self.from, self.to, earlier + 1),
            "period_start": self.from.to_string(),
            "period_end": self.to.to_string(),
            "decisions_taken": declared.taken,
            "not_published": declared.not_published,
            "declaration_explanation": self.explanation,
        });
        if let Some((first, last)) = declared.numbers {
            line["first_sequence"] = json!(first);
            line["last_sequence"] = json!(last);
        }
        AuthoredLine::from_value(1, line)
    }

    fn announce(&self, counted: &Counted, declared: &Declared, is_first_use: bool, json: bool) {
        let mut notes = notes(counted, declared);
        if is_first_use {
            let outbox = self.filing.outbox.display();
            notes.push(format!(
                "{outbox} was never used, so nothing was counted: right for who has published nothing yet"
            ));
        }
        if json {
            let event: Value = json!({"event": "declaration", "period_start": self.from.to_string(),
                "period_end": self.to.to_string(), "decisions_taken": declared.taken,
                "not_published": declared.not_published, "numbers": declared.numbers, "in_outbox": counted.decisions,
                "notes": notes, "dry_run": self.dry_run});
            say!("{event}");
            return;
        }
        say!("{} to {}: {} decisions taken", self.from, self.to, declared.taken);
        match declared.numbers {
            Some((first, last)) => {
                say!("{} of them on record, with numbers from {first} to {last}", counted.decisions);
            }
            None if declared.taken == 0 => say!("none: a heartbeat, which says that nothing happened"),
            None => say!("none of them in this outbox"),
        }
        if declared.not_published > 0 {
            say!("{} are not published", declared.not_published);
        }
        for note in notes {
            say!("note: {note}");
        }
        if self.dry_run {
            say!("nothing was published (--dry-run)");
        }
    }
}

/// What would make a reader ask.
fn notes(counted: &Counted, declared: &Declared) -> Vec<String> {
    let mut notes = Vec::new();
    let expected = declared.taken.saturating_sub(declared.not_published);
    let on_record = counted.decisions.saturating_add(counted.between);
    if counted.between > 0 {
        notes.push(format!(
            "{} decisions of other days have numbers between these, and the log counts them too",
            counted.between
        ));
    }
    if declared.numbers.is_some() && expected != on_record {
        notes.push(format!(
            "the log will count {on_record} decisions in this range, and expect {expected}: the difference is yours to explain"
        ));
    }
    if counted.withdrawn_waiting > 0 {
        notes.push(format!(
            "{} decisions are left out whose withdrawals are not on record yet: they wait in the outbox, and are sent first",
            counted.withdrawn_waiting
        ));
    }
    if counted.moved > 0 {
        notes.push(format!(
            "{} decisions are counted by their days as amended: as filed they stood on the other side of this period",
            counted.moved
        ));
    }
    if counted.before > 0 {
        notes.push(format!(
            "this outbox knows nothing of the numbers up to {}: they were given out with an earlier one",
            counted.before
        ));
    }
    notes
}

fn progress_bar(statements: u64) -> ProgressBar {
    let bar = ProgressBar::new(statements);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} statements counted ({eta} left)") {
        bar.set_style(style);
    }
    bar
}
