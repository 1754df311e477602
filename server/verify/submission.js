// Which texts come with a statement (spec/entry.md, "Served, withheld, redacted"; spec/lifecycle.md). A ledger asks; a reader does not.
(function (glasshouse) {
  'use strict';

  const { demand } = glasshouse;

  /** The statements whose texts a submission brings, each with the fields that must come: its own, and of a disclosure its target's. */
  function wanted({ statement, named }) {
    const { payload, type } = statement;
    const withheld = payload.get('withheld') ?? new Map();
    const served = [...payload.get('addenda').keys()].filter((field) => !withheld.has(field));
    const owners = [{ statement, withheld, fields: new Set(served) }];
    if (type === 'disclosure') {
      owners.push({ statement: named[0].life.statement, withheld: new Map(), fields: new Set(payload.get('fields')) });
    }
    return owners;
  }

  /** The statement that a text says it belongs to. */
  function ownerOf(addendum, owners) {
    const isOf = ({ statement }) => statement.iss === addendum.iss && statement.sequence === addendum.sequence;
    const owner = owners.find(isOf);
    demand(owner !== undefined, 'addendum-mismatch', 'the text of another statement');
    return owner;
  }

  /** What a conflict shows: another statement under the number of its target, by a key that was that issuer's. */
  async function checkRefused(value, target, ring) {
    const parsed = await glasshouse.statement.parse(value);
    const under = parsed.iss === target.iss && parsed.aud === target.aud && parsed.sequence === target.sequence;
    demand(under, 'addendum-invalid', 'a statement under another number');
    demand(!glasshouse.statement.saysTheSame(parsed, target), 'addendum-invalid', 'the statement on record again');
    const key = ring.keys.get(glasshouse.bytes.toHex(parsed.kid));
    demand(key !== undefined && key.owner === parsed.iss, 'addendum-invalid', 'signed by no key of that issuer');
    await glasshouse.statement.verify(parsed, key.key);
  }

  /** The same; whatever is wrong is `addendum-invalid`, or `not-understood`. */
  async function checkConflict(addendum, { named, ring }) {
    try {
      await checkRefused(addendum.value, named[0].life.statement, ring);
    } catch (refusal) {
      if (!(refusal instanceof glasshouse.Refusal) || refusal.rule === 'not-understood') throw refusal;
      throw new glasshouse.Refusal('addendum-invalid', `the refused statement: ${refusal.message}`);
    }
  }

  async function checkText(bytes, owners, checked) {
    const addendum = glasshouse.addendum.parse(bytes);
    const owner = ownerOf(addendum, owners);
    demand(!owner.withheld.has(addendum.field), 'addendum-withheld', 'a text that is withheld');
    demand(owner.fields.delete(addendum.field), 'addendum-mismatch', 'a text that is not asked for, or twice');
    await glasshouse.addendum.checkOwner(addendum, owner.statement);
    glasshouse.addendum.checkUris(addendum, owner.statement.payload);
    if (addendum.field === 'refused_statement') await checkConflict(addendum, checked);
  }

  /**
   * Refuses unless exactly the texts that must come with a statement came with it.
   * @param {object} checked what `Registry.check` gave for its entry
   * @param {Uint8Array[]} texts addenda
   */
  async function checkTexts(checked, texts) {
    const owners = wanted(checked);
    for (const text of texts) await checkText(text, owners, checked);
    demand(owners.every(({ fields }) => fields.size === 0), 'addendum-missing', 'a text that is served did not come');
  }

  glasshouse.submission = { checkTexts };
})(globalThis.glasshouse ??= {});
