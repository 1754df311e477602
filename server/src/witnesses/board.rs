//! How it goes with each witness, and whether publication waits for them: what `/readyz` and `/metrics` tell.

use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use glasshouse_verifier::instant::Instant;
use glasshouse_verifier::policy::Policy;
use tokio::sync::watch;

use super::WitnessOptions;

/// What became of one question to a witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It signed.
    Cosigned,
    /// It could not be reached, was too slow, or has trouble of its own.
    Failed,
    /// It does not know this log or its key, or finds the request malformed.
    Refused,
    /// It says that this log contradicts what it signed before.
    Conflict,
    /// It said yes, and its signature is none of its key on this tree.
    Garbage,
    /// It signed, and its clock is far from this server's: the signature does not count.
    Clock,
}

impl Outcome {
    /// The word in counters and log lines.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Outcome::Cosigned => "cosigned",
            Outcome::Failed => "failed",
            Outcome::Refused => "refused",
            Outcome::Conflict => "conflict",
            Outcome::Garbage => "garbage",
            Outcome::Clock => "clock",
        }
    }

    /// Whether an operator should look at once.
    pub(crate) fn is_alarm(self) -> bool {
        matches!(self, Outcome::Refused | Outcome::Conflict | Outcome::Garbage | Outcome::Clock)
    }
}

#[derive(Debug)]
struct Standing {
    name: String,
    /// The last tree that it signed for this process, and when: milliseconds since 1970.
    signed: Option<(u64, u64)>,
    /// Why it does not sign, and since when.
    trouble: Option<(String, u64)>,
}

#[derive(Debug)]
struct Lines {
    standings: Vec<Standing>,
    /// The size of the tree that waits for its quorum longer than a witness may take, and since when it waits.
    stalled: Option<(u64, u64)>,
    /// The size of the published tree while a quorum is required and it has none, and since when it is known.
    held_back: Option<(u64, u64)>,
    /// Witnesses that did not say at the start what they had seen, and have signed nothing since: the places of each.
    unheard: Vec<Vec<usize>>,
    /// When the newest quorum was complete.
    quorum_ms: Option<u64>,
    /// Since when no published tree has had its quorum; `None` while the newest one has it.
    lacking_ms: Option<u64>,
}

/// The board of one server.
#[derive(Debug)]
pub(crate) struct Board {
    policy: Policy,
    quorum: String,
    timeout: Duration,
    lines: Mutex<Lines>,
    closing: watch::Sender<bool>,
}

impl Board {
    /// Nothing is known of anybody yet. `held_back`: the size of the published tree, if it must not be shown before it has its
    /// quorum, and the time.
    pub(crate) fn new(options: &WitnessOptions, held_back: Option<(u64, u64)>) -> Board {
        let names = options.policy.witnesses().iter().map(|witness| witness.name().to_owned());
        let standings = names.map(|name| Standing { name, signed: None, trouble: None }).collect();
        let unheard = Vec::new();
        let lines = Lines { standings, stalled: None, held_back, unheard, quorum_ms: None, lacking_ms: None };
        let (policy, quorum, timeout) = (options.policy.clone(), options.quorum.clone(), options.timeout);
        Board { policy, quorum, timeout, lines: Mutex::new(lines), closing: watch::Sender::new(false) }
    }

    /// By which policy the log publishes.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What the policy asks for, as it says it.
    pub(crate) fn quorum(&self) -> &str {
        &self.quorum
    }

