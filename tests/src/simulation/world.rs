//! One world: its machines, what is on its way between them, and the order in which things happen. One thread, simulated
//! time; the same seed gives the same world, to the byte.

use std::collections::BTreeMap;
use std::sync::Arc;

use glasshouse_ledger::store::Store;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::policy::Policy;

use super::asker::Question;
use super::auditor::{Auditor, Read, Shown};
use super::client::Client;
use super::clock::SimulatedClock;
use super::counts::Counts;
use super::dice::Dice;
use super::disk::Disk;
use super::invariants::{self, Broken, Held, must};
use super::known::Known;
use super::log::{Reply, Running, Settings, open};
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
    LogTurns,
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
    pub(super) turns_at: Option<u64>,
    file: Option<Digest>,
    pub(super) clients: Vec<Client>,
    next_request: u64,
    pub(super) witnesses: Vec<WitnessNode>,
    pub(super) auditors: Vec<Auditor>,
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
            // Of several moments that were meant the newest counts, or they would multiply.
            Event::LogTurns if self.turns_at == Some(self.now) => self.log_turns(Vec::new()),
            Event::LogTurns => Ok(()),
            Event::LogStarts => self.log_starts(),
            Event::WitnessStarts(at) => self.witness_starts(at),
            Event::Act(at) => {
                self.act(at);
                Ok(())
            }
            Event::ClientWakes(at) => {
                if self.clients[at].wakes_at == Some(self.now) {
                    self.send_letters(at);
                }
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
        self.log_goes_on();
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
        self.redactions_hold(false)?;
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
        client.wakes_at = client.wakes_at.filter(|wakes| *wakes > now);
        if let Some(due) = client.due().map(|due| due.max(now + 100))
            && client.wakes_at.is_none_or(|wakes| wakes > due)
        {
            client.wakes_at = Some(due);
            self.at(due, Event::ClientWakes(at));
        }
    }

    /// What must be true after every step.
    pub(super) fn look(&mut self) -> Held {
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
