//! The path of an inclusion proof: from a leaf at the bottom up to the root.

use maud::{Markup, html};

use super::{WIDTH, at};

/// On which side of the way up a given hash stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// It is hashed first.
    Left,
    /// It is hashed second.
    Right,
}

/// On which side each hash of a path stands, from the leaf up (RFC 9162 §2.1.3.2, step 4). `steps` is the length of a proof
/// that holds for that index and size.
pub(crate) fn sides(index: u64, size: u64, steps: usize) -> Vec<Side> {
    let (mut place, mut last) = (index, size.saturating_sub(1));
    let mut sides = Vec::with_capacity(steps);
    for _ in 0..steps {
        if place & 1 == 1 || place == last {
            sides.push(Side::Left);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            sides.push(Side::Right);
        }
        place >>= 1;
        last >>= 1;
    }
    sides
}

/// What is written on the drawing.
#[derive(Debug)]
pub(crate) struct PathWords<'w> {
    /// Its title.
    pub(crate) title: &'w str,
    /// What it shows, in a sentence.
    pub(crate) description: &'w str,
    /// At the bottom.
    pub(crate) leaf: &'w str,
    /// At the top.
    pub(crate) root: &'w str,
}

/// Height of one step.
const STEP: f64 = 34.0;
/// Room above the root and below the leaf.
const EDGE: f64 = 26.0;

/// The drawing. `hashes` are those of the path from the leaf up, hex, each with its side.
pub(crate) fn drawing(words: &PathWords<'_>, hashes: &[(Side, &str)]) -> Markup {
    let steps = hashes.len();
    // A path has at most 53 steps.
    let level = |step: usize| EDGE + STEP * (steps - step) as f64;
    let height = EDGE * 2.0 + STEP * steps as f64;
    let middle = WIDTH / 2.0;
    let beside = |side: Side| match side {
        Side::Left => middle - 88.0,
        Side::Right => middle + 88.0,
    };
    html! {
        svg.plot.path viewBox=(format!("0 0 {} {}", at(WIDTH), at(height))) role="img"
            aria-labelledby="path-title path-description" {
            title #path-title { (words.title) }
            desc #path-description { (words.description) }
            @for (step, (side, _)) in hashes.iter().enumerate() {
                line.way x1=(at(middle)) y1=(at(level(step))) x2=(at(middle)) y2=(at(level(step + 1))) {}
                line.given x1=(at(beside(*side))) y1=(at(level(step))) x2=(at(middle)) y2=(at(level(step + 1))) {}
            }
            @for (step, (side, hash)) in hashes.iter().enumerate() {
                @let x = beside(*side);
                circle.given cx=(at(x)) cy=(at(level(step))) r="4" {}
                text.small x=(at(if *side == Side::Left { x - 9.0 } else { x + 9.0 })) y=(at(level(step) + 3.5))
                    text-anchor=(if *side == Side::Left { "end" } else { "start" }) { (hash.get(..8).unwrap_or(hash)) }
                @if step > 0 { circle.made cx=(at(middle)) cy=(at(level(step))) r="3" {} }
            }
            circle.own cx=(at(middle)) cy=(at(level(0))) r="5" {}
            @if steps > 0 { circle.own cx=(at(middle)) cy=(at(level(steps))) r="5" {} }
            @if steps > 0 { text x=(at(middle)) y=(at(level(steps) - 11.0)) text-anchor="middle" { (words.root) } }
            text x=(at(middle)) y=(at(level(0) + 19.0)) text-anchor="middle" { (words.leaf) }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use glasshouse_verifier::hash::{LeafHash, NodeHash};
    use glasshouse_verifier::inclusion::{InclusionProof, root_of};
    use glasshouse_verifier::size::{LeafIndex, TreeSize};

    /// Hashing by the sides that are drawn leads to the root that the verifier computes.
    #[test]
    fn the_sides_are_those_that_lead_to_the_root() {
        let leaf = LeafHash::from_hex(&"11".repeat(32)).unwrap();
        let mut checked = 0;
        for size in 1..=40u64 {
            for index in 0..size {
                for steps in 0..7usize {
                    let hashes: Vec<NodeHash> = (0..steps)
                        .map(|n| NodeHash::from_hex(&format!("{n:02x}").repeat(32)).unwrap())
                        .collect();
                    let proof = InclusionProof::new(hashes.clone()).unwrap();
                    let (index, size) = (LeafIndex::new(index).unwrap(), TreeSize::new(size).unwrap());
                    let Ok(root) = root_of(&leaf, index, size, &proof) else { continue };
                    let drawn = sides(index.get(), size.get(), steps);
                    let node =
                        drawn.iter().zip(&hashes).fold(leaf.to_node(), |node, (side, hash)| match side {
                            Side::Left => NodeHash::join(hash, &node),
                            Side::Right => NodeHash::join(&node, hash),
                        });
                    assert_eq!(node.to_root(), root, "{index} of {size}");
                    checked += 1;
                }
            }
        }
        assert_eq!(checked, 40 * 41 / 2);
    }

    #[test]
    fn a_drawing_has_a_line_for_each_hash() {
        let words = PathWords { title: "t", description: "d", leaf: "<leaf>", root: "root" };
        let hash = "ab".repeat(32);
        let svg = drawing(&words, &[(Side::Left, &hash), (Side::Right, &hash)]).into_string();
        assert_eq!((svg.matches("<line").count(), svg.matches("abababab<").count()), (4, 2), "{svg}");
        assert!(svg.contains("&lt;leaf&gt;") && !svg.contains("style="));
        assert!(drawing(&words, &[]).into_string().contains("viewBox=\"0 0 360 52\""));
    }
}
