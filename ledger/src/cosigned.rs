//! A checkpoint of this log and the witnesses that have signed it so far. Nothing counts here that was not verified here.

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::cosignature::{CosignatureError, verify_cosignature};
use glasshouse_verifier::note::{Note, SignatureLine};
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;

use crate::cosign_time::{ClockSkew, check_asked, check_kept};
use crate::log_signer::SignError;

/// Most witnesses of a policy that a ledger works with: as many as c2sp.org/tlog-policy asks readers to support, and with
/// the log's own lines well below the 64 that a note may have.
pub const WITNESSES_MAX: usize = 32;

/// Why a witness's line was not counted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCounted {
    /// It is about a tree that nobody waits for any more: not the one that is being published, nor the published one.
    #[error("it is about a tree of size {0}, which is not the newest any more")]
    OtherTree(u64),
    /// The policy does not know the key.
    #[error("the policy has no witness with the key {0:?}")]
    UnknownKey(String),
    /// The signature.
    #[error(transparent)]
    Cosignature(#[from] CosignatureError),
    /// The witness's clock, or the ledger's.
    #[error(transparent)]
    Clock(#[from] ClockSkew),
}

/// A signed checkpoint and, for each witness of a policy, its line.
#[derive(Debug, Clone)]
pub(crate) struct Cosigned {
    signed: SignedCheckpoint,
    lines: Vec<Option<SignatureLine>>,
    /// Whether a line came since it was last published.
    pub(crate) is_fresh: bool,
}

impl Cosigned {
    /// A checkpoint with those lines below it that the policy's witnesses made; others are dropped. One whose time is too far
    /// ahead of `now`, in seconds since 1970, is dropped too, is told, and makes the rest fresh: it should not stay published.
    pub(crate) fn of(
        signed: &SignedCheckpoint,
        policy: &Policy,
        now: u64,
    ) -> (Cosigned, Vec<(String, ClockSkew)>) {
        let mut cosigned = Cosigned {
            signed: under_own_lines(signed),
            lines: vec![None; policy.witnesses().len()],
            is_fresh: false,
        };
        let mut skewed = Vec::new();
        for line in signed.note().signatures() {
            // A line that does not hold is nobody's, and the others are no worse for it.
            if let Err(NotCounted::Clock(skew)) = cosigned.place(line, policy, |time| check_kept(time, now)) {
                skewed.push((line.name().to_owned(), skew));
            }
        }
        cosigned.is_fresh = !skewed.is_empty();
        (cosigned, skewed)
    }

    /// The checkpoint under the log's own signature.
    pub(crate) fn signed(&self) -> &SignedCheckpoint {
        &self.signed
    }

    /// Takes a witness's line that came at `heard`, in seconds since 1970, in the place of an older one of the same witness.
    pub(crate) fn add(
        &mut self,
        line: &SignatureLine,
        policy: &Policy,
        heard: u64,
    ) -> Result<(), NotCounted> {
        self.place(line, policy, |time| check_asked(time, heard))?;
        self.is_fresh = true;
        Ok(())
    }

    fn place(
        &mut self,
        line: &SignatureLine,
        policy: &Policy,
        check_time: impl Fn(u64) -> Result<(), ClockSkew>,
    ) -> Result<(), NotCounted> {
        let at = policy.witnesses().iter().position(|witness| line.is_of(witness.key()));
        let unknown = || NotCounted::UnknownKey(line.name().to_owned());
        let (witness, place) =
            at.and_then(|at| policy.witnesses().get(at).zip(self.lines.get_mut(at))).ok_or_else(unknown)?;
        check_time(verify_line(self.signed.note().text(), line, witness.key())?)?;
        *place = Some(line.clone());
        Ok(())
    }

    /// Whether those who signed make the policy's quorum.
    pub(crate) fn is_quorum(&self, policy: &Policy) -> bool {
        self.note().is_ok_and(|note| policy.check_quorum(note.note(), note.checkpoint()).is_ok())
    }

    /// The checkpoint with the log's lines, and behind them the witnesses' in the policy's order.
    ///
    /// # Errors
    ///
    /// [`SignError`]: a fault of this program.
    pub(crate) fn note(&self) -> Result<SignedCheckpoint, SignError> {
        let own = self.signed.note().signatures();
        let lines: Vec<SignatureLine> = own.iter().chain(self.lines.iter().flatten()).cloned().collect();
        let note = Note::assemble(self.signed.note().text(), &lines)?;
        Ok(SignedCheckpoint::open_note(note, self.signed.log())?)
    }
}

/// Checks a witness's line below a checkpoint's text.
pub(crate) fn verify_line(text: &str, line: &SignatureLine, witness: &Vkey) -> Result<u64, CosignatureError> {
    let note = Note::assemble(text, std::slice::from_ref(line))?;
    verify_cosignature(&note, witness)
}

/// The same checkpoint with nobody's lines but the log's own: what a state record keeps, and witnesses are sent.
pub(crate) fn under_own_lines(signed: &SignedCheckpoint) -> SignedCheckpoint {
    let own = |line: &&SignatureLine| line.name() == signed.log().name();
    let lines: Vec<SignatureLine> = signed.note().signatures().iter().filter(own).cloned().collect();
    let note = Note::assemble(signed.note().text(), &lines);
    let opened = note.ok().and_then(|note| SignedCheckpoint::open_note(note, signed.log()).ok());
    // The log's line holds in one note as in the other.
    opened.unwrap_or_else(|| signed.clone())
}

/// A published note under the log's own lines of `signed`, the same checkpoint, and whatever other lines it has: a line of the
/// log's second key is not looked at where a checkpoint is read. Another checkpoint is left as it is.
pub(crate) fn under_lines_of(published: &SignedCheckpoint, signed: &SignedCheckpoint) -> SignedCheckpoint {
    if published.note().text() != signed.note().text() {
        return published.clone();
    }
    let is_own = |line: &&SignatureLine| line.name() == signed.log().name();
    let own = signed.note().signatures().iter().filter(is_own);
    let others = published.note().signatures().iter().filter(|line| !is_own(line));
    let lines: Vec<SignatureLine> = own.chain(others).cloned().collect();
    let note = Note::assemble(signed.note().text(), &lines).ok();
    let opened = note.and_then(|note| SignedCheckpoint::open_note(note, signed.log()).ok());
    opened.unwrap_or_else(|| published.clone())
}
