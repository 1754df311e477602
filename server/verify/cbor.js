// Deterministic CBOR (RFC 8949 section 4.2.1; spec/README.md, "How to read a page"): one content, one spelling.
//
// Integers are numbers, or BigInt beyond 2^53 - 1; byte strings are views into the input, so that `byteOffset` says where they
// stand; text is a string, an array an Array, a map a Map. A tag outermost gives a `Tagged`, if it was asked for.
(function (glasshouse) {
  'use strict';

  /** How many arrays and maps may stand inside each other. */
  const MAX_DEPTH = 8;
  /** The tag of a COSE_Sign1 (RFC 9052 section 4.2), the only one that is ever right. */
  const COSE_SIGN1 = 18;

  /** What a tag stands around. */
  class Tagged {
    constructor(value, tag = COSE_SIGN1) {
      this.value = value;
      this.tag = tag;
    }
  }

  /** @returns {never} */
  function malformed(message) {
    throw new glasshouse.Refusal('not-cbor', message);
  }

  /** @returns {never} */
  function unallowed(message) {
    throw new glasshouse.Refusal('not-deterministic', message);
  }

  /** Reads items off the front of some bytes. */
  class Reader {
    /** @param {Uint8Array} bytes @param {{tagged?: boolean, nulls?: boolean}} options */
    constructor(bytes, options) {
      this.bytes = bytes;
      this.at = 0;
      this.options = options;
    }

    take(count) {
      if (count > this.bytes.length - this.at) malformed('the bytes end within an item');
      this.at += Number(count);
      return this.bytes.subarray(this.at - Number(count), this.at);
    }

    /** A head: major type and argument (RFC 8949 section 3). */
    head() {
      const [first] = this.take(1);
      const major = first >> 5;
      const low = first & 31;
      if (major === 7) return { major, low, argument: low };
      if (low < 24) return { major, low, argument: low };
      if (low > 27 && (low < 31 || major < 2 || major === 6)) malformed('a reserved head');
      if (low === 31) unallowed('an indefinite length');
      const width = 1 << (low - 24);
      const value = glasshouse.bytes.fromBigEndian(this.take(width));
      if (value < (width === 1 ? 24n : 1n << BigInt(4 * width))) unallowed('a longer head than is needed');
      return { major, low, argument: value <= BigInt(glasshouse.MAX_INTEGER) ? Number(value) : value };
    }

    /** One item, inside `depth` arrays and maps. */
    item(depth) {
      const { major, low, argument } = this.head();
      switch (major) {
        case 0: return argument;
        case 1: return negative(argument);
        case 2: return this.take(argument);
        case 3: return glasshouse.bytes.text(this.take(argument)) ?? malformed('a text that is not UTF-8');
        case 4: return this.array(argument, depth);
        case 5: return this.map(argument, depth);
        case 6: return this.tag(argument, depth);
        default: return this.simple(low);
      }
    }

    array(count, depth) {
      if (count > this.bytes.length - this.at) malformed('an array of more items than there are bytes');
      if (depth >= MAX_DEPTH) unallowed('too many arrays and maps inside each other');
      const items = [];
      for (let i = 0; i < count; i += 1) items.push(this.item(depth + 1));
      return items;
    }

    map(count, depth) {
      if (count > this.bytes.length - this.at) malformed('a map of more members than there are bytes');
      if (depth >= MAX_DEPTH) unallowed('too many arrays and maps inside each other');
      const members = new Map();
      let before = null;
      for (let i = 0; i < count; i += 1) {
        const start = this.at;
        const key = this.item(depth + 1);
        if (!isInteger(key) && typeof key !== 'string') unallowed('a key that is neither an integer nor text');
        const spelled = this.bytes.subarray(start, this.at);
        if (before !== null && glasshouse.bytes.compare(before, spelled) >= 0) unallowed('a key twice or out of order');
        before = spelled;
        members.set(key, this.item(depth + 1));
      }
      return members;
    }

    tag(argument, depth) {
      if (!this.options.tagged || depth !== 0) unallowed('a tag');
      this.options = { ...this.options, tagged: false };
      return new Tagged(this.item(depth), argument);
    }

    simple(low) {
      if (low === 20 || low === 21) return low === 21;
      if (low === 22 && this.options.nulls) return null;
      if (low === 24 && this.take(1)[0] < 32) malformed('a simple value in two bytes that needs one');
      if (low > 24 && low < 28) this.take(1 << (low - 24));
      if (low > 27) malformed(low === 31 ? 'a break without a beginning' : 'a reserved head');
      return unallowed('a float, null or another simple value');
    }
  }

  function negative(argument) {
    const value = -1n - BigInt(argument);
    return value >= -BigInt(glasshouse.MAX_INTEGER) ? Number(value) : value;
  }

  /** Whether a decoded value is an integer, of any size. */
  function isInteger(value) {
    return typeof value === 'bigint' || typeof value === 'number';
  }

  /**
   * The first item, and where it ends.
   * @param {Uint8Array} bytes
   * @param {{tagged?: boolean, nulls?: boolean}} [options] `tagged`: a tag may stand outermost, and gives a `Tagged`;
   *   `nulls`: null is allowed (of a COSE_Sign1 whose payload is detached)
   * @returns {{value: any, end: number}}
   */
  function first(bytes, options = {}) {
    const reader = new Reader(bytes, options);
    const value = reader.item(0);
    return { value, end: reader.at };
  }

  /** The one item that the bytes are. Refuses with `not-cbor` or `not-deterministic`. See `first`. */
  function decode(bytes, options = {}) {
    const { value, end } = first(bytes, options);
    if (end !== bytes.length) malformed('bytes behind the item');
    return value;
  }

  function encodeHead(major, argument) {
    const value = BigInt(argument);
    if (value < 24n) return Uint8Array.of((major << 5) | Number(value));
    const step = value < 256n ? 0 : value < 65536n ? 1 : value < 4294967296n ? 2 : 3;
    return glasshouse.bytes.concat(Uint8Array.of((major << 5) | (24 + step)), glasshouse.bytes.bigEndian(value, 1 << step));
  }

  /** The bytes of a value: the inverse of `decode`. Takes what `decode` gives. @returns {Uint8Array} */
  function encode(value) {
    const { concat, join, compare, utf8 } = glasshouse.bytes;
    if (isInteger(value)) return value < 0 ? encodeHead(1, -1n - BigInt(value)) : encodeHead(0, value);
    if (value instanceof Uint8Array) return concat(encodeHead(2, value.length), value);
    if (typeof value === 'string') return concat(encodeHead(3, utf8(value).length), utf8(value));
    if (Array.isArray(value)) return join([encodeHead(4, value.length), ...value.map(encode)]);
    if (value instanceof Map) {
      const members = [...value].map(([key, member]) => [encode(key), encode(member)]).sort((a, b) => compare(a[0], b[0]));
      return join([encodeHead(5, members.length), ...members.flat()]);
    }
    if (value instanceof Tagged) return concat(encodeHead(6, value.tag), encode(value.value));
    if (typeof value === 'boolean') return Uint8Array.of(value ? 0xf5 : 0xf4);
    if (value === null) return Uint8Array.of(0xf6);
    throw new TypeError('a value that CBOR of these formats cannot hold');
  }

  glasshouse.cbor = { Tagged, first, decode, encode, isInteger };
})(globalThis.glasshouse ??= {});
