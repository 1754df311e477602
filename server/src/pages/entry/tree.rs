//! Where a statement stands in the tree: its place, the path to the root, the checkpoint and who saw it.

use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::size::LeafIndex;
use maud::{Markup, html};

use super::time;
use crate::app_state::failed;
use crate::pages::value;
use crate::pages::witnessed::Witnessed;
use crate::plot::path::{self, PathWords, Side};
use crate::problem::Problem;
use crate::search::{LoggedBetween, Search};
use crate::statement_view::StatementView;
use crate::texts::language::Visit;
use crate::texts::place::PLACE;

/// The proof of a statement under the newest checkpoint.
#[derive(Debug)]
pub(super) struct Standing {
    witnessed: Witnessed,
    hashes: Vec<(Side, String)>,
    logged: LoggedBetween,
}

/// Proves the entry under the newest checkpoint.
///
/// # Errors
/// `internal`, if the ledger cannot be read.
pub(super) fn standing(
    reader: &Reader,
    search: &Search,
    policy: Option<&Policy>,
    index: LeafIndex,
) -> Result<Standing, Problem> {
    let witnessed = Witnessed::newest(reader, policy)?;
    let size = witnessed.note.head().size();
    let proof = reader.prove_inclusion(index, size).map_err(failed)?.proof;
    let sides = path::sides(index.get(), size.get(), proof.hashes().len());
    let hashes = sides.into_iter().zip(proof.hashes().iter().map(|hash| hash.to_hex())).collect();
    Ok(Standing { witnessed, hashes, logged: search.logged(reader, index)? })
}

/// The place and the proof, in words, as a drawing, and as a table.
pub(super) fn section(visit: &Visit, view: &StatementView, standing: &Standing) -> Markup {
    let texts = PLACE.in_(visit.language);
    let head = standing.witnessed.note.head();
    let size = value::number(visit, head.size().get());
    html! {
        section #tree {
            h2 { (texts.tree) }
            dl.facts {
                div { dt { (texts.index) } dd { (value::number(visit, view.index)) } }
                div { dt { (texts.leaf) } dd { code.hash { (view.leaf_hash) } } }
                (time::rows(visit, &standing.logged))
                div { dt { (texts.size) } dd { (size) } }
                div { dt { (texts.root) } dd { code.hash { (head.root().to_hex()) } } }
            }
            (drawing(visit, standing, &size))
            h3 { (texts.checkpoint) }
            p { (texts.checkpoint_note) }
            div.wide tabindex="0" role="region" aria-label=(texts.checkpoint) {
                pre { (short(standing.witnessed.note.note_text())) }
            }
            h3 #witnesses { (texts.witnesses) }
            (standing.witnessed.table(visit))
        }
    }
}

/// A note's lines, cut where a signature is of thousands of letters: the whole note is at `/checkpoint`.
pub(in crate::pages) fn short(note: String) -> String {
    const LINE: usize = 140;
    note.lines().map(|line| crate::plot::cut(line, LINE) + "\n").collect()
}

fn drawing(visit: &Visit, standing: &Standing, size: &str) -> Markup {
    let texts = PLACE.in_(visit.language);
    if standing.hashes.is_empty() {
        return html! {};
    }
    let steps = value::number(visit, standing.hashes.len() as u64);
    let description = (texts.path_text)(&steps, size);
    let words = PathWords {
        title: texts.path_title,
        description: &description,
        leaf: texts.path_leaf,
        root: texts.path_root,
    };
    let drawn: Vec<(Side, &str)> =
        standing.hashes.iter().map(|(side, hash)| (*side, hash.as_str())).collect();
    html! {
        figure.narrow {
            figcaption { h3 { (texts.path_title) } p { (description) } }
            (path::drawing(&words, &drawn))
            details {
                summary { (texts.path_table) }
                div.wide tabindex="0" role="region" aria-label=(texts.path_table) {
                    table {
                        thead { tr { th scope="col" { (texts.path_side) } th scope="col" { (texts.path_hash) } } }
                        tbody {
                            @for (side, hash) in &standing.hashes {
                                tr {
                                    th scope="row" { @match side { Side::Left => (texts.left), Side::Right => (texts.right) } }
                                    td { code.hash { (hash) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
