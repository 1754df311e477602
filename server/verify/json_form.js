// A field's value as JSON says it (spec/authoring.md, "Values"; spec/README.md, "How to read a page").
(function (glasshouse) {
  'use strict';

  /** Members that are instants, wherever they stand. */
  const INSTANTS = new Set(['issued', 'received', 'deadline', 'fetched_at']);

  /** RFC 3339 text of whole seconds since 1970. @param {number} seconds 0 to 253402300799 */
  function instant(seconds) {
    return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
  }

  /** A decoded value, with bytes in hex and instants by their names. */
  function plain(value, name) {
    if (value instanceof Uint8Array) return glasshouse.bytes.toHex(value);
    if (Array.isArray(value)) return value.map((item) => plain(item, null));
    if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item, key)]));
    return INSTANTS.has(name) ? instant(value) : value;
  }

  /** The value of a field of an entry. @param {string} field @param {any} value as decoded, and right */
  function of(field, value) {
    return glasshouse.tables.fields[field].form === 'instant' ? instant(value) : plain(value, null);
  }

  glasshouse.jsonForm = { of, instant };
})(globalThis.glasshouse ??= {});
