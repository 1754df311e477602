//! Publication with witnesses (c2sp.org/tlog-witness): what they are asked to sign, what they signed, and when that is enough.
//!
//! Who asks them, how and when, is the caller's affair. [`Writer::begin_publication`] gives out the newest signed note;
//! [`Writer::take_cosignature`] takes lines back and verifies each; [`Writer::publish`] publishes: in the open mode at
//! once, where a quorum is required as soon as there is one. Lines that come later are put below the published note.

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::consistency::ConsistencyProof;
use glasshouse_verifier::cosignature::CosignatureError;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::note::{Note, NoteError, SignatureLine};
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::vkey::Vkey;

use crate::contradiction::Testimony;
use crate::cosign_time::{ClockSkew, check_asked};
use crate::cosigned::{Cosigned, NotCounted, verify_line};
use crate::prove::{ProveError, prove_consistency};
use crate::tree_files::TreeFiles;
use crate::writer::{RoundReport, Writer, WriterError};

/// How a ledger publishes.
#[derive(Debug, Clone)]
pub enum Publication {
    /// Every round at once, under the log's own signature.
    AtOnce,
    /// When it is told to, with the cosignatures of a policy's witnesses.
    Witnessed {
        /// Whose cosignatures count, and which of them make a quorum. At most
        /// [`WITNESSES_MAX`](crate::cosigned::WITNESSES_MAX) witnesses.
        policy: Policy,
        /// Whether nothing is published without a quorum.
        require_quorum: bool,
        /// What these witnesses show at the start.
        shown: Vec<Testimony>,
    },
}

impl Publication {
    /// Whether recovery may publish what was not published.
    pub(crate) fn waits_for_quorum(&self) -> bool {
        matches!(self, Publication::Witnessed { require_quorum: true, .. })
    }

    /// What witnesses show at the start.
    pub(crate) fn shown(&self) -> &[Testimony] {
        match self {
            Publication::AtOnce => &[],
            Publication::Witnessed { shown, .. } => shown,
        }
    }
}

/// What a writer knows of its witnesses.
#[derive(Debug)]
pub(crate) struct Witnessing {
    policy: Policy,
    require_quorum: bool,
    /// What readers see. Where a stage is lost, or the published checkpoint, and a quorum is required, it is not published, and
    /// nothing is put below it.
    published: Cosigned,
    /// The tree that is to be published next.
    candidate: Option<Cosigned>,
    /// Whether a quorum is required and the published tree has none: it was published under another policy, or before there
    /// was one. Never again once there was a quorum.
    is_held_back: bool,
}

impl Witnessing {
    /// Begins from the note that is published, at `now` in seconds since 1970. `remarks` gets what an operator should know.
    pub(crate) fn new(
        publication: Publication,
        published: &SignedCheckpoint,
        now: u64,
        remarks: &mut Vec<String>,
    ) -> Option<Witnessing> {
        let Publication::Witnessed { policy, require_quorum, .. } = publication else { return None };
        let (published, skewed) = Cosigned::of(published, &policy, now);
        remarks.extend(
            skewed.iter().map(|(name, skew)| format!("a published cosignature of {name} is dropped: {skew}")),
        );
        let is_held_back = require_quorum && !published.is_quorum(&policy);
        Some(Witnessing { policy, require_quorum, published, candidate: None, is_held_back })
    }
}

/// A signed tree that witnesses are asked about. Clones can go to any thread.
#[derive(Debug, Clone)]
pub struct ToWitness {
    signed: SignedCheckpoint,
    files: TreeFiles,
}

