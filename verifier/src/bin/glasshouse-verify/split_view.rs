//! What other places show, held against the log and against each other: whoever signs two histories is convicted by any two
//! of those who were shown them.

use std::collections::HashMap;
use std::time::Instant;

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::evidence::{Evidence, Fork};
use glasshouse_verifier::head::TreeHead;

use crate::conviction::Prefix;
use crate::lookout::{Heard, Lookout, Pair};
use crate::plural::counted;
use crate::session::Session;

/// As many checkpoints wait to be compared with the log, of which a reader's own count too. Each has some hundred bytes.
const WAITING_MAX: usize = 1_000;

/// Trees that are remembered as compared with the log; after that they are compared again.
const COMPARED_MAX: usize = 10_000;

/// Pairs of trees that are remembered as consistent; after that they are compared again.
const JUDGED_MAX: usize = 10_000;

/// What other places showed so far.
pub(crate) struct SplitView {
    lookout: Lookout,
    /// By the number of the place: what it showed the last time, under the log's line alone.
    shown: Vec<Option<Result<SignedCheckpoint, String>>>,
    /// Whether it answered in this look.
    answered: Vec<bool>,
    /// Smaller trees with which larger ones were shown to begin.
    judged: HashMap<TreeHead, Vec<TreeHead>>,
}

impl SplitView {
    /// Nobody was asked yet.
    pub(crate) fn new(lookout: Lookout) -> SplitView {
        let (shown, answered) = (vec![None; lookout.len()], vec![false; lookout.len()]);
        SplitView { lookout, shown, answered, judged: HashMap::new() }
    }

    fn remember(&mut self, pair: &Pair) {
        if self.judged.values().map(Vec::len).sum::<usize>() >= JUDGED_MAX {
            self.judged.clear();
        }
        let larger = self.judged.entry(*pair.old.head()).or_default();
        if !larger.contains(pair.new.head()) {
            larger.push(*pair.new.head());
        }
    }

    fn is_judged(&self, old: &TreeHead, new: &TreeHead) -> bool {
        self.judged.get(old).is_some_and(|larger| larger.contains(new))
    }

    /// What a place shows now, if that is a checkpoint of the log.
    fn of(&self, place: usize) -> Option<&SignedCheckpoint> {
        self.shown.get(place)?.as_ref()?.as_ref().ok()
    }
}

impl Session {
    /// Asks every other place. Smaller checkpoints are compared as the tree passes their size, or from the log's tiles; larger
    /// ones by the tiles of who shows them, and with each other. A place that has not answered in time is asked no further,
    /// and what it says later is taken up by the next look.
    pub(crate) fn look_around(&mut self) {
        let deadline = Instant::now() + self.view.lookout.patience();
        self.view.answered.fill(false);
        self.view.lookout.ask(&self.newest().log().clone());
        self.hear_until(deadline);
    }

    /// Takes up what came since, and waits for nobody.
    pub(crate) fn hear_the_rest(&mut self) {
        self.hear_until(Instant::now());
        if self.is_settled() {
            let newest = self.newest().clone();
            self.audit.compare_older(&newest);
        }
    }

    fn hear_until(&mut self, deadline: Instant) {
        while let Some(heard) = self.view.lookout.hear(deadline) {
            match heard {
                Heard::Shown(place, shown) => self.take_shown(place, shown.map(|shown| *shown)),
                Heard::Judged(pair, Prefix::Consistent) => self.view.remember(&pair),
                Heard::Judged(_, Prefix::Fork(fork)) => self.audit.found.convict(Evidence::Fork(fork)),
                Heard::Judged(_, Prefix::Unknown) => {}
            }
        }
        self.view.lookout.close();
        self.odd = (0..self.view.lookout.len()).filter_map(|place| self.oddity(place)).collect();
    }

