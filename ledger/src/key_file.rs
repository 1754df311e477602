//! Ed25519 private keys in files: PKCS#8 in PEM (RFC 5958, RFC 8410, RFC 7468).
//!
//! Version 1 is written, 48 bytes of DER, byte for byte what `openssl genpkey -algorithm ed25519` writes; version 2,
//! with the public key behind, is read too. The public key lies beside as SubjectPublicKeyInfo.
//!
//! A private key is written for its owner alone, and one that others can read is refused. Whatever held its bytes is wiped when
//! it is dropped: the key, the text of its file, the DER, the seed of a new one. What the stack and the PEM decoder held is not.

use ed25519_dalek::pkcs8::DecodePrivateKey;
use ed25519_dalek::{Signer, SigningKey};
use pem_rfc7468::LineEnding;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use zeroize::Zeroizing;

use crate::scratch_folder::sync_names;

/// DER in front of the 32 secret bytes: version 0, the algorithm 1.3.101.112, a string in a string.
const PKCS8_V1_HEAD: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// DER in front of the 32 public bytes: the algorithm 1.3.101.112, a bit string with no unused bits.
const SPKI_HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// A version 2 file is 200 bytes; more than this is no key of ours.
const MAX_FILE_BYTES: usize = 4096;
/// What a file that is no Ed25519 key is told.
const ADVICE: &str = "a key in use comes from a backup alone; `glasshouse key new` makes a new provider's";

/// An Ed25519 private key. Its `Debug` form shows the public half only.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// A new key from the system's randomness.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::Randomness`] if the system has none.
    pub fn generate() -> Result<Self, KeyFileError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(|error| KeyFileError::Randomness(error.to_string()))?;
        Ok(Self::from_seed(&seed))
    }

    /// The key of a seed (RFC 8032 §5.1.5): any 32 bytes are one.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half, 32 bytes.
    pub fn public_bytes(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// The signature of a message (RFC 8032 §5.1.6): deterministic, 64 bytes.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey(public {})", hex::encode(self.public_bytes()))
    }
}

/// What is wrong with a key's file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// Others than its owner can read or change it.
    #[error(
        "{path} can be read or changed by others than its owner (mode {mode:04o}), and a private key must not be: \
         `chmod 600 {path}`. Where it is mounted and cannot be changed, mount it with mode 0400 for the user who runs this; or \
         with 0440, owned by another user, for a group of that user (of Kubernetes: defaultMode and fsGroup). If strangers may \
         have read it, take a new key"
    )]
    Exposed {
        /// The file.
        path: String,
        /// Its permissions.
        mode: u32,
    },
    /// Not PEM, or not of a private key.
    #[error("{path} is not an {algorithm} private key: {rule} ({advice})")]
    NotAKey {
        /// The file.
        path: String,
        /// What it should hold.
        algorithm: &'static str,
        /// What it would have to be.
        rule: String,
        /// How to get one.
        advice: &'static str,
    },
    /// The system has no randomness to give.
    #[error("the system gave no randomness: {0}")]
    Randomness(String),
}

/// Reads a private key.
///
/// # Errors
///
/// [`KeyFileError::Io`]; [`KeyFileError::Exposed`] where others than its owner can read or change it;
/// [`KeyFileError::NotAKey`] for everything but one `PRIVATE KEY` block with an Ed25519 key in PKCS#8 version 1 or 2. No message repeats what the file holds.
pub fn read_pem(path: &Path) -> Result<SecretKey, KeyFileError> {
    let der = read_private_der(path, "Ed25519", ADVICE)?;
    let key = SigningKey::from_pkcs8_der(&der).map_err(|_| {
        not_a_key(path, "Ed25519", ADVICE)("the PEM block must hold PKCS#8 of an Ed25519 key".to_owned())
    })?;
    Ok(SecretKey(key))
}

/// What the one `PRIVATE KEY` block of a file holds, of any algorithm; `algorithm` and `advice` are for the message.
pub(crate) fn read_private_der(
    path: &Path,
    algorithm: &'static str,
    advice: &'static str,
) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    let not_a_key = not_a_key(path, algorithm, advice);
    let pem = read_hidden(path, MAX_FILE_BYTES + 1)?;
    if pem.len() > MAX_FILE_BYTES {
        return Err(not_a_key("it is longer than 4,096 bytes".to_owned()));
    }
    match pem_rfc7468::decode_vec(&pem) {
        Ok(("PRIVATE KEY", der)) => Ok(Zeroizing::new(der)),
        Ok(_) => Err(not_a_key("the PEM block must be labelled PRIVATE KEY".to_owned())),
        Err(error) => Err(not_a_key(format!("not PEM ({error})"))),
    }
}

