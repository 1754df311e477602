//! What a start finds: packs from a backup, erasures that died half-way, a file that says more than is true.

use std::sync::Arc;

use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::pack::scan_pack;
use glasshouse_ledger::store::Store;

use crate::support::lives::*;
use crate::support::*;
use crate::world::{FACTS, World};

const PACK: &str = "addenda-pack/000";

/// A pack was put back from a backup that was made before the redaction: the file must not hide what lies in it.
#[test]
fn a_restored_pack_is_erased_before_anything_is_served() {
    for world in World::kept_or_not(3) {
        restore_pack(world);
    }
}

fn restore_pack(mut world: World) {
    let old = world.store.get(PACK).unwrap().unwrap();
    let by = world.take(&redaction(4, &[world.leaf(2)], &[FACTS]));
    let report = world.assert_clean();
    assert_eq!(report.erased, 1);
    // Since then other texts came, which the backup does not have: only the record is put back.
    let restored = world.store.after_kill();
    restored.put(PACK, &old).unwrap();
    assert!(!holding(&restored, text_of(world.decision(2), FACTS)).is_empty());
    let found = glasshouse_ledger::fsck::fsck(&restored, signer().vkey()).unwrap();
    assert!(!found.is_clean());
    world.open(Arc::new(restored), 0);
    world.assert_gone(2, FACTS, by);
    world.assert_clean();
    // Also when the whole store is from before, but for the log.
    let restored = world.store.after_kill();
    restored.put(PACK, &old).unwrap();
    restored.delete("erasures").unwrap();
    world.open(Arc::new(restored), 0);
    world.assert_gone(2, FACTS, by);
    world.assert_clean();
}

/// A crash may leave the mark of a tombstone before bytes of the text.
#[test]
fn a_half_erased_text_is_completed() {
    for world in World::kept_or_not(3) {
        complete_half_erased(world);
    }
}

fn complete_half_erased(mut world: World) {
    let record = *scan_pack(world.store.as_ref(), 0)
        .unwrap()
        .iter()
        .find(|record| record.digest == digest_of(world.decision(2), FACTS))
        .unwrap();
    let whole = world.store.get(PACK).unwrap().unwrap();
    let by = world.take(&redaction(4, &[world.leaf(2)], &[FACTS]));
    let erased = world.store.get(PACK).unwrap().unwrap();
    let at = usize::try_from(record.place.offset).unwrap();
    let end = at + 45 + record.place.length as usize;
    for cut in [at, at + 1, at + 20, at + 45, at + 60, end - 1] {
        for keep_file in [true, false] {
            let left = world.store.after_kill();
            // Erased up to the cut; the file is the one from before, or there is none.
            let torn = [&erased[..cut], &whole[cut..]].concat();
            left.put(PACK, &torn).unwrap();
            if !keep_file || cut > at {
                left.delete("erasures").unwrap();
            }
            let store = Arc::new(left);
            let opened = open_held(&(store.clone() as Arc<dyn Store>), &world.clock, 0);
            assert_gone(&store, &opened.reader, world.decision(2), FACTS, by);
            drop(opened);
            assert_clean(store.as_ref());
        }
    }
}

/// A text that is gone without a redaction is lost, and said so; the others are served.
#[test]
fn a_tombstone_that_no_entry_explains_is_a_loss() {
    for world in World::kept_or_not(3) {
        lose_text(world);
    }
}

fn lose_text(mut world: World) {
    world.take(&redaction(4, &[world.leaf(1)], &[FACTS]));
    let lost = *scan_pack(world.store.as_ref(), 0)
        .unwrap()
        .iter()
        .find(|record| record.digest == digest_of(world.decision(2), FACTS))
        .unwrap();
    let left = world.store.after_kill();
    glasshouse_ledger::pack::erase_text(&left, &lost).unwrap();
    world.open(Arc::new(left), 0);
    let report = world.fsck();
    let rules: Vec<_> = report.findings.iter().map(|finding| finding.to_string()).collect();
    assert_eq!(
        rules,
        ["entry 3: the text decision_facts is lost: no entry says that it is withheld or redacted"]
    );
    world.reader.addendum(&digest_of(world.decision(2), FACTS)).unwrap_err();
    world.assert_gone(1, FACTS, 5);
    world.assert_served(3, FACTS);
}

/// Erased texts that a pack lacks altogether are no fault: there is nothing to serve.
#[test]
fn a_redacted_text_needs_no_record() {
    for world in World::kept_or_not(2) {
        take_records_away(world);
    }
}

fn take_records_away(mut world: World) {
    let by = world.take(&redaction(3, &[world.leaf(2)], &[FACTS]));
    let records = scan_pack(world.store.as_ref(), 0).unwrap();
    let erased = records.iter().find(|record| record.erased).unwrap();
    let bytes = world.store.get(PACK).unwrap().unwrap();
    let at = usize::try_from(erased.place.offset).unwrap();
    let without = [&bytes[..at], &bytes[at + 45 + erased.place.length as usize..]].concat();
    let left = world.store.after_kill();
    left.put(PACK, &without).unwrap();
    world.open(Arc::new(left), 0);
    world.assert_gone(2, FACTS, by);
    world.assert_clean();
    // And one that is served does.
    let served = records.iter().find(|record| record.digest == digest_of(world.decision(1), FACTS)).unwrap();
    let at = usize::try_from(served.place.offset).unwrap();
    let without = [&bytes[..at], &bytes[at + 45 + served.place.length as usize..]].concat();
    let left = MemoryStore::after_kill(&world.store);
    left.put(PACK, &without).unwrap();
    let error = try_open(&(Arc::new(left) as Arc<dyn Store>)).unwrap_err();
    assert!(
        error.to_string().contains("entry 2: its text decision_facts is not in addenda-pack/000"),
        "{error}"
    );
}
