// The keys that a log knows: who may sign what from which entry on (spec/log.md, "Genesis" and "Keys"; spec/lifecycle.md, "The
// registrar's statements"). A registry replays a whole log through it, a receipt only what it shows.
(function (glasshouse) {
  'use strict';

  /**
   * @typedef {object} Enrolled
   * @property {Uint8Array} kid
   * @property {string} owner an `iss`
   * @property {Uint8Array} key
   * @property {string[]} roles
   * @property {number} enrolledAt an index
   * @property {number | null} retiredAt an index
   */

  const { demand } = glasshouse;
  const hex = (bytes) => glasshouse.bytes.toHex(bytes);

  async function kidOf(coseKey) {
    return glasshouse.coseKey.thumbprint(glasshouse.coseKey.parse(coseKey));
  }

  class KeyRing {
    /** @param {string} origin */
    constructor(origin) {
      this.origin = origin;
      this.registrar = `https://${origin}`;
      /** kid in hex -> Enrolled, in the order of enrolment. @type {Map<string, Enrolled>} */
      this.keys = new Map();
      /** The registrar's key in use, and the one announced last: kids in hex. */
      this.registrarKid = '';
      this.announced = '';
      /** The log's keys for checkpoints and receipts in use: names in hex, see `logNames`. */
      this.logNames = [];
      this.receiptNames = [];
      /** Every name of a key that a genesis or a `keys` statement ever gave away. */
      this.reserved = new Set();
    }

    /** The keys after a genesis; its signature is left to `checkSignature`. @param {object} statement @param {string} origin */
    static async open(statement, origin) {
      const ring = new KeyRing(origin);
      demand(statement.aud === origin, 'wrong-audience', 'made for another log');
      demand(statement.type === 'genesis', 'genesis', 'entry 0 is no genesis');
      demand(statement.iss === ring.registrar, 'genesis', 'a genesis that is not the registrar\'s');
      demand(statement.sequence === 1, 'genesis', 'a genesis that is not number 1');
      const { payload } = statement;
      ring.logNames = await ring.logNamesOf(payload.get('log_vkeys'), 'genesis');
      ring.receiptNames = await ring.receiptNamesOf(payload.get('receipt_keys'));
      ring.announced = hex(payload.get('next_registrar_kid'));
      await ring.takeRegistrar(glasshouse.coseKey.parse(payload.get('registrar_key')), 0);
      ring.reserve();
      return ring;
    }

    /** What tells the log's keys for checkpoints apart: a thumbprint of type 1, and of type 6, which signs no statement, a digest. */
    async logNamesOf(vkeys, rule) {
      const { LOG, ML_DSA } = glasshouse.note;
      const keys = await Promise.all(vkeys.map(glasshouse.note.parseVkey));
      const right = keys.every((key) => key.name === this.origin && (key.alg === LOG || key.alg === ML_DSA));
      demand(right && keys.some((key) => key.alg === LOG), rule, 'a log\'s key of another name or type, or none of type 1');
      const name = (key) => (key.alg === LOG ? glasshouse.coseKey.thumbprint(key.key) : glasshouse.sha256(key.key));
      return (await Promise.all(keys.map(name))).map(hex);
    }

    async receiptNamesOf(coseKeys) {
      return (await Promise.all(coseKeys.map(kidOf))).map(hex);
    }

    reserve() {
      for (const name of [...this.logNames, ...this.receiptNames, this.announced]) this.reserved.add(name);
    }

    isKnown(name) {
      return this.keys.has(name) || this.reserved.has(name);
    }

    async enrol(key, owner, roles, index) {
      const kid = await glasshouse.coseKey.thumbprint(key);
      this.keys.set(hex(kid), { kid, owner, key, roles, enrolledAt: index, retiredAt: null });
      return hex(kid);
    }

    async takeRegistrar(key, index) {
      glasshouse.ed25519.checkKey(key);
      this.registrarKid = await this.enrol(key, this.registrar, [], index);
    }

    /** The key that must have signed: the one that `kid` names, or the registrar's new one. @returns {Promise<Enrolled>} */
    async signerOf(statement) {
      if (this.changesRegistrar(statement)) return this.newRegistrar(statement);
      const enrolled = this.keys.get(hex(statement.kid));
      demand(enrolled !== undefined, 'unknown-key', 'signed with a key that was never enrolled');
      demand(enrolled.owner === statement.iss, 'wrong-issuer', 'signed with the key of another issuer');
      demand(enrolled.retiredAt === null, 'key-retired', 'signed with a key that had ended');
      return enrolled;
    }

    changesRegistrar(statement) {
      return statement.type === 'keys' && statement.iss === this.registrar && statement.payload.has('registrar_key');
    }

    async newRegistrar(statement) {
      const key = glasshouse.coseKey.parse(statement.payload.get('registrar_key'));
      const kid = await glasshouse.coseKey.thumbprint(key);
      demand(hex(kid) === this.announced, 'not-authorised', 'a key of the registrar that was not announced last');
      glasshouse.ed25519.checkKey(key);
      demand(hex(statement.kid) === this.announced, 'unknown-key', 'a change of the registrar\'s key that the new key did not sign');
      return { kid, owner: this.registrar, key, roles: [], enrolledAt: -1, retiredAt: null };
    }

    /** Refuses unless a statement for this log is signed by a key that may sign it. @returns {Promise<Enrolled>} */
    async checkSignature(statement) {
      demand(statement.aud === this.origin, 'wrong-audience', 'made for another log');
      const signer = await this.signerOf(statement);
      await glasshouse.statement.verify(statement, signer.key);
      const author = statement.iss === this.registrar ? 'registrar' : 'provider';
      const { issuer } = glasshouse.tables.types[statement.type];
      demand(issuer === author || issuer === 'either', 'not-authorised', `a ${statement.type} that the ${author} signed`);
      const role = statement.payload.get('provider_role');
      demand(role === undefined || signer.roles.includes(role), 'role-not-enrolled', 'a role that the key was not enrolled for');
      return signer;
    }

    /** Refuses an enrolment whose key or request is not right. Its evidence is left to whoever replays the log. */
    async checkEnrolment(statement) {
      const { payload } = statement;
      const key = glasshouse.coseKey.parse(payload.get('key'));
      glasshouse.ed25519.checkKey(key);
      demand(!this.isKnown(hex(await glasshouse.coseKey.thumbprint(key))), 'already-enrolled', 'a key that is or was in use');
      demand(payload.get('provider') !== this.registrar, 'not-authorised', 'the registrar is no provider');
      let request;
      try {
        request = await glasshouse.request.check(payload.get('request'), this.origin, payload.get('provider'));
      } catch (refusal) {
        if (!(refusal instanceof glasshouse.Refusal)) throw refusal;
        throw new glasshouse.Refusal('not-authorised', `the request for enrolment: ${refusal.message}`);
      }
      demand(glasshouse.bytes.equal(request.key, key), 'not-authorised', 'a request for another key');
    }

    async takeEnrolment(payload, index) {
      await this.enrol(glasshouse.coseKey.parse(payload.get('key')), payload.get('provider'), payload.get('roles'), index);
    }

    /** Refuses a `keys` statement that names keys which have another job, or were given up. */
    async checkKeys(statement) {
      const { payload } = statement;
      const next = hex(payload.get('next_registrar_kid'));
      const again = next === this.announced && !payload.has('registrar_key');
      demand(again || !this.isKnown(next), 'already-enrolled', 'announces a key that is or was in use');
      const named = [
        ...(payload.has('log_vkeys') ? await this.logNamesOf(payload.get('log_vkeys'), 'not-authorised') : []),
        ...(payload.has('receipt_keys') ? await this.receiptNamesOf(payload.get('receipt_keys')) : []),
      ];
      const inUse = new Set([...this.logNames, ...this.receiptNames]);
      demand(named.every((name) => inUse.has(name) || !this.isKnown(name)), 'already-enrolled', 'a key that has another job, or was given up');
    }

    async takeKeys(payload, index) {
      if (payload.has('registrar_key')) {
        this.keys.get(this.registrarKid).retiredAt = index;
        await this.takeRegistrar(glasshouse.coseKey.parse(payload.get('registrar_key')), index);
      }
      this.announced = hex(payload.get('next_registrar_kid'));
      if (payload.has('log_vkeys')) this.logNames = await this.logNamesOf(payload.get('log_vkeys'), 'not-authorised');
      if (payload.has('receipt_keys')) this.receiptNames = await this.receiptNamesOf(payload.get('receipt_keys'));
      this.reserve();
    }
  }

  glasshouse.KeyRing = KeyRing;
})(globalThis.glasshouse ??= {});
