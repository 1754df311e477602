//! The plain model: a list of what is on record, and every state computed anew from it, as slowly as `spec/lifecycle.md`
//! reads. It shares no line with the code under test.

use std::collections::{BTreeMap, BTreeSet};

/// What a statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Leaf([u8; 32]),
    Range(u64, u64),
}

/// One statement as the model sees it.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    pub(crate) leaf: [u8; 32],
    pub(crate) issuer: String,
    pub(crate) number: u64,
    pub(crate) kind: &'static str,
    pub(crate) sub: String,
    /// Signed on this day, `YYYY-MM-DD`.
    pub(crate) day: &'static str,
    /// Field to whether it is withheld, and until which day.
    pub(crate) texts: BTreeMap<&'static str, Option<Option<&'static str>>>,
    /// Coded fields by name, in some spelling of their values.
    pub(crate) fields: BTreeMap<&'static str, String>,
    pub(crate) removed: BTreeSet<&'static str>,
    pub(crate) targets: Vec<Target>,
    /// Whose numbers a registrar's redaction or conflict is about.
    pub(crate) provider: Option<String>,
    /// `fields` of a disclosure or a redaction.
    pub(crate) about: BTreeSet<&'static str>,
    pub(crate) result: Option<&'static str>,
    pub(crate) void: Option<(u64, u64)>,
    /// period start and end, first and last number, taken, not published.
    pub(crate) declared: Option<Declared>,
}

/// Period start and end, first and last number, taken, not published.
pub(crate) type Declared = (&'static str, &'static str, Option<(u64, u64)>, u64, u64);

/// Fields with the entry that gave them, and which entry commits to each text.
pub(crate) type Amended = (BTreeMap<&'static str, (String, usize)>, BTreeMap<&'static str, usize>);

/// What follows for one entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) standing: &'static str,
    pub(crate) claims: Vec<(usize, bool)>,
    pub(crate) withdrawn: Option<usize>,
    pub(crate) lifted: Option<usize>,
    pub(crate) outcomes: Vec<(usize, &'static str)>,
    pub(crate) amendments: Vec<usize>,
    pub(crate) texts: BTreeMap<&'static str, (&'static str, Option<usize>)>,
}

/// Everything on record, in order.
#[derive(Debug, Default)]
pub(crate) struct Model(pub(crate) Vec<Fact>);

const WITHDRAWABLE: [&str; 7] =
    ["decision", "no_action", "amendment", "outcome", "lifted", "sealed", "declaration"];

fn may_name(kind: &str, named: &str, by_leaf: bool) -> bool {
    match kind {
        "amendment" | "outcome" => ["decision", "no_action"].contains(&named),
        "lifted" => named == "decision",
        "withdrawal" => {
            WITHDRAWABLE.contains(&named) || (["withdrawal", "redaction"].contains(&named) && by_leaf)
        }
        "disclosure" => by_leaf && ["decision", "no_action", "amendment", "sealed"].contains(&named),
        "redaction" => true,
        _ => false,
    }
}

impl Model {
    fn owner<'a>(&'a self, fact: &'a Fact) -> &'a str {
        fact.provider.as_deref().unwrap_or(&fact.issuer)
    }

    /// By leaf hash, by range, or not at all.
    fn names(&self, later: usize, earlier: usize) -> Option<bool> {
        let (by, of) = (&self.0[later], &self.0[earlier]);
        if later <= earlier {
            return None;
        }
        if by.targets.contains(&Target::Leaf(of.leaf)) && may_name(by.kind, of.kind, true) {
            return Some(true);
        }
        let ranged =
            by.targets.iter().any(|t| matches!(t, Target::Range(a, b) if (*a..=*b).contains(&of.number)));
        let named = ranged && self.owner(by) == of.issuer && may_name(by.kind, of.kind, false);
        named.then_some(false)
    }

    fn withdrawn_by(&self, of: usize) -> Option<usize> {
        (0..self.0.len())
            .find(|by| self.0[*by].kind == "withdrawal" && self.names(*by, of).is_some() && self.counts(*by))
    }

    pub(crate) fn counts(&self, fact: usize) -> bool {
        self.withdrawn_by(fact).is_none()
    }

    fn depth(&self, of: usize) -> u32 {
        let deeper =
            |earlier: usize| self.0[earlier].kind == "withdrawal" && self.names(of, earlier) == Some(true);
        (0..of).filter(|earlier| deeper(*earlier)).map(|earlier| 1 + self.depth(earlier)).max().unwrap_or(0)
    }

