// SHA-256 and SHA-512 (FIPS 180-4), by WebCrypto.
(function (glasshouse) {
  'use strict';

  async function digest(name, bytes) {
    return new Uint8Array(await globalThis.crypto.subtle.digest(name, bytes));
  }

  /** 32 bytes. @param {Uint8Array} bytes @returns {Promise<Uint8Array>} */
  glasshouse.sha256 = (bytes) => digest('SHA-256', bytes);

  /** 64 bytes. @param {Uint8Array} bytes @returns {Promise<Uint8Array>} */
  glasshouse.sha512 = (bytes) => digest('SHA-512', bytes);
})(globalThis.glasshouse ??= {});
