//! A server in a process of its own, so that it can be killed.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Where a server listens that may have any port.
const FREE_PORT: &str = "127.0.0.1:0";

/// A running `glasshouse serve` or `glasshouse witness serve`. Dropping it kills it, and shows its log where a test fails.
#[derive(Debug)]
pub struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
    errors: File,
    url: String,
    size: u64,
}

impl Process {
    /// Starts `program serve --dir dir` on a free port, which takes statements as long as some room is left: the disk of a machine may be
    /// fuller than a log's. Waits until it says that it is ready. Fails with what the program wrote to standard error when it ends before.
    pub fn serve(program: &Path, dir: &Path, more: &[&str]) -> Result<Process, String> {
        Process::serve_logging(program, dir, more, None)
    }

    /// The same, with what the server's log tells (`RUST_LOG`).
    pub fn serve_logging(
        program: &Path,
        dir: &Path,
        more: &[&str],
        filter: Option<&str>,
    ) -> Result<Process, String> {
        Process::start(program, &["serve", "--listen", FREE_PORT, "--min-free", "64MiB"], dir, more, filter)
    }

    /// Starts `program witness serve --dir dir` in the same way.
    pub fn witness(program: &Path, dir: &Path, more: &[&str]) -> Result<Process, String> {
        Process::witness_at(program, FREE_PORT, dir, more)
    }

    /// The same, on this address and port: where a policy says that it is, it must be again after a kill.
    pub fn witness_at(program: &Path, listen: &str, dir: &Path, more: &[&str]) -> Result<Process, String> {
        Process::start(program, &["witness", "serve", "--listen", listen], dir, more, None)
    }

    fn start(
        program: &Path,
        command: &[&str],
        dir: &Path,
        more: &[&str],
        filter: Option<&str>,
    ) -> Result<Process, String> {
        let errors = tempfile::tempfile().unwrap();
        let mut process = Command::new(program);
        if let Some(filter) = filter {
            process.env("RUST_LOG", filter);
        }
        let mut child = process
            .args(command)
            .arg("--dir")
            .arg(dir)
            .args(more)
            .stdout(Stdio::piped())
            .stderr(errors.try_clone().unwrap())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let Ok(ready) = serde_json::from_str::<serde_json::Value>(&line) else {
            let status = child.wait().unwrap();
            let log = read_again(&errors).unwrap();
            return Err(format!("{status}: {line}{}", String::from_utf8_lossy(&log)));
        };
        let url = ready["url"].as_str().unwrap().to_owned();
        // A witness has no size.
        let size = ready["size"].as_u64().unwrap_or_default();
        Ok(Process { child, output, errors, url, size })
    }

    /// `http://127.0.0.1:…`, without a final slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Everything that it has written to its log so far.
    pub fn log(&self) -> Vec<u8> {
        read_again(&self.errors).unwrap()
    }

    /// How many entries the ledger had when it was ready.
    pub fn size_at_start(&self) -> u64 {
        self.size
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that it has held so far, in KiB (`VmHWM` of proc(5)).
    pub fn peak_memory_kib(&self) -> u64 {
        crate::usage::memory(self.id()).unwrap().peak_kib
    }

    /// Ends it at once, as a power cut of the process would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The same, by whoever only has it on loan: it is gone soon after.
    pub fn order_kill(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }

    /// Waits until it has ended by itself; its exit status.
    pub fn wait(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Asks it to finish what it accepted and waits for it; its exit status.
    pub fn stop(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        let mut rest = String::new();
        let _ = std::io::Read::read_to_string(&mut self.output, &mut rest);
        status.code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            // A second panic would end all tests, and with them the words of the first.
            match read_again(&self.errors) {
                Ok(log) => eprintln!("the log of process {}:\n{}", self.id(), String::from_utf8_lossy(&log)),
                Err(error) => eprintln!("the log of process {} cannot be read: {error}", self.id()),
            }
        }
    }
}

/// The program that was named, or else the one of that name beside this one; in full, so that it is found from any folder.
///
/// # Panics
/// When it is not there.
pub fn program(named: Option<&Path>, name: &str) -> PathBuf {
    let beside = || std::env::current_exe().unwrap().parent().unwrap().join(name);
    let path = named.map_or_else(beside, Path::to_owned);
    path.canonicalize().unwrap_or_else(|error| panic!("{}: {error}; build it first", path.display()))
}

/// Everything in a file, whoever writes to it meanwhile.
fn read_again(file: &File) -> io::Result<Vec<u8>> {
    let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}
