//! The parameters whose values are codes, each value as a small number: 0 stands for none, the others follow the alphabet.

use std::sync::LazyLock;

use glasshouse_ledger::current::{Current, Decided};
use glasshouse_ledger::query::{NONE, Parameter};
use glasshouse_verifier::fields::MEASURES;

/// A code's number among those of its parameter.
pub(crate) type Ordinal = u16;

/// Stands for the absence of the field.
pub(crate) const ABSENT: Ordinal = 0;

/// One parameter with its codes.
#[derive(Debug)]
pub(crate) struct Coded {
    /// The parameter.
    pub(crate) parameter: Parameter,
    codes: Vec<&'static str>,
}

static CODED: LazyLock<Vec<Coded>> = LazyLock::new(|| {
    let parameters = Parameter::ALL.into_iter().filter(|parameter| parameter.is_of_values());
    parameters.map(Coded::of).collect()
});
static PROCEDURES: LazyLock<Coded> = LazyLock::new(|| Coded::of(Parameter::Procedure));
static RESULTS: LazyLock<Coded> = LazyLock::new(|| Coded::of(Parameter::Result));

impl Coded {
    fn of(parameter: Parameter) -> Coded {
        let codes = parameter.codes().into_iter().filter(|code| *code != NONE).collect();
        Coded { parameter, codes }
    }

    /// Every parameter of codes that an entry has values for.
    pub(crate) fn all() -> &'static [Coded] {
        &CODED
    }

    /// Where a parameter stands among them.
    pub(crate) fn position(parameter: Parameter) -> Option<usize> {
        CODED.iter().position(|coded| coded.parameter == parameter)
    }

    /// How many numbers there are, that of absence among them.
    pub(crate) fn count(&self) -> usize {
        self.codes.len() + 1
    }

    /// The number of a code; that of absence for `none`, and nothing for a code that it does not have.
    pub(crate) fn ordinal(&self, code: &str) -> Option<Ordinal> {
        if code == NONE {
            return Some(ABSENT);
        }
        let place = self.codes.binary_search(&code).ok()?;
        Ordinal::try_from(place + 1).ok()
    }

    /// The code of a number.
    pub(crate) fn code(&self, ordinal: Ordinal) -> &'static str {
        let place = usize::from(ordinal).checked_sub(1);
        place.and_then(|place| self.codes.get(place).copied()).unwrap_or(NONE)
    }

    /// The numbers of an entry's values; never empty.
    pub(crate) fn ordinals(&self, current: &Current) -> Vec<Ordinal> {
        let values = self.parameter.values(current);
        let mut ordinals: Vec<Ordinal> = values.iter().filter_map(|code| self.ordinal(code)).collect();
        ordinals.sort_unstable();
        ordinals.dedup();
        if ordinals.is_empty() {
            ordinals.push(ABSENT);
        }
        ordinals
    }

    /// Whether a number is counted: of measures the codes are, and not the fields that hold them.
    pub(crate) fn is_counted(&self, ordinal: Ordinal) -> bool {
        self.parameter != Parameter::Measure
            || !MEASURES.iter().any(|field| field.as_str() == self.code(ordinal))
    }
}

/// How a procedure ended, as one number: the procedure, the result and the day, from the high bits to the low ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome(pub(crate) u64);

impl Outcome {
    /// The number of an outcome.
    pub(crate) fn of(decided: &Decided) -> Outcome {
        let number = |coded: &Coded, code: &str| u64::from(coded.ordinal(code).unwrap_or(ABSENT));
        let (procedure, result) =
            (number(&PROCEDURES, decided.procedure.as_str()), number(&RESULTS, decided.result.as_str()));
        let day = decided.day.map_or(0, super::day_number::day_number);
        Outcome(procedure << 48 | result << 32 | u64::from(day))
    }

    fn part(self, shift: u32) -> Ordinal {
        #[allow(clippy::cast_possible_truncation, reason = "masked to 16 bits")]
        let part = (self.0 >> shift & 0xffff) as Ordinal;
        part
    }

    fn day(self) -> u32 {
        #[allow(clippy::cast_possible_truncation, reason = "masked to 32 bits")]
        let day = (self.0 & 0xffff_ffff) as u32;
        day
    }
}

/// Conditions that one and the same outcome must meet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct OutcomeWanted {
    procedures: Option<Vec<Ordinal>>,
    results: Option<Vec<Ordinal>>,
    from: Option<u32>,
    to: Option<u32>,
}

impl OutcomeWanted {
    /// Takes codes of one of the two parameters of codes.
    pub(crate) fn codes(&mut self, parameter: Parameter, codes: &[&'static str]) {
        let (place, coded) = match parameter {
            Parameter::Procedure => (&mut self.procedures, &*PROCEDURES),
            _ => (&mut self.results, &*RESULTS),
        };
        *place = Some(codes.iter().filter_map(|code| coded.ordinal(code)).collect());
    }

    /// Takes the number of the first day.
    pub(crate) fn from(&mut self, day: u32) {
        self.from = Some(day);
    }

    /// Takes the number of the last day.
    pub(crate) fn to(&mut self, day: u32) {
        self.to = Some(day);
    }

    /// Whether an outcome meets all of them. One without a day meets none that asks for days.
    pub(crate) fn is_met_by(&self, outcome: Outcome) -> bool {
        let among = |wanted: &Option<Vec<Ordinal>>, part: Ordinal| {
            wanted.as_ref().is_none_or(|wanted| wanted.contains(&part))
        };
        let day = outcome.day();
        among(&self.procedures, outcome.part(48))
            && among(&self.results, outcome.part(32))
            && self.from.is_none_or(|from| day != 0 && day >= from)
            && self.to.is_none_or(|to| day != 0 && day <= to)
    }
}
