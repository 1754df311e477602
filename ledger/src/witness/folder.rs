//! A witness's folder: made once, opened by one process at a time, and refused where it was copied or restored.
//!
//! A copy may be older than what the witness has signed since, and a witness that goes on from it signs two roots for one
//! size. So a folder on another inode is refused until [`WitnessFolder::adopt`], which takes the newest state that anyone
//! can show: a note with the witness's own cosignature proves what it signed. A restore into the same folder leaves its
//! inode alone; so the files of the state know themselves (`file_mark`), and where one is another than
//! was written, the folder is refused too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use glasshouse_verifier::note::{Note, NoteError};
use glasshouse_verifier::vkey::{Vkey, VkeyError};

use super::add_request::REQUEST_MAX;
use super::evidence_shelf::forks_first;
use super::folder_store::{FolderStore, MARK, read_signed_logs};
use super::log_settings::{LogId, LogSettings};
use super::record::{RecordError, WitnessRecord};
use super::recover::{is_contradiction, sound_copies};
use super::signed_logs;
use super::store::WitnessStore;
use super::{Witness, WitnessOpenError};
use crate::clock::Clock;
use crate::cosigner::Cosigner;
use crate::file_mark::write_marked;
use crate::key_file::{self, KeyFileError, SecretKey};
use crate::ml_dsa_key_file::{MlDsaSecretKey, read_ml_dsa_pem, replace_ml_dsa_pem};
use crate::place::{PlaceError, check_place, write_place};
use crate::scratch_folder::sync_names;
use crate::store::StoreError;

/// The Ed25519 key.
const KEY: &str = "witness.key";
/// The ML-DSA-44 key. A witness that was made before there were such keys has none, and goes on without.
const SECOND_KEY: &str = "witness.ml-dsa-44.key";
/// The public half of each key with the witness's name, a line each. One file, so that a lost key is always noticed.
const VKEY: &str = "witness.vkey";
/// What a witness is known by; a folder with any of these is never made anew, nor one that names a log as signed for.
const SIGNED: [&str; 3] = ["place", "state", "state.sled"];

/// Why a folder was not made, opened or adopted.
#[derive(Debug, thiserror::Error)]
pub enum WitnessFolderError {
    /// There is a witness already.
    #[error("{0} holds a witness already, and none is ever replaced")]
    Exists(String),
    /// There is none.
    #[error("{0} holds no witness; `glasshouse witness init` makes one")]
    None(String),
    /// A copy, or a restored backup.
    #[error(
        "{0} was copied or restored, or its place is damaged: it may be older than what this witness has signed since. \
         `glasshouse witness adopt` takes the newest state that can be shown and makes it the witness's folder"
    )]
    OtherPlace(String),
    /// An older file lies in the place of one that this witness wrote, or one was copied there.
    #[error(
        "{0}: {1} is not the file that this witness wrote last, so it may be older than what it has signed since, as after a \
         restore into the same folder. `glasshouse witness adopt` takes the newest state that can be shown"
    )]
    OtherFile(String, String),
    /// The name of the witness, or its key.
    #[error("the witness's name: {0}")]
    Name(#[from] VkeyError),
    /// `witness.vkey` does not belong to the private keys.
    #[error(
        "{0}: witness.vkey does not name exactly the keys of witness.key and, if it is there, witness.ml-dsa-44.key"
    )]
    OtherKey(String),
    /// A key's file.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The record of the place.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The state or the logs.
    #[error(transparent)]
    Open(#[from] WitnessOpenError),
    /// The disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A note that was to be taken as seen.
    #[error("{0} is no checkpoint that this witness cosigned: {1}")]
    Seen(String, RecordError),
    /// Two of what was shown contradict each other.
    #[error("{0}: this witness has cosigned two roots for the size {1}; it must not sign again, for any log")]
    Contradiction(String, u64),
    /// Nothing sound is left of a log's state.
    #[error(
        "state/{0}: no copy of the state is sound, and nobody showed a checkpoint that was cosigned; give one with --seen, \
         from the log or from whoever follows it"
    )]
    Lost(String),
    /// The file system.
    #[error("cannot write {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

/// What adopting a folder gave: each log and its state now.
pub type Adopted = BTreeMap<LogId, WitnessRecord>;

