//! Whether a log holds every statement that was sent exactly once, where its provider was told that it is.

use std::collections::HashMap;
use std::path::Path;

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::bundles_of;

/// What a provider was told of one statement: its place, and the beginning of its leaf hash. 16 bytes, because a soak has
/// millions of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    index: u64,
    leaf: [u8; 8],
}

impl Told {
    /// The statement with this leaf hash is entry `index`.
    pub fn new(index: u64, leaf: &LeafHash) -> Told {
        Told { index, leaf: *leaf.as_bytes().first_chunk().expect("a hash has 32 bytes") }
    }
}

/// An entry as it stands in the log.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its signer.
    pub issuer: String,
    /// Its signer's number.
    pub number: u64,
    /// What it is told to be.
    pub at: Told,
}

/// Compares what providers were told, each of its numbers from 1, with all entries of a log. How many entries are theirs.
///
/// # Errors
/// The first thing that is not as it should be.
pub fn check(
    sent: &[(String, Vec<Told>)],
    entries: impl Iterator<Item = Result<Found, String>>,
) -> Result<u64, String> {
    let places: HashMap<&str, usize> =
        sent.iter().enumerate().map(|(at, (issuer, _))| (issuer.as_str(), at)).collect();
    let mut seen: Vec<Vec<bool>> = sent.iter().map(|(_, told)| vec![false; told.len()]).collect();
    let mut count = 0;
    for found in entries {
        let Found { issuer, number, at } = found?;
        // The registrar's.
        let Some(provider) = places.get(issuer.as_str()) else { continue };
        let place = usize::try_from(number).unwrap_or(usize::MAX).wrapping_sub(1);
        let Some(told) = sent[*provider].1.get(place) else {
            return Err(format!("entry {} is number {number} of {issuer}, which was never sent", at.index));
        };
        if std::mem::replace(&mut seen[*provider][place], true) {
            return Err(format!("entry {}: number {number} of {issuer} is there twice", at.index));
        }
        if *told != at {
            let Told { index, leaf } = told;
            return Err(format!(
                "number {number} of {issuer} is entry {} with leaf {}, and was told to be entry {index} with leaf {}",
                at.index,
                hex::encode(at.leaf),
                hex::encode(leaf)
            ));
        }
        count += 1;
    }
    for ((issuer, _), seen) in sent.iter().zip(&seen) {
        if let Some(place) = seen.iter().position(|seen| !seen) {
            return Err(format!("number {} of {issuer} was answered and is not there", place + 1));
        }
    }
    Ok(count)
}

/// Every entry of a log in a folder that holds its files, in order.
pub fn entries(public: &Path, size: TreeSize) -> impl Iterator<Item = Result<Found, String>> {
    let bundle = move |path: glasshouse_verifier::tile::BundlePath| -> Vec<Result<Found, String>> {
        let [file, full] = [path, path.full()].map(|path| public.join(path.encode()));
        let read = std::fs::read(&file).map(|bytes| (bytes, path.width()));
        let read = read.or_else(|_| std::fs::read(&full).map(|bytes| (bytes, path.full().width())));
        let (bytes, width) = match read {
            Ok(read) => read,
            Err(error) => return vec![Err(format!("{}: {error}", full.display()))],
        };
        let entries = match parse_bundle(&bytes, width) {
            Ok(entries) => entries,
            Err(error) => return vec![Err(format!("{}: {error}", file.display()))],
        };
        let first = path.index() * 256;
        let places = (first..).zip(entries).take(usize::from(path.width()));
        places.map(|(index, entry)| found(index, entry)).collect()
    };
    bundles_of(size).flat_map(bundle)
}

fn found(index: u64, entry: &[u8]) -> Result<Found, String> {
    let parsed = Entry::parse(entry).map_err(|error| format!("entry {index}: {error}"))?;
    let (issuer, number) = (parsed.statement().claims().iss.to_string(), parsed.statement().sequence().get());
    Ok(Found { issuer, number, at: Told::new(index, &LeafHash::of_entry(entry)) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    fn told(index: u64) -> Told {
        Told::new(index, &LeafHash::of_entry(&index.to_be_bytes()))
    }

    fn found(issuer: &str, number: u64, index: u64) -> Found {
        Found { issuer: issuer.to_owned(), number, at: told(index) }
    }

    fn judged(entries: Vec<Found>) -> Result<u64, String> {
        let sent = [("a".to_owned(), vec![told(1), told(3)]), ("b".to_owned(), vec![told(2)])];
        check(&sent, entries.into_iter().map(Ok))
    }

    fn right() -> Vec<Found> {
        vec![found("registrar", 1, 0), found("a", 1, 1), found("b", 1, 2), found("a", 2, 3)]
    }

    #[test]
    fn what_is_lost_repeated_or_moved_is_told() {
        assert_eq!(judged(right()), Ok(3));
        let mut lost = right();
        lost.pop();
        assert_eq!(judged(lost).unwrap_err(), "number 2 of a was answered and is not there");
        let mut twice = right();
        twice.push(found("a", 1, 4));
        assert_eq!(judged(twice).unwrap_err(), "entry 4: number 1 of a is there twice");
        let mut moved = right();
        moved[3].at = Told { index: 4, leaf: moved[3].at.leaf };
        assert!(judged(moved).unwrap_err().starts_with("number 2 of a is entry 4"));
        let mut other = right();
        other[1].at.leaf[0] ^= 1;
        assert!(judged(other).unwrap_err().starts_with("number 1 of a is entry 1 with leaf"));
        for stranger in [0, 2, u64::MAX] {
            let mut unknown = right();
            unknown.push(found("b", stranger, 4));
            assert!(judged(unknown).unwrap_err().ends_with("was never sent"), "{stranger}");
        }
    }
}
