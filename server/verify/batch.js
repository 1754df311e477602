// The body of a submission (spec/http.md): `[[statement, [addendum …]] …]`.
(function (glasshouse) {
  'use strict';

  const MAX_ITEMS = 1000;

  const isBytes = (value) => value instanceof Uint8Array;

  function isItem(item) {
    return Array.isArray(item) && item.length === 2 && isBytes(item[0]) && Array.isArray(item[1]) && item[1].every(isBytes);
  }

  /** The items of a body; nothing is looked into. @param {Uint8Array} body @returns {{statement: Uint8Array, addenda: Uint8Array[]}[]} */
  function parse(body) {
    const items = glasshouse.cbor.decode(body);
    glasshouse.demand(Array.isArray(items), 'bad-request', 'not an array');
    glasshouse.demand(items.length >= 1 && items.length <= MAX_ITEMS, 'batch-size', 'not 1 to 1,000 statements');
    glasshouse.demand(items.every(isItem), 'bad-request', 'an item that is not a statement and its texts');
    return items.map(([statement, addenda]) => ({ statement, addenda }));
  }

  glasshouse.batch = { parse };
})(globalThis.glasshouse ??= {});
