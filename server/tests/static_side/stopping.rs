//! Stopping: what was asked is answered, nothing more is taken.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::client::connect;
use crate::world::World;

#[test]
fn an_idle_connection_does_not_hold_the_server_up() {
    let world = World::new();
    let address = world.address;
    let mut idle = connect(address);
    idle.write_all(b"GET /checkpoint HTTP/1.1\r\nHost: log.example\r\n\r\n").unwrap();
    let mut first = [0; 15];
    idle.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    world.stop();
    assert!(TcpStream::connect(address).is_err());
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).unwrap();
}

#[test]
fn several_requests_go_over_one_connection() {
    let world = World::new();
    let mut stream = connect(world.address);
    let ask = "GET /vkey HTTP/1.1\r\nHost: log.example\r\n\r\n";
    let last = "GET /vkey HTTP/1.1\r\nHost: log.example\r\nConnection: close\r\n\r\n";
    stream.write_all(format!("{ask}{ask}{last}").as_bytes()).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3);
}
