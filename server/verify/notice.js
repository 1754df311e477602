// A notice that somebody was sent, held against the texts that are on record.
//
// Both are folded alike: invisible characters (INVISIBLE, below) are dropped, characters are composed (Unicode NFC), and every
// run of blanks and line ends is one blank; beside a character of a script that is written without blanks it is none. Nothing
// else is made the same: another quotation mark is another text. A text is looked for as it is, letter by letter; words matter
// only where a difference is to be shown.
(function (glasshouse) {
  'use strict';

  /** The longest notice that is compared, in characters. */
  const MAX_NOTICE = 200_000;
  /** How many pairs of words are looked at for one text, at most: a table of them is kept, two bytes for each. */
  const MAX_PAIRS = 24_000_000;
  /** How many steps are taken for all texts together, at most: about a second, in which the page stands still. A character or a pair of words is one. */
  const MAX_STEPS = 100_000_000;
  /** What it takes to look a word up, in steps. */
  const LOOK_UP = 16;
  /** How often a pair of words in a text is remembered. */
  const MAX_PLACES = 32;
  /** What share of a text's words a notice must have for "differs" to say more than "is not there". */
  const ALIKE = 0.4;
  /** Soft hyphen, zero-width space, marks of direction, word joiner, byte order mark: mail programs add and drop them. */
  const INVISIBLE = /[\u00ad\u200b\u200e\u200f\u2060\ufeff]/gu;
  const BLANKS = /[\s\u0085]+/gu;
  /** Characters beside which a blank means nothing: of scripts without blanks, and the full-width signs that go with them. */
  const UNSPACED = '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}\\u3001-\\u303f\\uff00-\\uffef]';
  const IDLE_BLANK = new RegExp(` (?=${UNSPACED})|(?<=${UNSPACED}) `, 'gu');
  /** A word: one character of a script without blanks, or what stands between blanks. */
  const WORD = new RegExp(`${UNSPACED}|(?:(?!${UNSPACED})\\S)+`, 'gu');
  const HAS_WORDS = /[\p{L}\p{N}]/u;
  /** A character that goes on with a word that stands beside it. */
  const GOES_ON = new RegExp(`(?!${UNSPACED})[\\p{L}\\p{M}\\p{N}]`, 'u');

  /** @typedef {{kind: 'same' | 'record' | 'notice', text: string}} Run words that stand in both, on record only, or in the notice only */
  /** @typedef {{field: string, text: string, verdict: 'same' | 'contained' | 'part' | 'differs' | 'absent' | 'too-long', runs: Run[]}} Compared */

  const unblank = (text) => text.replace(IDLE_BLANK, '');

  function fold(text) {
    return unblank(text.replace(INVISIBLE, '').normalize('NFC').replace(BLANKS, ' ').trim());
  }

  const wordsOf = (folded) => folded.match(WORD) ?? [];

  /** Each word with the one behind it. */
  const neighboursOf = (words) => words.slice(1).map((word, i) => `${words[i]} ${word}`);

  /** What is left of the steps of a comparison. */
  class Budget {
    constructor() {
      this.left = MAX_STEPS;
    }

    /** Takes so many steps, if as many are left. @returns {boolean} whether they were */
    take(steps) {
      if (steps > this.left) return false;
      this.left -= steps;
      return true;
    }
  }

  /** For each place in a text, how many of the characters up to it are a beginning of the text, and not all of them. */
  function repeatsOf(text) {
    const repeats = new Uint32Array(text.length);
    for (let at = 1, length = 0; at < text.length; at += 1) {
      while (length > 0 && text[at] !== text[length]) length = repeats[length - 1];
      if (text[at] === text[length]) length += 1;
      repeats[at] = length;
    }
    return repeats;
  }

  /** Whether no word goes on over a place of a text: "1" does not stand in "2021". */
  function isBorder(text, at) {
    const before = text.slice(Math.max(0, at - 2), at);
    return !(GOES_ON.test([...before].at(-1) ?? '') && GOES_ON.test(String.fromCodePoint(text.codePointAt(at) ?? 32)));
  }

  /** Where a text stands in another one, each place behind the one before. It looks at each character once (Knuth, Morris and Pratt). */
  function placesOf(text, within) {
    const places = [];
    if (text.length > within.length) return places;
    const repeats = repeatsOf(text);
    for (let at = 0, length = 0; at < within.length; at += 1) {
      while (length > 0 && within[at] !== text[length]) length = repeats[length - 1];
      if (within[at] === text[length]) length += 1;
      if (length < text.length) continue;
      const begin = at + 1 - length;
      const whole = isBorder(within, begin) && isBorder(within, at + 1);
      if (whole) places.push(begin);
      length = whole ? 0 : repeats[length - 1];
    }
    return places;
  }

  /** Lengths of the longest common subsequences of what is left of both lists, for each pair of places. */
  function commonLengths(record, notice) {
    const width = notice.length + 1;
    const lengths = new Uint16Array((record.length + 1) * width);
    for (let i = record.length - 1; i >= 0; i -= 1) {
      for (let j = notice.length - 1; j >= 0; j -= 1) {
        lengths[i * width + j] = record[i] === notice[j]
          ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
      }
    }
    return lengths;
  }

  /**
   * The stretch of a notice that is most like a text: where most of the text's pairs of neighbours stand with one shift.
   * @param {string[]} record its words
   * @param {{words: string[], neighbours: string[]}} notice
   * @param {Budget} budget
   * @returns {string[] | null} the stretch's words, with some before and behind; null if that would take too long
   */
  function likelyStretch(record, { words, neighbours }, budget) {
    if (!budget.take(LOOK_UP * (record.length + words.length))) return null;
    const places = new Map();
    for (const [i, pair] of neighboursOf(record).entries()) {
      const known = places.get(pair) ?? [];
      if (known.length < MAX_PLACES) places.set(pair, [...known, i]);
    }
    const found = neighbours.reduce((sum, pair) => sum + (places.get(pair)?.length ?? 0), 0);
    if (!budget.take(LOOK_UP * found)) return null;
    const shifts = new Map();
    for (const [j, pair] of neighbours.entries()) {
      for (const i of places.get(pair) ?? []) shifts.set(j - i, (shifts.get(j - i) ?? 0) + 1);
    }
    if (shifts.size === 0) return [];
    const [shift] = [...shifts].reduce((best, each) => (each[1] > best[1] ? each : best));
    const around = 5 + Math.ceil(record.length / 8);
    return words.slice(Math.max(0, shift - around), Math.max(0, shift + record.length + around));
  }

  /** How a text and a stretch of a notice differ, from the first to the last word that they share. */
  function differences(record, notice) {
    const lengths = commonLengths(record, notice);
    const width = notice.length + 1;
    const common = lengths[0];
    const runs = [];
    const push = (kind, word) => {
      if (runs.at(-1)?.kind === kind) runs.at(-1).words.push(word);
      else runs.push({ kind, words: [word] });
    };
    let [i, j] = [0, 0];
    for (let left = common; left > 0;) {
      if (record[i] === notice[j]) {
        push('same', record[i]);
        [i, j, left] = [i + 1, j + 1, left - 1];
      } else if (lengths[(i + 1) * width + j] === left) {
        push('record', record[i]);
        i += 1;
      } else {
        if (left < common) push('notice', notice[j]);
        j += 1;
      }
    }
    for (; i < record.length; i += 1) push('record', record[i]);
    return { common, runs: runs.map(({ kind, words }) => ({ kind, text: unblank(words.join(' ')) })) };
  }

  /** How a text differs from a notice in which it does not stand. */
  function differ(record, notice, budget) {
    const words = wordsOf(record);
    const stretch = likelyStretch(words, notice, budget);
    const pairs = words.length * (stretch?.length ?? 0);
    if (stretch === null || pairs > MAX_PAIRS || !budget.take(pairs)) return { verdict: 'too-long', runs: [] };
    const { common, runs } = differences(words, stretch);
    return common < ALIKE * words.length ? { verdict: 'absent', runs: [] } : { verdict: 'differs', runs };
  }

  /**
   * One text against a notice, in which it may stand more than once.
   * @param {{field: string, text: string}} given
   * @param {{folded: string, words: string[], neighbours: string[]}} notice
   * @param {Budget} budget
   * @returns {Compared}
   */
  function compareText(given, notice, budget) {
    if (!budget.take(2 * (given.text.length + notice.folded.length))) return { ...given, verdict: 'not-compared', runs: [] };
    const record = fold(given.text);
    const found = placesOf(record, notice.folded);
    if (found.length > 0) return { ...given, verdict: record === notice.folded ? 'same' : 'contained', runs: [], found, length: record.length };
    if (placesOf(notice.folded, record).length > 0) return { ...given, verdict: 'part', runs: [] };
    return { ...given, ...differ(record, notice, budget) };
  }

  /** What of a notice stands in no text that it holds letter by letter. Signs alone are left out. */
  function leftOver(notice, compared) {
    const covered = new Uint8Array(notice.length);
    for (const { found = [], length } of compared) for (const begin of found) covered.fill(1, begin, begin + length);
    const rest = [];
    for (let at = 0; at < notice.length; at += 1) {
      const begin = at;
      while (at < notice.length && !covered[at]) at += 1;
      const text = notice.slice(begin, at).trim();
      if (HAS_WORDS.test(text)) rest.push(text);
    }
    return rest;
  }

  /** The texts of an addendum that can be compared: those with words. @param {{field: string, value: any}} addendum */
  function textsOf({ field, value }) {
    const texts = typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
    return texts.filter((text) => HAS_WORDS.test(text)).map((text) => ({ field, text }));
  }

  /**
   * The texts that a payload commits to and that are not at hand.
   * @param {Map} payload
   * @param {{field: string}[]} addenda those at hand
   * @returns {{field: string, withheld: boolean}[]}
   */
  function missingFrom(payload, addenda) {
    const shown = new Set(addenda.map(({ field }) => field));
    const fields = [...(payload.get('addenda') ?? new Map()).keys()].filter((field) => !shown.has(field));
    return fields.map((field) => ({ field, withheld: (payload.get('withheld') ?? new Map()).has(field) }));
  }

  /**
   * @param {string} given the notice
   * @param {{payload: Map, addenda: {field: string, value: any}[]}[]} statements what is on record, with the texts at hand
   * @returns {{tooLong: boolean, empty: boolean, compared: Compared[], missing: {field: string, withheld: boolean}[], rest: string[]}}
   */
  function compare(given, statements) {
    const missing = statements.flatMap(({ payload, addenda }) => missingFrom(payload, addenda));
    const nothing = { tooLong: given.length > MAX_NOTICE, empty: false, compared: [], missing, rest: [] };
    if (nothing.tooLong) return nothing;
    const folded = fold(given);
    if (!HAS_WORDS.test(folded)) return { ...nothing, empty: true };
    const words = wordsOf(folded);
    const [notice, budget] = [{ folded, words, neighbours: neighboursOf(words) }, new Budget()];
    const compared = statements.flatMap(({ addenda }) => addenda).flatMap(textsOf).map((each) => compareText(each, notice, budget));
    // What was not looked for may stand there.
    const isWhole = compared.every(({ verdict }) => verdict !== 'not-compared');
    return { ...nothing, compared, rest: isWhole ? leftOver(folded, compared) : [] };
  }

  glasshouse.notice = { MAX_NOTICE, compare };
})(globalThis.glasshouse ??= {});
