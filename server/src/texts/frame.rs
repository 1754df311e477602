//! The texts around every page.

use super::Spoken;

/// What stands on every page.
#[derive(Debug)]
pub(crate) struct FrameTexts {
    pub(crate) skip: &'static str,
    pub(crate) tagline: &'static str,
    pub(crate) search_label: &'static str,
    pub(crate) search_button: &'static str,
    pub(crate) navigation: &'static str,
    pub(crate) search: &'static str,
    pub(crate) providers: &'static str,
    pub(crate) log: &'static str,
    pub(crate) verify: &'static str,
    pub(crate) languages: &'static str,
    pub(crate) not_judged: &'static str,
    pub(crate) not_judged_title: &'static str,
    pub(crate) itself: &'static str,
    pub(crate) programs: &'static str,
    pub(crate) vocabulary: &'static str,
    pub(crate) interface: &'static str,
    pub(crate) table: &'static str,
    pub(crate) entry: fn(&str) -> String,
}

pub(crate) static FRAME: Spoken<FrameTexts> = Spoken {
    en: FrameTexts {
        skip: "Skip to the content",
        tagline: "A public ledger of content-moderation decisions",
        search_label: "Search the ledger",
        search_button: "Search",
        navigation: "Main",
        search: "All statements",
        providers: "Providers",
        log: "The log",
        verify: "Check a receipt",
        languages: "Language",
        not_judged_title: "What is not judged here",
        not_judged: "Whether a decision was right, and whether what it says is true. The log shows who said what, when it came, and that nothing was changed since.",
        itself: "A page cannot vouch for itself. What counts can be checked without trusting this server: with a receipt, in your browser or with a program of your own.",
        programs: "For programs",
        vocabulary: "The codes and what they mean",
        interface: "Description of the interface",
        table: "The same as a table",
        entry: |index| format!("entry {index}"),
    },
    fr: FrameTexts {
        skip: "Aller au contenu",
        tagline: "Un registre public des décisions de modération",
        search_label: "Rechercher dans le registre",
        search_button: "Rechercher",
        navigation: "Navigation principale",
        search: "Toutes les déclarations",
        providers: "Fournisseurs",
        log: "Le registre",
        verify: "Contrôler un reçu",
        languages: "Langue",
        not_judged_title: "Ce qui n’est pas jugé ici",
        not_judged: "Si une décision était juste, et si ce qu’elle dit est vrai. Le registre montre qui a dit quoi, quand cela a été déposé, et que rien n’a été modifié depuis.",
        itself: "Une page ne peut pas se porter garante d’elle-même. Ce qui compte se contrôle sans faire confiance à ce serveur : avec un reçu, dans votre navigateur ou avec votre propre programme.",
        programs: "Pour les programmes",
        vocabulary: "Les codes et leur sens",
        interface: "Description de l’interface",
        table: "Les mêmes chiffres en tableau",
        entry: |index| format!("entrée {index}"),
    },
};