    fn take_shown(&mut self, place: usize, shown: Result<SignedCheckpoint, String>) {
        let shown = shown.and_then(|shown| {
            // The lines of others may be many, and prove nothing against the log.
            let alone = shown.under_its_line_alone().map_err(|error| error.to_string())?;
            self.take_checkpoint(place, &alone);
            Ok(alone)
        });
        if let Some(known) = self.view.shown.get_mut(place) {
            *known = Some(shown);
        }
        if let Some(answered) = self.view.answered.get_mut(place) {
            *answered = true;
        }
        self.compare_with_each_other(place);
    }

    /// Holds a checkpoint against everything of the same size that is known, and lets it wait for the tree to reach it.
    fn take_checkpoint(&mut self, place: usize, shown: &SignedCheckpoint) {
        if let Some(fork) = self.fork_with(shown) {
            self.audit.found.convict(Evidence::Fork(Box::new(fork)));
        }
        let (theirs, ours) = (shown.head().size(), self.newest().head().size());
        if theirs == ours {
            return;
        }
        if theirs > ours
            && let Some(state) = &mut self.state
        {
            state.see(self.view.lookout.name(place), shown);
        }
        if self.compared.len() >= COMPARED_MAX {
            self.compared.clear();
        }
        if !self.compared.contains(shown.head()) && self.make_room() {
            self.compared.insert(*shown.head());
            self.audit.expect(shown.clone());
        }
    }

    /// Another root that the log signed for the same size, wherever it was shown.
    fn fork_with(&self, shown: &SignedCheckpoint) -> Option<Fork> {
        let (size, root) = (shown.head().size(), shown.head().root());
        let waiting = self.audit.older.iter().chain(std::iter::once(self.newest()));
        let mut known = waiting.chain(self.view.shown.iter().flatten().flatten());
        let other = known.find(|known| known.head().size() == size && known.head().root() != root)?;
        Fork::same_size(other.clone(), shown.clone()).ok()
    }

    /// Whether one more checkpoint may wait. Those go first with which a larger one was shown to begin that waits too.
    fn make_room(&mut self) -> bool {
        let older = &mut self.audit.older;
        if older.len() >= WAITING_MAX {
            let waiting: Vec<TreeHead> = older.iter().map(|old| *old.head()).collect();
            older.retain(|old| !waiting.iter().any(|larger| self.view.is_judged(old.head(), larger)));
        }
        older.len() < WAITING_MAX
    }

    /// Has a larger tree than the log's compared with the log's, and with everything between that others showed.
    fn compare_with_each_other(&mut self, place: usize) {
        let Some(shown) = self.view.of(place).cloned() else { return };
        let newest = self.newest().clone();
        let ours = newest.head().size();
        if shown.head().size() <= ours {
            return;
        }
        // What waits, and is larger than the log's tree; of what is known to lead to each other, the largest.
        let waiting = self.audit.older.iter().filter(|old| old.head().size() > ours);
        let waiting: Vec<SignedCheckpoint> =
            waiting.filter(|old| !self.view.judged.contains_key(old.head())).cloned().collect();
        let mut pairs = Vec::new();
        if self.view.lookout.has_tiles(place) {
            let smaller = waiting.into_iter().chain([newest]);
            pairs.extend(smaller.map(|old| (place, Pair { old, new: shown.clone() })));
        }
        for other in (0..self.view.lookout.len()).filter(|other| self.view.lookout.has_tiles(*other)) {
            let larger = self.view.of(other).cloned();
            pairs.extend(larger.map(|new| (other, Pair { old: shown.clone(), new })));
        }
        for (place, pair) in pairs {
            let is_smaller = pair.old.head().size() < pair.new.head().size();
            if is_smaller && !self.view.is_judged(pair.old.head(), pair.new.head()) {
                self.view.lookout.compare(place, pair);
            }
        }
    }

