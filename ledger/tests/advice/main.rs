//! What is said of a line before it is published: every warning where it belongs and nowhere else, every rule explained.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod article_17;
mod dates_and_keywords;
mod errors;
mod explanations;
mod later_statements;
mod line;
mod served_texts;
mod suggestions;
