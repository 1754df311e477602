//! The warnings: rules that a line may break and still be published.

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// The line is not published.
    Error,
    /// The line is published; its author should look at it first.
    Warning,
    /// Good to know.
    Note,
}

macro_rules! cautions {
    ($($name:ident $slug:literal $weight:ident $about:literal;)*) => {
        /// A rule of good statements; its name is stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Caution {
            $(#[doc = $about] $name,)*
        }

        impl Caution {
            /// Every one, in the order of the table in spec/authoring.md.
            pub const ALL: &'static [Caution] = &[$(Caution::$name),*];

            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self { $(Caution::$name => $slug),* }
            }

            /// Whether it is a warning or a note.
            pub fn weight(self) -> Weight {
                match self { $(Caution::$name => Weight::$weight),* }
            }
        }
    };
}

cautions! {
    InTheFuture "in-the-future" Warning "A day or an instant that nobody on Earth has reached yet.";
    ContentAfterDecision "content-after-decision" Warning "The content is younger than the decision on it.";
    EndBeforeStart "end-before-start" Warning "A restriction ends before it begins.";
    ActedOnAnotherDay "acted-on-another-day" Warning "The measure took effect on another day than the one it applies from.";
    DeadlineBeforeReceipt "deadline-before-receipt" Warning "An order's deadline had passed when the order came in.";
    ReceiptBeforeIssue "receipt-before-issue" Warning "An order came in before it was issued.";
    NoticeAfterDecision "notice-after-decision" Warning "The notice came in after the decision on it.";
    EmbargoPassed "embargo-passed" Warning "A text is withheld until a day that has passed.";
    EmbargoBeforeDecision "embargo-before-decision" Warning "A text is withheld until a day before the decision.";
    KeywordOutsideCategory "keyword-outside-category" Warning "The keyword belongs to another category.";
    KeywordListedNowhere "keyword-listed-nowhere" Warning "The keyword belongs to no category any more.";
    OtherWithoutText "other-without-text" Warning "\"Other\" without a text that says what.";
    LooksLikeEmail "looks-like-email" Warning "An e-mail address in a text that will be served.";
    LooksLikePhone "looks-like-phone" Warning "A phone number in a text that will be served.";
    LooksLikeIban "looks-like-iban" Warning "A bank account in a text that will be served.";
    LooksLikeIpAddress "looks-like-ip-address" Warning "An IP address in a text that will be served.";
    LooksLikeAccount "looks-like-account" Warning "The name of an account in a text that will be served.";
    LooksLikeUrl "looks-like-url" Warning "A URL in a text that will be served.";
    NotifierServed "notifier-served" Warning "Who sent the notice will be served.";
    IllegalContentLocator "illegal-content-locator" Warning "Where illegal content lies will be served.";
    LocatorInText "locator-in-text" Warning "A locator in a text, under a keyword that forbids to serve locators.";
    Article17Missing "article-17-missing" Warning "An item of Article 17(3) of the Digital Services Act is missing.";
    LeftOut "left-out" Warning "A field that does not apply, and that the statement will not have.";
    RoleLeftOut "role-left-out" Warning "The line does not say in which role the provider acted.";
    ReferenceToLaterLine "reference-to-later-line" Warning "An earlier line refers to this one.";
    SaidBefore "said-before" Warning "An earlier line of the file ends or withdraws the same already.";
    RepeatedLine "repeated-line" Note "The same line stood in the file before.";
    ReferenceNotInFile "reference-not-in-file" Note "A reference to a line that did not stand in the file before.";
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn every_name_is_its_own_and_fit_for_a_command_line() {
        for (at, caution) in Caution::ALL.iter().enumerate() {
            let name = caution.as_str();
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{name}"
            );
            assert_eq!(Caution::ALL.iter().position(|other| other.as_str() == name), Some(at));
        }
    }
}
