//! Everything that can say what this ledger last signed, read from its store and from whoever has seen it.

use crate::format_version::check_formats;
use crate::stage::Stage;
use crate::state::StateRecord;
use crate::store::{StateCopy, Store, StoreError};
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::vkey::Vkey;

/// One thing that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<T> {
    /// There is none.
    Missing,
    /// Something is there, and it is not this log's or not whole; why.
    Damaged(String),
    /// It is whole, and carries this log's signature.
    Whole(T),
}

impl<T> Found<T> {
    /// The thing, if it is whole.
    pub fn whole(&self) -> Option<&T> {
        match self {
            Found::Whole(thing) => Some(thing),
            _ => None,
        }
    }

    fn judge<E: std::fmt::Display>(parsed: Result<T, E>) -> Self {
        parsed.map_or_else(|error| Found::Damaged(error.to_string()), Found::Whole)
    }
}

/// A stage that lies in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundStage {
    /// Its name in the store.
    pub name: String,
    /// The stage, or why it is none; never missing.
    pub stage: Found<Stage>,
}

impl FoundStage {
    /// The size of the tree after the round, as the name says; `None` if it is no stage's name.
    pub fn size_in_name(&self) -> Option<TreeSize> {
        size_in_name(&self.name)
    }
}

/// The size of the tree after the round that a file in `stage/` has by its name; `None` if the ledger gives no file that name.
pub(crate) fn size_in_name(name: &str) -> Option<TreeSize> {
    let (size, _root) = name.strip_prefix("stage/")?.split_once('-')?;
    TreeSize::parse(size).ok()
}

/// What to do about a file in `stage/` that holds no round.
pub(crate) fn stage_advice(name: &str) -> &'static str {
    match size_in_name(name) {
        Some(_) => {
            "restore it; or keep it elsewhere and start without it: what is missing of its tree then is named, for `glasshouse adopt`"
        }
        None => "the ledger writes no file of that name: move it out of the folder",
    }
}

/// A checkpoint of this log that somebody else showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Who showed it, for the operator.
    pub witness: String,
    /// What they showed.
    pub checkpoint: SignedCheckpoint,
}

/// What can say which tree was signed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The state's copy in the embedded database.
    pub embedded: Found<StateRecord>,
    /// The state's copy in the plain file.
    pub plain: Found<StateRecord>,
    /// The published checkpoint.
    pub checkpoint: Found<SignedCheckpoint>,
    /// Rounds that were not settled, and torn ones; sorted by the names' sizes.
    pub stages: Vec<FoundStage>,
    /// Checkpoints of this log that somebody else showed: an operator's file, a mirror, a witness.
    pub seen: Vec<Seen>,
}

impl Evidence {
    /// Reads what the store holds; only what carries the signature of the log with this key counts as whole.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store cannot be read at all; [`StoreError::Later`] where a later program wrote any of it.
    pub fn collect(store: &dyn Store, log: &Vkey, seen: Vec<Seen>) -> Result<Self, StoreError> {
        check_formats(store)?;
        let copies = store.load_state()?;
        let record = |copy: StateCopy| match copy {
            StateCopy::Missing => Found::Missing,
            StateCopy::Unreadable(why) => Found::Damaged(why),
            StateCopy::Bytes(bytes) => Found::judge(StateRecord::parse(&bytes, log)),
        };
        let checkpoint = match store.get("checkpoint")? {
            None => Found::Missing,
            Some(bytes) => Found::judge(SignedCheckpoint::open(&bytes, log)),
        };
        let mut stages = Vec::new();
        for name in store.list("stage")? {
            let stage = match store.get(&name)? {
                None => Found::Damaged("it vanished while it was read".to_owned()),
                Some(bytes) => named(Found::judge(Stage::parse(&bytes, log)), &name),
            };
            stages.push(FoundStage { name, stage });
        }
        stages.sort_by_key(FoundStage::size_in_name);
        Ok(Self { embedded: record(copies.embedded), plain: record(copies.plain), checkpoint, stages, seen })
    }

    /// Whether there is nothing at all: a folder in which no ledger was made.
    pub fn is_empty(&self) -> bool {
        self.embedded == Found::Missing
            && self.plain == Found::Missing
            && self.checkpoint == Found::Missing
            && self.stages.is_empty()
    }
}

/// A stage under another stage's name is damage.
fn named(stage: Found<Stage>, name: &str) -> Found<Stage> {
    match stage {
        Found::Whole(stage) if stage.name() != name => {
            Found::Damaged(format!("it holds the round of {}", stage.name()))
        }
        other => other,
    }
}
