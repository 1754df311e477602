//! A disk with a volatile write cache: what the system has been told, what lies there for certain, and the pieces between.
//!
//! A piece is one block of a file, the size of a file, or what a name stands for. A loss of power keeps any subset of the
//! pieces: so a write is torn, a file is empty, cut, or zeros where its blocks are missing, a rename or a deletion is undone while a
//! later one stays. Of two pieces about one thing the later one wins, where both are kept.
#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use glasshouse_ledger::store::{StateCopies, StateCopy};

use crate::support::dice::Dice;

pub type Bytes = Arc<Vec<u8>>;

/// A file's number; names come and go.
type Number = u64;

#[derive(Debug, Clone, Default)]
struct File {
    visible: Bytes,
    durable: Bytes,
}

#[derive(Debug, Clone)]
enum Piece {
    /// A name stands for a file, or for none.
    Name(String, Option<Number>),
    /// A file's size in bytes.
    Size(Number, usize),
    /// Bytes at an offset, of one block.
    Block(Number, usize, Bytes),
}

/// The state's copy in the embedded database, which nothing makes durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Embedded {
    Newest,
    /// As it was before the last change.
    Older,
    Missing,
    Unreadable,
}

/// What a loss of power leaves.
#[derive(Debug, Clone)]
pub struct Loss {
    /// For each piece, whether it is kept.
    pub kept: Vec<bool>,
    pub embedded: Embedded,
    /// Whether the plain copy is the new one, where it was just being replaced.
    pub plain_is_new: bool,
}

#[derive(Debug, Clone)]
pub struct Disk {
    /// Bytes in a block.
    block: usize,
    files: BTreeMap<Number, File>,
    visible: BTreeMap<String, Number>,
    durable: BTreeMap<String, Number>,
    pieces: Vec<Piece>,
    next: Number,
    plain: Option<Bytes>,
    /// What is replacing the plain copy of the state at this moment.
    plain_next: Option<Bytes>,
    /// The newest copy in the embedded database, and the one before it.
    embedded: [StateCopy; 2],
    /// Every checkpoint that could ever be read here, and every note that a witness was given, the oldest first: the world
    /// remembers it.
    pub shown: Vec<Bytes>,
}

impl Disk {
    pub fn new(block: usize) -> Disk {
        Disk {
            block,
            files: BTreeMap::new(),
            visible: BTreeMap::new(),
            durable: BTreeMap::new(),
            pieces: Vec::new(),
            next: 0,
            plain: None,
            plain_next: None,
            embedded: [StateCopy::Missing, StateCopy::Missing],
            shown: Vec::new(),
        }
    }

    /// How many pieces a loss of power may take.
    pub fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// Whether the state is just being replaced.
    pub fn is_swapping(&self) -> bool {
        self.plain_next.is_some()
    }

