//! One world: its machines, what is on its way between them, and the order in which things happen. One thread, simulated
//! time; the same seed gives the same world, to the byte.

use std::collections::BTreeMap;
use std::sync::Arc;

use glasshouse_ledger::store::Store;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::policy::Policy;

use super::asker::Question;
use super::auditor::{Auditor, Read, Shown, show};
use super::client::Client;
use super::clock::SimulatedClock;
use super::counts::Counts;
use super::dice::Dice;
use super::disk::Disk;
use super::invariants::{self, Broken, Held, hold, must};
use super::known::Known;
use super::log::{Out, QUEUE_MAX, Reply, Running, Settings, open};
use super::network::{Network, Node};
use super::trace::Trace;
use super::witness::WitnessNode;

/// What travels.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Submit { request: u64, body: Vec<u8> },
    Submitted { request: u64, reply: Reply },
    Ask { life: u64, number: u64, question: Question },
    Asked { life: u64, number: u64, status: u16, body: Vec<u8> },
    Read(Read),
    Shown(Shown),
}

/// What happens at a moment.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Arrive { from: Node, to: Node, body: Body, is_cut: bool },
    LogTurn { life: u64 },
    LogStarts,
    WitnessStarts(usize),
    Act(usize),
    ClientWakes(usize),
    Audit(usize),
    Strike,
    Forge,
    Heal(Node),
    DiskHasRoom,
}

/// The whole world.
pub(super) struct World {
    pub(super) now: u64,
    queue: BTreeMap<(u64, u64), Event>,
    next_event: u64,
    pub(super) steps: u64,
    pub(super) dice: Dice,
    pub(super) counts: Counts,
    pub(super) trace: Trace,
    pub(super) network: Network,
    pub(super) known: Known,
    pub(super) settings: Settings,
    /// What readers hold checkpoints against.
    pub(super) readers: Policy,
    pub(super) disk: Arc<Disk>,
    pub(super) clock: Arc<SimulatedClock>,
    pub(super) running: Option<Running>,
    pub(super) lives: u64,
    /// Whether the next failure of the disk takes the power with it.
    pub(super) dies_by_power: bool,
    turns_at: Option<u64>,
    file: Option<Digest>,
    pub(super) clients: Vec<Client>,
    next_request: u64,
    pub(super) witnesses: Vec<WitnessNode>,
    pub(super) auditors: Vec<Auditor>,
    pub(super) is_calm: bool,
}

/// What a world is made of.
pub(super) struct Parts {
    pub(super) network: Network,
    pub(super) settings: Settings,
    pub(super) readers: Policy,
    pub(super) disk: Arc<Disk>,
    pub(super) clock: Arc<SimulatedClock>,
    pub(super) clients: Vec<Client>,
    pub(super) witnesses: Vec<WitnessNode>,
    pub(super) auditors: usize,
}

impl World {
    pub(super) fn new(seed: u64, parts: Parts, trace: Trace) -> World {
        let Parts { network, settings, readers, disk, clock, clients, witnesses, auditors } = parts;
        World {
            now: 0,
            queue: BTreeMap::new(),
            next_event: 0,
            steps: 0,
            dice: Dice::of(seed, "world"),
            counts: Counts::default(),
            trace,
            network,
            known: Known::new(settings.signer.origin()),
            settings,
            readers,
            disk,
            clock,
            running: None,
            lives: 0,
            dies_by_power: false,
            turns_at: None,
            file: None,
            clients,
            next_request: 0,
            witnesses,
            auditors: (0..auditors).map(|_| Auditor::default()).collect(),
            is_calm: false,
        }
    }

    pub(super) fn say(&mut self, what: impl AsRef<str>) {
        self.trace.say(self.now, what);
    }

    pub(super) fn at(&mut self, time: u64, event: Event) {
        self.queue.insert((time.max(self.now), self.next_event), event);
        self.next_event += 1;
    }

    /// The next thing happens, and everything that must always be true is looked at. False if nothing is left to happen before
    /// that time.
    pub(super) fn step(&mut self, until: u64) -> Result<bool, Broken> {
        let Some(entry) = self.queue.first_entry().filter(|entry| entry.key().0 <= until) else {
            self.set_time(until);
            return Ok(false);
        };
        let ((time, _), event) = entry.remove_entry();
        self.set_time(time);
        self.steps += 1;
        self.happen(event)?;
        self.look()?;
        Ok(true)
    }

    fn set_time(&mut self, time: u64) {
        self.now = time;
        self.clock.set(time);
        self.clients.iter().for_each(|client| client.clock.set(time));
        self.witnesses.iter().for_each(|witness| witness.clock.set(time));
    }

