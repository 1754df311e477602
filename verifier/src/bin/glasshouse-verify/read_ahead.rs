//! Reads a log's bundles in order, ahead of the checks, several at once, and never holds more of them than a bound.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::{BundlePath, Tile};
use rayon::prelude::*;

use crate::bundles::Bundles;
use crate::source::{IN_FLIGHT, SourceError};
use crate::tile_nodes::{NodeError, TileNodes};

/// Bundles that are checked together: 4,096 entries, enough to keep every core busy.
const BUNDLES_AT_ONCE: usize = 16;

/// A batch that has so many bytes is full, however few bundles it has. One batch is being read, one waits, one is
/// checked and the signatures of one more are. A log of usual entries costs 10 MB for all of them; one that is made
/// of the longest entries, of which 8 bundles of 16 MiB may come at once, 600 MB.
const BYTES_AT_ONCE: usize = 16 << 20;

/// One bundle.
pub(crate) struct Fetched {
    pub(crate) path: BundlePath,
    pub(crate) bytes: Vec<u8>,
    /// The tile of level 0 over it, where it is full and was asked for.
    pub(crate) tile: Option<Result<Tile, NodeError>>,
}

/// Bundles that follow each other.
pub(crate) type Batch = Vec<Fetched>;

/// What is read.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    /// The first entry; reading begins with its bundle.
    pub(crate) from: TreeSize,
    /// The size of the log.
    pub(crate) to: TreeSize,
    /// Whether the full tiles over the bundles are read too.
    pub(crate) with_tiles: bool,
}

/// Starts to read. After an error nothing more comes.
pub(crate) fn read_ahead(bundles: &Bundles, span: Span) -> Receiver<Result<Batch, SourceError>> {
    let (send, receive) = sync_channel(1);
    let bundles = bundles.clone();
    std::thread::spawn(move || read_all(&bundles, span, &send));
    receive
}

/// Ends early when nobody listens any more.
fn read_all(bundles: &Bundles, span: Span, send: &SyncSender<Result<Batch, SourceError>>) {
    // Threads of its own: those that compute must not wait for a network.
    let threads = if bundles.source().is_server() { IN_FLIGHT } else { 1 };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok();
    // A size is the log's word until the entries are there: no list is made of all its bundles.
    let mut paths = paths(span);
    let mut batch = Vec::new();
    loop {
        let group: Vec<BundlePath> = paths.by_ref().take(threads.min(BUNDLES_AT_ONCE)).collect();
        if group.is_empty() {
            break;
        }
        let fetched: Vec<Result<Fetched, SourceError>> = match &pool {
            Some(pool) => pool.install(|| group.par_iter().map(|path| fetch(bundles, span, *path)).collect()),
            None => group.iter().map(|path| fetch(bundles, span, *path)).collect(),
        };
        for one in fetched {
            match one {
                Ok(one) => batch.push(one),
                Err(error) => {
                    // What came before the error is judged too.
                    if send.send(Ok(batch)).is_ok() {
                        let _ = send.send(Err(error));
                    }
                    return;
                }
            }
        }
        let length: usize = batch.iter().map(|one| one.bytes.len()).sum();
        if (batch.len() >= BUNDLES_AT_ONCE || length >= BYTES_AT_ONCE)
            && send.send(Ok(std::mem::take(&mut batch))).is_err()
        {
            return;
        }
    }
    let _ = send.send(Ok(batch));
}

fn paths(span: Span) -> impl Iterator<Item = BundlePath> {
    let (from, to) = (span.from.get(), span.to.get());
    (from / 256..to.div_ceil(256)).filter_map(move |index| {
        let width = u16::try_from((to - index * 256).min(256)).unwrap_or(256);
        BundlePath::new(index, width).ok()
    })
}

fn fetch(bundles: &Bundles, span: Span, path: BundlePath) -> Result<Fetched, SourceError> {
    let bytes = bundles.read(path)?;
    let tile = (span.with_tiles && path.width() == 256)
        .then(|| TileNodes::new(bundles.source(), span.to).tile(0, path.index()));
    Ok(Fetched { path, bytes, tile })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::source::Source;

    /// A log can sign any size: a list of 2^45 bundles would not fit into memory.
    #[test]
    fn the_largest_size_that_can_be_signed_costs_no_memory() {
        let folder = tempfile::tempdir().unwrap();
        let bundles = Bundles::new(Source::Folder(folder.path().to_owned()), None);
        let to = TreeSize::new((1 << 53) - 1).unwrap();
        let batches = read_ahead(&bundles, Span { from: TreeSize::ZERO, to, with_tiles: true });
        assert!(batches.recv().unwrap().unwrap().is_empty());
        assert!(batches.recv().unwrap().is_err());
        assert!(batches.recv().is_err());
    }
}
