//! Fetching from a mirror what lies between two signed trees, within the bounds of the stages that will hold it.

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::tile::BundlePath;

use super::said::Said;
use super::{CatchUpError, Progress};
use crate::mirror::{Mirror, MirrorError, MirrorText};
use crate::stage::{STAGE_BYTES_MAX, STAGE_ENTRIES_MAX, StagedAddendum};
use crate::tree_files::BUNDLE;

/// The texts of some entries.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// Those that the mirror serves.
    pub(super) served: Vec<StagedAddendum>,
    /// Those that were erased there, without bytes.
    pub(super) erased: Vec<StagedAddendum>,
}

/// Fetches from one mirror, and tells how far it is.
pub(super) struct Fetch<'a> {
    pub(super) mirror: &'a dyn Mirror,
    /// The size of the mirror's tree: its files are those of that size, and of sizes that it once published.
    pub(super) size: TreeSize,
    pub(super) watch: &'a mut dyn FnMut(Progress),
    pub(super) progress: Progress,
}

impl Fetch<'_> {
    /// The entries from one size to another, not compared with anything yet.
    ///
    /// # Errors
    ///
    /// [`CatchUpError::TooFar`] before anything is fetched, or as soon as the bytes are more than a stage holds.
    pub(super) fn entries(&mut self, from: TreeSize, to: TreeSize) -> Result<Vec<Vec<u8>>, CatchUpError> {
        let too_far = || CatchUpError::TooFar { mirror: self.mirror.name(), from, to };
        let wanted = usize::try_from(to.get().saturating_sub(from.get())).unwrap_or(usize::MAX);
        if wanted > STAGE_ENTRIES_MAX {
            return Err(too_far());
        }
        let (mut entries, mut bytes) = (Vec::with_capacity(wanted), 0);
        let mut next = from.get();
        while next < to.get() {
            let bundle = next / BUNDLE;
            let first = usize::try_from(next % BUNDLE).unwrap_or(0);
            let reached = to.get().min((bundle + 1) * BUNDLE);
            let count = usize::try_from(reached - next).unwrap_or(0);
            for entry in self.bundle(bundle)?.into_iter().skip(first).take(count) {
                bytes += entry.len();
                entries.push(entry);
            }
            if bytes > STAGE_BYTES_MAX {
                return Err(CatchUpError::TooFar { mirror: self.mirror.name(), from, to });
            }
            self.progress.fetched += reached - next;
            (self.watch)(self.progress);
            next = reached;
        }
        Ok(entries)
    }

    /// The entries of a bundle, as far as the mirror's tree has them.
    fn bundle(&self, bundle: u64) -> Result<Vec<Vec<u8>>, CatchUpError> {
        let mirror = || self.mirror.name();
        let width = u16::try_from((self.size.get() - bundle * BUNDLE).min(BUNDLE)).unwrap_or(256);
        let path = |error: glasshouse_verifier::tile::TileError| MirrorError(error.to_string());
        let widest = BundlePath::new(bundle, width).map_err(path).map_err(|error| self.failed(error))?;
        // The mirror may have grown meanwhile, and dropped the partial bundle.
        for candidate in [widest, widest.full()] {
            let fetched = self.mirror.bundle(candidate).map_err(|error| self.failed(error))?;
            let Some(bytes) = fetched else { continue };
            let entries = parse_bundle(&bytes, candidate.width()).map_err(|rule| CatchUpError::Bundle {
                mirror: mirror(),
                path: candidate.encode(),
                rule,
            })?;
            return Ok(entries.iter().take(usize::from(width)).map(|entry| entry.to_vec()).collect());
        }
        Err(CatchUpError::Missing { mirror: mirror(), path: widest.encode() })
    }

    /// Every text that these entries commit to and do not withhold, and those that they open; the first one stands at `from`.
    ///
    /// # Errors
    ///
    /// [`CatchUpError::Text`] for bytes that are not what an entry commits to, and for a text that is erased without a
    /// redaction; [`CatchUpError::Mirror`] where there is no answer.
    pub(super) fn texts(
        &mut self,
        from: TreeSize,
        to: TreeSize,
        entries: &[Vec<u8>],
        said: &Said,
    ) -> Result<Texts, CatchUpError> {
        let mut texts = Texts::default();
        let mut bytes: usize = entries.iter().map(Vec::len).sum();
        for (index, entry) in (from.get()..).zip(entries) {
            let mirror = || self.mirror.name();
            let wrong = |rule: &dyn std::fmt::Display| CatchUpError::Entry {
                mirror: mirror(),
                index,
                rule: rule.to_string(),
            };
            let place = LeafIndex::new(index).map_err(|error| wrong(&error))?;
            let entry = Entry::parse(entry).map_err(|error| wrong(&error))?;
            let statement = entry.statement();
            let payload = statement.payload();
            // What an issuer withholds no copy of the log has, until a disclosure opens it.
            for field in payload.addenda().keys().filter(|field| !payload.withheld().contains_key(field)) {
                bytes += self.take(&mut texts, place, statement, *field, said)?;
            }
            if payload.kind() == StatementType::Disclosure {
                let target = said.opened_by(statement);
                let (place, opened) = target.ok_or_else(|| wrong(&"it opens texts of no entry"))?;
                for field in payload.names(FieldName::FIELDS) {
                    bytes += self.take(&mut texts, *place, opened, *field, said)?;
                }
            }
            if bytes > STAGE_BYTES_MAX {
                return Err(CatchUpError::TooFar { mirror: mirror(), from, to });
            }
            self.progress.complete += 1;
            self.progress.texts = self.progress.texts.saturating_add(payload.addenda().len() as u64);
            (self.watch)(self.progress);
        }
        Ok(texts)
    }

    /// Fetches one text of an entry; how many bytes it has.
    fn take(
        &self,
        texts: &mut Texts,
        index: LeafIndex,
        statement: &Statement,
        field: FieldName,
        said: &Said,
    ) -> Result<usize, CatchUpError> {
        let fault = |rule: String| {
            let (mirror, field) = (self.mirror.name(), field.to_string());
            CatchUpError::Text { mirror, index: index.get(), field, rule }
        };
        let digest = statement.payload().addenda().get(&field);
        let digest = *digest.ok_or_else(|| fault("the entry commits to no such text".to_owned()))?;
        let text = self.text(statement, &digest).map_err(|error| self.failed(error))?.map_err(fault)?;
        match text {
            Some(bytes) => {
                let length = bytes.len();
                texts.served.push(StagedAddendum { entry: index, digest, bytes });
                Ok(length)
            }
            None if said.redacts(statement, field) => {
                texts.erased.push(StagedAddendum { entry: index, digest, bytes: Vec::new() });
                Ok(0)
            }
            None => Err(fault(
                "the mirror says that it was redacted, and the log does not: no redaction of it counts"
                    .to_owned(),
            )),
        }
    }

    /// The bytes of a text, checked against the statement; `None` if it was redacted; or what is wrong with it.
    fn text(
        &self,
        statement: &Statement,
        digest: &Digest,
    ) -> Result<Result<Option<Vec<u8>>, String>, MirrorError> {
        let bytes = match self.mirror.addendum(digest)? {
            MirrorText::Served(bytes) => bytes,
            MirrorText::Redacted => return Ok(Ok(None)),
            MirrorText::Withheld => {
                return Ok(Err(
                    "the mirror says that it is withheld, and the signed entries do not".to_owned()
                ));
            }
        };
        if Digest::of(&bytes) != *digest {
            return Ok(Err(format!("its SHA-256 is not {digest}, to which the entry commits")));
        }
        let owned = Addendum::parse(&bytes)
            .map_err(|error| error.to_string())
            .and_then(|text| text.check_owner(statement).map_err(|error| error.to_string()));
        Ok(owned.map(|()| Some(bytes)))
    }

    fn failed(&self, error: MirrorError) -> CatchUpError {
        CatchUpError::Mirror { mirror: self.mirror.name(), error }
    }
}
