//! `glasshouse provider request`: proof of possession, for the registrar.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use glasshouse_ledger::author::Author;
use glasshouse_ledger::clock::Clock as _;
use glasshouse_ledger::key_file;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::request::SignedRequest;
use serde_json::json;

use super::provider;
use crate::commands::CommandError;
use crate::commands::standard_output::say;
use crate::system_clock::SystemClock;

/// No request is longer, in bytes.
const MAX_REQUEST: u64 = 1 << 16;

/// Make the request with which a provider asks a registrar to admit its key.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse provider request --origin ledger.example --provider https://www.example.net \\\n    --key provider.pem --out request.cose\n\nThe request is signed by the key, and good for this log and this provider only. Send it to the registrar."
)]
pub(super) struct Request {
    /// Origin of the log: its URL without scheme, the first line of its checkpoint.
    #[arg(long, value_name = "ORIGIN")]
    origin: String,

    /// The provider: its HTTPS origin.
    #[arg(long, value_name = "https://…")]
    provider: String,

    /// The key that is to be admitted.
    #[arg(long, value_name = "FILE.pem")]
    key: PathBuf,

    /// File to write.
    #[arg(long, value_name = "R")]
    out: PathBuf,
}

impl Request {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let origin = Origin::parse(&self.origin)
            .map_err(|error| CommandError::Usage(format!("--origin {}: {error}", self.origin)))?;
        let author = Author::new(provider(&self.provider)?, origin, key_file::read_pem(&self.key)?)?;
        let bytes = author.request(SystemClock.now_ms() / 1_000);
        let io = || CommandError::io(self.out.display().to_string());
        if !may_replace(&self.out).map_err(io())? {
            return Err(CommandError::Refused(format!(
                "{} is there already and holds no request: it is left alone. Give another --out, or take it away",
                self.out.display()
            )));
        }
        std::fs::write(&self.out, bytes).map_err(io())?;
        let kid = author.kid().to_hex();
        if json {
            say!("{}", json!({"event": "request", "kid": kid, "out": self.out}));
        } else {
            say!("{} asks {} to admit the key {kid}", self.provider, self.origin);
            say!("request  {}", self.out.display());
        }
        Ok(())
    }
}

/// Whether a request may take that place: nothing is there, an earlier request, or no file. Anything else may be the key.
fn may_replace(path: &Path) -> io::Result<bool> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => Ok(true),
        Ok(found) if found.len() > MAX_REQUEST => Ok(false),
        Ok(_) => Ok(SignedRequest::parse(&std::fs::read(path)?).is_ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}
