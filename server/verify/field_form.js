// The forms that a field's value can have (spec/payload.md, "Forms").
//
// A judge gets a value, its path, the errors so far and a context; it gives whether the value is right, and adds what is wrong.
// The context is { vocabulary, vkeys }: the version that judges codes, and those texts of the payload that are vkeys.
(function (glasshouse) {
  'use strict';

  /** The end of the year 9999, in seconds since 1970. */
  const MAX_INSTANT = 253402300799;
  /** Characters of an organisation's name. */
  const MAX_NAME = 200;
  /** Bytes of a note in a `tick`. */
  const MAX_NOTE = 32 * 1024;
  /** Keys in one list. */
  const MAX_KEYS = 16;
  /** Relations in one statement. */
  const MAX_RELATIONS = 64;
  /** Names of texts in one statement: as many texts as one has. */
  const MAX_TEXT_NAMES = 32;
  /** Names that one amendment can take away. */
  const MAX_FIELD_NAMES = 128;
  /** Each month's days. */
  const MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

  const { pointer, tables } = glasshouse;
  const sets = new Map(Object.entries(tables.codes).map(([name, codes]) => [name, new Set(codes)]));
  const isText = (value) => typeof value === 'string';
  const isBytes = (value) => value instanceof Uint8Array;

  /** Whether a check refuses nothing. */
  function holds(check) {
    try {
      check();
      return true;
    } catch (refusal) {
      if (refusal instanceof glasshouse.Refusal) return false;
      throw refusal;
    }
  }

  /** Names of addenda. */
  const textNames = new Set(Object.keys(tables.fields).filter((name) => tables.fields[name].place === 'addendum'));
  /** What an amendment can take away: optional in a decision or a refusal, required in neither; but not `subject`. */
  const removable = (function () {
    const types = [tables.types.decision, tables.types.no_action];
    const named = (...parts) => types.flatMap((type) => parts.flatMap((part) => type[part]));
    const required = new Set([...named('required', 'required_addenda'), 'subject']);
    return new Set(named('optional', 'optional_addenda').filter((name) => !required.has(name)));
  })();

  /** The set that judges a code: of the two versions of the European vocabulary, the statement's own. */
  function codeSet(name, vocabulary) {
    return (vocabulary === 'dsa-tdb/1' && sets.get(`${name}_v1`)) || sets.get(name);
  }

  /** The form of integers from `least` to `greatest`. */
  function integers(least, greatest) {
    return (value, path, errors) => {
      if (!glasshouse.cbor.isInteger(value)) return errors.add(path, 'wrong-type');
      return (value >= least && value <= greatest) || errors.add(path, 'out-of-range');
    };
  }

  /** The form of byte strings for which `isRight` holds. */
  function bytesOf(isRight) {
    return (value, path, errors) => {
      if (!isBytes(value)) return errors.add(path, 'wrong-type');
      return isRight(value) || errors.add(path, 'grammar');
    };
  }

  /** The form of texts for which `isRight` holds. */
  function textOf(isRight) {
    return (value, path, errors, context) => {
      if (!isText(value)) return errors.add(path, 'wrong-type');
      return isRight(value, context) || errors.add(path, 'grammar');
    };
  }

  /** The form of one code of a set. */
  function codeOf(name) {
    return (value, path, errors, { vocabulary }) => {
      if (!isText(value)) return errors.add(path, 'wrong-type');
      return codeSet(name, vocabulary).has(value) || errors.add(path, 'not-a-code');
    };
  }

  /** The form of sets of known names. One error stands at the field, the first of these. */
  function setOf(isKnown, greatest) {
    return (value, path, errors, { vocabulary }) => {
      if (!Array.isArray(value) || !value.every(isText)) return errors.add(path, 'wrong-type');
      if (value.length === 0) return errors.add(path, 'empty');
      if (value.length > greatest) return errors.add(path, 'too-long');
      if (!value.every((item) => isKnown(item, vocabulary))) return errors.add(path, 'not-a-code');
      if (new Set(value).size < value.length) return errors.add(path, 'duplicate');
      // Known names are ASCII, so code units stand in the order of bytes.
      return value.every((item, at) => at === 0 || value[at - 1] < item) || errors.add(path, 'not-sorted');
    };
  }

  /** The form of lists in the author's order. An element with the key of one before it repeats that one; null is no key. */
  function listOf(judge, greatest, key) {
    return (value, path, errors, context) => {
      if (!Array.isArray(value)) return errors.add(path, 'wrong-type');
      if (value.length === 0) return errors.add(path, 'empty');
      if (value.length > greatest) return errors.add(path, 'too-long');
      const seen = new Set();
      let right = true;
      for (const [at, item] of value.entries()) {
        const [here, own] = [pointer(path, at), key(item)];
        right = judge(item, here, errors, context) && right;
        if (own !== null && seen.has(own)) right = errors.add(here, 'duplicate');
        seen.add(own);
      }
      return right;
    };
  }

  /** The form of maps that have every member of `required`, and may have those of `optional`. */
  function mapOf(required, optional = {}) {
    const judges = new Map([...Object.entries(required), ...Object.entries(optional)]);
    return (value, path, errors, context) => {
      if (!(value instanceof Map) || ![...value.keys()].every(isText)) return errors.add(path, 'wrong-type');
      let right = true;
      for (const [name, item] of value) {
        const here = pointer(path, name);
        const holds = judges.has(name) ? judges.get(name)(item, here, errors, context) : errors.add(here, 'unknown-field');
        right = holds && right;
      }
      for (const name of Object.keys(required)) if (!value.has(name)) right = errors.add(pointer(path, name), 'required');
      return right;
    };
  }

  function day(value, path, errors) {
    if (!isText(value)) return errors.add(path, 'wrong-type');
    const parts = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(value);
    if (parts === null) return errors.add(path, 'grammar');
    const [year, month, of] = parts.slice(1).map(Number);
    const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    if (month < 1 || month > 12 || of < 1 || of > MONTHS[month - 1] + Number(leap)) return errors.add(path, 'grammar');
    return (year >= 1990 && year <= 2099) || errors.add(path, 'out-of-range');
  }

  function name(value, path, errors) {
    if (!isText(value)) return errors.add(path, 'wrong-type');
    if (value === '') return errors.add(path, 'empty');
    if ([...value].length > MAX_NAME) return errors.add(path, 'too-long');
    const wrong = /[\u0000-\u001f\u007f-\u009f]/.test(value) || value.startsWith(' ') || value.endsWith(' ');
    return !wrong || errors.add(path, 'grammar');
  }

  function note(value, path, errors) {
    if (!isText(value)) return errors.add(path, 'wrong-type');
    if (glasshouse.bytes.utf8(value).length > MAX_NOTE) return errors.add(path, 'too-long');
    return value.endsWith('\n') || errors.add(path, 'grammar');
  }

  const { toHex } = glasshouse.bytes;
  const instant = integers(0, MAX_INSTANT);
  const positive = integers(1, glasshouse.MAX_INTEGER);
  const count = integers(0, glasshouse.MAX_INTEGER);
  const digest = bytesOf((value) => value.length === 32);
  const coseKey = bytesOf((value) => holds(() => glasshouse.coseKey.parse(value)));
  const coseSign1 = bytesOf((value) => value[0] === 0xd2 && value[1] === 0x84);
  const origin = textOf((value) => glasshouse.names.isOrigin(value));
  const order = mapOf(
    { authority_kind: codeOf('authority_kind'), country: codeOf('country') },
    { issued: instant, received: instant, deadline: instant },
  );
  const relation = mapOf({ relation: codeOf('relation') }, { entry: digest });
  const relationKey = (item) => (item instanceof Map && item.has('entry') ? toHex(glasshouse.cbor.encode(item)) : null);
  const cosigned = mapOf({ cosigned: coseSign1 });
  const wellKnown = mapOf({ well_known: digest, fetched_at: instant });

  /** The forms that need no code set, by their names. */
  const forms = {
    day,
    instant,
    positive,
    count,
    digest,
    content_id: mapOf({ 'EAN-13': textOf((value) => /^[0-9]{13}$/.test(value)) }),
    legal_basis: mapOf(
      { kind: codeOf('legal_basis_kind') },
      { jurisdiction: codeOf('jurisdiction'), statute_id: textOf((value) => /^[A-Za-z0-9:./()_-]{1,128}$/.test(value)), order },
    ),
    relates_to: listOf(relation, MAX_RELATIONS, relationKey),
    attribution: mapOf({ kind: codeOf('attribution_kind') }),
    issuer: textOf((value) => glasshouse.names.isIssuer(value)),
    name,
    vkeys: listOf(textOf((value, { vkeys }) => vkeys.has(value)), MAX_KEYS, (item) => (isText(item) ? item : null)),
    cose_key: coseKey,
    cose_keys: listOf(coseKey, MAX_KEYS, (item) => (isBytes(item) ? toHex(item) : null)),
    cose_sign1: coseSign1,
    evidence: (value, ...rest) => (value instanceof Map && value.has('cosigned') ? cosigned : wellKnown)(value, ...rest),
    predecessor: mapOf({ origin, size: count, root: digest }),
    targets: (...given) => glasshouse.targets.judge(...given),
    text_names: setOf((item) => textNames.has(item), MAX_TEXT_NAMES),
    field_names: setOf((item) => removable.has(item), MAX_FIELD_NAMES),
    origin,
    note,
  };

  /** The judge of each field of entries. */
  const fields = new Map();
  for (const [field, { place, form, codes }] of Object.entries(tables.fields)) {
    if (place !== 'entry') continue;
    if (form === 'code') fields.set(field, codeOf(codes));
    else if (form === 'codes') fields.set(field, setOf((item, vocabulary) => codeSet(codes, vocabulary).has(item), Infinity));
    else fields.set(field, forms[form]);
  }

  /** The texts of a list of vkeys that are some: found before forms are judged, because it takes a hash. @returns {Promise<Set<string>>} */
  async function vkeysAmong(value) {
    const found = new Set();
    if (!Array.isArray(value) || value.length > MAX_KEYS) return found;
    for (const item of value.filter(isText)) {
      try {
        found.add((await glasshouse.note.parseVkey(item)).text);
      } catch (refusal) {
        if (!(refusal instanceof glasshouse.Refusal)) throw refusal;
      }
    }
    return found;
  }

  glasshouse.fieldForm = { fields, vkeysAmong, codeOf, mapOf, isText, isBytes, day, digest, positive, MAX_KEYS };
})(globalThis.glasshouse ??= {});
