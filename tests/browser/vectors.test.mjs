// Every case of spec/vectors: the verifier's verdict is the one that every reader must give. `curve.test.mjs` runs it once more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import './load.mjs';
import { casesOf, families } from './cases.mjs';
import { FEWEST, LEFT_OUT } from './left_out.mjs';
import { judges as core } from './judges_core.mjs';
import { judges as rules } from './judges_rules.mjs';
import { verdictOf } from './verdict.mjs';

const judges = { ...core, ...rules };

test('every folder of vectors is judged or left out for a reason', () => {
  assert.deepEqual([...Object.keys(judges), ...Object.keys(LEFT_OUT)].sort(), families());
});

let judged = 0;
for (const [family, judge] of Object.entries(judges)) {
  test(`every verdict of ${family}`, async () => {
    const cases = casesOf(family);
    assert.ok(cases.some((each) => each.kind === 'valid'), 'no valid case');
    const wrong = [];
    for (const each of cases) {
      const found = await verdictOf(judge, each.input);
      if (each.expect.step === undefined) delete found.step; // only receipts are judged in steps
      try {
        assert.deepEqual(found, each.expect);
      } catch (difference) {
        wrong.push(`${family}/${each.kind}/${each.name}: ${difference.message}`);
      }
      judged += 1;
    }
    assert.equal(wrong.length, 0, wrong.join('\n'));
  });
}

test('no case was missed', () => {
  assert.ok(judged >= FEWEST, `${judged} cases, fewer than ${FEWEST}`);
});
