//! Who signed a checkpoint, and when, as far as this server knows the keys.

use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::cosignature::verify_cosignature;
use glasshouse_verifier::note::SignatureLine;
use glasshouse_verifier::policy::Policy;
use maud::{Markup, html};

use super::value;
use crate::problem::Problem;
use crate::statement_view::instant;
use crate::texts::language::Visit;
use crate::texts::place::PLACE;

/// Whose a signature line is.
#[derive(Debug, PartialEq, Eq)]
enum Whose {
    Log,
    Witness,
    Unknown,
}

/// One line below a checkpoint.
#[derive(Debug)]
struct Line {
    whose: Whose,
    name: String,
    /// RFC 3339; absent where the signature has no time, or nobody here can read it.
    time: Option<String>,
}

/// A checkpoint with its lines.
#[derive(Debug)]
pub(super) struct Witnessed {
    /// The signed note.
    pub(super) note: SignedCheckpoint,
    lines: Vec<Line>,
}

impl Witnessed {
    /// The newest published checkpoint.
    ///
    /// # Errors
    /// `internal`, if the ledger's own checkpoint does not verify.
    pub(super) fn newest(reader: &Reader, policy: Option<&Policy>) -> Result<Witnessed, Problem> {
        let note = reader.checkpoint_note();
        let note =
            SignedCheckpoint::open(note.as_bytes(), reader.vkey()).map_err(|e| Problem::internal(&e))?;
        let lines = note.note().signatures().iter().map(|line| read(&note, line, policy)).collect();
        Ok(Witnessed { note, lines })
    }

    fn witnesses(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.whose != Whose::Log)
    }

    /// Whether anybody but the log signed it.
    pub(super) fn has_witnesses(&self) -> bool {
        self.witnesses().next().is_some()
    }

    /// The lines as a table; a sentence where nobody but the log signed.
    pub(super) fn table(&self, visit: &Visit) -> Markup {
        let texts = PLACE.in_(visit.language);
        html! {
            @if !self.has_witnesses() { p { (texts.witnesses_none) } } @else { div.wide tabindex="0" role="region" aria-label=(texts.witnesses) {
                table {
                    caption.unseen { (texts.witnesses) }
                    thead { tr {
                        th scope="col" { (texts.witness) } th scope="col" { (texts.witness_time) }
                    } }
                    tbody {
                        @for line in &self.lines {
                            tr {
                                th scope="row" {
                                    code { (line.name) }
                                    @match line.whose {
                                        Whose::Log => { br; span.note { (texts.log_key) } },
                                        Whose::Unknown => { br; span.note { (texts.unknown_signer) } },
                                        Whose::Witness => {},
                                    }
                                }
                                td { @match &line.time { Some(time) => (value::moment(visit, time)), None => "–" } }
                            }
                        }
                    }
                }
            } }
        }
    }
}

fn read(note: &SignedCheckpoint, line: &SignatureLine, policy: Option<&Policy>) -> Line {
    let name = line.name().to_owned();
    if line.name() == note.log().name() {
        return Line { whose: Whose::Log, name, time: None };
    }
    let known = policy.and_then(|policy| policy.witnesses().iter().find(|known| line.is_of(known.key())));
    match known.and_then(|known| verify_cosignature(note.note(), known.key()).ok()) {
        Some(time) => Line { whose: Whose::Witness, name, time: Some(instant(time)) },
        None => Line { whose: Whose::Unknown, name, time: None },
    }
}
