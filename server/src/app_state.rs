//! What the routes of one server share.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use glasshouse_ledger::admission::Admission;
use glasshouse_ledger::clock::Clock;
use glasshouse_ledger::cose_receipts::CoseReceiptFailure;
use glasshouse_ledger::index::IndexError;
use glasshouse_ledger::reader::{ReadError, Reader};
use glasshouse_verifier::day::Day;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::instant::Instant;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::size::LeafIndex;
use serde::Serialize;

use crate::budget::Budget;
use crate::client_address::ClientAddress;
use crate::export_places::ExportPlaces;
use crate::fair_budget::FairBudget;
use crate::limits::{
    ADMISSIONS_AT_ONCE, ANSWER_TIMEOUT, ANSWERS_IN_FLIGHT, BODIES_IN_FLIGHT, DRAFTS_AT_ONCE,
    DRAFTS_IN_FLIGHT, ENTRIES_PENDING, SMALL_ANSWER,
};
use crate::measure::Measure;
use crate::pages::verify::VerifyPage;
use crate::pending::Pending;
use crate::problem::{Kind, Problem, Progress};
use crate::publisher::Publisher;
use crate::reading::Reading;
use crate::search::Search;
use crate::storage::Storage;
use crate::submission::Patience;
use crate::turns::Turns;
use crate::witnesses::board::Board;
use crate::writer_thread::Queue;

/// Shared by all routes, behind an [`Arc`].
pub(crate) struct AppState {
    /// The server's counters.
    pub(crate) measure: Arc<Measure>,
    /// The log's origin.
    pub(crate) origin: Origin,
    /// The published ledger.
    pub(crate) reader: Reader,
    /// The search over it; what is answered from it is made with [`AppState::searching`], and an export waits by itself.
    pub(crate) search: Search,
    /// What statements must be like.
    pub(crate) admission: Admission,
    /// The way to the writer.
    pub(crate) queue: Queue<Publisher>,
    /// How it goes with the witnesses, if there are any.
    pub(crate) board: Option<Arc<Board>>,
    /// Whether there is room on the disk.
    pub(crate) storage: Arc<Storage>,
    /// Statements over the SCITT reference API that are not answered.
    pub(crate) pending: Pending,
    /// The page that checks receipts.
    pub(crate) verify_page: VerifyPage,
    /// Time for admission.
    pub(crate) clock: Arc<dyn Clock>,
    /// Room for bodies.
    pub(crate) bodies: FairBudget<ClientAddress>,
    /// Room for bodies of drafts.
    pub(crate) draft_bodies: FairBudget<ClientAddress>,
    /// Room for answers.
    pub(crate) answers: Budget,
    /// Turns of checking a batch.
    pub(crate) admissions: Turns,
    /// Turns of looking at drafts.
    pub(crate) drafts: Turns,
    /// Turns of streaming an export.
    pub(crate) exports: ExportPlaces,
    /// Reading from the ledger in turn.
    reading: Reading,
}

impl AppState {
    /// The state of a server over one ledger.
    pub(crate) fn new(
        measure: Arc<Measure>,
        reading: Reading,
        search: Search,
        queue: Queue<Publisher>,
        board: Option<Arc<Board>>,
        storage: Arc<Storage>,
        clock: Arc<dyn Clock>,
    ) -> AppState {
        let reader = reading.reader().clone();
        let origin = reader.with_registry(|registry| registry.origin().clone());
        AppState {
            measure,
            admission: Admission::new(origin.clone()),
            origin,
            reader,
            search,
            queue,
            board,
            storage,
            pending: Pending::new(ENTRIES_PENDING),
            verify_page: VerifyPage::default(),
            clock,
            bodies: FairBudget::new(BODIES_IN_FLIGHT),
            draft_bodies: FairBudget::new(DRAFTS_IN_FLIGHT),
            answers: Budget::new(ANSWERS_IN_FLIGHT),
            admissions: Turns::new(ADMISSIONS_AT_ONCE),
            drafts: Turns::new(DRAFTS_AT_ONCE),
            exports: ExportPlaces::default(),
            reading,
        }
    }

