//! The log: the ledger's own admission, writer and reader, driven as `server/src/writer_thread/pace.rs` and
//! `server/src/publisher.rs` drive them. Those two wait on channels and the machine's clock, so their decisions stand here
//! once more, over simulated time: when a round, a publication and a settling are due, who is asked, who is answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use glasshouse_ledger::admission::Admission;
use glasshouse_ledger::clock::Clock;
use glasshouse_ledger::contradiction::Testimony;
use glasshouse_ledger::index::Index;
use glasshouse_ledger::log_signer::LogSigner;
use glasshouse_ledger::open::{Hold, OpenError, Opened, open_store};
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::rejection::Rejection;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_ledger::writer::{Answer, RoundReport, Ticket, Writer, WriterError};
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::submission::walk_batch;
use glasshouse_verifier::vkey::Vkey;

use super::asker::{Asker, Heard, Question, TIMEOUT_MS};
use super::clock::SimulatedClock;
use super::disk::Disk;
use super::network::Node;

/// Statements that may wait for their answers; the server's own bound is 20,000.
pub(super) const QUEUE_MAX: usize = 24;
const ROUND_MS: u64 = 50;
const SETTLE_MS: u64 = 1_000;
const ASK_MS: u64 = 60_000;
const INTERVAL_MS: u64 = 1_000;
const RECOSIGN_MS: u64 = 600_000;
/// After so long a submitter is told to come back.
const ANSWER_TIMEOUT_MS: u64 = 40_000;

/// How the log publishes.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) signer: LogSigner,
    pub(super) policy: Option<Policy>,
    pub(super) require_quorum: bool,
    pub(super) hold_ms: u64,
    /// Each witness's keys.
    pub(super) witnesses: Vec<Vec<Vkey>>,
}

/// What becomes of one submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    Answers(Vec<Answer>),
    /// 503, or 429: later.
    Busy,
    /// 400: no batch.
    NoBatch,
}

/// What leaves the log.
#[derive(Debug)]
pub(super) enum Out {
    Reply { to: Node, request: u64, reply: Reply },
    Ask { witness: usize, number: u64, question: Question },
}

struct Batch {
    to: Node,
    request: u64,
    came: u64,
    answers: Vec<Option<Answer>>,
}

/// Whom the log asks, and where a publication stands.
struct Asking {
    askers: Vec<Asker>,
    heard: Vec<Heard>,
    asked: Option<u64>,
    looked: Option<u64>,
}

/// A log that runs.
pub(super) struct Running {
    pub(super) writer: Writer,
    pub(super) reader: Reader,
    pub(super) life: u64,
    clock: Arc<SimulatedClock>,
    admission: Admission,
    pooled: usize,
    next_round: u64,
    own_work: Option<u64>,
    settle_at: Option<u64>,
    publish_at: Option<u64>,
    tickets: BTreeMap<Ticket, (u64, usize)>,
    batches: BTreeMap<u64, Batch>,
    next_batch: u64,
    asking: Option<Asking>,
}

/// Opens what lies on a disk.
pub(super) fn open(
    disk: &Arc<Disk>,
    clock: &Arc<SimulatedClock>,
    settings: &Settings,
    shown: Vec<Testimony>,
) -> Result<Opened, OpenError> {
    let publication = match settings.policy.clone() {
        None => Publication::AtOnce,
        Some(policy) => Publication::Witnessed { policy, require_quorum: settings.require_quorum, shown },
    };
    let store: Arc<dyn Store> = Arc::clone(disk) as Arc<dyn Store>;
    let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
    let hold = Hold::Ms(settings.hold_ms);
    open_store(store, settings.signer.clone(), clock, Index::temporary()?, hold, publication, &[])
}

fn is_past(due: Option<u64>, now: u64) -> bool {
    due.is_some_and(|due| due <= now)
}

impl Running {
    pub(super) fn new(
        opened: Opened,
        settings: &Settings,
        clock: &Arc<SimulatedClock>,
        (life, now): (u64, u64),
    ) -> Running {
        let Opened { writer, reader, .. } = opened;
        let asking = settings.policy.as_ref().map(|_| Asking {
            askers: settings.witnesses.iter().cloned().map(Asker::new).collect(),
            heard: Vec::new(),
            asked: None,
            looked: None,
        });
        let admission = Admission::new(settings.signer.origin().clone());
        let mut running = Running {
            writer,
            reader,
            life,
            clock: Arc::clone(clock),
            admission,
            pooled: 0,
            next_round: now,
            own_work: None,
            settle_at: None,
            publish_at: None,
            tickets: BTreeMap::new(),
            batches: BTreeMap::new(),
            next_batch: 0,
            asking,
        };
        running.own_work = running.due_by_itself(now);
        running.publish_at = running.next_publication(now);
        running
    }

