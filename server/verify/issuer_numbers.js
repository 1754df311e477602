// The numbers of one issuer: which are taken, which are closed, and which may come next (spec/log.md, "Numbers").
(function (glasshouse) {
  'use strict';

  /** How far ahead of the first missing number a statement may be. */
  const WINDOW = 65536;

  const { demand } = glasshouse;

  class IssuerNumbers {
    constructor() {
      /** number -> what holds it. @type {Map<number, object>} */
      this.taken = new Map();
      /** Closed ranges, ascending and apart. @type {{first: number, last: number}[]} */
      this.closed = [];
      /** The highest number up to which none is missing. */
      this.unbroken = 0;
      this.highest = 0;
    }

    /** The closed range that holds a number, or else the first one behind it. */
    closedFrom(number) {
      let [low, high] = [0, this.closed.length];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (this.closed[middle].last < number) low = middle + 1;
        else high = middle;
      }
      return low;
    }

    isClosed(number) {
      const at = this.closedFrom(number);
      return at < this.closed.length && this.closed[at].first <= number;
    }

    /** How many numbers were closed. */
    get voided() {
      return this.closed.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    }

    /** Refuses a number that is too far ahead, closed or taken. `isSame` says whether what holds it says the same. */
    check(number, isSame) {
      demand(number <= this.unbroken + WINDOW, 'sequence-ahead', 'a number too far ahead of the first that is missing');
      demand(!this.isClosed(number), 'sequence-void', 'a number that was closed');
      if (!this.taken.has(number)) return;
      const same = isSame(this.taken.get(number));
      throw new glasshouse.Refusal(same ? 'duplicate' : 'sequence-conflict', same ? 'the same statement again' : 'another statement under one number');
    }

    /** Refuses to close numbers that are too far ahead, closed or taken. */
    checkVoid(first, last) {
      demand(last <= this.unbroken + WINDOW, 'sequence-ahead', 'closes numbers too far ahead of the first that is missing');
      const at = this.closedFrom(first);
      demand(at === this.closed.length || this.closed[at].first > last, 'sequence-void', 'closes a number that was closed');
      for (let number = first; number <= last; number += 1) {
        demand(!this.taken.has(number), 'sequence-conflict', 'closes a number that is taken');
      }
    }

    take(number, holder) {
      this.taken.set(number, holder);
      this.highest = Math.max(this.highest, number);
      this.advance();
    }

    close(first, last) {
      this.closed.splice(this.closedFrom(first), 0, { first, last });
      this.highest = Math.max(this.highest, last);
      this.advance();
    }

    advance() {
      for (;;) {
        const next = this.unbroken + 1;
        const at = this.closedFrom(next);
        if (at < this.closed.length && this.closed[at].first <= next) this.unbroken = this.closed[at].last;
        else if (this.taken.has(next)) this.unbroken = next;
        else return;
      }
    }

    /** Whether every number of a range is taken or closed. */
    isWhole(first, last) {
      if (last > this.highest) return false;
      // Behind the window there is nothing, so this looks at no more numbers than it has.
      for (let number = Math.max(first, this.unbroken + 1); number <= last; number += 1) {
        if (!this.taken.has(number) && !this.isClosed(number)) return false;
      }
      return true;
    }

    /** What holds the numbers of a range, ascending. */
    holders(first, last) {
      const found = [];
      if (last - first < this.taken.size) {
        for (let number = first; number <= last; number += 1) if (this.taken.has(number)) found.push(number);
      } else {
        for (const number of this.taken.keys()) if (number >= first && number <= last) found.push(number);
        found.sort((a, b) => a - b);
      }
      return found.map((number) => this.taken.get(number));
    }

    /** The runs of numbers of a range that are neither taken nor closed: pairs of first and last. @returns {[number, number][]} */
    missing(first, last) {
      const known = [
        ...[...this.taken.keys()].map((number) => ({ first: number, last: number })),
        ...this.closed,
      ].filter((run) => run.last >= first && run.first <= last).sort((a, b) => a.first - b.first);
      const runs = [];
      let next = first;
      for (const run of known) {
        if (run.first > next) runs.push([next, run.first - 1]);
        next = run.last + 1;
      }
      if (next <= last) runs.push([next, last]);
      return runs;
    }
  }

  glasshouse.IssuerNumbers = IssuerNumbers;
})(globalThis.glasshouse ??= {});
