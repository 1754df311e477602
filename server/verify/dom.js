// Elements of the page. Whatever comes out of a file becomes text, never markup.
(function (glasshouse) {
  'use strict';

  /**
   * An element with properties, attributes and children; strings become text, null, undefined and false nothing.
   * @param {string} tag
   * @param {Record<string, string | boolean>} attributes
   * @param {...(Node | string | null | undefined | false)} children
   */
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) made.setAttribute(name, '');
      else if (value !== false) made.setAttribute(name, value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return made;
  }

  /** A list of pairs. @param {{label: string, value: (Node | string)[]}[]} rows */
  function pairs(rows, className = 'pairs') {
    return element('dl', { class: className }, ...rows.map(({ label, value }) => (
      element('div', {}, element('dt', {}, label), ...value.map((part) => element('dd', {}, part)))
    )));
  }

  function list(items, className) {
    return element('ul', { class: className }, ...items.map((item) => element('li', {}, item)));
  }

  glasshouse.dom = { element, pairs, list };
})(globalThis.glasshouse ??= {});