/// The bytes of a file with a private key of any kind, up to `most` of them.
///
/// # Errors
///
/// [`KeyFileError::Io`]; [`KeyFileError::Exposed`] where others than its owner can read or change it.
pub fn read_hidden(path: &Path, most: usize) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    let file = File::open(path).map_err(io_error("read", path))?;
    check_hidden(path, &file)?;
    // Room for all of it from the beginning: a vector that grows leaves what it held behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most.saturating_add(1)));
    file.take(most as u64).read_to_end(&mut bytes).map_err(io_error("read", path))?;
    Ok(bytes)
}

/// Refuses a file that others than its owner can read or change. A folder is no file: reading it says so.
fn check_hidden(path: &Path, file: &File) -> Result<(), KeyFileError> {
    let about = file.metadata().map_err(io_error("read", path))?;
    let (mode, user) = (about.mode() & 0o777, rustix::process::geteuid().as_raw());
    match about.is_dir() || is_hidden(mode, about.uid(), user) {
        true => Ok(()),
        false => Err(KeyFileError::Exposed { path: path.display().to_string(), mode }),
    }
}

/// Whether nobody can read a file who should not, as far as its mode says. A user who is neither its owner nor root reads it
/// by its group: so containers mount secrets, and that group is made for it.
fn is_hidden(mode: u32, owner: u32, user: u32) -> bool {
    const ROOT: u32 = 0;
    let needs_group = user != owner && user != ROOT;
    let others = if needs_group { 0o037 } else { 0o077 };
    mode & others == 0
}

fn not_a_key(path: &Path, algorithm: &'static str, advice: &'static str) -> impl Fn(String) -> KeyFileError {
    move |rule| KeyFileError::NotAKey { path: path.display().to_string(), algorithm, rule, advice }
}

/// Writes a private key to a file that must not exist yet, readable by its owner only (mode 0600), durably.
///
/// # Errors
///
/// [`KeyFileError::Io`], also if the file exists.
pub fn write_pem(path: &Path, key: &SecretKey) -> Result<(), KeyFileError> {
    let der = Zeroizing::new([PKCS8_V1_HEAD.as_slice(), key.0.as_bytes()].concat());
    write_new(path, 0o600, &pem("PRIVATE KEY", &der, path)?)
}

/// Writes a private key in place of whatever the file held, whole and durably (mode 0600): after a crash the file is the
/// old one or the new one.
///
/// # Errors
///
/// [`KeyFileError::Io`].
pub fn replace_pem(path: &Path, key: &SecretKey) -> Result<(), KeyFileError> {
    replace_whole(path, |part| write_pem(part, key))
}

/// Lets a file be written beside, and puts it in place of whatever the file held.
pub(crate) fn replace_whole(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), KeyFileError>,
) -> Result<(), KeyFileError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    match std::fs::remove_file(part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_error("remove", part)(error)),
        _ => {}
    }
    write(part)?;
    // If we die here: the key lies under another name, and the next try makes it anew.
    std::fs::rename(part, path).map_err(io_error("rename to", path))?;
    sync_folder_of(path)
}

/// Writes the public half as SubjectPublicKeyInfo to a file that must not exist yet (mode 0644), durably.
///
/// # Errors
///
/// [`KeyFileError::Io`], also if the file exists.
pub fn write_public_pem(path: &Path, key: &SecretKey) -> Result<(), KeyFileError> {
    let der = [SPKI_HEAD.as_slice(), &key.public_bytes()].concat();
    write_new(path, 0o644, &pem("PUBLIC KEY", &der, path)?)
}

pub(crate) fn pem(label: &str, der: &[u8], path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    pem_rfc7468::encode_string(label, LineEnding::LF, der)
        .map(Zeroizing::new)
        .map_err(|error| io_error("encode", path)(io::Error::other(error.to_string())))
}

pub(crate) fn write_new(path: &Path, mode: u32, text: &str) -> Result<(), KeyFileError> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .map_err(io_error("make", path))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io_error("write", path))?;
    sync_folder_of(path)
}

