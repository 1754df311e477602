//! Lists of logs, as the witness network publishes them (`logs/v0`, witness-network.org/log-list-format).

use glasshouse_verifier::vkey::{Vkey, VkeyError, VkeyKind};

use super::log_settings::LOGS_MAX;

/// Greatest list, in bytes: [`LOGS_MAX`] logs with long names and contacts.
pub const LIST_MAX: usize = 64 << 20;

/// Longest line, in bytes: a key's text has at most 4,096.
const LINE_MAX: usize = 5_000;

/// Greatest number of requests a day, 2^31 − 1 (log-list-format).
const QPD_MAX: u32 = (1 << 31) - 1;

/// A log in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedLog {
    /// The first line of its checkpoints: what the list says, else the key's name.
    pub origin: String,
    /// The key that it signs with, algorithm 1.
    pub key: Vkey,
    /// `add-checkpoint` requests that it may make in a day, 1 to 2^31 − 1.
    pub qpd: u32,
    /// How people reach its operator.
    pub contact: String,
}

/// What is wrong with a line of a list, or with all of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogListFault {
    /// More than 64 MiB, 100,000 logs, or a line of more than 5,000 bytes.
    #[error("a list has at most 67108864 bytes and 100000 logs, and a line at most 5000 bytes")]
    TooLong,
    /// Not UTF-8 without control characters.
    #[error("a list is UTF-8 without control characters other than tab and line feed")]
    Characters,
    /// The first line.
    #[error("a list begins with the line `logs/v0`")]
    Header,
    /// Another line than the one that comes next.
    #[error("expected `{0}`")]
    Expected(&'static str),
    /// The key.
    #[error("{0}")]
    Vkey(VkeyError),
    /// A key that is no log's.
    #[error("a log's key has algorithm 1")]
    WrongKind,
    /// The budget.
    #[error("qpd is a decimal number from 1 to 2147483647, without leading zeros")]
    Qpd,
}

/// A list is malformed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("log list, line {line}: {fault}")]
pub struct LogListError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub fault: LogListFault,
}

/// A log of which some lines were read.
struct Open {
    key: Vkey,
    origin: Option<String>,
    qpd: Option<u32>,
}

/// Reads a list: the header, then for each log `vkey`, perhaps `origin`, `qpd` and `contact`, in this order. Blank lines
/// and lines that begin with '#' are passed over, and so is white space around a line.
///
/// # Errors
///
/// [`LogListError`]; nothing of a malformed list is used.
pub fn parse_log_list(bytes: &[u8]) -> Result<Vec<ListedLog>, LogListError> {
    let whole = |fault| LogListError { line: 1, fault };
    if bytes.len() > LIST_MAX {
        return Err(whole(LogListFault::TooLong));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| whole(LogListFault::Characters))?;
    let mut logs = Vec::new();
    let mut open: Option<Open> = None;
    let mut is_begun = false;
    let mut last = 1;
    for (at, line) in text.split('\n').enumerate() {
        last = at + 1;
        let fail = |fault| LogListError { line: at + 1, fault };
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.len() > LINE_MAX {
            return Err(fail(LogListFault::TooLong));
        }
        if line.chars().any(|c| c.is_control() && c != '\t') {
            return Err(fail(LogListFault::Characters));
        }
        if !is_begun {
            is_begun = line == "logs/v0";
            if !is_begun {
                return Err(fail(LogListFault::Header));
            }
            continue;
        }
        if let Some(log) = take_line(&mut open, line).map_err(fail)? {
            logs.push(log);
            if logs.len() > LOGS_MAX {
                return Err(fail(LogListFault::TooLong));
            }
        }
    }
    let missing = match open {
        _ if !is_begun => LogListFault::Header,
        Some(open) => LogListFault::Expected(if open.qpd.is_some() { "contact" } else { "qpd" }),
        None => return Ok(logs),
    };
    Err(LogListError { line: last, fault: missing })
}

