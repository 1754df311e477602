//! A feed as JSON Feed 1.1 (<https://www.jsonfeed.org/version/1.1/>).

use serde_json::{Value, json};

use super::{Feed, id_of, line, time_of};
use crate::list_view::RowView;

impl Feed<'_> {
    pub(super) fn json(&self) -> Vec<u8> {
        let items: Vec<Value> = self.lines().map(|(row, changed)| self.item(row, changed)).collect();
        let mut feed = json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.title(),
            "home_page_url": self.alternate(),
            "feed_url": self.own_address(),
            "language": self.language.tag(),
            "authors": [{"name": self.origin.as_str()}],
            "items": items,
        });
        if let (Some(next), Some(members)) = (self.next_address(), feed.as_object_mut()) {
            members.insert("next_url".to_owned(), next.into());
        }
        // Texts and lists of them are always written.
        serde_json::to_vec(&feed).unwrap_or_default()
    }

    fn item(&self, row: &RowView, changed: &str) -> Value {
        let tags: Vec<&String> = [Some(&row.kind), row.category.as_ref()].into_iter().flatten().collect();
        json!({
            "id": id_of(row),
            "url": self.address(&row.entry.page),
            "title": line::title(self.language, row),
            "content_text": line::summary(self.language, row),
            "date_published": time_of(row),
            "date_modified": changed,
            "authors": [{"name": row.iss}],
            "tags": tags,
            "_glasshouse": {"index": row.entry.index, "leaf_hash": row.leaf_hash, "type": row.kind,
                "standing": row.standing, "receipt": format!("https://{}/api/v1/receipts/{}", self.origin, row.entry.index)},
        })
    }
}
