//! A reader that follows a log: keeps its checkpoint, and takes a later one only with everything that proves it.
//!
//! Of each new checkpoint it looks at four things. The ledger's consistency proof from the one before, which the verifier's
//! [`View`] judges. Every new entry bundle, whose leaf hashes lead from the old tree to the new root. The tiles of these leaf
//! hashes, which must hold the same. And the tiles of the right edge, from which the same complete subtrees must follow.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use glasshouse_verifier::bounds::TILE_WIDTH;
use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::consistency::ConsistencyProof;
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::{LeafHash, NodeHash};
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::{BundlePath, Tile, TilePath};
use glasshouse_verifier::view::View;
use glasshouse_verifier::vkey::Vkey;

use crate::latency::Latency;
use crate::read_error::ReadError;
use crate::reading_client::ReadingClient;
use crate::site::Site;

/// What the interface says to whoever asks for a tree that it does not show. `/checkpoint` is replaced a moment before the
/// interface shows its tree, and who asks in between is told this: he asks again.
const BEYOND: &str = "\"rule\":\"out-of-range\"";

/// What followers measured, all together.
#[derive(Debug, Default)]
pub struct FollowFigures {
    /// One `/checkpoint`.
    pub checkpoints: Latency,
    /// One tile or bundle.
    pub files: Latency,
    /// One consistency proof.
    pub proofs: Latency,
    /// Checkpoints that were seen before the interface showed their tree.
    pub early: AtomicU64,
    /// New checkpoints that were proved.
    pub steps: AtomicU64,
    /// Entries whose bundles were checked.
    pub entries: AtomicU64,
}

/// One reader of one log.
#[derive(Debug)]
pub struct Follower {
    client: ReadingClient,
    log: Vkey,
    view: Option<View>,
    /// The tree that the view's checkpoint has.
    frontier: Frontier,
    figures: Arc<FollowFigures>,
}

impl Follower {
    /// Follows the log of this key from its first entry.
    pub fn new(log: Vkey, figures: Arc<FollowFigures>) -> Follower {
        Follower { client: ReadingClient::default(), log, view: None, frontier: Frontier::new(), figures }
    }

