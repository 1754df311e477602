//! TLS of a server: a certificate and its key from two files, which can be read anew while it runs.
//!
//! TLS 1.2 and 1.3 with rustls, whose usual choice of ciphers holds; HTTP/1.1 alone is offered. A new pair serves the connections
//! that begin after it was read. A pair that does not hold together changes nothing.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use glasshouse_ledger::key_file::{KeyFileError, read_hidden};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use tokio_rustls::TlsAcceptor;

/// Longest file of either kind, in bytes: a chain of ten certificates with RSA keys has some 20 KB.
const MAX_FILE: usize = 256 << 10;

/// What is spoken inside (RFC 7301).
const HTTP: &[u8] = b"http/1.1";

/// Where a certificate and its key lie.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// PEM: the server's certificate, then those between it and a root.
    pub certificate: PathBuf,
    /// PEM: its private key, in PKCS#8, PKCS#1 or SEC1, readable by its owner alone.
    pub key: PathBuf,
}

/// Why a certificate cannot be served. No message repeats what a file holds.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The key's file cannot be read, or others can read it too.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The certificate's file cannot be read.
    #[error("cannot read {path}: {source}")]
    Io {
        /// Which file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file that holds something else.
    #[error("{path} is no {what} in PEM: {rule}")]
    NotPem {
        /// Which file.
        path: String,
        /// What it should hold.
        what: &'static str,
        /// What is wrong.
        rule: String,
    },
    /// Two files that do not belong together, or of a kind that is not served.
    #[error("the certificate {certificate} and the key {key} cannot be served: {source}")]
    Pair {
        /// The certificate's file.
        certificate: String,
        /// The key's file.
        key: String,
        /// Why.
        source: rustls::Error,
    },
}

/// A server's TLS: what new connections get.
pub struct Tls {
    files: TlsFiles,
    current: RwLock<Arc<ServerConfig>>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads both files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(files: TlsFiles) -> Result<Tls, TlsError> {
        let current = RwLock::new(Arc::new(read(&files)?));
        Ok(Tls { files, current })
    }

    /// Reads both files again. Connections that are open keep what they began with.
    ///
    /// # Errors
    /// [`TlsError`]; what was served before is served on.
    pub fn reload(&self) -> Result<(), TlsError> {
        let new = Arc::new(read(&self.files)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// What makes a handshake with the pair of now.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn read(files: &TlsFiles) -> Result<ServerConfig, TlsError> {
    let chain = read_chain(&files.certificate)?;
    let key = read_key(&files.key)?;
    let pair = |source| TlsError::Pair {
        certificate: files.certificate.display().to_string(),
        key: files.key.display().to_string(),
        source,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder.with_protocol_versions(&[&TLS13, &TLS12]).map_err(pair)?;
    // Refuses a key that is not the certificate's.
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key).map_err(pair)?;
    config.alpn_protocols = vec![HTTP.to_vec()];
    Ok(config)
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let not_pem =
        |rule| TlsError::NotPem { path: path.display().to_string(), what: "chain of certificates", rule };
    let io = |source| TlsError::Io { path: path.display().to_string(), source };
    let mut pem = Vec::new();
    File::open(path).map_err(io)?.take(MAX_FILE as u64 + 1).read_to_end(&mut pem).map_err(io)?;
    if pem.len() > MAX_FILE {
        return Err(not_pem(format!("it is longer than {MAX_FILE} bytes")));
    }
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match chain {
        Ok(chain) if chain.is_empty() => Err(not_pem("it has no block labelled CERTIFICATE".to_owned())),
        Ok(chain) => Ok(chain),
        Err(error) => Err(not_pem(error.to_string())),
    }
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let pem = read_hidden(path, MAX_FILE)?;
    PrivateKeyDer::from_pem_slice(&pem).map_err(|error| TlsError::NotPem {
        path: path.display().to_string(),
        what: "private key",
        rule: error.to_string(),
    })
}
