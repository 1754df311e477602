//! What machines say to each other: what a message does where it arrives, and what leaves the log.

use super::asker::Question;
use super::auditor::{Read, Shown, show};
use super::invariants::{self, Held, hold, must};
use super::log::{Out, QUEUE_MAX, Reply};
use super::network::Node;
use super::world::{Body, Event, World};

impl World {
    fn cut(&mut self, body: &mut Vec<u8>, is_cut: bool) {
        if is_cut && !body.is_empty() {
            body.truncate(self.dice.place(body.len()));
        }
    }

    pub(super) fn arrive(&mut self, from: Node, to: Node, body: Body, is_cut: bool) -> Held {
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
        match turned {
            Err(error) => {
                // Nobody hears what a round that failed would have said.
                return self.log_fails(&error.to_string());
            }
            Ok(due) => {
                self.log_goes_on();
                self.turns_at = self.turns_at.filter(|at| *at > now);
                if let Some(due) = due.map(|due| due.max(now + 1))
                    && self.turns_at.is_none_or(|at| at > due)
                {
                    self.turns_at = Some(due);
                    self.at(due, Event::LogTurns);
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
}
