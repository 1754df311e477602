// Signed notes and verification keys (c2sp.org/signed-note; spec/log.md, "Notes and keys").
(function (glasshouse) {
  'use strict';

  /** The largest note. */
  const MAX_NOTE = 256 * 1024;
  const MAX_SIGNATURES = 64;
  /** Types of keys: of a log, of a witness, and of either with ML-DSA-44. */
  const LOG = 1;
  const WITNESS = 4;
  const ML_DSA = 6;
  const KEY_LENGTHS = new Map([[LOG, 32], [WITNESS, 32], [ML_DSA, 1312]]);
  const SPACE_OR_PLUS = /[\p{White_Space}+]/u;
  const KEY_ID = /^[0-9a-f]{8}$/;
  const CONTROL = /[\x00-\x09\x0b-\x1f]/;
  const SIGNATURE_LINE = /^\u2014 ([^ ]+) ([A-Za-z0-9+/=]+)$/;

  /** @typedef {{name: string, id: string, alg: number, key: Uint8Array, text: string}} Vkey `text` is its spelling */
  /** @typedef {{name: string, id: string, bytes: Uint8Array}} Line `bytes`: what stands behind the id */
  /** @typedef {{text: string, lines: Line[]}} Note not verified; `text` ends in a newline */

  function isName(name) {
    const length = glasshouse.bytes.utf8(name).length;
    return length >= 1 && length <= 255 && !SPACE_OR_PLUS.test(name) && !CONTROL.test(name) && glasshouse.bytes.isUnicode(name);
  }

  /** A verification key. @param {string} text @returns {Promise<Vkey>} */
  async function parseVkey(text) {
    const { bytes, demand } = glasshouse;
    const [name, id, ...rest] = text.split('+');
    demand(rest.length > 0 && isName(name) && KEY_ID.test(id), 'vkey', 'not name+id+key');
    const typed = bytes.fromBase64(rest.join('+'));
    demand(typed !== null && typed.length > 0, 'vkey', 'the key is not in canonical base64');
    const [alg, key] = [typed[0], typed.subarray(1)];
    demand(KEY_LENGTHS.get(alg) === key.length, 'vkey', 'a key of another type or length');
    const hash = await glasshouse.sha256(bytes.concat(bytes.utf8(`${name}\n`), typed));
    demand(bytes.toHex(hash.subarray(0, 4)) === id, 'vkey', 'the id is another key\'s');
    if (alg !== ML_DSA) glasshouse.ed25519.checkKey(key);
    return { name, id, alg, key, text };
  }

  function parseLine(text) {
    const match = SIGNATURE_LINE.exec(text);
    glasshouse.demand(match !== null && isName(match[1]), 'note-format', 'not a signature line');
    const decoded = glasshouse.bytes.fromBase64(match[2]);
    glasshouse.demand(decoded !== null && decoded.length > 4, 'note-format', 'a signature that is not in canonical base64, or has no bytes');
    return { name: match[1], id: glasshouse.bytes.toHex(decoded.subarray(0, 4)), bytes: decoded.subarray(4) };
  }

  /** Takes a note apart. @param {Uint8Array} bytes @returns {Note} */
  function parse(bytes) {
    const { demand } = glasshouse;
    demand(bytes.length <= MAX_NOTE, 'note-format', 'a note of more than 256 KiB');
    const whole = glasshouse.bytes.text(bytes);
    demand(whole !== null && !CONTROL.test(whole), 'note-format', 'not UTF-8, or with a control character');
    const blank = whole.lastIndexOf('\n\n');
    demand(blank >= 0 && whole.endsWith('\n'), 'note-format', 'no blank line, or no newline at the end');
    const lines = whole.slice(blank + 2).split('\n').slice(0, -1);
    demand(lines.length >= 1 && lines.length <= MAX_SIGNATURES, 'note-format', 'not 1 to 64 signatures');
    return { text: whole.slice(0, blank + 1), lines: lines.map(parseLine) };
  }

  /** The line of a key, or null if there is none. One key signs once. @param {Note} note @param {Vkey} key @returns {Line | null} */
  function lineOf(note, key) {
    const lines = note.lines.filter((line) => line.name === key.name && line.id === key.id);
    glasshouse.demand(lines.length <= 1, 'note-format', 'one key signed twice');
    return lines[0] ?? null;
  }

  /** Whether a key's line holds over the note's text. @param {Note} note @param {Vkey} key @param {Line} line */
  async function holds(note, key, line) {
    if (key.alg !== LOG) return (await glasshouse.cosignature.timeOf(note, key, line)) !== null;
    return glasshouse.ed25519.verify(key.key, line.bytes, glasshouse.bytes.utf8(note.text));
  }

  /** Those of some keys that signed a note. One line that does not hold refuses it. @param {Note} note @param {Vkey[]} keys */
  async function signersOf(note, keys) {
    const signers = [];
    for (const key of keys) {
      const line = lineOf(note, key);
      if (line === null) continue;
      glasshouse.demand(await holds(note, key, line), 'bad-signature', `the signature of ${key.name} does not hold`);
      signers.push(key);
    }
    return signers;
  }

  /** As `signersOf`, and at least one of the keys signed. */
  async function verify(note, keys) {
    const signers = await signersOf(note, keys);
    glasshouse.demand(signers.length > 0, 'unknown-key', 'no known key signed the note');
    return signers;
  }

  glasshouse.note = { LOG, WITNESS, ML_DSA, parseVkey, parse, lineOf, signersOf, verify };
})(globalThis.glasshouse ??= {});