    /// Begins with the tree that is published now, whose right edge is taken from the tiles.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn skip_to_now(&mut self, url: &str) -> Result<(), ReadError> {
        let now = self.checkpoint(url)?;
        let peaks = self.peaks(url, now.head().size())?;
        self.frontier = Frontier::from_peaks(now.head().size(), peaks).map_err(ReadError::wrong)?;
        if self.frontier.head() != *now.head() {
            return Err(ReadError::wrong("the tiles do not lead to the root of the checkpoint"));
        }
        self.view = Some(View::new(now));
        Ok(())
    }

    /// The size of the tree that was checked last.
    pub fn size(&self) -> u64 {
        self.view.as_ref().map_or(0, |view| view.last().head().size().get())
    }

    /// Looks at the log once. Everything is checked up to the checkpoint that it has when this returns, and on an error
    /// up to the one before.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn look(&mut self, url: &str) -> Result<(), ReadError> {
        let next = self.checkpoint(url)?;
        let mut view = self.view.clone();
        if let Some(view) = &mut view {
            self.advance(url, view, next.clone())?;
        }
        if view.as_ref().is_some_and(|_| next.head().size().get() == self.size()) {
            return Ok(());
        }
        let frontier = self.extended(url, next.head().size())?;
        if frontier.head() != *next.head() {
            let size = next.head().size();
            return Err(ReadError::wrong(format!("the bundles do not lead to the root of size {size}")));
        }
        if self.peaks(url, next.head().size())? != frontier.peaks() {
            return Err(ReadError::wrong(format!(
                "the tiles of size {} are not of its tree",
                next.head().size()
            )));
        }
        self.figures.entries.fetch_add(frontier.size().get() - self.frontier.size().get(), Ordering::Relaxed);
        self.figures.steps.fetch_add(1, Ordering::Relaxed);
        self.frontier = frontier;
        self.view = Some(view.unwrap_or_else(|| View::new(next)));
        Ok(())
    }

    /// Looks again and again until everything is over: at once behind a new checkpoint, else after `pause`.
    ///
    /// # Errors
    /// What is wrong. That the server is away is waited out.
    pub fn follow(&mut self, site: &Site, pause: std::time::Duration) -> Result<(), String> {
        while !site.is_over() {
            let Some(address) = site.address() else { return Ok(()) };
            let next = Instant::now() + pause;
            match self.look(&address.url) {
                Ok(()) => {}
                Err(ReadError::Away(_)) => site.await_next(address.life, pause),
                Err(wrong @ ReadError::Wrong(_)) => return Err(wrong.to_string()),
            }
            site.pause_until(next);
        }
        Ok(())
    }

    fn checkpoint(&self, url: &str) -> Result<SignedCheckpoint, ReadError> {
        let begun = Instant::now();
        let bytes = self.client.get(&format!("{url}/checkpoint"))?;
        self.figures.checkpoints.record(begun);
        SignedCheckpoint::open(&bytes, &self.log).map_err(ReadError::wrong)
    }

    /// Takes the checkpoint into the view, with the ledger's own proof.
    fn advance(&self, url: &str, view: &mut View, next: SignedCheckpoint) -> Result<(), ReadError> {
        let (from, to) = (view.last().head().size().get(), next.head().size().get());
        if to < from {
            return Err(ReadError::wrong(format!("the log shrank from {from} to {to} entries")));
        }
        let mut hashes = Vec::new();
        if from != to && from > 0 {
            let begun = Instant::now();
            let path = format!("{url}/api/v1/proofs/consistency?from={from}&to={to}");
            let answer = match self.client.json(&path) {
                Err(ReadError::Wrong(said)) if said.contains(BEYOND) => {
                    self.figures.early.fetch_add(1, Ordering::Relaxed);
                    return Err(ReadError::Away(said));
                }
                answer => answer?,
            };
            self.figures.proofs.record(begun);
            hashes = hashes_of(&answer["hashes"])?;
        }
        let proof = ConsistencyProof::new(hashes).map_err(ReadError::wrong)?;
        view.advance(next, &proof).map(drop).map_err(ReadError::wrong)
    }

    /// The tree so far, with the leaves of the bundles up to this size.
    fn extended(&self, url: &str, size: TreeSize) -> Result<Frontier, ReadError> {
        let mut frontier = self.frontier.clone();
        while frontier.size() < size {
            let (at, begin) = (frontier.size().get(), frontier.size().get() / u64::from(TILE_WIDTH));
            let skipped = usize::try_from(at % u64::from(TILE_WIDTH)).unwrap();
            let width = width_of(size.get(), begin);
            let path = BundlePath::new(begin, width).map_err(ReadError::wrong)?;
            let bytes = self.file(url, &path.encode(), &path.full().encode())?;
            let entries = [width, TILE_WIDTH].into_iter().find_map(|width| parse_bundle(&bytes, width).ok());
            let entries =
                entries.ok_or_else(|| ReadError::wrong(format!("{} is no bundle", path.encode())))?;
            let leaves: Vec<LeafHash> = entries
                .iter()
                .take(usize::from(width))
                .skip(skipped)
                .map(|entry| LeafHash::of_entry(entry))
                .collect();
            let tile = self.tile(url, 0, begin, width)?;
            if !tile.iter().skip(skipped).map(|node| node.to_leaf()).eq(leaves.iter().copied()) {
                return Err(ReadError::wrong(format!("tile 0/{begin} is not of the entries of its bundle")));
            }
            for leaf in leaves {
                frontier.push(leaf).map_err(ReadError::wrong)?;
            }
        }
        Ok(frontier)
    }

    /// The complete subtrees of a tree of this size, the largest first, from its tiles.
    fn peaks(&self, url: &str, size: TreeSize) -> Result<Vec<NodeHash>, ReadError> {
        let (size, mut offset, mut peaks) = (size.get(), 0_u64, Vec::new());
        for bit in (0..u64::BITS).rev().filter(|bit| size >> bit & 1 == 1) {
            // A subtree of 2^bit leaves is under 2^(bit mod 8) hashes of one tile.
            let level = bit / 8;
            let first = offset >> (8 * level);
            let (tile, within) = (first / u64::from(TILE_WIDTH), first % u64::from(TILE_WIDTH));
            let width = width_of(size >> (8 * level), tile);
            let hashes = self.tile(url, u8::try_from(level).unwrap(), tile, width)?;
            let under =
                hashes.into_iter().skip(usize::try_from(within).unwrap()).take(1 << (bit % 8)).collect();
            peaks.push(Tile::new(under).map_err(ReadError::wrong)?.root());
            offset += 1 << bit;
        }
        Ok(peaks)
    }

    fn tile(&self, url: &str, level: u8, index: u64, width: u16) -> Result<Vec<NodeHash>, ReadError> {
        let path = TilePath::new(level, index, width).map_err(ReadError::wrong)?;
        let bytes = self.file(url, &path.encode(), &path.full().encode())?;
        let tile = [width, TILE_WIDTH].into_iter().find_map(|width| Tile::parse(&bytes, width).ok());
        let tile = tile.ok_or_else(|| ReadError::wrong(format!("{} is no tile", path.encode())))?;
        Ok(tile.hashes().iter().copied().take(usize::from(width)).collect())
    }

    /// A tile or bundle; the full one where the partial one is there no more (c2sp.org/tlog-tiles).
    fn file(&self, url: &str, path: &str, full: &str) -> Result<Vec<u8>, ReadError> {
        let begun = Instant::now();
        let found = self.client.find(&format!("{url}/{path}"))?;
        let bytes = match found {
            Some(bytes) => bytes,
            None => self.client.get(&format!("{url}/{full}"))?,
        };
        self.figures.files.record(begun);
        Ok(bytes)
    }
}

/// How many of so many things the tile of that index holds.
fn width_of(many: u64, tile: u64) -> u16 {
    let rest = many - tile * u64::from(TILE_WIDTH);
    u16::try_from(rest.min(u64::from(TILE_WIDTH))).unwrap()
}

/// Hashes in hex, as the interface gives them.
pub(crate) fn hashes_of(list: &serde_json::Value) -> Result<Vec<NodeHash>, ReadError> {
    let texts = list.as_array().ok_or_else(|| ReadError::wrong("an answer without hashes"))?;
    let hash = |text: &serde_json::Value| NodeHash::from_hex(text.as_str().unwrap_or_default());
    texts.iter().map(|text| hash(text).map_err(ReadError::wrong)).collect()
}
