//! A command that refuses ends with 1, and one whose file, disk or arguments were at fault with 2: whoever runs it from a script
//! tries again after a 2 and looks after a 1.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use glasshouse_tests::world::World;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test"))
}

/// Runs a command, which must end like that and say so.
#[track_caller]
fn ends(world: &World, arguments: &[&str], status: i32, says: &str) {
    let (ended, output, errors) = world.command(arguments);
    assert!(ended == status && errors.contains(says), "{arguments:?}: {ended} {output}{errors}");
}

/// The server does not start, ends like that and says so.
#[track_caller]
fn serve_ends(world: &World, status: i32, says: &str) {
    let mut command = Command::new(world.program());
    command.args(["serve", "--listen", "127.0.0.1:0", "--dir"]).arg(world.dir());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    if !ready.is_empty() {
        child.kill().unwrap();
    }
    let ended = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(
        ended.status.code() == Some(status) && errors.contains(says),
        "{:?} {ready}{errors}",
        ended.status
    );
}

#[test]
fn a_key_file_that_is_refused_ends_with_1_and_one_that_cannot_be_read_with_2() {
    let world = World::init(program());
    let dir = world.dir();
    let key = dir.join("log.key");
    let show = ["key", "show", key.to_str().unwrap()];
    let set = |mode| fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
    set(0o644);
    let says = format!("`chmod 600 {}`", key.display());
    ends(&world, &show, 1, &says);
    serve_ends(&world, 1, &says);
    ends(&world, &["fsck", "--dir", dir.to_str().unwrap()], 1, "is not whole");
    set(0o600);
    let whole = fs::read(&key).unwrap();
    fs::write(&key, "nothing").unwrap();
    ends(&world, &show, 1, "is not an Ed25519 private key");
    serve_ends(&world, 1, "is not an Ed25519 private key");
    fs::remove_file(&key).unwrap();
    ends(&world, &show, 2, "cannot read");
    serve_ends(&world, 2, "cannot read");
    fs::create_dir(&key).unwrap();
    ends(&world, &show, 2, "Is a directory");
    fs::remove_dir(&key).unwrap();
    fs::write(&key, whole).unwrap();
    set(0o600);
    ends(&world, &show, 0, "");
}

/// A disk that fails deep inside a start is the disk's fault, and damage at the same place is not.
#[test]
fn a_file_that_the_system_refuses_ends_with_2_and_one_that_is_damaged_with_1() {
    let mut world = World::start(program());
    let mut publisher = world.enrol("one");
    assert_eq!(world.submit([&publisher.sign_next()])[0]["status"], "accepted");
    assert_eq!(world.take_server().stop(), Some(0));
    let dir = world.dir();
    let bundle = dir.join("public/tile/entries/000.p/3");
    let whole = fs::read(&bundle).unwrap();
    let mut damaged = whole.clone();
    damaged[40] ^= 1;
    fs::write(&bundle, damaged).unwrap();
    serve_ends(&world, 1, "");
    // A name that leads to itself: whoever reads it is refused by the system, also root.
    fs::remove_file(&bundle).unwrap();
    std::os::unix::fs::symlink("3", &bundle).unwrap();
    serve_ends(&world, 2, "cannot");
    fs::remove_file(&bundle).unwrap();
    fs::write(&bundle, whole).unwrap();
    world.serve();
}
