// What every version of a JSON file of ours begins with, judged before anything else in it: a later one may have other members
// (spec/README.md, "How to read a page").
(function (glasshouse) {
  'use strict';

  /** The most arrays and objects inside each other, the outermost counted: ours have four, and every reader's stack has room for these. */
  const MAX_DEPTH = 64;
  /** The most arrays, objects and commas in all: ours have some thousands, and millions would be slow to read. */
  const MAX_PARTS = 65_536;
  /** The characters that tell the parts of a JSON text. */
  const [QUOTE, COMMA, COLON, OPEN_ARRAY, BACKSLASH, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [...'",:[\\]{}'].map((sign) => sign.charCodeAt(0));

  /** Where the string ends that begins at a place: at its second quotation mark, or with the text. */
  function endOfString(text, begin) {
    for (let at = begin + 1; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) return at;
      if (code === BACKSLASH) at += 1;
    }
    return text.length;
  }

  /**
   * Goes through a text, which need not be JSON, character by character, as far as the bounds go.
   * @param {string} text
   * @param {(begin: number, end: number) => void} [onName] is told where each name of a member of the outermost object stands, with its quotation marks
   * @returns {boolean} whether its arrays, objects and commas are within the bounds
   */
  function walk(text, onName = () => {}) {
    let [depth, parts, begin, end] = [0, 0, 0, 0];
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      const opens = code === OPEN_ARRAY || code === OPEN_OBJECT;
      if (opens) depth += 1;
      else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) depth -= 1;
      if (opens || code === COMMA) parts += 1;
      if (depth > MAX_DEPTH || parts > MAX_PARTS) return false;
      if (code === COLON && depth === 1) onName(begin, end);
      if (code === QUOTE) {
        [begin, end] = [at, endOfString(text, at) + 1];
        at = end - 1;
      }
    }
    return true;
  }

  /**
   * An object out of a text.
   * @param {string} text
   * @param {string} rule what is broken if it holds none
   */
  function parse(text, rule) {
    glasshouse.demand(glasshouse.bytes.isUnicode(text), rule, 'not UTF-8');
    glasshouse.demand(walk(text), rule, 'arrays and objects too deep inside each other, or too many parts');
    let whole = null;
    try {
      whole = JSON.parse(text);
    } catch {
      glasshouse.demand(false, rule, 'not JSON');
    }
    glasshouse.demand(typeof whole === 'object' && whole !== null && !Array.isArray(whole), rule, 'no object');
    return whole;
  }

  /** How often the outermost object of a JSON text has a member. */
  function countOf(text, name) {
    let count = 0;
    walk(text, (begin, end) => {
      if (JSON.parse(text.slice(begin, end)) === name) count += 1; // a name may be spelt with escapes
    });
    return count;
  }

  /**
   * Refuses unless an object has these members, each a text and none twice.
   * @param {object} whole out of `text`
   * @param {string} text
   * @param {string[]} names
   * @param {string} rule
   */
  function demandTexts(whole, text, names, rule) {
    for (const name of names) {
      const isText = Object.hasOwn(whole, name) && typeof whole[name] === 'string' && glasshouse.bytes.isUnicode(whole[name]);
      glasshouse.demand(isText && countOf(text, name) === 1, rule, `${name} is no text, or stands twice`);
    }
  }

  /** What is read is told apart by `format`, so that it is neither right nor wrong if another program may know it. */
  function notUnderstood(message) {
    throw new glasshouse.Refusal('not-understood', message);
  }

  glasshouse.jsonHead = { parse, demandTexts, notUnderstood };
})(globalThis.glasshouse ??= {});
