//! A list: its rows as they come, each checked where that was asked for.

use std::io::Write;

use glasshouse_verifier::policy::Policy;
use indicatif::ProgressBar;

use super::asked::Asked;
use super::hit::{Checker, Outcome};
use super::list::Page;
use super::output::Output;
use super::summary::Summary;
use super::walk::Walk;
use crate::answer::{Answer, Verdict};
use crate::progress::progress_bar;
use crate::source::Source;

/// Shows a list, up to the end of the page or of the list.
pub(super) fn list(
    source: &Source,
    (asked, policy): (&Asked, Option<&Policy>),
    (json, out): (bool, &mut dyn Write),
) -> Result<Answer, Box<Answer>> {
    let mut walk = Walk::new(source, asked);
    let mut checker = policy.map(|policy| Checker::new(source, asked, policy));
    let mut output = Output::new(json, asked.all, policy.is_some(), out);
    let mut bar = None;
    let mut newest: Option<Page> = None;
    let ended = loop {
        let page = match walk.next() {
            Ok(Some(page)) => page,
            Ok(None) => break None,
            Err(answer) => break Some(answer),
        };
        let bar = bar.get_or_insert_with(|| bar_for(asked, policy.is_some(), page.total));
        let (outcomes, ended) = check(&page, checker.as_mut(), bar);
        let sent = bar.suspend(|| output.page(&page, &outcomes));
        newest = Some(page);
        match (ended, sent) {
            (Some(ended), _) | (None, Err(ended)) => break Some(ended),
            (None, Ok(is_read)) if !asked.all || !is_read => break None,
            (None, Ok(_)) => {}
        }
    };
    bar.iter().for_each(ProgressBar::finish_and_clear);
    let Some(newest) = newest else {
        // A walk that does not fail has a page.
        return ended.map_or_else(|| Ok(Answer::new(Verdict::Answered, "no page was asked for")), Err);
    };
    // Of a page on which it ended, some rows may not have been looked at.
    let cursor = if ended.is_some() { walk.here() } else { newest.cursor.as_deref() };
    let summary =
        Summary { asked, newest: &newest, checker: checker.as_ref(), shown: output.shown(), cursor };
    let answer = summary.answer(ended);
    Ok(output.finish(answer))
}

fn bar_for(asked: &Asked, is_checked: bool, total: u64) -> ProgressBar {
    match (asked.all, is_checked) {
        (true, _) => progress_bar(total),
        (false, true) => progress_bar(total.min(asked.limit())),
        (false, false) => ProgressBar::hidden(),
    }
}

/// What came of the rows of a page, as far as their receipts could be had.
fn check(
    page: &Page,
    checker: Option<&mut Checker<'_>>,
    bar: &ProgressBar,
) -> (Vec<Outcome>, Option<Box<Answer>>) {
    let Some(checker) = checker else {
        bar.inc(page.rows().len() as u64);
        return (Vec::new(), None);
    };
    let mut outcomes = Vec::new();
    for row in page.rows() {
        match checker.check(row) {
            Ok(outcome) => outcomes.push(outcome),
            Err(answer) => return (outcomes, Some(answer)),
        }
        bar.inc(1);
    }
    (outcomes, None)
}
