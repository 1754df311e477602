//! How facts lie in the index: one document for each entry, numbers for everything that is a code, and nothing that is shown.

use std::sync::LazyLock;

use glasshouse_verifier::hash::Digest;
use tantivy::TantivyDocument;
use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, Schema, SchemaBuilder, TextFieldIndexing, TextOptions,
};

use super::coded::Coded;
use super::facts::Facts;

/// Changed whenever a document is made in another way, so that an index of before is built again.
const VERSION: u32 = 4;

/// The fields of the index.
#[derive(Debug)]
pub(crate) struct Layout {
    /// All of them.
    pub(crate) schema: Schema,
    /// The entry's place.
    pub(crate) index: Field,
    /// The number among the issuer's.
    pub(crate) sequence: Field,
    /// The number of the day.
    pub(crate) day: Field,
    /// The issuer.
    pub(crate) provider: Field,
    /// The claim `sub`.
    pub(crate) sub: Field,
    /// The published text that it stands for.
    pub(crate) subject: Field,
    /// That text, else `sub`: what is counted.
    pub(crate) by_subject: Field,
    /// The published name of an authority.
    pub(crate) authority: Field,
    /// For each parameter of codes the numbers of the values, in the order of [`Coded::all`].
    pub(crate) codes: Vec<Field>,
    /// The outcomes that count.
    pub(crate) outcomes: Field,
    /// How many outcomes count, one at most: whoever looks for outcomes begins there.
    pub(crate) has_outcome: Field,
    /// Of a tick the numbers of the days of its bounds and the size of its tree, in the order of [`Layout::TICK`].
    pub(crate) tick: [Field; 3],
    /// The words.
    pub(crate) text: Field,
    /// What tells this layout from others.
    pub(crate) version: String,
}

static LAYOUT: LazyLock<Layout> = LazyLock::new(Layout::new);

impl Layout {
    /// The layout of this program.
    pub(crate) fn get() -> &'static Layout {
        &LAYOUT
    }

    /// The columns of ticks.
    pub(crate) const TICK: [&str; 3] = ["tick_after", "tick_size", "tick_before"];

    fn new() -> Layout {
        let mut schema = SchemaBuilder::new();
        let number = || NumericOptions::default().set_indexed().set_fast();
        let whole = TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_fieldnorms(false)
            .set_index_option(IndexRecordOption::Basic);
        let whole = || TextOptions::default().set_indexing_options(whole.clone());
        // Texts are words already, with a space between two of them.
        let words = TextFieldIndexing::default()
            .set_tokenizer("whitespace")
            .set_fieldnorms(false)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let counted = || TextOptions::default().set_fast("raw");
        let codes = Coded::all().iter();
        let codes: Vec<Field> =
            codes.map(|coded| schema.add_u64_field(coded.parameter.as_str(), number())).collect();
        let mut layout = Layout {
            index: schema.add_u64_field("index", number()),
            sequence: schema.add_u64_field("sequence", NumericOptions::default().set_fast()),
            day: schema.add_u64_field("day", NumericOptions::default().set_fast()),
            provider: schema.add_text_field("provider", whole().set_fast("raw")),
            sub: schema.add_text_field("sub", whole()),
            subject: schema.add_text_field("subject", whole()),
            by_subject: schema.add_text_field("by_subject", counted()),
            authority: schema.add_text_field("authority", whole().set_fast("raw")),
            codes,
            outcomes: schema.add_u64_field("outcomes", NumericOptions::default().set_fast()),
            has_outcome: schema.add_u64_field("has_outcome", NumericOptions::default().set_indexed()),
            tick: Layout::TICK.map(|name| schema.add_u64_field(name, NumericOptions::default().set_fast())),
            text: schema.add_text_field("text", TextOptions::default().set_indexing_options(words)),
            schema: SchemaBuilder::new().build(),
            version: String::new(),
        };
        layout.schema = schema.build();
        layout.version = layout.describe();
        layout
    }

    /// A digest of everything that the numbers in an index depend on.
    fn describe(&self) -> String {
        let mut text = format!("{VERSION}\n{}\n", serde_json::to_string(&self.schema).unwrap_or_default());
        for coded in Coded::all() {
            text.push_str(&format!("{} {}\n", coded.parameter.as_str(), coded.parameter.codes().join(" ")));
        }
        Digest::of(text.as_bytes()).to_hex()
    }

    /// The document of an entry.
    pub(crate) fn document(&self, facts: &Facts) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_u64(self.index, facts.index);
        document.add_u64(self.sequence, facts.sequence);
        document.add_u64(self.day, u64::from(facts.day));
        document.add_text(self.provider, &facts.issuer);
        document.add_text(self.sub, &facts.sub);
        document.add_text(self.by_subject, facts.subject.as_ref().unwrap_or(&facts.sub));
        for (field, text) in [(self.subject, &facts.subject), (self.authority, &facts.authority)] {
            if let Some(text) = text {
                document.add_text(field, text);
            }
        }
        for (field, values) in self.codes.iter().zip(&facts.codes) {
            for value in values {
                document.add_u64(*field, u64::from(*value));
            }
        }
        for outcome in &facts.outcomes {
            document.add_u64(self.outcomes, outcome.0);
        }
        document.add_u64(self.has_outcome, u64::from(!facts.outcomes.is_empty()));
        if let Some(tick) = facts.tick {
            let numbers = [u64::from(tick.after), tick.size, u64::from(tick.before)];
            self.tick.iter().zip(numbers).for_each(|(field, number)| document.add_u64(*field, number));
        }
        for text in &facts.texts {
            document.add_text(self.text, text);
        }
        document
    }

    /// Where the field of a parameter stands.
    pub(crate) fn code(&self, position: usize) -> Option<Field> {
        self.codes.get(position).copied()
    }
}
