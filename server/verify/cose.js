// COSE_Sign1 with an attached payload and nothing unprotected (RFC 9052 section 4; spec/statement.md, "The envelope").
(function (glasshouse) {
  'use strict';

  /** EdDSA (RFC 9053 section 2.2), and Ed25519 by its own number (RFC 9864). */
  const EDDSA = -8;
  const ED25519 = -19;
  const SIGNATURE_LENGTH = 64;
  /** The tag of a COSE_Sign1. */
  const SIGN1 = 18;

  const isBytes = (value) => value instanceof Uint8Array;

  /** @typedef {{protected: Uint8Array, header: Map, payload: Uint8Array, signature: Uint8Array}} Sign1 not verified */

  /** Takes a COSE_Sign1 apart. @param {Uint8Array} bytes @param {string} rule of a wrong shape @returns {Sign1} */
  function parseSign1(bytes, rule) {
    const tagged = glasshouse.cbor.decode(bytes, { tagged: true });
    const parts = tagged instanceof glasshouse.cbor.Tagged && tagged.tag === SIGN1 ? tagged.value : null;
    glasshouse.demand(Array.isArray(parts) && parts.length === 4, rule, 'not tag 18 around an array of four');
    const [protectedHeader, unprotected, payload, signature] = parts;
    glasshouse.demand(isBytes(protectedHeader), rule, 'the protected header is not a byte string');
    glasshouse.demand(unprotected instanceof Map && unprotected.size === 0, rule, 'the unprotected header is not an empty map');
    glasshouse.demand(isBytes(payload), rule, 'the payload is not a byte string');
    glasshouse.demand(isBytes(signature) && signature.length === SIGNATURE_LENGTH, rule, 'the signature is not 64 bytes');
    const header = glasshouse.cbor.decode(protectedHeader);
    glasshouse.demand(header instanceof Map, rule, 'the protected header is not a map');
    return { protected: protectedHeader, header, payload, signature };
  }

  /**
   * Checks content type, algorithm and labels of a protected header, in this order.
   * @param {Map} header
   * @param {{rule: string, contentType: string, algorithms: number[], labels: number[]}} expected `rule` of a wrong shape
   */
  function checkHeader(header, expected) {
    const { demand } = glasshouse;
    demand(typeof header.get(3) === 'string', expected.rule, 'no content type');
    demand(header.get(3) === expected.contentType, 'not-understood', 'another content type');
    demand(glasshouse.cbor.isInteger(header.get(1)), expected.rule, 'no algorithm');
    demand(expected.algorithms.includes(header.get(1)), 'unknown-algorithm', 'an algorithm that must not stand here');
    demand(isMapOf(header, expected.labels), expected.rule, 'other labels than there must be');
    demand(isBytes(header.get(4)) && header.get(4).length === 32, expected.rule, 'the label kid is not 32 bytes');
  }

  /** Whether a value is a map of exactly these keys. @param {unknown} value @param {(number | string)[]} keys */
  function isMapOf(value, keys) {
    return value instanceof Map && value.size === keys.length && keys.every((key) => value.has(key));
  }

  /** What is signed (RFC 9052 section 4.4). @param {Uint8Array} protectedHeader @param {Uint8Array} payload */
  function signedBytes(protectedHeader, payload) {
    return glasshouse.cbor.encode(['Signature1', protectedHeader, new Uint8Array(0), payload]);
  }

  /** Refuses unless the key signed. @param {Sign1} message @param {Uint8Array} key */
  async function verifySign1(message, key) {
    const holds = await glasshouse.ed25519.verify(key, message.signature, signedBytes(message.protected, message.payload));
    glasshouse.demand(holds, 'bad-signature', 'the signature does not hold');
  }

  glasshouse.cose = { EDDSA, ED25519, isMapOf, parseSign1, checkHeader, signedBytes, verifySign1 };
})(globalThis.glasshouse ??= {});
