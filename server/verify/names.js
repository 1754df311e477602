// Names: hosts, origins, issuers and subjects (spec/statement.md, "Names").
(function (glasshouse) {
  'use strict';

  const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
  const HOST = new RegExp(`^${LABEL}(?:\\.${LABEL})+$`);
  /** The longest host (RFC 1035 section 2.3.4). */
  const MAX_HOST = 253;
  const ORIGIN = /^[a-z0-9.:-]+(?:\/[a-z0-9.:-]+)*$/;
  const MAX_ORIGIN = 255;
  const PORT = /^[1-9][0-9]{0,4}$/;
  const PSEUDONYM = /^s:[0-9a-f]{32}$/;
  const ASN = /^asn:([1-9][0-9]{0,9})$/;

  /** @param {unknown} text */
  function isHost(text) {
    return typeof text === 'string' && text.length <= MAX_HOST && HOST.test(text);
  }

  /** @param {unknown} text */
  function isOrigin(text) {
    return typeof text === 'string' && text.length <= MAX_ORIGIN && ORIGIN.test(text);
  }

  /** Whether a text is `https://`, a host, and perhaps a port that is not 443. @param {unknown} text */
  function isProvider(text) {
    if (typeof text !== 'string' || !text.startsWith('https://')) return false;
    const [host, ...ports] = text.slice('https://'.length).split(':');
    if (!isHost(host) || ports.length > 1) return false;
    return ports.length === 0 || (PORT.test(ports[0]) && Number(ports[0]) <= 65535 && ports[0] !== '443');
  }

  /** Whether a text is a provider's `iss`, or the registrar's: `https://` and an origin. @param {unknown} text */
  function isIssuer(text) {
    return isProvider(text) || (typeof text === 'string' && text.startsWith('https://') && isOrigin(text.slice('https://'.length)));
  }

  /** Whether a text is a subject of decisions. @param {unknown} text */
  function isSubject(text) {
    if (typeof text !== 'string') return false;
    if (text.startsWith('domain:')) return isHost(text.slice('domain:'.length));
    return PSEUDONYM.test(text) || Number(ASN.exec(text)?.[1] ?? Infinity) <= 4294967295;
  }

  /** Whether a text is a claim `sub` of any kind. @param {unknown} text */
  function isSub(text) {
    if (typeof text !== 'string') return false;
    if (text.startsWith('log:')) return isOrigin(text.slice('log:'.length));
    if (text.startsWith('provider:')) return isIssuer(text.slice('provider:'.length));
    return isSubject(text);
  }

  glasshouse.names = { isHost, isOrigin, isProvider, isIssuer, isSubject, isSub };
})(globalThis.glasshouse ??= {});
