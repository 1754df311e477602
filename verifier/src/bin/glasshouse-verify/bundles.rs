//! The entries of a log, bundle by bundle: from the copy that an audit keeps as far as it goes, else from the log.

use std::sync::Arc;

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::tile::BundlePath;

use crate::entry_file::EntryFile;
use crate::source::{BUNDLE_LIMIT, Source, SourceError};

/// Where entries are read.
#[derive(Clone)]
pub(crate) struct Bundles {
    source: Source,
    copy: Option<Arc<EntryFile>>,
}

impl Bundles {
    /// The log, and the copy if one is kept.
    pub(crate) fn new(source: Source, copy: Option<Arc<EntryFile>>) -> Bundles {
        Bundles { source, copy }
    }

    /// The log.
    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// The copy, if one is kept.
    pub(crate) fn copy(&self) -> Option<&Arc<EntryFile>> {
        self.copy.as_ref()
    }

    /// A bundle of that width.
    pub(crate) fn read(&self, path: BundlePath) -> Result<Vec<u8>, SourceError> {
        match self.copy.as_ref().map(|copy| copy.bundle(path.index(), path.width())) {
            Some(Ok(Some(bytes))) => Ok(bytes),
            Some(Err(error)) => {
                Err(SourceError::Unreadable { path: "entries".to_owned(), why: error.to_string() })
            }
            Some(Ok(None)) | None => self.fetch(path),
        }
    }

    /// The same from the log. Where it has dropped the partial bundle, the full one is cut.
    pub(crate) fn fetch(&self, path: BundlePath) -> Result<Vec<u8>, SourceError> {
        if let Some(bytes) = self.source.get(&path.encode(), BUNDLE_LIMIT)? {
            return Ok(bytes);
        }
        let full = self.source.need(&path.full().encode(), BUNDLE_LIMIT)?;
        let cut: usize = match parse_bundle(&full, path.full().width()) {
            Ok(entries) => entries.iter().take(usize::from(path.width())).map(|entry| entry.len() + 2).sum(),
            Err(_) => full.len(),
        };
        Ok(full.get(..cut).unwrap_or_default().to_vec())
    }
}
