//! A server that answers one path at once, and every other request only when it is told to.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// It serves a folder until the test ends.
pub(crate) struct Held {
    url: String,
    waiting: Arc<Mutex<Vec<Sender<()>>>>,
    came: Receiver<()>,
}

/// What each connection needs.
#[derive(Clone)]
struct Seat {
    folder: PathBuf,
    prompt: &'static str,
    waiting: Arc<Mutex<Vec<Sender<()>>>>,
    tell: Sender<()>,
}

impl Held {
    /// Answers `prompt` at once.
    pub(crate) fn of(folder: &Path, prompt: &'static str) -> Held {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell, came) = channel();
        let waiting: Arc<Mutex<Vec<Sender<()>>>> = Arc::default();
        let seat = Seat { folder: folder.to_owned(), prompt, waiting: Arc::clone(&waiting), tell };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let seat = seat.clone();
                std::thread::spawn(move || seat.answer(&stream.unwrap()));
            }
        });
        Held { url, waiting, came }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Waits until somebody waits for an answer.
    pub(crate) fn someone_waits(&self) {
        self.came.recv().unwrap();
    }

    /// Answers everybody who waits.
    pub(crate) fn let_go(&self) {
        self.waiting.lock().unwrap().drain(..).for_each(|waiting| waiting.send(()).unwrap());
    }
}

impl Seat {
    fn answer(&self, mut stream: &TcpStream) {
        let mut lines = BufReader::new(stream).lines();
        let request = lines.next().unwrap().unwrap();
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        let path = request.split(' ').nth(1).unwrap().trim_start_matches('/');
        if path != self.prompt {
            let (send, receive) = channel();
            self.waiting.lock().unwrap().push(send);
            // Not every test asks who waits.
            let _ = self.tell.send(());
            receive.recv().unwrap();
        }
        let body = std::fs::read(self.folder.join(path)).unwrap();
        let length = body.len();
        let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
        // Who has gone away does not hear it.
        let _ = stream.write_all(&[head.as_bytes(), &body].concat());
    }
}
