// The judges of payloads, of orders, and of the files that rest on them: for each, what the verifier says about an input.

const { glasshouse } = globalThis;
const hex = (text) => glasshouse.bytes.fromHex(text);
const { toHex } = glasshouse.bytes;

/** A payload by itself is refused with its first error. */
async function payload({ payload: bytes, iss, sub, aud }) {
  try {
    const map = await glasshouse.payload.parse(hex(bytes), { iss, sub, aud });
    return { type: map.get('type'), sequence: map.get('sequence') };
  } catch (refusal) {
    if (refusal.rule !== 'invalid-payload') throw refusal;
    const { errors } = refusal.found;
    throw new glasshouse.Refusal(errors[0].rule, refusal.message, { path: errors[0].path, errors });
  }
}

async function coseReceipt({ receipt: bytes, keys, entry, old_size: size, old_root: root }) {
  const trusted = await glasshouse.coseKeySet.parse(hex(keys));
  const receipt = glasshouse.coseReceipt.parse(hex(bytes));
  const found = entry === undefined
    ? await glasshouse.coseReceipt.verifyGrowth(receipt, { size, root: hex(root) }, trusted)
    : await glasshouse.coseReceipt.verifyEntry(receipt, await glasshouse.tree.leafHash(hex(entry)), trusted);
  return { origin: receipt.origin, kid: toHex(receipt.kid), ...found, root: toHex(found.root) };
}

async function transparentStatement({ transparent, keys }) {
  const found = await glasshouse.transparent.verify(hex(transparent), await glasshouse.coseKeySet.parse(hex(keys)));
  return { statement: toHex(found.statement.bytes), leaf_hash: toHex(found.leafHash), receipts: found.receipts.length };
}

/** A log replayed from its first entry. */
async function replay({ origin, entries }) {
  const registry = new glasshouse.Registry(origin);
  for (const entry of entries) await registry.take(hex(entry));
  return registry;
}

async function registry(input) {
  const { size, ring, issuers } = await replay(input);
  const keys = [...(ring?.keys.values() ?? [])].map(({ kid, owner, enrolledAt, retiredAt }) =>
    ({ kid: toHex(kid), owner, enrolled_at: enrolledAt, retired_at: retiredAt }));
  const numbers = [...issuers].filter(([, { taken }]) => taken.size > 0).map(([iss, { unbroken, highest, taken, voided }]) =>
    ({ iss, unbroken, highest, taken: taken.size, voided }));
  return {
    size,
    keys: keys.sort((a, b) => a.enrolled_at - b.enrolled_at || (a.kid < b.kid ? -1 : 1)),
    numbers: numbers.sort((a, b) => (a.iss < b.iss ? -1 : 1)),
  };
}

/** The state of an entry as `expect` has it: a member that says nothing is left out. */
function stateOf(lives, life) {
  const { withdrawn, lifted, conflict, ...state } = glasshouse.lifeState.of(lives, life);
  const found = { index: life.index, standing: state.standing };
  for (const [name, index] of Object.entries({ withdrawn, lifted, conflict })) if (index !== undefined) found[name] = index;
  for (const name of ['outcomes', 'amendments']) if (state[name].length > 0) found[name] = state[name];
  if (state.texts.size > 0) found.texts = Object.fromEntries(state.texts);
  if (state.asAmended !== null) {
    const fields = [...state.asAmended.fields].map(([name, value]) => [name, glasshouse.jsonForm.of(name, value)]);
    found.as_amended = { fields: Object.fromEntries(fields), texts: Object.fromEntries(state.asAmended.texts) };
  }
  return found;
}

async function lifecycle(input) {
  const registry = await replay(input);
  return {
    states: registry.lives.all.map((life) => stateOf(registry.lives, life)),
    completeness: glasshouse.completeness.of(registry),
    embargoes: glasshouse.embargoes.of(registry.lives, input.day),
  };
}

/** A log replayed with the texts that come with each entry. */
async function admission({ origin, entries, texts }) {
  const registry = new glasshouse.Registry(origin);
  for (const [at, entry] of entries.entries()) {
    await registry.refusingWithIndex(async () => {
      const checked = await registry.check(hex(entry));
      await glasshouse.submission.checkTexts(checked, texts[at].map(hex));
      await registry.keep(checked);
    });
  }
  const { lives } = registry;
  const statesOf = (life) => [...life.addenda.keys()].map((field) => [field, lives.textState(life, field)]);
  return { texts: lives.all.map((life) => Object.fromEntries(statesOf(life))) };
}

/** Members of `expect` by their names in JavaScript. */
const EVIDENCE = { oldSize: 'old_size', newSize: 'new_size', brokenRule: 'broken_rule' };

async function evidence({ evidence: file, log }) {
  const found = await glasshouse.evidence.verify(file, log);
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [EVIDENCE[name] ?? name, value]));
}

/** family -> judge */
export const judges = {
  payload,
  cose_receipt: coseReceipt,
  transparent_statement: transparentStatement,
  registry,
  lifecycle,
  admission,
  evidence,
};
