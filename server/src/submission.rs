//! A batch of submissions on its way through the server: walked, admitted, handed to the writer, answered.

use std::collections::HashMap;
use std::sync::Arc;

use glasshouse_ledger::admission::Admitted;
use glasshouse_ledger::rejection::Rejection;
use glasshouse_ledger::writer::Answer;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::registry::KeySnapshot;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::submission::{SubmissionSlices, walk_batch};
use serde::Serialize;

use crate::app_state::AppState;
use crate::body::Received;
use crate::client_address::ClientAddress;
use crate::named_key;
use crate::problem::{Kind, Problem};
use crate::storage::Matter;
use crate::writer_thread::{Holder, NotTaken, Portion};

/// What became of one submission.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(tag = "status", rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// On record now, under a published checkpoint.
    Accepted {
        /// Place of the entry.
        index: u64,
        /// Leaf hash of the entry, 64 hex digits.
        leaf_hash: String,
    },
    /// The same statement was on record before; its first place.
    Duplicate {
        /// Place of the first entry.
        index: u64,
        /// Leaf hash of the first entry, 64 hex digits.
        leaf_hash: String,
    },
    /// Not taken.
    Rejected {
        /// Why, with every wrong field.
        problem: Problem,
    },
}

impl Outcome {
    /// Whether the statement is on record.
    pub(crate) fn stands(&self) -> bool {
        !matches!(self, Outcome::Rejected { .. })
    }

    fn of(item: usize, answer: Answer) -> Outcome {
        match answer {
            Answer::Accepted { index, leaf_hash } => {
                Outcome::Accepted { index: index.get(), leaf_hash: leaf_hash.to_hex() }
            }
            Answer::Duplicate { index, leaf_hash } => {
                Outcome::Duplicate { index: index.get(), leaf_hash: leaf_hash.to_hex() }
            }
            Answer::Rejected(rejection) => Outcome::Rejected { problem: Problem::of_item(item, &rejection) },
        }
    }

    /// While statements are refused for lack of room, an entry that nobody knows may be one of them: what is about it comes again with it.
    fn on_a_full_disk(self) -> Outcome {
        let detail = "what it is about is not on record, and may be one of the statements that the ledger's full disk keeps out";
        match self {
            Outcome::Rejected { problem } if problem.slug() == Kind::TARGET_UNKNOWN.slug => {
                Outcome::Rejected { problem: Problem::new(Kind::STORAGE_FULL, detail) }
            }
            outcome => outcome,
        }
    }

    /// What the counters call it.
    fn name(&self) -> &str {
        match self {
            Outcome::Accepted { .. } => "accepted",
            Outcome::Duplicate { .. } => "duplicate",
            Outcome::Rejected { problem } => problem.slug(),
        }
    }
}

/// A batch after its checks that need no order: for each item the statement, or why it is refused.
pub(crate) struct Checked {
    client: ClientAddress,
    items: Vec<Result<Admitted, Problem>>,
}

impl Checked {
    /// The most urgent of what stands, as far as room on the disk is concerned.
    pub(crate) fn matter(&self) -> Matter {
        let standing = self.items.iter().flatten();
        match standing.map(matter_of).any(|matter| matter == Matter::Protecting) {
            true => Matter::Protecting,
            false => Matter::Ordinary,
        }
    }

    /// Whether nothing was refused so far.
    pub(crate) fn all_stand(&self) -> bool {
        self.items.iter().all(Result::is_ok)
    }
}

/// Whether the writer's answers are waited for however long they take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// No longer than a client waits, and not without a quorum.
    Ends,
    /// Until they come or the server ends: the client was told to ask again.
    Lasts,
}

/// Takes a body through to its answers, one for each item in order.
///
/// # Errors
/// The whole body is refused, and nothing of it taken: it is no batch, there is no room, or the writer has stopped.
pub(crate) async fn submit(
    state: &Arc<AppState>,
    client: ClientAddress,
    body: Received,
) -> Result<Vec<Outcome>, Problem> {
    let checked = check(state, client, body).await?;
    settle(state, checked, Patience::Ends).await
}