/// A witness's folder, by its path.
#[derive(Debug, Clone)]
pub struct WitnessFolder {
    root: PathBuf,
}

impl WitnessFolder {
    /// The folder at a path; nothing is touched.
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Makes a witness: a folder, two new keys, their vkeys, the record of its place. Gives the vkeys back, that of Ed25519
    /// first.
    ///
    /// A folder where an earlier one died before anything could be signed is made anew.
    ///
    /// # Errors
    ///
    /// [`WitnessFolderError`].
    pub fn init(&self, name: &str) -> Result<Vec<Vkey>, WitnessFolderError> {
        let there = |name: &&str| fs::symlink_metadata(self.root.join(name)).is_ok();
        if SIGNED.iter().any(there) || !read_signed_logs(&self.root)?.0.is_empty() {
            return Err(WitnessFolderError::Exists(self.name()));
        }
        let (key, second) = (SecretKey::generate()?, MlDsaSecretKey::generate()?);
        let cosigner = Cosigner::new(name, key.clone())?.with_second(second.clone())?;
        fs::create_dir_all(&self.root).map_err(self.io(""))?;
        key_file::replace_pem(&self.root.join(KEY), &key)?;
        replace_ml_dsa_pem(&self.root.join(SECOND_KEY), &second)?;
        let vkeys: String = cosigner.vkeys().iter().map(|vkey| format!("{}\n", vkey.encode())).collect();
        let write = || -> io::Result<()> {
            let mut file = File::create(self.root.join(VKEY))?;
            file.write_all(vkeys.as_bytes())?;
            file.sync_all()?;
            let mut mark = File::create(self.root.join(MARK))?;
            write_marked(&mut mark, &signed_logs::encode(&BTreeSet::new()))?;
            mark.sync_all()?;
            sync_names(&self.root)
        };
        write().map_err(self.io(VKEY))?;
        // Last: without it nothing opens the folder, and so nothing is signed.
        write_place(&self.root)?;
        Ok(cosigner.vkeys().to_vec())
    }

    /// Opens the witness to watch these logs. Says beside what was found and mended.
    ///
    /// # Errors
    ///
    /// [`WitnessFolderError`]; nothing may be signed then.
    pub fn open(
        &self,
        clock: Arc<dyn Clock>,
        logs: Vec<LogSettings>,
    ) -> Result<(Witness, Vec<String>), WitnessFolderError> {
        let cosigner = self.cosigner()?;
        let store = FolderStore::open(&self.root)?;
        check_place(&self.root).map_err(|error| match error {
            PlaceError::Missing { .. } | PlaceError::Moved { .. } | PlaceError::PutBack { .. } => {
                WitnessFolderError::OtherPlace(self.name())
            }
            error => error.into(),
        })?;
        if let Some(file) = store.foreign_file()? {
            return Err(WitnessFolderError::OtherFile(self.name(), file));
        }
        Ok(Witness::open(Arc::new(store), cosigner, clock, logs)?)
    }

    /// Makes the folder the witness's own, with the newest state of every log that its copies or `seen` show: notes with
    /// this witness's cosignature, each with a name for errors. Nothing is signed. Gives back beside the origins of those that
    /// were signed for and of which nothing is left or shown: nothing is signed for them until it is.
    ///
    /// # Errors
    ///
    /// [`WitnessFolderError`]; the folder is not the witness's then.
    pub fn adopt(&self, seen: &[(String, Vec<u8>)]) -> Result<(Adopted, Vec<String>), WitnessFolderError> {
        let cosigner = self.cosigner()?;
        let store = FolderStore::open(&self.root)?;
        let mut newest = Adopted::new();
        for (log, copies) in store.load()? {
            let sound = sound_copies(&copies, log, cosigner.vkeys());
            if sound.is_empty() && !is_seen(seen, log, &cosigner) {
                return Err(WitnessFolderError::Lost(log.to_hex()));
            }
            sound.into_iter().try_for_each(|record| take_newer(&mut newest, record))?;
        }
        for (name, bytes) in seen {
            let record = seen_record(bytes, &cosigner)
                .map_err(|error| WitnessFolderError::Seen(name.clone(), error))?;
            take_newer(&mut newest, record)?;
        }
        for (log, record) in &newest {
            store.replace_plain(*log, &record.encode())?;
        }
        store.reset_embedded(&newest.iter().map(|(log, record)| (*log, record.encode())).collect())?;
        store.add_signed_logs(
            &newest.values().map(|record| record.checkpoint().origin().to_owned()).collect(),
        )?;
        let mut lost = store.signed_logs()?;
        lost.retain(|origin| !newest.contains_key(&LogId::of_origin(origin)));
        // Last: until here the folder is refused.
        write_place(&self.root)?;
        Ok((newest, lost.into_iter().collect()))
    }

