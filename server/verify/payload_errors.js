// What is wrong with a payload: pairs of a JSON Pointer and a rule (spec/payload.md, "Conventions"; RFC 6901).
(function (glasshouse) {
  'use strict';

  /** A pointer one step further. @param {string} path @param {string | number} step */
  function pointer(path, step) {
    return `${path}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }

  /** Below zero, zero or above it. Code units: any fixed order will do, and names of fields are ASCII. */
  function order(a, b) {
    if (a === b) return 0;
    return a < b ? -1 : 1;
  }

  /** Errors that a message names; `found.errors` has all. */
  const MAX_TOLD = 8;

  /** Collects errors; the same path and rule stand once. */
  class PayloadErrors {
    constructor() {
      this.found = new Map();
    }

    /** Adds one, and gives false: the value at the path is wrong. @param {string} path @param {string} rule */
    add(path, rule) {
      this.found.set(JSON.stringify([path, rule]), { path, rule });
      return false;
    }

    /** All of them, by path, then by rule. @returns {{path: string, rule: string}[]} */
    list() {
      return [...this.found.values()].sort((a, b) => order(a.path, b.path) || order(a.rule, b.rule));
    }

    /** Refuses as `invalid-payload` if there are any. */
    refuse() {
      const errors = this.list();
      if (errors.length === 0) return;
      const said = errors.slice(0, MAX_TOLD).map(({ path, rule }) => `${path || '(the whole)'}: ${rule}`).join('; ');
      const more = errors.length > MAX_TOLD ? `; and ${errors.length - MAX_TOLD} more` : '';
      throw new glasshouse.Refusal('invalid-payload', `the payload is wrong: ${said}${more}`, { errors });
    }
  }

  Object.assign(glasshouse, { pointer, PayloadErrors });
})(globalThis.glasshouse ??= {});