    pub(crate) fn state(&self, of: usize) -> State {
        let fact = &self.0[of];
        let mut state = State::default();
        let mut disclosed: BTreeMap<&str, usize> = BTreeMap::new();
        let mut redacted: BTreeMap<&str, usize> = BTreeMap::new();
        for by in of + 1..self.0.len() {
            let Some(by_leaf) = self.names(by, of) else { continue };
            let counts = self.counts(by);
            state.claims.push((by, counts));
            let later = &self.0[by];
            match later.kind {
                _ if !counts => {}
                "withdrawal" => state.withdrawn = state.withdrawn.or(Some(by)),
                "lifted" => state.lifted = state.lifted.or(Some(by)),
                "outcome" => state.outcomes.push((by, later.result.unwrap())),
                "amendment" => state.amendments.push(by),
                "disclosure" => later.about.iter().for_each(|field| {
                    disclosed.entry(field).or_insert(by);
                }),
                "redaction" => {
                    for field in later.about.iter().filter(|field| fact.texts.contains_key(*field)) {
                        let held = fact.texts[field].is_none() || disclosed.contains_key(field);
                        if by_leaf || held {
                            redacted.entry(field).or_insert(by);
                        }
                    }
                }
                _ => {}
            }
        }
        for (field, withheld) in &fact.texts {
            let text = match (redacted.get(field), disclosed.get(field), withheld) {
                (Some(by), _, _) => ("redacted", Some(*by)),
                (_, Some(by), _) => ("disclosed", Some(*by)),
                (_, _, Some(_)) => ("withheld", None),
                _ => ("served", None),
            };
            state.texts.insert(field, text);
        }
        let last = state.outcomes.last().map(|(_, result)| *result);
        state.standing = match (state.withdrawn, last, state.lifted, fact.kind) {
            (Some(_), ..) => "withdrawn",
            (_, Some("reversed"), ..) => "reversed",
            (_, _, Some(_), _) => "lifted",
            (_, Some("partially_reversed"), ..) => "partially_reversed",
            (_, _, _, "decision") => "in_force",
            _ => "stands",
        };
        state
    }

    /// Fields as amended, each with the entry that gave it.
    pub(crate) fn as_amended(&self, of: usize) -> Amended {
        let own = |fact: &Fact, at| {
            let fields = fact.fields.iter().map(|(name, value)| (*name, (value.clone(), at)));
            (fields.collect::<Vec<_>>(), fact.texts.keys().map(|name| (*name, at)).collect::<Vec<_>>())
        };
        let (fields, texts) = own(&self.0[of], of);
        let (mut fields, mut texts): (BTreeMap<_, _>, BTreeMap<_, _>) =
            (fields.into_iter().collect(), texts.into_iter().collect());
        for by in self.state(of).amendments {
            for name in &self.0[by].removed {
                fields.remove(name);
                texts.remove(name);
            }
            let (more, further) = own(&self.0[by], by);
            fields.extend(more);
            texts.extend(further.into_iter().filter(|(name, _)| *name != "amendment_explanation"));
        }
        (fields, texts)
    }

    fn used(&self, issuer: &str) -> BTreeSet<u64> {
        let own = self.0.iter().filter(|fact| fact.issuer == issuer);
        own.flat_map(|fact| {
            let (first, last) = fact.void.unwrap_or((1, 0));
            (first..=last).chain([fact.number])
        })
        .collect()
    }

