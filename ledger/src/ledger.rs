//! A ledger in a folder: made once, opened by one process at a time, adopted after it was copied or restored.
//!
//! The log's keys (`log.key`, `log.ml-dsa-44.key` and their vkeys), `receipt.key`, `policy.txt` and `place` lie beside what
//! the store keeps. The registrar's key lies elsewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::key::PublicKey;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::vkey::{Vkey, VkeyError};

use crate::author::{Author, AuthorError};
use crate::catch_up::{CatchUp, Progress};
use crate::clock::Clock;
use crate::contradiction;
use crate::cosigned::under_own_lines;
use crate::erasures::record::{ErasureRecord, NAME};
use crate::evidence::Evidence;
use crate::file_store::FileStore;
use crate::format_version::check_formats;
use crate::genesis::{Genesis, GenesisError};
use crate::half_made::{MADE, leftovers};
use crate::index::{Index, IndexError};
use crate::key_file::{self, KeyFileError, SecretKey};
use crate::log_key_files::{KEY, SECOND_KEY, SECOND_VKEY, VKEY, read_signer, read_vkey};
use crate::log_signer::LogSigner;
use crate::mirror::Mirror;
use crate::ml_dsa_key_file::{MlDsaSecretKey, write_ml_dsa_pem};
use crate::open::{Hold, OpenError, Opened, Remembered, open_seen, open_store, open_with};
use crate::place::{PlaceError, check_place, remove_place, write_place};
use crate::receipt_signer::ReceiptSigner;
use crate::state::StateRecord;
use crate::store::{Store, StoreError};
use crate::tree_files::TreeFiles;
use crate::witnessing::Publication;

/// What the rules of a log say where the operator gives none.
const DEFAULT_POLICY: &str = "This log records content-moderation decisions as their providers sign them. The \
registrar admits a provider's key on proof of possession. Entries are never changed or removed; texts beside them can \
be erased, and a signed statement says so. Being on record says nothing about whether a decision was right.";

/// How a ledger is made.
#[derive(Debug, Clone)]
pub struct InitOptions {
    /// The ledger's folder; made if it is not there.
    pub folder: PathBuf,
    /// The public address without its scheme.
    pub origin: Origin,
    /// The registrar's key, outside the folder; read if it is there, else made. Its successor lies beside it, with
    /// `.next` behind its name.
    pub registrar_key: PathBuf,
    /// A code of the set `purpose`: production, test, demo.
    pub purpose: String,
    /// The log's rules in words; a short default if `None`.
    pub policy: Option<String>,
    /// How to reach the operator.
    pub contact: Option<String>,
}

/// How a ledger is opened.
#[derive(Clone)]
pub struct OpenOptions {
    /// The ledger's folder.
    pub folder: PathBuf,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Checkpoints of this log that others have (`--seen`): signed notes.
    pub seen: Vec<Vec<u8>>,
    /// How long a redaction can be withdrawn before its texts are erased.
    pub hold: Hold,
    /// How what is durable is published. Not asked when a folder is adopted: that publishes what was shown to it.
    pub publication: Publication,
}

