//! Lists and objects of an answer, read up to a bound: a body of two characters an element would become many times its size.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

/// A list of at most `N` elements; the next one ends the reading.
#[derive(Debug)]
pub(super) struct List<T, const N: usize>(pub(super) Vec<T>);

/// An object of at most `N` members.
#[derive(Debug)]
pub(super) struct Members<const N: usize>(pub(super) BTreeMap<String, Plain>);

/// A value that is no list and no object.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub(super) enum Plain {
    Number(u64),
    Text(String),
    Null,
}

impl<T: Serialize, const N: usize> Serialize for List<T, N> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T, const N: usize> List<T, N> {
    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T, const N: usize> Default for List<T, N> {
    fn default() -> List<T, N> {
        List(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for List<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<List<T, N>, D::Error> {
        deserializer.deserialize_seq(Elements(PhantomData))
    }
}

struct Elements<T, const N: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for Elements<T, N> {
    type Value = List<T, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {N} elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T, N>, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element()? {
            if list.len() == N {
                return Err(A::Error::invalid_length(N + 1, &self));
            }
            list.push(element);
        }
        Ok(List(list))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Members<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members<N>, D::Error> {
        deserializer.deserialize_map(Pairs::<N>)
    }
}

struct Pairs<const N: usize>;

impl<'de, const N: usize> Visitor<'de> for Pairs<N> {
    type Value = Members<N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object of at most {N} members, each a number, a text or null")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<N>, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry()? {
            if members.len() == N {
                return Err(A::Error::invalid_length(N + 1, &self));
            }
            members.insert(name, value);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn one_more_than_the_bound_is_refused() {
        assert_eq!(serde_json::from_str::<List<u64, 2>>("[1,2]").unwrap().0, [1, 2]);
        let error = serde_json::from_str::<List<u64, 2>>("[1,2,3]").unwrap_err().to_string();
        assert!(error.contains("at most 2"), "{error}");
        let two = serde_json::from_str::<Members<2>>("{\"a\":1,\"b\":\"x\"}").unwrap().0;
        assert_eq!((&two["a"], &two["b"]), (&Plain::Number(1), &Plain::Text("x".to_owned())));
        let null = serde_json::from_str::<Members<2>>("{\"a\":null}").unwrap().0;
        assert_eq!(null["a"], Plain::Null);
        for wrong in ["{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":[]}", "{\"a\":-1}", "[]"] {
            serde_json::from_str::<Members<2>>(wrong).unwrap_err();
        }
    }
}
