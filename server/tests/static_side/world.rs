//! A public folder made by hand, and a server over it on a free port.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use glasshouse_server::budget::Budget;
use glasshouse_server::http_server::HttpServer;
use glasshouse_server::limits::ANSWERS_IN_FLIGHT;
use glasshouse_server::measure::Measure;
use glasshouse_server::{app, static_side};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::client::{self, Reply};

pub(crate) const CHECKPOINT: &str = "log.example/takedowns\n70000\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n\
— log.example/takedowns +LyJ9ugSSiaikaJBGFzeH0D1k/jLdi63S8727E0gwX6B8g7iZoUDZ81voAP+HegsoCEwO7uJeAe8Xv7ZVBS4pUTSRgk=\n";
pub(crate) const VKEY: &str = "log.example/takedowns+f8bc89f6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\n";

pub(crate) struct World {
    pub(crate) address: SocketAddr,
    server: Option<HttpServer>,
    runtime: Runtime,
    folder: tempfile::TempDir,
}

impl World {
    pub(crate) fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let public = folder.path().join("public");
        write(&public, "checkpoint", CHECKPOINT.as_bytes());
        write(&public, "vkey", VKEY.as_bytes());
        write(&public, "addenda.v1", b"");
        write(&public, "tile/0/000", &tile(256));
        write(&public, "tile/0/000.p/8", &tile(8));
        write(&public, "tile/0/x001/x234/067", &tile(256));
        write(&public, "tile/1/000.p/255", &tile(255));
        write(&public, "tile/63/000.p/1", &tile(1));
        write(&public, "tile/entries/000", &bundle(256));
        write(&public, "tile/entries/000.p/8", &bundle(8));
        write(&public, "tile/entries/x001/x234/067", &bundle(256));
        // What must never be reached.
        write(folder.path(), "log.key", b"secret");
        write(&public, "tile/64/000", &tile(256));
        write(&public, "tile/0/000.p/256", &tile(256));
        write(&public, "tile/0/000.p/08", &tile(8));
        write(&public, "tile/0/X001/000", &tile(256));
        write(&public, "tile/00/000", &tile(256));
        write(&public, "tile/data/000", b"other");
        write(&public, "stray", b"other");
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let router = app::frame(
                static_side::router(public, Budget::new(ANSWERS_IN_FLIGHT)),
                Arc::new(Measure::new().unwrap()),
            );
            HttpServer::start(listener, router).unwrap()
        });
        World { address: server.address(), server: Some(server), runtime, folder }
    }

    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        client::request(self.address, "GET", path, headers)
    }

    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        client::request(self.address, method, path, headers)
    }

    /// Puts a file into the public folder while the server runs.
    pub(crate) fn publish(&self, name: &str, bytes: &[u8]) {
        write(&self.folder.path().join("public"), name, bytes);
    }

    /// Waits until the server has stopped.
    pub(crate) fn stop(mut self) {
        let server = self.server.take().unwrap();
        self.runtime.block_on(server.stop());
    }
}

/// `width` hashes that differ.
pub(crate) fn tile(width: usize) -> Vec<u8> {
    (0..width * 32).map(|i| u8::try_from((i * 7 + i / 32) % 256).unwrap()).collect()
}

/// `entries` entries of 400 bytes, each behind its length.
pub(crate) fn bundle(entries: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in 0..entries {
        bytes.extend(400u16.to_be_bytes());
        bytes.extend((0..400).map(|i| u8::try_from((entry + i % 10) % 256).unwrap()));
    }
    bytes
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}
