//! Reading from the ledger, a few at a time; and finding in it what may take a look-up that is not there yet.

use std::sync::Arc;

use glasshouse_ledger::reader::Reader;
use tokio::sync::Semaphore;

use crate::limits::READS_AT_ONCE;
use crate::look_ups::LookUps;
use crate::problem::{Kind, Problem};

/// The published ledger, read in turn.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    reader: Reader,
    look_ups: LookUps,
    turns: Arc<Semaphore>,
}

impl Reading {
    /// Nobody reads yet.
    pub(crate) fn new(reader: Reader, look_ups: LookUps) -> Reading {
        Reading { reader, look_ups, turns: Arc::new(Semaphore::new(READS_AT_ONCE)) }
    }

    /// Who reads, for what takes no turn.
    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Reads in a turn, on a thread that may block.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn =
            Arc::clone(&self.turns).acquire_owned().await.map_err(|error| Problem::internal(&error))?;
        let reader = self.reader.clone();
        let work = tokio::task::spawn_blocking(move || {
            let answer = read(&reader);
            drop(turn);
            answer
        });
        work.await.map_err(|error| Problem::internal(&error))?
    }

    /// Reads what a look-up leads to. Where the look-ups lack what was published by now, they are waited for, for a moment and
    /// without a turn, and it is read again.
    ///
    /// # Errors
    /// `look-ups-behind`, if they are still behind; and those of `look`.
    pub(crate) async fn look_up<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Reader) -> Result<T, Problem> + Clone + Send + 'static,
    ) -> Result<T, Problem> {
        let published = self.reader.head().size();
        match self.read(look.clone()).await {
            Err(problem) if problem.slug() == Kind::LOOK_UPS_BEHIND.slug => {}
            answer => return answer,
        }
        self.look_ups.reach(&self.reader, published).await;
        self.read(look).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use std::time::Duration;

    use axum::http::header;
    use axum::response::IntoResponse as _;
    use glasshouse_ledger::ledger::{InitOptions, Ledger, OpenOptions};
    use glasshouse_ledger::open::{Hold, Opened};
    use glasshouse_ledger::witnessing::Publication;
    use glasshouse_verifier::origin::Origin;

    use super::*;
    use crate::problem::Progress;
    use crate::system_clock::SystemClock;

    const AN_HOUR: Duration = Duration::from_secs(3_600);

    /// A log of one entry, which its look-ups do not cover yet.
    fn opened() -> (tempfile::TempDir, Opened) {
        let folder = tempfile::tempdir().unwrap();
        let (made, clock) = (folder.path().join("ledger"), Arc::new(SystemClock));
        let options = InitOptions {
            folder: made.clone(),
            origin: Origin::parse("log.example").unwrap(),
            registrar_key: folder.path().join("registrar.pem"),
            purpose: "test".to_owned(),
            policy: None,
            contact: None,
        };
        Ledger::init(&options, clock.clone()).unwrap();
        let (seen, hold, publication) = (Vec::new(), Hold::NONE, Publication::AtOnce);
        (folder, Ledger::open(&OpenOptions { folder: made, clock, seen, hold, publication }).unwrap())
    }

    /// As it is while they are further behind than a step.
    fn look(reader: &Reader) -> Result<u64, Problem> {
        let size = reader.head().size();
        match reader.look_ups_cover(size).unwrap() {
            true => Ok(size.get()),
            false => Err(Problem::look_ups_behind(Progress { indexed: 0, size: size.get() })),
        }
    }

    /// Two who asked by hash while look-ups were built kept everybody else from reading until they were.
    #[tokio::test]
    async fn who_waits_for_look_ups_keeps_nobody_from_reading() {
        let (_folder, opened) = opened();
        let look_ups = LookUps::new(AN_HOUR);
        let reading = Reading::new(opened.reader, look_ups.clone());
        let wait = |_| {
            let reading = reading.clone();
            tokio::spawn(async move { reading.look_up(look).await })
        };
        let waiting: Vec<_> = (0..READS_AT_ONCE).map(wait).collect();
        while look_ups.waiting() < waiting.len() {
            tokio::task::yield_now().await;
        }
        assert_eq!(reading.turns.available_permits(), READS_AT_ONCE);
        assert_eq!(reading.read(|reader| Ok(reader.head().size().get())).await.unwrap(), 1);
        // A step that does not do wakes them, and they wait on.
        look_ups.stepped();
        assert!(reading.reader().catch_up_some().unwrap());
        look_ups.stepped();
        for waiting in waiting {
            assert_eq!(waiting.await.unwrap().unwrap(), 1);
        }
    }

    #[tokio::test]
    async fn who_has_waited_is_told_how_far_they_are() {
        let (_folder, opened) = opened();
        let reading = Reading::new(opened.reader, LookUps::new(Duration::ZERO));
        let problem = reading.look_up(look).await.unwrap_err();
        assert_eq!(problem.slug(), "look-ups-behind");
        assert!(problem.detail.contains("0 of 1 entries"), "{}", problem.detail);
        assert_eq!(problem.progress.as_deref(), Some(&Progress { indexed: 0, size: 1 }));
        let response = problem.into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()[header::RETRY_AFTER], "5");
        // What needs no look-up is read all the same.
        assert!(reading.read(|reader| Ok(reader.head())).await.is_ok());
        assert_eq!(reading.turns.available_permits(), READS_AT_ONCE);
    }
}