    fn due_by_itself(&self, now: u64) -> Option<u64> {
        let due_ms = self.writer.next_erasing_ms()?;
        Some(now + due_ms.saturating_sub(self.clock.now_ms()).min(ASK_MS))
    }

    pub(super) fn pooled(&self) -> usize {
        self.pooled
    }

    /// Takes a body that a client sent.
    pub(super) fn submit(&mut self, now: u64, to: Node, request: u64, body: &[u8]) -> Vec<Out> {
        let reply = |reply| vec![Out::Reply { to, request, reply }];
        let Ok(items) = walk_batch(body) else { return reply(Reply::NoBatch) };
        if self.tickets.len() + items.len() > QUEUE_MAX || self.writer.held_back().is_some() {
            return reply(Reply::Busy);
        }
        let (keys, seconds) = (self.reader.keys(), self.clock.seconds());
        let number = self.next_batch;
        self.next_batch += 1;
        let mut answers = Vec::new();
        for (position, item) in items.into_iter().enumerate() {
            let slices = match item {
                Ok(slices) => slices,
                Err(error) => {
                    answers.push(Some(Answer::Rejected(Rejection::new(error.slug(), error.to_string()))));
                    continue;
                }
            };
            match self.admission.admit(&slices, &keys, seconds) {
                Ok(admitted) => {
                    let ticket = self.writer.submit(admitted);
                    self.tickets.insert(ticket, (number, position));
                    self.pooled += 1;
                    answers.push(None);
                }
                Err(rejection) => answers.push(Some(Answer::Rejected(rejection))),
            }
        }
        self.batches.insert(number, Batch { to, request, came: now, answers });
        self.reply_if_complete(number).into_iter().collect()
    }

    /// A witness's answer came.
    pub(super) fn hear(
        &mut self,
        now: u64,
        witness: usize,
        answer: (u64, u16, &[u8]),
    ) -> Result<Vec<Out>, String> {
        let seconds = self.clock.seconds();
        let Some(asking) = &mut self.asking else { return Ok(Vec::new()) };
        let (heard, next) = asking.askers[witness].hear(now, seconds, answer)?;
        if !heard.is_empty() {
            self.publish_at = Some(now);
        }
        asking.heard.extend(heard);
        Ok(next.into_iter().map(|(number, question)| Out::Ask { witness, number, question }).collect())
    }

    /// Everything that is due now, and when something is due next.
    pub(super) fn turn(&mut self, now: u64, out: &mut Vec<Out>) -> Result<Option<u64>, WriterError> {
        if is_past(self.round_due(), now) {
            self.round(now, out)?;
        }
        if is_past(self.publish_at, now) {
            self.publish(now, out)?;
        }
        if is_past(self.settle_at, now) {
            self.writer.settle()?;
            // In a world as small as this one it would never be due; some starts go on from it, and some from an older one.
            if self.reader.head().size().get().is_multiple_of(3) {
                self.writer.keep_history()?;
            }
            self.settle_at = None;
        }
        self.give_up(now, out);
        if let Some(asking) = &mut self.asking {
            for (witness, asker) in asking.askers.iter_mut().enumerate() {
                // A proof of its own tree that the log cannot make stops it, as a round would.
                let asked = asker.turn(now).map_err(|error| WriterError::BadEntry {
                    index: glasshouse_verifier::size::LeafIndex::ZERO,
                    rule: error,
                })?;
                out.extend(asked.map(|(number, question)| Out::Ask { witness, number, question }));
            }
        }
        let askers = self.asking.iter().flat_map(|asking| &asking.askers).filter_map(Asker::due);
        let oldest = self.batches.values().map(|batch| batch.came + ANSWER_TIMEOUT_MS).min();
        let own = [self.round_due(), self.publish_at, self.settle_at, oldest].into_iter().flatten();
        Ok(own.chain(askers).min())
    }

    fn round_due(&self) -> Option<u64> {
        let asked = (self.pooled > 0 && !self.writer.is_held_up()).then_some(self.next_round);
        let own = self.own_work.map(|due| due.max(self.next_round));
        [asked, own].into_iter().flatten().min()
    }

