//! Turns of doing something that few may do at a time. Those who wait are taken from one address after the other, and of one
//! address from one provider after the other, whoever has sent most: a flood makes those wait who send it, and everybody else
//! for one piece of its work.
//!
//! The provider is the one that a body names, which anybody may do. So it parts only what came from one address: who names another's key
//! from elsewhere takes nothing from it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use glasshouse_verifier::key::Kid;
use tokio::sync::oneshot;

use crate::client_address::ClientAddress;

/// Who wait for a turn, in the order in which their lines are taken.
type Lines = VecDeque<(ClientAddress, VecDeque<(Option<Kid>, VecDeque<oneshot::Sender<Turn>>)>)>;

/// A number of turns. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Turns {
    table: Arc<Mutex<Table>>,
}

#[derive(Debug)]
struct Table {
    free: usize,
    lines: Lines,
}

/// One turn, which the next one gets when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    /// `None`, once it was given to somebody else.
    turns: Option<Turns>,
}

impl Turns {
    /// So many turns at a time.
    pub(crate) fn new(count: usize) -> Turns {
        Turns { table: Arc::new(Mutex::new(Table { free: count, lines: VecDeque::new() })) }
    }

    /// Waits for a turn. `named` is a key that is enrolled and that the work is about, if any.
    pub(crate) async fn take(&self, client: ClientAddress, named: Option<Kid>) -> Turn {
        let waiting = {
            let mut table = self.lock();
            if table.free > 0 {
                table.free -= 1;
                return self.turn();
            }
            let (sender, waiting) = oneshot::channel();
            table.line_up(client, named, sender);
            waiting
        };
        // The table drops nobody who waits, so an error cannot come; a turn then would be one too many.
        match waiting.await {
            Ok(turn) => turn,
            Err(_) => Turn { turns: None },
        }
    }

    /// Turns that nobody has now.
    #[cfg(test)]
    pub(crate) fn free(&self) -> usize {
        self.lock().free
    }

    fn turn(&self) -> Turn {
        Turn { turns: Some(self.clone()) }
    }

    fn give_back(&self) {
        let mut table = self.lock();
        while let Some(next) = table.next() {
            match next.send(self.turn()) {
                Ok(()) => return,
                // Whoever waited has gone. This turn goes to the next one, and must not come back by itself.
                Err(mut turn) => turn.turns = None,
            }
        }
        table.free += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // Each change is whole before the lock is let go.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.turns.take() {
            turns.give_back();
        }
    }
}

impl Table {
    /// Puts somebody at the end of the line of its address and key; those of that address who have gone go from their lines.
    fn line_up(&mut self, client: ClientAddress, named: Option<Kid>, sender: oneshot::Sender<Turn>) {
        let keys = match self.lines.iter_mut().find(|(address, _)| *address == client) {
            Some((_, keys)) => keys,
            None => {
                self.lines.push_back((client, VecDeque::from([(named, VecDeque::from([sender]))])));
                return;
            }
        };
        for (_, line) in keys.iter_mut() {
            line.retain(|waiting| !waiting.is_closed());
        }
        keys.retain(|(key, line)| *key == named || !line.is_empty());
        match keys.iter_mut().find(|(key, _)| *key == named) {
            Some((_, line)) => line.push_back(sender),
            None => keys.push_back((named, VecDeque::from([sender]))),
        }
    }

    /// Who is next: the first of the first key of the first address, each of which goes to the end then.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        while let Some((client, mut keys)) = self.lines.pop_front() {
            let Some((named, mut line)) = keys.pop_front() else { continue };
            let next = line.pop_front();
            if !line.is_empty() {
                keys.push_back((named, line));
            }
            if !keys.is_empty() {
                self.lines.push_back((client, keys));
            }
            if next.is_some() {
                return next;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use std::pin::Pin;

    fn client(number: u8) -> ClientAddress {
        ClientAddress::of([192, 0, 2, number].into())
    }

    fn key(number: u8) -> Option<Kid> {
        Some(Kid::from_bytes([number; 32]))
    }

    /// Somebody who waits.
    type Waiting = Pin<Box<dyn Future<Output = Turn>>>;

    /// Lines up, and is refused a turn for now.
    async fn line_up(turns: &Turns, client: ClientAddress, named: Option<Kid>) -> Waiting {
        let turns = turns.clone();
        let mut waiting: Waiting = Box::pin(async move { turns.take(client, named).await });
        assert!(is_waiting(&mut waiting).await.is_none());
        waiting
    }

    async fn is_waiting(waiting: &mut Waiting) -> Option<Turn> {
        tokio::select! {
            biased;
            turn = waiting => Some(turn),
            () = std::future::ready(()) => None,
        }
    }

    /// The order in which those who wait get their turns, each of which ends at once.
    async fn order(first: Turn, mut all: Vec<(&'static str, Waiting)>) -> Vec<&'static str> {
        let (mut turn, mut order) = (Some(first), Vec::new());
        while !all.is_empty() {
            drop(turn.take());
            for at in 0..all.len() {
                if let Some(got) = is_waiting(&mut all[at].1).await {
                    order.push(all.remove(at).0);
                    turn = Some(got);
                    break;
                }
            }
            assert!(turn.is_some(), "a turn was lost");
        }
        order
    }

    #[tokio::test]
    async fn addresses_have_their_turns_one_after_the_other() {
        let turns = Turns::new(1);
        let first = turns.take(client(1), None).await;
        let mut all = Vec::new();
        for _ in 0..5 {
            all.push(("flood", line_up(&turns, client(1), key(1)).await));
        }
        all.push(("honest", line_up(&turns, client(2), key(1)).await));
        all.push(("other", line_up(&turns, client(3), None).await));
        assert_eq!(order(first, all).await[..4], ["flood", "honest", "other", "flood"]);
        assert!(turns.lock().lines.is_empty() && turns.lock().free == 1);
    }

    #[tokio::test]
    async fn of_one_address_providers_have_their_turns_one_after_the_other() {
        let turns = Turns::new(1);
        let first = turns.take(client(1), key(1)).await;
        let mut all = Vec::new();
        for _ in 0..5 {
            all.push(("flood", line_up(&turns, client(1), key(1)).await));
        }
        all.push(("honest", line_up(&turns, client(1), key(2)).await));
        // Another address is not behind both.
        all.push(("other", line_up(&turns, client(2), key(1)).await));
        assert_eq!(order(first, all).await[..4], ["flood", "other", "honest", "flood"]);
    }

    #[tokio::test]
    async fn whoever_goes_leaves_the_turn_to_the_next() {
        let turns = Turns::new(1);
        let first = turns.take(client(1), None).await;
        let gone = line_up(&turns, client(1), None).await;
        let mut next = line_up(&turns, client(2), None).await;
        drop(gone);
        drop(first);
        let turn = is_waiting(&mut next).await.unwrap();
        // One that was given and not yet taken up comes back as well.
        let given = line_up(&turns, client(1), None).await;
        drop(turn);
        drop(given);
        assert_eq!(turns.lock().free, 1);
    }

    #[tokio::test]
    async fn those_who_have_gone_take_no_room() {
        let turns = Turns::new(1);
        let _first = turns.take(client(1), None).await;
        for number in 0..100 {
            drop(line_up(&turns, client(1), key(number)).await);
        }
        let table = turns.lock();
        assert_eq!((table.lines.len(), table.lines[0].1.len()), (1, 1));
    }
}