    /// What a place showed that contradicts nothing and yet is worth a line.
    fn oddity(&self, place: usize) -> Option<String> {
        let (view, ours) = (&self.view, self.newest().head());
        let name = view.lookout.name(place);
        if view.answered.get(place) != Some(&true) {
            let seconds = counted(view.lookout.patience().as_secs(), "second", "seconds");
            return Some(format!("{name} has not answered within {seconds}"));
        }
        let shown = match view.shown.get(place)?.as_ref()? {
            Ok(shown) => shown.head(),
            Err(why) => return Some(format!("{name} shows no checkpoint of this log: {why}")),
        };
        let (theirs, size) = (shown.size(), ours.size());
        if theirs == size {
            return None;
        }
        if theirs < size {
            return Some(format!(
                "{name} lags: it shows {}, the log {size}",
                counted(theirs.get(), "entry", "entries")
            ));
        }
        let ahead = format!("{name} is ahead: it shows a checkpoint of {theirs}, the log {size}");
        Some(if view.is_judged(ours, shown) {
            format!("{ahead}, which begins with the tree that was audited")
        } else if self.audit.older.iter().any(|old| old.head() == shown) {
            format!("{ahead}; it is compared when the log shows a tree of that size")
        } else {
            format!(
                "{ahead}; {WAITING_MAX} checkpoints wait to be compared already, and this one is passed over"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use std::sync::Arc;
    use std::time::Duration;

    use ed25519_dalek::{Signer as _, SigningKey};
    use glasshouse_verifier::checkpoint::Checkpoint;
    use glasshouse_verifier::hash::RootHash;
    use glasshouse_verifier::note::{Note, SignatureLine};
    use glasshouse_verifier::origin::Origin;
    use glasshouse_verifier::policy::Policy;
    use glasshouse_verifier::size::TreeSize;
    use glasshouse_verifier::vkey::{Vkey, VkeyKind};

    use super::*;
    use crate::audit::Audit;
    use crate::bundles::Bundles;
    use crate::source::Source;
    use crate::ticks::Ticks;

    fn log() -> (SigningKey, Vkey) {
        let key = SigningKey::from_bytes(&[1; 32]);
        let vkey = Vkey::new("log.example", VkeyKind::Ed25519, key.verifying_key().to_bytes());
        (key, vkey.unwrap())
    }

    fn note(size: u64) -> String {
        let (key, vkey) = log();
        let root = RootHash::from_base64("XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=").unwrap();
        let head = TreeHead::new(TreeSize::new(size).unwrap(), root).unwrap();
        let text = Checkpoint::new(Origin::parse("log.example").unwrap(), head).encode_text();
        let line = SignatureLine::new(&vkey, key.sign(text.as_bytes()).to_vec());
        Note::assemble(&text, &[line]).unwrap().encode()
    }

    fn signed(size: u64) -> SignedCheckpoint {
        SignedCheckpoint::open(note(size).as_bytes(), &log().1).unwrap()
    }

    fn session() -> Session {
        let policy = Policy::of_log(log().1).unwrap();
        let newest = policy.open(note(700).as_bytes()).unwrap();
        let origin = Origin::parse("log.example").unwrap();
        let ticks = Ticks::new(policy, origin.clone(), 7, || 0);
        let stop = Arc::default();
        let bundles = Bundles::new(Source::new("nowhere"), None);
        let audit = Audit::new(log().1, origin, bundles, ticks);
        let view = SplitView::new(Lookout::new(Vec::new(), Duration::ZERO, Arc::clone(&stop)));
        Session::new(String::new(), audit, None, view, newest, stop)
    }

    /// A place may show a larger checkpoint at every look, while the log shows the same one.
    #[test]
    fn what_waits_is_bounded() {
        let mut session = session();
        let most = WAITING_MAX as u64;
        (701..=800 + most).for_each(|size| session.take_checkpoint(0, &signed(size)));
        assert_eq!(session.audit.older.len(), WAITING_MAX);
        // What is settled by a larger one gives its place away.
        session.view.remember(&Pair { old: signed(701), new: signed(702) });
        session.take_checkpoint(0, &signed(5_000));
        let sizes: Vec<u64> = session.audit.older.iter().map(|old| old.head().size().get()).collect();
        assert_eq!((sizes.len(), sizes[0], sizes[WAITING_MAX - 1]), (WAITING_MAX, 702, 5_000));
    }
}
