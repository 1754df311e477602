// What a statement about earlier ones names: leaf hashes, and ranges of numbers (spec/lifecycle.md, "Format: targets").
(function (glasshouse) {
  'use strict';

  /** Targets of one statement. */
  const MAX_TARGETS = 1000;
  /** Numbers in one range. */
  const MAX_WIDTH = 1048576;

  /** One target by itself. */
  function judgeOne(value, path, errors, context) {
    const { mapOf, digest, positive } = glasshouse.fieldForm;
    const named = value instanceof Map && value.has('entry');
    const form = named ? mapOf({ entry: digest }) : mapOf({ first: positive, last: positive });
    const right = form(value, path, errors, context);
    if (named || !(value instanceof Map)) return right;
    const [first, last] = [value.get('first'), value.get('last')];
    const inRange = (number) => Number.isSafeInteger(number) && number >= 1;
    if (!inRange(first) || !inRange(last) || (first <= last && last - first < MAX_WIDTH)) return right;
    return errors.add(glasshouse.pointer(path, 'last'), 'out-of-range');
  }

  /** The rule that an entry breaks behind those before it, or null. */
  function entryOutOfOrder(entry, entries, ranges) {
    if (entries.includes(entry)) return 'duplicate';
    return ranges.length > 0 || (entries.length > 0 && entry < entries.at(-1)) ? 'not-sorted' : null;
  }

  /** The rule that a range breaks behind those before it, or null. */
  function rangeOutOfOrder({ first, last }, ranges) {
    if (ranges.some((range) => first <= range.last && last >= range.first)) return 'duplicate';
    return ranges.length > 0 && first < ranges.at(-1).first ? 'not-sorted' : null;
  }

  /** The form `targets`: entries, then ranges, both ascending. The order is judged where every element is right by itself. */
  function judge(value, path, errors, context) {
    if (!Array.isArray(value)) return errors.add(path, 'wrong-type');
    if (value.length === 0) return errors.add(path, 'empty');
    if (value.length > MAX_TARGETS) return errors.add(path, 'too-long');
    const right = value.map((item, at) => judgeOne(item, glasshouse.pointer(path, at), errors, context));
    if (right.includes(false)) return false;
    const [entries, ranges] = [[], []];
    for (const [at, target] of parse(value).entries()) {
      const rule = target.entry === undefined ? rangeOutOfOrder(target, ranges) : entryOutOfOrder(target.entry, entries, ranges);
      if (rule !== null) return errors.add(glasshouse.pointer(path, at), rule);
      if (target.entry === undefined) ranges.push(target);
      else entries.push(target.entry);
    }
    return true;
  }

  /** The targets of a right list: `{entry}`, a leaf hash in hex, or `{first, last}`. @param {Map[]} value */
  function parse(value) {
    return value.map((target) =>
      target.has('entry') ? { entry: glasshouse.bytes.toHex(target.get('entry')) } : { first: target.get('first'), last: target.get('last') });
  }

  glasshouse.targets = { judge, parse };
})(globalThis.glasshouse ??= {});
