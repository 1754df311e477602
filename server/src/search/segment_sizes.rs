//! Which segments of the index are merged: small ones into greater ones, and none beyond a size, so that a segment that holds
//! an erased text is written anew in seconds.

use tantivy::index::SegmentMeta;
use tantivy::indexer::{MergeCandidate, MergePolicy};

/// Most documents of a segment that was merged.
pub(crate) const SEGMENT_MAX: u32 = 100_000;

/// So many segments of about one size are merged.
const TOGETHER: usize = 6;

/// Segments below this size are all of one size.
const SMALL: u32 = 4_000;

/// From this share of deleted documents on a segment is written anew: one in so many.
const DELETED: u32 = 4;

/// The policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SegmentSizes;

impl MergePolicy for SegmentSizes {
    fn compute_merge_candidates(&self, segments: &[SegmentMeta]) -> Vec<MergeCandidate> {
        let sizes: Vec<(u32, u32)> =
            segments.iter().map(|segment| (segment.num_docs(), segment.num_deleted_docs())).collect();
        let chosen = choose(&sizes);
        let ids = |places: Vec<usize>| {
            places.into_iter().filter_map(|place| segments.get(place)).map(SegmentMeta::id).collect()
        };
        chosen.into_iter().map(|places| MergeCandidate(ids(places))).collect()
    }
}

/// Which segments, of which the documents and the deleted ones are given, are merged with which.
fn choose(segments: &[(u32, u32)]) -> Vec<Vec<usize>> {
    let mut chosen = Vec::new();
    let mut levels: [Vec<usize>; 4] = Default::default();
    for (place, (documents, deleted)) in segments.iter().enumerate() {
        if *deleted > 0 && *deleted >= *documents / DELETED && *documents >= SMALL {
            chosen.push(vec![place]);
        } else if *documents < SEGMENT_MAX / 2 {
            let level = documents.checked_div(SMALL).unwrap_or(0).checked_ilog(TOGETHER as u32 / 2);
            let level = level.map_or(0, |level| level as usize + 1).min(3);
            if let Some(level) = levels.get_mut(level) {
                level.push(place);
            }
        }
    }
    for mut level in levels {
        level.sort_unstable_by_key(|place| segments.get(*place));
        let mut group: Vec<usize> = Vec::new();
        let mut sum = 0;
        for place in level {
            let documents = segments.get(place).map_or(0, |(documents, _)| *documents);
            if sum + documents > SEGMENT_MAX {
                break;
            }
            sum += documents;
            group.push(place);
        }
        if group.len() >= TOGETHER || (group.len() > 1 && sum > SEGMENT_MAX * 3 / 4) {
            chosen.push(group);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn segments_stay_few_and_small() {
        let mut segments: Vec<(u32, u32)> = Vec::new();
        let (mut written, mut most) = (0u64, 0);
        for _ in 0..1_000 {
            segments.push((1_000, 0));
            loop {
                let chosen = choose(&segments);
                let Some(group) = chosen.first() else { break };
                let sum = group.iter().map(|place| segments[*place].0).sum::<u32>();
                assert!(sum <= SEGMENT_MAX && group.len() > 1);
                written += u64::from(sum);
                let kept = segments.iter().enumerate().filter(|(place, _)| !group.contains(place));
                segments = kept.map(|(_, segment)| *segment).chain([(sum, 0)]).collect();
            }
            most = most.max(segments.len());
        }
        assert_eq!(segments.iter().map(|(documents, _)| u64::from(*documents)).sum::<u64>(), 1_000_000);
        assert!(most <= 45, "{most} segments");
        assert!(written <= 6_000_000, "each document was written {} times", written / 1_000_000);
    }

    #[test]
    fn what_is_mostly_deleted_is_written_anew() {
        assert_eq!(choose(&[(60_000, 20_000), (60_000, 1_000)]), [[0]]);
        assert!(choose(&[]).is_empty());
        assert!(choose(&[(0, 10)]).is_empty());
    }
}
