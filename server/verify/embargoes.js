// Texts that were withheld, and whether they were told in time (spec/lifecycle.md, "Format: embargo and gag").
(function (glasshouse) {
  'use strict';

  /** The day of an instant, in UTC. @param {number} seconds since 1970, any that a claim may have */
  function dayOf(seconds) {
    const date = new Date(seconds * 1000);
    // Beyond what a date can say lies behind every day.
    return Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999 ? '9999-12-31' : date.toISOString().slice(0, 10);
  }

  /** Whether a redaction named the entry by its leaf hash before the text was opened: it ends the embargo, even if it was withdrawn. */
  function isEnded(life, field, opened) {
    return life.namedBy.some(({ by, byRange }) => {
      const names = by.statement.type === 'redaction' && !byRange && by.statement.payload.get('fields').includes(field);
      return names && by.index < opened;
    });
  }

  /** `open`, `overdue`, `kept`, `late`, or null if the embargo was ended. */
  function stateOf(lives, life, field, day) {
    const until = life.withheld.get(field).get('until');
    const disclosure = lives.disclosureOf(life, field);
    if (isEnded(life, field, disclosure?.index ?? Infinity)) return null;
    if (disclosure !== undefined) return until === undefined || dayOf(disclosure.statement.iat) <= until ? 'kept' : 'late';
    return until === undefined || day <= until ? 'open' : 'overdue';
  }

  /**
   * How many withheld texts are in which state on a day.
   * @param {object} lives a log that was replayed
   * @param {string} day `YYYY-MM-DD`
   */
  function of(lives, day) {
    const count = { open: 0, overdue: 0, kept: 0, late: 0 };
    for (const life of lives.all) {
      for (const field of life.withheld.keys()) {
        const state = stateOf(lives, life, field, day);
        if (state !== null) count[state] += 1;
      }
    }
    return count;
  }

  glasshouse.embargoes = { of };
})(globalThis.glasshouse ??= {});
