// The judges of the families that need no rules of payloads and orders: for each, what the verifier says about an input.

const { glasshouse } = globalThis;
const hex = (text) => glasshouse.bytes.fromHex(text);
const { toHex } = glasshouse.bytes;

/** The bytes of a text member, or of its twin in hex where the text is not UTF-8. */
function textBytes(input, name) {
  return input[`${name}_hex`] === undefined ? glasshouse.bytes.utf8(input[name]) : hex(input[`${name}_hex`]);
}

/** A BigInt as `expect` has it. */
function integer(value) {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** family -> judge */
export const judges = {
  cbor({ cbor }) {
    glasshouse.cbor.decode(hex(cbor));
    return {};
  },

  async key({ x, cose_key: coseKey }) {
    const raw = x === undefined ? glasshouse.coseKey.parse(hex(coseKey)) : hex(x);
    glasshouse.ed25519.checkKey(raw);
    return { x: toHex(raw), cose_key: toHex(glasshouse.coseKey.encode(raw)), kid: toHex(await glasshouse.coseKey.thumbprint(raw)) };
  },

  async inclusion({ leaf_hash: leafHash, entry, index, size, root, path }) {
    const leaf = entry === undefined ? hex(leafHash) : await glasshouse.tree.leafHash(hex(entry));
    await glasshouse.tree.verifyInclusion(leaf, index, size, hex(root), path.map(hex));
    return {};
  },

  async consistency({ old_size: oldSize, old_root: oldRoot, new_size: newSize, new_root: newRoot, path }) {
    await glasshouse.tree.verifyConsistency(oldSize, hex(oldRoot), newSize, hex(newRoot), path.map(hex));
    return {};
  },

  tile({ path, size }) {
    if (path !== undefined) return glasshouse.tile.parsePath(path);
    return { levels: glasshouse.tile.levelsOf(size), partial_paths: glasshouse.tile.partialPaths(size) };
  },

  async bundle({ bundle, width }) {
    const entries = glasshouse.tile.parseBundle(hex(bundle), width);
    const leaves = await Promise.all(entries.map(glasshouse.tree.leafHash));
    return { entries: entries.length, leaf_hashes: leaves.map(toHex) };
  },

  async note(input) {
    if (input.vkey !== undefined) {
      const { name, id, alg, key } = await glasshouse.note.parseVkey(input.vkey);
      return { name, key_id: id, alg, key: toHex(key) };
    }
    const keys = await Promise.all(input.vkeys.map(glasshouse.note.parseVkey));
    const note = glasshouse.note.parse(textBytes(input, 'note'));
    const verified = await glasshouse.note.verify(note, keys);
    return { text: note.text, signatures: note.lines.length, verified: verified.map((key) => key.text) };
  },

  async checkpoint({ note, vkey }) {
    const key = await glasshouse.note.parseVkey(vkey);
    const { origin, size, root } = await glasshouse.checkpoint.open(glasshouse.bytes.utf8(note), key);
    return { origin, size, root: toHex(root) };
  },

  async cosignature({ note, vkey }) {
    const key = await glasshouse.note.parseVkey(vkey);
    return { time: integer(await glasshouse.cosignature.verify(glasshouse.bytes.utf8(note), key)) };
  },

  async policy({ policy: text, note }) {
    const policy = await glasshouse.policy.parse(text);
    if (note === undefined) {
      const witnesses = Object.fromEntries([...policy.witnesses].map(([name, key]) => [name, key.text]));
      return { logs: policy.logs.map((key) => key.text), witnesses, quorum: policy.quorum };
    }
    const opened = await glasshouse.policy.open(policy, glasshouse.bytes.utf8(note));
    return { size: opened.checkpoint.size, signers: [...opened.witnesses.keys()].sort() };
  },

  async tlog_proof({ proof, leaf_hash: leafHash, policy: text }) {
    const policy = await glasshouse.policy.parse(text);
    const { index, extra, checkpoint } = await glasshouse.tlogProof.verify(proof, hex(leafHash), policy);
    return { index, size: checkpoint.size, root: toHex(checkpoint.root), extra: extra && toHex(extra) };
  },

  batch({ body }) {
    const items = glasshouse.batch.parse(hex(body));
    return { items: items.length, addenda: items.map((item) => item.addenda.length) };
  },

  async statement({ statement: bytes, key }) {
    const statement = await glasshouse.statement.parse(hex(bytes));
    await glasshouse.statement.verify(statement, hex(key));
    const { iss, sub, aud, iat, kid, alg, type, sequence } = statement;
    return { iss, sub, aud, iat, kid: toHex(kid), alg, type, sequence };
  },

  async request({ request: bytes, aud, iss }) {
    const { key, time } = await glasshouse.request.check(hex(bytes), aud, iss);
    return { key: toHex(key), time };
  },

  async addendum({ addendum: bytes, statement }) {
    const addendum = glasshouse.addendum.parse(hex(bytes));
    if (statement !== undefined) await glasshouse.addendum.checkOwner(addendum, await glasshouse.statement.parse(hex(statement)));
    return { digest: toHex(await glasshouse.sha256(addendum.bytes)), field: addendum.field, sequence: addendum.sequence };
  },

  async entry({ entry: bytes }) {
    const entry = await glasshouse.entry.parse(hex(bytes));
    const leafHash = await glasshouse.tree.leafHash(entry.bytes);
    return { statement: toHex(entry.statement.bytes), offsets: entry.offsets, leaf_hash: toHex(leafHash) };
  },

  async receipt({ receipt, policy: text }) {
    const policy = await glasshouse.policy.parse(text);
    const { checkpoint, index, leafHash, statement, witnesses, addenda } = await glasshouse.receipt.verify(receipt, policy);
    return {
      origin: checkpoint.origin, size: checkpoint.size, index, leaf_hash: toHex(leafHash),
      iss: statement.iss, sub: statement.sub, type: statement.type, sequence: statement.sequence,
      witnesses: [...witnesses.keys()].sort(), addenda: addenda.map((addendum) => addendum.field),
    };
  },
};
