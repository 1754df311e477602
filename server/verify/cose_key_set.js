// A set of receipt keys: a COSE_KeySet (RFC 9052 section 7; spec/scitt.md, "Key set").
(function (glasshouse) {
  'use strict';

  const MAX_KEYS = 64;
  /** Bytes of one key. */
  const KEY_LENGTH = 81;

  /** @typedef {{kid: Uint8Array, x: Uint8Array}} ReceiptKey */

  function demandForm(holds, message) {
    glasshouse.demand(holds, 'key-encoding', message);
  }

  /** The array of maps that the bytes are. */
  function decode(bytes) {
    demandForm(bytes.length <= 3 + MAX_KEYS * KEY_LENGTH, 'more bytes than 64 keys have');
    try {
      return glasshouse.cbor.decode(bytes);
    } catch (refusal) {
      if (refusal instanceof glasshouse.Refusal) demandForm(false, `not the CBOR of a set of keys: ${refusal.message}`);
      throw refusal;
    }
  }

  /** One key: `{1: 1, 2: kid, 3: -8, -1: 6, -2: x}`. */
  async function parseKey(map) {
    const { bytes } = glasshouse;
    const shaped = map instanceof Map && map.size === 5 && map.get(1) === 1 && map.get(3) === -8 && map.get(-1) === 6;
    demandForm(shaped, 'not a key of Ed25519 for receipts');
    const [kid, x] = [map.get(2), map.get(-2)];
    demandForm(kid instanceof Uint8Array && x instanceof Uint8Array && x.length === 32, 'a kid or a key that is none');
    demandForm(bytes.equal(kid, await glasshouse.coseKey.thumbprint(x)), 'the kid is not the thumbprint of its key');
    glasshouse.ed25519.checkKey(x);
    return { kid, x };
  }

  /** The keys of a set, in its order. @param {Uint8Array} bytes @returns {Promise<ReceiptKey[]>} */
  async function parse(bytes) {
    const maps = decode(bytes);
    demandForm(Array.isArray(maps) && maps.length >= 1 && maps.length <= MAX_KEYS, 'not an array of 1 to 64 keys');
    const keys = [];
    for (const map of maps) {
      const key = await parseKey(map);
      demandForm(!keys.some((before) => glasshouse.bytes.equal(before.kid, key.kid)), 'a key that stands twice');
      keys.push(key);
    }
    return keys;
  }

  glasshouse.coseKeySet = { parse };
})(globalThis.glasshouse ??= {});
