//! The tree that a data set is made of: its entries, from the copy that the audit keeps, and what they say about each other.

use std::borrow::Cow;

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::tile::BundlePath;

use crate::audit::{Audit, Reading, Stop};
use crate::bundles::Bundles;
use crate::session::Session;

/// Takes the entries of a bundle, with the place of the first one.
type Take<'t> = dyn FnMut(LeafIndex, &[&[u8]]) -> Result<(), Stop> + 't;

/// A tree of the log, up to some size.
pub(crate) struct TreeAt<'a> {
    pub(crate) origin: Origin,
    pub(crate) head: TreeHead,
    /// What is on record in that tree.
    pub(crate) registry: Cow<'a, Registry>,
    pub(crate) bundles: &'a Bundles,
}

impl<'a> TreeAt<'a> {
    /// The tree that was audited.
    pub(crate) fn newest(session: &'a Session) -> TreeAt<'a> {
        TreeAt {
            origin: session.newest().checkpoint().origin().clone(),
            head: *session.newest().head(),
            registry: Cow::Borrowed(&session.audit.registry),
            bundles: &session.audit.bundles,
        }
    }

    /// An earlier tree of the log, of that size: its entries are read once more, without signatures.
    pub(crate) fn earlier(session: &'a Session, size: TreeSize) -> Result<TreeAt<'a>, Stop> {
        if size == session.newest().head().size() {
            return Ok(TreeAt::newest(session));
        }
        let newest = session.newest();
        let mut audit: Audit = session.audit.anew();
        audit.past.grow(size);
        each_bundle(&session.audit.bundles, size, &mut |_, entries| {
            audit.check_entries(entries, newest, Reading::Replay);
            Ok(())
        })?;
        Ok(TreeAt {
            origin: newest.checkpoint().origin().clone(),
            head: audit.frontier.head(),
            registry: Cow::Owned(audit.registry),
            bundles: &session.audit.bundles,
        })
    }

    /// Goes through its entries, a bundle at a time, with the place of the first one. At the end they have the root of the tree,
    /// or it is an error: what lies on the disk may have changed since it was audited.
    pub(crate) fn each_bundle(&self, take: &mut Take<'_>) -> Result<(), Stop> {
        let mut tree = Frontier::new();
        each_bundle(self.bundles, self.head.size(), &mut |first, entries| {
            for entry in entries {
                tree.push(LeafHash::of_entry(entry)).map_err(|error| malformed(&error))?;
            }
            take(first, entries)
        })?;
        match tree.head() == self.head {
            true => Ok(()),
            false => Err(malformed(&"they are not those that were audited")),
        }
    }
}

fn each_bundle(bundles: &Bundles, size: TreeSize, take: &mut Take<'_>) -> Result<(), Stop> {
    for index in 0..size.get().div_ceil(256) {
        let width = u16::try_from((size.get() - index * 256).min(256)).map_err(|error| malformed(&error))?;
        let path = BundlePath::new(index, width).map_err(|error| malformed(&error))?;
        let bytes = bundles.read(path)?;
        let entries = parse_bundle(&bytes, width).map_err(|error| malformed(&error))?;
        let first = LeafIndex::new(index * 256).map_err(|error| malformed(&error))?;
        take(first, &entries)?;
    }
    Ok(())
}

fn malformed(why: &dyn std::fmt::Display) -> Stop {
    Stop::Malformed { path: "the kept entries".to_owned(), why: why.to_string() }
}