/// Hands what stands to the writer and waits for its answers, one for each item in order.
///
/// # Errors
/// There is no room in the queue or on the disk, or the writer has stopped.
pub(crate) async fn settle(
    state: &Arc<AppState>,
    checked: Checked,
    patience: Patience,
) -> Result<Vec<Outcome>, Problem> {
    // While the body came and was checked, others may have filled the disk.
    if checked.items.iter().any(Result::is_ok) {
        state.storage.check(checked.matter())?;
    }
    let is_full = state.storage.check(Matter::Ordinary).err();
    let mut outcomes: Vec<Option<Outcome>> = Vec::with_capacity(checked.items.len());
    let (mut work, mut places) = (Vec::new(), Vec::new());
    for (item, result) in checked.items.into_iter().enumerate() {
        outcomes.push(match (result, &is_full) {
            (Ok(admitted), Some(problem)) if matter_of(&admitted) == Matter::Ordinary => {
                Some(Outcome::Rejected { problem: problem.clone() })
            }
            (Ok(admitted), _) => {
                places.push(item);
                work.push(admitted);
                None
            }
            (Err(problem), _) => Some(Outcome::Rejected { problem }),
        });
    }
    if !work.is_empty() {
        let portions = state.reader.with_registry(|published| {
            portions(checked.client, work.iter().map(piece_of), |iss, number| published.is_taken(iss, number))
        });
        let answers = state.queue.hand_in_of(portions, work).map_err(not_taken)?;
        let answers = tokio::select! {
            // The writer has failed and the process ends: what it had in hand is judged at the next start.
            answers = answers => answers.map_err(|_| stopped())?,
            () = state.patience_ends(patience) => return Err(late(state)),
        };
        for (item, answer) in places.into_iter().zip(answers) {
            let outcome = Outcome::of(item, answer);
            outcomes[item] = Some(if is_full.is_some() { outcome.on_a_full_disk() } else { outcome });
        }
    }
    let outcomes: Vec<Outcome> = outcomes.into_iter().flatten().collect();
    outcomes.iter().for_each(|outcome| state.measure.statement(outcome.name()));
    Ok(outcomes)
}

/// Walks the body and checks each submission, on threads that may compute, when its client and the provider that it names have
/// their turn.
///
/// # Errors
/// The body is no batch.
pub(crate) async fn check(
    state: &Arc<AppState>,
    client: ClientAddress,
    body: Received,
) -> Result<Checked, Problem> {
    // A key that nobody knows costs no check of a signature, so all of these are one.
    let named = named_key::of_batch(&body.bytes).filter(|kid| state.reader.keys().get(kid).is_some());
    let turn = state.admissions.take(client, named).await;
    let state = Arc::clone(state);
    let work = tokio::task::spawn_blocking(move || {
        let checked = check_now(&state, client, &body);
        drop((body, turn));
        checked
    });
    work.await.map_err(|error| Problem::internal(&error))?
}

fn check_now(state: &AppState, client: ClientAddress, body: &Received) -> Result<Checked, Problem> {
    let walked = walk_batch(&body.bytes).map_err(|error| {
        let kind = Kind::of_slug(error.slug()).unwrap_or(Kind::NOT_CBOR);
        Problem::new(kind, error.to_string())
    })?;
    let mut items: Vec<Option<Result<Admitted, Problem>>> = Vec::with_capacity(walked.len());
    let (mut batch, mut places) = (Vec::new(), Vec::new());
    for (item, slices) in walked.into_iter().enumerate() {
        items.push(match slices {
            Ok(slices) => {
                places.push(item);
                batch.push(slices);
                None
            }
            Err(error) => {
                let rejection = Rejection::new(error.slug(), error.to_string());
                Some(Err(Problem::of_item(item, &rejection)))
            }
        });
    }
    let (keys, now) = (state.reader.keys(), state.clock.now_ms() / 1000);
    check_room(state, &keys, &batch)?;
    let admitted = state.admission.admit_batch(&batch, &keys, now);
    for (item, result) in places.into_iter().zip(admitted) {
        items[item] = Some(result.map_err(|rejection| Problem::of_item(item, &rejection)));
    }
    Ok(Checked { client, items: items.into_iter().flatten().collect() })
}

