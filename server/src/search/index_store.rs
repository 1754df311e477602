//! The index on disk: a folder that can be deleted at any time. Each commit says which tree it covers, so that an index of
//! another log, of another layout, or a damaged one is found out when it is opened, and built again.

use std::fs::DirBuilder;
use std::ops::Bound;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use glasshouse_ledger::reader::{ReadError, Reader};
use glasshouse_verifier::size::TreeSize;
use serde::{Deserialize, Serialize};
use tantivy::index::{SegmentId, SegmentMeta};
use tantivy::indexer::IndexWriterOptions;
use tantivy::query::RangeQuery;
use tantivy::{
    DocId, FutureResult, Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, SegmentReader, Term,
};

use super::facts::Facts;
use super::gather::number;
use super::index_store_error::IndexStoreError;
use super::layout::Layout;
use super::purge::Purge;
use super::segment_sizes::SegmentSizes;
use super::ticking::Ticking;

/// Memory for documents that are not on disk yet, in bytes.
const WRITER_BYTES: usize = 15 << 20;

/// What a commit says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// The layout.
    version: String,
    /// Whose times ticks were held against.
    ticking: String,
    /// The size of the tree that it covers.
    pub(crate) size: u64,
    /// The root of that tree, hex.
    root: String,
    /// How many entries of it took texts out of sight.
    pub(crate) hiding: u64,
    /// Whether segments may still hold the words of such texts.
    pub(crate) purge: bool,
}

impl Mark {
    /// The mark of a tree.
    pub(crate) fn of(
        reader: &Reader,
        ticking: &Ticking,
        size: u64,
        hiding: u64,
        purge: bool,
    ) -> Result<Mark, ReadError> {
        let tree = TreeSize::new(size).unwrap_or(TreeSize::ZERO);
        let root = reader.root_at(tree)?.root().to_hex();
        let version = Layout::get().version.clone();
        Ok(Mark { version, ticking: ticking.digest(), size, root, hiding, purge })
    }

    /// Whether it is one of this layout, and its tree one of the published log's.
    fn belongs_to(&self, reader: &Reader, ticking: &Ticking) -> Result<bool, ReadError> {
        if self.version != Layout::get().version || self.size > reader.head().size().get() {
            return Ok(false);
        }
        Ok(*self == Mark::of(reader, ticking, self.size, self.hiding, self.purge)?)
    }
}

/// The open index, which this process alone writes.
pub(crate) struct IndexStore {
    writer: IndexWriter,
    reader: IndexReader,
    /// Segments that are being written anew to purge them.
    merging: Vec<Merging>,
}

/// A segment, and what becomes of it.
type Merging = (SegmentId, FutureResult<Option<SegmentMeta>>);

impl IndexStore {
    /// Opens the index of a folder as its last commit left it; `None` for the mark of a new one, which takes the place of one
    /// that is missing, damaged, or not this log's.
    pub(crate) fn open(
        folder: &Path,
        reader: &Reader,
        ticking: &Ticking,
    ) -> Result<(IndexStore, Option<Mark>), IndexStoreError> {
        if folder.join("meta.json").exists() {
            match IndexStore::open_whole(folder, reader, ticking) {
                Ok(Some((store, mark))) => return Ok((store, Some(mark))),
                Ok(None) => {
                    tracing::info!("the search index is not of this log, policy and layout: built again")
                }
                Err(error) if error.is_passing() => return Err(error),
                Err(error) => tracing::warn!(%error, "the search index cannot be read: built again"),
            }
        }
        remove(folder)?;
        // It holds words of texts, also of some that were erased since, until their segments are written anew.
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let index = Index::create_in_dir(folder, Layout::get().schema.clone())?;
        Ok((IndexStore::of(index)?, None))
    }

    fn open_whole(
        folder: &Path,
        reader: &Reader,
        ticking: &Ticking,
    ) -> Result<Option<(IndexStore, Mark)>, IndexStoreError> {
        let index = Index::open_in_dir(folder)?;
        let damaged: Vec<PathBuf> = index.validate_checksum()?.into_iter().collect();
        if !damaged.is_empty() {
            tracing::warn!(?damaged, "files of the search index are damaged: is the disk sound?");
        }
        let mark = index.load_metas()?.payload.map(|text| serde_json::from_str::<Mark>(&text)).transpose()?;
        match mark {
            Some(mark) if damaged.is_empty() && mark.belongs_to(reader, ticking)? => {
                Ok(Some((IndexStore::of(index)?, mark)))
            }
            _ => Ok(None),
        }
    }

