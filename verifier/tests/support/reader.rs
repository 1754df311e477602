//! A reader with a policy, in a folder of its own, that audits a log.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::served_log;

/// The folder, and what every audit is given.
pub(crate) struct Reader(tempfile::TempDir, &'static [&'static str]);

impl Reader {
    /// The policy trusts the log of the test vectors, and knows this witness (a line, or nothing).
    pub(crate) fn new(witness: &str) -> Reader {
        let folder = tempfile::tempdir().unwrap();
        let policy = format!("log {}\n{witness}quorum none\n", served_log::key().vkey.encode());
        std::fs::write(folder.path().join("policy"), policy).unwrap();
        Reader(folder, &[])
    }

    /// The same without a witness, with a state.
    pub(crate) fn with_state() -> Reader {
        let Reader(folder, _) = Reader::new("");
        Reader(folder, &["--state", "state"])
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn command(&self, place: &str, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify"));
        command.args(["log", place, "--policy", "policy", "--json"]).args(self.1).args(more);
        command.current_dir(self.0.path());
        command
    }

    /// Exit status and the last line of the answer.
    pub(crate) fn audit(&self, place: &str, more: &[&str]) -> (i32, Value) {
        let output = self.command(place, more).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let answer = text.lines().last().map(|line| serde_json::from_str(line).unwrap());
        (output.status.code().unwrap(), answer.unwrap_or_default())
    }

    /// Exit status of an audit and its answer for people.
    pub(crate) fn words(&self, place: &str) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify"));
        command.args(["log", place, "--policy", "policy"]).args(self.1).current_dir(self.0.path());
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    }

    /// What `state.json` says.
    pub(crate) fn state(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.path("state/state.json")).unwrap()).unwrap()
    }

    /// The proofs in the state.
    pub(crate) fn proofs(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.path("state")).unwrap().map(|file| file.unwrap().path());
        files.filter(|path| path.to_string_lossy().contains("glasshouse-evidence-")).collect()
    }

    /// Exit status and answer of `evidence`.
    pub(crate) fn evidence(&self, file: &str) -> (i32, Value) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify"));
        command.args(["evidence", file, "--json", "--log-key", &served_log::key().vkey.encode()]);
        let output = command.current_dir(self.path(".")).output().unwrap();
        (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
    }
}

/// The rules that the findings name, in their order.
pub(crate) fn rules(answer: &Value) -> Vec<&str> {
    answer["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}
