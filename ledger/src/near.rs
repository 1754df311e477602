//! Which of the known words may have been meant.

/// Most words that are named.
pub const MAX_NEAR: usize = 10;

/// Longest given word that is compared, in characters; the longest field and code have 70.
const MAX_WORD: usize = 80;

/// Most changes between two words that still look alike.
const MAX_CHANGES: usize = 6;

/// Shortest part of a word that is looked for in others, in bytes.
const SHORTEST_PART: usize = 3;

/// Shortest word that another one can begin with by more than accident, in bytes.
const SHORTEST_STEM: usize = 4;

/// A part that more words than this have tells nothing.
const MAX_TELLING: usize = 4;

/// Parts of a word that turn it into its opposite.
const NEGATIONS: [&str; 5] = ["no", "non", "none", "not", "without"];

/// The words among `known` that look like `given`, the likeliest first, at most [`MAX_NEAR`]: those with few changes, then
/// those that have every part of it, as `fraud` is one of `STATEMENT_CATEGORY_SCAMS_AND_FRAUD`; if there are none, those
/// that it begins with, as `hosting` with `host`, or that share a part with it that is not in every other word. Case, spaces, hyphens and underlines make no difference.
///
/// A word that says no (`negates`) is only like one that says no too: `no_order` is not `court_order`.
pub fn near<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let Some(text) = folded(given) else { return Vec::new() };
    let given: Vec<char> = text.chars().collect();
    let known: Vec<(&str, String)> =
        known.into_iter().filter_map(|word| Some((word, folded(word)?))).collect();
    let known: Vec<(&str, String)> = match negates(&text) {
        true => known.into_iter().filter(|(_, other)| negates(other)).collect(),
        false => known,
    };
    // What all of several words have in them, as categories their STATEMENT_CATEGORY, tells nothing.
    let is_in_all = |part: &str| known.len() > 1 && known.iter().all(|(_, other)| other.contains(part));
    let parts: Vec<&str> =
        text.split('_').filter(|part| part.len() >= SHORTEST_PART && !is_in_all(part)).collect();
    let limit = MAX_CHANGES.min(1 + given.len() / 4);
    let mut ranked: Vec<(usize, &str)> = known
        .iter()
        .filter_map(|(word, other)| {
            let whole = !parts.is_empty() && parts.iter().all(|part| other.contains(part));
            let rank = changes(&given, other, limit).or(whole.then_some(MAX_CHANGES + 1 + other.len()))?;
            Some((rank, *word))
        })
        .collect();
    if ranked.is_empty() {
        let has = |part: &&str| known.iter().filter(|(_, other)| other.contains(part)).count();
        let telling: Vec<&str> =
            parts.into_iter().filter(|part| (1..=MAX_TELLING).contains(&has(part))).collect();
        let is_stem = |other: &str| other.len() >= SHORTEST_STEM && text.starts_with(other);
        let is_like = |other: &str| is_stem(other) || telling.iter().any(|part| other.contains(part));
        let sharing = known.iter().filter(|(_, other)| is_like(other));
        ranked = sharing.map(|(word, other)| (other.len(), *word)).collect();
    }
    ranked.sort_unstable();
    ranked.truncate(MAX_NEAR);
    ranked.into_iter().map(|(_, word)| word).collect()
}

/// A word without its case, and with one sign for every gap; `None` if it is empty or too long to be one.
pub(crate) fn folded(word: &str) -> Option<String> {
    let fold = |c: char| if matches!(c, ' ' | '-' | '.') { '_' } else { c.to_ascii_lowercase() };
    let word = word.trim();
    let fits = !word.is_empty() && word.chars().nth(MAX_WORD).is_none();
    fits.then(|| word.chars().map(fold).collect())
}

/// Whether a folded word says no: a part of it does, or begins with `non`, as in `noncompliance`.
pub(crate) fn negates(folded: &str) -> bool {
    folded.split('_').any(|part| NEGATIONS.contains(&part) || part.starts_with("non"))
}

