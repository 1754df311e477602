//! Which logs a witness watches: the keys that it trusts for each, and how often each may ask.

use std::collections::BTreeMap;

use glasshouse_verifier::bounds::NAME_MAX;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;

use super::log_list::ListedLog;

/// Most logs of one witness: the largest list that the witness network plans for.
pub const LOGS_MAX: usize = 100_000;

/// Most keys of one log.
pub const LOG_KEYS_MAX: usize = 16;

/// Requests a day of a log whose budget nobody has stated: ten a second.
pub const QPD_DEFAULT: u32 = 864_000;

/// A log's name as it stands in addresses and file names: the SHA-256 of its origin, 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId([u8; 32]);

impl LogId {
    /// The name of the log with this origin.
    pub fn of_origin(origin: &str) -> Self {
        Self(*Digest::of(origin.as_bytes()).as_bytes())
    }

    /// Reads 64 lower-case hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        Digest::from_hex(text).ok().map(|digest| Self(*digest.as_bytes()))
    }

    /// 64 lower-case hexadecimal digits.
    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

/// One log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// The first line of its checkpoints.
    pub origin: String,
    /// The keys that it may sign with: 1 to [`LOG_KEYS_MAX`], no two with one name and identifier.
    pub keys: Vec<Vkey>,
    /// Requests a day, 1 to 2^31 − 1.
    pub qpd: u32,
}

/// Why logs cannot be watched together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogSetError {
    /// An origin that no checkpoint can have.
    #[error("the origin {0:?} is empty, longer than 255 bytes, or has a control character")]
    Origin(String),
    /// Too many.
    #[error("a witness watches at most 100000 logs")]
    TooManyLogs,
    /// Too many keys of one log.
    #[error("the log {0:?} has more than 16 keys")]
    TooManyKeys(String),
    /// Two keys that a note cannot tell apart.
    #[error("two keys of the log {0:?} have one name and one key id")]
    AmbiguousKey(String),
    /// The witness's own key as a log's: it would take its cosignatures for the log's signature.
    #[error("the log {0:?} has the witness's own key")]
    OwnKey(String),
}

/// The logs that policies and lists name, joined by their origin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogSet {
    logs: BTreeMap<String, NamedLog>,
}

/// What was read of one log so far.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NamedLog {
    keys: Vec<Vkey>,
    /// The greatest budget that a list stated; `None` while none did.
    qpd: Option<u32>,
}

impl LogSet {
    /// No log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the logs of a policy; the origin is the key's name. Who wrote the policy chose them, so their budget is
    /// [`QPD_DEFAULT`], unless a list states another one.
    ///
    /// # Errors
    ///
    /// [`LogSetError`].
    pub fn add_policy(&mut self, policy: &Policy) -> Result<(), LogSetError> {
        policy.logs().iter().try_for_each(|log| self.add(log.key().name(), log.key(), None))
    }

    /// Adds the logs of a list. A log that stands in two lists has the greater budget of both.
    ///
    /// # Errors
    ///
    /// [`LogSetError`].
    pub fn add_list(&mut self, list: &[ListedLog]) -> Result<(), LogSetError> {
        list.iter().try_for_each(|log| self.add(&log.origin, &log.key, Some(log.qpd)))
    }

    /// The logs, ordered by origin.
    pub fn into_logs(self) -> Vec<LogSettings> {
        let settings = |(origin, NamedLog { keys, qpd })| {
            let qpd = qpd.unwrap_or(QPD_DEFAULT);
            LogSettings { origin, keys, qpd }
        };
        self.logs.into_iter().map(settings).collect()
    }

    fn add(&mut self, origin: &str, key: &Vkey, qpd: Option<u32>) -> Result<(), LogSetError> {
        let fits = (1..=NAME_MAX).contains(&origin.len()) && !origin.chars().any(char::is_control);
        if !fits {
            return Err(LogSetError::Origin(origin.chars().take(NAME_MAX).collect()));
        }
        let log = self.logs.entry(origin.to_owned());
        let log = log.or_insert_with(|| NamedLog { keys: Vec::new(), qpd: None });
        // `None` is less than every number.
        log.qpd = log.qpd.max(qpd);
        if !log.keys.contains(key) {
            log.keys.push(key.clone());
        }
        if self.logs.len() > LOGS_MAX { Err(LogSetError::TooManyLogs) } else { Ok(()) }
    }
}

