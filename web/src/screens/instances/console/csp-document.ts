/**
 * The page's document for xterm, which writes style elements and style attributes: a strict policy takes the first only with
 * the page's nonce, and the second only from scripts that set them piece by piece.
 */
export function cspDocument(nonce: string): Document {
  const createElement = (name: string, options?: ElementCreationOptions): HTMLElement => {
    const element = Document.prototype.createElement.call(document, name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    const set = element.setAttribute.bind(element);
    element.setAttribute = (attribute, value) => {
      if (attribute === 'style') element.style.cssText = value;
      else set(attribute, value);
    };
    return element;
  };
  return new Proxy(document, {
    get(target, property) {
      if (property === 'createElement') return createElement;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? (value as (...values: unknown[]) => unknown).bind(target) : value;
    },
  });
}

/** Some of xterm takes the page's own document whatever it is told: what `make` creates there has the nonce too. */
export function asPageDocument(wanted: Document, make: () => void): void {
  const page: { createElement?: Document['createElement'] } = document;
  page.createElement = wanted.createElement;
  try {
    make();
  } finally {
    // Uncovers the document's own again.
    delete page.createElement;
  }
}