/// Why an answer holds no cosignature of a witness.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCosignature {
    /// It is not signature lines.
    #[error("the answer is not signature lines of a note: {0}")]
    Lines(#[from] NoteError),
    /// None of the lines is the witness's.
    #[error("no line of the answer is by the key {0:?}")]
    Missing(String),
    /// Its line does not hold for this checkpoint.
    #[error("the answer's line does not hold: {0}")]
    Cosignature(#[from] CosignatureError),
    /// Its line holds, and its clock is far from ours.
    #[error("the answer's line holds, but {0}")]
    Clock(#[from] ClockSkew),
}

impl ToWitness {
    /// The tree.
    pub fn head(&self) -> &TreeHead {
        self.signed.head()
    }

    /// The note with the log's own lines and nobody else's: all that a witness is sent.
    pub fn note_text(&self) -> String {
        self.signed.note_text()
    }

    /// Proves that this tree grew out of the one that the log had at size `from`.
    ///
    /// # Errors
    ///
    /// [`ProveError::Reversed`] if `from` is the greater size; [`ProveError::Tile`].
    pub fn prove_from(&self, from: TreeSize) -> Result<ConsistencyProof, ProveError> {
        let size = self.head().size();
        Ok(prove_consistency(&self.files.tiles(size), from, size)?.proof)
    }

    /// The line of a witness in its answer: signature lines, of which others are passed over. `heard`: when the answer came,
    /// in seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`NoCosignature`].
    pub fn find_line(
        &self,
        witness: &Vkey,
        answer: &[u8],
        heard: u64,
    ) -> Result<SignatureLine, NoCosignature> {
        let text = self.signed.note().text();
        let note = Note::parse(&[text.as_bytes(), b"\n", answer].concat())?;
        if note.text() != text {
            // A blank line in the answer would make a part of it text.
            return Err(NoteError::Form.into());
        }
        let line = note.signatures().iter().find(|line| line.is_of(witness));
        let line = line.ok_or_else(|| NoCosignature::Missing(witness.name().to_owned()))?;
        check_asked(verify_line(text, line, witness)?, heard)?;
        Ok(line.clone())
    }
}

impl Writer {
    /// Takes the newest signed tree for the next publication, and says what witnesses are to be asked for; `None` if it is
    /// published or taken already. One that was taken before and has no quorum is given up for it; one that has its quorum is
    /// not, for [`Writer::publish`] publishes it.
    pub fn begin_publication(&mut self) -> Option<ToWitness> {
        let newest = self.core.newest_note().filter(|_| self.core.has_unpublished())?;
        let now = self.core.time_ms() / 1_000;
        let witnessing = self.witnessing.as_mut()?;
        let Witnessing { policy, candidate, .. } = witnessing;
        let stays = |taken: &Cosigned| taken.signed().head() == newest.head() || taken.is_quorum(policy);
        if candidate.as_ref().is_some_and(stays) {
            return None;
        }
        // Nobody's lines but the log's own stand below it yet.
        let (next, _) = Cosigned::of(&newest, policy, now);
        let signed = next.signed().clone();
        *candidate = Some(next);
        Some(ToWitness { signed, files: self.core.files.clone() })
    }

    /// The published tree, to be signed by witnesses again or by those that have not yet; `None` where it has to be published once
    /// more.
    pub fn published_tree(&self) -> Option<ToWitness> {
        let witnessing = self.witnessing.as_ref()?;
        let signed = witnessing.published.signed().clone();
        if signed.head().size() != self.core.published {
            return None;
        }
        Some(ToWitness { signed, files: self.core.files.clone() })
    }

    /// The size of the tree that was taken for publication and is not published; `None` if there is none.
    pub fn publishing(&self) -> Option<TreeSize> {
        let witnessing = self.witnessing.as_ref()?;
        witnessing.candidate.as_ref().map(|taken| taken.signed().head().size())
    }

    /// Whether rounds are durable and signed that are not published.
    pub fn has_unpublished(&self) -> bool {
        self.core.has_unpublished()
    }

    /// How many statements are durable and signed, and not published.
    pub fn unpublished(&self) -> usize {
        self.core.backlog.statements()
    }

    /// Whether the published note has the quorum of the policy; without witnesses it always has.
    pub fn has_quorum(&self) -> bool {
        self.witnessing.as_ref().is_none_or(|w| w.published.is_quorum(&w.policy))
    }

    /// The size of the published tree where a quorum is required and it has none, as at a start under a new policy. Until it or
    /// a newer one has its quorum, nobody is answered, and nothing with the log's signature should be shown.
    pub fn held_back(&self) -> Option<TreeSize> {
        let witnessing = self.witnessing.as_ref().filter(|witnessing| witnessing.is_held_back)?;
        Some(witnessing.published.signed().head().size())
    }

    /// Takes a witness's line for a tree, after verifying it. It counts from the next [`Writer::publish`] on. `heard`: when it
    /// came, in seconds since 1970; its time must not be far from that.
    ///
    /// # Errors
    ///
    /// [`NotCounted`]: nothing was changed.
    pub fn take_cosignature(
        &mut self,
        head: &TreeHead,
        line: &SignatureLine,
        heard: u64,
    ) -> Result<(), NotCounted> {
        let other = NotCounted::OtherTree(head.size().get());
        let size = self.core.published;
        let Some(Witnessing { policy, published, candidate, .. }) = self.witnessing.as_mut() else {
            return Err(other);
        };
        let published = Some(published).filter(|one| one.signed().head().size() == size);
        let mut waiting = candidate.iter_mut().chain(published);
        waiting.find(|one| one.signed().head() == head).ok_or(other)?.add(line, policy, heard)
    }

    /// Publishes the tree that [`Writer::begin_publication`] took, unless a quorum is required and missing; else puts lines
    /// that came since below the published note. Returns the answers that can be given now.
    pub fn publish(&mut self) -> Result<RoundReport, WriterError> {
        self.guarded(Writer::try_publish)
    }

    fn try_publish(&mut self) -> Result<RoundReport, WriterError> {
        if let Some(witnessing) = &mut self.witnessing {
            let Witnessing { policy, require_quorum, published, candidate, is_held_back } = witnessing;
            let is_enough = |one: &mut Cosigned| !*require_quorum || one.is_quorum(policy);
            if let Some(mut next) = candidate.take_if(is_enough) {
                self.core.publish(&next.note()?)?;
                next.is_fresh = false;
                *published = next;
                *is_held_back = false;
            } else if std::mem::take(&mut published.is_fresh) {
                self.core.attach(&published.note()?)?;
                *is_held_back = *is_held_back && !published.is_quorum(policy);
            }
        }
        let answers = self.release()?;
        Ok(self.report(answers, 0, Vec::new()))
    }
}