    /// The witness's keys, the records in the plain files, and the names of the evidence, beside a running witness. Files
    /// that are no records are passed over.
    ///
    /// # Errors
    ///
    /// [`WitnessFolderError`].
    pub fn look(&self) -> Result<(Vec<Vkey>, Adopted, Vec<String>), WitnessFolderError> {
        let cosigner = self.cosigner()?;
        let store = FolderStore::open_read_only(&self.root);
        let mut records = Adopted::new();
        for (log, copies) in store.load()? {
            if let Some(record) = sound_copies(&copies, log, cosigner.vkeys()).pop() {
                records.insert(log, record);
            }
        }
        Ok((cosigner.vkeys().to_vec(), records, forks_first(store.evidence()?)))
    }

    fn cosigner(&self) -> Result<Cosigner, WitnessFolderError> {
        let vkeys = match fs::read_to_string(self.root.join(VKEY)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(WitnessFolderError::None(self.name()));
            }
            Err(source) => return Err(self.io(VKEY)(source)),
        };
        let named = vkeys.trim_end().split('\n').map(Vkey::parse).collect::<Result<Vec<Vkey>, _>>()?;
        let name = named.first().map_or("", Vkey::name);
        let mut cosigner = Cosigner::new(name, key_file::read_pem(&self.root.join(KEY))?)?;
        // Where either half of a second key is there, both must be: a witness does not lose a key unnoticed.
        let second = self.root.join(SECOND_KEY);
        if named.len() > 1 || fs::symlink_metadata(&second).is_ok() {
            cosigner = cosigner.with_second(read_ml_dsa_pem(&second)?)?;
        }
        if cosigner.vkeys() != named {
            return Err(WitnessFolderError::OtherKey(self.name()));
        }
        Ok(cosigner)
    }

    fn name(&self) -> String {
        self.root.display().to_string()
    }

    fn io(&self, file: &str) -> impl FnOnce(io::Error) -> WitnessFolderError + use<> {
        let path = self.root.join(file).display().to_string();
        move |source| WitnessFolderError::Io { path, source }
    }
}

/// A note as a record: its number is not known, and counts on from the copies'. No longer than a request, so that the
/// record can be read again.
fn seen_record(bytes: &[u8], cosigner: &Cosigner) -> Result<WitnessRecord, RecordError> {
    if bytes.len() > REQUEST_MAX {
        return Err(NoteError::TooLong.into());
    }
    let note = Note::parse(bytes)?;
    WitnessRecord::new(1, note, cosigner.vkeys())
}

fn is_seen(seen: &[(String, Vec<u8>)], log: LogId, cosigner: &Cosigner) -> bool {
    seen.iter().any(|(_, bytes)| seen_record(bytes, cosigner).is_ok_and(|record| record.log() == log))
}

/// Keeps the greater tree, and of equal ones the later time. Its number is beyond both.
fn take_newer(newest: &mut Adopted, record: WitnessRecord) -> Result<(), WitnessFolderError> {
    let log = record.log();
    let Some(held) = newest.get(&log) else {
        newest.insert(log, record);
        return Ok(());
    };
    if is_contradiction(held, &record) {
        let origin = record.checkpoint().origin().to_owned();
        return Err(WitnessFolderError::Contradiction(origin, record.head().size().get()));
    }
    let order = |record: &WitnessRecord| (record.head().size(), record.time());
    let serial = held.serial().max(record.serial()).saturating_add(1);
    if order(&record) > order(held) {
        newest.insert(log, record.renumbered(serial));
    }
    Ok(())
}
