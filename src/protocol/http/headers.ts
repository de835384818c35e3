/** Names that nearly every request carries, in the spellings that are sent: shared, so that they cost no memory. */
const KNOWN: ReadonlyMap<string, string> = spellingsOf([
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Authorization',
  'Cache-Control',
  'Connection',
  'Content-Length',
  'Content-Type',
  'Cookie',
  'DNT',
  'Expect',
  'Forwarded',
  'Host',
  'If-Modified-Since',
  'If-None-Match',
  'Origin',
  'Pragma',
  'Priority',
  'Range',
  'Referer',
  'Sec-CH-UA',
  'Sec-CH-UA-Mobile',
  'Sec-CH-UA-Platform',
  'Sec-Fetch-Dest',
  'Sec-Fetch-Mode',
  'Sec-Fetch-Site',
  'Sec-Fetch-User',
  'Sec-WebSocket-Accept',
  'Sec-WebSocket-Extensions',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Version',
  'Transfer-Encoding',
  'Upgrade',
  'Upgrade-Insecure-Requests',
  'User-Agent',
  'Via',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Real-IP',
]);

/** The lower-case form of a name that is sent often, or `undefined`. A known name is a token. */
export function knownName(name: string): string | undefined {
  return KNOWN.get(name);
}

/**
 * The fields of a message, read-only, in the order of arrival. Names are compared without regard to case.
 *
 * @see RFC 9110 §5 — Fields
 */
export class Headers implements Iterable<readonly [name: string, value: string]> {
  readonly #fields: readonly string[];

  /** @param fields name, value, name, value, …; names in lower case, values trimmed. */
  constructor(fields: readonly string[] = []) {
    this.#fields = fields;
  }

  /** The value, lines of the same name joined by `, `; `undefined` when there is none. */
  get(name: string): string | undefined {
    const fields = this.#fields;
    const wanted = name.toLowerCase();
    let found: string | undefined;
    for (let index = 0; index < fields.length; index += 2) {
      if (fields[index] !== wanted) continue;
      const value = fields[index + 1] ?? '';
      found = found === undefined ? value : `${found}, ${value}`;
    }
    return found;
  }

  has(name: string): boolean {
    return this.count(name) > 0;
  }

  /** How many lines carry this name. */
  count(name: string): number {
    const fields = this.#fields;
    const wanted = name.toLowerCase();
    let count = 0;
    for (let index = 0; index < fields.length; index += 2) {
      if (fields[index] === wanted) count++;
    }
    return count;
  }

  /** The values, one per line. */
  getAll(name: string): string[] {
    const wanted = name.toLowerCase();
    return [...this].filter(([present]) => present === wanted).map(([, value]) => value);
  }

  *[Symbol.iterator](): IterableIterator<readonly [name: string, value: string]> {
    const fields = this.#fields;
    for (let index = 0; index < fields.length; index += 2) {
      yield [fields[index] ?? '', fields[index + 1] ?? ''];
    }
  }
}

function spellingsOf(names: readonly string[]): ReadonlyMap<string, string> {
  const spellings = new Map<string, string>();
  for (const name of names) {
    const lower = name.toLowerCase();
    spellings.set(name, lower).set(lower, lower);
  }
  return spellings;
}
