// Whom the reader of the page trusts: a policy, or the one key of a log.
(function (glasshouse) {
  'use strict';

  /** What stands behind the name in a key, which has no white space. Both are looked for in one pass, however long a text is. */
  const KEY_ID = /\+[0-9a-f]{8}\+./;
  const WHITE_SPACE = /\s/;

  /** Whether a text is a key alone. @param {string} text */
  function isKey(text) {
    return KEY_ID.test(text) && !WHITE_SPACE.test(text) && !text.startsWith('+');
  }

  /**
   * A reader's own policy. A line that is a log's key alone stands for a policy that trusts it and asks for no witness.
   * @param {string} given
   * @returns {Promise<{text: string, policy: object}>}
   */
  async function parse(given) {
    if (given.length > glasshouse.policy.MAX_POLICY) {
      throw Object.assign(new glasshouse.Refusal('policy-format', 'more than 256 KiB'), { line: 0, reason: 'too-large' });
    }
    const line = given.trim();
    const text = isKey(line) ? `log ${line}\nquorum none\n` : given.replaceAll('\r\n', '\n');
    return { text, policy: await glasshouse.policy.parse(text) };
  }

  /** The names of a policy's logs, each once. @param {object} policy */
  function logsOf(policy) {
    return [...new Set(policy.logs.map((key) => key.name))];
  }

  /** Whether a text looks like a policy, and not like anything else that is checked here. @param {string} text */
  function looksLikePolicy(text) {
    return isKey(text.trim()) || /^(?:log|witness|group|quorum)[ \t]/m.test(text);
  }

  glasshouse.trust = { parse, logsOf, looksLikePolicy };
})(globalThis.glasshouse ??= {});
