// The form of evidence: JSON in one spelling (spec/evidence.md, "Format").
(function (glasshouse) {
  'use strict';

  const RULE = 'evidence-format';
  const FORMAT = 'glasshouse-evidence/1';
  /** The largest file, in bytes of UTF-8. */
  const MAX_EVIDENCE = 16 * 1024 * 1024;
  /** Hashes of a consistency proof with its first node written out. */
  const MAX_FORK_PATH = 54;

  /** @typedef {{checkpoint: string, index: number, entry: Uint8Array, path: Uint8Array[]}} Placed an entry in its tree, not verified */

  function demand(holds, message) {
    glasshouse.demand(holds, RULE, message);
  }

  function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  }

  function demandMembers(value, names) {
    const found = isObject(value) ? Object.keys(value) : [];
    demand(found.length === names.length && names.every((name, i) => found[i] === name), `not exactly ${names.join(', ')}`);
  }

  function text(value) {
    demand(typeof value === 'string' && glasshouse.bytes.isUnicode(value), 'a member that is no text');
    return value;
  }

  function bytes(value, most = MAX_EVIDENCE) {
    const decoded = typeof value === 'string' ? glasshouse.bytes.fromBase64(value) : null;
    demand(decoded !== null && decoded.length <= most, 'bytes that are not in canonical base64, or too many');
    return decoded;
  }

  function path(value, most) {
    demand(Array.isArray(value) && value.length <= most, 'a path that is no list of hashes, or too long');
    const hashes = value.map((hash) => bytes(hash));
    demand(hashes.every((hash) => hash.length === 32), 'a hash that is not 32 bytes');
    return hashes;
  }

  /** @returns {Placed} */
  function placed(value) {
    demandMembers(value, ['checkpoint', 'index', 'entry', 'path']);
    demand(glasshouse.tree.isSize(value.index), 'an index that is none');
    return {
      checkpoint: text(value.checkpoint), index: value.index, entry: bytes(value.entry, glasshouse.entry.MAX_ENTRY), path: path(value.path, glasshouse.tree.MAX_PATH),
    };
  }

  /** A list of at most one receipt. @returns {string[]} */
  function enrolments(value) {
    demand(Array.isArray(value) && value.length <= 1, 'more than one receipt of an enrolment');
    return value.map(text);
  }

  /** kind -> its further members, each with its reader, in their order */
  const KINDS = {
    fork: { old: text, new: text, path: (value) => path(value, MAX_FORK_PATH) },
    'rewritten-entry': { one: placed, other: placed },
    'bad-entry': { at: placed, enrolments },
    'double-statement': { receipt: text, statement: bytes, enrolments },
  };

  /** Takes evidence apart (step 1). @param {string} given @returns {object} `kind`, `log`, and the members of the kind */
  function parse(given) {
    demand(given.length <= MAX_EVIDENCE && glasshouse.bytes.utf8(given).length <= MAX_EVIDENCE, 'more than 16 MiB');
    const whole = glasshouse.jsonHead.parse(given, RULE);
    const { format, kind, log } = whole;
    if (format !== FORMAT) {
      glasshouse.jsonHead.demandTexts(whole, given, ['format'], RULE);
      glasshouse.jsonHead.notUnderstood('another format of evidence');
    }
    if (!Object.hasOwn(KINDS, kind)) {
      glasshouse.jsonHead.demandTexts(whole, given, ['format', 'kind', 'log'], RULE);
      glasshouse.jsonHead.notUnderstood('another kind of evidence');
    }
    const members = KINDS[kind];
    demandMembers(whole, ['format', 'kind', 'log', ...Object.keys(members)]);
    const read = Object.entries(members).map(([name, reader]) => [name, reader(whole[name])]);
    const evidence = { kind, log: text(log), ...Object.fromEntries(read) };
    demand(JSON.stringify(whole) === given, 'another spelling than the one that is allowed');
    return evidence;
  }

  glasshouse.evidenceForm = { FORMAT, parse };
})(globalThis.glasshouse ??= {});
