//! A feed as Atom (RFC 4287), its pages linked as RFC 5005 section 3 has it.

use super::xml::{element, escape};
use super::{Feed, UNKNOWN, id_of, line, time_of};
use crate::list_view::RowView;

const TYPE: &str = "application/atom+xml";

impl Feed<'_> {
    pub(super) fn atom(&self) -> String {
        let newest = self.lines().map(|(_, changed)| changed).max().unwrap_or(UNKNOWN);
        let mut out = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n",
            self.language.tag()
        );
        out += &element("id", &self.id());
        out += &element("title", &self.title());
        out += &element("updated", newest);
        out += &format!("<author>{}</author>\n", element("name", self.origin.as_str()).trim_end());
        out += &link("self", TYPE, &self.own_address());
        out += &link("alternate", "text/html", &self.alternate());
        if let Some(next) = self.next_address() {
            out += &link("next", TYPE, &next);
        }
        self.lines().for_each(|(row, changed)| out += &self.entry(row, changed));
        out += "</feed>\n";
        out
    }

    fn entry(&self, row: &RowView, changed: &str) -> String {
        let mut out = "<entry>\n".to_owned();
        out += &element("id", &id_of(row));
        out += &element("title", &line::title(self.language, row));
        out += &link("alternate", "text/html", &self.address(&row.entry.page));
        out += &element("updated", changed);
        out += &element("published", time_of(row));
        out += &format!("<author>{}</author>\n", element("name", &row.iss).trim_end());
        for term in [Some(&row.kind), row.category.as_ref()].into_iter().flatten() {
            out += &format!("<category term=\"{}\"/>\n", escape(term));
        }
        out += &element("summary", &line::summary(self.language, row));
        out += "</entry>\n";
        out
    }
}

fn link(relation: &str, kind: &str, address: &str) -> String {
    format!("<link rel=\"{relation}\" type=\"{kind}\" href=\"{}\"/>\n", escape(address))
}
