//! Builds a CBOR map with text keys in the order of their encoding (RFC 8949 §4.2.1).

use crate::cbor::Item;
use crate::codes::Code;

/// The members so far.
#[derive(Debug, Default)]
pub(crate) struct ItemMap {
    pairs: Vec<(&'static str, Item)>,
}

impl ItemMap {
    pub(crate) fn new() -> ItemMap {
        ItemMap::default()
    }

    /// Puts a member in; what is absent is absent.
    pub(crate) fn put(&mut self, key: &'static str, item: Option<Item>) {
        self.pairs.extend(item.map(|item| (key, item)));
    }

    pub(crate) fn put_code(&mut self, key: &'static str, code: Option<Code>) {
        self.put(key, code.map(code_item));
    }

    /// The map. A shorter key encodes to smaller bytes, because its length comes first.
    pub(crate) fn finish(mut self) -> Item {
        self.pairs.sort_by_key(|(key, _)| (key.len(), *key));
        let pairs = self.pairs.into_iter();
        Item::Map(pairs.map(|(k, v)| (Item::Text(k.to_owned()), v)).collect())
    }
}

pub(crate) fn code_item(code: Code) -> Item {
    Item::Text(code.as_str().to_owned())
}
