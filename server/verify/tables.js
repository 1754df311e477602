// The fields, the types of statement and the code sets, for the verifier in the browser.
// @generated. Written by spec/generate_codes.py; change spec/fields.json or spec/vocabulary.json instead.
(function (glasshouse) {
  'use strict';

  const words = (text) => (text === '' ? [] : text.split(' '));
  const tables = {};

  tables.fields = {
    decision_visibility: { place: 'entry', form: 'codes', codes: 'decision_visibility' },
    end_date_visibility_restriction: { place: 'entry', form: 'day' },
    decision_monetary: { place: 'entry', form: 'code', codes: 'decision_monetary' },
    end_date_monetary_restriction: { place: 'entry', form: 'day' },
    decision_provision: { place: 'entry', form: 'code', codes: 'decision_provision' },
    end_date_service_restriction: { place: 'entry', form: 'day' },
    decision_account: { place: 'entry', form: 'code', codes: 'decision_account' },
    end_date_account_restriction: { place: 'entry', form: 'day' },
    account_type: { place: 'entry', form: 'code', codes: 'account_type' },
    decision_ground: { place: 'entry', form: 'code', codes: 'decision_ground' },
    incompatible_content_illegal: { place: 'entry', form: 'code', codes: 'incompatible_content_illegal' },
    category: { place: 'entry', form: 'code', codes: 'category' },
    category_addition: { place: 'entry', form: 'codes', codes: 'category' },
    category_specification: { place: 'entry', form: 'codes', codes: 'category_specification' },
    content_type: { place: 'entry', form: 'codes', codes: 'content_type' },
    content_language: { place: 'entry', form: 'code', codes: 'language' },
    content_date: { place: 'entry', form: 'day' },
    content_id: { place: 'entry', form: 'content_id' },
    territorial_scope: { place: 'entry', form: 'codes', codes: 'territory' },
    application_date: { place: 'entry', form: 'day' },
    source_type: { place: 'entry', form: 'code', codes: 'source_type' },
    automated_detection: { place: 'entry', form: 'code', codes: 'automated_detection' },
    automated_decision: { place: 'entry', form: 'code', codes: 'automated_decision' },
    provider_role: { place: 'entry', form: 'code', codes: 'provider_role' },
    infrastructure_measure: { place: 'entry', form: 'codes', codes: 'infrastructure_measure' },
    legal_basis: { place: 'entry', form: 'legal_basis' },
    redress: { place: 'entry', form: 'codes', codes: 'redress' },
    relates_to: { place: 'entry', form: 'relates_to' },
    acted_at: { place: 'entry', form: 'instant' },
    items: { place: 'entry', form: 'positive' },
    source_kind: { place: 'entry', form: 'code', codes: 'source_kind' },
    authority_notified: { place: 'entry', form: 'code', codes: 'yes_no' },
    attribution: { place: 'entry', form: 'attribution' },
    refusal_reason: { place: 'entry', form: 'code', codes: 'refusal_reason' },
    notice_received: { place: 'entry', form: 'instant' },
    first: { place: 'entry', form: 'positive' },
    last: { place: 'entry', form: 'positive' },
    void_reason: { place: 'entry', form: 'code', codes: 'void_reason' },
    log_vkeys: { place: 'entry', form: 'vkeys' },
    receipt_keys: { place: 'entry', form: 'cose_keys' },
    registrar_key: { place: 'entry', form: 'cose_key' },
    next_registrar_kid: { place: 'entry', form: 'digest' },
    purpose: { place: 'entry', form: 'code', codes: 'purpose' },
    predecessor: { place: 'entry', form: 'predecessor' },
    provider: { place: 'entry', form: 'issuer' },
    name: { place: 'entry', form: 'name' },
    roles: { place: 'entry', form: 'codes', codes: 'provider_role' },
    country: { place: 'entry', form: 'code', codes: 'country' },
    key: { place: 'entry', form: 'cose_key' },
    request: { place: 'entry', form: 'cose_sign1' },
    evidence: { place: 'entry', form: 'evidence' },
    kid: { place: 'entry', form: 'digest' },
    retirement_reason: { place: 'entry', form: 'code', codes: 'retirement_reason' },
    suspect_from: { place: 'entry', form: 'instant' },
    checkpoint: { place: 'entry', form: 'note' },
    attributed_at: { place: 'entry', form: 'instant' },
    targets: { place: 'entry', form: 'targets' },
    fields: { place: 'entry', form: 'text_names' },
    removed: { place: 'entry', form: 'field_names' },
    amendment_reason: { place: 'entry', form: 'code', codes: 'amendment_reason' },
    procedure: { place: 'entry', form: 'code', codes: 'procedure' },
    result: { place: 'entry', form: 'code', codes: 'result' },
    complaint_received: { place: 'entry', form: 'instant' },
    decided_at: { place: 'entry', form: 'instant' },
    implemented: { place: 'entry', form: 'code', codes: 'yes_no' },
    end_date: { place: 'entry', form: 'day' },
    lifted_reason: { place: 'entry', form: 'code', codes: 'lifted_reason' },
    redaction_ground: { place: 'entry', form: 'code', codes: 'redaction_ground' },
    requested_by: { place: 'entry', form: 'code', codes: 'requested_by' },
    request_received: { place: 'entry', form: 'instant' },
    period_start: { place: 'entry', form: 'day' },
    period_end: { place: 'entry', form: 'day' },
    first_sequence: { place: 'entry', form: 'positive' },
    last_sequence: { place: 'entry', form: 'positive' },
    decisions_taken: { place: 'entry', form: 'count' },
    not_published: { place: 'entry', form: 'count' },
    successor: { place: 'entry', form: 'origin' },
    subject: { place: 'addendum', form: 'text', max: 2048 },
    puid: { place: 'addendum', form: 'puid', max: 500 },
    content_url: { place: 'addendum', form: 'texts', max: 2048 },
    decision_facts: { place: 'addendum', form: 'text', max: 5000 },
    decision_visibility_other: { place: 'addendum', form: 'text', max: 500 },
    decision_monetary_other: { place: 'addendum', form: 'text', max: 500 },
    decision_ground_reference_url: { place: 'addendum', form: 'url', max: 500 },
    illegal_content_legal_ground: { place: 'addendum', form: 'text', max: 500 },
    illegal_content_explanation: { place: 'addendum', form: 'text', max: 2000 },
    incompatible_content_ground: { place: 'addendum', form: 'text', max: 500 },
    incompatible_content_explanation: { place: 'addendum', form: 'text', max: 2000 },
    category_specification_other: { place: 'addendum', form: 'text', max: 500 },
    content_type_other: { place: 'addendum', form: 'text', max: 500 },
    source_identity: { place: 'addendum', form: 'text', max: 500 },
    instrument: { place: 'addendum', form: 'text', max: 500 },
    provision: { place: 'addendum', form: 'text', max: 500 },
    order_authority: { place: 'addendum', form: 'text', max: 500 },
    order_reference: { place: 'addendum', form: 'text', max: 500 },
    document_sha256: { place: 'addendum', form: 'digest32' },
    contact: { place: 'addendum', form: 'text', max: 500 },
    redress_url: { place: 'addendum', form: 'url', max: 500 },
    relates_to_uri: { place: 'addendum', form: 'uris', max: 2048 },
    items_list: { place: 'addendum', form: 'texts', max: 2048 },
    attributed_to: { place: 'addendum', form: 'text', max: 500 },
    attribution_source: { place: 'addendum', form: 'text', max: 2048 },
    refusal_explanation: { place: 'addendum', form: 'text', max: 2000 },
    void_explanation: { place: 'addendum', form: 'text', max: 2000 },
    retirement_explanation: { place: 'addendum', form: 'text', max: 2000 },
    policy: { place: 'addendum', form: 'text', max: 65536 },
    attributed_puid: { place: 'addendum', form: 'text', max: 500 },
    sealed_statement: { place: 'addendum', form: 'sealed', max: 1000000 },
    refused_statement: { place: 'addendum', form: 'statement', max: 65535 },
    amendment_explanation: { place: 'addendum', form: 'text', max: 2000 },
    outcome_explanation: { place: 'addendum', form: 'text', max: 2000 },
    lifted_explanation: { place: 'addendum', form: 'text', max: 2000 },
    withdrawal_explanation: { place: 'addendum', form: 'text', max: 2000 },
    disclosure_explanation: { place: 'addendum', form: 'text', max: 2000 },
    redaction_explanation: { place: 'addendum', form: 'text', max: 2000 },
    declaration_explanation: { place: 'addendum', form: 'text', max: 2000 },
    closure_explanation: { place: 'addendum', form: 'text', max: 2000 },
    outcome_body: { place: 'addendum', form: 'text', max: 500 },
  };

  tables.types = {
    decision: {
      issuer: 'provider',
      sub: 'subject',
      required: words('provider_role category application_date source_type automated_detection automated_decision legal_basis'),
      optional: words('decision_visibility end_date_visibility_restriction decision_monetary end_date_monetary_restriction decision_provision ' +
        'end_date_service_restriction decision_account end_date_account_restriction account_type decision_ground incompatible_content_illegal ' +
        'category_addition category_specification content_type content_language content_date content_id territorial_scope infrastructure_measure ' +
        'redress relates_to acted_at items source_kind authority_notified attribution attributed_at'),
      required_addenda: words('puid decision_facts'),
      optional_addenda: words('subject content_url source_identity instrument provision order_authority order_reference document_sha256 contact redress_url relates_to_uri ' +
        'items_list attributed_to attribution_source category_specification_other content_type_other decision_ground_reference_url ' +
        'decision_visibility_other decision_monetary_other illegal_content_legal_ground illegal_content_explanation incompatible_content_ground ' +
        'incompatible_content_explanation attributed_puid'),
    },
    no_action: {
      issuer: 'provider',
      sub: 'subject',
      required: words('provider_role category source_type automated_decision refusal_reason'),
      optional: words('automated_detection category_addition category_specification content_type content_language content_date content_id territorial_scope ' +
        'legal_basis redress relates_to items source_kind authority_notified attribution notice_received attributed_at'),
      required_addenda: words('puid decision_facts'),
      optional_addenda: words('subject content_url source_identity instrument provision order_authority order_reference document_sha256 contact redress_url relates_to_uri ' +
        'items_list attributed_to attribution_source category_specification_other content_type_other decision_ground_reference_url ' +
        'refusal_explanation attributed_puid'),
    },
    void: {
      issuer: 'either',
      sub: 'provider',
      required: words('first last void_reason'),
      optional: words(''),
      required_addenda: words(''),
      optional_addenda: words('void_explanation'),
    },
    genesis: {
      issuer: 'registrar',
      sub: 'log',
      required: words('log_vkeys receipt_keys registrar_key next_registrar_kid purpose'),
      optional: words('predecessor'),
      required_addenda: words('policy'),
      optional_addenda: words('contact'),
    },
    enrolment: {
      issuer: 'registrar',
      sub: 'provider',
      required: words('provider name roles country key request'),
      optional: words('evidence'),
      required_addenda: words(''),
      optional_addenda: words('contact'),
    },
    key_retirement: {
      issuer: 'either',
      sub: 'provider',
      required: words('provider kid retirement_reason'),
      optional: words('suspect_from'),
      required_addenda: words(''),
      optional_addenda: words('retirement_explanation'),
    },
    tick: {
      issuer: 'registrar',
      sub: 'log',
      required: words('checkpoint'),
      optional: words(''),
      required_addenda: words(''),
      optional_addenda: words(''),
    },
    amendment: {
      issuer: 'provider',
      sub: 'target',
      required: words('targets amendment_reason'),
      optional: words('removed provider_role category application_date source_type automated_detection automated_decision legal_basis refusal_reason ' +
        'decision_visibility end_date_visibility_restriction decision_monetary end_date_monetary_restriction decision_provision ' +
        'end_date_service_restriction decision_account end_date_account_restriction account_type decision_ground incompatible_content_illegal ' +
        'category_addition category_specification content_type content_language content_date content_id territorial_scope infrastructure_measure ' +
        'redress relates_to acted_at items source_kind authority_notified attribution attributed_at notice_received'),
      required_addenda: words(''),
      optional_addenda: words('decision_facts content_url source_identity instrument provision order_authority order_reference document_sha256 contact redress_url ' +
        'relates_to_uri items_list attributed_to attribution_source category_specification_other content_type_other decision_ground_reference_url ' +
        'decision_visibility_other decision_monetary_other illegal_content_legal_ground illegal_content_explanation incompatible_content_ground ' +
        'incompatible_content_explanation attributed_puid refusal_explanation amendment_explanation'),
    },
    outcome: {
      issuer: 'provider',
      sub: 'target',
      required: words('targets procedure result'),
      optional: words('complaint_received decided_at implemented'),
      required_addenda: words(''),
      optional_addenda: words('outcome_explanation outcome_body'),
    },
    lifted: {
      issuer: 'provider',
      sub: 'target',
      required: words('targets end_date lifted_reason'),
      optional: words(''),
      required_addenda: words(''),
      optional_addenda: words('lifted_explanation'),
    },
    withdrawal: {
      issuer: 'provider',
      sub: 'target',
      required: words('targets'),
      optional: words(''),
      required_addenda: words(''),
      optional_addenda: words('withdrawal_explanation'),
    },
    sealed: {
      issuer: 'provider',
      sub: 'provider',
      required: words(''),
      optional: words(''),
      required_addenda: words('sealed_statement'),
      optional_addenda: words(''),
    },
    disclosure: {
      issuer: 'provider',
      sub: 'target',
      required: words('targets fields'),
      optional: words(''),
      required_addenda: words(''),
      optional_addenda: words('disclosure_explanation'),
    },
    redaction: {
      issuer: 'either',
      sub: 'target',
      required: words('targets fields redaction_ground requested_by'),
      optional: words('request_received provider'),
      required_addenda: words(''),
      optional_addenda: words('redaction_explanation'),
    },
    declaration: {
      issuer: 'provider',
      sub: 'provider',
      required: words('period_start period_end decisions_taken not_published'),
      optional: words('first_sequence last_sequence'),
      required_addenda: words(''),
      optional_addenda: words('declaration_explanation'),
    },
    conflict: {
      issuer: 'registrar',
      sub: 'provider',
      required: words('provider targets'),
      optional: words(''),
      required_addenda: words('refused_statement'),
      optional_addenda: words(''),
    },
    keys: {
      issuer: 'registrar',
      sub: 'log',
      required: words('next_registrar_kid'),
      optional: words('registrar_key log_vkeys receipt_keys'),
      required_addenda: words(''),
      optional_addenda: words(''),
    },
    policy: {
      issuer: 'registrar',
      sub: 'log',
      required: words(''),
      optional: words(''),
      required_addenda: words('policy'),
      optional_addenda: words('contact'),
    },
    closure: {
      issuer: 'registrar',
      sub: 'log',
      required: words(''),
      optional: words('successor'),
      required_addenda: words(''),
      optional_addenda: words('closure_explanation contact'),
    },
  };

  tables.roles = [
    {
      roles: words('app_store host marketplace messaging search social'),
      required_in_decision: words('content_date content_type decision_ground'),
      forbidden: words(''),
    },
    {
      roles: words('access_provider cdn certificate_authority ddos_protection dns_resolver payment registrar registry reverse_proxy transit'),
      required_in_decision: words(''),
      forbidden: words('content_date content_id content_language content_type'),
    },
    {
      roles: words('other'),
      required_in_decision: words(''),
      forbidden: words(''),
    },
  ];

  tables.codes = {
    account_type: words('ACCOUNT_TYPE_BUSINESS ACCOUNT_TYPE_PRIVATE'),
    amendment_reason: words('clerical_error incomplete other system_error wrong_category wrong_ground wrong_target'),
    attribution_kind: words('court_record mirror press reconstruction'),
    authority_kind: words('court ministry other police prosecutor regulator'),
    automated_decision: words('AUTOMATED_DECISION_FULLY AUTOMATED_DECISION_NOT_AUTOMATED AUTOMATED_DECISION_PARTIALLY'),
    automated_detection: words('No Yes'),
    category: words('STATEMENT_CATEGORY_ANIMAL_WELFARE STATEMENT_CATEGORY_CONSUMER_INFORMATION STATEMENT_CATEGORY_CYBER_VIOLENCE ' +
      'STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS ' +
      'STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS ' +
      'STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE ' +
      'STATEMENT_CATEGORY_OTHER_VIOLATION_TC STATEMENT_CATEGORY_PROTECTION_OF_MINORS STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY ' +
      'STATEMENT_CATEGORY_SCAMS_AND_FRAUD STATEMENT_CATEGORY_SELF_HARM STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS ' +
      'STATEMENT_CATEGORY_VIOLENCE'),
    category_specification: words('KEYWORD_ADULT_SEXUAL_MATERIAL KEYWORD_AGE_SPECIFIC_RESTRICTIONS KEYWORD_AGE_SPECIFIC_RESTRICTIONS_MINORS KEYWORD_ANIMAL_HARM ' +
      'KEYWORD_BIOMETRIC_DATA_BREACH KEYWORD_BULLYING_AGAINST_GIRLS KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL ' +
      'KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE KEYWORD_CONTENT_PROMOTING_EATING_DISORDERS KEYWORD_COORDINATED_HARM ' +
      'KEYWORD_COPYRIGHT_INFRINGEMENT KEYWORD_CYBER_BULLYING_INTIMIDATION KEYWORD_CYBER_HARASSMENT KEYWORD_CYBER_HARASSMENT_AGAINST_WOMEN ' +
      'KEYWORD_CYBER_INCITEMENT KEYWORD_CYBER_STALKING KEYWORD_CYBER_STALKING_AGAINST_WOMEN KEYWORD_DATA_FALSIFICATION KEYWORD_DEFAMATION ' +
      'KEYWORD_DESIGN_INFRINGEMENT KEYWORD_DISCRIMINATION KEYWORD_FEMALE_GENDERED_DISINFORMATION KEYWORD_GEOGRAPHICAL_REQUIREMENTS ' +
      'KEYWORD_GEOGRAPHIC_INDICATIONS_INFRINGEMENT KEYWORD_GOODS_SERVICES_NOT_PERMITTED KEYWORD_GROOMING_SEXUAL_ENTICEMENT_MINORS ' +
      'KEYWORD_HATE_SPEECH KEYWORD_HIDDEN_ADVERTISEMENT KEYWORD_HUMAN_EXPLOITATION KEYWORD_HUMAN_TRAFFICKING KEYWORD_ILLEGAL_ORGANIZATIONS ' +
      'KEYWORD_IMPERSONATION_ACCOUNT_HIJACKING KEYWORD_INAUTHENTIC_ACCOUNTS KEYWORD_INAUTHENTIC_LISTINGS KEYWORD_INAUTHENTIC_USER_REVIEWS ' +
      'KEYWORD_INCITEMENT_AGAINST_WOMEN KEYWORD_INCITEMENT_VIOLENCE_HATRED KEYWORD_INSUFFICIENT_INFORMATION_ON_TRADERS ' +
      'KEYWORD_LANGUAGE_REQUIREMENTS KEYWORD_MISINFORMATION_DISINFORMATION KEYWORD_MISLEADING_INFO_CONSUMER_RIGHTS ' +
      'KEYWORD_MISLEADING_INFO_GOODS_SERVICES KEYWORD_MISSING_PROCESSING_GROUND KEYWORD_NONCOMPLIANCE_PRICING KEYWORD_NON_CONSENSUAL_IMAGE_SHARING ' +
      'KEYWORD_NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE ' +
      'KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN KEYWORD_NUDITY KEYWORD_OTHER KEYWORD_PATENT_INFRINGEMENT KEYWORD_PHISHING ' +
      'KEYWORD_PROHIBITED_PRODUCTS KEYWORD_PYRAMID_SCHEMES KEYWORD_RIGHT_TO_BE_FORGOTTEN KEYWORD_RISK_ENVIRONMENTAL_DAMAGE ' +
      'KEYWORD_RISK_PUBLIC_HEALTH KEYWORD_SELF_MUTILATION KEYWORD_STALKING KEYWORD_SUICIDE KEYWORD_TERRORIST_CONTENT KEYWORD_TRADEMARK_INFRINGEMENT ' +
      'KEYWORD_TRADE_SECRET_INFRINGEMENT KEYWORD_TRAFFICKING_WOMEN_GIRLS KEYWORD_UNLAWFUL_SALE_ANIMALS KEYWORD_UNSAFE_CHALLENGES ' +
      'KEYWORD_UNSAFE_PRODUCTS KEYWORD_VIOLATION_EU_LAW KEYWORD_VIOLATION_NATIONAL_LAW'),
    category_specification_v1: words('KEYWORD_ADULT_SEXUAL_MATERIAL KEYWORD_AGE_SPECIFIC_RESTRICTIONS KEYWORD_AGE_SPECIFIC_RESTRICTIONS_MINORS KEYWORD_ANIMAL_HARM ' +
      'KEYWORD_BIOMETRIC_DATA_BREACH KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL KEYWORD_CONTENT_PROMOTING_EATING_DISORDERS KEYWORD_COORDINATED_HARM ' +
      'KEYWORD_COPYRIGHT_INFRINGEMENT KEYWORD_DANGEROUS_TOYS KEYWORD_DATA_FALSIFICATION KEYWORD_DEFAMATION KEYWORD_DESIGN_INFRINGEMENT ' +
      'KEYWORD_DISCRIMINATION KEYWORD_DISINFORMATION KEYWORD_FOREIGN_INFORMATION_MANIPULATION KEYWORD_GENDER_BASED_VIOLENCE ' +
      'KEYWORD_GEOGRAPHICAL_REQUIREMENTS KEYWORD_GEOGRAPHIC_INDICATIONS_INFRINGEMENT KEYWORD_GOODS_SERVICES_NOT_PERMITTED ' +
      'KEYWORD_GROOMING_SEXUAL_ENTICEMENT_MINORS KEYWORD_HATE_SPEECH KEYWORD_HUMAN_EXPLOITATION KEYWORD_HUMAN_TRAFFICKING ' +
      'KEYWORD_ILLEGAL_ORGANIZATIONS KEYWORD_IMAGE_BASED_SEXUAL_ABUSE KEYWORD_IMPERSONATION_ACCOUNT_HIJACKING KEYWORD_INAUTHENTIC_ACCOUNTS ' +
      'KEYWORD_INAUTHENTIC_LISTINGS KEYWORD_INAUTHENTIC_USER_REVIEWS KEYWORD_INCITEMENT_VIOLENCE_HATRED KEYWORD_INSUFFICIENT_INFORMATION_TRADERS ' +
      'KEYWORD_LANGUAGE_REQUIREMENTS KEYWORD_MISINFORMATION KEYWORD_MISSING_PROCESSING_GROUND KEYWORD_NON_CONSENSUAL_IMAGE_SHARING ' +
      'KEYWORD_NON_CONSENSUAL_ITEMS_DEEPFAKE KEYWORD_NUDITY KEYWORD_ONLINE_BULLYING_INTIMIDATION KEYWORD_OTHER KEYWORD_PATENT_INFRINGEMENT ' +
      'KEYWORD_PHISHING KEYWORD_PYRAMID_SCHEMES KEYWORD_REGULATED_GOODS_SERVICES KEYWORD_RIGHT_TO_BE_FORGOTTEN KEYWORD_RISK_ENVIRONMENTAL_DAMAGE ' +
      'KEYWORD_RISK_PUBLIC_HEALTH KEYWORD_SELF_MUTILATION KEYWORD_STALKING KEYWORD_SUICIDE KEYWORD_TERRORIST_CONTENT KEYWORD_TRADEMARK_INFRINGEMENT ' +
      'KEYWORD_TRADE_SECRET_INFRINGEMENT KEYWORD_UNLAWFUL_SALE_ANIMALS KEYWORD_UNSAFE_CHALLENGES'),
    category_v1: words('STATEMENT_CATEGORY_ANIMAL_WELFARE STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH ' +
      'STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS ' +
      'STATEMENT_CATEGORY_NON_CONSENSUAL_BEHAVIOUR STATEMENT_CATEGORY_PORNOGRAPHY_OR_SEXUALIZED_CONTENT STATEMENT_CATEGORY_PROTECTION_OF_MINORS ' +
      'STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY STATEMENT_CATEGORY_SCAMS_AND_FRAUD STATEMENT_CATEGORY_SCOPE_OF_PLATFORM_SERVICE ' +
      'STATEMENT_CATEGORY_SELF_HARM STATEMENT_CATEGORY_UNSAFE_AND_ILLEGAL_PRODUCTS STATEMENT_CATEGORY_VIOLENCE'),
    content_type: words('CONTENT_TYPE_APP CONTENT_TYPE_AUDIO CONTENT_TYPE_IMAGE CONTENT_TYPE_OTHER CONTENT_TYPE_PRODUCT CONTENT_TYPE_SYNTHETIC_MEDIA ' +
      'CONTENT_TYPE_TEXT CONTENT_TYPE_VIDEO'),
    country: words('AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM ' +
      'CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY ' +
      'HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF ' +
      'MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE ' +
      'RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ ' +
      'VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW'),
    decision_account: words('DECISION_ACCOUNT_SUSPENDED DECISION_ACCOUNT_TERMINATED'),
    decision_ground: words('DECISION_GROUND_ILLEGAL_CONTENT DECISION_GROUND_INCOMPATIBLE_CONTENT'),
    decision_monetary: words('DECISION_MONETARY_OTHER DECISION_MONETARY_SUSPENSION DECISION_MONETARY_TERMINATION'),
    decision_provision: words('DECISION_PROVISION_PARTIAL_SUSPENSION DECISION_PROVISION_PARTIAL_TERMINATION DECISION_PROVISION_TOTAL_SUSPENSION ' +
      'DECISION_PROVISION_TOTAL_TERMINATION'),
    decision_visibility: words('DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED DECISION_VISIBILITY_CONTENT_DEMOTED DECISION_VISIBILITY_CONTENT_DISABLED ' +
      'DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED DECISION_VISIBILITY_CONTENT_LABELLED DECISION_VISIBILITY_CONTENT_REMOVED ' +
      'DECISION_VISIBILITY_OTHER'),
    incompatible_content_illegal: words('No Yes'),
    infrastructure_measure: words('access_blocked block_page certificate_revoked ddos_protection_withdrawn dns_unresolved domain_deleted domain_hold hosting_terminated other ' +
      'payment_stopped proxying_stopped transit_null_routed'),
    jurisdiction: words('AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM ' +
      'CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET EU FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW ' +
      'GY HK HM HN HR HT HU ID IE IL IM IN INT IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC ' +
      'MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW ' +
      'PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM ' +
      'US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW'),
    language: words('AA AB AE AF AK AM AN AR AS AV AY AZ BA BE BG BH BI BM BN BO BR BS CA CE CH CO CR CS CU CV CY DA DE DV DZ EE EL EN EO ES ET EU FA FF FI FJ FO ' +
      'FR FY GA GD GL GN GU GV HA HE HI HO HR HT HU HY HZ IA ID IE IG II IK IO IS IT IU JA JV KA KG KI KJ KK KL KM KN KO KR KS KU KV KW KY LA LB LG ' +
      'LI LN LO LT LU LV MG MH MI MK ML MN MR MS MT MY NA NB ND NE NG NL NN NO NR NV NY OC OJ OM OR OS PA PI PL PS PT QU RM RN RO RU RW SA SC SD SE ' +
      'SG SI SK SL SM SN SO SQ SR SS ST SU SV SW TA TE TG TH TI TK TL TN TO TR TS TT TW TY UG UK UR UZ VE VI VO WA WO XH YI YO ZA ZH ZU'),
    legal_basis_kind: words('authority_order court_order discretion emergency statute terms_of_service unstated'),
    lifted_reason: words('complied expired order_ended other own_error reconsidered'),
    procedure: words('authority counter_notice court internal_complaint out_of_court_dispute'),
    provider_role: words('access_provider app_store cdn certificate_authority ddos_protection dns_resolver host marketplace messaging other payment registrar registry ' +
      'reverse_proxy search social transit'),
    purpose: words('demo production test'),
    redaction_ground: words('authority_order court_order erasure_request error other personal_data rights_of_others'),
    redress: words('internal_complaint judicial out_of_court_dispute'),
    refusal_reason: words('disproportionate forwarded_to_customer insufficient_notice not_illegal not_our_service order_invalid other policy within_terms'),
    relation: words('follows modifies precedent reverses same_incident'),
    requested_by: words('authority court data_subject other provider registrar rights_holder'),
    result: words('omitted partially_reversed reversed upheld'),
    retirement_reason: words('compromised left rotated'),
    source_kind: words('automated_system civil_society court media ministry other own_staff police regulator rights_holder trusted_flagger user'),
    source_type: words('SOURCE_ARTICLE_16 SOURCE_TRUSTED_FLAGGER SOURCE_TYPE_OTHER_NOTIFICATION SOURCE_VOLUNTARY'),
    territory: words('AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM ' +
      'CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY ' +
      'HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF ' +
      'MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE ' +
      'RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ ' +
      'VA VC VE VG VI VN VU WF WORLD WS YE YT ZA ZM ZW'),
    void_reason: words('other outbox_lost rejected test'),
    withheld_ground: words('confidential_order illegal_content_locator ongoing_investigation other personal_data private_notice security trade_secret'),
    yes_no: words('No Yes'),
  };

  tables.vocabularies = words('dsa-tdb/1 dsa-tdb/2');
  tables.in_version_2_only = words('content_id');
  tables.locator_fields = words('content_url items_list');
  tables.locator_keywords = words('KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE KEYWORD_GROOMING_SEXUAL_ENTICEMENT_MINORS ' +
    'KEYWORD_IMAGE_BASED_SEXUAL_ABUSE KEYWORD_NON_CONSENSUAL_IMAGE_SHARING KEYWORD_NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN ' +
    'KEYWORD_NON_CONSENSUAL_ITEMS_DEEPFAKE KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN ' +
    'KEYWORD_RIGHT_TO_BE_FORGOTTEN KEYWORD_TERRORIST_CONTENT');

  glasshouse.tables = tables;
})(globalThis.glasshouse ??= {});
