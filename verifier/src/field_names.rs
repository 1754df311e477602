//! One constant for each field name.
// @generated. Written by spec/generate_codes.py; change spec/fields.json or spec/vocabulary.json instead.

use crate::fields::FieldName;

impl FieldName {
    /// `key`: the key that is admitted.
    pub const KEY: FieldName = FieldName(0);
    /// `kid`: thumbprint of the key that ends.
    pub const KID: FieldName = FieldName(1);
    /// `last`: last of the closed numbers.
    pub const LAST: FieldName = FieldName(2);
    /// `name`: an organisation, never a natural person.
    pub const NAME: FieldName = FieldName(3);
    /// `puid`: the provider's own number; may be made from a user's.
    pub const PUID: FieldName = FieldName(4);
    /// `first`: first of the closed numbers.
    pub const FIRST: FieldName = FieldName(5);
    /// `items`: how many items one decision covers.
    pub const ITEMS: FieldName = FieldName(6);
    /// `roles`: in which roles the provider publishes.
    pub const ROLES: FieldName = FieldName(7);
    /// `fields`: which texts.
    pub const FIELDS: FieldName = FieldName(8);
    /// `policy`: the log's rules, as text.
    pub const POLICY: FieldName = FieldName(9);
    /// `result`: how it ended.
    pub const RESULT: FieldName = FieldName(10);
    /// `contact`: an address or a mailbox.
    pub const CONTACT: FieldName = FieldName(11);
    /// `country`: where the provider is established.
    pub const COUNTRY: FieldName = FieldName(12);
    /// `purpose`: what the log is for.
    pub const PURPOSE: FieldName = FieldName(13);
    /// `redress`: which ways to object exist.
    pub const REDRESS: FieldName = FieldName(14);
    /// `removed`: which fields an amendment takes away.
    pub const REMOVED: FieldName = FieldName(15);
    /// `request`: possession and consent, signed by the key that is admitted.
    pub const REQUEST: FieldName = FieldName(16);
    /// `subject`: what the pseudonym stands for; may be a URL or an account.
    pub const SUBJECT: FieldName = FieldName(17);
    /// `targets`: leaf hashes, and ranges of the issuer's own numbers.
    pub const TARGETS: FieldName = FieldName(18);
    /// `acted_at`: when the measure took effect.
    pub const ACTED_AT: FieldName = FieldName(19);
    /// `category`: European code.
    pub const CATEGORY: FieldName = FieldName(20);
    /// `end_date`: a day.
    pub const END_DATE: FieldName = FieldName(21);
    /// `evidence`: why the registrar believed the request.
    pub const EVIDENCE: FieldName = FieldName(22);
    /// `provider`: the provider's HTTPS origin.
    pub const PROVIDER: FieldName = FieldName(23);
    /// `log_vkeys`: the log's verification keys.
    pub const LOG_VKEYS: FieldName = FieldName(24);
    /// `procedure`: which procedure ended.
    pub const PROCEDURE: FieldName = FieldName(25);
    /// `provision`: names a clause in words.
    pub const PROVISION: FieldName = FieldName(26);
    /// `successor`: the log that continues this one.
    pub const SUCCESSOR: FieldName = FieldName(27);
    /// `checkpoint`: a cosigned checkpoint of this log.
    pub const CHECKPOINT: FieldName = FieldName(28);
    /// `content_id`: a product's number, not a person's.
    pub const CONTENT_ID: FieldName = FieldName(29);
    /// `decided_at`: when the procedure ended.
    pub const DECIDED_AT: FieldName = FieldName(30);
    /// `instrument`: names a law or a contract in words.
    pub const INSTRUMENT: FieldName = FieldName(31);
    /// `items_list`: locators.
    pub const ITEMS_LIST: FieldName = FieldName(32);
    /// `period_end`: a day.
    pub const PERIOD_END: FieldName = FieldName(33);
    /// `relates_to`: relations and leaf hashes; URIs stand in an addendum.
    pub const RELATES_TO: FieldName = FieldName(34);
    /// `attribution`: the signer reports somebody else's decision; whose, is an addendum.
    pub const ATTRIBUTION: FieldName = FieldName(35);
    /// `content_url`: a locator.
    pub const CONTENT_URL: FieldName = FieldName(36);
    /// `implemented`: whether the provider did what the outcome asks.
    pub const IMPLEMENTED: FieldName = FieldName(37);
    /// `legal_basis`: codes, a statute identifier, instants: no free text.
    pub const LEGAL_BASIS: FieldName = FieldName(38);
    /// `predecessor`: the log that this one continues.
    pub const PREDECESSOR: FieldName = FieldName(39);
    /// `redress_url`: a locator.
    pub const REDRESS_URL: FieldName = FieldName(40);
    /// `source_kind`: who asked, finer than source_type.
    pub const SOURCE_KIND: FieldName = FieldName(41);
    /// `source_type`: European code.
    pub const SOURCE_TYPE: FieldName = FieldName(42);
    /// `void_reason`: why the numbers will not be filed.
    pub const VOID_REASON: FieldName = FieldName(43);
    /// `account_type`: European code.
    pub const ACCOUNT_TYPE: FieldName = FieldName(44);
    /// `content_date`: a day.
    pub const CONTENT_DATE: FieldName = FieldName(45);
    /// `content_type`: European code set.
    pub const CONTENT_TYPE: FieldName = FieldName(46);
    /// `outcome_body`: a court, a body or its file number, in words.
    pub const OUTCOME_BODY: FieldName = FieldName(47);
    /// `period_start`: a day.
    pub const PERIOD_START: FieldName = FieldName(48);
    /// `receipt_keys`: keys that sign COSE receipts.
    pub const RECEIPT_KEYS: FieldName = FieldName(49);
    /// `requested_by`: who asked, by kind and never by name.
    pub const REQUESTED_BY: FieldName = FieldName(50);
    /// `suspect_from`: from when on signatures of the key are in doubt.
    pub const SUSPECT_FROM: FieldName = FieldName(51);
    /// `attributed_at`: when the other register took the statement in.
    pub const ATTRIBUTED_AT: FieldName = FieldName(52);
    /// `attributed_to`: whose decision it was, in words.
    pub const ATTRIBUTED_TO: FieldName = FieldName(53);
    /// `last_sequence`: last of the period's numbers.
    pub const LAST_SEQUENCE: FieldName = FieldName(54);
    /// `lifted_reason`: why the restriction ended.
    pub const LIFTED_REASON: FieldName = FieldName(55);
    /// `not_published`: how many of these it does not file.
    pub const NOT_PUBLISHED: FieldName = FieldName(56);
    /// `provider_role`: in which role the provider acted.
    pub const PROVIDER_ROLE: FieldName = FieldName(57);
    /// `registrar_key`: the registrar's key.
    pub const REGISTRAR_KEY: FieldName = FieldName(58);
    /// `decision_facts`: free text can name a person.
    pub const DECISION_FACTS: FieldName = FieldName(59);
    /// `first_sequence`: first of the period's numbers.
    pub const FIRST_SEQUENCE: FieldName = FieldName(60);
    /// `refusal_reason`: why a notice or a demand was refused.
    pub const REFUSAL_REASON: FieldName = FieldName(61);
    /// `relates_to_uri`: locators.
    pub const RELATES_TO_URI: FieldName = FieldName(62);
    /// `attributed_puid`: the number that the other gave its decision; may be made from a user's.
    pub const ATTRIBUTED_PUID: FieldName = FieldName(63);
    /// `decision_ground`: European code.
    pub const DECISION_GROUND: FieldName = FieldName(64);
    /// `decisions_taken`: the provider's own count.
    pub const DECISIONS_TAKEN: FieldName = FieldName(65);
    /// `document_sha256`: digest of a document that may be guessable.
    pub const DOCUMENT_SHA256: FieldName = FieldName(66);
    /// `notice_received`: when the notice or demand came in.
    pub const NOTICE_RECEIVED: FieldName = FieldName(67);
    /// `order_authority`: a court or an authority, in words.
    pub const ORDER_AUTHORITY: FieldName = FieldName(68);
    /// `order_reference`: case numbers name parties.
    pub const ORDER_REFERENCE: FieldName = FieldName(69);
    /// `source_identity`: names the notifier.
    pub const SOURCE_IDENTITY: FieldName = FieldName(70);
    /// `amendment_reason`: what was wrong.
    pub const AMENDMENT_REASON: FieldName = FieldName(71);
    /// `application_date`: a day.
    pub const APPLICATION_DATE: FieldName = FieldName(72);
    /// `content_language`: a language code.
    pub const CONTENT_LANGUAGE: FieldName = FieldName(73);
    /// `decision_account`: European code.
    pub const DECISION_ACCOUNT: FieldName = FieldName(74);
    /// `redaction_ground`: on what ground the texts were erased.
    pub const REDACTION_GROUND: FieldName = FieldName(75);
    /// `request_received`: when the request came in.
    pub const REQUEST_RECEIVED: FieldName = FieldName(76);
    /// `sealed_statement`: the statement that may not be told yet.
    pub const SEALED_STATEMENT: FieldName = FieldName(77);
    /// `void_explanation`: free text can name a person.
    pub const VOID_EXPLANATION: FieldName = FieldName(78);
    /// `category_addition`: European code set.
    pub const CATEGORY_ADDITION: FieldName = FieldName(79);
    /// `decision_monetary`: European code.
    pub const DECISION_MONETARY: FieldName = FieldName(80);
    /// `refused_statement`: the second statement under one number, whole and signed.
    pub const REFUSED_STATEMENT: FieldName = FieldName(81);
    /// `retirement_reason`: why the key ends.
    pub const RETIREMENT_REASON: FieldName = FieldName(82);
    /// `territorial_scope`: countries.
    pub const TERRITORIAL_SCOPE: FieldName = FieldName(83);
    /// `attribution_source`: where the report comes from: a locator or a title.
    pub const ATTRIBUTION_SOURCE: FieldName = FieldName(84);
    /// `authority_notified`: whether an authority was told (told is not the same as ordered).
    pub const AUTHORITY_NOTIFIED: FieldName = FieldName(85);
    /// `automated_decision`: European code.
    pub const AUTOMATED_DECISION: FieldName = FieldName(86);
    /// `complaint_received`: when the complaint or the suit came in.
    pub const COMPLAINT_RECEIVED: FieldName = FieldName(87);
    /// `content_type_other`: free text can name a person.
    pub const CONTENT_TYPE_OTHER: FieldName = FieldName(88);
    /// `decision_provision`: European code.
    pub const DECISION_PROVISION: FieldName = FieldName(89);
    /// `lifted_explanation`: free text can name a person.
    pub const LIFTED_EXPLANATION: FieldName = FieldName(90);
    /// `next_registrar_kid`: thumbprint of the registrar's next key.
    pub const NEXT_REGISTRAR_KID: FieldName = FieldName(91);
    /// `automated_detection`: European code.
    pub const AUTOMATED_DETECTION: FieldName = FieldName(92);
    /// `closure_explanation`: free text can name a person.
    pub const CLOSURE_EXPLANATION: FieldName = FieldName(93);
    /// `decision_visibility`: European code set.
    pub const DECISION_VISIBILITY: FieldName = FieldName(94);
    /// `outcome_explanation`: free text can name a person.
    pub const OUTCOME_EXPLANATION: FieldName = FieldName(95);
    /// `refusal_explanation`: free text can name a person.
    pub const REFUSAL_EXPLANATION: FieldName = FieldName(96);
    /// `amendment_explanation`: free text can name a person.
    pub const AMENDMENT_EXPLANATION: FieldName = FieldName(97);
    /// `redaction_explanation`: free text can name a person.
    pub const REDACTION_EXPLANATION: FieldName = FieldName(98);
    /// `category_specification`: European code set.
    pub const CATEGORY_SPECIFICATION: FieldName = FieldName(99);
    /// `disclosure_explanation`: free text can name a person.
    pub const DISCLOSURE_EXPLANATION: FieldName = FieldName(100);
    /// `infrastructure_measure`: what an infrastructure provider did.
    pub const INFRASTRUCTURE_MEASURE: FieldName = FieldName(101);
    /// `retirement_explanation`: free text can name a person.
    pub const RETIREMENT_EXPLANATION: FieldName = FieldName(102);
    /// `withdrawal_explanation`: free text can name a person.
    pub const WITHDRAWAL_EXPLANATION: FieldName = FieldName(103);
    /// `decision_monetary_other`: free text can name a person.
    pub const DECISION_MONETARY_OTHER: FieldName = FieldName(104);
    /// `declaration_explanation`: free text can name a person.
    pub const DECLARATION_EXPLANATION: FieldName = FieldName(105);
    /// `decision_visibility_other`: free text can name a person.
    pub const DECISION_VISIBILITY_OTHER: FieldName = FieldName(106);
    /// `illegal_content_explanation`: free text can name a person.
    pub const ILLEGAL_CONTENT_EXPLANATION: FieldName = FieldName(107);
    /// `incompatible_content_ground`: free text can name a person.
    pub const INCOMPATIBLE_CONTENT_GROUND: FieldName = FieldName(108);
    /// `category_specification_other`: free text can name a person.
    pub const CATEGORY_SPECIFICATION_OTHER: FieldName = FieldName(109);
    /// `end_date_account_restriction`: a day.
    pub const END_DATE_ACCOUNT_RESTRICTION: FieldName = FieldName(110);
    /// `end_date_service_restriction`: a day.
    pub const END_DATE_SERVICE_RESTRICTION: FieldName = FieldName(111);
    /// `illegal_content_legal_ground`: free text can name a person.
    pub const ILLEGAL_CONTENT_LEGAL_GROUND: FieldName = FieldName(112);
    /// `incompatible_content_illegal`: European code.
    pub const INCOMPATIBLE_CONTENT_ILLEGAL: FieldName = FieldName(113);
    /// `decision_ground_reference_url`: a locator.
    pub const DECISION_GROUND_REFERENCE_URL: FieldName = FieldName(114);
    /// `end_date_monetary_restriction`: a day.
    pub const END_DATE_MONETARY_RESTRICTION: FieldName = FieldName(115);
    /// `end_date_visibility_restriction`: a day.
    pub const END_DATE_VISIBILITY_RESTRICTION: FieldName = FieldName(116);
    /// `incompatible_content_explanation`: free text can name a person.
    pub const INCOMPATIBLE_CONTENT_EXPLANATION: FieldName = FieldName(117);
}
