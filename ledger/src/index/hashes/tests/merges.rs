//! Merges: they keep the runs few, by short steps that nobody waits for, and make none that is too long.

use super::*;

/// A long life: the runs stay few, an entry is written about once for each size, and no step is long.
#[test]
fn runs_stay_few_and_every_step_is_short() {
    let folder = tempfile::tempdir().unwrap();
    let hashes = open(folder.path(), 16);
    let (mut seen, mut written, mut left) = (HashSet::new(), 0, 0_i64);
    // Four sizes above the shortest: 16, 128, 1,024, 8,192 and 65,536.
    for first in (0..100_000).step_by(8) {
        let new = entries(0, first, 8);
        let records: u64 = new.iter().map(|entry| 1 + entry.addenda.len() as u64).sum();
        hashes.add(first, &new).unwrap();
        let runs = runs(&hashes);
        assert!(runs.len() <= 5 * 10, "{} runs at {first}", runs.len());
        let merges = hashes.merges();
        assert!(merges.len() <= 4 && merges.iter().all(|merge| merge.level() < 4));
        // Each merge goes on by four records for one, and no further.
        let now: i64 = merges.iter().map(|merge| i64::try_from(merge.left()).unwrap()).sum();
        drop(merges);
        assert!(now >= left - i64::try_from(records * PACE * 4).unwrap(), "{left} {now}");
        left = now;
        written += runs.iter().filter(|run| seen.insert(*run.header())).map(|run| run.entries()).sum::<u64>();
    }
    assert!((3 * 100_000..5 * 100_000).contains(&written), "{written}");
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, runs(&hashes).len() + hashes.merges().len(), "nothing else lies there");
}

/// A merge takes room beside its sources: runs end where that would be more than is kept free.
#[test]
fn no_run_grows_past_the_room_that_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let hashes = open(folder.path(), 1);
    let mut model = Model::default();
    model.add(&entries(0, 0, 6_000));
    follow(&hashes, 0, 6_000, 5);
    while hashes.tend().unwrap() {}
    // Of 5 to 39, 40 to 319, and 320 to 2,559 entries; eight of the last would be some 7,000 records.
    let lengths: Vec<_> = runs(&hashes).iter().map(|run| run.header().records).collect();
    assert!(lengths.iter().all(|records| *records <= LONGEST) && lengths.len() < 50, "{lengths:?}");
    assert!(lengths.iter().filter(|records| **records > LONGEST / 8).count() >= 8, "{lengths:?}");
    model.check(&hashes).unwrap();
}

/// Who adds, and who looks, goes on while somebody tends the runs.
#[test]
fn nobody_waits_for_who_tends_the_runs() {
    let folder = tempfile::tempdir().unwrap();
    let hashes = open(folder.path(), 4);
    let mut model = Model::default();
    model.add(&entries(0, 0, 200));
    let tending = hashes.merges();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            follow(&hashes, 0, 200, 4);
            model.check(&hashes).unwrap();
            tell.send(()).unwrap();
        });
        let went_on = told.recv_timeout(std::time::Duration::from_secs(60));
        drop(tending);
        went_on.unwrap();
    });
    assert_eq!(runs(&hashes).len(), 49, "nothing was merged");
}

/// Lives that are too short for any long merge, each with a moment in which nothing is added.
#[test]
fn runs_stay_few_through_many_short_lives() {
    let folder = tempfile::tempdir().unwrap();
    for life in 1..=60 {
        let hashes = open(folder.path(), 16);
        follow(&hashes, 0, life * 300, 50);
        while hashes.tend().unwrap() {}
        assert!(runs(&hashes).len() <= 5 * 10, "{} runs in life {life}", runs(&hashes).len());
    }
    // Without such a moment they are more; merges that are under way at once are not.
    for life in 60..=200 {
        let hashes = open(folder.path(), 16);
        follow(&hashes, 0, life * 300, 50);
        assert!(hashes.merges().len() <= 5, "{}", hashes.merges().len());
    }
    let hashes = open(folder.path(), 16);
    let before = runs(&hashes).len();
    while hashes.tend().unwrap() {}
    assert!(before > 60 && runs(&hashes).len() < 40, "{before}, then {}", runs(&hashes).len());
    let mut model = Model::default();
    model.add(&entries(0, 0, 60_000));
    follow(&hashes, 0, 60_000, 50);
    model.check(&hashes).unwrap();
}