    fn round(&mut self, now: u64, out: &mut Vec<Out>) -> Result<(), WriterError> {
        self.next_round = now + ROUND_MS;
        let report = self.writer.round()?;
        self.hand_out(now, report, out);
        self.publish_at = [self.publish_at, self.next_publication(now)].into_iter().flatten().min();
        Ok(())
    }

    /// As `Publisher::publish` with `Asking::listen`, `begin` and `look`.
    fn publish(&mut self, now: u64, out: &mut Vec<Out>) -> Result<(), WriterError> {
        let Some(asking) = &mut self.asking else {
            self.publish_at = None;
            return Ok(());
        };
        for (heard, by) in std::mem::take(&mut asking.heard).into_iter().zip(0_u64..) {
            match heard {
                // A line for a tree that is not asked about any more comes too late, which is no error.
                Heard::Cosigned { head, line, at } => drop(self.writer.take_cosignature(&head, &line, at)),
                Heard::Shows(bytes) => drop(self.writer.judge(&bytes, &format!("witness's answer {by}"))?),
            }
        }
        let pause = if self.writer.publishing().is_some() { TIMEOUT_MS } else { INTERVAL_MS };
        let is_over = |time: u64| asking.asked.is_none_or(|asked| now >= asked + time);
        let tree = match is_over(pause).then(|| self.writer.begin_publication()).flatten() {
            Some(tree) => Some(tree),
            None if self.writer.publishing().is_none() && is_over(RECOSIGN_MS) => {
                self.writer.published_tree()
            }
            None => None,
        };
        if let Some(tree) = tree {
            asking.askers.iter_mut().for_each(|asker| asker.put(tree.clone()));
            asking.asked = Some(now);
        }
        let report = self.writer.publish()?;
        asking.looked = Some(now);
        self.hand_out(now, report, out);
        self.publish_at = self.next_publication(now);
        Ok(())
    }

    /// As `Asking::due_in`.
    fn next_publication(&self, now: u64) -> Option<u64> {
        let asking = self.asking.as_ref()?;
        let Some(asked) = asking.asked else { return Some(now) };
        let pause = match (self.writer.publishing(), self.writer.has_unpublished()) {
            (Some(_), _) => TIMEOUT_MS,
            (None, true) => INTERVAL_MS,
            (None, false) => RECOSIGN_MS,
        };
        let due = asked + pause;
        match asking.looked.filter(|_| due <= now && self.writer.publishing().is_some()) {
            Some(looked) => Some(looked + TIMEOUT_MS),
            None => Some(due.max(now)),
        }
    }

    fn hand_out(&mut self, now: u64, report: RoundReport, out: &mut Vec<Out>) {
        self.pooled = self.writer.pooled();
        self.own_work = self.due_by_itself(now);
        self.settle_at.get_or_insert(now + SETTLE_MS);
        for (ticket, answer) in report.answers {
            let Some((number, position)) = self.tickets.remove(&ticket) else { continue };
            if let Some(batch) = self.batches.get_mut(&number) {
                batch.answers[position] = Some(answer);
            }
            out.extend(self.reply_if_complete(number));
        }
    }

    fn reply_if_complete(&mut self, number: u64) -> Option<Out> {
        let is_open = |batch: &Batch| batch.answers.iter().any(Option::is_none);
        if self.batches.get(&number).is_none_or(is_open) {
            return None;
        }
        let Batch { to, request, answers, .. } = self.batches.remove(&number)?;
        Some(Out::Reply { to, request, reply: Reply::Answers(answers.into_iter().flatten().collect()) })
    }

    /// Submitters who waited too long are told to come back. What they asked for goes on.
    fn give_up(&mut self, now: u64, out: &mut Vec<Out>) {
        let is_late = |batch: &Batch| now >= batch.came + ANSWER_TIMEOUT_MS;
        let late: Vec<u64> =
            self.batches.iter().filter(|(_, batch)| is_late(batch)).map(|(number, _)| *number).collect();
        for number in late {
            let Some(Batch { to, request, .. }) = self.batches.remove(&number) else { continue };
            // What waits for a round goes on to take its room in the queue.
            if self.pooled == 0 {
                self.tickets.retain(|_, (of, _)| *of != number);
            }
            out.push(Out::Reply { to, request, reply: Reply::Busy });
        }
    }
}
