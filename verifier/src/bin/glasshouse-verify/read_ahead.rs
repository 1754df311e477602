//! Reads a log's bundles in order, ahead of the checks, and never holds more of them than a bound.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::{BundlePath, bundles_of};

use crate::source::{BUNDLE_LIMIT, Source, SourceError};

/// Bundles that are checked together: 4,096 entries, enough to keep every core busy.
const BUNDLES_AT_ONCE: usize = 16;

/// A batch that has so many bytes is full, however few bundles it has. One batch is being read, one waits and one is
/// checked; each has at most this and one bundle more, so that a log of the longest entries costs 96 MiB of raw bytes.
const BYTES_AT_ONCE: usize = 16 << 20;

/// Bundles that follow each other, each with its path.
pub(crate) type Batch = Vec<(BundlePath, Vec<u8>)>;

/// Starts to read every bundle of a log of this size. After an error nothing more comes.
pub(crate) fn read_ahead(source: &Source, size: TreeSize) -> Receiver<Result<Batch, SourceError>> {
    let (send, receive) = sync_channel(1);
    let source = source.clone();
    std::thread::spawn(move || read_all(&source, size, &send));
    receive
}

/// Ends early when nobody listens any more.
fn read_all(source: &Source, size: TreeSize, send: &SyncSender<Result<Batch, SourceError>>) {
    let mut batch = Vec::new();
    let mut length = 0;
    for path in bundles_of(size) {
        match read_bundle(source, path) {
            Ok(bytes) => {
                length += bytes.len();
                batch.push((path, bytes));
            }
            Err(error) => {
                // What came before the error is judged too.
                if send.send(Ok(batch)).is_ok() {
                    let _ = send.send(Err(error));
                }
                return;
            }
        }
        if batch.len() == BUNDLES_AT_ONCE || length >= BYTES_AT_ONCE {
            length = 0;
            if send.send(Ok(std::mem::take(&mut batch))).is_err() {
                return;
            }
        }
    }
    let _ = send.send(Ok(batch));
}

/// A bundle as wide as the checkpoint says. Where the log has dropped the partial one, the full one is cut.
pub(crate) fn read_bundle(source: &Source, path: BundlePath) -> Result<Vec<u8>, SourceError> {
    if let Some(bytes) = source.get(&path.encode(), BUNDLE_LIMIT)? {
        return Ok(bytes);
    }
    let full = source.need(&path.full().encode(), BUNDLE_LIMIT)?;
    let cut: usize = match parse_bundle(&full, path.full().width()) {
        Ok(entries) => entries.iter().take(usize::from(path.width())).map(|entry| entry.len() + 2).sum(),
        Err(_) => full.len(),
    };
    Ok(full.get(..cut).unwrap_or_default().to_vec())
}
