// The form of a receipt: JSON in one spelling (spec/receipt.md, "Format").
(function (glasshouse) {
  'use strict';

  const RULE = 'receipt-format';
  const FORMAT = 'glasshouse-receipt/1';
  /** The largest receipt, in bytes of UTF-8. */
  const MAX_RECEIPT = 48 * 1024 * 1024;
  const MAX_ENTRIES = 64;
  const MAX_ADDENDA = 32;
  const HASH_LENGTH = 32;

  /** @typedef {{index: number, entry: Uint8Array, path: Uint8Array[]}} Item */
  /** @typedef {{checkpoint: string, items: Item[], addenda: Uint8Array[]}} Receipt not verified */

  function demand(holds, message) {
    glasshouse.demand(holds, RULE, message);
  }

  function hasMembers(value, names) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const found = Object.keys(value);
    return found.length === names.length && names.every((name, i) => found[i] === name);
  }

  function bytesOf(value, most) {
    const bytes = typeof value === 'string' ? glasshouse.bytes.fromBase64(value) : null;
    demand(bytes !== null && bytes.length <= most, 'bytes that are not in canonical base64, or too many');
    return bytes;
  }

  function parseItem(item) {
    demand(hasMembers(item, ['index', 'entry', 'path']), 'an entry that is not exactly index, entry, path');
    demand(glasshouse.tree.isSize(item.index) && item.index < glasshouse.MAX_INTEGER, 'an index that is none');
    demand(Array.isArray(item.path) && item.path.length <= glasshouse.tree.MAX_PATH, 'a path that is no list of up to 53 hashes');
    const path = item.path.map((hash) => bytesOf(hash, HASH_LENGTH));
    demand(path.every((hash) => hash.length === HASH_LENGTH), 'a hash that is not 32 bytes');
    return { index: item.index, entry: bytesOf(item.entry, glasshouse.entry.MAX_ENTRY), path };
  }

  /** Takes a receipt apart (step 1). @param {string} text @returns {Receipt} */
  function parse(text) {
    demand(text.length <= MAX_RECEIPT && glasshouse.bytes.utf8(text).length <= MAX_RECEIPT, 'more than 48 MiB');
    const whole = glasshouse.jsonHead.parse(text, RULE);
    if (whole.format !== FORMAT) {
      glasshouse.jsonHead.demandTexts(whole, text, ['format'], RULE);
      glasshouse.jsonHead.notUnderstood('another version of receipt');
    }
    demand(hasMembers(whole, ['format', 'checkpoint', 'entries', 'addenda']), 'not exactly format, checkpoint, entries, addenda');
    const { checkpoint, entries, addenda } = whole;
    demand(typeof checkpoint === 'string' && glasshouse.bytes.isUnicode(checkpoint), 'a checkpoint that is no text');
    demand(Array.isArray(entries) && entries.length >= 1 && entries.length <= MAX_ENTRIES, 'not 1 to 64 entries');
    demand(Array.isArray(addenda) && addenda.length <= MAX_ADDENDA, 'not up to 32 addenda');
    const receipt = { checkpoint, items: entries.map(parseItem), addenda: addenda.map((text) => bytesOf(text, glasshouse.addendum.MAX_ADDENDUM)) };
    demand(JSON.stringify(whole) === text, 'another spelling than the one that is allowed');
    return receipt;
  }

  glasshouse.receiptForm = { FORMAT, MAX_RECEIPT, parse };
})(globalThis.glasshouse ??= {});
