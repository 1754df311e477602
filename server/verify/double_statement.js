// Evidence that a provider signed two statements under one number (spec/evidence.md, `double-statement`).
(function (glasshouse) {
  'use strict';

  /** The key that must have signed the other statement: that of the receipt's, or another one that a second receipt shows. */
  async function signerOf(proved, enrolments, logKey) {
    const { demandContradiction, openReceipt, enrolledBy } = glasshouse.evidence;
    const first = await enrolledBy(proved.enrolment);
    if (enrolments.length === 0) return first.key;
    const second = await enrolledBy((await openReceipt(enrolments[0], logKey)).statement);
    demandContradiction(second.owner === proved.statement.iss, 'the enrolment of another provider');
    demandContradiction(!glasshouse.bytes.equal(second.key, first.key), 'one key needs no second enrolment');
    return second.key;
  }

  async function isSignedBy(statement, key) {
    try {
      await glasshouse.statement.verify(statement, key);
      return true;
    } catch (refusal) {
      if (!(refusal instanceof glasshouse.Refusal)) throw refusal;
      return false;
    }
  }

  /** @param {{receipt: string, statement: Uint8Array, enrolments: string[]}} evidence @param {object} key the log's */
  async function convict({ receipt, statement, enrolments }, key) {
    const { demandContradiction, openReceipt } = glasshouse.evidence;
    const proved = await openReceipt(receipt, key);
    const [one, other] = [proved.statement, await glasshouse.statement.parse(statement)];
    demandContradiction(proved.enrolment !== null, 'the receipt of a statement of the registrar');
    const under = one.iss === other.iss && one.aud === other.aud && one.sequence === other.sequence;
    demandContradiction(under, 'statements of two issuers, logs or numbers');
    demandContradiction(!glasshouse.statement.saysTheSame(one, other), 'the same statement, signed again');
    const signer = await signerOf(proved, enrolments, key);
    demandContradiction(await isSignedBy(other, signer), 'the provider did not sign the other statement');
    return { origin: proved.checkpoint.origin, iss: one.iss, sequence: one.sequence, index: proved.index };
  }

  glasshouse.doubleStatement = { convict };
})(globalThis.glasshouse ??= {});
