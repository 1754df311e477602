//! Reads the lines of a policy (c2sp.org/tlog-policy). A name is defined before it is used, and used as a member once.

use crate::bounds::{POLICY_LINES_MAX, POLICY_MAX};
use crate::fault::Fault;
use crate::policy::{Group, Member, Policy, PolicyLog, PolicyWitness};
use crate::vkey::{Vkey, VkeyError, VkeyKind};

/// What is wrong with a line of a policy, or with all of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// More than 256 KiB or 256 lines.
    #[error("a policy has at most 262144 bytes and 256 lines")]
    TooLong,
    /// A control character other than tab and line feed.
    #[error("a policy is text without control characters other than tab and line feed")]
    Characters,
    /// A line of none of the four kinds, or with too few or too many words.
    #[error(
        "a line is `log <vkey> [url]`, `witness <name> <vkey> [url]`, `group <name> all|any|<k> <member>...` or `quorum <name>|none`"
    )]
    Line,
    /// A vkey.
    #[error("{0}")]
    Vkey(VkeyError),
    /// A log's key on a witness line, or the other way round.
    #[error("a log's key has algorithm 1 or 6, a witness's has algorithm 4 or 6")]
    WrongKind,
    /// A public key that an earlier line has.
    #[error("the public key stands on an earlier line")]
    RepeatedKey,
    /// A name that an earlier line defines, or `none`.
    #[error("the name {0:?} is taken")]
    NameTaken(String),
    /// A member or quorum that no earlier line defines.
    #[error("no earlier line defines the name {0:?}")]
    UnknownName(String),
    /// A name that is a member already.
    #[error("{0:?} is a member of a group already")]
    RepeatedMember(String),
    /// Not `all`, `any`, or a number from 1 to the number of members.
    #[error("a group needs `all`, `any` or 1 to as many as it has members")]
    Threshold,
    /// A second quorum line.
    #[error("a policy has one quorum line")]
    SecondQuorum,
    /// A log's key of algorithm 6, and none of algorithm 1 under the same name.
    #[error("the log {0:?} has a key of algorithm 6 and none of algorithm 1, which opens its checkpoints")]
    NoOpeningKey(String),
    /// No log line.
    #[error("a policy names at least one log")]
    NoLog,
    /// No quorum line.
    #[error("a policy has a quorum line; `quorum none` asks for no witness")]
    NoQuorum,
}

/// A policy is malformed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("policy, line {line}: {fault}")]
pub struct PolicyError {
    /// The line, from 1; of a fault of the whole, the number of lines.
    pub line: usize,
    /// What is wrong.
    pub fault: PolicyFault,
}

impl PolicyError {
    /// Whose fault it is: a policy is the reader's own.
    pub fn fault(&self) -> Fault {
        Fault::CallerMisuse
    }
}

/// Reads a policy file: at most 256 KiB and 256 lines.
pub(crate) fn read(text: &str) -> Result<Policy, PolicyError> {
    let lines: Vec<&str> = text.split('\n').take(POLICY_LINES_MAX + 1).collect();
    let whole = |fault| PolicyError { line: lines.len(), fault };
    if text.len() > POLICY_MAX || lines.len() > POLICY_LINES_MAX {
        return Err(whole(PolicyFault::TooLong));
    }
    let mut reader = Reader::default();
    for (number, line) in lines.iter().enumerate() {
        reader.line(line).map_err(|fault| PolicyError { line: number + 1, fault })?;
    }
    if reader.logs.is_empty() {
        return Err(whole(PolicyFault::NoLog));
    }
    if let Some(name) = reader.name_without_opening_key() {
        return Err(whole(PolicyFault::NoOpeningKey(name.to_owned())));
    }
    let quorum = reader.quorum.ok_or_else(|| whole(PolicyFault::NoQuorum))?;
    Ok(Policy { logs: reader.logs, witnesses: reader.witnesses, groups: reader.groups, quorum })
}

