//! An auditor that stays.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::reader::Reader;

impl Reader {
    /// Starts one, with a state.
    pub(crate) fn follow(&self, place: &str, more: &[&str]) -> Follower {
        let more = [&["--follow", "--every", "1", "--state", "state"], more].concat();
        let mut child = self.command(place, &more).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Follower { child, lines }
    }
}

/// The process, and what it prints.
pub(crate) struct Follower {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Follower {
    /// The next object that it prints.
    pub(crate) fn next(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    /// The next event of that kind, or the answer that ends it for `end`; what comes before is passed over.
    pub(crate) fn until(&mut self, kind: &str) -> Value {
        loop {
            let event = self.next();
            let is = event.get("event").and_then(Value::as_str).unwrap_or("end");
            assert!(is == kind || is != "end", "it ended: {event}");
            if is == kind {
                return event;
            }
        }
    }

    /// Its exit status.
    pub(crate) fn end(&mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap()
    }

    /// Sends it a signal, such as `-TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Kills it.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