    /// The day by the ledger's clock, in UTC.
    ///
    /// # Errors
    /// `internal`, before 1990 and after 2099.
    pub(crate) fn today(&self) -> Result<Day, Problem> {
        let day = Instant::new(self.clock.now_ms() / 1_000).and_then(Instant::day);
        day.ok_or_else(|| Problem::internal(&"the clock shows no day from 1990 to 2099"))
    }

    /// Becomes ready when an answer of the writer is waited for no longer: after the time that a client waits, if it is one
    /// that waits, and soon when the server is to end, for then there may never be a quorum.
    pub(crate) async fn patience_ends(&self, patience: Patience) {
        let closed = async {
            match &self.board {
                Some(board) => board.closed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = tokio::time::sleep(ANSWER_TIMEOUT), if patience == Patience::Ends => {}
            () = closed => {}
        }
    }

    /// Refuses while nothing can be answered for lack of a quorum.
    ///
    /// # Errors
    /// `no-quorum`, with everything that an operator needs to know.
    pub(crate) fn check_quorum(&self) -> Result<(), Problem> {
        match self.board.as_ref().and_then(|board| board.why_stalled()) {
            Some(why) => Err(Problem::new(Kind::NO_QUORUM, why)),
            None => Ok(()),
        }
    }

    /// Refuses to show anything that carries the log's signature while a quorum is required and the published tree has none.
    ///
    /// # Errors
    /// `no-quorum`.
    pub(crate) fn check_shown(&self) -> Result<(), Problem> {
        check_shown(self.board.as_deref())
    }

    /// Reads from the ledger on a thread that may block.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.reading.read(read).await
    }

    /// The same for what a look-up leads to, which waits for the look-ups where they are behind.
    ///
    /// # Errors
    /// `look-ups-behind`, if they are far behind; and those of `look`.
    pub(crate) async fn look_up<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Reader) -> Result<T, Problem> + Clone + Send + 'static,
    ) -> Result<T, Problem> {
        self.reading.look_up(look).await
    }

    /// The place in the published tree of the entry that a path names.
    ///
    /// # Errors
    /// `not-found`; `look-ups-behind`, only where it is named by its hash; `internal` where the ledger cannot be read.
    pub(crate) async fn find(&self, name: EntryName) -> Result<LeafIndex, Problem> {
        let place = match name {
            EntryName::Index(index) => Some(index).filter(|index| index.is_in(self.reader.head().size())),
            EntryName::Leaf(leaf) => self.look_up(move |reader| reader.find(&leaf).map_err(failed)).await?,
        };
        place.ok_or_else(|| Problem::not_found("the log has no such entry"))
    }

    /// Waits, without a turn of reading, until the search covers what is published: everything that is answered from it begins
    /// here.
    pub(crate) async fn searching(&self) -> Search {
        self.search.catch_up(&self.reader).await;
        self.search.clone()
    }

    /// Reads from the ledger and makes the bytes of an answer, which have their place in the budget until they were
    /// sent. The turn of reading ends once they have it.
    pub(crate) async fn answer(
        &self,
        make: impl FnOnce(&Reader) -> Result<Vec<u8>, Problem> + Send + 'static,
    ) -> Result<Bytes, Problem> {
        let answers = self.answers.clone();
        self.read(move |reader| held(&answers, make(reader)?)).await
    }

    /// Like [`AppState::answer`], with something that is sent as JSON.
    pub(crate) async fn answer_json<T: Serialize>(
        &self,
        make: impl FnOnce(&Reader) -> Result<T, Problem> + Send + 'static,
    ) -> Result<Response, Problem> {
        let json = move |reader: &Reader| {
            serde_json::to_vec(&make(reader)?).map_err(|error| Problem::internal(&error))
        };
        let body = self.answer(json).await?;
        let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
        Ok((headers, body).into_response())
    }
}

