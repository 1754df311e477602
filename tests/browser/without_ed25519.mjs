// A WebCrypto that knows no Ed25519. It runs in Node and inside a page.

/** Takes it away; gives how often it was asked for since. */
export function withoutEd25519() {
  const { subtle } = globalThis.crypto;
  const importKey = subtle.importKey.bind(subtle);
  let refused = 0;
  Object.defineProperty(subtle, 'importKey', {
    value: async (format, key, algorithm, ...rest) => {
      if ((algorithm.name ?? algorithm) !== 'Ed25519') return importKey(format, key, algorithm, ...rest);
      refused += 1;
      throw new DOMException('no Ed25519 here', 'NotSupportedError');
    },
  });
  return () => refused;
}
