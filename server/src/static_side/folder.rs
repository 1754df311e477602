//! Reading a resource from the public folder.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use super::StaticSide;
use super::resource::Resource;
use crate::budget::Share;

/// Files up to this size are hashed for their entity tag; a full tile has 8,192 bytes.
const HASHED_SIZE: u64 = 8_192;

/// Greatest file that is served: a bundle of 256 entries of 65,535 bytes with their lengths.
const MAX_FILE: u64 = 256 * (2 + 65_535);

/// A file as it was read.
pub(super) struct Found {
    pub(super) bytes: Vec<u8>,
    /// Strong entity tag of the bytes without the quotes (RFC 9110 §8.8.3).
    pub(super) tag: String,
    /// What the bytes take of the budget for answers; given back when they were sent.
    pub(super) share: Share,
}

/// Why a resource is not answered with its bytes.
pub(super) enum ReadError {
    /// There is no such file.
    Absent,
    /// Too many great files are being sent already.
    Busy,
    /// The file cannot be read.
    Failed(io::Error),
}

impl StaticSide {
    /// Reads the whole file of a resource. Blocks.
    pub(super) fn read(&self, resource: Resource) -> Result<Found, ReadError> {
        if self.ledger.as_ref().is_some_and(|ledger| resource.entries() > ledger.announced()) {
            return Err(ReadError::Absent);
        }
        // The file is there a moment before the interface knows its tree: whoever sees a checkpoint here can ask about it there.
        if let (Resource::Checkpoint, Some(ledger)) = (resource, &self.ledger) {
            let bytes = ledger.checkpoint_note().into_bytes();
            let share = self.share(bytes.len() as u64).ok_or(ReadError::Busy)?;
            return Ok(Found { tag: tag_of(&bytes), bytes, share });
        }
        let path = self.folder.join(resource.file_name());
        read_file(&path, |size| self.share(size))
    }

    /// Room for an answer of so many bytes, of which small ones need none; `None` if others have it.
    fn share(&self, size: u64) -> Option<Share> {
        if size <= HASHED_SIZE {
            return Some(self.answers.share());
        }
        self.answers.take(usize::try_from(size).ok()?)
    }
}

fn tag_of(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes)[..16])
}

fn read_file(path: &Path, share: impl Fn(u64) -> Option<Share>) -> Result<Found, ReadError> {
    let mut file = File::open(path).map_err(absent_or_failed)?;
    let metadata = file.metadata().map_err(ReadError::Failed)?;
    if !metadata.is_file() {
        return Err(ReadError::Absent);
    }
    let size = metadata.len();
    if size > MAX_FILE {
        return Err(ReadError::Failed(io::Error::other("larger than any resource of the log")));
    }
    let share = share(size).ok_or(ReadError::Busy)?;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.read_to_end(&mut bytes).map_err(ReadError::Failed)?;
    let tag = if size <= HASHED_SIZE {
        tag_of(&bytes)
    } else {
        // A great file is a bundle; its time and size change with its content.
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        format!("{:x}-{:x}", modified.unwrap_or_default().as_nanos(), size)
    };
    Ok(Found { bytes, tag, share })
}

fn absent_or_failed(error: io::Error) -> ReadError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory => ReadError::Absent,
        _ => ReadError::Failed(error),
    }
}
