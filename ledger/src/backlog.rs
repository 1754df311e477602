//! Rounds that are durable and signed, and that no published checkpoint covers yet.
//!
//! Without witnesses a round is here for a moment. With witnesses it waits for the next publication, and where a quorum is
//! required, for as long as there is none. So the backlog has bounds: beyond them no further round starts, the queue in
//! front of the writer fills, and submitters are told to come back.

use std::collections::VecDeque;

use glasshouse_verifier::naming::Naming;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;

use crate::stage::Stage;
use crate::writer::WriterError;

/// Statements that may wait for publication before no further round starts: two seconds of the rate that is aimed at, twice
/// as many as may wait for a round. One round more can be on its way.
pub const BACKLOG_STATEMENTS_MAX: usize = 40_000;
/// Bytes of entries and texts that may wait for publication before no further round starts. They lie staged on the disk; in
/// memory only their statements are kept.
pub const BACKLOG_BYTES_MAX: usize = 64 << 20;

/// One round that is not published.
#[derive(Debug)]
pub(crate) struct DurableRound {
    first: LeafIndex,
    size: TreeSize,
    bytes: usize,
    pub(crate) statements: Vec<Statement>,
    pub(crate) namings: Vec<Naming>,
}

impl DurableRound {
    /// The round of a stage: its statements and what each of them names.
    pub(crate) fn new(
        stage: &Stage,
        statements: Vec<Statement>,
        namings: Vec<Naming>,
    ) -> Result<Self, WriterError> {
        let first = LeafIndex::new(stage.old_head().size().get()).map_err(|_| WriterError::Full)?;
        let texts: usize = stage.addenda().iter().map(|text| text.bytes.len()).sum();
        let bytes = texts + stage.entries().iter().map(Vec::len).sum::<usize>();
        Ok(Self { first, size: stage.new_head().size(), bytes, statements, namings })
    }

    /// The place of its first entry.
    pub(crate) fn first(&self) -> LeafIndex {
        self.first
    }

    /// The places of its redactions, ascending.
    pub(crate) fn redactions(&self) -> impl Iterator<Item = LeafIndex> {
        let placed = (self.first.get()..).zip(&self.statements);
        let redactions = placed.filter(|(_, one)| one.payload().kind() == StatementType::Redaction);
        redactions.filter_map(|(index, _)| LeafIndex::new(index).ok())
    }
}

/// All of them, the oldest first; each begins where the one before ends.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    rounds: VecDeque<DurableRound>,
    statements: usize,
    bytes: usize,
}

impl Backlog {
    pub(crate) fn push(&mut self, round: DurableRound) {
        self.statements += round.statements.len();
        self.bytes += round.bytes;
        self.rounds.push_back(round);
    }

    /// How many statements wait.
    pub(crate) fn statements(&self) -> usize {
        self.statements
    }

    /// Whether no further round may start.
    pub(crate) fn is_full(&self) -> bool {
        self.statements >= BACKLOG_STATEMENTS_MAX || self.bytes >= BACKLOG_BYTES_MAX
    }

    /// Whether a tree of that size ends with one of the rounds, or just before the first of them.
    pub(crate) fn has_end_at(&self, size: TreeSize) -> bool {
        let begin = self.rounds.front().is_some_and(|round| round.first.get() == size.get());
        begin || self.rounds.iter().any(|round| round.size == size)
    }

    /// Takes out the rounds that a tree of that size covers.
    pub(crate) fn take(&mut self, size: TreeSize) -> Vec<DurableRound> {
        let covered = self.rounds.iter().take_while(|round| round.size <= size).count();
        let taken: Vec<DurableRound> = self.rounds.drain(..covered).collect();
        self.statements -= taken.iter().map(|round| round.statements.len()).sum::<usize>();
        self.bytes -= taken.iter().map(|round| round.bytes).sum::<usize>();
        taken
    }
}
