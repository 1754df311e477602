//! Looks for texts that should be gone: in every file of a folder, and in everything that a server answers.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::world::World;

/// A needle is known by so many bytes of its beginning.
const KEY: usize = 8;

/// What is looked for, each with what to call it.
#[derive(Debug, Default)]
pub struct Needles {
    by_key: HashMap<[u8; KEY], Vec<(Vec<u8>, String)>>,
    /// A bit for each pair of bytes that a needle begins with: few places of a file are worth a look-up.
    firsts: Vec<u64>,
}

/// Where the bit of a pair of bytes stands.
fn bit_of(pair: &[u8]) -> (usize, u64) {
    let pair = usize::from(pair[0]) << 8 | usize::from(pair[1]);
    (pair / 64, 1 << (pair % 64))
}

impl Needles {
    /// Looks for these bytes too.
    ///
    /// # Panics
    /// If there are fewer than 8.
    pub fn add(&mut self, bytes: &[u8], what: &str) {
        let key = *bytes.first_chunk().expect("a needle has 8 bytes");
        self.firsts.resize(1_024, 0);
        let (word, bit) = bit_of(bytes);
        self.firsts[word] |= bit;
        self.by_key.entry(key).or_default().push((bytes.to_vec(), what.to_owned()));
    }

    /// Looks for a text of an addendum and for its salt, without which nobody can test a guess.
    pub fn add_addendum(&mut self, addendum: &[u8], what: &str) {
        // The array's head, the head of the salt, 16 bytes of salt.
        self.add(&addendum[2..18], &format!("the salt of {what}"));
        self.add(addendum, what);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.by_key.values().map(Vec::len).sum()
    }

    /// What of it stands in some bytes.
    pub fn found_in(&self, bytes: &[u8]) -> Option<&str> {
        if self.firsts.is_empty() {
            return None;
        }
        let is_worth = |at: &usize| {
            let (word, bit) = bit_of(&bytes[*at..]);
            self.firsts[word] & bit != 0
        };
        (0..bytes.len().saturating_sub(KEY - 1)).filter(is_worth).find_map(|at| {
            let rest = &bytes[at..];
            let known = self.by_key.get(rest.first_chunk::<KEY>()?)?;
            known.iter().find(|(needle, _)| rest.starts_with(needle)).map(|(_, what)| what.as_str())
        })
    }

    /// Fails if any file below a folder holds one of them; how many bytes were looked at.
    #[track_caller]
    pub fn assert_not_below(&self, folder: &Path, when: &str) -> usize {
        let mut looked_at = 0;
        for path in files_below(folder) {
            // A running server replaces files.
            let Ok(bytes) = std::fs::read(&path) else { continue };
            let found = self.found_in(&bytes);
            assert_eq!(found, None, "{when}: {}", path.display());
            looked_at += bytes.len();
        }
        looked_at
    }

    /// Fails if the server's log or any of its answers holds one of them; how many answers were looked at.
    #[track_caller]
    pub fn assert_not_answered(&self, world: &World, when: &str) -> usize {
        assert_eq!(self.found_in(&world.server().log()), None, "{when}: the server's log");
        let paths = paths(world);
        for path in &paths {
            for accept in ["*/*", "text/html", "text/plain"] {
                let reply = world.get_with(path, &[("Accept", accept)]);
                assert_eq!(self.found_in(&reply.body), None, "{when}: {path} ({accept})");
                let headers = format!("{:?}", reply.headers);
                assert_eq!(self.found_in(headers.as_bytes()), None, "{when}: {path}: headers");
            }
        }
        paths.len()
    }
}

/// Every file in a folder and below it. A folder below it that a running server takes away meanwhile holds none.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    assert!(folder.is_dir(), "{}", folder.display());
    while let Some(folder) = open.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries.unwrap(),
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found
}

/// What can be asked for: every entry in every form, every text, every file of the log, every list.
fn paths(world: &World) -> Vec<String> {
    let size = world.get("/api/v1/stats").json()["size"].as_u64().unwrap();
    let fixed = ["/", "/checkpoint", "/vkey", "/addenda.v1", "/metrics", "/openapi.json", "/feed.atom"];
    let mut paths: Vec<String> = fixed.iter().map(|path| (*path).to_owned()).collect();
    for list in ["stats", "providers", "statements", "vocabulary", "conflicts"] {
        paths.push(format!("/api/v1/{list}"));
    }
    for provider in world.get("/api/v1/providers").json()["providers"].as_array().unwrap() {
        let host = provider["iss"].as_str().unwrap().trim_start_matches("https://").to_owned();
        paths.push(format!("/api/v1/providers/{host}"));
        paths.push(format!("/api/v1/providers/{host}/completeness"));
        paths.push(format!("/providers/{host}"));
    }
    for index in 0..size {
        let statement = world.get(&format!("/api/v1/statements/{index}")).json();
        for digest in statement["payload"]["addenda"].as_object().unwrap().values() {
            let digest = digest.as_str().unwrap();
            paths.push(format!("/addenda/{}/{}/{digest}", &digest[..2], &digest[2..4]));
        }
        for form in ["/api/v1/statements", "/api/v1/receipts", "/e"] {
            paths.push(format!("{form}/{index}"));
        }
    }
    let public = world.dir().join("public");
    for file in files_below(&public) {
        paths.push(format!("/{}", file.strip_prefix(&public).unwrap().display()));
    }
    paths
}