/// What the lines read so far have defined.
#[derive(Default)]
struct Reader {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    used: Vec<Member>,
    quorum: Option<Option<Member>>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), PolicyFault> {
        if line.bytes().any(|b| (b < b' ' && b != b'\t') || b == 0x7f) {
            return Err(PolicyFault::Characters);
        }
        let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key, url @ ..] if url.len() <= 1 => {
                let key = self.key(key, VkeyKind::Ed25519)?;
                self.logs.push(PolicyLog { key, url: url.first().map(|url| (*url).to_owned()) });
                Ok(())
            }
            ["witness", name, key, url @ ..] if url.len() <= 1 => {
                let name = self.fresh_name(name)?;
                let key = self.key(key, VkeyKind::Cosignature)?;
                self.witnesses.push(PolicyWitness {
                    name,
                    key,
                    url: url.first().map(|url| (*url).to_owned()),
                });
                Ok(())
            }
            ["group", name, threshold, members @ ..] if !members.is_empty() => {
                self.group(name, threshold, members)
            }
            ["quorum", name] => {
                if self.quorum.is_some() {
                    return Err(PolicyFault::SecondQuorum);
                }
                self.quorum = Some(if *name == "none" { None } else { Some(self.find(name)?) });
                Ok(())
            }
            _ => Err(PolicyFault::Line),
        }
    }

    fn group(&mut self, name: &str, threshold: &str, members: &[&str]) -> Result<(), PolicyFault> {
        let name = self.fresh_name(name)?;
        let mut found = Vec::with_capacity(members.len());
        for member in members {
            let place = self.find(member)?;
            if self.used.contains(&place) {
                return Err(PolicyFault::RepeatedMember((*member).to_owned()));
            }
            self.used.push(place);
            found.push(place);
        }
        let needed = match threshold {
            "all" => found.len(),
            "any" => 1,
            number if number.starts_with(|c: char| matches!(c, '1'..='9')) => {
                number.parse().ok().filter(|n| *n <= found.len()).ok_or(PolicyFault::Threshold)?
            }
            _ => return Err(PolicyFault::Threshold),
        };
        self.groups.push(Group { name, needed, members: found });
        Ok(())
    }

    fn find(&self, name: &str) -> Result<Member, PolicyFault> {
        let witness = self.witnesses.iter().position(|w| w.name == name).map(Member::Witness);
        let group = || self.groups.iter().position(|g| g.name == name).map(Member::Group);
        witness.or_else(group).ok_or_else(|| PolicyFault::UnknownName(name.to_owned()))
    }

    fn fresh_name(&self, name: &str) -> Result<String, PolicyFault> {
        if name == "none" || self.find(name).is_ok() {
            return Err(PolicyFault::NameTaken(name.to_owned()));
        }
        Ok(name.to_owned())
    }

    /// A log's second keys stand beside one that opens its checkpoints.
    fn name_without_opening_key(&self) -> Option<&str> {
        let keys = || self.logs.iter().map(PolicyLog::key);
        let opens = |name: &str| keys().any(|key| key.kind() == VkeyKind::Ed25519 && key.name() == name);
        keys().map(Vkey::name).find(|name| !opens(name))
    }

    /// A key of `kind`, or one of ML-DSA-44, which logs and witnesses have alike.
    fn key(&self, text: &str, kind: VkeyKind) -> Result<Vkey, PolicyFault> {
        let key = Vkey::parse(text).map_err(PolicyFault::Vkey)?;
        if key.kind() != kind && key.kind() != VkeyKind::MlDsa44 {
            return Err(PolicyFault::WrongKind);
        }
        let mut keys =
            self.logs.iter().map(PolicyLog::key).chain(self.witnesses.iter().map(PolicyWitness::key));
        if keys.any(|other| other.key_bytes() == key.key_bytes()) {
            return Err(PolicyFault::RepeatedKey);
        }
        Ok(key)
    }
}
