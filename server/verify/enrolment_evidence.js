// Why a registrar believed a request for enrolment: what of it a log can prove (spec/log.md, "Keys").
(function (glasshouse) {
  'use strict';

  const RULE = 'not-authorised';

  /** The key that vouches: another one of that provider, which has not ended. */
  function voucherOf(kid, payload, ring) {
    const key = ring.keys.get(glasshouse.bytes.toHex(kid));
    const vouches = key !== undefined && key.owner === payload.get('provider') && key.retiredAt === null;
    glasshouse.demand(vouches, RULE, 'the evidence is not signed by another key of that provider');
    return key;
  }

  /** The same request, signed by another key of that provider. */
  async function checkCosigned(payload, ring) {
    const vouched = glasshouse.request.openMessage(payload.get('evidence').get('cosigned'));
    const asked = glasshouse.request.openMessage(payload.get('request'));
    glasshouse.demand(glasshouse.bytes.equal(vouched.payload, asked.payload), RULE, 'the evidence holds another request');
    await glasshouse.cose.verifySign1(vouched, voucherOf(vouched.header.get(4), payload, ring).key);
  }

  /** Refuses an enrolment whose evidence is `cosigned` and wrong. @param {Map} payload @param {object} ring the keys before it */
  async function check(payload, ring) {
    if (!payload.get('evidence')?.has('cosigned')) return;
    try {
      await checkCosigned(payload, ring);
    } catch (refusal) {
      if (!(refusal instanceof glasshouse.Refusal)) throw refusal;
      throw new glasshouse.Refusal(RULE, `the evidence for enrolment: ${refusal.message}`);
    }
  }

  glasshouse.enrolmentEvidence = { check };
})(globalThis.glasshouse ??= {});