fn sync_folder_of(path: &Path) -> Result<(), KeyFileError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    sync_names(folder).map_err(io_error("sync the folder of", path))
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeyFileError {
    let path = path.display().to_string();
    move |source| KeyFileError::Io { action, path, source }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    // RFC 8410 §10.3: the same key in version 1, and in version 2 with attributes and the public key.
    const RFC_8410_V1: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
        -----END PRIVATE KEY-----\n";
    const RFC_8410_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
        -----END PUBLIC KEY-----\n";

    /// What somebody else wrote, for its owner alone.
    fn put(file: &Path, text: &str) {
        fs::write(file, text).unwrap();
        fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap();
    }

    fn scratch_file() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("k.pem");
        (folder, file)
    }

    #[test]
    fn writes_what_openssl_writes() {
        let (_folder, file) = scratch_file();
        put(&file, RFC_8410_V1);
        let key = read_pem(&file).unwrap();
        let again = file.with_extension("again");
        write_pem(&again, &key).unwrap();
        assert_eq!(fs::read_to_string(&again).unwrap(), RFC_8410_V1);
        assert_eq!(fs::metadata(&again).unwrap().mode() & 0o777, 0o600);
        let public = file.with_extension("pub");
        write_public_pem(&public, &key).unwrap();
        assert_eq!(fs::read_to_string(&public).unwrap(), RFC_8410_PUBLIC);
    }

    #[test]
    fn reads_version_2_and_refuses_a_wrong_public_half() {
        let (_folder, file) = scratch_file();
        let key = SecretKey::from_seed(&[7; 32]);
        let mut der = vec![0x30, 0x51, 0x02, 0x01, 0x01];
        der.extend_from_slice(&PKCS8_V1_HEAD[5..]);
        der.extend_from_slice(&[7; 32]);
        der.extend_from_slice(&[0x81, 0x21, 0x00]);
        der.extend_from_slice(&key.public_bytes());
        put(&file, &pem("PRIVATE KEY", &der, &file).unwrap());
        assert_eq!(read_pem(&file).unwrap().public_bytes(), key.public_bytes());
        let last = der.len() - 1;
        der[last] ^= 1;
        put(&file, &pem("PRIVATE KEY", &der, &file).unwrap());
        assert!(matches!(read_pem(&file), Err(KeyFileError::NotAKey { .. })));
    }

    #[test]
    fn what_is_no_key_is_refused_without_repeating_it() {
        let (_folder, file) = scratch_file();
        let long = RFC_8410_V1.repeat(40);
        let cut = RFC_8410_V1.replace("MC4CAQAw", "");
        for bad in ["", "hello", RFC_8410_PUBLIC, &cut, &long] {
            put(&file, bad);
            let error = read_pem(&file).unwrap_err();
            assert!(matches!(error, KeyFileError::NotAKey { .. }), "{bad}");
            assert!(!error.to_string().contains("BCIEINTu"));
        }
    }

    #[test]
    fn what_others_can_read_is_refused() {
        let (_folder, file) = scratch_file();
        put(&file, RFC_8410_V1);
        for mode in [0o644, 0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o444, 0o666] {
            fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            let error = read_pem(&file).unwrap_err();
            assert!(matches!(error, KeyFileError::Exposed { mode: found, .. } if found == mode), "{error}");
            let said = error.to_string();
            assert!(said.contains(&format!("`chmod 600 {}`", file.display())), "{said}");
            assert!(said.contains(&format!("(mode {mode:04o})")) && !said.contains("BCIEINTu"), "{said}");
        }
        for mode in [0o600, 0o400, 0o700] {
            fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            read_pem(&file).unwrap();
        }
    }

    /// A secret that is mounted into a container belongs to root and to a group of the user there.
    #[test]
    fn a_group_reads_what_is_not_its_users_own() {
        let (root, other, user) = (0, 500, 1_000);
        for (mode, owner, user, hidden) in [
            (0o440, root, user, true),
            (0o640, other, user, true),
            (0o400, root, user, true),
            (0o444, root, user, false),
            (0o460, root, user, false),
            (0o450, root, user, false),
            (0o440, user, user, false),
            (0o440, root, root, false),
            (0o440, other, root, false),
        ] {
            assert_eq!(is_hidden(mode, owner, user), hidden, "{mode:o} of {owner} for {user}");
        }
    }

    /// What holds secret bytes is wiped when it is dropped: its type says so.
    #[test]
    fn what_holds_a_key_is_wiped() {
        fn is_wiped<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let (_folder, file) = scratch_file();
        put(&file, RFC_8410_V1);
        is_wiped(&read_pem(&file).unwrap().0);
        is_wiped(&read_private_der(&file, "Ed25519", ADVICE).unwrap());
        is_wiped(&pem("PRIVATE KEY", &[1], &file).unwrap());
    }

    #[test]
    fn a_key_takes_the_place_of_another_in_one_step() {
        let (_folder, file) = scratch_file();
        for key in [SecretKey::generate().unwrap(), SecretKey::generate().unwrap()] {
            // What a crash may have left.
            fs::write(file.with_extension("pem.part"), "torn").unwrap();
            replace_pem(&file, &key).unwrap();
            assert_eq!(read_pem(&file).unwrap().public_bytes(), key.public_bytes());
            assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
            assert!(!file.with_extension("pem.part").exists());
        }
    }

    #[test]
    fn an_existing_file_is_never_replaced() {
        let (_folder, file) = scratch_file();
        let key = SecretKey::generate().unwrap();
        write_pem(&file, &key).unwrap();
        let other = SecretKey::generate().unwrap();
        write_pem(&file, &other).unwrap_err();
        assert_eq!(read_pem(&file).unwrap().public_bytes(), key.public_bytes());
        assert!(!format!("{key:?}").contains(&hex::encode(key.0.as_bytes())));
    }
}
