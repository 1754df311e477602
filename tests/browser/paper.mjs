// A stand-in for a browser's document, on which the page's elements can be made and read as text.

class Sheet {
  constructor(tag) {
    this.tag = tag;
    this.attributes = {};
    this.children = [];
  }

  setAttribute(name, value) {
    this.attributes[name] = String(value);
  }

  /** As the DOM does it: what is no node becomes text, `undefined` too. */
  append(...children) {
    this.children.push(...children.map((child) => (child instanceof Sheet ? child : String(child))));
  }

  /** All text, a line for each element. */
  get text() {
    return this.children.map((child) => (child instanceof Sheet ? child.text : child)).join('\n');
  }
}

globalThis.document ??= { documentElement: { lang: 'en' }, createElement: (tag) => new Sheet(tag), getElementById: () => null };

/** The text of some nodes and strings. @param {(Sheet | string)[]} nodes */
export function textOf(nodes) {
  return nodes.map((node) => (node instanceof Sheet ? node.text : String(node))).join('\n');
}
