//! The conditions of a search, held against what the receipt of an entry proves. A receipt decides some of them (spec/http.md,
//! Lists): those of whose entry it is, and those of its coded fields as long as no amendment changed them.

use glasshouse_verifier::as_amended::AsAmended;
use glasshouse_verifier::codes::Code;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::proved::Proved;
use glasshouse_verifier::subject::Subject;

use super::asked::Asked;
use super::hit::said;

/// Stands for a field that is absent (spec/http.md, Lists).
const NONE: &str = "none";

/// What a receipt decides.
enum Wanted {
    Provider(Issuer),
    Sub(Subject),
    Numbers(u64, u64),
    Before(u64),
    Type(Vec<String>),
    Codes(FieldName, Vec<String>),
    LegalBasis(Vec<String>),
    From(Day),
    To(Day),
}

impl Wanted {
    /// Nothing for a condition that no receipt decides, and for a value that no ledger takes.
    fn of(name: &str, value: &str) -> Option<Wanted> {
        let codes = || value.split(',').map(str::to_owned).collect();
        Some(match name {
            "provider" if value.starts_with("https://") => Wanted::Provider(Issuer::parse(value).ok()?),
            "provider" => Wanted::Provider(Issuer::parse(&format!("https://{value}")).ok()?),
            "sub" => Wanted::Sub(Subject::parse(value).ok()?),
            "numbers" => {
                let (first, last) = value.split_once('-')?;
                Wanted::Numbers(first.parse().ok()?, last.parse().ok()?)
            }
            "before" => Wanted::Before(value.parse().ok()?),
            "type" => Wanted::Type(codes()),
            "category" => Wanted::Codes(FieldName::CATEGORY, codes()),
            "decision_ground" => Wanted::Codes(FieldName::DECISION_GROUND, codes()),
            "legal_basis" => Wanted::LegalBasis(codes()),
            "from" => Wanted::From(Day::parse(value)?),
            "to" => Wanted::To(Day::parse(value)?),
            _ => return None,
        })
    }

    /// Whether an amendment can change what it looks at.
    fn is_of_fields(&self) -> bool {
        match self {
            Wanted::Codes(..) | Wanted::LegalBasis(_) | Wanted::From(_) | Wanted::To(_) => true,
            Wanted::Provider(_)
            | Wanted::Sub(_)
            | Wanted::Numbers(..)
            | Wanted::Before(_)
            | Wanted::Type(_) => false,
        }
    }

    /// Whether the entry meets it, as it was filed; else what it has instead.
    fn check(&self, proved: &Proved) -> Result<(), String> {
        let (statement, claims) = (proved.statement(), proved.statement().claims());
        let filed = || AsAmended::filed(proved.index(), statement.payload());
        let any_of = |wanted: &[String], found: &[&str]| match found {
            [] if wanted.iter().any(|code| code == NONE) => Ok(()),
            [] => Err(NONE.to_owned()),
            found if found.iter().any(|found| wanted.iter().any(|code| code == found)) => Ok(()),
            found => Err(found.join(",")),
        };
        let day = |is_met: &dyn Fn(Day) -> bool| match filed().day(statement) {
            Some(day) if is_met(day) => Ok(()),
            Some(day) => Err(day.to_string()),
            None => Err(NONE.to_owned()),
        };
        let is = |is_met: bool, found: &dyn std::fmt::Display| {
            if is_met { Ok(()) } else { Err(found.to_string()) }
        };
        match self {
            Wanted::Provider(issuer) => is(claims.iss == *issuer, &claims.iss),
            Wanted::Sub(subject) => is(claims.sub == *subject, &claims.sub),
            Wanted::Numbers(first, last) => {
                let number = statement.sequence().get();
                is((*first..=*last).contains(&number), &number)
            }
            Wanted::Before(end) => is(proved.index().get() < *end, &proved.index()),
            Wanted::Type(codes) => any_of(codes, &[statement.payload().kind().as_str()]),
            Wanted::Codes(field, codes) => {
                let filed = filed();
                any_of(codes, &filed.codes(*field).iter().map(Code::as_str).collect::<Vec<_>>())
            }
            Wanted::LegalBasis(codes) => {
                let filed = filed();
                any_of(
                    codes,
                    &filed.legal_basis().map(|basis| basis.kind().as_str()).into_iter().collect::<Vec<_>>(),
                )
            }
            Wanted::From(from) => day(&|day| day >= *from),
            Wanted::To(to) => day(&|day| day <= *to),
        }
    }
}

/// One condition.
struct Condition {
    name: String,
    value: String,
    wanted: Option<Wanted>,
}

/// All conditions of a search.
pub(super) struct Conditions(Vec<Condition>);

impl Conditions {
    pub(super) fn of(asked: &Asked) -> Conditions {
        let condition = |(name, value): (&str, &str)| Condition {
            name: name.to_owned(),
            value: value.to_owned(),
            wanted: Wanted::of(name, value),
        };
        Conditions(asked.conditions().map(condition).collect())
    }

