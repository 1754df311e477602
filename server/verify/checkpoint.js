// Checkpoints (c2sp.org/tlog-checkpoint; spec/log.md, "Checkpoints").
(function (glasshouse) {
  'use strict';

  const SIZE = /^(?:0|[1-9][0-9]{0,15})$/;

  /** @typedef {{origin: string, size: number, root: Uint8Array}} Checkpoint */

  /** Size and root of the lines behind an origin, or null. */
  async function sizeAndRoot(sizeLine, rootLine) {
    const [size, root] = [SIZE.test(sizeLine) ? Number(sizeLine) : -1, glasshouse.bytes.fromBase64(rootLine)];
    if (!glasshouse.tree.isSize(size) || root?.length !== 32) return null;
    if (size === 0 && !glasshouse.bytes.equal(root, await glasshouse.tree.emptyRoot())) return null;
    return { size, root };
  }

  /** The checkpoint that a text of exactly three lines is. @param {string} text @returns {Promise<Checkpoint>} */
  async function parse(text) {
    const lines = text.split('\n');
    const three = lines.length === 4 && lines[3] === '' && glasshouse.names.isOrigin(lines[0]);
    const rest = three ? await sizeAndRoot(lines[1], lines[2]) : null;
    glasshouse.demand(rest !== null, 'checkpoint-format', 'not the three lines of a checkpoint: origin, size, root');
    return { origin: lines[0], ...rest };
  }

  /** The first three lines of any log's text, or null: an origin of whatever characters. @returns {Promise<Checkpoint | null>} */
  async function parseForeign(text) {
    const lines = text.split('\n');
    const length = glasshouse.bytes.utf8(lines[0]).length;
    if (lines.length < 4 || length < 1 || length > 255) return null;
    const rest = await sizeAndRoot(lines[1], lines[2]);
    return rest && { origin: lines[0], ...rest };
  }

  /** The checkpoint of a parsed note under the log's key of type 1. @returns {Promise<Checkpoint>} */
  async function openNote(note, key) {
    glasshouse.demand(key.alg === glasshouse.note.LOG, 'vkey', 'a log\'s checkpoint is opened with a key of type 1');
    await glasshouse.note.verify(note, [key]);
    const checkpoint = await parse(note.text);
    glasshouse.demand(checkpoint.origin === key.name, 'wrong-origin', 'the checkpoint of another log than the key\'s');
    return checkpoint;
  }

  /** The same of the bytes of a note. */
  async function open(bytes, key) {
    return openNote(glasshouse.note.parse(bytes), key);
  }

  glasshouse.checkpoint = { parse, parseForeign, openNote, open };
})(globalThis.glasshouse ??= {});
