//! `glasshouse-verify log` on ticks: what witnesses say of when entries were logged, and claims held against it.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/long_log.rs"]
mod long_log;
#[path = "support/reader.rs"]
mod reader;
#[path = "support/served_log.rs"]
mod served_log;
#[path = "support/signer.rs"]
mod signer;

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::vkey::VkeyKind;
use long_log::{LongLog, decision, entries};
use reader::Reader;
use serde_json::Value;
use served_log::ServedLog;
use signer::Signer;

/// When the entries of the vectors say that they were issued.
const T: u64 = 1_750_000_000;
const DAY: u64 = 86_400;

fn rules(answer: &Value) -> Vec<&str> {
    answer["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

fn witnesses(count: u8) -> Vec<Signer> {
    let witness = |at| Signer::new(&format!("witness.example/w{at}"), VkeyKind::Cosignature, 0x30 + at);
    (0..count).map(witness).collect()
}

/// A policy that names these witnesses, `w0` and on.
fn policy(witnesses: &[Signer], quorum: &str) -> String {
    let lines = witnesses.iter().enumerate();
    let lines: String = lines.map(|(at, one)| format!("witness w{at} {}\n", one.vkey.encode())).collect();
    format!("log {}\n{lines}{quorum}\n", served_log::key().vkey.encode())
}

/// The checkpoint of these entries, under the log's signature and the witnesses' at these times.
fn note(entries: &[Vec<u8>], witnesses: &[Signer], times: &[u64]) -> String {
    let mut note = served_log::checkpoint(entries);
    let text = note.split("\n\n").next().unwrap().to_owned() + "\n";
    for (witness, time) in witnesses.iter().zip(times) {
        note += &format!("\u{2014} {} {}\n", witness.vkey.name(), witness.cosignature(&text, *time));
    }
    note
}

/// The small log, a tick of it at these times, and a decision behind it that claims that `iat`.
fn with_tick(witnesses: &[Signer], times: &[u64], iat: u64) -> Vec<Vec<u8>> {
    let mut entries = served_log::small_log();
    let model = Entry::parse(&entries[4]).unwrap().into_statement();
    entries.push(registrars_tick(4, &note(&entries, witnesses, times)));
    entries.push(decision(&model, 3, iat));
    entries
}

/// An audit under a policy; the newest checkpoint is witnessed by everybody.
fn audit(entries: &[Vec<u8>], witnesses: &[Signer], policy: &str) -> (i32, Value) {
    let log = ServedLog::of(entries);
    let times = vec![T; witnesses.len()];
    log.put("policy", policy).put("checkpoint", note(entries, witnesses, &times));
    log.audit(&[])
}

/// A tick tells when entries were logged, by witnesses of the reader's policy: dates and claims are held against it.
#[test]
fn claims_are_held_against_ticks() {
    let one = witnesses(1);
    let (known, unknown) = (policy(&one, "quorum none"), policy(&[], "quorum none"));
    // The decisions are of 2022-09-03; the first one behind the tick was logged in June 2025.
    let (status, answer) = audit(&with_tick(&one, &[T], T), &one, &known);
    let late = &answer["time"]["late"][0];
    assert_eq!((status, &answer["time"]["ticks"], &late["count"]), (0, &1.into(), &1.into()), "{answer}");
    assert!(late["days"].as_u64().unwrap() > 1_000 && answer["owed"].to_string().contains("late-filing"));
    // Nobody else's witness counts.
    let (status, answer) = audit(&with_tick(&one, &[T], T), &one, &unknown);
    assert_eq!((status, &answer["time"]["ticks"], &answer["time"]["passed_over"]), (0, &0.into(), &1.into()));
    // A day, and ten minutes for clocks that differ.
    for (iat, found) in [(T - DAY - 600, vec![]), (T - DAY - 601, vec!["iat-behind"])] {
        let (status, answer) = audit(&with_tick(&one, &[T], iat), &one, &known);
        assert_eq!((status, rules(&answer)), (i32::from(!found.is_empty()), found), "{answer}");
    }
}

/// One witness of three has a wrong clock, and two make the quorum: neither the log nor a provider is blamed for it. Two that
/// are wrong together are believed, because the policy says so.
#[test]
fn one_wrong_clock_of_three_convicts_nobody() {
    let three = witnesses(3);
    let policy = policy(&three, "group two 2 w0 w1 w2\nquorum two");
    let year = 365 * DAY;
    for (wrong, after) in [(T + year / 2, T + 2), (T + 40 * year, T + 1), (T - year, T + 1)] {
        let (status, answer) = audit(&with_tick(&three, &[T + 1, T + 2, wrong], T), &three, &policy);
        assert_eq!((status, &answer["time"]["after"]), (0, &after.into()), "{wrong}: {answer}");
    }
    let wrong = T + year / 2;
    let (status, answer) = audit(&with_tick(&three, &[T, wrong, wrong], T), &three, &policy);
    assert_eq!((status, rules(&answer)), (1, vec!["iat-behind"]), "{answer}");
    // Two clocks that are ahead of the reader's own leave no quorum: the tick bounds nothing.
    let (status, answer) = audit(&with_tick(&three, &[T, T + 40 * year, T + 41 * year], T), &three, &policy);
    assert_eq!((status, &answer["time"]["passed_over"]), (0, &1.into()), "{answer}");
}

/// 300 entries of which one claims to be of `iat`, and ticks behind them: each covers so many entries, at these times.
fn ahead(iat: u64, ticks: &[(usize, [u64; 3])]) -> (i32, Value) {
    let three = witnesses(3);
    let mut all = entries(300, T);
    let model = Entry::parse(&all[4]).unwrap().into_statement();
    // Entry 100 has the number 97.
    all[100] = decision(&model, 97, iat);
    for (number, (size, times)) in (4..).zip(ticks) {
        all.push(registrars_tick(number, &note(&all[..*size], &three, times)));
    }
    let (log, reader) = (LongLog::of(&all), Reader::new(""));
    std::fs::write(reader.path("policy"), policy(&three, "group two 2 w0 w1 w2\nquorum two")).unwrap();
    log.replace("checkpoint", note(&all, &three, &[T; 3]));
    reader.audit(log.folder().to_str().unwrap(), &[])
}

/// Ten minutes that a ledger allows, and ten for clocks that differ.
#[test]
fn an_entry_may_claim_to_be_little_later_than_the_tick_that_covers_it() {
    let at = [T, T, T];
    assert_eq!(ahead(T + 1_200, &[(300, at)]).0, 0);
    let (status, answer) = ahead(T + 1_201, &[(300, at)]);
    assert_eq!((status, rules(&answer)), (1, vec!["iat-ahead"]), "{answer}");
    assert_eq!(answer["findings"][0]["index"], 100, "{answer}");
    // One slow clock does not blame the log, and two that say the same do.
    assert_eq!(ahead(T + 1_200, &[(300, [T, T - DAY, T])]).0, 0);
    assert_eq!(ahead(T, &[(300, [T, T - DAY, T - DAY])]).0, 1);
}

/// 256 entries are looked at together, by the first tick that covers them all.
#[test]
fn the_first_tick_that_covers_all_of_256_entries_judges_them() {
    let (early, late) = ([T; 3], [T + DAY; 3]);
    let iat = T + 1_201;
    assert_eq!(ahead(iat, &[(255, early)]).0, 0, "not all of them");
    assert_eq!(ahead(iat, &[(255, early), (256, late)]).0, 0, "the second one covers them, a day later");
    assert_eq!(ahead(iat, &[(256, early)]).0, 1);
    let (status, answer) = ahead(iat, &[(256, early), (300, early)]);
    assert_eq!((status, rules(&answer)), (1, vec!["iat-ahead"]), "once: {answer}");
}

fn registrars_tick(sequence: u64, note: &str) -> Vec<u8> {
    let genesis = Entry::parse(&served_log::small_log()[0]).unwrap().into_statement();
    let item = Item::Map(vec![
        (Item::text("type"), Item::text("tick")),
        (Item::text("vocabulary"), Item::text("dsa-tdb/2")),
        (Item::text("addenda"), Item::Map(vec![])),
        (Item::text("sequence"), Item::Integer(sequence.into())),
        (Item::text("checkpoint"), Item::text(note.to_owned())),
    ]);
    long_log::sign(3, &genesis, genesis.claims().clone(), &item)
}
