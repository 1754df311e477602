// Ed25519 (RFC 8032), as strict as spec/statement.md, "When a signature is valid".
//
// WebCrypto decides the equation; which keys, R and s may stand in it at all is decided here, because libraries differ there. A
// browser without Ed25519 gets the equation from the curve itself.
(function (glasshouse) {
  'use strict';

  /** Points that were found good, so that the key of a thousand entries is looked at once, and so is a signature that is seen again. */
  const good = new Set();
  /** How many of them are kept. */
  const MAX_GOOD = 4096;

  /** Whether 32 bytes are the one spelling of a point of prime order. @param {Uint8Array} bytes */
  function isGood(bytes) {
    const name = glasshouse.bytes.toHex(bytes);
    if (good.has(name)) return true;
    const point = glasshouse.edwards.decompress(bytes);
    if (point === null || !glasshouse.edwards.isPrimeOrder(point)) return false;
    if (good.size >= MAX_GOOD) good.clear();
    good.add(name);
    return true;
  }

  /**
   * Refuses a key that is not canonical, not on the curve, of small order or with a torsion part.
   * @param {Uint8Array} key
   */
  function checkKey(key) {
    glasshouse.demand(key.length === 32, 'key-encoding', 'a key of Ed25519 has 32 bytes');
    glasshouse.demand(isGood(key), 'weak-key', 'the key is no point of prime order in its one spelling');
  }

  /** Whether s·B = R + k·A (only asked with R, s and key as `verify` wants them), for browsers whose WebCrypto knows no Ed25519. */
  async function holdsOnTheCurve(key, signature, message) {
    const { L, BASE, littleEndian, decompress, add, multiply, equal } = glasshouse.edwards;
    const [r, s] = [signature.subarray(0, 32), littleEndian(signature.subarray(32))];
    const k = littleEndian(await glasshouse.sha512(glasshouse.bytes.concat(r, key, message))) % L;
    return equal(multiply(s, BASE), add(decompress(r), multiply(k, decompress(key))));
  }

  /** The equation by WebCrypto, or null if it knows no Ed25519. */
  async function holdsInWebCrypto(key, signature, message) {
    const { subtle } = globalThis.crypto;
    let imported;
    try {
      imported = await subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']);
    } catch {
      return null;
    }
    return subtle.verify({ name: 'Ed25519' }, imported, signature, message);
  }

  /**
   * Whether a signature holds. Refuses a weak key.
   *
   * R must be of prime order. That refuses nothing that holds: with a key of prime order s·B − k·A is in the subgroup of prime
   * order, and R is to be that very point, and not of small order. With R in the subgroup the equation and eight times the
   * equation say the same, so it does not matter which of them a browser calculates.
   * @param {Uint8Array} key 32 bytes
   * @param {Uint8Array} signature R and s; any other length does not hold
   * @param {Uint8Array} message
   * @returns {Promise<boolean>}
   */
  async function verify(key, signature, message) {
    checkKey(key);
    if (signature.length !== 64) return false;
    if (!isGood(signature.subarray(0, 32))) return false;
    if (glasshouse.edwards.littleEndian(signature.subarray(32)) >= glasshouse.edwards.L) return false;
    return (await holdsInWebCrypto(key, signature, message)) ?? holdsOnTheCurve(key, signature, message);
  }

  glasshouse.ed25519 = { checkKey, verify, holdsOnTheCurve };
})(globalThis.glasshouse ??= {});
