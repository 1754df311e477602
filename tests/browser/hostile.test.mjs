// Hostile bytes: whatever is brought is refused with a rule, soon, and never with an error of our own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { glasshouse } from './load.mjs';
import { casesOf } from './cases.mjs';

/** Some times what any of these takes on a machine that does something else, and far less than what grows with the square takes. */
const SOON = 30_000;
const { concat, join, utf8, bigEndian } = glasshouse.bytes;
const hex = (text) => glasshouse.bytes.fromHex(text);
const bytes = (length, value) => new Uint8Array(length).fill(value);
const inputOf = (family, name) => casesOf(family).find((each) => each.name === name).input;
const RECEIPT = inputOf('receipt', 'decision');
const CLAIMS = { iss: 'https://reverse-proxy.example', sub: 's:00112233445566778899aabbccddeeff', aud: 'log.example/takedowns' };

/** A head of major type `major` with an argument of four or eight bytes. */
const head = (major, argument, width = 4) => concat(Uint8Array.of((major << 5) | (width === 4 ? 26 : 27)), bigEndian(argument, width));

/** Runs a check that must refuse, and gives the rule. */
async function ruleOf(check) {
  const began = performance.now();
  try {
    await check();
    return 'accepted';
  } catch (refusal) {
    assert.equal(refusal.name, 'Refusal', refusal.stack);
    return refusal.rule;
  } finally {
    assert.ok(performance.now() - began < SOON, `took ${Math.round(performance.now() - began)} ms`);
  }
}

test('CBOR that is deep, long, or says that it is long', async () => {
  const hostile = {
    arrays: [bytes(1_000_000, 0x81), 'not-deterministic'],
    maps: [bytes(1_000_000, 0xa1), 'not-deterministic'],
    tags: [bytes(1_000_000, 0xd2), 'not-deterministic'],
    'a list that says 2^32 items': [head(4, 2 ** 32 - 1), 'not-cbor'],
    'a list that says 2^64 items': [head(4, 2n ** 64n - 1n, 8), 'not-cbor'],
    'a map that says 2^53 members': [head(5, 2 ** 53, 8), 'not-cbor'],
    'bytes that say 2^63': [head(2, 2n ** 63n, 8), 'not-cbor'],
    'a text that says 2^63': [head(3, 2n ** 63n, 8), 'not-cbor'],
    'a million items, then a break': [concat(head(4, 1_000_001), bytes(1_000_000, 0), bytes(1, 0xff)), 'not-cbor'],
    'a million equal keys': [concat(head(5, 1_000_000), bytes(2_000_000, 0)), 'not-deterministic'],
  };
  for (const [name, [given, rule]] of Object.entries(hostile)) {
    assert.equal(await ruleOf(() => glasshouse.cbor.decode(given, { tagged: true })), rule, name);
  }
});

test('a million items are decoded and encoded', () => {
  const list = concat(head(4, 1_000_000), bytes(1_000_000, 0));
  assert.ok(glasshouse.bytes.equal(glasshouse.cbor.encode(glasshouse.cbor.decode(list)), list));
});

/** A map of `count` texts of three letters, each to 0. */
function manyMembers(count) {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-';
  const names = [];
  for (let i = 0; i < count; i += 1) names.push([i >> 12, (i >> 6) & 63, i & 63].map((at) => letters[at]).join(''));
  const members = names.sort().map((name) => concat(Uint8Array.of(0x63), utf8(name), Uint8Array.of(0)));
  return join([head(5, count), ...members]);
}

test('a payload of which everything is wrong', async () => {
  const known = glasshouse.cbor.encode(new Map([['type', 'decision'], ['vocabulary', 'dsa-tdb/2']])).subarray(1);
  const many = manyMembers(200_000);
  // Names of three letters stand before `type`, which has four.
  const payload = concat(head(5, 200_002), many.subarray(5), known);
  assert.equal(await ruleOf(() => glasshouse.payload.parse(payload, CLAIMS)), 'invalid-payload');
  const inside = (field, value) => glasshouse.cbor.encode(new Map([['type', 'decision'], ['vocabulary', 'dsa-tdb/2'], [field, value]]));
  const map = glasshouse.cbor.decode(manyMembers(70_000));
  for (const [field, value] of [['relates_to', [map, map]], ['legal_basis', map], ['addenda', map], ['withheld', map], ['category_addition', [...map.keys()]]]) {
    assert.equal(await ruleOf(() => glasshouse.payload.parse(inside(field, value), CLAIMS)), 'invalid-payload', field);
  }
});

