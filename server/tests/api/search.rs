//! Searches and counts against the slow and obvious way: every entry read from the log and held against the query. The index
//! is fed in uneven batches, dropped, torn, damaged and built again in between.

use std::path::Path;

use crate::story::{Story, compare};
use crate::world::World;

#[test]
fn the_index_answers_as_the_log_does() {
    for seed in [1, 2] {
        let mut world = World::with_provider();
        let mut story = Story::new(seed);
        for many in [1, 4, 30, 2, 40] {
            story.go_on(&world, many);
            compare(&world, &mut story, 12);
        }
        let index = world.folder.path().join("ledger/search");
        // As it was left; and dropped.
        world.stop();
        world.start().unwrap();
        compare(&world, &mut story, 12);
        world.stop();
        std::fs::remove_dir_all(&index).unwrap();
        world.start().unwrap();
        compare(&world, &mut story, 12);
        story.go_on(&world, 10);
        compare(&world, &mut story, 12);
    }
}

/// A folder as it lies there at this moment.
pub(crate) fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        // It may be merged away at this moment, as in a folder that is torn.
        let _ = std::fs::copy(file.path(), to.join(file.file_name()));
    }
}

#[test]
fn an_index_of_any_moment_is_brought_up_or_built_again() {
    let mut world = World::with_provider();
    let mut story = Story::new(9);
    let (index, kept) = (world.folder.path().join("ledger/search"), world.folder.path().join("kept"));
    let mut states = Vec::new();
    for moment in 0..6 {
        story.go_on(&world, 12);
        compare(&world, &mut story, 1);
        let state = kept.join(moment.to_string());
        copy(&index, &state);
        states.push(state);
    }
    for state in &states {
        world.stop();
        copy(state, &index);
        world.start().unwrap();
        compare(&world, &mut story, 3);
    }
    // One changed byte in the greatest files, one after the other, and an index of another log.
    world.stop();
    world.start().unwrap();
    compare(&world, &mut story, 1);
    // Files come and go while segments are merged: one that is gone when its size is asked is no candidate.
    let mut files: Vec<_> = std::fs::read_dir(&index)
        .unwrap()
        .map(|file| file.unwrap())
        .filter_map(|file| {
            file.metadata().ok().filter(|data| data.is_file()).map(|data| (data.len(), file.path()))
        })
        .collect();
    files.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
    for (_, path) in files.into_iter().take(3) {
        world.stop();
        if let Ok(mut bytes) = std::fs::read(&path) {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(&path, bytes).unwrap();
        }
        world.start().unwrap();
        compare(&world, &mut story, 2);
    }
    let mut other = World::with_provider();
    let mut others = Story::new(10);
    others.go_on(&other, 20);
    compare(&other, &mut others, 1);
    other.stop();
    world.stop();
    copy(&other.folder.path().join("ledger/search"), &index);
    world.start().unwrap();
    compare(&world, &mut story, 3);
}
