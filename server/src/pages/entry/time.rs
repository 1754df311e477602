//! Between which witnesses' times a statement came: after the checkpoint of a tick before it, and before that of a tick whose
//! tree holds it (`spec/log.md`, time). They are the search's: `logged_from` and `logged_to` go by the same.

use maud::{Markup, html};

use crate::pages::coverage::{self, Coverage};
use crate::pages::value;
use crate::search::{LoggedBetween, LoggedBound};
use crate::statement_view::instant;
use crate::texts::language::Visit;
use crate::texts::place::PLACE;

/// The bounds in words.
pub(super) fn rows(visit: &Visit, between: &LoggedBetween) -> Markup {
    let texts = PLACE.in_(visit.language);
    let bound = |name: &str, bound: &Option<LoggedBound>| {
        html! {
            @if let Some(bound) = bound {
                p { (name) " " (value::moment(visit, &instant(bound.time))) " (" (value::entry(visit, bound.tick)) ")" }
            }
        }
    };
    let coverage = Coverage::default();
    coverage.see(between.progress.indexed, between.progress.size);
    html! {
        div {
            dt { (texts.logged) }
            dd {
                (bound(texts.logged_after, &between.after))
                (bound(texts.logged_before, &between.before))
                @match (between.after, between.before, coverage.behind()) {
                    (None, None, None) => p.gone { (texts.logged_unknown) },
                    (_, _, behind) => (coverage::remark(visit, behind)),
                }
            }
        }
    }
}
