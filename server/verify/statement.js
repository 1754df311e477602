// Statements (spec/statement.md, "Verification"). The steps have the numbers of that page.
(function (glasshouse) {
  'use strict';

  const RULE = 'invalid-statement';
  /** The longest statement: as long as an entry may be. */
  const MAX_STATEMENT = 65535;
  const CONTENT_TYPE = 'application/vnd.glasshouse.statement+cbor; v=1';
  /** Labels and claims (RFC 9597, RFC 8392). */
  const CLAIMS = 15;
  const [ISS, SUB, AUD, IAT] = [1, 2, 3, 6];

  /**
   * @typedef {object} Statement its signature is not verified
   * @property {Uint8Array} bytes all of it
   * @property {object} message the COSE_Sign1, as `cose.parseSign1` gives it
   * @property {string} iss
   * @property {string} sub
   * @property {string} aud
   * @property {number} iat seconds since 1970
   * @property {Uint8Array} kid
   * @property {number} alg
   * @property {Map} payload
   * @property {string} type
   * @property {number} sequence
   */

  function claimsOf(header) {
    const { demand, names } = glasshouse;
    const claims = header.get(CLAIMS);
    demand(glasshouse.cose.isMapOf(claims, [ISS, SUB, AUD, IAT]), RULE, 'not exactly the claims iss, sub, aud, iat');
    const [iss, sub, aud, iat] = [ISS, SUB, AUD, IAT].map((claim) => claims.get(claim));
    demand(names.isIssuer(iss), RULE, 'iss is no issuer');
    demand(names.isSub(sub), RULE, 'sub is no subject');
    demand(names.isOrigin(aud), RULE, 'aud is no origin');
    demand(glasshouse.tree.isSize(iat), RULE, 'iat is no time');
    return { iss, sub, aud, iat };
  }

  /** Takes a statement apart: everything but its signature. @param {Uint8Array} bytes @returns {Promise<Statement>} */
  async function parse(bytes) {
    glasshouse.demand(bytes.length <= MAX_STATEMENT, 'entry-too-large', 'a statement of more than 65,535 bytes');
    const message = glasshouse.cose.parseSign1(bytes, RULE); // 1, 2
    glasshouse.cose.checkHeader(message.header, { // 3, 4, 5
      rule: RULE,
      contentType: CONTENT_TYPE,
      algorithms: [glasshouse.cose.EDDSA, glasshouse.cose.ED25519],
      labels: [1, 3, 4, CLAIMS],
    });
    const claims = claimsOf(message.header);
    const payload = await glasshouse.payload.parse(message.payload, claims); // 6
    return {
      bytes, message, ...claims, kid: message.header.get(4), alg: message.header.get(1), payload,
      type: payload.get('type'), sequence: payload.get('sequence'),
    };
  }

  /** Refuses unless this key signed. @param {Statement} statement @param {Uint8Array} key 32 bytes */
  async function verify(statement, key) {
    const kid = await glasshouse.coseKey.thumbprint(key);
    glasshouse.demand(glasshouse.bytes.equal(kid, statement.kid), 'unknown-key', 'not the key that kid names'); // 7
    await glasshouse.cose.verifySign1(statement.message, key); // 7, 8
  }

  /** Whether two statements of one issuer say the same, whichever key signed them when. */
  function saysTheSame(one, other) {
    return one.sub === other.sub && glasshouse.bytes.equal(one.message.payload, other.message.payload);
  }

  glasshouse.statement = { parse, verify, saysTheSame };
})(globalThis.glasshouse ??= {});
