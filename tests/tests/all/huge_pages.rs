//! A server declines pages of memory of 2 MiB, which would be air for the most part.

#![cfg(target_os = "linux")]

use std::path::Path;

use glasshouse_tests::world::World;

/// What the system says of a process; `None` where it does not tell.
fn huge_pages_of(process: &str) -> Option<String> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    status.lines().find_map(|line| Some(line.strip_prefix("THP_enabled:")?.trim().to_owned()))
}

#[test]
fn a_server_declines_huge_pages() {
    if huge_pages_of("self").as_deref() != Some("1") {
        eprintln!(
            "this process has no huge pages itself, so nothing can be seen of a server that declines them"
        );
        return;
    }
    let world = World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
    assert_eq!(huge_pages_of(&world.server().id().to_string()).as_deref(), Some("0"));
}
