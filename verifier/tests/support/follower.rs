//! An auditor that follows a log in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::reader::Reader;

impl Reader {
    /// Follows a log, looking every second, with a state.
    pub(crate) fn follow(&self, place: &str, more: &[&str]) -> Follower {
        let more = [&["--follow", "--every", "1", "--state", "state"], more].concat();
        let mut child = self.command(place, &more).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Follower { child, lines }
    }
}

/// An auditor that stays.
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

    /// Waits for its end; its exit status.
    pub(crate) fn end(&mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap()
    }

    /// Sends it a signal, such as `-TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }
}

impl Follower {
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
}
