//! Entry bundles: their form, their hashes against the tiles, their gzip.

use glasshouse_verifier::hash::{LeafHash, NodeHash};
use glasshouse_verifier::tile::{BundlePath, Tile, TilePath};

use super::any_checkpoint::AnyCheckpoint;
use super::published::{Published, width_of};
use super::report::Report;
use super::rules;
use super::tiles::{Faults, judge_bytes};
use super::wire::Wire;
use crate::answer::Trouble;

/// What the bundles that were read showed: of each rule the first that breaks it.
#[derive(Default)]
struct Seen {
    faults: Faults,
    /// How many could be compared with their tile.
    compared: u32,
    hashes: Option<String>,
    addenda: Option<String>,
    last: Option<String>,
}

/// Reads the first, a middle and the last two bundles, and judges them; an empty log has none.
pub(crate) fn run(wire: &Wire, newest: &AnyCheckpoint, report: &mut Report) -> Result<(), Trouble> {
    let size = newest.size.get();
    if size == 0 {
        return Ok(());
    }
    let bundles = size.div_ceil(256);
    let mut picked = vec![0, bundles / 2, bundles.saturating_sub(2), bundles.saturating_sub(1)];
    picked.sort_unstable();
    picked.dedup();
    let mut seen = Seen::default();
    for index in picked.into_iter().filter(|index| *index < bundles) {
        read_one(wire, index, width_of(size, 0, index), &mut seen)?;
    }
    let Seen { faults, compared, hashes, addenda, last } = seen;
    let kept = |fault: Option<String>| fault.map_or(Ok(()), Err);
    report.check(rules::BUNDLE_SERVED, kept(faults.served));
    report.check(rules::BUNDLE_TYPE, kept(faults.kind));
    report.check(rules::BUNDLE_FORM, kept(faults.form));
    if compared > 0 {
        report.check(rules::BUNDLE_HASHES, kept(hashes));
    }
    report.check(rules::BUNDLE_CACHE, kept(faults.cache));
    if wire.plain("addenda.v1")?.status == 200 {
        report.check(rules::BUNDLE_ADDENDA, kept(addenda));
    } else {
        report.not_tried(rules::BUNDLE_ADDENDA, "addenda.v1 is not served");
    }
    match last {
        Some(name) => check_gzip(wire, &name, report),
        None => Ok(()),
    }
}

fn read_one(wire: &Wire, index: u64, width: u16, seen: &mut Seen) -> Result<(), Trouble> {
    let (Ok(path), Ok(tile)) = (BundlePath::new(index, width), TilePath::new(0, index, width)) else {
        return Ok(());
    };
    let served = Published::bundle(wire, path)?;
    if let Err(why) = served.is_served() {
        seen.faults.served.get_or_insert(why);
        return Ok(());
    }
    let name = served.name.clone();
    judge_bytes(&served.reply, &name, &mut seen.faults);
    match served.entries() {
        Err(why) => drop(seen.faults.form.get_or_insert(why)),
        Ok(entries) => {
            // A tile that is missing or misshapen has been told.
            let leaves = Published::tile(wire, tile)?;
            if let (Ok(()), Ok(leaves)) = (leaves.is_served(), leaves.hashes()) {
                seen.compared += 1;
                if let Err(why) = same_leaves(&entries, &leaves) {
                    seen.hashes.get_or_insert(format!("{name}: {why}"));
                }
            }
            if let Some(at) = entries.iter().position(|entry| !ends_with_index(entry)) {
                seen.addenda.get_or_insert(format!("{name}: entry {at} of it does not"));
            }
        }
    }
    seen.last = Some(name);
    Ok(())
}

fn same_leaves(entries: &[Vec<u8>], tile: &Tile) -> Result<(), String> {
    let differs = |(entry, hash): (&Vec<u8>, &NodeHash)| LeafHash::of_entry(entry).to_node() != *hash;
    match entries.iter().zip(tile.hashes()).position(differs) {
        Some(at) => Err(format!("entry {at} of it has another hash in the tile")),
        None => Ok(()),
    }
}

/// Offsets of four bytes each, then how many: each points at 32 bytes before the first of them.
fn ends_with_index(entry: &[u8]) -> bool {
    let Some((count, rest)) = entry.split_last() else { return false };
    let Some(content) = rest.len().checked_sub(4 * usize::from(*count)) else { return false };
    let (Some(index), Some(most)) =
        (rest.get(content..), content.checked_sub(32).or((*count == 0).then_some(0)))
    else {
        return false;
    };
    index.chunks_exact(4).all(|offset| {
        <[u8; 4]>::try_from(offset).is_ok_and(|offset| u32::from_be_bytes(offset) as usize <= most)
    })
}

fn check_gzip(wire: &Wire, name: &str, report: &mut Report) -> Result<(), Trouble> {
    let plain = wire.plain(name)?;
    let coded = wire.get(name, "gzip, identity")?;
    let same = match (plain.plain(), coded.plain()) {
        (Ok(one), Ok(other)) if one == other => Ok(()),
        (Ok(_), Ok(_)) => Err(format!("{name}: the bytes differ with and without Accept-Encoding: gzip")),
        (Err(why), _) | (_, Err(why)) => Err(format!("{name}: {why}")),
    };
    report.check(rules::BUNDLE_CODING, same);
    let is_gzip = coded.header("content-encoding") == "gzip";
    report.check(rules::BUNDLE_GZIP, is_gzip.then_some(()).ok_or(format!("{name} comes plain")));
    let varies = coded.header("vary").contains("accept-encoding")
        || plain.header("content-encoding") == coded.header("content-encoding");
    report.check(
        rules::BUNDLE_VARY,
        varies.then_some(()).ok_or(format!("{name}: Vary is {:?}", coded.header("vary"))),
    );
    Ok(())
}
