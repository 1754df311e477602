// The curve edwards25519 (RFC 8032 section 5.1): points in extended coordinates (section 5.1.4), over BigInt.
//
// Nothing here is secret, so nothing here takes care about timing.
(function (glasshouse) {
  'use strict';

  /** The field's prime. */
  const P = 2n ** 255n - 19n;
  /** The order of the subgroup that the base point generates. */
  const L = 2n ** 252n + 27742317777372353535851937790883648493n;
  const D = mod(-121665n * invert(121666n));
  /** A square root of -1. */
  const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);

  /** @typedef {{x: bigint, y: bigint, z: bigint, t: bigint}} Point x = X/Z, y = Y/Z, and X·Y = Z·T */

  const IDENTITY = { x: 0n, y: 1n, z: 1n, t: 0n };
  const BASE = decompress(Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 0x58 : 0x66)));

  function mod(value) {
    const rest = value % P;
    return rest < 0n ? rest + P : rest;
  }

  function power(base, exponent) {
    let result = 1n;
    for (let square = mod(base), rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % P) {
      if (rest & 1n) result = (result * square) % P;
    }
    return result;
  }

  function invert(value) {
    return power(value, P - 2n);
  }

  /** The integer of little-endian bytes. @param {Uint8Array} bytes */
  function littleEndian(bytes) {
    return BigInt('0x' + ([...bytes].reverse().map((byte) => byte.toString(16).padStart(2, '0')).join('') || '0'));
  }

  /**
   * The point of 32 bytes (RFC 8032 section 5.1.3), or null if they are none or not the one spelling of one: y below P, and no
   * negative zero.
   * @param {Uint8Array} bytes
   * @returns {Point | null}
   */
  function decompress(bytes) {
    const whole = littleEndian(bytes);
    const sign = whole >> 255n;
    const y = whole & ((1n << 255n) - 1n);
    if (bytes.length !== 32 || y >= P) return null;
    const u = mod(y * y - 1n);
    const v = mod(D * y * y + 1n);
    let x = mod(u * power(v, 3n) * power(mod(u * power(v, 7n)), (P - 5n) / 8n));
    const square = mod(v * x * x);
    if (square === mod(-u)) x = mod(x * ROOT_OF_MINUS_ONE);
    else if (square !== u) return null;
    if (x === 0n && sign === 1n) return null;
    if ((x & 1n) !== sign) x = P - x;
    return { x, y, z: 1n, t: mod(x * y) };
  }

  /** Section 5.1.4; complete, so it takes any two points. @param {Point} p @param {Point} q @returns {Point} */
  function add(p, q) {
    const a = ((p.y - p.x) * (q.y - q.x)) % P;
    const b = ((p.y + p.x) * (q.y + q.x)) % P;
    const c = (2n * D * ((p.t * q.t) % P)) % P;
    const d = (2n * p.z * q.z) % P;
    const [e, f, g, h] = [b - a, d - c, d + c, b + a];
    return { x: mod(e * f), y: mod(g * h), z: mod(f * g), t: mod(e * h) };
  }

  /** The same of a point and itself, with fewer products (RFC 8032 section 5.1.4). @param {Point} p @returns {Point} */
  function double(p) {
    const a = (p.x * p.x) % P;
    const b = (p.y * p.y) % P;
    const h = a + b;
    const e = h - ((p.x + p.y) * (p.x + p.y)) % P;
    const g = a - b;
    const f = ((2n * p.z * p.z) % P) + g;
    return { x: mod(e * f), y: mod(g * h), z: mod(f * g), t: mod(e * h) };
  }

  /** @param {bigint} scalar not negative @param {Point} point @returns {Point} */
  function multiply(scalar, point) {
    let sum = IDENTITY;
    for (let doubled = point, rest = scalar; rest > 0n; rest >>= 1n, doubled = double(doubled)) {
      if (rest & 1n) sum = add(sum, doubled);
    }
    return sum;
  }

  /** @param {Point} p @param {Point} q */
  function equal(p, q) {
    return mod(p.x * q.z - q.x * p.z) === 0n && mod(p.y * q.z - q.y * p.z) === 0n;
  }

  /** Whether 8 times the point is the neutral element. @param {Point} point */
  function isSmallOrder(point) {
    return equal(multiply(8n, point), IDENTITY);
  }

  /** Whether the point is in the subgroup of prime order and not its neutral element. @param {Point} point */
  function isPrimeOrder(point) {
    return !equal(point, IDENTITY) && equal(multiply(L, point), IDENTITY);
  }

  glasshouse.edwards = { L, BASE, littleEndian, decompress, add, multiply, equal, isSmallOrder, isPrimeOrder };
})(globalThis.glasshouse ??= {});