    /// Those that the entry of a row does not meet, as far as its receipt decides that.
    pub(super) fn not_met(&self, is_amended: bool, proved: &Proved) -> Vec<String> {
        let not_met = |condition: &Condition| {
            let wanted = condition.wanted.as_ref().filter(|wanted| !is_amended || !wanted.is_of_fields())?;
            let found = wanted.check(proved).err()?;
            let (name, value, found) = (&condition.name, said(&condition.value), said(&found));
            Some(format!("it was asked for {name}={value}, and its receipt says {found}"))
        };
        self.0.iter().filter_map(not_met).collect()
    }

    /// The names of those that receipts decide: of every entry; and of entries that were not amended.
    pub(super) fn decided(&self) -> (Vec<&str>, Vec<&str>) {
        let (mut always, mut of_fields) = (Vec::new(), Vec::new());
        for Condition { name, wanted, .. } in &self.0 {
            match wanted {
                Some(wanted) if wanted.is_of_fields() => of_fields.push(name.as_str()),
                Some(_) => always.push(name.as_str()),
                None => {}
            }
        }
        (always, of_fields)
    }

    /// The names of those that no receipt decides.
    pub(super) fn undecided(&self) -> Vec<&str> {
        self.0
            .iter()
            .filter(|condition| condition.wanted.is_none())
            .map(|condition| condition.name.as_str())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use serde_json::json;

    use super::super::fake::{check, receipt_of, true_row};
    use crate::answer::Verdict;

    /// A server that names an entry under a condition that its receipt shows it does not meet.
    #[test]
    fn an_entry_that_does_not_meet_a_condition_is_named() {
        for (met, not_met, says) in [
            ("type=outcome,decision", "type=outcome,lifted", "decision"),
            ("provider=reverse-proxy.example", "provider=innocent.example", "https://reverse-proxy.example"),
            (
                "provider=https://reverse-proxy.example",
                "provider=https://a.example",
                "https://reverse-proxy.example",
            ),
            ("sub=s:00112233445566778899aabbccddeeff", "sub=s:00000000000000000000000000000000", "s:0011"),
            ("numbers=1-2", "numbers=3-9", "2"),
            ("before=5", "before=4", "4"),
            ("from=2022-09-03", "from=2022-09-04", "2022-09-03"),
            ("to=2022-09-03", "to=2022-09-02", "2022-09-03"),
            (
                "category=STATEMENT_CATEGORY_CYBER_VIOLENCE,STATEMENT_CATEGORY_VIOLENCE",
                "category=STATEMENT_CATEGORY_VIOLENCE",
                "STATEMENT_CATEGORY_CYBER_VIOLENCE",
            ),
            ("legal_basis=emergency", "legal_basis=statute,court_order", "emergency"),
            ("decision_ground=none", "decision_ground=DECISION_GROUND_ILLEGAL_CONTENT", "none"),
        ] {
            let receipt = || (200, receipt_of("decision"));
            let (verdict, answer, text) = check(&[met, "q=forum"], &[true_row()], receipt());
            assert_eq!(verdict, Verdict::Holds, "{text}");
            let name = met.split('=').next().unwrap();
            assert!(text.contains(&format!("and meets what was asked of {name}\n")), "{text}");
            assert!(text.contains("That they meet what was asked of q: "), "{text}");
            assert_eq!(answer["conditions"]["not_checked"], json!(["q"]));
            let (verdict, answer, text) = check(&[not_met], &[true_row()], receipt());
            assert_eq!(verdict, Verdict::DoesNotHold, "{text}");
            let why = answer["failed"][0]["why"].as_str().unwrap();
            let said = format!("it was asked for {not_met}, and its receipt says {says}");
            assert!(why.starts_with(&said), "{why}");
        }
    }

    /// What an amendment may have changed, its receipt does not decide; what nobody could have asked for, nothing does.
    #[test]
    fn what_a_receipt_does_not_decide_is_not_proved() {
        let mut amended = true_row();
        amended["amended"] = true.into();
        let words = ["type=decision", "category=STATEMENT_CATEGORY_VIOLENCE", "to=1999-12-31"];
        let (verdict, answer, text) = check(&words, &[amended.clone()], (200, receipt_of("decision")));
        assert_eq!(verdict, Verdict::Holds, "{text}");
        assert!(text.contains("and meets what was asked of type\n"), "{text}");
        assert!(text.contains("was amended, and that it meets what was asked of category, to: "), "{text}");
        assert_eq!(answer["conditions"]["unless_amended"], json!(["category", "to"]));
        let (verdict, ..) = check(&["type=lifted"], &[amended], (200, receipt_of("decision")));
        assert_eq!(verdict, Verdict::DoesNotHold);
        let words = ["numbers=2", "to=yesterday", "provider=A B", "standing=in_force", "subject=x"];
        let (verdict, answer, text) = check(&words, &[true_row()], (200, receipt_of("decision")));
        assert_eq!(verdict, Verdict::Holds, "{text}");
        let names = json!(["numbers", "to", "provider", "standing", "subject"]);
        assert_eq!(answer["conditions"]["not_checked"], names, "{text}");
        // With no condition there is none to meet.
        let (_, _, text) = check(&[], &[true_row()], (200, receipt_of("decision")));
        assert!(!text.contains("what was asked of"), "{text}");
    }
}