    fn happen(&mut self, event: Event) -> Held {
        match event {
            Event::Arrive { from, to, body, is_cut } => self.arrive(from, to, body, is_cut),
            Event::LogTurn { life } => {
                self.turns_at = None;
                if self.running.as_ref().is_some_and(|running| running.life == life) {
                    return self.log_turns(Vec::new());
                }
                Ok(())
            }
            Event::LogStarts => self.log_starts(),
            Event::WitnessStarts(at) => self.witness_starts(at),
            Event::Act(at) => {
                self.act(at);
                Ok(())
            }
            Event::ClientWakes(at) => {
                self.clients[at].wakes_at = None;
                self.send_letters(at);
                Ok(())
            }
            Event::Audit(at) => {
                let read = self.auditors[at].ask(&self.known, &mut self.dice);
                self.send(Node::Auditor(at), Node::Log, Body::Read(read), 0);
                Ok(())
            }
            Event::Strike => self.strike(),
            Event::Forge => {
                self.forge();
                Ok(())
            }
            Event::Heal(node) => {
                self.heal(node);
                Ok(())
            }
            Event::DiskHasRoom => {
                self.say("the disk has room again");
                self.disk.set_full(false);
                Ok(())
            }
        }
    }

    /// Puts a message on the network. `later`: milliseconds that the sender took.
    pub(super) fn send(&mut self, from: Node, to: Node, body: Body, later: u64) {
        for flight in self.network.send(self.now, [from, to], &mut self.counts) {
            let event = Event::Arrive { from, to, body: body.clone(), is_cut: flight.is_cut };
            self.at(self.now + later + flight.delay, event);
        }
    }

    fn cut(&mut self, body: &mut Vec<u8>, is_cut: bool) {
        if is_cut && !body.is_empty() {
            body.truncate(self.dice.place(body.len()));
        }
    }

    fn arrive(&mut self, from: Node, to: Node, body: Body, is_cut: bool) -> Held {
        match (to, body) {
            (Node::Log, Body::Submit { request, mut body }) => {
                self.cut(&mut body, is_cut);
                let now = self.now;
                let Some(running) = &mut self.running else { return Ok(()) };
                let out = running.submit(now, from, request, &body);
                self.log_turns(out)
            }
            (Node::Log, Body::Asked { life, number, status, mut body }) => {
                self.cut(&mut body, is_cut);
                let (now, Node::Witness(at)) = (self.now, from) else { return Ok(()) };
                let Some(running) = self.running.as_mut().filter(|running| running.life == life) else {
                    return Ok(());
                };
                let heard = running.hear(now, at, (number, status, &body));
                let out = must("what_was_seen_can_be_proved", "a witness's size", heard)?;
                self.log_turns(out)
            }
            (Node::Log, Body::Read(read)) => self.log_shows(from, read),
            (Node::Witness(at), Body::Ask { life, number, question }) => {
                self.witness_answers(at, from, (life, number), question, is_cut)
            }
            (Node::Client(at), Body::Submitted { request, reply }) if !is_cut => {
                self.client_hears(at, request, reply)
            }
            (Node::Auditor(at), Body::Shown(shown)) if !is_cut => {
                self.auditors[at].hear(&shown, &self.known, &self.readers, &mut self.counts)
            }
            _ => Ok(()),
        }
    }

    fn log_shows(&mut self, to: Node, read: Read) -> Held {
        // What has no quorum yet is not shown: `server/src/app_state.rs`.
        let Some(running) = self.running.as_ref().filter(|running| running.writer.held_back().is_none())
        else {
            return Ok(());
        };
        let shown = show(&running.reader, read, &self.known, &mut self.counts)?;
        if let Some(Shown::Checkpoint(bytes)) = &shown {
            let keys = (self.settings.signer.vkey(), Some(&self.readers));
            invariants::what_is_published_has_its_quorum(&mut self.known, bytes, keys, "a reader is shown")?;
        }
        if let Some(shown) = shown {
            self.send(Node::Log, to, Body::Shown(shown), 0);
        }
        Ok(())
    }

    /// Lets the log do what is due, and carries away what leaves it.
    pub(super) fn log_turns(&mut self, mut out: Vec<Out>) -> Held {
        let now = self.now;
        let Some(running) = &mut self.running else { return Ok(()) };
        let turned = running.turn(now, &mut out);
        let (pooled, unpublished) = (running.pooled(), running.writer.unpublished());
        let waits = running.writer.publishing().is_some() && self.settings.require_quorum;
        let life = running.life;
        match turned {
            Err(error) => {
                // Nobody hears what a round that failed would have said.
                return self.log_fails(&error.to_string());
            }
            Ok(due) => {
                if let Some(due) = due.map(|due| due.max(now + 1))
                    && self.turns_at.is_none_or(|at| at > due)
                {
                    self.turns_at = Some(due);
                    self.at(due, Event::LogTurn { life });
                }
            }
        }
        if waits {
            self.counts.add("log: waited for its quorum");
        }
        invariants::the_backlog_is_bounded(unpublished, pooled, QUEUE_MAX)?;
        self.look()?;
        out.into_iter().try_for_each(|out| self.log_says(out))
    }

