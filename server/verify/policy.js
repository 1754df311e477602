// Trust policies (c2sp.org/tlog-policy; spec/policy.md).
(function (glasshouse) {
  'use strict';

  const MAX_LINES = 256;
  /** The largest policy, in bytes of UTF-8. */
  const MAX_POLICY = 256 * 1024;
  const CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/;
  const THRESHOLD = /^[1-9][0-9]{0,3}$/;

  /** @typedef {{logs: object[], witnesses: Map<string, object>, groups: Map<string, {needed: number, members: string[]}>, quorum: string}} Policy */

  /** Reads the lines of a policy, one after the other. */
  class Reader {
    constructor() {
      this.policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: null };
      this.members = new Set();
      this.keys = new Set();
      this.number = 0;
    }

    /** A refusal says in `reason` what is wrong with the whole, or `line`, `weak-key` or `vkey` of the line whose number it has. */
    demand(holds, message, reason = 'line') {
      if (holds) return;
      throw Object.assign(new glasshouse.Refusal('policy-format', `line ${this.number}: ${message}`), { line: this.number, reason });
    }

    knows(name) {
      return this.policy.witnesses.has(name) || this.policy.groups.has(name);
    }

    newName(name) {
      this.demand(name !== 'none' && !this.knows(name), `the name ${name} is taken`);
    }

    async newKey(text, ...types) {
      const key = await glasshouse.note.parseVkey(text).catch((refusal) => this.demand(false, refusal.message, refusal.rule));
      const bytes = glasshouse.bytes.toHex(key.key);
      this.demand(types.includes(key.alg), 'a key of another type');
      this.demand(!this.keys.has(bytes), 'a key that stands twice');
      this.keys.add(bytes);
      return key;
    }

    async line(words) {
      const [keyword, ...rest] = words;
      const { LOG, WITNESS, ML_DSA } = glasshouse.note;
      if (keyword === 'log' && (rest.length === 1 || rest.length === 2)) {
        this.policy.logs.push(await this.newKey(rest[0], LOG, ML_DSA));
      } else if (keyword === 'witness' && (rest.length === 2 || rest.length === 3)) {
        this.newName(rest[0]);
        this.policy.witnesses.set(rest[0], await this.newKey(rest[1], WITNESS, ML_DSA));
      } else if (keyword === 'group' && rest.length >= 3) {
        this.group(rest[0], rest[1], rest.slice(2));
      } else if (keyword === 'quorum' && rest.length === 1) {
        this.demand(this.policy.quorum === null, 'a second quorum');
        this.demand(rest[0] === 'none' || this.knows(rest[0]), 'a quorum that is not defined before');
        this.policy.quorum = rest[0];
      } else {
        this.demand(false, 'not a line of a log, a witness, a group or a quorum');
      }
    }

    group(name, threshold, members) {
      this.newName(name);
      for (const member of members) {
        this.demand(this.knows(member), `the member ${member} is not defined before`);
        this.demand(!this.members.has(member), `${member} is a member twice`);
        this.members.add(member);
      }
      const needed = { all: members.length, any: 1 }[threshold] ?? (THRESHOLD.test(threshold) ? Number(threshold) : 0);
      this.demand(needed >= 1 && needed <= members.length, 'not all, any, or a number up to that of the members');
      this.policy.groups.set(name, { needed, members });
    }

    finish() {
      const { logs, quorum } = this.policy;
      const opening = new Set(logs.filter((key) => key.alg === glasshouse.note.LOG).map((key) => key.name));
      this.demand(logs.length > 0, 'no log', 'no-log');
      this.demand(quorum !== null, 'no quorum', 'no-quorum');
      this.demand(logs.every((key) => opening.has(key.name)), 'a log with a key of type 6 and none of type 1', 'no-opening-key');
      return this.policy;
    }
  }

  /** Reads a policy. @param {string} text @returns {Promise<Policy>} */
  async function parse(text) {
    const reader = new Reader();
    reader.demand(text.length <= MAX_POLICY && glasshouse.bytes.utf8(text).length <= MAX_POLICY, 'more than 256 KiB', 'too-large');
    reader.demand(glasshouse.bytes.isUnicode(text) && !CONTROL.test(text), 'a control character', 'control');
    const lines = text.split('\n');
    reader.demand(lines.length <= MAX_LINES, 'more than 256 lines', 'too-many-lines');
    for (const line of lines) {
      reader.number += 1;
      const words = line.split(/[ \t]+/).filter((word) => word !== '');
      if (words.length > 0 && !words[0].startsWith('#')) await reader.line(words);
    }
    return reader.finish();
  }

  /** The log signed with a trusted key of type 1, and with none of type 6, which the policy asks for too. */
  function secondMissing(origin) {
    return Object.assign(new glasshouse.Refusal('unknown-key', `no key of type 6 of ${origin} signed the checkpoint`), { reason: 'second-missing' });
  }

  /** Opens a checkpoint with the policy's keys of its log (spec/policy.md, steps 1 to 4). @param {Policy} policy */
  async function openLog(policy, note) {
    const { LOG, ML_DSA } = glasshouse.note;
    for (const key of [...policy.logs, ...policy.witnesses.values()]) glasshouse.note.lineOf(note, key); // one that signed twice refuses the note
    const name = note.text.slice(0, note.text.indexOf('\n'));
    const signing = policy.logs.filter((key) => key.alg === LOG && glasshouse.note.lineOf(note, key) !== null);
    glasshouse.demand(signing.length > 0, 'unknown-key', 'no log of the policy signed the checkpoint');
    const logKey = signing.find((key) => key.name === name) ?? signing[0];
    const checkpoint = await glasshouse.checkpoint.openNote(note, logKey);
    const second = policy.logs.filter((key) => key.alg === ML_DSA && key.name === checkpoint.origin);
    if (second.length > 0) {
      if (second.every((key) => glasshouse.note.lineOf(note, key) === null)) throw secondMissing(checkpoint.origin);
      await glasshouse.note.verify(note, second);
    }
    return { checkpoint, logKey, second: second.length > 0 };
  }

  function isMet(policy, name, signers) {
    if (name === 'none') return true;
    if (policy.witnesses.has(name)) return signers.has(name);
    const { needed, members } = policy.groups.get(name);
    return members.filter((member) => isMet(policy, member, signers)).length >= needed;
  }

  /** The policy's witnesses that signed, with their times; refuses unless they make the quorum (steps 5 and 6). @param {Policy} policy */
  async function checkQuorum(policy, note) {
    const signers = new Map();
    for (const [name, key] of policy.witnesses) {
      const line = glasshouse.note.lineOf(note, key);
      if (line === null) continue;
      const time = await glasshouse.cosignature.timeOf(note, key, line);
      glasshouse.demand(time !== null, 'bad-signature', `the cosignature of ${name} does not hold`);
      signers.set(name, time);
    }
    glasshouse.demand(isMet(policy, policy.quorum, signers), 'quorum', 'too few witnesses of the policy signed the checkpoint');
    return signers;
  }

  /** A checkpoint under a policy. @param {Policy} policy @param {Uint8Array} bytes a note */
  async function open(policy, bytes) {
    const note = glasshouse.note.parse(bytes);
    const opened = await openLog(policy, note);
    return { ...opened, witnesses: await checkQuorum(policy, note) };
  }

  glasshouse.policy = { MAX_POLICY, parse, openLog, checkQuorum, open };
})(globalThis.glasshouse ??= {});
