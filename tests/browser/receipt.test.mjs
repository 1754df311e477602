// Receipts: a changed byte is refused where it must be, and steps are told as they hold.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { glasshouse } from './load.mjs';
import { casesOf } from './cases.mjs';

const cases = casesOf('receipt');
const named = (name) => cases.find((each) => each.name === name).input;

/** The steps at which a change inside a member may be refused. */
const STEPS_OF = { format: [1], checkpoint: [1, 2], entries: [1, 4], addenda: [1, 10] };

/** The member of a receipt in which a byte stands; the structure around members counts as `format`. */
function memberAt(text, at) {
  const begins = ['"checkpoint":"', '"entries":', '"addenda":'].map((member) => text.indexOf(member) + member.length);
  if (at < begins[0]) return 'format';
  if (at < begins[1]) return 'checkpoint';
  return at < begins[2] ? 'entries' : 'addenda';
}

test('a change of any byte of a receipt is refused, at a step of the member in which it stands', async () => {
  const { receipt, policy: policyText } = named('decision');
  const policy = await glasshouse.policy.parse(policyText);
  const bytes = glasshouse.bytes.utf8(receipt);
  const plain = receipt.replaceAll('\u2014', '---'); // so that places in text and in bytes are the same
  const refusedAt = new Map();
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Uint8Array.from(bytes);
    changed[at] ^= 1;
    const text = glasshouse.bytes.text(changed);
    const step = text === null ? 1 : await glasshouse.receipt.verify(text, policy).then(() => 'accepted', (refusal) => refusal.found.step);
    assert.ok(STEPS_OF[memberAt(plain, at)].includes(step), `byte ${at}, in ${memberAt(plain, at)}: ${step}`);
    refusedAt.set(step, (refusedAt.get(step) ?? 0) + 1);
  }
  assert.deepEqual([...refusedAt.keys()].sort((a, b) => a - b), [1, 2, 4, 10], 'some steps refused nothing');
});

test('each step of a good receipt is told once', async () => {
  const { receipt, policy } = named('decision');
  const told = [];
  await glasshouse.receipt.verify(receipt, await glasshouse.policy.parse(policy), (step) => told.push(step));
  assert.deepEqual(told.sort((a, b) => a - b), Array.from({ length: glasshouse.receipt.STEPS }, (_, i) => i + 1));
});

test('no step at or behind the one that fails is told, but the statement, which is judged early', async () => {
  for (const { kind, input, expect } of cases) {
    if (kind === 'valid' || expect.step === undefined) continue;
    const told = [];
    await assert.rejects(glasshouse.receipt.verify(input.receipt, await glasshouse.policy.parse(input.policy), (step) => told.push(step)));
    assert.ok(told.every((step) => step < expect.step || step === 9), `${told} of ${expect.step}`);
  }
});

test('the equation by the curve itself and by WebCrypto agree', async () => {
  const compared = { true: 0, false: 0 };
  for (const { name, input, expect } of casesOf('statement')) {
    if (!expect.ok && expect.rule !== 'bad-signature') continue;
    const { message } = await glasshouse.statement.parse(glasshouse.bytes.fromHex(input.statement));
    const signed = glasshouse.cose.signedBytes(message.protected, message.payload);
    const key = glasshouse.bytes.fromHex(input.key);
    const strict = await glasshouse.ed25519.verify(key, message.signature, signed);
    assert.equal(strict, expect.ok);
    const { decompress, isSmallOrder, littleEndian, L } = glasshouse.edwards;
    const r = decompress(message.signature.subarray(0, 32));
    if (r === null || isSmallOrder(r) || littleEndian(message.signature.subarray(32)) >= L) continue;
    assert.equal(await glasshouse.ed25519.holdsOnTheCurve(key, message.signature, signed), strict, name);
    compared[strict] += 1;
  }
  assert.ok(compared.true >= 15 && compared.false >= 3, JSON.stringify(compared));
});

test('a signature whose R has a torsion part does not hold, whatever a browser calculates', async () => {
  const { edwards, ed25519, cose, statement } = glasshouse;
  const { input } = casesOf('statement').find(({ name, kind }) => kind === 'valid' && name === 'decision');
  const { message } = await statement.parse(glasshouse.bytes.fromHex(input.statement));
  const signed = cose.signedBytes(message.protected, message.payload);
  // R + (0, -1), the point of order 2, is (-x, -y).
  const whole = edwards.littleEndian(message.signature.subarray(0, 32));
  const [sign, y] = [whole >> 255n, whole & ((1n << 255n) - 1n)];
  const signature = Uint8Array.from(message.signature);
  signature.set(glasshouse.bytes.bigEndian(((1n - sign) << 255n) | (2n ** 255n - 19n - y), 32).reverse());
  const moved = edwards.decompress(signature.subarray(0, 32));
  assert.ok(moved !== null && !edwards.isSmallOrder(moved) && !edwards.isPrimeOrder(moved));
  const { subtle } = globalThis.crypto;
  const verify = subtle.verify;
  try {
    Object.defineProperty(subtle, 'verify', { value: async () => true, configurable: true }); // a browser that takes eight times the equation, at its most lenient
    assert.equal(await ed25519.verify(glasshouse.bytes.fromHex(input.key), message.signature, signed), true);
    assert.equal(await ed25519.verify(glasshouse.bytes.fromHex(input.key), signature, signed), false);
  } finally {
    delete subtle.verify;
  }
  assert.equal(subtle.verify, verify);
});

test('the pieces of a receipt are bounded in its form', async () => {
  const { receipt, policy } = named('decision');
  const whole = JSON.parse(receipt);
  const base64 = (length) => Buffer.alloc(length).toString('base64');
  for (const [entry, addenda, step] of [[65_536, [], 1], [65_535, [], 4], [null, [base64(1_048_577)], 1], [null, [base64(1_048_576)], 10]]) {
    const first = { ...whole.entries[0], ...(entry && { entry: base64(entry) }) };
    const text = JSON.stringify({ ...whole, entries: [first, ...whole.entries.slice(1)], addenda });
    await assert.rejects(glasshouse.receipt.verify(text, await glasshouse.policy.parse(policy)), (refusal) => refusal.found.step === step);
  }
});

test('hostile files are refused, and quickly', async () => {
  const policy = await glasshouse.policy.parse(named('decision').policy);
  const hostile = ['['.repeat(5_000_000), `${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}`, '{"format":'.repeat(500_000), 'x'.repeat(60_000_000),
    `{"format":"glasshouse-receipt/1","checkpoint":"${'\\n'.repeat(1_000_000)}","entries":[],"addenda":[]}`];
  for (const text of hostile) {
    const began = performance.now();
    await assert.rejects(glasshouse.receipt.verify(text, policy), { name: 'Refusal', rule: 'receipt-format' });
    assert.ok(performance.now() - began < 5000, 'took too long');
  }
});

test('a genesis stands alone in its receipt, also where a later key signed the checkpoint', async () => {
  const { receipt, policy } = named('keys-log-key-of-a-change');
  const whole = JSON.parse(receipt);
  const entries = whole.entries.filter(({ index }) => index !== whole.entries[0].index && index !== 1);
  const text = JSON.stringify({ ...whole, entries, addenda: [] });
  assert.equal(entries[0].index, 0);
  await assert.rejects(glasshouse.receipt.verify(text, await glasshouse.policy.parse(policy)), { rule: 'receipt-format', found: { step: 7 } });
});