test('a thousand targets, all but one in order', async () => {
  const targets = [];
  for (let i = 1; i <= 999; i += 1) targets.push(new Map([['first', 2 * i], ['last', 2 * i]]));
  targets.push(new Map([['first', 2], ['last', 2]]));
  const payload = new Map([
    ['type', 'withdrawal'], ['vocabulary', 'dsa-tdb/2'], ['sequence', 1], ['addenda', new Map()], ['targets', targets],
  ]);
  const claims = { ...CLAIMS, sub: `provider:${CLAIMS.iss}` };
  await assert.rejects(glasshouse.payload.parse(glasshouse.cbor.encode(payload), claims), { found: { errors: [{ path: '/targets/999', rule: 'duplicate' }] } });
});

test('statements, entries, requests and texts of megabytes', async () => {
  const sign1 = (payload) => glasshouse.cbor.encode(new glasshouse.cbor.Tagged([bytes(1, 0xa0), new Map(), payload, bytes(64, 0)]));
  const large = sign1(bytes(30_000_000, 0x81));
  assert.equal(await ruleOf(() => glasshouse.statement.parse(large)), 'entry-too-large');
  assert.equal(await ruleOf(() => glasshouse.entry.parse(large)), 'entry-too-large');
  assert.equal(await ruleOf(() => glasshouse.request.parse(sign1(bytes(60_000, 0x81)))), 'invalid-request');
  assert.equal(await ruleOf(() => glasshouse.addendum.parse(bytes(1024 * 1024 + 1, 0x81))), 'addendum-invalid');
  assert.equal(await ruleOf(() => glasshouse.addendum.parse(bytes(1024 * 1024, 0x81))), 'not-deterministic');
  assert.equal(await ruleOf(() => glasshouse.coseReceipt.parse(bytes(30_000_000, 0xd2))), 'receipt-format');
  assert.equal(await ruleOf(() => glasshouse.coseReceipt.parse(bytes(4096, 0xd2))), 'receipt-format');
  assert.equal(await ruleOf(() => glasshouse.transparent.verify(large, [])), 'receipt-format');
  assert.equal(await ruleOf(() => glasshouse.coseKeySet.parse(bytes(30_000_000, 0x81))), 'key-encoding');
});

/** The receipt of the example, with one member replaced. */
const changed = (change) => JSON.stringify({ ...JSON.parse(RECEIPT.receipt), ...change });

test('receipts with a million of everything', async () => {
  const policy = await glasshouse.policy.parse(RECEIPT.policy);
  const [entry] = JSON.parse(RECEIPT.receipt).entries;
  const hostile = {
    'a million entries': [{ entries: new Array(1_000_000).fill({ index: 0, entry: '', path: [] }) }, 'receipt-format'],
    'a million hashes': [{ entries: [{ ...entry, path: new Array(1_000_000).fill(entry.path[0]) }] }, 'receipt-format'],
    'a million texts': [{ addenda: new Array(1_000_000).fill('') }, 'receipt-format'],
    'base64 of 45 MB': [{ addenda: ['A'.repeat(45_000_000)] }, 'receipt-format'],
    'an entry of 9 MB': [{ entries: [{ ...entry, entry: 'A'.repeat(12_000_000) }] }, 'receipt-format'],
    'base64 of 12 MB and a letter': [{ addenda: ['A'.repeat(12_000_001)] }, 'receipt-format'],
    'a checkpoint of a million lines': [{ checkpoint: '\u2014 a b\n'.repeat(1_000_000) }, 'note-format'],
    'a checkpoint of blank lines': [{ checkpoint: '\n'.repeat(200_000) }, 'note-format'],
    'an index of 400 digits': [{ entries: [{ ...entry, index: Number('9'.repeat(300)) }] }, 'receipt-format'],
    'an index below zero': [{ entries: [{ ...entry, index: -1 }] }, 'receipt-format'],
  };
  for (const [name, [change, rule]] of Object.entries(hostile)) {
    assert.equal(await ruleOf(() => glasshouse.receipt.verify(changed(change), policy)), rule, name);
  }
});

test('evidence that is deep, long, or empty', async () => {
  const { evidence, log } = inputOf('evidence', 'fork-3-6');
  const whole = JSON.parse(evidence);
  const hostile = {
    'arrays in each other': ['['.repeat(4_000_000), 'evidence-format'],
    'objects in each other': ['{"format":'.repeat(400_000), 'evidence-format'],
    'a path that is deep': [evidence.replace(/"path":.*$/, `"path":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`), 'evidence-format'],
    'an unknown kind that is deep': [`{"format":"${whole.format}","kind":"x","log":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`, 'evidence-format'],
    'a kind of every object': [JSON.stringify({ ...whole, kind: 'constructor' }), 'not-understood'],
    'a million hashes': [JSON.stringify({ ...whole, path: new Array(300_000).fill(whole.path[0]) }), 'evidence-format'],
    'more than 16 MiB': [' '.repeat(16 * 1024 * 1024 + 1), 'evidence-format'],
    'a log that is no key': [JSON.stringify({ ...whole, log: '+'.repeat(1_000_000) }), 'vkey'],
    nothing: ['', 'evidence-format'],
  };
  for (const [name, [text, rule]] of Object.entries(hostile)) {
    assert.equal(await ruleOf(() => glasshouse.evidence.verify(text, log)), rule, name);
  }
});

