import { fieldValue, isNamed } from './fields.ts';

/** Bytes of a CRLF. */
const LINE_END = 2;

/**
 * The fields of a message, read-only, in the order of arrival. Names are compared without regard to case.
 *
 * Keeps the text as it came and looks into it when asked: the headers of an upgrade live as long as its
 * WebSocket, and are asked for seldom.
 *
 * @see RFC 9110 §5 — Fields
 */
export class Headers implements Iterable<readonly [name: string, value: string]> {
  readonly #text: string;
  readonly #start: number;

  /**
   * @param text field lines that `checkFields` has passed, with the empty line at their end.
   * @param start index of the first field line.
   */
  constructor(text = '\r\n', start = 0) {
    this.#text = text;
    this.#start = start;
  }

  /** The value, lines of the same name joined by `, `; `undefined` when there is none. */
  get(name: string): string | undefined {
    const values = this.getAll(name);
    return values.length > 1 ? values.join(', ') : values[0];
  }

  has(name: string): boolean {
    return this.getAll(name).length > 0;
  }

  /** How many lines carry this name. */
  count(name: string): number {
    return this.getAll(name).length;
  }

  /** The values, one per line. */
  getAll(name: string): string[] {
    const text = this.#text;
    const wanted = name.toLowerCase();
    const values: string[] = [];
    let line = this.#start;
    for (let end = text.indexOf('\r', line); end > line; end = text.indexOf('\r', line)) {
      if (isNamed(text, line, wanted)) values.push(fieldValue(text, line + wanted.length + 1, end));
      line = end + LINE_END;
    }
    return values;
  }

  *[Symbol.iterator](): IterableIterator<readonly [name: string, value: string]> {
    const text = this.#text;
    let line = this.#start;
    for (let end = text.indexOf('\r', line); end > line; end = text.indexOf('\r', line)) {
      const colon = text.indexOf(':', line);
      yield [text.slice(line, colon).toLowerCase(), fieldValue(text, colon + 1, end)];
      line = end + LINE_END;
    }
  }
}
