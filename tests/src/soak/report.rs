//! What a soak that held came to, as a table and as JSON.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::arguments::Arguments;
use super::crew::Figures;
use super::generations::{Generation, Trend};

/// Everything that was counted.
#[derive(Debug)]
pub struct Report {
    /// What was asked for.
    pub arguments: Arguments,
    /// From the first request to the last answer.
    pub seconds: f64,
    /// Entries at the end.
    pub size: u64,
    /// Statements that were sent, answered, and found exactly once.
    pub sent: u64,
    /// What everybody measured.
    pub figures: Figures,
    /// Entries that `glasshouse-verify log` checked.
    pub audited: u64,
    /// How often the last witness was killed.
    pub witness_kills: u64,
    /// The server's lives.
    pub generations: Vec<Generation>,
    /// The first lives against the last.
    pub trend: Option<Trend>,
}

fn count(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

impl Report {
    /// What was due, whether it was sent or not.
    fn due(&self) -> u64 {
        let due = self.arguments.rate as f64 * self.arguments.duration().as_secs_f64();
        due as u64
    }

    /// One object.
    pub fn to_json(&self) -> Value {
        let sent = &self.figures.sent;
        json!({
            "holds": true, "asked_per_second": self.arguments.rate, "batch": self.arguments.batch,
            "providers": self.arguments.providers, "seconds": self.seconds, "due": self.due(),
            "sent_and_found_once": self.sent, "per_second": self.sent as f64 / self.seconds, "size": self.size,
            "answered_ms": sent.answered.percentiles().to_json(),
            "resent_unanswered": count(&sent.broken), "resent_as_told": count(&sent.told_to_come_back),
            "duplicates": count(&sent.duplicates), "kills": self.generations.len() - 1,
            "witness_kills": self.witness_kills, "audited": self.audited, "followed": self.figures.followed,
            "readers": self.figures.read.to_json(),
            "generations": self.generations.iter().map(Generation::to_json).collect::<Vec<_>>(),
            "first_and_last_third": self.trend.map(|trend| {
                json!({"peak_mib": trend.peak_mib, "open_files": trend.open_files})
            }),
        })
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sent = &self.figures.sent;
        let per_second = self.sent as f64 / self.seconds;
        writeln!(
            f,
            "asked       {} statements/s for {:.1} min",
            self.arguments.rate, self.arguments.minutes
        )?;
        writeln!(
            f,
            "sent        {} of {} that were due, {per_second:.0} a second; each is in the log exactly once",
            self.sent,
            self.due()
        )?;
        writeln!(f, "answered   {} (from due)", sent.answered.percentiles())?;
        writeln!(
            f,
            "sent again  {} requests that were not answered, {} that were told to; {} statements were on record by then",
            count(&sent.broken),
            count(&sent.told_to_come_back),
            count(&sent.duplicates)
        )?;
        let (kills, witness_kills) = (self.generations.len() - 1, self.witness_kills);
        writeln!(f, "kills       {kills} of the server, {witness_kills} of a witness")?;
        let (audited, followers) = (self.audited, self.figures.followed.len());
        writeln!(
            f,
            "audited     {audited} entries by glasshouse-verify, and by {followers} followers as they came"
        )?;
        for (name, told) in self.figures.read.lines() {
            writeln!(f, "{name:<11}{told}")?;
        }
        writeln!(f, "life   entries at start   opened in   resident    peak   open files")?;
        for (at, life) in self.generations.iter().enumerate() {
            writeln!(
                f,
                "{:>4} {:>18} {:>8.1} s {:>6} MiB {:>5} MiB {:>8}",
                at + 1,
                life.size,
                life.opened_in.as_secs_f64(),
                life.resident_kib >> 10,
                life.peak_kib >> 10,
                life.open_files
            )?;
        }
        match self.trend {
            None => write!(f, "too few lives to compare the first with the last"),
            Some(Trend { peak_mib: [first, last], open_files: [few, many] }) => write!(
                f,
                "first third of the lives against the last: peaks {first} and {last} MiB, open files {few} and {many}"
            ),
        }
    }
}