    pub fn get(&self, path: &str) -> Option<Bytes> {
        self.visible.get(path).map(|number| self.files[number].visible.clone())
    }

    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.visible.keys()
    }

    pub fn state(&self) -> StateCopies {
        StateCopies { embedded: self.embedded[0].clone(), plain: copy_of(self.plain.as_ref()) }
    }

    /// Writes a new file and lets the name stand for it.
    pub fn put(&mut self, path: &str, bytes: &[u8]) {
        let number = self.make(path, bytes);
        self.pieces.push(Piece::Size(number, bytes.len()));
        self.write_blocks(number, 0, bytes.len());
        self.pieces.push(Piece::Name(path.to_owned(), Some(number)));
    }

    fn make(&mut self, path: &str, bytes: &[u8]) -> Number {
        let bytes = Arc::new(bytes.to_vec());
        self.next += 1;
        if path == "checkpoint" {
            self.shown.push(bytes.clone());
        }
        self.files.insert(self.next, File { visible: bytes, durable: Bytes::default() });
        self.visible.insert(path.to_owned(), self.next);
        self.next
    }

    /// Pieces for the blocks that hold these bytes of the visible file.
    fn write_blocks(&mut self, number: Number, begin: usize, end: usize) {
        let bytes = self.files[&number].visible.clone();
        let mut at = begin / self.block * self.block;
        while at < end {
            let block = bytes[at..(at + self.block).min(bytes.len())].to_vec();
            self.pieces.push(Piece::Block(number, at, Arc::new(block)));
            at += self.block;
        }
    }

    /// A file is being put durably: where there was one, a loss of power leaves that or the new one.
    pub fn begin_put_durable(&mut self, path: &str, bytes: &[u8]) {
        if !self.visible.contains_key(path) {
            return self.put(path, bytes);
        }
        let number = self.make(path, bytes);
        let file = self.files.get_mut(&number).unwrap();
        file.durable = file.visible.clone();
        self.pieces.push(Piece::Name(path.to_owned(), Some(number)));
    }

    /// As [`Disk::put`]; the file and its name are durable.
    pub fn put_durable(&mut self, path: &str, bytes: &[u8]) {
        let number = self.make(path, bytes);
        let file = self.files.get_mut(&number).unwrap();
        file.durable = file.visible.clone();
        self.durable.insert(path.to_owned(), number);
        // Whatever the name stood for before is nothing that a loss could bring back.
        self.pieces.retain(|piece| !matches!(piece, Piece::Name(name, _) if name == path));
    }

    /// Cuts a file at `offset` and writes behind that. The file must be there and so long.
    pub fn append(&mut self, path: &str, offset: usize, bytes: &[u8]) {
        let number = self.visible[path];
        let file = self.files.get_mut(&number).unwrap();
        let length = file.visible.len();
        let new = [&file.visible[..offset], bytes].concat();
        let end = new.len();
        file.visible = Arc::new(new);
        if offset < length {
            self.pieces.push(Piece::Size(number, offset));
        }
        if !bytes.is_empty() {
            self.pieces.push(Piece::Size(number, end));
            self.write_blocks(number, offset, end);
        }
    }

    /// Changes bytes inside a file, part by part: of two parts in one block the disk may have got that block with the first one
    /// alone. Not durable.
    pub fn rewrite(&mut self, path: &str, parts: &[(usize, &[u8])]) {
        let number = self.visible[path];
        for (offset, bytes) in parts {
            let file = self.files.get_mut(&number).unwrap();
            Arc::make_mut(&mut file.visible)[*offset..offset + bytes.len()].copy_from_slice(bytes);
            self.write_blocks(number, *offset, offset + bytes.len());
        }
    }

    /// The blocks of these bytes are durable, and the file's size; its name, and its other blocks, are as they were.
    pub fn fix(&mut self, path: &str, begin: usize, end: usize) {
        let number = self.visible[path];
        let file = self.files.get_mut(&number).unwrap();
        let durable = Arc::make_mut(&mut file.durable);
        durable.resize(file.visible.len(), 0);
        let first = begin / self.block * self.block;
        let last = end.next_multiple_of(self.block).min(durable.len());
        durable[first..last].copy_from_slice(&file.visible[first..last]);
        self.pieces.retain(|piece| match piece {
            Piece::Size(of, _) => *of != number,
            Piece::Block(of, at, _) => *of != number || *at < first || *at >= last,
            Piece::Name(..) => true,
        });
    }

    pub fn delete(&mut self, path: &str) {
        if self.visible.remove(path).is_some() {
            self.pieces.push(Piece::Name(path.to_owned(), None));
        }
    }

    /// Everything that was written since the last sync is durable, and with it whatever can be read, unless a sync has failed;
    /// but for the embedded copy of the state.
    pub fn sync(&mut self) {
        self.reach(&vec![true; self.pieces.len()]);
    }

    /// A sync fails: names and sizes reach the disk, and of the blocks none or some. The system takes them for written: no later sync writes
    /// them, and they can be read as long as it has room for them. `forgotten`: the share of them, in tenths, for which it has
    /// none.
    pub fn fail_sync(&mut self, forgotten: usize, dice: &mut Dice) {
        let share = dice.pick(&[0, 0, 5]);
        let mut keep = |piece: &Piece| !matches!(piece, Piece::Block(..)) || dice.roll(10) < share;
        let kept: Vec<bool> = self.pieces.iter().map(&mut keep).collect();
        let lost = self.pieces.iter().zip(&kept).filter(|(_, kept)| !**kept);
        let lost: Vec<Piece> = lost.map(|(piece, _)| piece.clone()).collect();
        self.reach(&kept);
        for piece in lost {
            let Piece::Block(number, at, block) = piece else { continue };
            let Some(file) = self.files.get_mut(&number).filter(|_| dice.roll(10) < forgotten) else {
                continue;
            };
            let visible = Arc::make_mut(&mut file.visible);
            let end = (at + block.len()).min(visible.len()).min(file.durable.len());
            if at < end {
                visible[at..end].copy_from_slice(&file.durable[at..end]);
            }
        }
    }

    /// A file is put durably, and its name cannot be synced: it can be read, and no later sync brings the name to the disk.
    pub fn fail_put_durable(&mut self, path: &str, bytes: &[u8]) {
        let number = self.make(path, bytes);
        let file = self.files.get_mut(&number).unwrap();
        file.durable = file.visible.clone();
    }

    /// These pieces are durable, and the others are none any more.
    fn reach(&mut self, kept: &[bool]) {
        let left = self.after(&Loss { kept: kept.to_vec(), ..self.loss(true) });
        self.pieces.clear();
        self.durable = left.durable;
        let named: BTreeSet<Number> = self.visible.values().chain(self.durable.values()).copied().collect();
        self.files.retain(|number, _| named.contains(number));
        for (number, file) in left.files {
            self.files.entry(number).or_default().durable = file.durable;
        }
    }

    /// The state is being replaced: a loss of power leaves each copy old or new.
    pub fn begin_swap(&mut self, new: &[u8]) {
        let new = Arc::new(new.to_vec());
        self.plain_next = Some(Arc::clone(&new));
        let [newest, older] = &mut self.embedded;
        *older = std::mem::replace(newest, copy_of(Some(&new)));
    }

    pub fn end_swap(&mut self) {
        self.plain = self.plain_next.take();
    }

    /// A loss that takes all pieces, or none.
    pub fn loss(&self, kept: bool) -> Loss {
        Loss { kept: vec![kept; self.pieces.len()], embedded: Embedded::Newest, plain_is_new: kept }
    }

    /// A loss that takes all blocks and sizes, and no name.
    pub fn loss_of_blocks(&self) -> Loss {
        let kept = self.pieces.iter().map(|piece| matches!(piece, Piece::Name(..))).collect();
        Loss { kept, ..self.loss(false) }
    }

    /// A loss that brings back what was deleted and begins so, and takes nothing else.
    pub fn loss_of_deletions(&self, beginning: &str) -> Loss {
        let is_meant =
            |piece: &Piece| matches!(piece, Piece::Name(path, None) if path.starts_with(beginning));
        Loss { kept: self.pieces.iter().map(|piece| !is_meant(piece)).collect(), ..self.loss(true) }
    }

    /// Random pieces: names and blocks each with a chance of their own, from never to always.
    pub fn random_loss(&self, dice: &mut Dice) -> Vec<bool> {
        let [names, others] = [dice.roll(11), dice.roll(11)];
        let chance = |piece: &Piece| if matches!(piece, Piece::Name(..)) { names } else { others };
        self.pieces.iter().map(|piece| dice.roll(10) < chance(piece)).collect()
    }

    /// What lies there after a loss of power.
    pub fn after(&self, loss: &Loss) -> Disk {
        let mut files: BTreeMap<Number, (Vec<u8>, usize)> = BTreeMap::new();
        let mut left = Disk { next: self.next, shown: self.shown.clone(), ..Disk::new(self.block) };
        let mut names = self.durable.clone();
        for (piece, _) in self.pieces.iter().zip(&loss.kept).filter(|(_, kept)| **kept) {
            match piece {
                Piece::Name(path, Some(number)) => drop(names.insert(path.clone(), *number)),
                Piece::Name(path, None) => drop(names.remove(path)),
                Piece::Size(number, size) => {
                    let (bytes, length) = self.open(&mut files, *number);
                    if *size < *length {
                        // What was cut off does not come back, unless it is written again.
                        bytes.truncate(*size);
                    }
                    *length = *size;
                }
                Piece::Block(number, at, block) => {
                    let (bytes, _) = self.open(&mut files, *number);
                    bytes.resize(bytes.len().max(at + block.len()), 0);
                    bytes[*at..at + block.len()].copy_from_slice(block);
                }
            }
        }
        for number in names.values() {
            let bytes = match files.remove(number) {
                Some((mut bytes, length)) => {
                    bytes.resize(length, 0);
                    Arc::new(bytes)
                }
                None => self.files[number].durable.clone(),
            };
            left.files.insert(*number, File { visible: bytes.clone(), durable: bytes });
        }
        (left.visible, left.durable) = (names.clone(), names);
        left.plain = match &self.plain_next {
            Some(new) if loss.plain_is_new => Some(new.clone()),
            _ => self.plain.clone(),
        };
        let embedded = match loss.embedded {
            Embedded::Newest => self.embedded[0].clone(),
            Embedded::Older => self.embedded[1].clone(),
            Embedded::Missing => StateCopy::Missing,
            Embedded::Unreadable => StateCopy::Unreadable("sled panicked on its own files".to_owned()),
        };
        left.embedded = [embedded, self.embedded[1].clone()];
        left
    }

    fn open<'a>(
        &self,
        files: &'a mut BTreeMap<Number, (Vec<u8>, usize)>,
        number: Number,
    ) -> &'a mut (Vec<u8>, usize) {
        files.entry(number).or_insert_with(|| {
            let durable = self.files.get(&number).map(|file| file.durable.to_vec()).unwrap_or_default();
            let length = durable.len();
            (durable, length)
        })
    }

    /// All files, by their names: two disks with the same are not told apart.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.visible.iter().map(|(name, number)| (name.as_str(), self.files[number].visible.as_slice()))
    }

    /// What a loss takes and keeps, in words.
    pub fn tell(&self, loss: &Loss) -> String {
        let names: BTreeMap<Number, &str> = self
            .durable
            .iter()
            .map(|(name, number)| (*number, name.as_str()))
            .chain(self.pieces.iter().filter_map(|piece| match piece {
                Piece::Name(name, Some(number)) => Some((*number, name.as_str())),
                _ => None,
            }))
            .collect();
        let name = |number: &Number| names.get(number).copied().unwrap_or("a replaced file");
        let lines = self.pieces.iter().zip(&loss.kept).map(|(piece, kept)| {
            let what = match piece {
                Piece::Name(path, Some(_)) => format!("the name {path}"),
                Piece::Name(path, None) => format!("the deletion of {path}"),
                Piece::Size(number, size) => format!("{size} as the size of {}", name(number)),
                Piece::Block(number, at, _) => format!("the block at {at} of {}", name(number)),
            };
            format!("  {} {what}\n", if *kept { "kept" } else { "lost" })
        });
        let state = format!("  embedded: {:?}, plain is new: {}\n", loss.embedded, loss.plain_is_new);
        lines.collect::<String>() + &state
    }
}

fn copy_of(bytes: Option<&Bytes>) -> StateCopy {
    bytes.map_or(StateCopy::Missing, |bytes| StateCopy::Bytes(bytes.to_vec()))
}