/// Refuses what the queue has no room for before its signatures are checked: more than is taken would otherwise cost what is
/// taken. A provider's share counts where first and last name one key; what each really has is known only once signatures stand.
fn check_room(state: &AppState, keys: &KeySnapshot, batch: &[SubmissionSlices<'_>]) -> Result<(), Problem> {
    let bytes = |one: &SubmissionSlices<'_>| {
        one.statement.len() + one.addenda.iter().map(|text| text.len()).sum::<usize>()
    };
    let (statements, bytes) = (batch.len(), batch.iter().map(bytes).sum());
    let named = |one: Option<&SubmissionSlices<'_>>| named_key::of_statement(one?.statement);
    let one = named(batch.first()).filter(|kid| named(batch.last()) == Some(*kid));
    let portion = one.and_then(|kid| keys.get(&kid)).map(|key| {
        let holder = Holder::Provider(key.owner().clone());
        Portion { holder, statements, bytes }
    });
    state.queue.check_room(portion.as_ref(), statements, bytes).map_err(not_taken)
}

/// What a statement takes room by: its author, its number and what it weighs.
fn piece_of(admitted: &Admitted) -> (&Issuer, Sequence, usize) {
    let statement = admitted.statement();
    (&statement.claims().iss, statement.payload().sequence(), admitted.weight())
}

/// Whose room statements take whose signatures stand. One whose number is on record can be anybody's copy, and takes nothing from
/// its author.
fn portions<'a>(
    client: ClientAddress,
    pieces: impl Iterator<Item = (&'a Issuer, Sequence, usize)>,
    is_on_record: impl Fn(&Issuer, Sequence) -> bool,
) -> Vec<Portion> {
    let mut portions: HashMap<Option<&Issuer>, (usize, usize)> = HashMap::new();
    for (iss, number, weight) in pieces {
        let provider = Some(iss).filter(|iss| !is_on_record(iss, number));
        let (statements, bytes) = portions.entry(provider).or_default();
        (*statements, *bytes) = (*statements + 1, *bytes + weight);
    }
    let portion = |(provider, (statements, bytes)): (Option<&Issuer>, (usize, usize))| {
        let sender = || Holder::Sender(client.get());
        let holder = provider.map_or_else(sender, |issuer| Holder::Provider(issuer.clone()));
        Portion { holder, statements, bytes }
    };
    portions.into_iter().map(portion).collect()
}

fn matter_of(admitted: &Admitted) -> Matter {
    Matter::of(admitted.statement().payload().kind())
}

fn not_taken(reason: NotTaken) -> Problem {
    match reason {
        NotTaken::Full => Problem::new(Kind::OVERLOADED, "too many statements wait for their place"),
        NotTaken::TooMany => Problem::new(
            Kind::OVERLOADED,
            "too many statements of one provider or sender wait for their place",
        ),
        NotTaken::Stopped => stopped(),
    }
}

/// The statements may get their places all the same: whoever sends them again is told.
fn late(state: &AppState) -> Problem {
    let overloaded = || Problem::new(Kind::OVERLOADED, "the answer took too long");
    state.check_quorum().err().unwrap_or_else(overloaded)
}

fn stopped() -> Problem {
    let detail = "the ledger has stopped; whether it took the statements shows when they are sent again, which is safe";
    Problem::new(Kind::NOT_READY, detail)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use std::net::IpAddr;

    /// Whoever sent public statements again filled their author's share of the queue, whose own were refused then.
    #[test]
    fn what_is_on_record_takes_the_room_of_who_sends_it() {
        let issuer = |name: &str| Issuer::parse_provider(&format!("https://{name}.example")).unwrap();
        let (one, other) = (issuer("one"), issuer("other"));
        let number = |number| Sequence::new(number).unwrap();
        let pieces = [
            (&one, number(1), 10),
            (&one, number(2), 20),
            (&other, number(1), 40),
            (&one, number(3), 80),
            (&other, number(2), 160),
        ];
        let address: IpAddr = [192, 0, 2, 1].into();
        let is_on_record = |_: &Issuer, at: Sequence| at <= number(2);
        let portions = portions(ClientAddress::of(address), pieces.into_iter(), is_on_record);
        let mut portions: Vec<_> =
            portions.into_iter().map(|one| (one.bytes, one.statements, one.holder)).collect();
        portions.sort_by_key(|(bytes, ..)| *bytes);
        assert_eq!(portions, [(80, 1, Holder::Provider(one)), (230, 4, Holder::Sender(address))]);
    }
}
