// The rules that join fields (spec/payload.md, "Rules that join fields"), by their numbers there.
//
// A rule that asks for the value of a field that is itself wrong stays silent: one wrong value is one error.
(function (glasshouse) {
  'use strict';

  /** Numbers that one `void` closes. */
  const MAX_VOID = 65536;
  const MEASURES = ['decision_visibility', 'decision_monetary', 'decision_provision', 'decision_account', 'infrastructure_measure'];
  const ENDS = [
    ['end_date_visibility_restriction', 'decision_visibility'],
    ['end_date_monetary_restriction', 'decision_monetary'],
    ['end_date_service_restriction', 'decision_provision'],
    ['end_date_account_restriction', 'decision_account'],
  ];
  /** A text, the field whose code asks for it, and that code. */
  const OTHERS = [
    ['decision_visibility_other', 'decision_visibility', 'DECISION_VISIBILITY_OTHER'],
    ['decision_monetary_other', 'decision_monetary', 'DECISION_MONETARY_OTHER'],
    ['content_type_other', 'content_type', 'CONTENT_TYPE_OTHER'],
  ];
  const ILLEGAL = 'DECISION_GROUND_ILLEGAL_CONTENT';
  const INCOMPATIBLE = 'DECISION_GROUND_INCOMPATIBLE_CONTENT';
  /** A text, the ground that asks for it, and whether a mirror may lack it. */
  const GROUND_TEXTS = [
    ['illegal_content_legal_ground', ILLEGAL, false],
    ['illegal_content_explanation', ILLEGAL, true],
    ['incompatible_content_ground', INCOMPATIBLE, false],
    ['incompatible_content_explanation', INCOMPATIBLE, true],
  ];
  const ORDERS = ['court_order', 'authority_order'];
  const LOCATORS = glasshouse.tables.locator_fields;
  const LOCATOR_KEYWORDS = new Set(glasshouse.tables.locator_keywords);

  const amends = (payload) => payload.type === 'amendment';
  const fieldPath = (name) => glasshouse.pointer('', name);
  const textPath = (name) => glasshouse.pointer('/addenda', name);
  /** Whether the payload says something of a field: in an amendment a field that is missing stands in the target. */
  const speaksOf = (payload, field) => !payload.isWrong(field) && (payload.has(field) || !amends(payload));

  /** Whether a statement reports what another register published; or may, because its attribution is wrong. */
  function isMirror(payload) {
    return payload.isWrong('attribution') || payload.value('attribution')?.get('kind') === 'mirror';
  }

  /** A text of this type is there exactly when it is wanted; `mayLack`: or may be missing then. */
  function textExactlyWhen(payload, name, wanted, mayLack = false) {
    if (payload.addenda === null || !payload.texts.has(name)) return;
    const there = payload.hasText(name);
    if (there && !wanted) payload.add(textPath(name), 'forbidden');
    if (!there && wanted && !mayLack) payload.add(textPath(name), 'required');
  }

  function textNeeds(payload, name, holds) {
    if (payload.texts.has(name) && payload.hasText(name) && !holds) payload.add(textPath(name), 'needs');
  }

  /** Rules 1 and 2. */
  function measures(payload) {
    if (payload.type === 'decision' && !MEASURES.some((name) => payload.has(name))) payload.add('', 'measure-required');
    if (amends(payload)) return;
    for (const [end, restriction] of ENDS) {
      if (payload.has(end) && !payload.has(restriction)) payload.add(fieldPath(end), 'needs');
    }
  }

  /** Rule 3. */
  function others(payload) {
    for (const [text, field, code] of OTHERS) {
      const value = payload.value(field);
      if (speaksOf(payload, field)) textExactlyWhen(payload, text, value !== undefined && [value].flat().includes(code));
    }
    if (!amends(payload)) textNeeds(payload, 'category_specification_other', payload.has('category_specification'));
  }

  /** Rule 4. */
  function grounds(payload) {
    if (!payload.fields.has('decision_ground') || !speaksOf(payload, 'decision_ground')) return;
    const ground = payload.value('decision_ground');
    for (const [text, of, mirrored] of GROUND_TEXTS) {
      textExactlyWhen(payload, text, ground === of, mirrored && isMirror(payload));
    }
    const flag = 'incompatible_content_illegal';
    if (payload.has(flag) && ground !== INCOMPATIBLE) payload.add(fieldPath(flag), 'forbidden');
  }

  /** Rules 5 and 6. */
  function sourcesAndCategories(payload) {
    if (payload.value('source_type') === 'SOURCE_VOLUNTARY') textExactlyWhen(payload, 'source_identity', false);
    const category = payload.value('category');
    if (category !== undefined && payload.value('category_addition')?.includes(category)) {
      payload.add('/category_addition', 'duplicate');
    }
  }

  /** Rule 7. */
  function legalBasis(payload) {
    if (!speaksOf(payload, 'legal_basis')) return;
    const basis = payload.value('legal_basis');
    const ordered = basis !== undefined && basis.has('order');
    for (const text of ['order_authority', 'order_reference']) textNeeds(payload, text, ordered);
    if (basis === undefined) return;
    const kind = basis.get('kind');
    if (ordered !== ORDERS.includes(kind)) payload.add('/legal_basis/order', ordered ? 'forbidden' : 'required');
    const named = basis.has('statute_id') || payload.hasText('instrument') || payload.addenda === null;
    if (kind === 'statute' && !named) payload.add('/legal_basis/statute_id', 'required');
  }

  /** Rule 8. */
  function attribution(payload) {
    const there = payload.has('attribution');
    if (amends(payload) && !there) return;
    textExactlyWhen(payload, 'attributed_to', there);
    for (const text of ['attribution_source', 'attributed_puid']) textNeeds(payload, text, there);
    if (payload.has('attributed_at') && !there) payload.add('/attributed_at', 'needs');
  }

  /** Rule 9. */
  function role(payload) {
    const group = glasshouse.tables.roles.find(({ roles }) => roles.includes(payload.value('provider_role')));
    if (group === undefined) return;
    for (const name of payload.type === 'decision' ? group.required_in_decision : []) {
      if (!payload.has(name)) payload.add(fieldPath(name), 'required');
    }
    for (const name of group.forbidden) if (payload.has(name)) payload.add(fieldPath(name), 'forbidden');
  }

  /** Rule 10. */
  function relations(payload) {
    if (speaksOf(payload, 'relates_to')) {
      const outside = (payload.value('relates_to') ?? []).some((element) => !element.has('entry'));
      textExactlyWhen(payload, 'relates_to_uri', outside);
    }
    if (!amends(payload)) textNeeds(payload, 'items_list', payload.has('items'));
  }

  /** A text that is there must be withheld. */
  function mustBeWithheld(payload, name) {
    const withheld = payload.map.get('withheld') ?? new Map();
    if (!(withheld instanceof Map) || !payload.hasText(name) || withheld.has(name)) return;
    payload.add(textPath(name), 'must-be-withheld');
  }

  /** Whether texts under these keywords may show where something is. @param {string[] | undefined} keywords */
  function showLocators(keywords) {
    return !(keywords ?? []).some((keyword) => LOCATOR_KEYWORDS.has(keyword));
  }

  /** Rule 11; of an amendment rule 14. */
  function locators(payload) {
    if (!amends(payload) && showLocators(payload.value('category_specification'))) return;
    for (const name of LOCATORS) mustBeWithheld(payload, name);
    if (!amends(payload) && !/^(?:domain|asn):/.test(payload.claims.sub)) mustBeWithheld(payload, 'subject');
  }

  /** Rule 12. */
  function voidRange(payload) {
    const [first, last, sequence] = ['first', 'last', 'sequence'].map((name) => payload.value(name));
    if ([first, last, sequence].includes(undefined)) return;
    if (first > last || last - first >= MAX_VOID) payload.add('/last', 'out-of-range');
    else if (sequence >= first && sequence <= last) payload.add('/sequence', 'out-of-range');
  }

  /** Rule 13. */
  function suspicion(payload) {
    const silent = [undefined, 'compromised'].includes(payload.value('retirement_reason'));
    if (payload.has('suspect_from') && !silent) payload.add('/suspect_from', 'needs');
  }

  /** What rule 14 adds. */
  function amendment(payload) {
    const said = [...payload.fields].some((name) => !['targets', 'amendment_reason'].includes(name) && payload.has(name));
    const told = payload.addenda === null || [...payload.texts].some((name) => payload.hasText(name));
    if (!said && !told) payload.add('', 'needs');
    const removed = payload.value('removed') ?? [];
    if (removed.some((name) => payload.has(name) || payload.hasText(name))) payload.add('/removed', 'duplicate');
  }

  /** Rule 15. */
  function oneEntry(payload) {
    const targets = payload.value('targets');
    if (targets === undefined) return;
    if (targets.length > 1) payload.add('/targets', 'too-long');
    else if (!targets[0].has('entry')) payload.add('/targets/0', 'forbidden');
  }

  /** Rule 16. */
  function whoseTexts(payload) {
    const registrar = payload.claims.iss === `https://${payload.claims.aud}`;
    if (registrar !== payload.has('provider')) payload.add('/provider', registrar ? 'required' : 'forbidden');
  }

  /** Rule 17. */
  function declaration(payload) {
    const notAbove = (low, high, at) => {
      if (payload.value(low) > payload.value(high)) payload.add(fieldPath(at), 'out-of-range');
    };
    notAbove('period_start', 'period_end', 'period_end');
    notAbove('not_published', 'decisions_taken', 'not_published');
    notAbove('first_sequence', 'last_sequence', 'last_sequence');
    const halves = ['first_sequence', 'last_sequence'].filter((name) => payload.has(name));
    if (halves.length === 1) payload.add(fieldPath(halves[0]), 'needs');
  }

  /** Whether `sub` is that provider: any, where the field that says which is missing or wrong. */
  function isAbout(payload, provider) {
    const { sub } = payload.claims;
    return provider === undefined ? sub.startsWith('provider:') : sub === `provider:${provider}`;
  }

  /** Whether `sub` is of the kind that the type asks for. */
  function hasRightSub(payload) {
    const { iss, sub, aud } = payload.claims;
    switch (payload.rules.sub) {
      case 'subject': return /^(?:s|domain|asn):/.test(sub);
      case 'log': return sub === `log:${aud}`;
      case 'provider': return isAbout(payload, payload.fields.has('provider') ? payload.value('provider') : iss);
      default: {
        const targets = payload.value('targets');
        const ofItsTarget = targets === undefined || (targets.length === 1 && targets[0].has('entry'));
        return ofItsTarget || isAbout(payload, payload.has('provider') ? payload.value('provider') : iss);
      }
    }
  }

  function subject(payload) {
    if (!hasRightSub(payload)) payload.add('', 'sub');
  }

  const ABOUT_CONTENT = [measures, others, grounds, sourcesAndCategories, legalBasis, attribution, role, relations, locators];
  /** The rules of each type that has some. */
  const RULES = {
    decision: ABOUT_CONTENT,
    no_action: ABOUT_CONTENT,
    amendment: [...ABOUT_CONTENT, amendment],
    void: [voidRange],
    key_retirement: [suspicion],
    disclosure: [oneEntry],
    conflict: [oneEntry],
    redaction: [whoseTexts],
    declaration: [declaration],
    sealed: [(payload) => mustBeWithheld(payload, 'sealed_statement')],
  };

  /** Steps 5 and 6 of the page: what the claims and the fields say together. Adds to the payload's errors. */
  function judge(payload) {
    subject(payload);
    for (const rule of RULES[payload.type] ?? []) rule(payload);
    if (payload.vocabulary !== 'dsa-tdb/1') return;
    for (const name of glasshouse.tables.in_version_2_only) {
      if (payload.has(name)) payload.add(fieldPath(name), 'forbidden');
    }
  }

  glasshouse.payloadRules = { judge, isMirror, showLocators };
})(globalThis.glasshouse ??= {});
