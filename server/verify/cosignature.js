// Cosignatures of witnesses, and of logs with their key of type 6 (c2sp.org/tlog-cosignature; spec/log.md, "Cosignatures").
(function (glasshouse) {
  'use strict';

  /** The greatest time: 2^63 - 1. */
  const MAX_TIME = (1n << 63n) - 1n;

  /** What a key of type 4 signs. */
  function witnessed(note, time) {
    return glasshouse.bytes.utf8(`cosignature/v1\ntime ${time}\n${note.text}`);
  }

  /** What a key of type 6 signs, or null below a text that is no log's checkpoint. */
  async function subtree(note, key, time) {
    const { utf8, concat, bigEndian } = glasshouse.bytes;
    const checkpoint = await glasshouse.checkpoint.parseForeign(note.text);
    if (checkpoint === null) return null;
    const behindLength = (text) => concat(Uint8Array.of(utf8(text).length), utf8(text));
    return concat(
      utf8('subtree/v1\n\0'), behindLength(key.name), bigEndian(time, 8), behindLength(checkpoint.origin),
      bigEndian(0, 8), bigEndian(checkpoint.size, 8), checkpoint.root,
    );
  }

  /**
   * When a line of a key of type 4 or 6 was signed, in seconds since 1970, or null if it does not hold.
   * @returns {Promise<bigint | null>} 1 to 2^63 - 1
   */
  async function timeOf(note, key, line) {
    const [head, signature] = [line.bytes.subarray(0, 8), line.bytes.subarray(8)];
    const time = glasshouse.bytes.fromBigEndian(head);
    if (head.length !== 8 || time < 1n || time > MAX_TIME) return null;
    if (key.alg === glasshouse.note.WITNESS) {
      return (await glasshouse.ed25519.verify(key.key, signature, witnessed(note, time))) ? time : null;
    }
    const message = await subtree(note, key, time);
    return message !== null && glasshouse.mlDsa.verify(key.key, signature, message) ? time : null;
  }

  /** When a cosigner signed this checkpoint. Refuses if it did not. @param {Uint8Array} bytes a note */
  async function verify(bytes, key) {
    glasshouse.demand(key.alg !== glasshouse.note.LOG, 'vkey', 'a cosigner has a key of type 4 or 6');
    const note = glasshouse.note.parse(bytes);
    await glasshouse.note.verify(note, [key]);
    await glasshouse.checkpoint.parse(note.text);
    return glasshouse.bytes.fromBigEndian(glasshouse.note.lineOf(note, key).bytes.subarray(0, 8));
  }

  glasshouse.cosignature = { timeOf, verify };
})(globalThis.glasshouse ??= {});
