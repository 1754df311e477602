//! The network: messages come late, twice, cut, in another order, or not at all.

use std::collections::BTreeMap;

use super::counts::Counts;
use super::dice::Dice;

/// One machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    Log,
    Client(usize),
    Witness(usize),
    Auditor(usize),
    Forger,
}

impl Node {
    pub(super) fn name(self) -> String {
        match self {
            Node::Log => "log".to_owned(),
            Node::Client(0) => "registrar".to_owned(),
            Node::Client(at) => format!("provider {at}"),
            Node::Witness(at) => format!("witness {at}"),
            Node::Auditor(at) => format!("auditor {at}"),
            Node::Forger => "forger".to_owned(),
        }
    }
}

/// One message on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flight {
    /// Milliseconds until it arrives.
    pub(super) delay: u64,
    /// Whether its end is missing.
    pub(super) is_cut: bool,
}

/// How the network is.
pub(super) struct Network {
    dice: Dice,
    /// Percent of messages that something happens to; more while there is a storm.
    roughness: u64,
    storm_until: u64,
    severed_until: BTreeMap<Node, u64>,
}

impl Network {
    pub(super) fn new(seed: u64, roughness: u64) -> Network {
        let dice = Dice::of(seed, "network");
        Network { dice, roughness, storm_until: 0, severed_until: BTreeMap::new() }
    }

    pub(super) fn storm(&mut self, until: u64) {
        self.storm_until = until;
    }

    /// One machine reaches nobody until then.
    pub(super) fn sever(&mut self, node: Node, until: u64) {
        self.severed_until.insert(node, until);
    }

    /// From now on everything arrives, soon and once.
    pub(super) fn calm(&mut self) {
        (self.roughness, self.storm_until) = (0, 0);
        self.severed_until.clear();
    }

    pub(super) fn is_severed(&self, node: Node, now: u64) -> bool {
        self.severed_until.get(&node).is_some_and(|until| *until > now)
    }

    /// What becomes of one message: none, one or two arrive.
    pub(super) fn send(&mut self, now: u64, ends: [Node; 2], counts: &mut Counts) -> Vec<Flight> {
        if ends.iter().any(|node| self.is_severed(*node, now)) {
            counts.add("network: severed");
            return Vec::new();
        }
        let rough = if now < self.storm_until { 60 } else { self.roughness };
        let mut flight = Flight { delay: self.dice.between(1, 80), is_cut: false };
        if !self.dice.percent(rough) {
            return vec![flight];
        }
        match self.dice.roll(4) {
            0 => {
                counts.add("network: lost");
                Vec::new()
            }
            1 => {
                counts.add("network: repeated");
                let again = Flight { delay: self.dice.between(1, 90_000), ..flight };
                vec![flight, again]
            }
            2 => {
                counts.add("network: cut");
                flight.is_cut = true;
                vec![flight]
            }
            _ => {
                counts.add("network: late");
                flight.delay = self.dice.between(1_000, 120_000);
                vec![flight]
            }
        }
    }
}