/// The same by a board, where there is one.
///
/// # Errors
/// `no-quorum`.
pub(crate) fn check_shown(board: Option<&Board>) -> Result<(), Problem> {
    match board.and_then(Board::why_held_back) {
        Some(why) => Err(Problem::new(Kind::NO_QUORUM, why)),
        None => Ok(()),
    }
}

/// Bytes of an answer with their share of the budget, which they give back when they were sent.
///
/// # Errors
/// `overloaded`, if the budget has not that much left.
pub(crate) fn held(answers: &Budget, mut bytes: Vec<u8>) -> Result<Bytes, Problem> {
    if bytes.len() <= SMALL_ANSWER {
        return Ok(bytes.into());
    }
    bytes.shrink_to_fit();
    match answers.take(bytes.len()) {
        Some(share) => Ok(share.hold(bytes)),
        None => Err(Problem::new(Kind::OVERLOADED, "too many great answers are being sent")),
    }
}

/// What a path names an entry by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryName {
    /// Its place.
    Index(LeafIndex),
    /// Its leaf hash.
    Leaf(LeafHash),
}

impl EntryName {
    /// Reads a decimal index or 64 lower-case hex digits.
    ///
    /// # Errors
    /// `bad-request`.
    pub(crate) fn parse(text: &str) -> Result<EntryName, Problem> {
        if let Ok(leaf) = LeafHash::from_hex(text) {
            return Ok(EntryName::Leaf(leaf));
        }
        let allowed = "a decimal index, or a leaf hash of 64 lower-case hex digits";
        let index =
            LeafIndex::parse(text).map_err(|_| Problem::of_parameter("entry", "grammar", text, allowed))?;
        Ok(EntryName::Index(index))
    }
}

/// A ledger that cannot be read is never the asker's fault: the routes check what they ask for. But its look-ups may be behind,
/// and it may have no key for COSE receipts, or only one entry.
pub(crate) fn failed(error: ReadError) -> Problem {
    match error {
        ReadError::CoseReceipt(CoseReceiptFailure::NoKey) => {
            Problem::new(Kind::NO_RECEIPT_KEY, "the ledger was started without its receipt key")
        }
        ReadError::CoseReceipt(CoseReceiptFailure::EmptyPath) => {
            Problem::not_found("a log of one entry has no COSE receipt: its path would be empty")
        }
        ReadError::Index(IndexError::Behind { covered, size }) => {
            Problem::look_ups_behind(Progress { indexed: covered, size })
        }
        error => Problem::internal(&error),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    /// They were a failure of the ledger, 500, to whoever asked meanwhile.
    #[test]
    fn look_ups_that_are_being_built_are_no_failure() {
        let problem = failed(ReadError::Index(IndexError::Behind { covered: 4_096, size: 9_000 }));
        assert_eq!((problem.slug(), problem.status), ("look-ups-behind", 503));
        assert_eq!(problem.detail, "the look-ups are being built: 4096 of 9000 entries are covered");
        let response = problem.into_response();
        assert_eq!(
            (response.status().as_u16(), &response.headers()[header::RETRY_AFTER]),
            (503, &"5".parse().unwrap())
        );
    }

    #[test]
    fn an_answer_has_its_place_until_it_was_sent() {
        let answers = Budget::new(20 << 10);
        let first = held(&answers, vec![0; 12 << 10]).unwrap();
        let refused = held(&answers, vec![0; 12 << 10]).unwrap_err();
        assert_eq!(refused.slug(), "overloaded");
        assert_eq!(held(&answers, vec![0; SMALL_ANSWER]).unwrap().len(), SMALL_ANSWER);
        drop(first);
        assert!(held(&answers, vec![0; 12 << 10]).is_ok());
    }
}
