//! Deterministic CBOR (RFC 8949 §4.2.1), the small part of it that Glasshouse uses.

/// One decoded data item: the whole data model. No float, no null, no tag inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// An integer of major type 0 or 1: −2^64 … 2^64 − 1.
    Integer(i128),
    /// A byte string.
    Bytes(Vec<u8>),
    /// A text string, valid UTF-8.
    Text(String),
    /// An array.
    Array(Vec<Item>),
    /// A map, its pairs in the order of their encoded keys, no key twice.
    Map(Vec<(Item, Item)>),
    /// `true` or `false`.
    Bool(bool),
}

impl Item {
    /// The value under a text key, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Item> {
        match self {
            Item::Map(pairs) => {
                pairs.iter().find(|(k, _)| matches!(k, Item::Text(t) if t == key)).map(|(_, v)| v)
            }
            _ => None,
        }
    }

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Item::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes, if this is a byte string.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Item::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The integer, if it is one and not negative.
    pub fn as_unsigned(&self) -> Option<u64> {
        match self {
            Item::Integer(i) => u64::try_from(*i).ok(),
            _ => None,
        }
    }
}
