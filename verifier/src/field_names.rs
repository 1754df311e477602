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
    /// `policy`: the log's rules, as text.
    pub const POLICY: FieldName = FieldName(8);
    /// `contact`: an address or a mailbox.
    pub const CONTACT: FieldName = FieldName(9);
    /// `country`: where the provider is established.
    pub const COUNTRY: FieldName = FieldName(10);
    /// `purpose`: what the log is for.
    pub const PURPOSE: FieldName = FieldName(11);
    /// `redress`: which ways to object exist.
    pub const REDRESS: FieldName = FieldName(12);
    /// `request`: possession and consent, signed by the key that is admitted.
    pub const REQUEST: FieldName = FieldName(13);
    /// `subject`: what the pseudonym stands for; may be a URL or an account.
    pub const SUBJECT: FieldName = FieldName(14);
    /// `acted_at`: when the measure took effect.
    pub const ACTED_AT: FieldName = FieldName(15);
    /// `category`: European code.
    pub const CATEGORY: FieldName = FieldName(16);
    /// `evidence`: why the registrar believed the request.
    pub const EVIDENCE: FieldName = FieldName(17);
    /// `provider`: the provider's HTTPS origin.
    pub const PROVIDER: FieldName = FieldName(18);
    /// `log_vkeys`: the log's verification keys.
    pub const LOG_VKEYS: FieldName = FieldName(19);
    /// `provision`: names a clause in words.
    pub const PROVISION: FieldName = FieldName(20);
    /// `checkpoint`: a cosigned checkpoint of this log.
    pub const CHECKPOINT: FieldName = FieldName(21);
    /// `content_id`: a product's number, not a person's.
    pub const CONTENT_ID: FieldName = FieldName(22);
    /// `instrument`: names a law or a contract in words.
    pub const INSTRUMENT: FieldName = FieldName(23);
    /// `items_list`: locators.
    pub const ITEMS_LIST: FieldName = FieldName(24);
    /// `relates_to`: relations and leaf hashes; URIs stand in an addendum.
    pub const RELATES_TO: FieldName = FieldName(25);
    /// `attribution`: the signer reports somebody else's decision; whose, is an addendum.
    pub const ATTRIBUTION: FieldName = FieldName(26);
    /// `content_url`: a locator.
    pub const CONTENT_URL: FieldName = FieldName(27);
    /// `legal_basis`: codes, a statute identifier, instants: no free text.
    pub const LEGAL_BASIS: FieldName = FieldName(28);
    /// `predecessor`: the log that this one continues.
    pub const PREDECESSOR: FieldName = FieldName(29);
    /// `redress_url`: a locator.
    pub const REDRESS_URL: FieldName = FieldName(30);
    /// `source_kind`: who asked, finer than source_type.
    pub const SOURCE_KIND: FieldName = FieldName(31);
    /// `source_type`: European code.
    pub const SOURCE_TYPE: FieldName = FieldName(32);
    /// `void_reason`: why the numbers will not be filed.
    pub const VOID_REASON: FieldName = FieldName(33);
    /// `account_type`: European code.
    pub const ACCOUNT_TYPE: FieldName = FieldName(34);
    /// `content_date`: a day.
    pub const CONTENT_DATE: FieldName = FieldName(35);
    /// `content_type`: European code set.
    pub const CONTENT_TYPE: FieldName = FieldName(36);
    /// `receipt_keys`: keys that sign COSE receipts.
    pub const RECEIPT_KEYS: FieldName = FieldName(37);
    /// `suspect_from`: from when on signatures of the key are in doubt.
    pub const SUSPECT_FROM: FieldName = FieldName(38);
    /// `attributed_to`: whose decision it was, in words.
    pub const ATTRIBUTED_TO: FieldName = FieldName(39);
    /// `provider_role`: in which role the provider acted.
    pub const PROVIDER_ROLE: FieldName = FieldName(40);
    /// `registrar_key`: the registrar's key.
    pub const REGISTRAR_KEY: FieldName = FieldName(41);
    /// `decision_facts`: free text can name a person.
    pub const DECISION_FACTS: FieldName = FieldName(42);
    /// `refusal_reason`: why a notice or a demand was refused.
    pub const REFUSAL_REASON: FieldName = FieldName(43);
    /// `relates_to_uri`: locators.
    pub const RELATES_TO_URI: FieldName = FieldName(44);
    /// `decision_ground`: European code.
    pub const DECISION_GROUND: FieldName = FieldName(45);
    /// `document_sha256`: digest of a document that may be guessable.
    pub const DOCUMENT_SHA256: FieldName = FieldName(46);
    /// `notice_received`: when the notice or demand came in.
    pub const NOTICE_RECEIVED: FieldName = FieldName(47);
    /// `order_authority`: a court or an authority, in words.
    pub const ORDER_AUTHORITY: FieldName = FieldName(48);
    /// `order_reference`: case numbers name parties.
    pub const ORDER_REFERENCE: FieldName = FieldName(49);
    /// `source_identity`: names the notifier.
    pub const SOURCE_IDENTITY: FieldName = FieldName(50);
    /// `application_date`: a day.
    pub const APPLICATION_DATE: FieldName = FieldName(51);
    /// `content_language`: a language code.
    pub const CONTENT_LANGUAGE: FieldName = FieldName(52);
    /// `decision_account`: European code.
    pub const DECISION_ACCOUNT: FieldName = FieldName(53);
    /// `void_explanation`: free text can name a person.
    pub const VOID_EXPLANATION: FieldName = FieldName(54);
    /// `category_addition`: European code set.
    pub const CATEGORY_ADDITION: FieldName = FieldName(55);
    /// `decision_monetary`: European code.
    pub const DECISION_MONETARY: FieldName = FieldName(56);
    /// `retirement_reason`: why the key ends.
    pub const RETIREMENT_REASON: FieldName = FieldName(57);
    /// `territorial_scope`: countries.
    pub const TERRITORIAL_SCOPE: FieldName = FieldName(58);
    /// `attribution_source`: where the report comes from: a locator or a title.
    pub const ATTRIBUTION_SOURCE: FieldName = FieldName(59);
    /// `authority_notified`: whether an authority was told (told is not the same as ordered).
    pub const AUTHORITY_NOTIFIED: FieldName = FieldName(60);
    /// `automated_decision`: European code.
    pub const AUTOMATED_DECISION: FieldName = FieldName(61);
    /// `content_type_other`: free text can name a person.
    pub const CONTENT_TYPE_OTHER: FieldName = FieldName(62);
    /// `decision_provision`: European code.
    pub const DECISION_PROVISION: FieldName = FieldName(63);
    /// `next_registrar_kid`: thumbprint of the registrar's next key.
    pub const NEXT_REGISTRAR_KID: FieldName = FieldName(64);
    /// `automated_detection`: European code.
    pub const AUTOMATED_DETECTION: FieldName = FieldName(65);
    /// `decision_visibility`: European code set.
    pub const DECISION_VISIBILITY: FieldName = FieldName(66);
    /// `refusal_explanation`: free text can name a person.
    pub const REFUSAL_EXPLANATION: FieldName = FieldName(67);
    /// `category_specification`: European code set.
    pub const CATEGORY_SPECIFICATION: FieldName = FieldName(68);
    /// `infrastructure_measure`: what an infrastructure provider did.
    pub const INFRASTRUCTURE_MEASURE: FieldName = FieldName(69);
    /// `retirement_explanation`: free text can name a person.
    pub const RETIREMENT_EXPLANATION: FieldName = FieldName(70);
    /// `decision_monetary_other`: free text can name a person.
    pub const DECISION_MONETARY_OTHER: FieldName = FieldName(71);
    /// `decision_visibility_other`: free text can name a person.
    pub const DECISION_VISIBILITY_OTHER: FieldName = FieldName(72);
    /// `illegal_content_explanation`: free text can name a person.
    pub const ILLEGAL_CONTENT_EXPLANATION: FieldName = FieldName(73);
    /// `incompatible_content_ground`: free text can name a person.
    pub const INCOMPATIBLE_CONTENT_GROUND: FieldName = FieldName(74);
    /// `category_specification_other`: free text can name a person.
    pub const CATEGORY_SPECIFICATION_OTHER: FieldName = FieldName(75);
    /// `end_date_account_restriction`: a day.
    pub const END_DATE_ACCOUNT_RESTRICTION: FieldName = FieldName(76);
    /// `end_date_service_restriction`: a day.
    pub const END_DATE_SERVICE_RESTRICTION: FieldName = FieldName(77);
    /// `illegal_content_legal_ground`: free text can name a person.
    pub const ILLEGAL_CONTENT_LEGAL_GROUND: FieldName = FieldName(78);
    /// `incompatible_content_illegal`: European code.
    pub const INCOMPATIBLE_CONTENT_ILLEGAL: FieldName = FieldName(79);
    /// `decision_ground_reference_url`: a locator.
    pub const DECISION_GROUND_REFERENCE_URL: FieldName = FieldName(80);
    /// `end_date_monetary_restriction`: a day.
    pub const END_DATE_MONETARY_RESTRICTION: FieldName = FieldName(81);
    /// `end_date_visibility_restriction`: a day.
    pub const END_DATE_VISIBILITY_RESTRICTION: FieldName = FieldName(82);
    /// `incompatible_content_explanation`: free text can name a person.
    pub const INCOMPATIBLE_CONTENT_EXPLANATION: FieldName = FieldName(83);
}