    fn of(index: Index) -> Result<IndexStore, IndexStoreError> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(WRITER_BYTES)
            .build();
        let writer: IndexWriter = index.writer_with_options(options)?;
        writer.set_merge_policy(Box::new(SegmentSizes));
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(IndexStore { writer, reader, merging: Vec::new() })
    }

    /// Writes what is known of an entry; `again` for one that the index has already. Nothing counts before a commit.
    pub(crate) fn write(&self, facts: &Facts, again: bool) -> Result<(), IndexStoreError> {
        let layout = Layout::get();
        if again {
            self.writer.delete_term(Term::from_field_u64(layout.index, facts.index));
        }
        self.writer.add_document(layout.document(facts))?;
        Ok(())
    }

    /// Makes what was written count, all at once, under a mark.
    pub(crate) fn commit(&mut self, mark: &Mark) -> Result<Searcher, IndexStoreError> {
        let mut commit = self.writer.prepare_commit()?;
        // If we die before this is done: the index of before, and its mark.
        commit.set_payload(&serde_json::to_string(mark)?);
        commit.commit()?;
        self.searcher()
    }

    /// Deletes what the last commit has beyond the tree that it stands for, and reads it. Says what is to be purged: where
    /// something may, or was deleted, everything that was deleted so far.
    pub(crate) fn cut(&mut self, mark: &Mark) -> Result<(Searcher, Purge), IndexStoreError> {
        let searcher = self.searcher()?;
        let mut beyond = false;
        for segment in searcher.segment_readers() {
            beyond |= segment.fast_fields().u64("index")?.max_value() >= mark.size && segment.max_doc() > 0;
        }
        if !beyond && !mark.purge {
            return Ok((searcher, Purge::default()));
        }
        if !beyond {
            return Ok((searcher, self.deleted()?));
        }
        let field = Layout::get().index;
        let from = Bound::Included(Term::from_field_u64(field, mark.size));
        self.writer.delete_query(Box::new(RangeQuery::new(from, Bound::Unbounded)))?;
        // If we die before the purge has ended, the next one knows of it: what is cut off has words of entries that come
        // again, and may be redacted by then.
        let searcher = self.commit(&Mark { purge: true, ..mark.clone() })?;
        Ok((searcher, self.deleted()?))
    }

    /// The entries of all deleted documents.
    fn deleted(&self) -> Result<Purge, IndexStoreError> {
        let mut purge = Purge::default();
        for segment in self.searcher()?.segment_readers() {
            purge.extend(deleted(segment)?);
        }
        Ok(purge)
    }

    /// The index as it is on disk now: as of the last commit, its segments merged since or not.
    pub(crate) fn searcher(&self) -> Result<Searcher, IndexStoreError> {
        self.reader.reload()?;
        Ok(self.reader.searcher())
    }

    /// Begins to write anew every segment that may hold words that are out of sight; whether there is one.
    pub(crate) fn purge(&mut self, purge: &Purge) -> Result<bool, IndexStoreError> {
        let mut holding = Vec::new();
        for segment in self.searcher()?.segment_readers() {
            if deleted(segment)?.any(|entry| purge.has(entry)) {
                holding.push(segment.segment_id());
            }
        }
        // One that is being written anew is not given twice: the work of the second time would be thrown away.
        self.merging.retain_mut(|(_, merge)| !has_ended(merge));
        for segment in &holding {
            if !self.merging.iter().any(|(known, _)| known == segment) {
                self.merging.push((*segment, self.writer.merge(&[*segment])));
            }
        }
        Ok(!holding.is_empty())
    }

    /// Deletes the files that nobody reads any more, also those that a merge left when it was killed before it had done so.
    pub(crate) fn sweep(&self) -> Result<(), IndexStoreError> {
        self.writer.garbage_collect_files().wait()?;
        Ok(())
    }

    /// Ends merging and lets the folder go.
    pub(crate) fn close(self) -> Result<(), IndexStoreError> {
        Ok(self.writer.wait_merging_threads()?)
    }
}

