// Evidence that a signed tree has an entry which may stand in none (spec/evidence.md, `bad-entry`).
(function (glasshouse) {
  'use strict';

  /** The rule that a check breaks, or null. */
  async function ruleBrokenBy(check) {
    try {
      await check();
      return null;
    } catch (refusal) {
      if (!(refusal instanceof glasshouse.Refusal)) throw refusal;
      return refusal.rule;
    }
  }

  /** Whether a statement brings the registrar's key, and must be signed by it: a genesis, or a change. */
  function bringsKey({ type, iss, payload }, registrar) {
    return iss === registrar && ['genesis', 'keys'].includes(type) && payload.has('registrar_key');
  }

  /** Whether the statement is signed by the key that it brings. */
  function checkOwnKey(statement) {
    const key = glasshouse.coseKey.parse(statement.payload.get('registrar_key'));
    glasshouse.ed25519.checkKey(key);
    return glasshouse.statement.verify(statement, key);
  }

  /** The rule that an entry breaks by itself, or null. A type that this reader does not know is no fault. */
  async function ruleOf(bytes, origin) {
    let statement = null;
    const rule = await ruleBrokenBy(async () => {
      ({ statement } = await glasshouse.entry.parse(bytes));
      glasshouse.demand(statement.aud === origin, 'wrong-audience', 'made for another log');
      if (bringsKey(statement, `https://${origin}`)) await checkOwnKey(statement);
    });
    return { statement, rule: rule === 'not-understood' ? null : rule };
  }

  /** The key and its owner that what a receipt proves shows. */
  async function shownBy({ statement }, registrar) {
    if (!bringsKey(statement, registrar)) return glasshouse.evidence.enrolledBy(statement);
    return { key: glasshouse.coseKey.parse(statement.payload.get('registrar_key')), owner: registrar };
  }

  /** With a receipt: the signature is what is wrong, and the receipt shows the key. */
  async function convictBySignature(statement, index, proved, registrar) {
    const { demandContradiction } = glasshouse.evidence;
    demandContradiction(!bringsKey(statement, registrar), 'an entry that brings its key needs no receipt');
    demandContradiction(proved.index < index, 'the key was enrolled behind the entry');
    const { key, owner } = await shownBy(proved, registrar);
    const kid = await glasshouse.coseKey.thumbprint(key);
    demandContradiction(owner === statement.iss && glasshouse.bytes.equal(kid, statement.kid), 'the receipt shows another key, or that of another issuer');
    const rule = await ruleBrokenBy(() => glasshouse.statement.verify(statement, key));
    demandContradiction(rule === 'bad-signature', 'the signature holds');
    return rule;
  }

  /** @param {{at: object, enrolments: string[]}} evidence @param {object} key the log's */
  async function convict({ at, enrolments }, key) {
    const { openPlaced, openReceipt, demandContradiction } = glasshouse.evidence;
    const { origin } = await openPlaced(at, key);
    const proved = enrolments.length === 0 ? null : await openReceipt(enrolments[0], key);
    const { statement, rule } = await ruleOf(at.entry, origin);
    if (proved === null) {
      demandContradiction(rule !== null, 'the entry breaks no rule by itself');
      return { origin, index: at.index, brokenRule: rule };
    }
    demandContradiction(rule === null && statement !== null, 'what is wrong by itself needs no receipt');
    const registrar = `https://${origin}`;
    return { origin, index: at.index, brokenRule: await convictBySignature(statement, at.index, proved, registrar) };
  }

  glasshouse.badEntry = { convict };
})(globalThis.glasshouse ??= {});
