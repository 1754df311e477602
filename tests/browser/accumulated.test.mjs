// spec/vectors/accumulated.json: one hash over the trees of 100,000 leaves and the proofs of some of them, each of which the
// verifier must take. The tree is built here, because a verifier builds none.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { glasshouse } from './load.mjs';

const expect = JSON.parse(readFileSync(new URL('../../spec/vectors/accumulated.json', import.meta.url), 'utf8'));

function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Every whole subtree: `levels[k][i]` is the node over the leaves i·2^k to (i + 1)·2^k − 1. */
const levels = [[]];

function append(leaf) {
  levels[0].push(leaf);
  for (let level = 0; levels[level].length % 2 === 0; level += 1) {
    levels[level + 1] ??= [];
    levels[level + 1].push(sha256(Uint8Array.of(1), ...levels[level].slice(-2)));
  }
}

/** The greatest power of two below a number above one. */
function split(count) {
  return 2 ** Math.floor(Math.log2(count - 1));
}

/** The root of the leaves `from` to `to` − 1 (RFC 6962 section 2.1). */
function rootOf(from, to) {
  const [count, level] = [to - from, Math.log2(to - from)];
  if (Number.isInteger(level) && from % count === 0) return levels[level][from / count];
  const middle = from + split(count);
  return sha256(Uint8Array.of(1), rootOf(from, middle), rootOf(middle, to));
}

/** RFC 6962 section 2.1.1. */
function inclusionProof(index, from, to) {
  if (to - from === 1) return [];
  const middle = from + split(to - from);
  return index < middle
    ? [...inclusionProof(index, from, middle), rootOf(middle, to)]
    : [...inclusionProof(index, middle, to), rootOf(from, middle)];
}

/** RFC 6962 section 2.1.2. `whole`: the older tree is a node that the reader has. */
function consistencyProof(old, from, to, whole) {
  if (old === to) return whole ? [] : [rootOf(from, to)];
  const middle = from + split(to - from);
  return old <= middle
    ? [...consistencyProof(old, from, middle, whole), rootOf(middle, to)]
    : [...consistencyProof(old, middle, to, false), rootOf(from, middle)];
}

function leafOf(i) {
  const number = Buffer.alloc(9); // a zero byte, and the number in eight
  number.writeBigUInt64BE(BigInt(i), 1);
  return sha256(number);
}

test('the trees of 100,000 leaves and their proofs have the hash of every reader', async () => {
  let accumulated = Buffer.alloc(32);
  const fold = (hash) => {
    accumulated = sha256(accumulated, hash);
  };
  let proofs = 0;
  for (let size = 1; size <= expect.leaves; size += 1) {
    append(leafOf(size - 1));
    const root = rootOf(0, size);
    fold(root);
    if (size % expect.every === 0) {
      const [index, old] = [(size * 7919) % (size - 1), 1 + ((size * 104729) % (size - 1))];
      const inclusion = inclusionProof(index, 0, size);
      const consistency = consistencyProof(old, 0, size, true);
      await glasshouse.tree.verifyInclusion(levels[0][index], index, size, root, inclusion);
      await glasshouse.tree.verifyConsistency(old, rootOf(0, old), size, root, consistency);
      for (const hash of [...inclusion, ...consistency]) fold(hash);
      proofs += 1;
    }
    if (size === 1000) assert.equal(accumulated.toString('hex'), expect.after_1000);
  }
  assert.equal(accumulated.toString('hex'), expect.accumulated);
  assert.equal(proofs, Math.floor(expect.leaves / expect.every));
});
