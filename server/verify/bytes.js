// Bytes: hex, base64 (RFC 4648 section 4, canonical) and UTF-8 (RFC 3629), each with one spelling.
(function (glasshouse) {
  'use strict';

  const encoder = new TextEncoder();
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** How many bytes one call may turn into characters: below every engine's limit on arguments. */
  const CHUNK = 8192;
  const HEX = /^(?:[0-9a-f]{2})*$/;
  const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
  const LONE_SURROGATE = /\p{Surrogate}/u;

  /** Lower-case hex. @param {Uint8Array} bytes */
  function toHex(bytes) {
    let text = '';
    for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
    return text;
  }

  /** Bytes of lower-case hex, or null. @param {string} text @returns {Uint8Array | null} */
  function fromHex(text) {
    if (!HEX.test(text)) return null;
    return Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
  }

  /** Base64 with padding. @param {Uint8Array} bytes */
  function toBase64(bytes) {
    let binary = '';
    for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
    return btoa(binary);
  }

  /** Bytes of canonical base64 with padding, or null. @param {string} text @returns {Uint8Array | null} */
  function fromBase64(text) {
    if (text.length % 4 !== 0 || !BASE64.test(text)) return null;
    const binary = atob(text);
    if (btoa(binary) !== text) return null; // left-over bits
    const bytes = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
    return bytes;
  }

  /** UTF-8 of a text without lone surrogates. @param {string} text */
  function utf8(text) {
    return encoder.encode(text);
  }

  /** The text of UTF-8, or null if it is none. A byte order mark is a character like any other. @param {Uint8Array} bytes */
  function text(bytes) {
    try {
      return decoder.decode(bytes);
    } catch {
      return null;
    }
  }

  /** Whether a text is one that UTF-8 can hold. @param {string} given */
  function isUnicode(given) {
    return !LONE_SURROGATE.test(given);
  }

  /** @param {...Uint8Array} parts few: each is an argument */
  function concat(...parts) {
    return join(parts);
  }

  /** However many parts, one behind the other. @param {Uint8Array[]} parts */
  function join(parts) {
    const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  /** Below zero, zero or above it, as `a` stands before, at or behind `b` in the order of their bytes. */
  function compare(a, b) {
    const shared = Math.min(a.length, b.length);
    for (let at = 0; at < shared; at += 1) if (a[at] !== b[at]) return a[at] - b[at];
    return a.length - b.length;
  }

  /** @param {Uint8Array} a @param {Uint8Array} b */
  function equal(a, b) {
    return a.length === b.length && compare(a, b) === 0;
  }

  /** A big-endian integer of `width` bytes. @param {number | bigint} value @param {number} width */
  function bigEndian(value, width) {
    const bytes = new Uint8Array(width);
    let rest = BigInt(value);
    for (let at = width - 1; at >= 0; at -= 1, rest >>= 8n) bytes[at] = Number(rest & 255n);
    return bytes;
  }

  /** The integer of big-endian bytes. @param {Uint8Array} bytes @returns {bigint} */
  function fromBigEndian(bytes) {
    return bytes.length === 0 ? 0n : BigInt('0x' + toHex(bytes));
  }

  glasshouse.bytes = {
    toHex, fromHex, toBase64, fromBase64, utf8, text, isUnicode, concat, join, compare, equal, bigEndian, fromBigEndian,
  };
})(globalThis.glasshouse ??= {});