    /// The rule that a new statement breaks; `None` if it is taken.
    pub(crate) fn refusal(&self, new: &Fact) -> Option<&'static str> {
        let used = self.used(&new.issuer);
        if used.contains(&new.number) {
            let first = self.0.iter().find(|fact| fact.issuer == new.issuer && fact.number == new.number);
            return Some(match first {
                Some(fact) if fact.leaf == new.leaf => "duplicate",
                Some(_) => "sequence-conflict",
                None => "sequence-void",
            });
        }
        if let Some((first, last)) = new.void
            && let Some(taken) = (first..=last).find(|number| used.contains(number))
        {
            let by_statement = self.0.iter().any(|fact| fact.issuer == new.issuer && fact.number == taken);
            return Some(if by_statement { "sequence-conflict" } else { "sequence-void" });
        }
        let refusal = new.targets.iter().find_map(|target| self.target_refusal(new, target));
        refusal.or_else(|| self.undoes_erasure(new).then_some("target-state"))
    }

    /// This ledger holds no redaction: its texts are gone when it is answered, so that it cannot be withdrawn.
    fn undoes_erasure(&self, new: &Fact) -> bool {
        let named = |fact: &Fact| new.targets.contains(&Target::Leaf(fact.leaf));
        new.kind == "withdrawal" && self.0.iter().any(|fact| fact.kind == "redaction" && named(fact))
    }

    fn target_refusal(&self, new: &Fact, target: &Target) -> Option<&'static str> {
        let owner = self.owner(new);
        let leaf = match target {
            Target::Leaf(leaf) => leaf,
            Target::Range(first, last) => {
                let used = self.used(owner);
                let free = (*first..=*last).any(|number| !used.contains(&number));
                return free.then_some("target-number");
            }
        };
        let Some(at) = self.0.iter().position(|fact| fact.leaf == *leaf) else {
            return Some("target-unknown");
        };
        let (named, state) = (&self.0[at], self.state(at));
        if named.issuer != owner {
            return Some("target-owner");
        }
        if !may_name(new.kind, named.kind, true) || (new.kind == "withdrawal" && self.depth(at) >= 8) {
            return Some("target-type");
        }
        if new.targets.len() == 1 && new.sub != named.sub {
            return Some("target-sub");
        }
        let text = |field: &&str| state.texts.get(*field).map(|(state, _)| *state);
        match new.kind {
            "disclosure" if new.about.iter().any(|f| !matches!(named.texts.get(f), Some(Some(_)))) => {
                Some("target-text")
            }
            "disclosure" => {
                new.about.iter().any(|field| text(field) != Some("withheld")).then_some("target-state")
            }
            "redaction" if new.about.iter().all(|field| text(field).is_none()) => Some("target-text"),
            "redaction" => {
                let mut there = new.about.iter().filter_map(text);
                there.all(|state| state == "redacted").then_some("target-state")
            }
            _ if state.withdrawn.is_some() => Some("target-state"),
            "lifted" if state.lifted.is_some() => Some("target-state"),
            _ => None,
        }
    }

    /// Per declaration that holds: its place, how many are counted, how many numbers are missing.
    pub(crate) fn completeness(&self, issuer: &str) -> Vec<(usize, u64, u64)> {
        let mut rows: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (at, fact) in self.0.iter().enumerate().filter(|(_, fact)| fact.issuer == issuer) {
            if let Some((start, end, ..)) = fact.declared
                && self.counts(at)
            {
                rows.insert((start, end), at);
            }
        }
        let used = self.used(issuer);
        let mut rows: Vec<usize> = rows.into_values().collect();
        rows.sort_unstable();
        let row = |at: usize| {
            let (first, last) = self.0[at].declared.unwrap().2.unwrap_or((1, 0));
            let decided = |fact: &Fact| ["decision", "sealed"].contains(&fact.kind);
            let counted = (0..self.0.len()).filter(|of| {
                let fact = &self.0[*of];
                let inside = fact.issuer == issuer && (first..=last).contains(&fact.number);
                inside && decided(fact) && self.counts(*of)
            });
            (
                at,
                counted.count() as u64,
                (first..=last).filter(|number| !used.contains(number)).count() as u64,
            )
        };
        rows.into_iter().map(row).collect()
    }

    /// Open, overdue, kept, late, redacted embargoes of an issuer on a day.
    pub(crate) fn embargoes(&self, issuer: &str, today: &str) -> [u64; 5] {
        let mut counts = [0; 5];
        for (at, fact) in self.0.iter().enumerate().filter(|(_, fact)| fact.issuer == issuer) {
            let state = self.state(at);
            for (field, until) in fact.texts.iter().filter_map(|(field, until)| Some((field, (*until)?))) {
                let opened = (at + 1..self.0.len()).find(|by| {
                    let later = &self.0[*by];
                    later.kind == "disclosure" && self.names(*by, at).is_some() && later.about.contains(field)
                });
                let place = match (opened, state.texts[field].0) {
                    (Some(by), _) if until.is_none_or(|until| self.0[by].day <= until) => 2,
                    (Some(_), _) => 3,
                    (None, "redacted") => 4,
                    (None, _) if until.is_some_and(|until| until < today) => 1,
                    (None, _) => 0,
                };
                counts[place] += 1;
            }
        }
        counts
    }
}
