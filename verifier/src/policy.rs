//! What a reader trusts: a log's key, witnesses' keys, and how many of them must have signed (c2sp.org/tlog-policy).

use crate::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::fault::Fault;
use crate::note::{Note, NoteError};
use crate::origin::Origin;
use crate::policy_reader::{self, PolicyError, PolicyFault};
use crate::vkey::{Vkey, VkeyKind};

/// A checkpoint is not what the policy asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// The log's signature or the text.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The policy names ML-DSA-44 keys of the log, and none of them signed.
    #[error("the policy names an ML-DSA-44 key of the log {0:?}, and no such key signed the checkpoint")]
    NoSecondSignature(String),
    /// The note's text is another checkpoint than the one given.
    #[error("the note does not hold the checkpoint that its quorum is asked for")]
    OtherCheckpoint,
    /// The signature of a witness does not hold, needed or not.
    #[error("a witness: {0}")]
    Witness(NoteError),
    /// Too few witnesses.
    #[error("the witnesses that signed ({signed:?}) do not make the quorum {quorum:?}")]
    Quorum {
        /// The policy's names of those who signed.
        signed: Vec<String>,
        /// The policy's quorum.
        quorum: String,
    },
}

impl From<NoteError> for TrustError {
    fn from(error: NoteError) -> Self {
        TrustError::Checkpoint(error.into())
    }
}

impl TrustError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            TrustError::Checkpoint(error) => error.fault(),
            TrustError::Witness(error) => error.fault(),
            TrustError::OtherCheckpoint => Fault::CallerMisuse,
            TrustError::NoSecondSignature(_) | TrustError::Quorum { .. } => Fault::HostileInput,
        }
    }
}

/// A log that the policy trusts to sign for its own origin, by one of its keys: of algorithm 1, which opens checkpoints, or
/// of algorithm 6, which must have signed too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyLog {
    pub(crate) key: Vkey,
    pub(crate) url: Option<String>,
}

impl PolicyLog {
    /// The log's key; its name is the origin.
    pub const fn key(&self) -> &Vkey {
        &self.key
    }

    /// Where the log is served, if the policy says.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }
}

/// A witness under the name that the policy gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyWitness {
    pub(crate) name: String,
    pub(crate) key: Vkey,
    pub(crate) url: Option<String>,
}

impl PolicyWitness {
    /// The name in this policy, not that of the key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The witness's key.
    pub const fn key(&self) -> &Vkey {
        &self.key
    }

    /// Where the witness answers, if the policy says.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }
}

/// A witness or a group, by its place among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Member {
    Witness(usize),
    Group(usize),
}

/// Some witnesses and groups, and how many of them must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) needed: usize,
    /// Groups among them stand before this one.
    pub(crate) members: Vec<Member>,
}

/// A parsed policy: at least one log; every name defined before it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub(crate) logs: Vec<PolicyLog>,
    pub(crate) witnesses: Vec<PolicyWitness>,
    pub(crate) groups: Vec<Group>,
    pub(crate) quorum: Option<Member>,
}

/// A witness that signed a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// The policy's name of the witness.
    pub name: String,
    /// When the witness says it saw the checkpoint: seconds since 1970.
    pub time: u64,
}

/// A checkpoint that its log signed, and the policy's witnesses that did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedCheckpoint {
    signed: SignedCheckpoint,
    witnesses: Vec<Witnessed>,
}

impl TrustedCheckpoint {
    /// The checkpoint under the log's signature.
    pub const fn signed(&self) -> &SignedCheckpoint {
        &self.signed
    }

    /// Who witnessed it, in the policy's order. Empty if the policy asks for nobody and nobody did.
    pub fn witnesses(&self) -> &[Witnessed] {
        &self.witnesses
    }
}

impl Policy {
    /// Trusts one log and asks for no witness.
    pub fn of_log(key: Vkey) -> Result<Self, PolicyError> {
        let fault = match key.kind() {
            VkeyKind::Ed25519 => None,
            VkeyKind::Cosignature => Some(PolicyFault::WrongKind),
            VkeyKind::MlDsa44 => Some(PolicyFault::NoOpeningKey(key.name().to_owned())),
        };
        if let Some(fault) = fault {
            return Err(PolicyError { line: 1, fault });
        }
        Ok(Self { logs: vec![PolicyLog { key, url: None }], witnesses: vec![], groups: vec![], quorum: None })
    }

