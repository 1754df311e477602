//! Entry bundles: their form, their hashes against the tiles, their gzip.

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::hash::{LeafHash, NodeHash};
use glasshouse_verifier::tile::{BundlePath, Tile, TilePath};

use super::any_checkpoint::AnyCheckpoint;
use super::checkpoint_checks::has_status;
use super::report::{Demand, Report};
use super::tiles::{Faults, judge_bytes, width_of};
use super::wire::Wire;
use crate::answer::Trouble;

/// What the bundles that were read showed: of each rule the first that breaks it.
#[derive(Default)]
struct Seen {
    faults: Faults,
    hashes: Option<String>,
    addenda: Option<String>,
    last: Option<String>,
}

/// Reads the first, a middle and the last two bundles, and judges them.
pub(crate) fn run(wire: &Wire, newest: &AnyCheckpoint, report: &mut Report) -> Result<(), Trouble> {
    let size = newest.size.get();
    let bundles = size.div_ceil(256);
    let mut picked = vec![0, bundles / 2, bundles.saturating_sub(2), bundles.saturating_sub(1)];
    picked.sort_unstable();
    picked.dedup();
    let mut seen = Seen::default();
    for index in picked.into_iter().filter(|index| *index < bundles) {
        read_one(wire, index, width_of(size, 0, index), &mut seen)?;
    }
    let Seen { faults, hashes, addenda, last } = seen;
    let kept = |fault: Option<String>| fault.map_or(Ok(()), Err);
    let rule = "every bundle of the checkpoint's tree answers 200 (tlog-tiles, Log entries)";
    report.check(Demand::Must, "bundle.served", rule, kept(faults.served));
    let rule = "bundles are application/octet-stream (tlog-tiles, Log entries)";
    report.check(Demand::Must, "bundle.type", rule, kept(faults.kind));
    let rule =
        "a bundle is as many entries as its path says, each behind its length (tlog-tiles, Log entries)";
    report.check(Demand::Must, "bundle.form", rule, kept(faults.form));
    let rule = "the entries hash to the tile of level 0 (tlog-tiles, Log entries)";
    report.check(Demand::Must, "bundle.hashes", rule, kept(hashes));
    let rule = "caches may keep bundles for long (tlog-tiles, Log entries)";
    report.check(Demand::Should, "bundle.cache", rule, kept(faults.cache));
    let rule = "where addenda.v1 is served, every entry ends with an index of addenda (tlog-addenda)";
    if wire.plain("addenda.v1")?.status == 200 {
        report.check(Demand::Must, "bundle.addenda", rule, kept(addenda));
    } else {
        report.not_tried(Demand::Must, "bundle.addenda", rule, "addenda.v1 is not served");
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
    let name = path.encode();
    let reply = wire.plain(&name)?;
    if let Err(why) = has_status(&reply, 200) {
        seen.faults.served.get_or_insert(format!("{name}: {why}"));
        return Ok(());
    }
    judge_bytes(&reply, &name, &mut seen.faults);
    let bytes = reply.plain();
    let entries = match &bytes {
        Ok(bytes) => parse_bundle(bytes, width).map_err(|error| error.to_string()),
        Err(why) => Err(why.clone()),
    };
    match entries {
        Err(why) => drop(seen.faults.form.get_or_insert(format!("{name}: {why}"))),
        Ok(entries) => {
            let leaves = wire.plain(&tile.encode())?.plain();
            let leaves =
                leaves.and_then(|bytes| Tile::parse(&bytes, width).map_err(|error| error.to_string()));
            if let Err(why) = leaves.and_then(|tile| same_leaves(&entries, &tile)) {
                seen.hashes.get_or_insert(format!("{name}: {why}"));
            }
            if let Some(at) = entries.iter().position(|entry| !ends_with_index(entry)) {
                seen.addenda.get_or_insert(format!("{name}: entry {at} of it does not"));
            }
        }
    }
    seen.last = Some(name);
    Ok(())
}

fn same_leaves(entries: &[&[u8]], tile: &Tile) -> Result<(), String> {
    let differs = |(entry, hash): (&&[u8], &NodeHash)| LeafHash::of_entry(entry).to_node() != *hash;
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
    report.check(Demand::Must, "bundle.coding", "with or without gzip a bundle holds the same bytes, and no coding comes that was not asked for but gzip (tlog-tiles, Log entries)", same);
    let is_gzip = coded.header("content-encoding") == "gzip";
    report.check(
        Demand::Should,
        "bundle.gzip",
        "bundles are compressed for who asks for it (tlog-tiles, Log entries)",
        is_gzip.then_some(()).ok_or(format!("{name} comes plain")),
    );
    let varies = coded.header("vary").contains("accept-encoding")
        || plain.header("content-encoding") == coded.header("content-encoding");
    report.check(
        Demand::Should,
        "bundle.vary",
        "an answer that depends on Accept-Encoding says so in Vary (RFC 9110 section 12.5.5)",
        varies.then_some(()).ok_or(format!("{name}: Vary is {:?}", coded.header("vary"))),
    );
    Ok(())
}
