//! How a statement is checked and cited.

use maud::{Markup, html};

use crate::pages::frame::Permalink;
use crate::pages::value;
use crate::statement_view::StatementView;
use crate::texts::Language;
use crate::texts::formats;
use crate::texts::language::Visit;
use crate::texts::place::PLACE;

/// What the sections need to know of a statement.
#[derive(Debug)]
pub(super) struct Cited<'c> {
    pub(super) view: &'c StatementView,
    pub(super) title: &'c str,
    /// The issuer's name, or its host.
    pub(super) issuer: &'c str,
}

impl Cited<'_> {
    /// The address that never changes: that of the leaf hash, at the log's origin.
    pub(super) fn permalink(&self) -> Permalink {
        Permalink { origin: self.view.aud.clone(), path: format!("/e/{}", self.view.leaf_hash) }
    }

    /// The whole address, as it is cited: that of the English page.
    pub(super) fn address(&self) -> String {
        self.permalink().in_(Language::English)
    }

    fn day(&self) -> &str {
        self.view.iat.get(..10).unwrap_or(&self.view.iat)
    }
}

/// Receipts in their three forms, and how each is checked.
pub(super) fn check(visit: &Visit, cited: &Cited<'_>) -> Markup {
    let texts = PLACE.in_(visit.language);
    let (index, origin) = (cited.view.index, &cited.view.aud);
    let receipt = format!("/api/v1/receipts/{index}");
    html! {
        section #check {
            h2 { (texts.check) }
            p { (texts.check_text) }
            ul {
                li { a href=(receipt) download=(format!("receipt-{index}.json")) { (texts.receipt) } " (" (texts.receipt_note) ")" }
                li { a href=(format!("{receipt}?form=proof")) download=(format!("entry-{index}.tlog-proof")) { (texts.proof) } " (" (texts.proof_note) ")" }
                li { a href=(format!("{receipt}?form=cose")) download=(format!("entry-{index}.cose")) { (texts.cose) } " (" (texts.cose_note) ")" }
                li { a href=(format!("/api/v1/statements/{index}")) { (texts.raw) } }
            }
            p { a.action href=(visit.link("/verify")) { (texts.in_browser) } }
            p { (texts.command) }
            (block(texts.command, &format!(
                "curl -fsS https://{origin}{receipt} -o {index}.json\nglasshouse-verify receipt {index}.json --policy policy.txt\nglasshouse-verify receipt {index}.json --policy policy.txt --log https://{origin}"
            )))
        }
    }
}

/// Lines to be copied.
pub(in crate::pages) fn block(name: &str, lines: &str) -> Markup {
    html! { div.wide tabindex="0" role="region" aria-label=(name) { pre { code { (lines) } } } }
}

/// The permanent address and two forms of a citation.
pub(super) fn section(visit: &Visit, cited: &Cited<'_>) -> Markup {
    let texts = PLACE.in_(visit.language);
    let permalink = cited.address();
    let what = (texts.cite_entry)(cited.title, cited.issuer, &formats::day(visit.language, cited.day()));
    let (index, leaf) = (value::number(visit, cited.view.index), &cited.view.leaf_hash);
    html! {
        section #cite {
            h2 { (texts.cite) }
            p { (texts.cite_note) }
            dl.facts {
                div { dt { (texts.permalink) } dd { a.hash href=(format!("/e/{leaf}")) { (permalink) } } }
                div {
                    dt { (texts.citation) }
                    dd lang="" {
                        (what) ", " (texts.index) " " (index) " " (texts.cite_log) " " (cited.view.aud) ", "
                        (texts.cite_leaf) " " span.hash { (leaf) } ", " span.hash { (permalink) }
                    }
                }
            }
            details { summary { (texts.bibtex) } (block(texts.bibtex, &bibtex(cited, &permalink))) }
        }
    }
}

fn bibtex(cited: &Cited<'_>, permalink: &str) -> String {
    let (year, month) = (cited.day().get(..4).unwrap_or_default(), cited.day().get(5..7).unwrap_or_default());
    let short = cited.view.leaf_hash.get(..12).unwrap_or_default();
    format!(
        "@misc{{glasshouse-{short},\n  author = {{{{{}}}}},\n  title = {{{{{}}}}},\n  year = {{{year}}},\n  month = {{{month}}},\n  \
         howpublished = {{Entry {} of the transparency log {}}},\n  note = {{Leaf hash {}}},\n  url = {{{permalink}}}\n}}",
        in_bibtex(cited.issuer),
        in_bibtex(cited.title),
        cited.view.index,
        in_bibtex(&cited.view.aud),
        cited.view.leaf_hash,
    )
}

/// A text between braces of BibTeX, where some signs mean something else.
fn in_bibtex(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '{' | '}' | '%' | '&' | '#' | '$' | '_' => out.extend(['\\', sign]),
            sign if sign.is_control() => out.push(' '),
            sign => out.push(sign),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn signs_of_bibtex_lose_their_meaning() {
        assert_eq!(
            in_bibtex("a_b {50 %} \\x~\n&"),
            "a\\_b \\{50 \\%\\} \\textbackslash{}x\\textasciitilde{} \\&"
        );
    }
}
