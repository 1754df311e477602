//! Builds a CBOR map with text keys in the order of their encoding (RFC 8949 §4.2.1).

use crate::cbor::{Data, Item};
use crate::codes::Code;

/// The members so far.
#[derive(Debug, Default)]
pub(crate) struct ItemMap<'a> {
    pairs: Vec<(&'static str, Data<'a>)>,
}

impl<'a> ItemMap<'a> {
    pub(crate) fn new() -> ItemMap<'a> {
        ItemMap::default()
    }

    /// Puts a member in; what is absent is absent.
    pub(crate) fn put(&mut self, key: &'static str, item: Option<Data<'a>>) {
        self.pairs.extend(item.map(|item| (key, item)));
    }

    pub(crate) fn put_code(&mut self, key: &'static str, code: Option<Code>) {
        self.put(key, code.map(code_item));
    }

    /// The map. A shorter key encodes to smaller bytes, because its length comes first.
    pub(crate) fn finish(mut self) -> Data<'a> {
        self.pairs.sort_by_key(|(key, _)| (key.len(), *key));
        let pairs = self.pairs.into_iter();
        Data::Map(pairs.map(|(k, v)| (Data::text(k), v)).collect())
    }
}

pub(crate) fn code_item(code: Code) -> Item {
    Item::text(code.as_str())
}
