//! Which witnesses have ever signed for this ledger, as its own folder tells: a file that names each of them from its first
//! signature on, and the lines below the published checkpoint. Who stands here and says that it knows nothing of this log has
//! lost what it knew, or is not who answers.
//!
//! The file protects nothing that was signed: a ledger whose file is lost or set back only believes more.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::cosignature::verify_cosignature;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::vkey::Vkey;

use super::station::Station;

/// The file's name in the ledger's folder: the verifier key of a witness on each line.
pub(crate) const FILE: &str = "witnesses";

/// So much of the file is read, in bytes: 32 witnesses with a key of the longest kind, each 1.8 KB, many times over.
const READ_MAX: u64 = 1 << 20;
/// So much of a checkpoint, in bytes: the longest note.
const NOTE_MAX: u64 = 256 << 10;

/// Those witnesses. Clones of the keys, so that a policy can change meanwhile.
#[derive(Debug)]
pub(crate) struct Acquaintances {
    folder: PathBuf,
    /// The keys in their text form.
    keys: Mutex<BTreeSet<String>>,
    /// The tree of the published checkpoint, by the key of each witness whose line below it holds.
    signed: BTreeMap<String, TreeSize>,
}

impl Acquaintances {
    /// Reads what the folder of a ledger with that key tells of a policy's witnesses.
    ///
    /// # Errors
    /// Where a file is there and cannot be read.
    pub(crate) fn read(folder: &Path, log: &Vkey, policy: &Policy) -> io::Result<Acquaintances> {
        let file = read_some(&folder.join(FILE), READ_MAX)?;
        // A line that is none was cut off or written by somebody else: it names nobody.
        let named = String::from_utf8_lossy(&file);
        let named = named.lines().filter(|line| Vkey::parse(line).is_ok()).map(str::to_owned);
        let mut keys: BTreeSet<String> = named.collect();
        let mut signed = BTreeMap::new();
        if let Ok(checkpoint) =
            SignedCheckpoint::open(&read_some(&folder.join("public/checkpoint"), NOTE_MAX)?, log)
        {
            let witnesses = policy.witnesses().iter().map(|witness| witness.key());
            for key in witnesses.filter(|key| verify_cosignature(checkpoint.note(), key).is_ok()) {
                signed.insert(key.encode(), checkpoint.head().size());
            }
        }
        keys.extend(signed.keys().cloned());
        Ok(Acquaintances { folder: folder.to_owned(), keys: Mutex::new(keys), signed })
    }

    fn keys(&self) -> MutexGuard<'_, BTreeSet<String>> {
        // Each change leaves it whole.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the folder carries a line of that witness, or remembers one.
    pub(crate) fn knows(&self, station: &Station) -> bool {
        let keys = self.keys();
        station.members.iter().any(|member| keys.contains(&member.key.encode()))
    }

    /// The greatest tree that the folder shows under that witness's own line; 0 where it shows none.
    pub(crate) fn signed_by(&self, station: &Station) -> TreeSize {
        let sizes = station.members.iter().filter_map(|member| self.signed.get(&member.key.encode()));
        sizes.copied().max().unwrap_or(TreeSize::ZERO)
    }

    /// Remembers a witness that has signed for this log, its line verified. Writes where it is the first time.
    ///
    /// # Errors
    /// Where the file cannot be written: it is remembered until the process ends, and written with the next one.
    pub(crate) fn remember(&self, witness: &Vkey) -> io::Result<()> {
        let mut keys = self.keys();
        match keys.insert(witness.encode()) {
            true => self.write(&keys),
            false => Ok(()),
        }
    }

    /// Whole and beside, then under its name: a reader never finds half of it.
    fn write(&self, keys: &BTreeSet<String>) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        keys.iter().try_for_each(|key| writeln!(file, "{key}"))?;
        file.as_file().sync_all()?;
        file.persist(self.folder.join(FILE)).map_err(|error| error.error)?;
        File::open(&self.folder)?.sync_all()
    }
}

/// The beginning of a file; nothing of one that is not there.
fn read_some(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(most).read_to_end(&mut bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use glasshouse_ledger::key_file::SecretKey;
    use glasshouse_verifier::vkey::VkeyKind;

    fn key(number: u8, kind: VkeyKind) -> Vkey {
        Vkey::new("w.example", kind, SecretKey::from_seed(&[number; 32]).public_bytes()).unwrap()
    }

    #[test]
    fn who_signed_once_is_known_from_then_on() {
        let folder = tempfile::tempdir().unwrap();
        let log = key(9, VkeyKind::Ed25519);
        let [one, other] = [1, 2].map(|number| key(number, VkeyKind::Cosignature));
        let text = format!(
            "log {}\nwitness one {} http://a.example\nwitness other {} http://b.example\nquorum none\n",
            log.encode(),
            one.encode(),
            other.encode()
        );
        let policy = Policy::parse(&text).unwrap();
        let stations = Station::all_of(&policy);
        let read = || Acquaintances::read(folder.path(), &log, &policy).unwrap();
        let known = |here: &Acquaintances| stations.iter().map(|one| here.knows(one)).collect::<Vec<_>>();
        let here = read();
        assert_eq!(known(&here), [false, false]);
        here.remember(&other).unwrap();
        here.remember(&other).unwrap();
        assert_eq!((known(&here), known(&read())), (vec![false, true], vec![false, true]));
        // What was cut off names nobody, and takes nobody's name away.
        let path = folder.path().join(FILE);
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{whole}{}", &one.encode()[..20])).unwrap();
        let here = read();
        assert_eq!(known(&here), [false, true]);
        here.remember(&one).unwrap();
        assert_eq!(known(&read()), [true, true]);
        let mut lines = [one.encode(), other.encode()];
        lines.sort();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{}\n{}\n", lines[0], lines[1]));
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(names.len(), 1, "{names:?}");
    }
}
