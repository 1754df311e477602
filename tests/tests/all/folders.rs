//! One folder, one server; a copied or restored folder is refused until it is adopted.

use std::path::{Path, PathBuf};
use std::process::Command;

use glasshouse_tests::process::Process;
use glasshouse_tests::world::World;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test"))
}

/// Copies a folder with all below it, as `cp -a` does.
fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(status.success());
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_second_server_on_one_folder_refuses() {
    let mut world = World::start(program());
    let error = Process::serve(program(), &world.dir(), &[]).unwrap_err();
    assert!(error.contains("another process"), "{error}");
    // The first one goes on as if nothing had happened.
    let mut publisher = world.enrol("one");
    assert_eq!(world.submit([&publisher.sign_next()])[0]["status"], "accepted");
}

#[test]
fn a_copied_folder_is_refused_until_it_is_adopted() {
    let mut world = World::start(program());
    let mut publisher = world.enrol("one");
    assert_eq!(world.submit([&publisher.sign_next()])[0]["status"], "accepted");
    assert_eq!(world.take_server().stop(), Some(0));
    let copied = world.scratch().join("copied");
    copy(&world.dir(), &copied);

    let error = Process::serve(program(), &copied, &[]).unwrap_err();
    assert!(error.contains("glasshouse adopt"), "the error says what to do next: {error}");

    // By the word of the folder alone it is adopted only by who says that nobody knows more.
    let (status, output, errors) = world.command(&["adopt", "--dir", &text(&copied)]);
    assert_eq!(status, 1, "{output}{errors}");
    assert!(errors.contains("--nobody-else-has-seen-it"), "the error says what to do next: {errors}");
    Process::serve(program(), &copied, &[]).unwrap_err();
    let alone = ["adopt", "--json", "--nobody-else-has-seen-it", "--dir", &text(&copied)];
    let (status, output, errors) = world.command(&alone);
    assert_eq!(status, 0, "{output}{errors}");
    assert!(output.contains("nobody showed a checkpoint"), "also in JSON: {output}");
    let server = Process::serve(program(), &copied, &[]).unwrap();
    assert_eq!(server.size_at_start(), 3);
}

/// A ledger at three entries is backed up, grows, and is restored from the backup.
fn restored() -> (World, PathBuf, PathBuf) {
    let mut world = World::start(program());
    let mut publisher = world.enrol("one");
    world.submit([&publisher.sign_next()]);
    assert_eq!(world.take_server().stop(), Some(0));
    let backup = world.scratch().join("backup");
    copy(&world.dir(), &backup);
    world.serve();
    world.submit([&publisher.sign_next()]);
    let seen = world.scratch().join("seen");
    std::fs::write(&seen, world.get("/checkpoint").body).unwrap();
    assert_eq!(world.take_server().stop(), Some(0));
    (world, backup, seen)
}

#[test]
fn adopt_refuses_a_folder_that_is_behind_what_was_seen() {
    let (world, backup, seen) = restored();
    let (status, output, errors) = world.command(&["adopt", "--dir", &text(&backup), "--seen", &text(&seen)]);
    assert_eq!(status, 1, "{output}{errors}");
    assert!(errors.contains("size 4"), "the error says what was signed: {errors}");
    let error = Process::serve(program(), &backup, &[]).unwrap_err();
    assert!(error.contains("glasshouse adopt"), "{error}");
}

#[test]
fn serve_refuses_to_sign_behind_what_was_seen() {
    let (world, backup, seen) = restored();
    let (status, ..) = world.command(&["adopt", "--nobody-else-has-seen-it", "--dir", &text(&backup)]);
    assert_eq!(status, 0, "without a witness of the later state nobody can tell an old copy from the truth");
    let error = Process::serve(program(), &backup, &["--seen", &text(&seen)]).unwrap_err();
    assert!(error.contains("size 4"), "{error}");
    // The folder that is up to date starts with the same checkpoint.
    let server = Process::serve(program(), &world.dir(), &["--seen", &text(&seen)]).unwrap();
    assert_eq!(server.size_at_start(), 4);
}

#[test]
fn adopt_catches_up_from_a_mirror() {
    let (world, backup, seen) = restored();
    let mirror = Process::serve(program(), &world.dir(), &[]).unwrap();
    let (backup_dir, seen) = (text(&backup), text(&seen));
    let arguments = ["adopt", "--json", "--dir", &backup_dir, "--mirror", mirror.url(), "--seen", &seen];
    let (status, output, errors) = world.command(&arguments);
    assert_eq!(status, 0, "{output}{errors}");
    let event: serde_json::Value = serde_json::from_str(output.trim()).unwrap();
    assert_eq!((&event["size"], &event["caught_up"]), (&4.into(), &1.into()), "{output}");
    let (status, output, errors) = world.command(&["fsck", "--dir", &backup_dir]);
    assert_eq!(status, 0, "{output}{errors}");

    let server = Process::serve(program(), &backup, &["--seen", &seen]).unwrap();
    assert_eq!(server.size_at_start(), 4);
    let mut served = 0;
    let view: serde_json::Value =
        serde_json::from_slice(&get(mirror.url(), "/api/v1/statements/3").1).unwrap();
    for path in view["links"]["addenda"].as_object().unwrap().values() {
        let path = path.as_str().unwrap();
        let (there, here) = (get(mirror.url(), path), get(server.url(), path));
        assert_eq!(there, here, "{path}");
        served += usize::from(here.0 == 200);
    }
    assert!(served > 0, "the decision's texts are served again");
}

/// Status and body of an answer.
fn get(url: &str, path: &str) -> (u16, Vec<u8>) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answer = agent.get(format!("{url}{path}")).call().unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
}

#[test]
fn adopt_refuses_a_mirror_of_another_log() {
    let (world, backup, _) = restored();
    let other = World::start(program());
    let server = other.server();
    let arguments = ["adopt", "--dir", &text(&backup), "--mirror", server.url()];
    let (status, output, errors) = world.command(&arguments);
    assert_eq!(status, 1, "{output}{errors}");
    assert!(errors.contains("not one of this log") && errors.contains(server.url()), "{errors}");
    let error = Process::serve(program(), &backup, &[]).unwrap_err();
    assert!(error.contains("glasshouse adopt"), "{error}");
}

#[test]
fn init_refuses_a_folder_that_holds_a_ledger() {
    let world = World::init(program());
    let before = std::fs::read(world.dir().join("log.key")).unwrap();
    let key = world.scratch().join("other.key");
    let arguments =
        ["init", "--dir", &text(&world.dir()), "--origin", "other.example", "--registrar-key", &text(&key)];
    let (status, _, errors) = world.command(&arguments);
    assert_eq!(status, 1, "{errors}");
    assert_eq!(std::fs::read(world.dir().join("log.key")).unwrap(), before);
    assert!(!key.exists(), "nothing was made for a ledger that was not");
}

#[test]
fn keys_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::init(program());
    for file in [world.dir().join("log.key"), world.dir().join("receipt.key"), world.registrar_key()] {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
}

#[test]
fn a_damaged_public_key_is_shown_anew() {
    let mut world = World::start(program());
    assert_eq!(world.take_server().stop(), Some(0));
    let path = world.dir().join("public/vkey");
    let right = std::fs::read(&path).unwrap();
    let mut wrong = right.clone();
    wrong[20] ^= 1;
    std::fs::write(&path, wrong).unwrap();
    world.serve();
    assert_eq!(world.get("/vkey").body, right);
}