    /// The server is to end: who waits for a quorum waits for one time-out more, and not for ever.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Becomes ready when the server is to end and waiting makes no sense any more.
    pub(crate) async fn closed(&self) {
        let mut closing = self.closing.subscribe();
        // The sender lives as long as this board.
        let _ = closing.wait_for(|closing| *closing).await;
        tokio::time::sleep(self.timeout).await;
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        // Each change leaves it whole.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These did not say at the start what they had seen: the places of each among the policy's witnesses.
    pub(crate) fn set_unheard(&self, unheard: Vec<Vec<usize>>) {
        self.lines().unheard = unheard;
    }

    /// How many of them have not signed since. Who signs a tree has seen none that contradicts it.
    pub(crate) fn unheard(&self) -> usize {
        self.lines().unheard.len()
    }

    /// A witness signed a tree of that size.
    pub(crate) fn cosigned(&self, at: usize, size: u64, now_ms: u64) {
        let mut lines = self.lines();
        lines.unheard.retain(|members| !members.contains(&at));
        if let Some(standing) = lines.standings.get_mut(at) {
            standing.signed = Some((size, now_ms));
            standing.trouble = None;
        }
    }

    /// A witness did not sign; whether that is news.
    pub(crate) fn failed(&self, at: usize, reason: &str, now_ms: u64) -> bool {
        let mut lines = self.lines();
        let Some(standing) = lines.standings.get_mut(at) else { return false };
        let before = standing.trouble.take();
        let since = before.as_ref().map_or(now_ms, |(_, since)| *since);
        standing.trouble = Some((reason.to_owned(), since));
        before.is_none_or(|(before, _)| before != reason)
    }

    /// The published tree has its quorum.
    pub(crate) fn complete(&self, now_ms: u64) {
        self.lines().quorum_ms = Some(now_ms);
    }

    /// A tree of that size has waited for its quorum since then, longer than it may; or nothing does.
    pub(crate) fn set_stalled(&self, stalled: Option<(u64, u64)>) {
        let before = std::mem::replace(&mut self.lines().stalled, stalled);
        match (before, stalled) {
            (None, Some(_)) => {
                tracing::error!("publication stands still: {}", self.why_stalled().unwrap_or_default())
            }
            (Some(_), None) => tracing::info!("publication goes on"),
            _ => {}
        }
    }

    /// Whether the newest published tree has its quorum.
    pub(crate) fn set_quorum(&self, has_quorum: bool, now_ms: u64) {
        let mut lines = self.lines();
        lines.lacking_ms = (!has_quorum).then(|| lines.lacking_ms.unwrap_or(now_ms));
    }

    /// Milliseconds since a published tree last had its quorum; 0 while the newest one has it.
    pub(crate) fn lacking_ms(&self, now_ms: u64) -> u64 {
        self.lines().lacking_ms.map_or(0, |since| now_ms.saturating_sub(since))
    }

    /// What to do where for longer than a witness may take no published tree has had its quorum, although nobody waits for
    /// it; `None` if one has.
    pub(crate) fn why_lacking(&self, now_ms: u64) -> Option<String> {
        let lines = self.lines();
        let since = lines
            .lacking_ms
            .filter(|since| u128::from(now_ms.saturating_sub(*since)) >= self.timeout.as_millis())?;
        let what = format!(
            "no published tree has had its quorum of witnesses since {}. Where they sign, but later than the next tree is \
             published, a greater --witness-interval gives them time",
            moment(since)
        );
        Some(self.tell(&lines, &what))
    }

    /// What is published has its quorum, and is shown from now on.
    pub(crate) fn show(&self) {
        if self.lines().held_back.take().is_some() {
            tracing::info!("the published tree has its quorum, and is shown");
        }
    }

    /// Milliseconds since the newest quorum; `None` if there was none yet.
    pub(crate) fn quorum_age_ms(&self, now_ms: u64) -> Option<u64> {
        self.lines().quorum_ms.map(|then| now_ms.saturating_sub(then))
    }

    /// Why nothing is published: what the quorum needs, who signed, who did not, and since when; `None` if nothing waits.
    pub(crate) fn why_stalled(&self) -> Option<String> {
        let lines = self.lines();
        let (size, since) = lines.stalled?;
        let what = "nothing is published without a quorum of witnesses, and there is none for";
        Some(self.tell(&lines, &format!("{what} the tree of size {size} since {}", moment(since))))
    }

    /// Why not even what lies published is shown, in the same words; `None` if it is.
    pub(crate) fn why_held_back(&self) -> Option<String> {
        let lines = self.lines();
        let (size, since) = lines.held_back?;
        let what = "nothing is shown without a quorum of witnesses, and none of theirs has been seen for";
        Some(self.tell(
            &lines,
            &format!("{what} the published tree of size {size} since the start at {}", moment(since)),
        ))
    }

    fn tell(&self, lines: &Lines, what: &str) -> String {
        let mut text = format!("{what}. The policy asks for: {}.", self.quorum);
        for standing in &lines.standings {
            let name = &standing.name;
            let _ = match (&standing.trouble, standing.signed) {
                (Some((reason, since)), _) => {
                    write!(text, " {name}: did not sign since {}: {reason}.", moment(*since))
                }
                (None, Some((signed, when))) => {
                    write!(text, " {name}: signed a tree of size {signed} at {}.", moment(when))
                }
                (None, None) => write!(text, " {name}: has not answered yet."),
            };
        }
        text
    }
}

fn moment(ms: u64) -> String {
    Instant::new(ms / 1_000).map_or_else(|| format!("{ms} ms"), |instant| instant.to_string())
}
