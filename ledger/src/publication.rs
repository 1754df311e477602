//! The last steps of the write path: from durable rounds to a published checkpoint.
//!
//! 5. replace `checkpoint`;
//! 6. show the tree to readers; the caller then answers the submitters of every round that it covers, those of redactions
//!    when their texts are erased.
//!
//! Nothing is signed here: the note is the one that the newest of these rounds staged, with the cosignatures of witnesses
//! where there are some. Without witnesses every round is published as soon as it is durable.

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::size::TreeSize;

use crate::state::StateRecord;
use crate::witnessing::Publication;
use crate::writer::{Core, WriterError};

impl Core {
    /// Whether rounds are durable that are not published, or the published checkpoint was lost.
    pub(crate) fn has_unpublished(&self) -> bool {
        self.published < self.edge.size()
    }

    /// The newest note that was signed; `None` before the genesis.
    pub(crate) fn newest_note(&self) -> Option<SignedCheckpoint> {
        self.state.as_ref().map(|state| state.checkpoint().clone())
    }

    /// Publishes everything that is durable, under the log's own signature.
    pub(crate) fn publish_newest(&mut self) -> Result<(), WriterError> {
        match self.state.as_ref().map(StateRecord::checkpoint).cloned() {
            Some(note) => self.publish(&note),
            None => Ok(()),
        }
    }

    /// Steps 5 and 6 for a note of this log, whose size is that of a durable round or of the published tree.
    pub(crate) fn publish(&mut self, note: &SignedCheckpoint) -> Result<(), WriterError> {
        // 5. Publish. From here on the world may hold the note, so it must survive a loss of power. In recovery it may be
        // out already.
        let size = note.head().size();
        self.shared.announce(size);
        if size > self.published {
            self.store.put_durable("checkpoint", note.note_text().as_bytes())?;
            self.published = size;
        }
        // If we die here: the rounds are published and their submitters do not know. They send again and are told where
        // their statements are.

        // 6. Readers see it; the caller answers.
        let rounds = self.backlog.take(size);
        for (author, restored) in self.shared.publish(note.clone(), &rounds)? {
            self.erasures.look_again(size, &author, &restored, &self.registry);
        }
        rounds.iter().for_each(|round| self.keeper.take(round));
        let mut redactions = rounds.iter().flat_map(|round| round.redactions()).peekable();
        let redacts = redactions.peek().is_some();
        let has_waited = self.erasures.publish(size.get(), redactions, self.time_ms());
        if (redacts || has_waited) && self.erasures.holds() {
            self.write_down_durably()?;
        }
        // If we die here: the redactions' texts are not shown any more, and lie there until their hold has passed. If the
        // moments were not written down, the holds begin anew.
        Ok(())
    }

    /// Replaces the published note by one of the same tree that more witnesses have signed.
    pub(crate) fn attach(&mut self, note: &SignedCheckpoint) -> Result<(), WriterError> {
        self.store.put_durable("checkpoint", note.note_text().as_bytes())?;
        // If we die here: the file has cosignatures that no reader was shown. The next start shows them.
        self.shared.attach(note.clone());
        Ok(())
    }

    /// Steps 5 and 6 of what recovery carried out. Where a quorum is required, only what was published before: the rest waits for
    /// its witnesses. Gives what an operator should know.
    pub(crate) fn show(
        &mut self,
        published: Option<&SignedCheckpoint>,
        publication: &Publication,
    ) -> Result<Option<String>, WriterError> {
        let newest = self.edge.head();
        match published {
            // The published note may have cosignatures.
            Some(note) if *note.head() == newest => self.publish(note)?,
            Some(note) if publication.waits_for_quorum() && self.backlog.has_end_at(note.head().size()) => {
                self.publish(note)?;
            }
            // Lost, or put back to an older one than what was published since; or the stage is lost of what was not: readers
            // wait for the witnesses, and so does what is to be erased.
            _ if publication.waits_for_quorum() => {
                self.erasures.wait_from(self.published.get());
                return Ok(published.map(|note| behind(note, self.edge.size())));
            }
            // Older, lost or damaged, or shown by somebody who saw it before it was published here.
            _ => self.publish_newest()?,
        }
        Ok(None)
    }
}

fn behind(note: &SignedCheckpoint, signed: TreeSize) -> String {
    let size = note.head().size();
    format!(
        "the published checkpoint shows {size} entries, {signed} are signed, and nothing staged leads on from it: it was put back, or a stage is lost; answers come from what is signed, and the next quorum publishes it"
    )
}
