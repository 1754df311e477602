// ML-DSA-44 (FIPS 204): pure, with an empty context. Only signatures are checked here; nothing is signed.
(function (glasshouse) {
  'use strict';

  const ROWS = 4;
  const COLUMNS = 4;
  /** How many coefficients of the challenge are not 0. */
  const TAU = 39;
  /** 2^17: the bound of the mask's coefficients. */
  const GAMMA_1 = 131072;
  /** τ·η, by which a coefficient of z must stay below γ1. */
  const BETA = 78;
  /** How many hints there may be. */
  const OMEGA = 80;
  /** Bits that the public key leaves out of each coefficient of t. */
  const DROPPED = 13;
  const CHALLENGE_LENGTH = 32;
  const Z_LENGTH = 576; // 256 coefficients of 18 bits
  const T1_LENGTH = 320; // 256 coefficients of 10 bits
  const KEY_LENGTH = 32 + ROWS * T1_LENGTH;
  const SIGNATURE_LENGTH = CHALLENGE_LENGTH + COLUMNS * Z_LENGTH + OMEGA + ROWS;

  const count = (length, make) => Array.from({ length }, (_, i) => make(i));

  /** 256 coefficients of `width` bits, least significant bit first (algorithms 16 and 18). */
  function unpack(bytes, width) {
    const coefficients = new Int32Array(256);
    for (let j = 0, held = 0, bits = 0, at = 0; j < 256; j += 1) {
      for (; bits < width; bits += 8, at += 1) held += bytes[at] * 2 ** bits;
      coefficients[j] = held % 2 ** width;
      held = Math.floor(held / 2 ** width);
      bits -= width;
    }
    return coefficients;
  }

  /** 256 coefficients of 6 bits: the high bits of w (algorithm 28). */
  function packHigh(coefficients) {
    const bytes = new Uint8Array(192);
    for (let j = 0, at = 0; j < 256; j += 4, at += 3) {
      const four = coefficients[j] + (coefficients[j + 1] << 6) + (coefficients[j + 2] << 12) + (coefficients[j + 3] << 18);
      bytes.set([four & 255, (four >> 8) & 255, four >> 16], at);
    }
    return bytes;
  }

  /** The response z, or null where a coefficient is as long as no signer lets it out. */
  function unpackResponse(bytes) {
    const response = count(COLUMNS, (i) => unpack(bytes.subarray(i * Z_LENGTH, (i + 1) * Z_LENGTH), 18).map((raw) => GAMMA_1 - raw));
    return response.some((row) => row.some((value) => Math.abs(value) >= GAMMA_1 - BETA)) ? null : response;
  }

  /** The hint in its one spelling, or null (algorithm 21): for each polynomial a set of places. */
  function unpackHint(bytes) {
    const hint = [];
    let at = 0;
    for (let row = 0; row < ROWS; row += 1) {
      const end = bytes[OMEGA + row];
      if (end < at || end > OMEGA) return null;
      const places = bytes.subarray(at, end);
      if (places.some((place, i) => i > 0 && place <= places[i - 1])) return null;
      hint.push(new Set(places));
      at = end;
    }
    return bytes.subarray(at, OMEGA).some((byte) => byte !== 0) ? null : hint;
  }

  /** One polynomial of the matrix, already transformed (algorithms 14 and 30). */
  function matrixEntry(rho, row, column) {
    const stream = glasshouse.keccak.shake128(rho, Uint8Array.of(column, row));
    const coefficients = new Int32Array(256);
    for (let j = 0; j < 256;) {
      const [low, middle, high] = stream.read(3);
      const value = low + (middle << 8) + ((high & 127) << 16);
      if (value < glasshouse.polynomial.Q) coefficients[j++] = value;
    }
    return coefficients;
  }

  /** The challenge: τ coefficients of 1 or -1, all others 0 (algorithm 29). */
  function sampleInBall(seed) {
    const stream = glasshouse.keccak.shake256(seed);
    const signs = glasshouse.bytes.fromBigEndian(stream.read(8).reverse());
    const challenge = new Int32Array(256);
    for (let i = 256 - TAU; i < 256; i += 1) {
      let [j] = stream.read(1);
      while (j > i) [j] = stream.read(1);
      challenge[i] = challenge[j];
      challenge[j] = (signs >> BigInt(i + TAU - 256)) & 1n ? glasshouse.polynomial.Q - 1 : 1;
    }
    return challenge;
  }

  /** A·z - c·t1·2^13, from all of which the high bits follow. */
  function approximate(key, response, challenge) {
    const { transform, restore, reduce, addProduct, subtractProduct, Q } = glasshouse.polynomial;
    const transformed = response.map((row) => transform(row.map(reduce)));
    const transformedChallenge = transform(challenge);
    return count(ROWS, (row) => {
      const sum = new Int32Array(256);
      for (let column = 0; column < COLUMNS; column += 1) addProduct(sum, matrixEntry(key.subarray(0, 32), row, column), transformed[column]);
      const begin = 32 + row * T1_LENGTH;
      const t1 = unpack(key.subarray(begin, begin + T1_LENGTH), 10).map((value) => (value * 2 ** DROPPED) % Q);
      subtractProduct(sum, transformedChallenge, transform(t1));
      return restore(sum);
    });
  }

  /**
   * Whether a signature holds (algorithms 3 and 8).
   * @param {Uint8Array} key 1312 bytes; every one is a key
   * @param {Uint8Array} signature any other length than 2420 does not hold
   * @param {Uint8Array} message
   * @returns {boolean}
   */
  function verify(key, signature, message) {
    if (key.length !== KEY_LENGTH || signature.length !== SIGNATURE_LENGTH) return false;
    const seed = signature.subarray(0, CHALLENGE_LENGTH);
    const hintBegin = CHALLENGE_LENGTH + COLUMNS * Z_LENGTH;
    const response = unpackResponse(signature.subarray(CHALLENGE_LENGTH, hintBegin));
    const hint = unpackHint(signature.subarray(hintBegin));
    if (response === null || hint === null) return false;
    const { shake256 } = glasshouse.keccak;
    const framing = Uint8Array.of(0, 0); // pure, and a context of no bytes
    const digest = shake256(shake256(key).read(64), framing, message).read(64);
    const high = approximate(key, response, sampleInBall(seed)).map((row, i) => (
      packHigh(row.map((coefficient, j) => glasshouse.polynomial.useHint(hint[i].has(j), coefficient)))
    ));
    return glasshouse.bytes.equal(shake256(digest, ...high).read(CHALLENGE_LENGTH), seed);
  }

  glasshouse.mlDsa = { KEY_LENGTH, SIGNATURE_LENGTH, verify };
})(globalThis.glasshouse ??= {});