/// Takes the next line of a log; gives the log back with its last one.
fn take_line(open: &mut Option<Open>, line: &str) -> Result<Option<ListedLog>, LogListFault> {
    let (word, value) = line.split_once([' ', '\t']).map_or((line, ""), |(word, rest)| (word, rest.trim()));
    let has_value = !value.is_empty();
    let Some(log) = open else {
        if word != "vkey" || !has_value {
            return Err(LogListFault::Expected("vkey"));
        }
        let key = Vkey::parse(value).map_err(LogListFault::Vkey)?;
        if key.kind() != VkeyKind::Ed25519 {
            return Err(LogListFault::WrongKind);
        }
        *open = Some(Open { key, origin: None, qpd: None });
        return Ok(None);
    };
    match (word, log.qpd) {
        ("origin", None) if has_value && log.origin.is_none() => log.origin = Some(value.to_owned()),
        ("qpd", None) => log.qpd = Some(read_qpd(value)?),
        (_, None) if log.origin.is_none() => return Err(LogListFault::Expected("origin or qpd")),
        (_, None) => return Err(LogListFault::Expected("qpd")),
        ("contact", Some(qpd)) if has_value => {
            let origin = log.origin.take().unwrap_or_else(|| log.key.name().to_owned());
            let listed = ListedLog { origin, key: log.key.clone(), qpd, contact: value.to_owned() };
            *open = None;
            return Ok(Some(listed));
        }
        (_, Some(_)) => return Err(LogListFault::Expected("contact")),
    }
    Ok(None)
}

fn read_qpd(text: &str) -> Result<u32, LogListFault> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let qpd = text.parse::<u32>().ok().filter(|qpd| is_plain && (1..=QPD_MAX).contains(qpd));
    qpd.ok_or(LogListFault::Qpd)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    const LOG: &str = "log.example/takedowns+f8bc89f6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
    const WITNESS: &str = "witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU";

    #[test]
    fn a_list_is_read() {
        let text = format!(
            "#\n# List: 10qps-100klogs\n#\nlogs/v0\n\n# first\nvkey {LOG}\nqpd 86400\ncontact https://log.example/\n\n \
             vkey {LOG}\n\torigin the other log\nqpd 1\ncontact somebody (at) log.example\n"
        );
        let logs = parse_log_list(text.as_bytes()).unwrap();
        assert_eq!(logs.len(), 2);
        assert_eq!((logs[0].origin.as_str(), logs[0].qpd), ("log.example/takedowns", 86_400));
        assert_eq!((logs[1].origin.as_str(), logs[1].qpd), ("the other log", 1));
        assert_eq!(logs[1].contact, "somebody (at) log.example");
        assert_eq!(parse_log_list(b"logs/v0\n"), Ok(vec![]));
    }

    #[test]
    fn the_form_is_strict() {
        let expected = LogListFault::Expected;
        for (wrong, line, fault) in [
            (String::new(), 1, LogListFault::Header),
            (format!("# x\nvkey {LOG}\n"), 2, LogListFault::Header),
            ("logs/v1\n".to_owned(), 1, LogListFault::Header),
            ("logs/v0\nqpd 1\n".to_owned(), 2, expected("vkey")),
            (format!("logs/v0\nvkey {LOG}\n"), 3, expected("qpd")),
            (format!("logs/v0\nvkey {LOG}\ncontact x\n"), 3, expected("origin or qpd")),
            (format!("logs/v0\nvkey {LOG}\norigin a\norigin b\n"), 4, expected("qpd")),
            (format!("logs/v0\nvkey {LOG}\nqpd 1\n"), 4, expected("contact")),
            (format!("logs/v0\nvkey {LOG}\nqpd 1\norigin x\n"), 4, expected("contact")),
            (format!("logs/v0\nvkey {LOG}\nqpd 1\ncontact\n"), 4, expected("contact")),
            (format!("logs/v0\nvkey {LOG}\nqpd 0\n"), 3, LogListFault::Qpd),
            (format!("logs/v0\nvkey {LOG}\nqpd 01\n"), 3, LogListFault::Qpd),
            (format!("logs/v0\nvkey {LOG}\nqpd +1\n"), 3, LogListFault::Qpd),
            (format!("logs/v0\nvkey {LOG}\nqpd 2147483648\n"), 3, LogListFault::Qpd),
            (format!("logs/v0\nvkey {WITNESS}\n"), 2, LogListFault::WrongKind),
            (format!("logs/v0\nvkey {LOG} x\n"), 2, LogListFault::Vkey(VkeyError::Form)),
            ("logs/v0\nvkey a\u{7}b\n".to_owned(), 2, LogListFault::Characters),
            (format!("logs/v0\nvkey {}\n", "x".repeat(5_000)), 2, LogListFault::TooLong),
        ] {
            assert_eq!(parse_log_list(wrong.as_bytes()), Err(LogListError { line, fault }), "{wrong:.60}");
        }
        assert!(parse_log_list(b"\xff").is_err());
    }
}