impl LogSettings {
    /// Checks what [`LogSet`] cannot see line by line: the number of keys, and that they can be told apart, also from the
    /// witness's own.
    ///
    /// # Errors
    ///
    /// [`LogSetError`].
    pub fn check(&self, own: &[Vkey]) -> Result<(), LogSetError> {
        if self.keys.len() > LOG_KEYS_MAX {
            return Err(LogSetError::TooManyKeys(self.origin.clone()));
        }
        for (at, key) in self.keys.iter().enumerate() {
            let mut later = self.keys.iter().skip(at + 1);
            if later.any(|other| other.name() == key.name() && other.key_id() == key.key_id()) {
                return Err(LogSetError::AmbiguousKey(self.origin.clone()));
            }
            let is_own = |own: &Vkey| {
                own.key_bytes() == key.key_bytes()
                    || (own.name() == key.name() && own.key_id() == key.key_id())
            };
            if own.iter().any(is_own) {
                return Err(LogSetError::OwnKey(self.origin.clone()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use glasshouse_verifier::vkey::VkeyKind;

    fn vkey(seed: u8, name: &str) -> Vkey {
        let key = crate::key_file::SecretKey::from_seed(&[seed; 32]);
        Vkey::new(name, VkeyKind::Ed25519, key.public_bytes()).unwrap()
    }

    fn listed(origin: &str, key: Vkey, qpd: u32) -> ListedLog {
        ListedLog { origin: origin.to_owned(), key, qpd, contact: "x".to_owned() }
    }

    #[test]
    fn policies_and_lists_are_joined_by_origin() {
        let policy = Policy::of_log(vkey(1, "a.example")).unwrap();
        let mut logs = LogSet::new();
        logs.add_policy(&policy).unwrap();
        assert_eq!(logs.clone().into_logs()[0].qpd, QPD_DEFAULT);
        let again = [listed("a.example", vkey(1, "a.example"), 24), listed("b c", vkey(2, "b"), 24)];
        logs.add_list(&again).unwrap();
        logs.add_list(&[listed("b c", vkey(3, "b"), 96)]).unwrap();
        logs.add_policy(&policy).unwrap();
        let logs = logs.into_logs();
        let seen: Vec<_> = logs.iter().map(|log| (log.origin.as_str(), log.keys.len(), log.qpd)).collect();
        assert_eq!(seen, [("a.example", 1, 24), ("b c", 2, 96)]);
        for log in &logs {
            log.check(&[vkey(9, "w")]).unwrap();
        }
    }

    /// A list that states the very number of the default has stated it.
    #[test]
    fn the_greater_of_two_stated_budgets_holds_whatever_they_are() {
        let policy = Policy::of_log(vkey(1, "a.example")).unwrap();
        let list = |qpd| [listed("a.example", vkey(1, "a.example"), qpd)];
        let stated = [QPD_DEFAULT, 24];
        for order in [stated, [stated[1], stated[0]]] {
            let mut logs = LogSet::new();
            logs.add_list(&list(order[0])).unwrap();
            logs.add_policy(&policy).unwrap();
            logs.add_list(&list(order[1])).unwrap();
            assert_eq!(logs.into_logs()[0].qpd, QPD_DEFAULT, "{order:?}");
        }
    }

    #[test]
    fn what_a_note_cannot_tell_apart_is_refused() {
        let log = |keys: Vec<Vkey>| LogSettings { origin: "a".to_owned(), keys, qpd: 1 };
        let key = vkey(1, "a");
        assert_eq!(
            log(vec![key.clone(), key.clone()]).check(&[]),
            Err(LogSetError::AmbiguousKey("a".to_owned()))
        );
        let own = Vkey::new("w", VkeyKind::Cosignature, key.key_bytes()).unwrap();
        assert_eq!(log(vec![key]).check(&[own]), Err(LogSetError::OwnKey("a".to_owned())));
        let many = (0..17).map(|seed| vkey(seed, "a")).collect();
        assert_eq!(log(many).check(&[]), Err(LogSetError::TooManyKeys("a".to_owned())));
        let mut set = LogSet::new();
        for wrong in ["", "a\nb", &"x".repeat(256)] {
            assert!(matches!(set.add(wrong, &vkey(1, "a"), None), Err(LogSetError::Origin(_))));
        }
    }
}
