// What a statement says: the members that every payload has, and the fields of its type (spec/payload.md).
(function (glasshouse) {
  'use strict';

  /** Addenda of one statement. */
  const MAX_ADDENDA = 32;
  const COMMON = new Set(['type', 'vocabulary', 'sequence', 'addenda', 'withheld']);

  const { pointer, tables } = glasshouse;
  const { isText, isBytes, codeOf, mapOf, day } = glasshouse.fieldForm;
  const withheldTerms = mapOf({ ground: codeOf('withheld_ground') }, { until: day });

  /** A payload while it is judged: what it holds, and which of it is right. */
  class Judged {
    /** @param {Map} map @param {{iss: string, sub: string, aud: string}} claims @param {Set<string>} vkeys */
    constructor(map, claims, vkeys) {
      this.map = map;
      this.claims = claims;
      this.type = map.get('type');
      this.vocabulary = map.get('vocabulary');
      this.rules = tables.types[this.type];
      this.fields = new Set([...this.rules.required, ...this.rules.optional]);
      this.texts = new Set([...this.rules.required_addenda, ...this.rules.optional_addenda]);
      this.errors = new glasshouse.PayloadErrors();
      this.vkeys = vkeys;
      this.right = new Set();
    }

    /** Whether a member is there, right or wrong. */
    has(name) {
      return this.map.has(name);
    }

    /** The value of a member that is there and right, else undefined. */
    value(name) {
      return this.right.has(name) ? this.map.get(name) : undefined;
    }

    /** Whether a member is there and wrong: then whatever asks for its value stays silent. */
    isWrong(name) {
      return this.map.has(name) && !this.right.has(name);
    }

    /** The map of addenda, or null if it is missing or none. */
    get addenda() {
      return this.map.get('addenda') instanceof Map ? this.map.get('addenda') : null;
    }

    /** Whether the text is among the addenda. */
    hasText(name) {
      return this.addenda !== null && this.addenda.has(name);
    }

    /** Judges a member by its form, and keeps that it is right. */
    judge(name, form) {
      if (form(this.map.get(name), pointer('', name), this.errors, this)) this.right.add(name);
    }

    add(path, rule) {
      this.errors.add(path, rule);
    }
  }

  /** Steps 1 and 2 of the page: a map of texts, whose type and vocabulary are known. */
  function checkKnown(map) {
    const errors = new glasshouse.PayloadErrors();
    if (!(map instanceof Map) || ![...map.keys()].every(isText)) {
      errors.add('', 'wrong-type');
      errors.refuse();
    }
    for (const name of ['type', 'vocabulary']) {
      if (!map.has(name)) errors.add(pointer('', name), 'required');
      else if (!isText(map.get(name))) errors.add(pointer('', name), 'wrong-type');
    }
    errors.refuse();
    const [type, vocabulary] = [map.get('type'), map.get('vocabulary')];
    glasshouse.demand(Object.hasOwn(tables.types, type), 'not-understood', `this reader does not know the type ${type}`);
    glasshouse.demand(tables.vocabularies.includes(vocabulary), 'not-understood', `this reader does not know the vocabulary ${vocabulary}`);
  }

  /** Whether a text may be missing that the type asks for: a mirror's, of a register that publishes without it. */
  function mayBeMissing(name, payload) {
    return name === 'decision_facts' && glasshouse.payloadRules.isMirror(payload);
  }

  function judgeAddenda(payload) {
    const { addenda } = payload;
    if (!payload.has('addenda')) return payload.add('/addenda', 'required');
    if (addenda === null || ![...addenda.keys()].every(isText)) return payload.add('/addenda', 'wrong-type');
    if (addenda.size > MAX_ADDENDA) payload.add('/addenda', 'too-long');
    const digests = new Set();
    for (const [name, digest] of addenda) {
      const here = pointer('/addenda', name);
      if (!payload.texts.has(name)) payload.add(here, 'unknown-field');
      if (!isBytes(digest)) payload.add(here, 'wrong-type');
      else if (digest.length !== 32) payload.add(here, 'grammar');
      else if (digests.has(glasshouse.bytes.toHex(digest))) payload.add(here, 'duplicate');
      else digests.add(glasshouse.bytes.toHex(digest));
    }
    for (const name of payload.rules.required_addenda) {
      if (!addenda.has(name) && !mayBeMissing(name, payload)) payload.add(pointer('/addenda', name), 'required');
    }
    return undefined;
  }

  function judgeWithheld(payload) {
    const withheld = payload.map.get('withheld');
    if (!payload.has('withheld')) return undefined;
    if (!(withheld instanceof Map) || ![...withheld.keys()].every(isText)) return payload.add('/withheld', 'wrong-type');
    if (withheld.size === 0) return payload.add('/withheld', 'empty');
    for (const [name, terms] of withheld) {
      const here = pointer('/withheld', name);
      if (!payload.hasText(name)) payload.add(here, 'needs');
      else withheldTerms(terms, here, payload.errors, payload);
    }
    return undefined;
  }

  /** Steps 3 and 4: the common members, and every field by its form. */
  function judgeMembers(payload) {
    const { fields, positive } = glasshouse.fieldForm;
    if (payload.has('sequence')) payload.judge('sequence', positive);
    else payload.add('/sequence', 'required');
    for (const name of payload.map.keys()) {
      if (COMMON.has(name)) continue;
      if (payload.fields.has(name)) payload.judge(name, fields.get(name));
      else payload.add(pointer('', name), 'unknown-field');
    }
    for (const name of payload.rules.required) if (!payload.has(name)) payload.add(pointer('', name), 'required');
    judgeAddenda(payload);
    judgeWithheld(payload);
  }

  /**
   * The map of a payload under the claims of its statement.
   *
   * Refuses with `not-cbor`, `not-deterministic`, `not-understood`, or `invalid-payload` and every error in `found.errors`.
   * @param {Uint8Array} bytes
   * @param {{iss: string, sub: string, aud: string}} claims
   * @returns {Promise<Map>}
   */
  async function parse(bytes, claims) {
    const map = glasshouse.cbor.decode(bytes);
    checkKnown(map);
    const payload = new Judged(map, claims, await glasshouse.fieldForm.vkeysAmong(map.get('log_vkeys')));
    judgeMembers(payload);
    glasshouse.payloadRules.judge(payload);
    payload.errors.refuse();
    return map;
  }

  glasshouse.payload = { parse };
})(globalThis.glasshouse ??= {});
