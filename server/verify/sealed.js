// What was sealed: the statement that would have been filed in the place of a `sealed` one (spec/lifecycle.md, "Embargo and gag").
(function (glasshouse) {
  'use strict';

  const RULE = 'addendum-invalid';
  const SEALABLE = ['decision', 'no_action'];

  function demand(holds, message) {
    glasshouse.demand(holds, RULE, message);
  }

  /** The texts must be those that the payload does not withhold, in its order. */
  async function checkTexts(addenda, payload, owner) {
    const texts = addenda.map(glasshouse.addendum.parse);
    const withheld = payload.get('withheld') ?? new Map();
    const served = [...payload.get('addenda').keys()].filter((field) => !withheld.has(field));
    demand(texts.length === served.length && texts.every((text, i) => text.field === served[i]), 'not the texts that would be served');
    for (const text of texts) {
      const { aud, iss, sequence } = text;
      demand(aud === owner.aud && iss === owner.iss && sequence === owner.sequence, 'the text of another statement');
      demand(glasshouse.bytes.equal(await glasshouse.sha256(text.bytes), payload.get('addenda').get(text.field)), 'another text');
      glasshouse.addendum.checkUris(text, payload);
    }
    return texts;
  }

  async function check(value, owner) {
    const parts = glasshouse.cbor.decode(value);
    demand(Array.isArray(parts) && parts.length === 3, 'not an array of three');
    const [sub, inner, addenda] = parts;
    demand(glasshouse.names.isSub(sub), 'sub is no subject');
    demand(inner instanceof Uint8Array, 'the payload is not a byte string');
    const payload = await glasshouse.payload.parse(inner, { iss: owner.iss, sub, aud: owner.aud });
    demand(SEALABLE.includes(payload.get('type')), 'neither a decision nor a refusal');
    demand(payload.get('sequence') === owner.sequence, 'another number');
    demand(Array.isArray(addenda) && addenda.every((text) => text instanceof Uint8Array), 'the texts are not byte strings');
    return { sub, payload, texts: await checkTexts(addenda, payload, owner) };
  }

  /**
   * What a `sealed_statement` holds. Whatever is wrong inside is `addendum-invalid`, or `not-understood`.
   * @param {Uint8Array} value
   * @param {object} owner the sealed statement
   * @returns {Promise<{sub: string, payload: Map, texts: object[]}>}
   */
  async function parse(value, owner) {
    try {
      return await check(value, owner);
    } catch (refusal) {
      if (!(refusal instanceof glasshouse.Refusal) || refusal.rule === 'not-understood') throw refusal;
      throw new glasshouse.Refusal(RULE, `what was sealed: ${refusal.message}`);
    }
  }

  glasshouse.sealed = { parse };
})(globalThis.glasshouse ??= {});
