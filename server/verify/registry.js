// A log replayed from its first entry: may each stand at its index (spec/log.md, "Format: order")?
//
// Every entry is kept in memory, and with it what names it: for logs of some ten thousands of entries, not for a page that a
// stranger's file is dropped on.
(function (glasshouse) {
  'use strict';

  /** What may follow a closure. */
  const AFTER_CLOSURE = ['redaction', 'key_retirement', 'tick'];

  const { demand } = glasshouse;
  const hex = (bytes) => glasshouse.bytes.toHex(bytes);

  class Registry {
    /** @param {string} origin the log's */
    constructor(origin) {
      this.origin = origin;
      this.registrar = `https://${origin}`;
      this.ring = null;
      this.lives = new glasshouse.Lives();
      /** iss -> IssuerNumbers */
      this.issuers = new Map();
      this.order = new glasshouse.OrderRules(this.registrar, this.lives, (iss) => this.numbersOf(iss));
      this.closed = false;
    }

    get size() {
      return this.lives.all.length;
    }

    numbersOf(iss) {
      if (!this.issuers.has(iss)) this.issuers.set(iss, new glasshouse.IssuerNumbers());
      return this.issuers.get(iss);
    }

    /** Takes the next entry. Refuses, with its index, and changes nothing then. @param {Uint8Array} bytes @returns {Promise<object>} its life */
    async take(bytes) {
      return this.refusingWithIndex(async () => this.keep(await this.check(bytes)));
    }

    /** Runs a check of the next entry, whose refusals tell its index. */
    async refusingWithIndex(check) {
      const index = this.size;
      try {
        return await check();
      } catch (refusal) {
        if (!(refusal instanceof glasshouse.Refusal)) throw refusal;
        throw new glasshouse.Refusal(refusal.rule, `entry ${index}: ${refusal.message}`, { ...refusal.found, index });
      }
    }

    /** Refuses what may not be the next entry. Gives what `keep` takes. @param {Uint8Array} bytes */
    async check(bytes) {
      const { statement } = await glasshouse.entry.parse(bytes);
      const leafHash = await glasshouse.tree.leafHash(bytes);
      const ring = this.ring ?? (await glasshouse.KeyRing.open(statement, this.origin));
      await ring.checkSignature(statement);
      if (this.size > 0) {
        demand(statement.type !== 'genesis', 'genesis', 'a second genesis');
        demand(!this.closed || AFTER_CLOSURE.includes(statement.type), 'log-closed', 'the log takes nothing more');
        await this.checkKeys(statement);
      }
      this.checkNumbers(statement);
      return { statement, leafHash, ring, named: this.order.check(statement) };
    }

    /** What a statement says about keys. */
    async checkKeys(statement) {
      if (statement.type === 'enrolment') {
        await this.ring.checkEnrolment(statement);
        await glasshouse.enrolmentEvidence.check(statement.payload, this.ring);
      }
      if (statement.type === 'keys') await this.ring.checkKeys(statement);
      if (statement.type === 'key_retirement') this.checkRetirement(statement);
    }

    checkRetirement({ iss, payload }) {
      const provider = payload.get('provider');
      demand(iss === this.registrar || iss === provider, 'not-authorised', 'ends the key of another provider');
      const key = this.ring.keys.get(hex(payload.get('kid')));
      const owned = key !== undefined && key.owner === provider && provider !== this.registrar;
      demand(owned, 'unknown-key', 'ends a key that is not that provider\'s');
      demand(key.retiredAt === null, 'key-retired', 'ends a key that had ended');
    }

    checkNumbers(statement) {
      const numbers = this.numbersOf(statement.iss);
      numbers.check(statement.sequence, (life) => glasshouse.statement.saysTheSame(life.statement, statement));
      if (statement.type === 'void') numbers.checkVoid(statement.payload.get('first'), statement.payload.get('last'));
    }

    /** Keeps what a checked entry changes. @returns {Promise<object>} its life */
    async keep({ statement, leafHash, ring, named }) {
      const { type, iss, payload } = statement;
      const index = this.size;
      this.ring = ring;
      if (type === 'enrolment') await this.ring.takeEnrolment(payload, index);
      if (type === 'keys') await this.ring.takeKeys(payload, index);
      if (type === 'key_retirement') this.ring.keys.get(hex(payload.get('kid'))).retiredAt = index;
      if (type === 'closure') this.closed = true;
      this.order.keep(statement);
      const life = this.lives.add(statement, leafHash, named);
      this.numbersOf(iss).take(statement.sequence, life);
      if (type === 'void') this.numbersOf(iss).close(payload.get('first'), payload.get('last'));
      return life;
    }
  }

  glasshouse.Registry = Registry;
})(globalThis.glasshouse ??= {});
