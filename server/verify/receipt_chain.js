// What leads from a log's genesis to the key of a statement (spec/receipt.md, steps 5 to 8).
(function (glasshouse) {
  'use strict';

  /** @typedef {{index: number, entry: object | null, type: string | null}} Shown an item of a receipt; null where it cannot be read */

  const isChange = (shown) => shown.type === 'keys';

  /** Runs a check, and gives whatever it refuses one rule. */
  async function under(rule, check) {
    try {
      return await check();
    } catch (refusal) {
      if (!(refusal instanceof glasshouse.Refusal)) throw refusal;
      throw new glasshouse.Refusal(rule, refusal.message);
    }
  }

  /** Reads what can be read of a receipt's items. @returns {Promise<Shown[]>} */
  async function readAll(items) {
    const shown = [];
    for (const item of items) {
      const entry = await glasshouse.entry.parse(item.entry).catch((refusal) => {
        if (!(refusal instanceof glasshouse.Refusal)) throw refusal;
        return null;
      });
      shown.push({ index: item.index, entry, type: entry?.statement.type ?? null });
    }
    return shown;
  }

  function namesKey(shown, logKey) {
    return (shown.type === 'genesis' || isChange(shown)) && (shown.entry.statement.payload.get('log_vkeys') ?? []).includes(logKey.text);
  }

  /** Step 5: the log's keys as its genesis names them. @param {object} opened a checkpoint, as `policy.openLog` gives it */
  async function openGenesis(items, shown, opened) {
    const zero = items.filter((item) => item.index === 0);
    glasshouse.demand(zero.length === 1, 'genesis', 'not exactly one entry has index 0');
    const ring = await under('genesis', async () => {
      const { statement } = await glasshouse.entry.parse(zero[0].entry);
      const opening = await glasshouse.KeyRing.open(statement, opened.checkpoint.origin);
      await opening.checkSignature(statement);
      return opening;
    });
    glasshouse.demand(shown.some((each) => namesKey(each, opened.logKey)), 'genesis', 'neither the genesis nor a change of keys names the key that signed the checkpoint');
    return ring;
  }

  /** The entries between genesis and statement, if they are those that there may be. Reports the step that fails. */
  function sort(shown, ring, at) {
    const [about, ...others] = shown;
    const byRegistrar = about.entry.statement.iss === ring.registrar;
    const rule = byRegistrar ? 'receipt-format' : 'enrolment';
    at(7);
    // A genesis stands alone in its receipt; behind every other statement it comes first.
    const alone = about.index === 0 ? others.length === 0 : others[0]?.index === 0;
    glasshouse.demand(alone, rule, 'the genesis does not follow the statement, or is the statement and does not stand alone');
    const rest = others.slice(1);
    at(6);
    const ascends = rest.every((each, i) => i === 0 || rest[i - 1].index < each.index);
    glasshouse.demand(ascends && rest.every((each) => each.index !== about.index), 'keys', 'entries out of the order of the log');
    at(7);
    const middle = rest.filter((each) => !isChange(each));
    if (byRegistrar) {
      glasshouse.demand(middle.length === 0, rule, 'more than a statement of the registrar needs');
    } else {
      glasshouse.demand(middle.length === 1 && middle[0].index < about.index, rule, 'not one enrolment before the statement');
    }
    return { rest, enrolment: middle[0] ?? null };
  }

  async function takeChange(shown, ring) {
    const { statement } = shown.entry;
    await ring.checkSignature(statement);
    await ring.checkKeys(statement);
    await ring.takeKeys(statement.payload, shown.index);
  }

  async function takeEnrolment(shown, ring, about) {
    glasshouse.demand(shown.type === 'enrolment', 'enrolment', 'an entry that is no enrolment');
    const { statement } = shown.entry;
    await ring.checkSignature(statement);
    await ring.checkEnrolment(statement);
    await ring.takeEnrolment(statement.payload, shown.index);
    const enrolled = ring.keys.get(glasshouse.bytes.toHex(about.kid));
    glasshouse.demand(enrolled !== undefined && enrolled.owner === about.iss, 'enrolment', 'the enrolment of another key, or of another provider');
  }

  async function takeStatement(shown, ring) {
    const { statement } = shown.entry;
    await ring.checkSignature(statement);
    glasshouse.demand(statement.type !== 'genesis' || shown.index === 0, 'not-authorised', 'a genesis that is not entry 0');
    if (isChange(shown)) await ring.takeKeys(statement.payload, shown.index);
  }

  /** The indexes of the changes of keys that must be shown (spec/receipt.md, "Format", "needed"). */
  function neededChanges(shown, enrolment, logKey) {
    const [about] = shown;
    const ordered = [...shown].sort((a, b) => a.index - b.index);
    const naming = ordered.find((each) => namesKey(each, logKey));
    const end = Math.max((enrolment ?? about).index, naming.index);
    const changes = ordered.filter(isChange);
    const changesRegistrar = (each) => each !== undefined && each.index <= end && each.entry.statement.payload.has('registrar_key');
    return changes.filter((each, i) => {
      const leads = changesRegistrar(each) ? each.index < end : each.index < end && changesRegistrar(changes[i + 1]);
      return each !== about && (each === naming || leads);
    });
  }

  /** Steps 6 to 8, in the order of the log. @param {(step: number) => void} at is told the step that is being judged */
  async function follow(shown, ring, logKey, at) {
    const [about] = shown;
    const { rest, enrolment } = sort(shown, ring, at);
    for (const each of [...rest, about].sort((a, b) => a.index - b.index)) {
      if (each === about) {
        at(8);
        await takeStatement(each, ring);
      } else if (isChange(each)) {
        at(6);
        await under('keys', () => takeChange(each, ring));
      } else {
        at(7);
        await under('enrolment', () => takeEnrolment(each, ring, about.entry.statement));
      }
    }
    at(6);
    const needed = neededChanges(shown, enrolment, logKey);
    glasshouse.demand(rest.filter(isChange).every((each) => needed.includes(each)), 'keys', 'a change of keys on which nothing rests');
    return enrolment;
  }

  glasshouse.receiptChain = { readAll, openGenesis, follow };
})(globalThis.glasshouse ??= {});
