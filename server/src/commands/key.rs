//! `glasshouse key`: a provider's or registrar's key.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use glasshouse_ledger::key_file::{self, SecretKey};
use glasshouse_verifier::key::{Kid, PublicKey};
use serde_json::json;

use super::CommandError;
use crate::commands::standard_output::say;

/// Make or look at a key.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  glasshouse key new --out provider.pem\n  glasshouse key show provider.pem"
)]
pub struct Key {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    New(New),
    Show(Show),
}

/// Make a key: the private half readable by its owner only, the public half beside it.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse key new --out provider.pem\n\nwrites provider.pem (PKCS#8, mode 0600) and provider.pub.pem. Files that exist are never replaced."
)]
struct New {
    /// File for the private key.
    #[arg(long, value_name = "FILE.pem")]
    out: PathBuf,
}

/// Show a key's identifier: what the registrar enrols and what statements name.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse key show provider.pem\n\nalso reads what `openssl genpkey -algorithm ed25519` writes."
)]
struct Show {
    /// File with the private key.
    #[arg(value_name = "FILE.pem")]
    file: PathBuf,
}

impl Key {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        match &self.act {
            Act::New(new) => new.run(json),
            Act::Show(show) => show.run(json),
        }
    }
}

impl New {
    fn run(&self, json: bool) -> Result<(), CommandError> {
        let public = public_path(&self.out);
        for path in [&self.out, &public] {
            if path.exists() {
                let path = path.display();
                return Err(CommandError::Refused(format!(
                    "{path} exists already, and a key is never replaced: choose another name"
                )));
            }
        }
        let key = SecretKey::generate()?;
        key_file::write_pem(&self.out, &key)?;
        key_file::write_public_pem(&public, &key)?;
        let kid = kid(&key)?;
        if json {
            let answer = json!({"event": "key", "kid": kid.to_hex(), "private": self.out, "public": public});
            say!("{answer}");
        } else {
            say!("key id   {}", kid.to_hex());
            say!("private  {} (keep it; there is no other copy)", self.out.display());
            say!("public   {}", public.display());
        }
        Ok(())
    }
}

impl Show {
    fn run(&self, json: bool) -> Result<(), CommandError> {
        let key = key_file::read_pem(&self.file)?;
        let (kid, public) = (kid(&key)?.to_hex(), hex::encode(key.public_bytes()));
        if json {
            say!("{}", json!({"event": "key", "kid": kid, "public_key": public}));
        } else {
            say!("key id      {kid}");
            say!("public key  {public}");
        }
        Ok(())
    }
}

/// `provider.pem` → `provider.pub.pem`.
pub(crate) fn public_path(private: &Path) -> PathBuf {
    match private.extension() {
        Some(extension) if extension == "pem" => private.with_extension("pub.pem"),
        _ => {
            let mut name = private.as_os_str().to_owned();
            name.push(".pub.pem");
            PathBuf::from(name)
        }
    }
}

/// Thumbprint of a key (RFC 9679).
pub(crate) fn kid(key: &SecretKey) -> Result<Kid, CommandError> {
    match PublicKey::from_bytes(key.public_bytes()) {
        Ok(public) => Ok(public.kid()),
        Err(error) => Err(CommandError::Refused(format!("the key cannot be used: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_new_key_has_two_files_and_replaces_none() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("provider.pem");
        New { out: out.clone() }.run(true).unwrap();
        let mode = std::fs::metadata(&out).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        let public = std::fs::read_to_string(dir.path().join("provider.pub.pem")).unwrap();
        assert!(public.starts_with("-----BEGIN PUBLIC KEY-----"));
        let before = std::fs::read(&out).unwrap();
        let error = New { out: out.clone() }.run(true).unwrap_err();
        assert_eq!(error.exit_status(), 1);
        assert_eq!(std::fs::read(&out).unwrap(), before);
        std::fs::remove_file(&out).unwrap();
        assert!(New { out: out.clone() }.run(true).is_err(), "the public half is not replaced either");
        assert!(!out.exists());
    }

    #[test]
    fn the_public_half_lies_beside() {
        assert_eq!(public_path(Path::new("a/provider.pem")), Path::new("a/provider.pub.pem"));
        assert_eq!(public_path(Path::new("a/provider.key")), Path::new("a/provider.key.pub.pem"));
    }
}
