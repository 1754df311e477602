//! Goes on from the file `history`: what the entries that it covers say is taken from it, if they are the very files that they
//! were, under the root that was signed.

use std::collections::HashSet;

use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::{Digest, NodeHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::tile::TilePath;
use rayon::prelude::*;

use super::bundle_seen::BundleSeen;
use super::bundles::{Leaf, ReadBundle, read_bundle};
use super::record::HistoryRecord;
use super::{History, HistoryError};
use crate::pack::PackError;
use crate::texts::{Looked, Wanted};
use crate::tile_reader::{ReadTileError, TileReader};
use crate::tree_files::{BUNDLE, TreeFiles};

/// Bundles that are looked at together.
const AT_ONCE: usize = 256;

impl History {
    /// What the file says, and the tree up to there. Nothing, and why, where it is damaged, or about another tree, or where what
    /// it covers is not there as it was: reading every entry then tells what is wrong, if anything is.
    pub(super) fn begin(
        files: &TreeFiles,
        origin: &Origin,
        head: &TreeHead,
        record: Option<&[u8]>,
    ) -> Result<(History, Frontier), HistoryError> {
        let Some(bytes) = record else { return Ok((History::before(origin), Frontier::new())) };
        let nothing = |remark| {
            let history = History { remark: Some(remark), ..History::before(origin) };
            Ok((history, Frontier::new()))
        };
        let Some(record) = HistoryRecord::parse(bytes) else {
            return nothing("history was damaged, or another version's: removed, and every entry was read");
        };
        let covered = record.head.size();
        let fits = record.registry.origin() == origin && covered <= head.size();
        let tree = if fits { tree_of(files, head.size(), covered).ok() } else { None };
        let Some((tree, roots)) = tree.filter(|(tree, _)| tree.root() == *record.head.root()) else {
            return nothing("history was about another tree: removed, and every entry was read");
        };
        let mut history = History { covered: covered.get(), ..History::before(origin) };
        (history.registry, history.stats, history.redactions) =
            (record.registry, record.stats, record.redactions);
        match history.look_at_bundles(files, head.size(), &record.bundles, &roots)? {
            true => Ok((history, tree)),
            false => nothing("history covered files that have changed: removed, and every entry was read"),
        }
    }

    /// Takes in the full bundles that the file covers, in their order. Where one is not the very file that was seen, it is read:
    /// its entries are compared with the tree, and its pack with what it must have. Whether all of them are those of the tree.
    fn look_at_bundles(
        &mut self,
        files: &TreeFiles,
        size: TreeSize,
        bundles: &[BundleSeen],
        roots: &[NodeHash],
    ) -> Result<bool, HistoryError> {
        let known: Vec<(u64, (&BundleSeen, &NodeHash))> = (0..).zip(bundles.iter().zip(roots)).collect();
        for some in known.chunks(AT_ONCE) {
            let registry = &self.registry;
            let looked: Vec<Option<(BundleSeen, Looked, bool)>> = some
                .into_par_iter()
                .map(|(bundle, (seen, root))| {
                    if seen.is_still_so(files.store(), *bundle).map_err(PackError::from)? {
                        return Ok(Some((**seen, Looked::default(), false)));
                    }
                    // What is wrong with one that cannot be read, is said by whoever reads all of them.
                    let Ok(read) = read_bundle(files, size, *bundle) else { return Ok(None) };
                    let ReadBundle { stamp, leaves, mut looked } = read;
                    ask_for_disclosed(registry, &leaves, bundle * BUNDLE, &mut looked);
                    let seen = BundleSeen { stamp, tombstones: looked.tombstones };
                    Ok((root_of(&leaves) == **root).then_some((seen, looked, true)))
                })
                .collect::<Result<_, HistoryError>>()?;
            for looked in looked {
                let Some((seen, looked, is_read)) = looked else { return Ok(false) };
                if self.look(seen, looked).is_err() {
                    return Ok(false);
                }
                if is_read {
                    // The file is written anew soon, so that the next start need not read it too.
                    self.covered = 0;
                }
            }
        }
        Ok(true)
    }
}

/// The tree when it had `covered` leaves, and the root of each of its full bundles, from which it is computed.
fn tree_of(
    files: &TreeFiles,
    size: TreeSize,
    covered: TreeSize,
) -> Result<(Frontier, Vec<NodeHash>), ReadTileError> {
    let (tiles, full) = (files.tiles(size), covered.get() / BUNDLE);
    let mut roots: Vec<NodeHash> = Vec::new();
    for first in (0..full).step_by(256) {
        let width = u16::try_from(full - first).unwrap_or(256).min(256);
        roots.extend(tiles.read_tile(TilePath::new(1, first / 256, width)?)?);
    }
    let mut peaks = Vec::new();
    for (bundle, root) in (0u64..).zip(&roots) {
        let mut node = *root;
        // As where a leaf is appended: one subtree is complete for each trailing one bit.
        for _ in 0..bundle.trailing_ones() {
            if let Some(left) = peaks.pop() {
                node = NodeHash::join(&left, &node);
            }
        }
        peaks.push(node);
    }
    // The bits of the size are those of the number of bundles.
    let mut tree = TreeSize::new(full * BUNDLE)
        .ok()
        .and_then(|size| Frontier::from_peaks(size, peaks).ok())
        .unwrap_or_default();
    if let Ok(width @ 1..) = u16::try_from(covered.get() % BUNDLE) {
        for leaf in tiles.read_tile(TilePath::new(0, full, width)?)? {
            // It is shorter than the tree of `size`; another one has another root.
            if tree.push(leaf.to_leaf()).is_err() {
                break;
            }
        }
    }
    Ok((tree, roots))
}

fn root_of(leaves: &[Leaf]) -> NodeHash {
    let mut bundle = Frontier::new();
    // There are at most 256.
    leaves.iter().for_each(|(hash, _)| _ = bundle.push(*hash));
    bundle.root().to_node()
}

/// Of entries whose disclosures the registry knows: the texts that were withheld must be there since.
pub(super) fn ask_for_disclosed(registry: &Registry, leaves: &[Leaf], first: u64, looked: &mut Looked) {
    let mut there: HashSet<(LeafIndex, Digest)> = looked.opened.drain(..).collect();
    for (index, (_, entry)) in (first..).zip(leaves) {
        let (Ok(index), payload) = (LeafIndex::new(index), entry.statement().payload()) else { continue };
        if payload.withheld().is_empty() {
            continue;
        }
        let state = registry.state_of(entry.statement());
        for field in payload.withheld().keys().filter(|field| state.disclosed.contains_key(field)) {
            let digest = payload.addenda().get(field).copied();
            let digest = digest.filter(|digest| !there.remove(&(index, *digest)));
            looked.missing.extend(digest.map(|digest| Wanted { index, field: *field, digest }));
        }
    }
    looked.opened.extend(there);
}
