import { StringDecoder } from 'node:string_decoder';

/**
 * Cuts a byte stream of JSON objects and arrays, one after another with or without white space between (OVSDB, QMP),
 * into values. Chunks may end anywhere, inside a character too.
 */
export class JsonSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #text = '';
  #scanned = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;

  /**
   * Takes the next bytes and returns the values that are complete now.
   * @throws SyntaxError when the stream is not JSON
   */
  push(chunk: Buffer): unknown[] {
    this.#text += this.#decoder.write(chunk);
    const values: unknown[] = [];
    let start = 0;
    for (; this.#scanned < this.#text.length; this.#scanned++) {
      const char = this.#text[this.#scanned];
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (char === '\\') this.#escaped = true;
        else if (char === '"') this.#inString = false;
      } else if (char === '{' || char === '[') {
        if (this.#depth++ === 0) start = this.#scanned;
      } else if (char === '}' || char === ']') {
        if (--this.#depth === 0) {
          values.push(JSON.parse(this.#text.slice(start, this.#scanned + 1)));
          start = this.#scanned + 1;
        }
      } else if (this.#depth === 0) {
        if (!/\s/.test(char!)) throw new SyntaxError(`Unexpected ${JSON.stringify(char)} between JSON messages`);
      } else if (char === '"') this.#inString = true;
      if (this.#depth < 0) throw new SyntaxError('Unexpected closing bracket between JSON messages');
    }
    this.#text = this.#depth === 0 ? '' : this.#text.slice(start);
    this.#scanned = this.#text.length;
    return values;
  }
}
