// Bounds of a replayed log that no vector reaches, because it would need ten thousand statements.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { glasshouse } from './load.mjs';

const PROVIDER = 'https://reverse-proxy.example';

/** A statement that names ranges, each a pair. */
function naming(...ranges) {
  const targets = ranges.map(([first, last]) => new Map([['first', first], ['last', last]]));
  return { type: 'outcome', iss: PROVIDER, payload: new Map([['targets', targets]]) };
}

test('ten thousand statements may name one block of numbers, and no more', () => {
  const numbers = new glasshouse.IssuerNumbers();
  for (let number = 1; number <= 8; number += 1) numbers.take(number, { statement: { type: 'void' } });
  const rules = new glasshouse.OrderRules('https://log.example', new glasshouse.Lives(), () => numbers);
  for (let i = 0; i < 10_000; i += 1) {
    assert.deepEqual(rules.check(naming([1, 5])), []);
    rules.keep(naming([1, 5]));
  }
  // 1 to 5 is made of the blocks 1, 2 to 3, and 4 to 5.
  for (const range of [[1, 5], [1, 1], [2, 3], [2, 5], [4, 5], [1, 2]]) {
    assert.throws(() => rules.check(naming(range)), { name: 'Refusal', rule: 'target-state' }, String(range));
  }
  for (const range of [[2, 2], [4, 7], [6, 8]]) assert.deepEqual(rules.check(naming(range)), [], String(range));
  assert.throws(() => rules.check(naming([6, 8], [4, 5])), { rule: 'target-state' });
});

test('ten thousand statements may name one entry, and no more', () => {
  const lives = new glasshouse.Lives();
  const statement = { type: 'decision', iss: PROVIDER, sub: 'domain:example.org', payload: new Map([['addenda', new Map()]]) };
  const leaf = new Uint8Array(32);
  const life = lives.add(statement, leaf, []);
  const rules = new glasshouse.OrderRules('https://log.example', lives, () => null);
  const outcome = { ...statement, type: 'outcome', payload: new Map([['addenda', new Map()], ['targets', [new Map([['entry', leaf]])]]]) };
  for (let i = 0; i < 10_000; i += 1) {
    const named = rules.check(outcome);
    assert.equal(named[0].life, life);
    life.namedBy.push({ by: { statement: outcome, namedBy: [] }, byRange: false });
  }
  assert.throws(() => rules.check(outcome), { name: 'Refusal', rule: 'target-state' });
});

test('numbers far ahead, and runs of missing ones, cost no more than what is there', () => {
  const numbers = new glasshouse.IssuerNumbers();
  numbers.take(1, {});
  numbers.close(3, 65_537);
  assert.equal(numbers.unbroken, 1);
  assert.equal(numbers.voided, 65_535);
  assert.equal(numbers.isWhole(3, 65_537), true);
  assert.equal(numbers.isWhole(1, 2 ** 53 - 1), false);
  assert.deepEqual(numbers.missing(1, 2 ** 53 - 1), [[2, 2], [65_538, 2 ** 53 - 1]]);
  numbers.take(2, {});
  assert.equal(numbers.unbroken, 65_537);
  assert.deepEqual(numbers.missing(1, 65_537), []);
  assert.throws(() => numbers.check(65_537 + 65_537, () => false), { rule: 'sequence-ahead' });
  assert.throws(() => numbers.check(65_537, () => false), { rule: 'sequence-void' });
  assert.throws(() => numbers.checkVoid(65_537, 65_538), { rule: 'sequence-void' });
  assert.throws(() => numbers.check(2, () => true), { rule: 'duplicate' });
  assert.throws(() => numbers.check(2, () => false), { rule: 'sequence-conflict' });
});
