//! Entries of which files of the index may still hold words that are out of sight. Whatever segments come and go by merging:
//! those of them are written anew that have deleted documents of such entries, until there is none.

use std::sync::Arc;

/// A set of entries, one bit for each entry of the log up to the last of them: 1.2 MB at ten million.
#[derive(Debug, Clone, Default)]
pub(crate) struct Purge {
    words: Arc<Vec<u64>>,
}

impl Purge {
    /// Whether there is anything to be purged.
    pub(crate) fn is_due(&self) -> bool {
        !self.words.is_empty()
    }

    /// Takes in entries.
    pub(crate) fn extend(&mut self, entries: impl IntoIterator<Item = u64>) {
        for entry in entries {
            let Ok(place) = usize::try_from(entry / 64) else { continue };
            let words = Arc::make_mut(&mut self.words);
            if place >= words.len() {
                words.resize(place + 1, 0);
            }
            if let Some(word) = words.get_mut(place) {
                *word |= 1 << (entry % 64);
            }
        }
    }

    /// Whether an entry is one of them.
    pub(crate) fn has(&self, entry: u64) -> bool {
        let word = usize::try_from(entry / 64).ok().and_then(|place| self.words.get(place));
        word.is_some_and(|word| word >> (entry % 64) & 1 == 1)
    }

    /// Whether nothing was taken in since the other was taken from this one.
    pub(crate) fn is_still(&self, other: &Purge) -> bool {
        Arc::ptr_eq(&self.words, &other.words)
    }
}

#[cfg(test)]
mod tests {
    #![allow(missing_docs)]
    use super::*;

    #[test]
    fn entries_are_remembered_and_news_is_noticed() {
        let mut purge = Purge::default();
        assert!(!purge.is_due() && !purge.has(0));
        purge.extend([]);
        assert!(!purge.is_due());
        purge.extend([0, 63, 64, 1_000_000]);
        assert!(purge.is_due());
        let had: Vec<u64> = (0..1_000_100).filter(|entry| purge.has(*entry)).collect();
        assert_eq!(had, [0, 63, 64, 1_000_000]);
        let taken = purge.clone();
        assert!(purge.is_still(&taken));
        // Also what it has already: it was redacted once more.
        purge.extend([63]);
        assert!(!purge.is_still(&taken));
        assert!(!Purge::default().is_still(&taken));
    }
}