/// How many characters have to be put in, taken out or changed; `None` beyond the limit (Levenshtein's distance; only
/// the diagonal band that the limit allows is computed).
fn changes(a: &[char], b: &str, limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.chars().count()) > limit {
        return None;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).map(|at| if at <= limit { at } else { limit + 1 }).collect();
    for (i, x) in a.iter().enumerate() {
        let (from, to) = (i.saturating_sub(limit), (i + limit + 1).min(b.len()));
        let mut diagonal = row.get(from).copied().unwrap_or(limit + 1);
        // What lies left of the band is beyond the limit.
        let mut left = if from == 0 { i + 1 } else { limit + 1 };
        if let Some(cell) = row.get_mut(from) {
            *cell = left;
        }
        let mut least = left;
        for j in from..to {
            let above = row.get(j + 1).copied().unwrap_or(limit + 1);
            let same = b.get(j) == Some(x);
            let cost = (diagonal + usize::from(!same)).min(above + 1).min(left + 1);
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = cost;
            }
            (diagonal, left) = (above, cost);
            least = least.min(cost);
        }
        if least > limit {
            return None;
        }
    }
    row.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    /// The textbook's table, whole.
    fn slow(a: &[char], b: &[char]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let change = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    change.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1)
                };
            }
        }
        table[a.len()][b.len()]
    }

    #[test]
    fn the_band_gives_what_the_whole_table_gives() {
        let words: Vec<Vec<char>> = (0..3usize.pow(6))
            .step_by(5)
            .map(|mut n| {
                let length = n % 7;
                std::iter::repeat_with(|| {
                    let c = ['a', 'b', 'c'][n % 3];
                    n /= 3;
                    c
                })
                .take(length)
                .collect()
            })
            .collect();
        let mut seen = 0;
        for a in &words {
            for b in &words {
                for limit in 0..4 {
                    let expected = Some(slow(a, b)).filter(|distance| *distance <= limit);
                    let text: String = b.iter().collect();
                    assert_eq!(changes(a, &text, limit), expected, "{a:?} {b:?} {limit}");
                    seen += 1;
                }
            }
        }
        assert!(seen > 50_000, "{seen}");
    }

    #[test]
    fn a_word_that_says_no_is_like_none_that_does_not() {
        let codes = ["court_order", "authority_order", "statute"];
        for word in ["no_order", "No court order", "without-order", "order_none", "non_statute", "not_statut"]
        {
            assert!(near(word, codes).is_empty(), "{word}: {:?}", near(word, codes));
        }
        assert_eq!(near("not_ilegal", ["illegal", "not_illegal"]), ["not_illegal"]);
        assert_eq!(
            near("no_consensual", ["consensual_items", "nonconsensual_items"]),
            ["nonconsensual_items"]
        );
        assert_eq!(near("no_acton", ["action", "no_action"]), ["no_action"]);
    }

    #[test]
    fn what_was_meant_comes_first() {
        let fields = ["category", "category_addition", "contact", "decision_facts", "content_date"];
        assert_eq!(near("catgory", fields), ["category"]);
        assert_eq!(near("Decision-Facts", fields), ["decision_facts"]);
        assert_eq!(near("decission facts", fields), ["decision_facts"]);
        assert_eq!(near("category", fields)[0], "category");
        assert!(near("colour", fields).is_empty());
        assert_eq!(near("marketplaces_of_old", ["marketplace", "host"]), ["marketplace"]);
        assert_eq!(near("hosting", ["host", "other", "cdn"]), ["host"]);
        let codes = ["STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "STATEMENT_CATEGORY_VIOLENCE"];
        assert_eq!(near("fraud", codes), ["STATEMENT_CATEGORY_SCAMS_AND_FRAUD"]);
        assert_eq!(
            near("violent content", ["STATEMENT_CATEGORY_VIOLENT", "STATEMENT_CATEGORY_FRAUD"]).len(),
            1
        );
        assert!(near("", codes).is_empty() && near(&"x".repeat(1_000_000), codes).is_empty());
    }
}