    fn log_says(&mut self, out: Out) -> Held {
        match out {
            Out::Reply { to, request, reply } => {
                if reply == Reply::Busy {
                    self.counts.add("queue: full");
                }
                self.judge_reply(&reply)?;
                self.send(Node::Log, to, Body::Submitted { request, reply }, 0);
            }
            Out::Ask { witness, number, question } => {
                if let Question::AddCheckpoint(body) = &question {
                    let head = must("no_checkpoint_is_contradicted", "a question", super::shown_head(body))?;
                    let by = format!("witness {witness} is asked");
                    invariants::take_signed(&mut self.known, head.0, &head.1, &by)?;
                }
                let life = self.running.as_ref().map_or(0, |running| running.life);
                self.send(Node::Log, Node::Witness(witness), Body::Ask { life, number, question }, 0);
            }
        }
        Ok(())
    }

    fn witness_answers(
        &mut self,
        at: usize,
        from: Node,
        asked: (u64, u64),
        question: Question,
        is_cut: bool,
    ) -> Held {
        let answer = match question {
            Question::Show => self.witnesses[at].show(),
            Question::AddCheckpoint(mut body) => {
                self.cut(&mut body, is_cut);
                let answer = self.witnesses[at].add_checkpoint(&body, &mut self.counts);
                if answer.as_ref().is_some_and(|(status, _)| *status == 200) {
                    let (size, root) =
                        must("no_witness_cosigns_two_roots", "a request", super::shown_head(&body))?;
                    invariants::no_witness_cosigns_two_roots(&mut self.known, at, size, &root)?;
                }
                answer
            }
        };
        let Some((status, body)) = answer else { return Ok(()) };
        self.say(format!("witness {at} answers {} with {status}", from.name()));
        if from == Node::Forger {
            hold("no_witness_cosigns_two_roots", status != 200, || {
                format!("witness {at} cosigned a forgery")
            })?;
            if status == 422 {
                self.counts.add("witness: refused a fork");
            }
        }
        if self.witnesses[at].running.as_ref().is_some_and(|witness| witness.has_stopped()) {
            self.counts.add("witness: disk failed");
            let power = self.dice.percent(50);
            self.witness_dies(at, power);
        }
        let took = self.dice.roll(self.witnesses[at].slowness + 1);
        let (life, number) = asked;
        self.send(Node::Witness(at), from, Body::Asked { life, number, status, body }, took);
        Ok(())
    }

    /// The log starts on what its disk holds.
    fn log_starts(&mut self) -> Held {
        let stages = self.disk.list("stage").unwrap().len();
        let shown = self.testimonies();
        let opened = match open(&self.disk, &self.clock, &self.settings, shown) {
            Ok(opened) => opened,
            Err(error) => {
                self.counts.add("log: start failed on the disk");
                return self.log_fails(&format!("the start: {error}"));
            }
        };
        self.lives += 1;
        for (says, what) in
            [("never finished", "log: torn stage dropped"), ("written anew", "log: state made whole")]
        {
            if opened.remarks.iter().any(|remark| remark.contains(says)) {
                self.counts.add(what);
            }
        }
        if stages > 0 {
            self.counts.add("log: stages carried out again");
        }
        self.say(format!("the log starts with {stages} stages, {} published", opened.reader.head().size()));
        invariants::nothing_answered_is_lost(&self.known, &opened.reader)?;
        let running = Running::new(opened, &self.settings, &self.clock, (self.lives, self.now));
        self.running = Some(running);
        self.turns_at = None;
        self.look()?;
        self.redactions_hold()?;
        self.log_turns(Vec::new())
    }

    fn next_number(&mut self) -> u64 {
        self.next_request += 1;
        self.next_request
    }

    /// A client sends what is due, and wakes again when something is.
    pub(super) fn send_letters(&mut self, at: usize) {
        let number = self.next_number();
        if let Some((body, again)) = self.clients[at].send(self.now, number) {
            (0..again).for_each(|_| self.counts.add("answer: sent again by the client"));
            self.send(Node::Client(at), Node::Log, Body::Submit { request: number, body }, 0);
        }
        let now = self.now;
        let client = &mut self.clients[at];
        if let Some(due) = client.due().map(|due| due.max(now + 100))
            && client.wakes_at.is_none_or(|wakes| wakes > due)
        {
            client.wakes_at = Some(due);
            self.at(due, Event::ClientWakes(at));
        }
    }

    /// What must be true after every step.
    fn look(&mut self) -> Held {
        let Some(running) = &self.running else { return Ok(()) };
        let head = running.reader.head();
        let is_held_back = running.writer.held_back().is_some();
        if head.size().get() != self.known.published {
            let before = self.known.published;
            invariants::take_published(&mut self.known, &running.reader)?;
            self.trace.say(self.now, format!("published {before} to {}", head.size()));
        }
        let file = must("what_is_published_has_its_quorum", "checkpoint", self.disk.get("checkpoint"))?
            .unwrap_or_default();
        let digest = Some(Digest::of(&file));
        if digest != self.file {
            let required = (self.settings.require_quorum && !is_held_back).then_some(&self.readers);
            let keys = (self.settings.signer.vkey(), required);
            invariants::what_is_published_has_its_quorum(
                &mut self.known,
                &file,
                keys,
                "the file checkpoint",
            )?;
            self.file = digest;
        }
        Ok(())
    }
}
