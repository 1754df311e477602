// The verdict of a judge on one case, in the form of `expect`. It runs in Node and inside a page.

/**
 * @param {(input: object) => object | Promise<object>} judge gives the members that were found, or throws a refusal
 * @param {object} input
 */
export async function verdictOf(judge, input) {
  try {
    return { ok: true, ...(await judge(input)) };
  } catch (refusal) {
    if (refusal?.name !== 'Refusal') throw refusal;
    return { ok: false, rule: refusal.rule, ...refusal.found };
  }
}
