// Polynomials modulo X^256 + 1 and q, as ML-DSA calculates with them (FIPS 204 sections 2.3, 7.4 and 7.5).
//
// A polynomial is an Int32Array of 256 coefficients from 0 to q - 1. Products stay below 2^53, so numbers hold them exactly.
(function (glasshouse) {
  'use strict';

  const N = 256;
  const Q = 8380417;
  /** γ2 = (q - 1) / 88, of ML-DSA-44. */
  const GAMMA_2 = (Q - 1) / 88;
  /** How many values the high bits of a coefficient have: (q - 1) / 2γ2. */
  const HIGH_VALUES = 44;
  const ZETAS = zetas();

  /** Powers of 1753, the 512th root of unity, in bit-reversed order (appendix B). */
  function zetas() {
    const table = new Int32Array(N);
    const powers = [1];
    while (powers.length < N) powers.push((powers[powers.length - 1] * 1753) % Q);
    for (let k = 0; k < N; k += 1) table[k] = powers[parseInt(k.toString(2).padStart(8, '0').split('').reverse().join(''), 2)];
    return table;
  }

  const reduce = (value) => ((value % Q) + Q) % Q;

  /** Algorithm 41, in place. @param {Int32Array} w */
  function transform(w) {
    let m = 0;
    for (let length = 128; length >= 1; length >>= 1) {
      for (let start = 0; start < N; start += 2 * length) {
        m += 1;
        for (let j = start; j < start + length; j += 1) {
          const t = (ZETAS[m] * w[j + length]) % Q;
          w[j + length] = reduce(w[j] - t);
          w[j] = reduce(w[j] + t);
        }
      }
    }
    return w;
  }

  /** Algorithm 42, in place. @param {Int32Array} w */
  function restore(w) {
    let m = N;
    for (let length = 1; length < N; length <<= 1) {
      for (let start = 0; start < N; start += 2 * length) {
        m -= 1;
        for (let j = start; j < start + length; j += 1) {
          const t = w[j];
          w[j] = (t + w[j + length]) % Q;
          w[j + length] = ((Q - ZETAS[m]) * reduce(t - w[j + length])) % Q;
        }
      }
    }
    for (let j = 0; j < N; j += 1) w[j] = (w[j] * 8347681) % Q; // 256^-1
    return w;
  }

  /** Adds the product of two transformed polynomials to a third. */
  function addProduct(sum, a, b) {
    for (let j = 0; j < N; j += 1) sum[j] = (sum[j] + ((a[j] * b[j]) % Q)) % Q;
  }

  /** Takes the product of two transformed polynomials away from a third. */
  function subtractProduct(difference, a, b) {
    for (let j = 0; j < N; j += 1) difference[j] = reduce(difference[j] - ((a[j] * b[j]) % Q));
  }

  /** The high bits of a coefficient, corrected where the hint says so (algorithms 36 and 40). */
  function useHint(hint, coefficient) {
    let low = coefficient % (2 * GAMMA_2);
    if (low > GAMMA_2) low -= 2 * GAMMA_2;
    const wraps = coefficient - low === Q - 1;
    const high = wraps ? 0 : (coefficient - low) / (2 * GAMMA_2);
    if (wraps) low -= 1;
    if (!hint) return high;
    return (high + (low > 0 ? 1 : HIGH_VALUES - 1)) % HIGH_VALUES;
  }

  glasshouse.polynomial = { N, Q, reduce, transform, restore, addProduct, subtractProduct, useHint };
})(globalThis.glasshouse ??= {});
