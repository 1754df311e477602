//! What every [`Store`] must do, as one test that each implementation runs.
//!
//! It panics where the contract is broken, as tests do; it is exported so that a store outside this crate can be held
//! to the same contract.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::store::{StateCopies, StateCopy, Store, StoreError};

/// Runs the whole contract; `make` gives a new, empty store each time it is called.
///
/// # Panics
///
/// Where the store breaks the contract.
pub fn run<S: Store>(make: impl Fn() -> S) {
    files_are_whole(&make());
    names_are_checked(&make());
    appending_cuts_and_extends(&make());
    overwriting_stays_inside(&make());
    ranges_end_where_files_end(&make());
    listing_is_sorted_and_deep(&make());
    state_is_compared_before_it_is_swapped(&make());
    state_can_be_reset(&make());
    it_can_be_shared(&make());
}

fn files_are_whole(store: &dyn Store) {
    assert_eq!(store.get("checkpoint").unwrap(), None);
    store.put("checkpoint", b"one").unwrap();
    assert_eq!(store.get("checkpoint").unwrap().unwrap(), b"one");
    store.put_durable("checkpoint", b"").unwrap();
    assert_eq!(store.get("checkpoint").unwrap().unwrap(), b"");
    let long = vec![7; 300_000];
    store.put("tile/entries/x001/x002/003.p/9", &long).unwrap();
    store.put_durable("tile/entries/x001/x002/003", &long).unwrap();
    assert_eq!(store.get("tile/entries/x001/x002/003.p/9").unwrap().unwrap(), long);
    store.sync().unwrap();
    store.delete("tile/entries/x001/x002/003.p/9").unwrap();
    store.delete("tile/entries/x001/x002/003.p/9").unwrap();
    assert_eq!(store.get("tile/entries/x001/x002/003.p/9").unwrap(), None);
    assert_eq!(store.get("tile/entries/x001/x002/003").unwrap().unwrap(), long);
}

fn names_are_checked(store: &dyn Store) {
    for bad in ["", "state", "../vkey", "tile/../vkey", "stage/", "log.key"] {
        let is_bad = |e: StoreError| matches!(e, StoreError::BadPath(_));
        assert!(is_bad(store.put(bad, b"x").unwrap_err()), "{bad}");
        assert!(is_bad(store.put_durable(bad, b"x").unwrap_err()), "{bad}");
        assert!(is_bad(store.append(bad, 0, b"x").unwrap_err()), "{bad}");
        assert!(is_bad(store.overwrite(bad, 0, b"x").unwrap_err()), "{bad}");
        assert!(is_bad(store.rewrite(bad, &[]).unwrap_err()), "{bad}");
        assert!(is_bad(store.get(bad).unwrap_err()), "{bad}");
        assert!(is_bad(store.get_range(bad, 0, 1).unwrap_err()), "{bad}");
        assert!(is_bad(store.delete(bad).unwrap_err()), "{bad}");
        assert!(is_bad(store.list(bad).unwrap_err()), "{bad}");
    }
}

fn appending_cuts_and_extends(store: &dyn Store) {
    let pack = "addenda-pack/x000/001";
    store.append(pack, 0, b"abcdef").unwrap();
    store.append(pack, 6, b"ghi").unwrap();
    assert_eq!(store.get(pack).unwrap().unwrap(), b"abcdefghi");
    store.append(pack, 6, b"gh").unwrap();
    store.append(pack, 6, b"gh").unwrap();
    assert_eq!(store.get(pack).unwrap().unwrap(), b"abcdefgh");
    assert!(matches!(store.append(pack, 9, b"x"), Err(StoreError::Range { offset: 9, length: 8, .. })));
    assert!(matches!(store.append("addenda-pack/002", 1, b"x"), Err(StoreError::Range { .. })));
    store.append(pack, 0, b"new").unwrap();
    assert_eq!(store.get(pack).unwrap().unwrap(), b"new");
}