test('files of a later format, long or of many parts', async () => {
  const policy = await glasshouse.policy.parse(RECEIPT.policy);
  const { log } = inputOf('evidence', 'fork-3-6');
  const long = { letters: `"x":"${'a'.repeat(8 << 20)}"`, escapes: `"x":"${'\\n'.repeat(5 << 20)}"`, 'escaped escapes': `"${'\\\\'.repeat(5 << 20)}":0`, digits: `"x":${'9'.repeat(8 << 20)}`, blanks: `${' '.repeat(8 << 20)}"x":0` };
  const many = { members: `"a":1${',"a":1'.repeat(2_000_000)}`, arrays: `"x":[${'[],'.repeat(4_000_000)}0]`, brackets: `"x":${'['.repeat(8 << 20)}` };
  for (const [members, rule] of [...Object.values(long).map((each) => [each, null]), ...Object.values(many).map((each) => [each, 'format'])]) {
    const file = (kind) => `{"format":"glasshouse-${kind}/2",${members}}`;
    assert.equal(await ruleOf(() => glasshouse.receipt.verify(file('receipt'), policy)), rule ? `receipt-${rule}` : 'not-understood', members.slice(0, 20));
    assert.equal(await ruleOf(() => glasshouse.evidence.verify(file('evidence'), log)), rule ? `evidence-${rule}` : 'not-understood', members.slice(0, 20));
  }
});

test('names that every object has are no types, fields or codes', async () => {
  const payload = (members) => glasshouse.cbor.encode(new Map(Object.entries({ type: 'decision', vocabulary: 'dsa-tdb/2', ...members })));
  const parse = (members) => ruleOf(() => glasshouse.payload.parse(payload(members), CLAIMS));
  for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) {
    assert.equal(await parse({ type: name }), 'not-understood', name);
    assert.equal(await parse({ vocabulary: name }), 'not-understood', name);
    assert.equal(await parse({ provider_role: name }), 'invalid-payload', name);
    assert.equal(await parse({ addenda: new Map([[name, bytes(32, 0)]]) }), 'invalid-payload', name);
    const addendum = [bytes(16, 0), CLAIMS.aud, CLAIMS.iss, 1, name, 'text'];
    assert.equal(await ruleOf(() => glasshouse.addendum.parse(glasshouse.cbor.encode(addendum))), 'addendum-invalid', name);
  }
});

test('a changed bit of a COSE receipt is refused, or moves only what nothing signs', async () => {
  const { receipt, keys, entry } = inputOf('cose_receipt', 'decision');
  const trusted = await glasshouse.coseKeySet.parse(hex(keys));
  const leaf = await glasshouse.tree.leafHash(hex(entry));
  const root = (await glasshouse.coseReceipt.verifyEntry(glasshouse.coseReceipt.parse(hex(receipt)), leaf, trusted)).root;
  let accepted = 0;
  for (let bit = 0; bit < receipt.length * 4; bit += 1) {
    const flipped = hex(receipt);
    flipped[bit >> 3] ^= 1 << (bit & 7);
    try {
      const found = await glasshouse.coseReceipt.verifyEntry(glasshouse.coseReceipt.parse(flipped), leaf, trusted);
      assert.ok(glasshouse.bytes.equal(found.root, root)); // index and size are the receipt's word
      accepted += 1;
    } catch (refusal) {
      assert.equal(refusal.name, 'Refusal', refusal.stack);
    }
  }
  assert.ok(accepted <= 2, `${accepted} changed receipts passed`);
});

test('a notice and a text of one word, over and over', () => {
  const verdict = (value, notice) => glasshouse.notice.compare(notice, [{ payload: new Map(), addenda: [{ field: 'policy', value }] }]).compared[0].verdict;
  assert.equal(verdict('a a b', 'x a a a b y'), 'contained');
  assert.equal(verdict('a b a b c', 'a b a b a b c'), 'contained');
  assert.equal(verdict('x a a a b y', 'a a b'), 'part');
  const began = performance.now();
  assert.equal(verdict(`${'a '.repeat(32_000)}b`, 'a '.repeat(99_000)), 'too-long');
  assert.ok(performance.now() - began < SOON);
});