    /// Reads a policy file: at most 256 KiB and 256 lines.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        policy_reader::read(text)
    }

    /// The logs' keys of either kind, in the order of the lines; at least one of algorithm 1.
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The witnesses, in the order of the lines.
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// The first key that opens checkpoints of this origin.
    pub fn log_key(&self, origin: &Origin) -> Option<&Vkey> {
        self.opening_keys().find(|key| key.name() == origin.as_str())
    }

    /// Every key that opens checkpoints of a log of this name, in the order of the lines: a log can change its key.
    pub fn log_keys(&self, name: &str) -> impl Iterator<Item = &Vkey> {
        self.opening_keys().filter(move |key| key.name() == name)
    }

    fn opening_keys(&self) -> impl Iterator<Item = &Vkey> + Clone {
        self.logs.iter().map(PolicyLog::key).filter(|key| key.kind() == VkeyKind::Ed25519)
    }

    /// The ML-DSA-44 keys of a log, one of which must have signed beside its Ed25519 key; mostly none or one.
    pub fn second_keys(&self, origin: &Origin) -> impl Iterator<Item = &Vkey> {
        let of_log = move |key: &&Vkey| key.kind() == VkeyKind::MlDsa44 && key.name() == origin.as_str();
        self.logs.iter().map(PolicyLog::key).filter(of_log)
    }

    /// The name of the quorum's witness or group, or `none`.
    pub fn quorum(&self) -> &str {
        match self.quorum {
            None => "none",
            Some(member) => self.name_of(member),
        }
    }

    /// Whether any witness has to have signed.
    pub const fn asks_for_witnesses(&self) -> bool {
        self.quorum.is_some()
    }

    /// Opens a checkpoint: signed by a log of this policy, for its own origin, with ML-DSA-44 too if the policy names such a
    /// key of it, and witnessed as the policy asks. No key of the policy has two lines in it, which is judged first.
    pub fn open(&self, bytes: &[u8]) -> Result<TrustedCheckpoint, TrustError> {
        let note = Note::parse(bytes)?;
        self.check_signed_once(&note)?;
        let origin = note.text().split('\n').next().unwrap_or_default();
        let mut signed = self.opening_keys().filter(|k| note.signatures().iter().any(|s| s.is_of(k)));
        let first = signed.clone().next();
        let key = signed.find(|key| key.name() == origin).or(first).ok_or(NoteError::NoKnownKey)?;
        let signed = SignedCheckpoint::open_note(note, key)?;
        self.check_second_signature(signed.note(), signed.checkpoint().origin())?;
        let witnesses = self.check_quorum(signed.note(), signed.checkpoint())?;
        Ok(TrustedCheckpoint { signed, witnesses })
    }

    /// No key that the policy names may stand below a note twice, also one that nothing hangs on.
    fn check_signed_once(&self, note: &Note) -> Result<(), NoteError> {
        let logs = self.logs.iter().map(PolicyLog::key);
        let mut known = logs.chain(self.witnesses.iter().map(|witness| &witness.key));
        let repeated =
            known.find(|key| note.signatures().iter().filter(|signature| signature.is_of(key)).count() > 1);
        repeated.map_or(Ok(()), |key| Err(NoteError::RepeatedKey(key.name().to_owned())))
    }

    /// Of several ML-DSA-44 keys of a log, one must have signed; a signature of any of them that does not hold refuses the note.
    fn check_second_signature(&self, note: &Note, origin: &Origin) -> Result<(), TrustError> {
        let keys: Vec<Vkey> = self.second_keys(origin).cloned().collect();
        match keys.is_empty() || !note.signers_among(&keys)?.is_empty() {
            true => Ok(()),
            false => Err(TrustError::NoSecondSignature(origin.as_str().to_owned())),
        }
    }

    /// The policy's witnesses that signed the checkpoint, if they make the quorum. The log's signature is not looked at.
    /// A witness's signature that does not hold refuses the note, needed or not.
    pub fn check_quorum(&self, note: &Note, checkpoint: &Checkpoint) -> Result<Vec<Witnessed>, TrustError> {
        if note.text() != checkpoint.encode_text() {
            return Err(TrustError::OtherCheckpoint);
        }
        let keys: Vec<Vkey> = self.witnesses.iter().map(|w| w.key.clone()).collect();
        let signers = note.signers_among(&keys).map_err(TrustError::Witness)?;
        let time_of = |key: &Vkey| signers.iter().find(|s| s.key() == key).and_then(|s| s.time());
        let times = keys.iter().map(time_of);
        let witnessed: Vec<Witnessed> = self
            .witnesses
            .iter()
            .zip(times)
            .filter_map(|(w, time)| time.map(|time| Witnessed { name: w.name.clone(), time }))
            .collect();
        if self.is_quorum(&witnessed) {
            return Ok(witnessed);
        }
        let signed = witnessed.into_iter().map(|w| w.name).collect();
        Err(TrustError::Quorum { signed, quorum: self.quorum().to_owned() })
    }

    /// Whether these witnesses of the policy make its quorum. `none` holds whoever they are, and if there are none.
    pub fn is_quorum(&self, witnessed: &[Witnessed]) -> bool {
        let signed = |at: usize| {
            self.witnesses.get(at).is_some_and(|known| witnessed.iter().any(|one| one.name == known.name))
        };
        let mut met: Vec<bool> = Vec::with_capacity(self.groups.len());
        let holds = |met: &[bool], member: Member| match member {
            Member::Witness(at) => signed(at),
            Member::Group(at) => met.get(at).copied().unwrap_or(false),
        };
        // A group's members stand before it, so one pass is enough.
        for group in &self.groups {
            let count = group.members.iter().filter(|member| holds(&met, **member)).count();
            met.push(count >= group.needed);
        }
        self.quorum.is_none_or(|member| holds(&met, member))
    }

    fn name_of(&self, member: Member) -> &str {
        let name = match member {
            Member::Witness(at) => self.witnesses.get(at).map(|w| w.name.as_str()),
            Member::Group(at) => self.groups.get(at).map(|g| g.name.as_str()),
        };
        name.unwrap_or_default()
    }
}