/// The entries of a segment's deleted documents.
fn deleted(segment: &SegmentReader) -> Result<impl Iterator<Item = u64> + use<'_>, IndexStoreError> {
    let index = segment.fast_fields().u64("index")?;
    let gone = |document: &DocId| segment.alive_bitset().is_some_and(|alive| alive.is_deleted(*document));
    Ok((0..segment.max_doc()).filter(gone).map(move |document| number(&index, document)))
}

/// Whether a merge has ended, well or not: a segment that is still there is looked at again.
fn has_ended(merge: &mut FutureResult<Option<SegmentMeta>>) -> bool {
    Pin::new(merge).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

fn remove(folder: &Path) -> Result<(), std::io::Error> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            let what = format!(
                "{} is not a folder: move it away, and the search index is built there within a minute",
                folder.display()
            );
            Err(std::io::Error::new(std::io::ErrorKind::NotADirectory, what))
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Facts that stand in memory, by entry.
pub(crate) type Tail = std::collections::BTreeMap<u64, Arc<Facts>>;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn mark(size: u64) -> Mark {
        let text = String::new();
        Mark { version: text.clone(), ticking: text.clone(), size, root: text, hiding: 0, purge: false }
    }

    /// What stands beyond the mark is gone, and so are its words, which the next start knows of too.
    #[test]
    fn what_is_cut_off_is_purged() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::create_in_dir(folder.path(), Layout::get().schema.clone()).unwrap();
        let mut store = IndexStore::of(index).unwrap();
        for index in 0..10 {
            store.write(&Facts { index, ..Facts::default() }, false).unwrap();
        }
        let searcher = store.commit(&mark(10)).unwrap();
        assert_eq!((searcher.num_docs(), store.cut(&mark(10)).unwrap().1.is_due()), (10, false));
        let (searcher, purge) = store.cut(&mark(5)).unwrap();
        assert_eq!(searcher.num_docs(), 5);
        assert_eq!((0..20).filter(|entry| purge.has(*entry)).collect::<Vec<_>>(), [5, 6, 7, 8, 9]);
        let payload = store.reader.searcher().index().load_metas().unwrap().payload.unwrap();
        let left: Mark = serde_json::from_str(&payload).unwrap();
        assert_eq!(left, Mark { purge: true, ..mark(5) });
        assert!((0..20).filter(|entry| store.cut(&left).unwrap().1.has(*entry)).eq(5..10), "after a kill");
        while store.purge(&purge).unwrap() {
            std::thread::yield_now();
        }
        assert!(!store.cut(&left).unwrap().1.is_due(), "nothing is left to be purged");
        assert_eq!(store.searcher().unwrap().num_docs(), 5);
    }

    /// A merge that ends after its segment was emptied, or was merged by another, is dropped with a warning of tantivy; what the
    /// commit of then says stays. Fails if a merge could bring back what was deleted meanwhile.
    #[test]
    fn a_merge_that_comes_too_late_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::create_in_dir(folder.path(), Layout::get().schema.clone()).unwrap();
        let mut store = IndexStore::of(index).unwrap();
        let facts = |index| Facts { index, codes: Vec::new(), ..Facts::default() };
        let mut late = 0;
        for round in 0..40 {
            for index in 0..200 {
                store.write(&facts(index), round > 0).unwrap();
            }
            store.commit(&mark(200)).unwrap();
            let segments: Vec<SegmentId> = store
                .searcher()
                .unwrap()
                .segment_readers()
                .iter()
                .map(|segment| segment.segment_id())
                .collect();
            // Each twice, and one commit that deletes all that they hold.
            let merges: Vec<_> =
                segments.iter().chain(&segments).map(|segment| store.writer.merge(&[*segment])).collect();
            for index in 0..200 {
                store.write(&facts(index), true).unwrap();
            }
            let searcher = store.commit(&mark(200)).unwrap();
            assert_eq!(searcher.num_docs(), 200, "round {round}");
            late += merges.into_iter().map(FutureResult::wait).filter(Result::is_err).count();
            let searcher = store.searcher().unwrap();
            assert_eq!(searcher.num_docs(), 200, "round {round}");
        }
        assert!(late > 0, "no merge came too late");
    }
}
