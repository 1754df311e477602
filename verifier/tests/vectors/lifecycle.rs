//! Whole lives of decisions: the state of each entry after the last one, completeness and embargoes.

use glasshouse_verifier::as_amended::AsAmended;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::entry_state::EntryState;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use serde_json::{Map, Value, json};

use crate::case::{Verdict, text_of};
use crate::registry::replay;

pub(crate) fn judge(input: &Value) -> Verdict {
    let (registry, statements) = replay(input)?;
    let day = Day::parse(text_of(input, "day")).unwrap();
    let states: Vec<Value> =
        (0..statements.len()).map(|index| state(&registry, &statements, index)).collect();
    let mut rows = Vec::new();
    let mut counts = [0; 4];
    let mut issuers: Vec<Issuer> = registry.issuers().map(|(issuer, _)| issuer.clone()).collect();
    issuers.sort();
    for issuer in &issuers {
        rows.extend(registry.completeness(issuer));
        let on = registry.account(issuer).unwrap().embargoes().on(day);
        for (sum, count) in counts.iter_mut().zip([on.open, on.overdue, on.kept, on.late]) {
            *sum += count;
        }
    }
    rows.sort_by_key(|row| row.declaration.index);
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "declaration": row.declaration.index.get(),
                "expected": row.expected(),
                "counted": row.counted,
                "missing": row.missing,
            })
        })
        .collect();
    let [open, overdue, kept, late] = counts;
    let embargoes = json!({"open": open, "overdue": overdue, "kept": kept, "late": late});
    Ok(json!({"states": states, "completeness": rows, "embargoes": embargoes}))
}

/// The state of one entry; a part that says nothing is left out.
fn state(registry: &Registry, statements: &[Statement], index: usize) -> Value {
    let statement = &statements[index];
    let (state, payload) = (registry.state_of(statement), statement.payload());
    let mut parts = Map::new();
    parts.insert("index".into(), json!(index));
    parts.insert("standing".into(), state.standing(payload.kind()).as_str().into());
    for (name, place) in
        [("withdrawn", state.withdrawn), ("lifted", state.lifted), ("conflict", state.conflict)]
    {
        parts.extend(place.map(|place| (name.to_owned(), place.get().into())));
    }
    let outcomes: Vec<u64> = state.outcomes.iter().map(|(place, _)| place.get()).collect();
    let amendments: Vec<u64> = state.amendments.iter().map(|place| place.get()).collect();
    for (name, places) in [("outcomes", outcomes), ("amendments", amendments)] {
        if !places.is_empty() {
            parts.insert(name.into(), json!(places));
        }
    }
    let texts: Map<String, Value> = payload
        .addenda()
        .keys()
        .map(|field| (field.as_str().to_owned(), state.text(payload, *field).unwrap().as_str().into()))
        .collect();
    if !texts.is_empty() {
        parts.insert("texts".into(), texts.into());
    }
    if !state.amendments.is_empty() {
        parts.insert("as_amended".into(), amended(statements, index, &state));
    }
    parts.into()
}

fn amended(statements: &[Statement], index: usize, state: &EntryState) -> Value {
    let place = |index: usize| LeafIndex::new(index as u64).unwrap();
    let mut amended = AsAmended::filed(place(index), statements[index].payload());
    for by in &state.amendments {
        amended.amend(*by, statements[usize::try_from(by.get()).unwrap()].payload());
    }
    let fields: Map<String, Value> =
        amended.fields.iter().map(|(name, (_, value))| (name.as_str().to_owned(), value.to_json())).collect();
    let texts: Map<String, Value> =
        amended.texts.iter().map(|(name, by)| (name.as_str().to_owned(), by.get().into())).collect();
    json!({"fields": fields, "texts": texts})
}
