//! A map from fields to values in one piece of memory, sorted by field: what every parsed statement holds three of.

use crate::fields::FieldName;

/// Values by field, in the order of the fields. It takes the room of its pairs, of which a statement has a dozen; a tree of
/// nodes has room for eleven in each node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldMap<T>(Vec<(FieldName, T)>);

impl<T> Default for FieldMap<T> {
    fn default() -> FieldMap<T> {
        FieldMap(Vec::new())
    }
}

impl<T> FieldMap<T> {
    /// Without pairs, with room for so many.
    pub(crate) fn with_capacity(pairs: usize) -> FieldMap<T> {
        FieldMap(Vec::with_capacity(pairs))
    }

    /// Puts a value in, in place of one that is there.
    pub fn insert(&mut self, field: FieldName, value: T) {
        match self.place(field) {
            Ok(at) => self.0.splice(at..=at, [(field, value)]).for_each(drop),
            Err(at) => self.0.insert(at, (field, value)),
        }
    }

    /// The value of a field.
    pub fn get(&self, field: &FieldName) -> Option<&T> {
        self.0.get(self.place(*field).ok()?).map(|(_, value)| value)
    }

    /// Whether the field has a value.
    pub fn contains_key(&self, field: &FieldName) -> bool {
        self.place(*field).is_ok()
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All pairs.
    pub fn iter(&self) -> impl Iterator<Item = (&FieldName, &T)> + Clone {
        self.0.iter().map(|(field, value)| (field, value))
    }

    /// All fields.
    pub fn keys(&self) -> impl Iterator<Item = &FieldName> + Clone {
        self.iter().map(|(field, _)| field)
    }

    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &T> + Clone {
        self.iter().map(|(_, value)| value)
    }

    fn place(&self, field: FieldName) -> Result<usize, usize> {
        self.0.binary_search_by_key(&field, |(field, _)| *field)
    }
}

/// Of pairs with one field, the last one stays.
impl<T> FromIterator<(FieldName, T)> for FieldMap<T> {
    fn from_iter<I: IntoIterator<Item = (FieldName, T)>>(pairs: I) -> FieldMap<T> {
        let mut map = FieldMap::default();
        pairs.into_iter().for_each(|(field, value)| map.insert(field, value));
        map
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use std::collections::BTreeMap;

    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_does_what_a_tree_does(pairs in prop::collection::vec((0..20_u8, any::<u16>()), 0..40)) {
            let (mut tree, mut map) = (BTreeMap::new(), FieldMap::default());
            for (field, value) in pairs {
                let field = FieldName(field);
                map.insert(field, value);
                tree.insert(field, value);
                prop_assert!(map.iter().eq(tree.iter()) && map.keys().eq(tree.keys()));
                prop_assert!(map.values().eq(tree.values()));
                prop_assert_eq!((map.len(), map.is_empty()), (tree.len(), tree.is_empty()));
            }
            for field in (0..21).map(FieldName) {
                prop_assert_eq!(map.get(&field), tree.get(&field));
                prop_assert_eq!(map.contains_key(&field), tree.contains_key(&field));
            }
            prop_assert_eq!(tree.into_iter().collect::<FieldMap<u16>>(), map);
        }
    }
}
