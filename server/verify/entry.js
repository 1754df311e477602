// Entries: a statement, and the index of its addenda's digests (spec/entry.md, "Entry").
(function (glasshouse) {
  'use strict';

  /** The longest entry: a bundle gives its length in two bytes. */
  const MAX_ENTRY = 65535;

  /** @typedef {{bytes: Uint8Array, statement: object, offsets: number[]}} Entry */

  /** Where in a statement the digests of its addenda begin, ascending. They are views into it. */
  function offsetsOf({ bytes, payload }) {
    return [...payload.get('addenda').values()].map((digest) => digest.byteOffset - bytes.byteOffset).sort((a, b) => a - b);
  }

  /** The entry of a statement. @param {object} statement @returns {Uint8Array} */
  function encode(statement) {
    const { concat, bigEndian } = glasshouse.bytes;
    const offsets = offsetsOf(statement);
    return concat(statement.bytes, ...offsets.map((offset) => bigEndian(offset, 4)), Uint8Array.of(offsets.length));
  }

  /** Takes an entry apart: everything but its signature. @param {Uint8Array} bytes @returns {Promise<Entry>} */
  async function parse(bytes) {
    glasshouse.demand(bytes.length <= MAX_ENTRY, 'entry-too-large', 'an entry of more than 65,535 bytes'); // 1
    const { end } = glasshouse.cbor.first(bytes, { tagged: true });
    const statement = await glasshouse.statement.parse(bytes.subarray(0, end)); // 2
    glasshouse.demand(glasshouse.bytes.equal(bytes, encode(statement)), 'offsets', 'the index is not that of the statement'); // 3
    return { bytes, statement, offsets: offsetsOf(statement) };
  }

  glasshouse.entry = { MAX_ENTRY, encode, parse };
})(globalThis.glasshouse ??= {});
