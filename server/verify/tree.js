// The Merkle tree (RFC 6962 section 2.1) and its proofs (RFC 9162 sections 2.1.3.2 and 2.1.4.2; spec/log.md, "Verification").
(function (glasshouse) {
  'use strict';

  /** The longest inclusion proof in a tree of 2^53 - 1 entries. */
  const MAX_PATH = 53;

  const odd = (value) => value % 2 === 1;
  const half = (value) => Math.floor(value / 2); // no shift: these have up to 53 bits

  /** @param {Uint8Array} entry */
  function leafHash(entry) {
    return glasshouse.sha256(glasshouse.bytes.concat(Uint8Array.of(0), entry));
  }

  function nodeHash(left, right) {
    return glasshouse.sha256(glasshouse.bytes.concat(Uint8Array.of(1), left, right));
  }

  /** The root of the tree without entries. */
  function emptyRoot() {
    return glasshouse.sha256(new Uint8Array(0));
  }

  function demandRoot(computed, given) {
    glasshouse.demand(glasshouse.bytes.equal(computed, given), 'root-mismatch', 'the proof leads to another root');
  }

  /** Whether a number is an index or a size: an integer from 0 to 2^53 - 1. */
  function isSize(value) {
    return Number.isSafeInteger(value) && value >= 0;
  }

  /**
   * The root that a leaf and the hashes beside its way up lead to.
   * @param {Uint8Array} leaf its hash
   * @param {number} index
   * @param {number} size of the tree
   * @param {Uint8Array[]} path the leaf's sibling first
   */
  async function rootOfInclusion(leaf, index, size, path) {
    glasshouse.demand(isSize(index) && isSize(size) && index < size, 'out-of-range', 'the index is not below the size of the tree');
    let [node, last, hash] = [index, size - 1, leaf];
    for (const sibling of path) {
      glasshouse.demand(last > 0, 'path-length', 'too many hashes in the proof');
      if (odd(node) || node === last) {
        hash = await nodeHash(sibling, hash);
        while (!odd(node) && node !== 0) [node, last] = [half(node), half(last)];
      } else {
        hash = await nodeHash(hash, sibling);
      }
      [node, last] = [half(node), half(last)];
    }
    glasshouse.demand(last === 0, 'path-length', 'too few hashes in the proof');
    return hash;
  }

  /** Refuses unless a leaf is in the tree of that size and root, at that index. */
  async function verifyInclusion(leaf, index, size, root, path) {
    demandRoot(await rootOfInclusion(leaf, index, size, path), root);
  }

  /**
   * The two roots that a consistency proof between different trees, neither of them empty, leads to.
   * @param {Uint8Array} oldRoot begins the way up where the older tree is one whole subtree
   * @returns {Promise<{older: Uint8Array, newer: Uint8Array}>}
   */
  async function rootsOfConsistency(oldSize, oldRoot, newSize, path) {
    let [node, last] = [oldSize - 1, newSize - 1];
    while (odd(node)) [node, last] = [half(node), half(last)];
    const hashes = node === 0 ? [oldRoot, ...path] : path;
    glasshouse.demand(hashes.length > 0 && path.length > 0, 'path-length', 'too few hashes in the proof');
    let [older, newer] = [hashes[0], hashes[0]];
    for (const hash of hashes.slice(1)) {
      glasshouse.demand(last > 0, 'path-length', 'too many hashes in the proof');
      if (odd(node) || node === last) {
        older = await nodeHash(hash, older);
        newer = await nodeHash(hash, newer);
        while (!odd(node) && node !== 0) [node, last] = [half(node), half(last)];
      } else {
        newer = await nodeHash(newer, hash);
      }
      [node, last] = [half(node), half(last)];
    }
    glasshouse.demand(last === 0, 'path-length', 'too few hashes in the proof');
    return { older, newer };
  }

  /** Refuses unless the tree of `newSize` begins with that of `oldSize`. */
  async function verifyConsistency(oldSize, oldRoot, newSize, newRoot, path) {
    glasshouse.demand(isSize(oldSize) && isSize(newSize) && oldSize <= newSize, 'out-of-range', 'the older tree is the larger one');
    if (oldSize === 0 || oldSize === newSize) {
      glasshouse.demand(path.length === 0, 'path-length', 'a proof of hashes where none is needed');
      if (oldSize === 0) demandRoot(await emptyRoot(), oldRoot);
      if (oldSize === newSize) demandRoot(oldRoot, newRoot);
      return;
    }
    const { older, newer } = await rootsOfConsistency(oldSize, oldRoot, newSize, path);
    demandRoot(older, oldRoot);
    demandRoot(newer, newRoot);
  }

  glasshouse.tree = { MAX_PATH, isSize, leafHash, nodeHash, emptyRoot, rootOfInclusion, verifyInclusion, rootsOfConsistency, verifyConsistency };
})(globalThis.glasshouse ??= {});