fn overwriting_stays_inside(store: &dyn Store) {
    let pack = "addenda-pack/000";
    store.put(pack, b"abcdef").unwrap();
    store.overwrite(pack, 2, b"XY").unwrap();
    store.overwrite(pack, 6, b"").unwrap();
    assert_eq!(store.get(pack).unwrap().unwrap(), b"abXYef");
    for (path, offset) in [(pack, 5), (pack, 7), (pack, u64::MAX), ("addenda-pack/001", 0)] {
        let refused = store.overwrite(path, offset, b"12");
        assert!(matches!(refused, Err(StoreError::Range { .. })), "{offset}");
    }
    assert_eq!(store.get(pack).unwrap().unwrap(), b"abXYef");
    store.rewrite(pack, &[(4, b"12".to_vec()), (0, b"0".to_vec()), (6, Vec::new())]).unwrap();
    assert_eq!(store.get(pack).unwrap().unwrap(), b"0bXY12");
    for (path, offset) in [(pack, 5), (pack, u64::MAX), ("addenda-pack/001", 0)] {
        let parts = [(0, b"9".to_vec()), (offset, b"12".to_vec())];
        let refused = store.rewrite(path, &parts);
        assert!(matches!(refused, Err(StoreError::Range { .. })), "{offset}");
    }
    assert_eq!(store.get(pack).unwrap().unwrap(), b"0bXY12");
}

fn ranges_end_where_files_end(store: &dyn Store) {
    store.put("vkey", b"abcdef").unwrap();
    let range = |offset, length| store.get_range("vkey", offset, length).unwrap().unwrap();
    assert_eq!(range(0, 6), b"abcdef");
    assert_eq!(range(2, 3), b"cde");
    assert_eq!(range(4, 100), b"ef");
    assert_eq!(range(6, 1), b"");
    assert_eq!(range(u64::from(u32::MAX) * 4, 1), b"");
    assert_eq!(range(0, 0), b"");
    assert_eq!(store.get_range("addenda.v1", 0, 1).unwrap(), None);
}

fn listing_is_sorted_and_deep(store: &dyn Store) {
    assert_eq!(store.list("stage").unwrap(), Vec::<String>::new());
    let names = ["tile/0/000", "tile/0/000.p/12", "tile/0/000.p/9", "tile/0/001"];
    for name in names.iter().rev() {
        store.put(name, b"").unwrap();
    }
    store.put("tile/1/000", b"").unwrap();
    store.put("stage/1-ab", b"").unwrap();
    assert_eq!(store.list("tile/0").unwrap(), names);
    assert_eq!(store.list("tile/0/000.p").unwrap(), names[1..3]);
    assert_eq!(store.list("tile").unwrap().len(), 5);
    store.delete("stage/1-ab").unwrap();
    assert_eq!(store.list("stage").unwrap(), Vec::<String>::new());
}

fn both(bytes: &[u8]) -> StateCopies {
    StateCopies { embedded: StateCopy::Bytes(bytes.to_vec()), plain: StateCopy::Bytes(bytes.to_vec()) }
}

fn state_is_compared_before_it_is_swapped(store: &dyn Store) {
    let changed = |e: Result<(), StoreError>| matches!(e, Err(StoreError::StateChanged));
    let none = StateCopies { embedded: StateCopy::Missing, plain: StateCopy::Missing };
    assert_eq!(store.load_state().unwrap(), none);
    assert!(changed(store.swap_state(Some(b"one"), b"two")));
    assert_eq!(store.load_state().unwrap(), none);
    store.swap_state(None, b"one").unwrap();
    assert_eq!(store.load_state().unwrap(), both(b"one"));
    assert!(changed(store.swap_state(None, b"two")));
    assert!(changed(store.swap_state(Some(b"zero"), b"two")));
    assert_eq!(store.load_state().unwrap(), both(b"one"));
    store.swap_state(Some(b"one"), b"two").unwrap();
    store.swap_state(Some(b"two"), &[9; 4000]).unwrap();
    assert_eq!(store.load_state().unwrap(), both(&[9; 4000]));
}

fn state_can_be_reset(store: &dyn Store) {
    store.reset_state(b"one").unwrap();
    assert_eq!(store.load_state().unwrap(), both(b"one"));
    store.reset_state(b"two").unwrap();
    store.swap_state(Some(b"two"), b"three").unwrap();
    assert_eq!(store.load_state().unwrap(), both(b"three"));
}

fn it_can_be_shared(store: &dyn Store) {
    std::thread::scope(|threads| {
        for thread in 0..4_u8 {
            threads.spawn(move || {
                for file in 0..20 {
                    let path = format!("tile/{thread}/{file}");
                    store.put(&path, &[thread; 100]).unwrap();
                    assert_eq!(store.get(&path).unwrap().unwrap(), [thread; 100]);
                }
            });
        }
    });
    assert_eq!(store.list("tile").unwrap().len(), 80);
}
