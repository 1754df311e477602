// Offline proofs (c2sp.org/tlog-proof; spec/log.md).
(function (glasshouse) {
  'use strict';

  const HEADER = 'c2sp.org/tlog-proof@v1';
  const INDEX = /^index (0|[1-9][0-9]{0,15})$/;
  /** The header, 53 hashes and a note, with room for `extra`. */
  const MAX_PROOF = 1024 * 1024;

  /** Takes a proof apart. @param {string} text @returns {{extra: Uint8Array | null, index: number, path: Uint8Array[], note: string}} */
  function parse(text) {
    const { fromBase64 } = glasshouse.bytes;
    const demand = (holds, message) => glasshouse.demand(holds, 'proof-format', message);
    demand(text.length <= MAX_PROOF, 'more than 1 MiB');
    const blank = text.indexOf('\n\n');
    const lines = text.slice(0, Math.max(blank, 0)).split('\n');
    demand(lines.shift() === HEADER, 'no header or no blank line');
    const extra = lines[0]?.startsWith('extra ') ? fromBase64(lines.shift().slice('extra '.length)) : undefined;
    demand(extra !== null, 'extra data that is not in canonical base64');
    const index = INDEX.exec(lines.shift() ?? '');
    demand(index !== null, 'no index');
    demand(lines.length <= glasshouse.tree.MAX_PATH, 'more than 53 hashes');
    const path = lines.map((line) => fromBase64(line));
    demand(path.every((hash) => hash?.length === 32), 'a hash that is not 32 bytes in canonical base64');
    return { extra: extra ?? null, index: Number(index[1]), path, note: text.slice(blank + 2) };
  }

  /** Refuses unless a proof holds for a leaf under a policy. @param {string} text @param {Uint8Array} leaf its hash @param {object} policy */
  async function verify(text, leaf, policy) {
    const proof = parse(text);
    const opened = await glasshouse.policy.open(policy, glasshouse.bytes.utf8(proof.note));
    const { size, root } = opened.checkpoint;
    await glasshouse.tree.verifyInclusion(leaf, proof.index, size, root, proof.path);
    return { ...opened, index: proof.index, extra: proof.extra };
  }

  glasshouse.tlogProof = { HEADER, parse, verify };
})(globalThis.glasshouse ??= {});
