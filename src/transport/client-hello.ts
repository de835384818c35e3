/** What a client asks for before anything is agreed. */
export interface ClientHello {
  /** The host name, in lower case; `''` when it names none. */
  readonly serverName: string;
  /** Protocols it would speak within TLS, in its order (RFC 7301). */
  readonly protocols: readonly string[];
}

/** A ClientHello that is longer is not waited for: the largest of today's have 2 KiB. */
const MAX_HELLO = 16_384;
/** Of a record that is not encrypted (RFC 8446 §5.1). */
const MAX_RECORD = 16_384;

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const PROTOCOLS = 16;

const NOTHING: ClientHello = { serverName: '', protocols: [] };

/**
 * Reads the names in a ClientHello.
 *
 * @param bytes all that has come, from the first record on.
 * @returns `undefined` while more is needed. What cannot be read asks for nothing: OpenSSL will say what
 *   is wrong with it.
 * @see RFC 8446 §4.1.2 — Client Hello, §5.1 — Record Layer
 */
export function readClientHello(bytes: Buffer): ClientHello | undefined {
  const message = firstMessage(bytes);
  if (message === 'more') return undefined;
  if (message === 'none') return NOTHING;
  try {
    return read(new Cursor(message));
  } catch {
    return NOTHING;
  }
}

/** The body of the first handshake message, which may be spread over several records. */
function firstMessage(bytes: Buffer): Buffer | 'more' | 'none' {
  let message: Buffer = Buffer.alloc(0);
  for (let position = 0; ; ) {
    if (bytes.length < position + 5) return 'more';
    const size = bytes.readUInt16BE(position + 3);
    if (bytes[position] !== HANDSHAKE || size === 0 || size > MAX_RECORD) return 'none';
    const end = position + 5 + size;
    const part = bytes.subarray(position + 5, end);
    message = message.length === 0 ? part : Buffer.concat([message, part]);
    if (message.length > 0 && message[0] !== CLIENT_HELLO) return 'none';
    if (message.length >= 4) {
      const length = message.readUIntBE(1, 3);
      if (length > MAX_HELLO) return 'none';
      if (message.length >= 4 + length) return message.subarray(4, 4 + length);
    }
    if (bytes.length < end) return 'more';
    position = end;
  }
}

function read(hello: Cursor): ClientHello {
  hello.skip(2 + 32);
  hello.take(hello.number(1));
  hello.take(hello.number(2));
  hello.take(hello.number(1));
  const extensions = hello.isAtEnd ? hello : new Cursor(hello.take(hello.number(2)));
  let { serverName, protocols } = NOTHING;
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const body = new Cursor(extensions.take(extensions.number(2)));
    if (type === SERVER_NAME) serverName = hostIn(body);
    else if (type === PROTOCOLS) protocols = protocolsIn(body);
  }
  return { serverName, protocols };
}

/** @see RFC 6066 §3 — Server Name Indication */
function hostIn(body: Cursor): string {
  body.skip(2);
  const isHost = body.number(1) === 0;
  const name = body.take(body.number(2)).toString('latin1').toLowerCase();
  return isHost && /^[a-z0-9._-]+$/.test(name) ? name : '';
}

/** @see RFC 7301 §3.1 — The Application-Layer Protocol Negotiation Extension */
function protocolsIn(body: Cursor): string[] {
  const list = new Cursor(body.take(body.number(2)));
  const protocols: string[] = [];
  while (!list.isAtEnd) protocols.push(list.take(list.number(1)).toString('latin1'));
  return protocols;
}

/** Reads on; throws where the bytes end too early. */
class Cursor {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  /** @param size 1 or 2 bytes, the highest first. */
  number(size: number): number {
    const value = this.#bytes.readUIntBE(this.#position, size);
    this.#position += size;
    return value;
  }

  skip(size: number): void {
    this.take(size);
  }

  take(size: number): Buffer {
    const end = this.#position + size;
    if (end > this.#bytes.length) throw new RangeError('cut short');
    const part = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return part;
  }
}
