//! What a statement of each type is, in a sentence.

use glasshouse_verifier::statement_type::StatementType;

use super::Spoken;

/// One sentence for each type of statement that has no page of its own form.
#[derive(Debug)]
pub(crate) struct KindTexts {
    pub(crate) decision: &'static str,
    pub(crate) no_action: &'static str,
    pub(crate) void: &'static str,
    pub(crate) genesis: &'static str,
    pub(crate) enrolment: &'static str,
    pub(crate) key_retirement: &'static str,
    pub(crate) tick: &'static str,
    pub(crate) amendment: &'static str,
    pub(crate) outcome: &'static str,
    pub(crate) lifted: &'static str,
    pub(crate) withdrawal: &'static str,
    pub(crate) sealed: &'static str,
    pub(crate) disclosure: &'static str,
    pub(crate) redaction: &'static str,
    pub(crate) declaration: &'static str,
    pub(crate) conflict: &'static str,
    pub(crate) keys: &'static str,
    pub(crate) policy: &'static str,
    pub(crate) closure: &'static str,
}

impl KindTexts {
    /// The sentence of a type.
    pub(crate) fn of(&self, kind: StatementType) -> &'static str {
        match kind {
            StatementType::Decision => self.decision,
            StatementType::NoAction => self.no_action,
            StatementType::Void => self.void,
            StatementType::Genesis => self.genesis,
            StatementType::Enrolment => self.enrolment,
            StatementType::KeyRetirement => self.key_retirement,
            StatementType::Tick => self.tick,
            StatementType::Amendment => self.amendment,
            StatementType::Outcome => self.outcome,
            StatementType::Lifted => self.lifted,
            StatementType::Withdrawal => self.withdrawal,
            StatementType::Sealed => self.sealed,
            StatementType::Disclosure => self.disclosure,
            StatementType::Redaction => self.redaction,
            StatementType::Declaration => self.declaration,
            StatementType::Conflict => self.conflict,
            StatementType::Keys => self.keys,
            StatementType::Policy => self.policy,
            StatementType::Closure => self.closure,
        }
    }
}

pub(crate) static KINDS: Spoken<KindTexts> = Spoken {
    en: KindTexts {
        decision: "A provider says that it imposed a restriction, why, and on what basis.",
        no_action: "A provider says that it was asked to act and did not, and why.",
        void: "An issuer closes numbers that it gave out and will not file. They are no gap from then on.",
        genesis: "The first entry of the log: which keys sign it, and who admits providers.",
        enrolment: "The registrar says that this key belongs to this provider. From here on, its signatures count in this log.",
        key_retirement: "A key signs nothing in this log from here on.",
        tick: "The registrar files a checkpoint that witnesses signed. What stands before it was on record at that time; what stands behind came later.",
        amendment: "A provider corrects what it said earlier. The earlier statement stays as it was signed.",
        outcome: "A provider says how a complaint, a dispute or a court case about an earlier decision ended.",
        lifted: "A provider says that a restriction has ended.",
        withdrawal: "An issuer says that an earlier statement was not its own, for instance after a key was stolen.",
        sealed: "Something was decided, and no more may be said for now. The provider has committed to every word, and can open it later.",
        disclosure: "A provider makes public what an earlier statement withheld. It is proved to be what was committed to then.",
        redaction: "Texts of an earlier statement were erased. That they once stood there, and how many, still holds.",
        declaration: "A provider says how many decisions it took in a period. Anyone can count what is on record and compare.",
        conflict: "A provider signed two different statements under one number. The registrar files the second one as evidence.",
        keys: "The registrar changes keys of the log.",
        policy: "The registrar changes the rules of the log.",
        closure: "The registrar closes the log: nothing is filed behind this entry.",
    },
    fr: KindTexts {
        decision: "Un fournisseur dit qu’il a imposé une restriction, pourquoi, et sur quelle base.",
        no_action: "Un fournisseur dit qu’on lui a demandé d’agir, qu’il ne l’a pas fait, et pourquoi.",
        void: "Un émetteur ferme des numéros qu’il a attribués et sous lesquels il ne déposera rien. Ils ne sont plus des lacunes.",
        genesis: "La première entrée du registre : quelles clés le signent, et qui admet les fournisseurs.",
        enrolment: "Le responsable du registre dit que cette clé appartient à ce fournisseur. Dès lors, ses signatures comptent dans ce registre.",
        key_retirement: "Une clé ne signe plus rien dans ce registre à partir d’ici.",
        tick: "Le responsable dépose un point de contrôle signé par des témoins. Ce qui précède était enregistré à cette date ; ce qui suit est venu plus tard.",
        amendment: "Un fournisseur corrige ce qu’il avait dit. La déclaration antérieure reste telle qu’elle a été signée.",
        outcome: "Un fournisseur dit comment s’est terminée une réclamation, un litige ou un procès sur une décision antérieure.",
        lifted: "Un fournisseur dit qu’une restriction a pris fin.",
        withdrawal: "Un émetteur dit qu’une déclaration antérieure n’était pas de lui, par exemple après le vol d’une clé.",
        sealed: "Quelque chose a été décidé, et rien de plus ne peut être dit pour l’instant. Le fournisseur s’est engagé sur chaque mot, et peut tout révéler plus tard.",
        disclosure: "Un fournisseur rend public ce qu’une déclaration antérieure ne divulguait pas. Il est prouvé que c’est le texte sur lequel il s’était engagé.",
        redaction: "Des textes d’une déclaration antérieure ont été effacés. Il reste établi qu’ils ont existé, et combien.",
        declaration: "Un fournisseur dit combien de décisions il a prises sur une période. Chacun peut compter ce qui est déposé et comparer.",
        conflict: "Un fournisseur a signé deux déclarations différentes sous un même numéro. Le responsable dépose la seconde comme preuve.",
        keys: "Le responsable change des clés du registre.",
        policy: "Le responsable change les règles du registre.",
        closure: "Le responsable clôt le registre : rien n’est déposé après cette entrée.",
    },
};
