// Addenda: the texts beside a statement (spec/entry.md, "Addendum" and "Values").
(function (glasshouse) {
  'use strict';

  const RULE = 'addendum-invalid';
  const MAX_ADDENDUM = 1024 * 1024;
  const SALT_LENGTH = 16;
  const MAX_TEXTS = 1000;
  const MAX_URIS = 64;
  const PUID = /^[A-Za-z0-9_-]+$/;
  const URL_START = /^https?:\/\//;
  const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
  const CONTROL_BUT_TAB_AND_LINE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

  /** @typedef {{salt: Uint8Array, aud: string, iss: string, sequence: number, field: string, value: any, bytes: Uint8Array}} Addendum */

  /** Whether a value has at most so many characters, and is neither empty nor with a control character. */
  function isLine(value, most, control) {
    if (typeof value !== 'string' || value === '' || control.test(value)) return false;
    return value.length <= most || [...value].length <= most;
  }

  const isText = (value, most) => isLine(value, most, CONTROL_BUT_TAB_AND_LINE);
  const isUrl = (value, most) => isLine(value, most, CONTROL) && URL_START.test(value);
  const isBytes = (value, least, most) => value instanceof Uint8Array && value.length >= least && value.length <= most;

  function isSortedSet(texts) {
    const spelled = texts.map(glasshouse.bytes.utf8);
    return spelled.every((text, i) => i === 0 || glasshouse.bytes.compare(spelled[i - 1], text) < 0);
  }

  function isList(value, most, isItem) {
    return Array.isArray(value) && value.length >= 1 && value.length <= most && value.every(isItem);
  }

  /** form -> whether a value is of it */
  const FORMS = {
    text: isText,
    url: isUrl,
    puid: (value, most) => isLine(value, most, CONTROL) && PUID.test(value),
    texts: (value, most) => isList(value, MAX_TEXTS, (item) => isText(item, most)) && isSortedSet(value),
    uris: (value, most) => isList(value, MAX_URIS, (item) => isUrl(item, most)),
    digest32: (value) => isBytes(value, 32, 32),
    sealed: (value, most) => isBytes(value, 1, most),
    statement: (value, most) => isBytes(value, 1, most) && value[0] === 0xd2 && value[1] === 0x84,
  };

  /** An addendum that is right by itself. @param {Uint8Array} bytes @returns {Addendum} */
  function parse(bytes) {
    const { tree, names } = glasshouse;
    const demand = (holds, message) => glasshouse.demand(holds, RULE, message);
    demand(bytes.length <= MAX_ADDENDUM, 'more than 1 MiB'); // 1
    const parts = glasshouse.cbor.decode(bytes);
    demand(Array.isArray(parts) && parts.length === 6, 'not an array of six'); // 2
    const [salt, aud, iss, sequence, field, value] = parts;
    demand(isBytes(salt, SALT_LENGTH, SALT_LENGTH), 'the salt is not 16 bytes');
    demand(names.isOrigin(aud) && names.isIssuer(iss), 'no origin, or no issuer');
    demand(tree.isSize(sequence) && sequence >= 1, 'no number of a statement');
    const known = typeof field === 'string' && Object.hasOwn(glasshouse.tables.fields, field) ? glasshouse.tables.fields[field] : null;
    demand(known?.place === 'addendum', 'not a field of an addendum');
    demand(FORMS[known.form](value, known.max), `not a value of ${field}`);
    return { salt, aud, iss, sequence, field, value, bytes };
  }

  /** Refuses unless an addendum belongs to a statement. @param {Addendum} addendum @param {object} statement */
  async function checkOwner(addendum, statement) {
    const demand = (holds, message) => glasshouse.demand(holds, 'addendum-mismatch', message);
    demand(addendum.aud === statement.aud, 'the text of another log'); // 3
    demand(addendum.iss === statement.iss, 'the text of another issuer');
    demand(addendum.sequence === statement.sequence, 'the text of another statement');
    const committed = statement.payload.get('addenda').get(addendum.field);
    const digest = await glasshouse.sha256(addendum.bytes);
    demand(committed !== undefined && glasshouse.bytes.equal(committed, digest), 'another text than the statement commits to'); // 4
    if (addendum.field === 'sealed_statement') await glasshouse.sealed.parse(addendum.value, statement); // 5
  }

  /** Refuses unless `relates_to_uri` has a text for each relation without an entry. @param {Addendum} addendum @param {Map} payload */
  function checkUris(addendum, payload) {
    if (addendum.field !== 'relates_to_uri' || !payload.has('relates_to')) return;
    const outside = payload.get('relates_to').filter((relation) => !relation.has('entry'));
    glasshouse.demand(addendum.value.length === outside.length, RULE, 'not one URI for each relation without an entry');
  }

  glasshouse.addendum = { MAX_ADDENDUM, parse, checkOwner, checkUris };
})(globalThis.glasshouse ??= {});
