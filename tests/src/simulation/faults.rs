//! What goes wrong: processes die, disks fail, power is lost, clocks jump, the network breaks, somebody forges.

use std::sync::Arc;

use glasshouse_ledger::contradiction::Testimony;
use glasshouse_ledger::witness::add_request::AddRequest;
use glasshouse_verifier::hash::{NodeHash, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::size::TreeSize;

use super::asker::Question;
use super::clock::SimulatedClock;
use super::disk::{Disk, Fault};
use super::invariants::{self, Held, hold, must};
use super::log::open;
use super::network::Node;
use super::world::{Body, Event, World};

const MINUTE: u64 = 60_000;

impl World {
    /// One fault, of whatever kind.
    pub(super) fn strike(&mut self) -> Held {
        match self.dice.roll(100) {
            0..=9 => self.log_dies(false, "it is killed"),
            10..=21 => self.log_dies(true, "the power is lost"),
            22..=46 => self.break_disk(),
            47..=50 => self.fill_disk(),
            51..=64 => self.strike_witness(),
            65..=69 => {
                let until = self.now + self.dice.between(1, 20) * MINUTE;
                self.say("a storm in the network");
                self.network.storm(until);
            }
            70..=78 => self.sever(),
            79..=88 => self.strike_clock(),
            _ => return self.probe(),
        }
        Ok(())
    }

    fn break_disk(&mut self) {
        let fault = *self.dice.pick(&[Fault::Failed, Fault::Persisted, Fault::Half]);
        let after = self.dice.roll(12);
        self.dies_by_power = self.dice.percent(50);
        self.say(format!("the log's disk will fail after {after} calls: {fault:?}"));
        self.disk.arm(after, fault);
    }

    fn fill_disk(&mut self) {
        let minutes = self.dice.between(1, 10);
        self.say(format!("the log's disk is full for {minutes} minutes"));
        self.counts.add("disk: full");
        self.dies_by_power = false;
        self.disk.set_full(true);
        self.at(self.now + minutes * MINUTE, Event::DiskHasRoom);
    }

    fn any_node(&mut self) -> Node {
        let (clients, witnesses) = (self.clients.len(), self.witnesses.len());
        match self.dice.place(1 + clients + witnesses) {
            0 => Node::Log,
            at if at <= clients => Node::Client(at - 1),
            at => Node::Witness(at - 1 - clients),
        }
    }

    fn sever(&mut self) {
        let node = self.any_node();
        let minutes = self.dice.between(1, 15);
        self.say(format!("{} is cut off for {minutes} minutes", node.name()));
        self.network.sever(node, self.now + minutes * MINUTE);
    }

    fn clock_of(&self, node: Node) -> &Arc<SimulatedClock> {
        match node {
            Node::Client(at) => &self.clients[at].clock,
            Node::Witness(at) => &self.witnesses[at].clock,
            Node::Log | Node::Auditor(_) | Node::Forger => &self.clock,
        }
    }

    fn strike_clock(&mut self) {
        let node = if self.dice.percent(40) { Node::Log } else { self.any_node() };
        let minutes = i64::try_from(self.dice.between(1, 40)).unwrap() * 60_000;
        let days = if node == Node::Log && self.dice.percent(10) { 30 * 3_600_000 } else { 0 };
        let what = match self.dice.roll(3) {
            0 => {
                self.clock_of(node).jump(minutes + days);
                "clock: forward"
            }
            1 => {
                self.clock_of(node).jump(-minutes);
                "clock: back"
            }
            _ => {
                self.clock_of(node).stop();
                "clock: stands"
            }
        };
        self.counts.add(what);
        self.say(format!("{what} at {} by {minutes} ms and {days} ms", node.name()));
        let heals = self.now + self.dice.between(1, 60) * MINUTE;
        self.at(heals, Event::Heal(node));
    }

    pub(super) fn heal(&mut self, node: Node) {
        self.say(format!("the clock of {} is right again", node.name()));
        self.clock_of(node).jump(0);
    }

    fn strike_witness(&mut self) {
        if self.witnesses.is_empty() {
            return;
        }
        let at = self.dice.place(self.witnesses.len());
        match self.dice.roll(3) {
            0 => self.witness_dies(at, false),
            1 => self.witness_dies(at, true),
            _ => {
                let (after, persists) = (self.dice.roll(4), self.dice.percent(50));
                self.say(format!("the disk of witness {at} will fail after {after} calls"));
                self.witnesses[at].break_disk(after, persists);
            }
        }
    }

    pub(super) fn witness_dies(&mut self, at: usize, power: bool) {
        self.counts.add(if power { "witness: lost power" } else { "witness: killed" });
        self.say(format!("witness {at} dies, power lost: {power}"));
        self.witnesses[at].die(power, &mut self.dice);
        let most = *self.dice.pick(&[MINUTE, 5 * MINUTE, 40 * MINUTE]);
        let pause = self.dice.between(1_000, most);
        self.at(self.now + pause, Event::WitnessStarts(at));
    }

    pub(super) fn witness_starts(&mut self, at: usize) -> Held {
        if self.witnesses[at].running.is_some() {
            return Ok(());
        }
        let started = self.witnesses[at].start();
        if started.is_err() && self.witnesses[at].disk_failed() {
            let power = self.dice.percent(50);
            self.witness_dies(at, power);
            return Ok(());
        }
        let remarks = must("the_witness_starts", &format!("witness {at}"), started)?;
        if remarks.iter().any(|remark| remark.contains("and not answered")) {
            self.counts.add("witness: restarted with a record that nobody heard of");
        }
        let size = self.witnesses[at].size();
        let least =
            self.known.cosigned.range((at, 0)..(at + 1, 0)).map(|((_, size), _)| *size).max().unwrap_or(0);
        hold("no_witness_cosigns_two_roots", size >= least, || {
            format!("witness {at} starts at size {size}, and cosigned {least}")
        })?;
        self.say(format!("witness {at} starts at size {size}"));
        Ok(())
    }

    /// The log's process ends.
    pub(super) fn log_dies(&mut self, power: bool, why: &str) {
        self.running = None;
        self.counts.add(if power { "log: lost power" } else { "log: killed" });
        self.say(format!("the log ends: {why}, power lost: {power}"));
        let left = if power { self.disk.after_power_loss(&mut self.dice) } else { self.disk.after_kill() };
        self.disk = Arc::new(left);
        let pause = self.dice.between(200, 40_000);
        self.at(self.now + pause, Event::LogStarts);
    }

    /// A step of the log went well. A call that failed in it, and without which the log can do, is no excuse for a later failure.
    pub(super) fn log_goes_on(&mut self) {
        if self.disk.take_fired().is_some() {
            self.counts.add("disk: swallowed");
        }
    }

    /// A step of the log failed: as it must, if its disk did, and only then.
    pub(super) fn log_fails(&mut self, why: &str) -> Held {
        let fired = self.disk.take_fired();
        let is_its_disk = fired.as_ref().is_some_and(|(call, _)| why.contains(call.as_str()));
        hold("the_log_fails_with_its_disk_only", is_its_disk, || {
            format!("{why}, and of the disk {fired:?}")
        })?;
        let Some((call, fault)) = fired else { return Ok(()) };
        self.counts.add(match fault {
            Fault::Failed => "disk: failed",
            Fault::Persisted => "disk: persisted",
            Fault::Half if call.contains("_state") => "disk: half of the state",
            Fault::Half => "disk: failed",
        });
        // Digests in names follow from the seed, too; what is said of them is cut for who reads it.
        let call: String = call.chars().take(48).collect();
        let power = self.dies_by_power;
        self.log_dies(power, &format!("{call} failed, {fault:?}"));
        Ok(())
    }

    /// What if the power were lost now? The log itself goes on.
    fn probe(&mut self) -> Held {
        if self.running.is_none() {
            return Ok(());
        }
        self.counts.add("probe: power loss");
        let left = self.disk.after_power_loss(&mut self.dice);
        left.set_full(false);
        self.look_at_left(left, "after a loss of power")
    }

    /// Starts a log on what is left somewhere, and looks whether all that was promised is there.
    pub(super) fn look_at_left(&mut self, left: Disk, what: &str) -> Held {
        let left = Arc::new(left);
        let opened =
            must("nothing_answered_is_lost", what, open(&left, &self.clock, &self.settings, Vec::new()))?;
        invariants::nothing_answered_is_lost(&self.known, &opened.reader)?;
        let head = opened.reader.head();
        invariants::no_checkpoint_is_contradicted(&self.known, head.size().get(), head.root(), what)?;
        self.say(format!("{what}: {} entries would be there", head.size()));
        Ok(())
    }

    /// What the witnesses show when the log starts, as far as they are reached.
    pub(super) fn testimonies(&mut self) -> Vec<Testimony> {
        let mut shown = Vec::new();
        for at in 0..self.witnesses.len() {
            let severed =
                [Node::Log, Node::Witness(at)].iter().any(|node| self.network.is_severed(*node, self.now));
            if severed || self.dice.percent(20) {
                continue;
            }
            if let Some((200, note)) = self.witnesses[at].show() {
                shown.push(Testimony { by: format!("witness {at}"), note });
            }
        }
        shown
    }

    /// Somebody with the log's key shows a witness another tree: of the size that it cosigned, or a greater one that does not
    /// follow from it.
    pub(super) fn forge(&mut self) {
        if self.witnesses.is_empty() {
            return;
        }
        let at = self.dice.place(self.witnesses.len());
        let old = self.witnesses[at].size();
        if old == 0 {
            return;
        }
        let more = if self.dice.percent(60) { 0 } else { self.dice.between(1, 9) };
        let size = |size| TreeSize::new(size).unwrap();
        let head = TreeHead::new(size(old + more), RootHash::from_bytes(self.dice.bytes())).unwrap();
        let note = self.settings.signer.sign(&head, self.clock.seconds()).unwrap();
        let proof: Vec<NodeHash> =
            (0..more.min(3)).map(|_| NodeHash::from_bytes(self.dice.bytes())).collect();
        let body = AddRequest::encode(size(old), &proof, &note.note_text());
        self.say(format!("witness {at} is shown a forgery of size {}", old + more));
        let body = Body::Ask { life: 0, number: 0, question: Question::AddCheckpoint(body) };
        self.send(Node::Forger, Node::Witness(at), body, 0);
    }
}
