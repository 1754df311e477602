// Tiles and entry bundles (c2sp.org/tlog-tiles; spec/log.md, "Tiles and bundles").
(function (glasshouse) {
  'use strict';

  /** Hashes in a full tile, entries in a full bundle. */
  const FULL = 256;
  /** The greatest level that a path can name. */
  const MAX_LEVEL = 63;
  const PATH = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

  /** The path of a tile or bundle. @param {number | 'entries'} level @param {number} index @param {number} width 256 if it is full */
  function encodePath(level, index, width) {
    const digits = String(index);
    const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g);
    const name = groups.map((group, at) => (at < groups.length - 1 ? 'x' : '') + group).join('/');
    return `tile/${level}/${name}${width === FULL ? '' : `.p/${width}`}`;
  }

  /** What a path names, in its one spelling. @param {string} path */
  function parsePath(path) {
    const match = PATH.exec(path);
    glasshouse.demand(match !== null, 'tile-path', 'not the path of a tile or bundle');
    const level = match[1] === 'entries' ? 'entries' : Number(match[1]);
    const index = Number(match[2].replace(/[x/]/g, ''));
    const width = match[3] === undefined ? FULL : Number(match[3]);
    const partial = match[3] === undefined || width < FULL;
    const known = level === 'entries' || level <= MAX_LEVEL;
    const holds = partial && known && glasshouse.tree.isSize(index) && encodePath(level, index, width) === path;
    glasshouse.demand(holds, 'tile-path', 'not the path of a tile or bundle in its one spelling');
    return { level, index, width };
  }

  /** The levels of a tree that have tiles: how many full ones, and how wide the partial one is. @param {number} size */
  function levelsOf(size) {
    const levels = [];
    for (let hashes = size; hashes > 0; hashes = Math.floor(hashes / FULL)) {
      levels.push({ level: levels.length, full: Math.floor(hashes / FULL), partial: hashes % FULL });
    }
    return levels;
  }

  /** The paths of a tree's partial tiles, and of its partial bundle. @param {number} size */
  function partialPaths(size) {
    const partial = levelsOf(size).filter((each) => each.partial > 0);
    const paths = partial.map((each) => encodePath(each.level, each.full, each.partial));
    const entries = partial.find((each) => each.level === 0);
    return entries ? [...paths, encodePath('entries', entries.full, entries.partial)] : paths;
  }

  /** The entries of a bundle that must hold `width` of them. @param {Uint8Array} bundle @returns {Uint8Array[]} */
  function parseBundle(bundle, width) {
    glasshouse.demand(Number.isSafeInteger(width) && width >= 1 && width <= FULL, 'bundle-format', 'a bundle holds 1 to 256 entries');
    const entries = [];
    let at = 0;
    while (entries.length < width) {
      const begin = at + 2;
      glasshouse.demand(begin <= bundle.length, 'bundle-format', 'the bundle ends within a length');
      at = begin + (bundle[at] << 8) + bundle[at + 1];
      glasshouse.demand(at <= bundle.length, 'bundle-format', 'the bundle ends within an entry');
      entries.push(bundle.subarray(begin, at));
    }
    glasshouse.demand(at === bundle.length, 'bundle-format', 'bytes behind the last entry');
    return entries;
  }

  glasshouse.tile = { FULL, encodePath, parsePath, levelsOf, partialPaths, parseBundle };
})(globalThis.glasshouse ??= {});
