// A public key as a COSE_Key, and its thumbprint (RFC 9053 section 7.2, RFC 9679; spec/statement.md, "Keys").
(function (glasshouse) {
  'use strict';

  /** The map {1: 1, -1: 6, -2: x} up to x, in its one spelling. */
  const BEFORE_X = Uint8Array.of(0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 0x20);

  /** The 40 bytes of a COSE_Key. @param {Uint8Array} x 32 bytes */
  function encode(x) {
    return glasshouse.bytes.concat(BEFORE_X, x);
  }

  /** The raw key of a COSE_Key. Whether it is weak is not looked at. @param {Uint8Array} bytes @returns {Uint8Array} */
  function parse(bytes) {
    const holds = bytes.length === 40 && glasshouse.bytes.equal(bytes.subarray(0, 8), BEFORE_X);
    glasshouse.demand(holds, 'key-encoding', 'not the 40 bytes of a COSE_Key of Ed25519');
    return bytes.subarray(8);
  }

  /** The `kid` of a raw key: SHA-256 of its COSE_Key. @param {Uint8Array} x @returns {Promise<Uint8Array>} */
  function thumbprint(x) {
    return glasshouse.sha256(encode(x));
  }

  glasshouse.coseKey = { encode, parse, thumbprint };
})(globalThis.glasshouse ??= {});