/// Why a ledger was not made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is something already.
    #[error("{0} is already there: a ledger is made in a folder that holds none; choose another one")]
    NotEmpty(PathBuf),
    /// Keys, and nothing that was signed with them.
    #[error(
        "{folder} holds a ledger's beginnings and nothing that was signed. If `glasshouse init` was interrupted there, \
         delete in it: {delete}; then run `glasshouse init` again, which uses the registrar's key as it is. If these \
         files come from a backup, delete nothing: the log's other files are missing"
    )]
    HalfMade {
        /// The ledger's folder.
        folder: PathBuf,
        /// What stands in the way, by its names in the folder.
        delete: String,
    },
    /// The registrar's key would lie inside.
    #[error("the registrar's key {0} must lie outside the ledger's folder")]
    RegistrarInside(PathBuf),
    /// A file.
    #[error("cannot write {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A key file.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The log's name and key do not fit.
    #[error("the log's key: {0}")]
    LogKey(String),
    /// The registrar.
    #[error(transparent)]
    Author(#[from] AuthorError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The first entry.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The look-ups.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The folder's place.
    #[error(transparent)]
    Place(#[from] PlaceError),
}

/// A folder that has become the ledger again.
#[derive(Debug)]
pub struct Adopted {
    /// The ledger.
    pub opened: Opened,
    /// How many entries were fetched from a mirror.
    pub caught_up: u64,
}

/// A ledger in a folder.
#[derive(Debug, Clone, Copy)]
pub struct Ledger;

impl Ledger {
    /// Makes a ledger: its keys, what others need to check it, and the genesis, published. Gives the key that opens its
    /// checkpoints.
    pub fn init(options: &InitOptions, clock: Arc<dyn Clock>) -> Result<Vkey, InitError> {
        let folder = &options.folder;
        if let Some(found) = MADE.iter().map(|name| folder.join(name)).find(|path| path.exists()) {
            return Err(match leftovers(folder) {
                Some(names) => InitError::HalfMade { folder: folder.clone(), delete: names.join(", ") },
                None => InitError::NotEmpty(found),
            });
        }
        fs::create_dir_all(folder).map_err(io_error(folder))?;
        check_outside(&options.registrar_key, folder)?;
        let registrar = read_or_make(&options.registrar_key)?;
        let next = read_or_make(&beside(&options.registrar_key, ".next"))?;
        let signer = make_log_keys(folder, &options.origin)?;
        let receipt = make(&folder.join("receipt.key"))?;
        let log_lines =
            signer.vkeys().map(|vkey| format!("log {} https://{}/\n", vkey.encode(), options.origin));
        write(&folder.join("policy.txt"), &(log_lines.collect::<String>() + "quorum none\n"))?;
        // If we die before the genesis: keys and no log. The next `init` says what to delete; it replaces no key itself.
        let issuer = Issuer::of_registrar(&options.origin);
        let registrar = Author::new(issuer, options.origin.clone(), registrar)?;
        let genesis = Genesis {
            registrar: &registrar,
            next_registrar: public(&next)?.kid(),
            receipt_key: public(&receipt)?,
            purpose: &options.purpose,
            policy: options.policy.as_deref().unwrap_or(DEFAULT_POLICY),
            contact: options.contact.as_deref(),
        };
        let store: Arc<dyn Store> = Arc::new(FileStore::open(folder)?);
        let index = Index::open(&folder.join("look-ups"))?;
        genesis.begin(store, clock, &signer, index)?;
        write_place(folder)?;
        Ok(signer.vkey().clone())
    }

    /// Opens a ledger, or refuses and signs nothing.
    pub fn open(options: &OpenOptions) -> Result<Opened, OpenError> {
        check_made(&options.folder)?;
        let store = FileStore::open(&options.folder)?;
        check_formats(&store)?;
        check_place(&options.folder)?;
        if !store.has_own_state()? {
            return Err(PlaceError::PutBack { folder: options.folder.display().to_string() }.into());
        }
        let store: Arc<dyn Store> = Arc::new(store);
        let signer = read_signer(&options.folder)?;
        let receipts = read_receipt_signer(&options.folder, signer.origin())?;
        let index = Index::open(&options.folder.join("look-ups"))?;
        let OpenOptions { clock, hold, publication, seen, .. } = options;
        let mut opened =
            open_store(store, signer, Arc::clone(clock), index, *hold, publication.clone(), seen)?;
        match receipts {
            Some(signer) => {
                check_receipt_key(&opened, &signer)?;
                opened.reader = opened.reader.with_receipt_signer(signer);
            }
            None => opened.remarks.push("receipt.key is missing: no COSE receipts are given".to_owned()),
        }
        Ok(opened)
    }

    /// Takes a folder that was copied or restored for the ledger's own again. Every mirror is asked for its newest
    /// checkpoint; where one is ahead of the folder, the entries and texts between are fetched from it, checked, and
    /// staged, and `watch` is told how far that is. No new tree is signed: rounds that lie staged are finished, a lost note of the published tree is made again, and the
    /// state becomes the greatest tree that anyone showed. Refuses where the files do not reach that far. Every text that was
    /// ever redacted is looked for in the packs, and erased if it is due; holds are as the folder says, whatever
    /// `options` say. May be killed at any moment, and run again.
    pub fn adopt(
        options: &OpenOptions,
        mirrors: &[&dyn Mirror],
        watch: &mut dyn FnMut(Progress),
    ) -> Result<Adopted, OpenError> {
        let folder = &options.folder;
        check_made(folder)?;
        let store = Arc::new(FileStore::open(folder)?);
        check_formats(store.as_ref())?;
        if let Err(error @ PlaceError::Later { .. }) = check_place(folder) {
            return Err(error.into());
        }
        if !store.has_own_state()? {
            // Whatever is written below, and wherever this ends, it is refused until it is adopted whole.
            remove_place(folder)?;
        }
        let signer = read_signer(folder)?;
        let index = Index::open(&folder.join("look-ups"))?;
        let (clock, kept) = (Arc::clone(&options.clock), Arc::clone(&store));
        let adopted = adopt_store(kept, signer, clock, index, &options.seen, mirrors, watch)?;
        store.own_state()?;
        write_place(folder)?;
        Ok(adopted)
    }

    /// Checks the ledger in a folder, beside a running server if there is one, and changes nothing in it.
    pub fn fsck(folder: &Path) -> Result<crate::fsck::FsckReport, OpenError> {
        let vkey = read_vkey(folder)?;
        Ok(crate::fsck::fsck_folder(folder, &vkey)?)
    }
}

/// [`Ledger::adopt`] for a store of any kind that is already held.
pub fn adopt_store(
    store: Arc<dyn Store>,
    signer: LogSigner,
    clock: Arc<dyn Clock>,
    index: Index,
    seen: &[Vec<u8>],
    mirrors: &[&dyn Mirror],
    watch: &mut dyn FnMut(Progress),
) -> Result<Adopted, OpenError> {
    let seen = open_seen(seen, signer.vkey())?;
    let now_ms = clock.now_ms();
    let files = TreeFiles::new(Arc::clone(&store));
    let (kept, held, log) = (Arc::clone(&store), store.as_ref(), signer.vkey());
    let caught =
        CatchUp { store: held, files: &files, index: &index, log, mirrors, now_ms }.run(seen, watch)?;
    // If we die here: what was caught up lies staged, and the next run carries it out.
    let evidence = Evidence::collect(store.as_ref(), signer.vkey(), caught.shown.clone())?;
    if evidence.plain.whole().is_none() && evidence.embedded.whole().is_none() {
        restate(store.as_ref(), &evidence, now_ms)?;
    }
    drop(evidence);
    // The packs may be older than what is written down of them.
    let record = store.get(NAME)?.as_deref().and_then(ErasureRecord::parse);
    let remembered = Remembered { hold: Hold::AsBefore, record, trusted: None };
    let publication = Publication::AtOnce;
    let mut opened = open_with(store, signer, clock, index, caught.shown, remembered, publication)?;
    if let Some(file) = contradiction::kept(kept.as_ref())? {
        let remark =
            format!("{file} lies there still: move it away when what it shows is settled, and then serve");
        opened.remarks.push(remark);
    }
    if caught.erased > 0 {
        let remark = format!("{} texts were redacted at the mirror, and so are here", caught.erased);
        opened.remarks.push(remark);
    }
    Ok(Adopted { opened, caught_up: caught.entries })
}

/// A folder in which a ledger was made. Looked at first: opening the store would make the folder, and then `init` would
/// refuse it.
pub(crate) fn check_made(folder: &Path) -> Result<(), OpenError> {
    let known = [VKEY, KEY, "state", "state.sled", "public"];
    match known.iter().any(|name| folder.join(name).exists()) {
        true => Ok(()),
        false => Err(OpenError::NoLedger(folder.display().to_string())),
    }
}

/// A state record where none is whole: the greatest tree that anyone showed. Start then judges it like any other.
fn restate(store: &dyn Store, evidence: &Evidence, now_ms: u64) -> Result<(), StoreError> {
    let staged = evidence.stages.iter().filter_map(|found| found.stage.whole());
    let shown = evidence
        .seen
        .iter()
        .map(|seen| &seen.checkpoint)
        .chain(evidence.checkpoint.whole())
        .chain(staged.map(|stage| stage.checkpoint()))
        .max_by_key(|checkpoint| checkpoint.head().size());
    match shown {
        Some(checkpoint) => {
            store.reset_state(&StateRecord::new(under_own_lines(checkpoint), None, now_ms).encode())
        }
        None => Ok(()),
    }
}

/// The signer of COSE receipts, where the folder has its key.
fn read_receipt_signer(folder: &Path, origin: &Origin) -> Result<Option<ReceiptSigner>, OpenError> {
    let path = folder.join("receipt.key");
    if !path.exists() {
        return Ok(None);
    }
    let signer = ReceiptSigner::new(origin.clone(), key_file::read_pem(&path)?);
    signer.map(Some).map_err(|error| OpenError::LogKey(format!("receipt.key: {error}")))
}

/// A receipt under a key that the log names nowhere would convince nobody.
fn check_receipt_key(opened: &Opened, signer: &ReceiptSigner) -> Result<(), OpenError> {
    let named = opened.reader.with_registry(|registry| registry.receipt_keys().contains(signer.public_key()));
    match named {
        true => Ok(()),
        false => Err(OpenError::LogKey("receipt.key is none of the keys that the log names".to_owned())),
    }
}

fn public(key: &SecretKey) -> Result<PublicKey, InitError> {
    PublicKey::from_bytes(key.public_bytes()).map_err(|error| InitError::LogKey(error.to_string()))
}

fn make(path: &Path) -> Result<SecretKey, InitError> {
    let key = SecretKey::generate()?;
    key_file::write_pem(path, &key)?;
    Ok(key)
}

/// The log's two keys, each with its vkey.
fn make_log_keys(folder: &Path, origin: &Origin) -> Result<LogSigner, InitError> {
    let wrong = |error: VkeyError| InitError::LogKey(error.to_string());
    let second = MlDsaSecretKey::generate()?;
    write_ml_dsa_pem(&folder.join(SECOND_KEY), &second)?;
    let signer = LogSigner::new(origin.clone(), make(&folder.join(KEY))?).map_err(wrong)?;
    let signer = signer.with_second(second).map_err(wrong)?;
    for (name, vkey) in [VKEY, SECOND_VKEY].into_iter().zip(signer.vkeys()) {
        write(&folder.join(name), &format!("{}\n", vkey.encode()))?;
    }
    Ok(signer)
}

fn read_or_make(path: &Path) -> Result<SecretKey, InitError> {
    if path.exists() { Ok(key_file::read_pem(path)?) } else { make(path) }
}

/// The same name with something behind it.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The registrar's key is what survives when the ledger's machine is lost.
fn check_outside(key: &Path, folder: &Path) -> Result<(), InitError> {
    let parent = match key.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let parent = fs::canonicalize(parent).map_err(io_error(parent))?;
    let folder = fs::canonicalize(folder).map_err(io_error(folder))?;
    if parent.starts_with(&folder) {
        return Err(InitError::RegistrarInside(key.to_owned()));
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), InitError> {
    fs::write(path, text).and_then(|()| fs::File::open(path)?.sync_all()).map_err(io_error(path))
}

fn io_error(path: &Path) -> impl FnOnce(std::io::Error) -> InitError {
    let path = path.to_owned();
    move |source| InitError::Io { path, source }
}
