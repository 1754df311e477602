// Enrolment requests (spec/statement.md, "Enrolment request").
(function (glasshouse) {
  'use strict';

  const RULE = 'invalid-request';
  const CONTENT_TYPE = 'application/vnd.glasshouse.enrolment-request+cbor; v=1';
  /** The end of the year 9999. */
  const MAX_INSTANT = 253402300799;

  /** The COSE_Sign1 of a request, with its header; what it asks and who signed are not looked at. @param {Uint8Array} bytes */
  function openMessage(bytes) {
    const message = glasshouse.cose.parseSign1(bytes, RULE);
    glasshouse.cose.checkHeader(message.header, {
      rule: RULE, contentType: CONTENT_TYPE, algorithms: [glasshouse.cose.EDDSA], labels: [1, 3, 4],
    });
    return message;
  }

  /** A request that says nothing wrong about itself, its signature too. @param {Uint8Array} bytes */
  async function parse(bytes) {
    const { demand } = glasshouse;
    const message = openMessage(bytes);
    const payload = glasshouse.cbor.decode(message.payload);
    demand(glasshouse.cose.isMapOf(payload, ['aud', 'iss', 'key', 'time']), RULE, 'not exactly aud, iss, key, time');
    const [aud, iss, coseKey, time] = ['aud', 'iss', 'key', 'time'].map((member) => payload.get(member));
    demand(glasshouse.names.isOrigin(aud), RULE, 'aud is no origin');
    demand(glasshouse.names.isProvider(iss), RULE, 'iss is no provider');
    demand(glasshouse.tree.isSize(time) && time <= MAX_INSTANT, RULE, 'time is no instant');
    demand(coseKey instanceof Uint8Array, 'key-encoding', 'the key is not a byte string');
    const key = glasshouse.coseKey.parse(coseKey);
    const kid = await glasshouse.coseKey.thumbprint(key);
    demand(glasshouse.bytes.equal(kid, message.header.get(4)), 'unknown-key', 'kid is not the thumbprint of key');
    await glasshouse.cose.verifySign1(message, key);
    return { aud, iss, key, time, message };
  }

  /** A request for that log and that provider. */
  async function check(bytes, aud, iss) {
    const request = await parse(bytes);
    glasshouse.demand(request.aud === aud, 'wrong-audience', 'a request to another log');
    glasshouse.demand(request.iss === iss, 'wrong-issuer', 'a request of another provider');
    return request;
  }

  glasshouse.request = { openMessage, parse, check };
})(globalThis.glasshouse ??= {});
