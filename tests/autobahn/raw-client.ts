import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import * as net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import * as tls from 'node:tls';
import { agree, type Deflation, type Offer, offerHeader } from './deflation.ts';
import { OPCODE } from './frames.ts';
import { MessageReader, type Received } from './message-reader.ts';

/** Where a server listens on this machine; with `ca` the connection is TLS. */
export interface Endpoint {
  readonly port: number;
  /** The only certificate to trust, in PEM. */
  readonly ca?: string;
}

export interface ConnectOptions {
  /** Offers of permessage-deflate; none by default. */
  readonly offers?: readonly Offer[];
  /** Destroys the connection, so that whoever waits for it stops. */
  readonly signal?: AbortSignal;
}

/** How frames are cut into writes: all in one, one by one, or in pieces of so many octets. */
export type Cut = 'whole' | 'frames' | number;

/** How the server has ended the TCP connection. */
export type Ending = 'fin' | 'reset';

/** At most so many turns of the event loop are spent between the pieces of one `send`. */
const MAX_TURNS = 256;

const HEAD_END = '\r\n\r\n';
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * A WebSocket client that sends what it is given, legal or not, and reads strictly what comes back.
 * It never answers by itself: not a Close, and not the Pings of a server's heartbeat, which it passes over.
 */
export class RawClient {
  readonly #socket: net.Socket;
  #head = Buffer.alloc(0);
  #reader: MessageReader | undefined;
  #deflation: Deflation | undefined;
  #received: Received[] = [];
  #ending: Ending | undefined;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  /**
   * @throws {assert.AssertionError} when the server's handshake is not what RFC 6455 §4.1 demands.
   */
  static async connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<RawClient> {
    const { signal = new AbortController().signal } = options;
    const socket = dial(endpoint);
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    await once(socket, endpoint.ca ? 'secureConnect' : 'connect', { signal });
    const client = new RawClient(socket);
    await client.#handshake(options.offers ?? []);
    return client;
  }

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#attempt(() => this.#read(chunk)));
    socket.on('end', () => this.#end('fin'));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#fail(error));
    socket.on('close', () => this.#end('reset'));
  }

  /** What was agreed on, if the server took an offer of permessage-deflate. */
  get deflation(): Deflation | undefined {
    return this.#deflation;
  }

  /** Resolves when all is written, or when the server has ended the connection before. */
  async send(frames: readonly Buffer[], cut: Cut = 'whole'): Promise<void> {
    const pieces = cutUp(frames, cut);
    const stride = Math.ceil(pieces.length / MAX_TURNS);
    for (const [index, piece] of pieces.entries()) {
      if (this.#ending) return;
      await new Promise((resolve) => this.#socket.write(piece, resolve));
      if (index % stride === 0) await setImmediate();
    }
  }

  /**
   * The next message or control frame.
   *
   * @throws when the server breaks the protocol, or ends the connection instead.
   */
  async next(): Promise<Received> {
    await this.#until(() => this.#received.length > 0 || this.#ending !== undefined);
    const received = this.#received.shift();
    assert.ok(received, `an answer was expected, the server ended the connection (${this.#ending})`);
    return received;
  }

  /** What has come and was not asked for yet. */
  get pending(): readonly Received[] {
    return this.#received;
  }

  /**
   * Waits until the server ends the connection, which it must do without another word.
   *
   * @throws when it sends anything before that.
   */
  async ended(): Promise<Ending> {
    await this.#until(() => this.#ending !== undefined);
    assert.deepEqual(this.#received, [], 'nothing more was expected');
    assert.ok(this.#reader?.atBoundary, 'the server ended in the middle of a frame or message');
    return this.#ending ?? 'reset';
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #handshake(offers: readonly Offer[]): Promise<void> {
    const key = randomBytes(16).toString('base64');
    this.#socket.write(upgradeRequest(key, offers));
    await this.#until(() => this.#head.includes(HEAD_END) || this.#ending !== undefined);
    const { status, fields, rest } = parseHead(this.#head);
    assert.equal(status, 'HTTP/1.1 101');
    assert.equal(fields.get('upgrade')?.toLowerCase(), 'websocket');
    assert.equal(fields.get('connection')?.toLowerCase(), 'upgrade');
    assert.equal(
      fields.get('sec-websocket-accept'),
      createHash('sha1')
        .update(key + GUID)
        .digest('base64'),
    );
    assert.equal(fields.get('sec-websocket-protocol'), undefined);
    this.#deflation = agree(fields.get('sec-websocket-extensions'), offers);
    this.#reader = new MessageReader(this.#deflation);
    this.#read(rest);
  }

  #read(chunk: Buffer): void {
    if (this.#reader) this.#pullAll(this.#reader, chunk);
    else this.#head = Buffer.concat([this.#head, chunk]);
    this.#wake();
  }

  #pullAll(reader: MessageReader, chunk: Buffer): void {
    reader.push(chunk);
    for (let received = reader.pull(); received; received = reader.pull()) {
      if (received.opcode !== OPCODE.ping) this.#received.push(received);
    }
  }

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#failure = error as Error;
      this.#socket.destroy();
    }
  }

  /** The server may reset what it has already closed; everything else is a failure of its own. */
  #fail(error: NodeJS.ErrnoException): void {
    if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') this.#failure ??= error;
    this.#end('reset');
  }

  #end(ending: Ending): void {
    this.#ending ??= ending;
    this.#wake();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!this.#failure && !holds()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure) throw this.#failure;
  }
}

function dial({ port, ca }: Endpoint): net.Socket {
  const options = { host: '127.0.0.1', port, noDelay: true };
  return ca ? tls.connect({ ...options, ca, servername: 'localhost' }) : net.connect(options);
}

function upgradeRequest(key: string, offers: readonly Offer[]): string {
  const lines = [
    'GET / HTTP/1.1',
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    ...(offers.length > 0 ? [`Sec-WebSocket-Extensions: ${offerHeader(offers)}`] : []),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

interface Head {
  /** Version and code. */
  readonly status: string;
  /** Names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  /** What came behind the head. */
  readonly rest: Buffer;
}

function parseHead(octets: Buffer): Head {
  const end = octets.indexOf(HEAD_END);
  assert.ok(end > 0, 'the server ended the connection in its handshake');
  const [first = '', ...lines] = octets.toString('latin1', 0, end).split('\r\n');
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { status: first.slice(0, 12), fields, rest: octets.subarray(end + HEAD_END.length) };
}

function cutUp(frames: readonly Buffer[], cut: Cut): readonly Buffer[] {
  if (cut === 'frames') return frames;
  const octets = Buffer.concat(frames);
  if (cut === 'whole') return [octets];
  return Array.from({ length: Math.ceil(octets.length / cut) }, (_, index) =>
    octets.subarray(index * cut, (index + 1) * cut),
  );
}
