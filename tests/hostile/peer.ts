import assert from 'node:assert/strict';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { MessageReader, type Received } from '../autobahn/message-reader.ts';
import type { Endpoint } from '../autobahn/raw-client.ts';

/** How the other side has ended the connection. */
export type Ending = 'fin' | 'reset';

export interface UpgradeWish {
  readonly path?: string;
  /** Field lines besides those of the handshake; a `Host` here takes the place of the usual one. */
  readonly fields?: readonly string[];
}

const HEAD_END = '\r\n\r\n';
/** By the port they talk to. */
const open = new Map<number, Set<Peer>>();

/**
 * One end of a connection without manners: it sends what it is told, reads only while it is told to,
 * and never ends, answers or closes anything by itself.
 */
export class Peer {
  /** Everything received so far that was not taken. */
  received: Buffer = Buffer.alloc(0);
  ending: Ending | undefined;
  /** By which the server's reports name it. */
  port = 0;
  readonly #socket: net.Socket;
  #reader: MessageReader | undefined;
  #messages: Received[] = [];
  #waiting: (() => void)[] = [];

  /** Connects, without TLS even where the server speaks it. */
  static async plain({ port }: Endpoint): Promise<Peer> {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    return new Peer(socket, port).#ready('connect');
  }

  /** Connects as the server wants it. */
  static async connect(endpoint: Endpoint, options: tls.ConnectionOptions = {}): Promise<Peer> {
    const { port, ca } = endpoint;
    if (ca === undefined) return Peer.plain(endpoint);
    const usual = { port, host: '127.0.0.1', servername: 'localhost', ca, allowHalfOpen: true };
    const socket = tls.connect({ ...usual, ...options } as tls.ConnectionOptions);
    return new Peer(socket, port).#ready('secureConnect');
  }

  /** Opens a WebSocket. */
  static async open(endpoint: Endpoint, wish: UpgradeWish = {}): Promise<Peer> {
    const peer = await Peer.connect(endpoint);
    peer.send(upgradeRequest(wish));
    const head = await peer.head();
    assert.match(head, /^HTTP\/1\.1 101 /);
    peer.#reader = new MessageReader(undefined);
    peer.#read(peer.#take(peer.received.length));
    return peer;
  }

  static openMany(count: number, endpoint: Endpoint, wish: UpgradeWish = {}): Promise<Peer[]> {
    return Promise.all(Array.from({ length: count }, () => Peer.open(endpoint, wish)));
  }

  /** Cuts off all that are left at these doors. */
  static endAll(...endpoints: readonly Endpoint[]): void {
    for (const { port } of endpoints) {
      for (const peer of open.get(port) ?? []) peer.destroy();
      open.delete(port);
    }
  }

  private constructor(socket: net.Socket, door: number) {
    this.#socket = socket;
    open.set(door, (open.get(door) ?? new Set()).add(this));
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('end', () => this.#end('fin'));
    socket.on('error', () => this.#end('reset'));
    socket.on('close', () => this.#end('reset'));
  }

  /** Bytes that the server's side has not taken. */
  get stuck(): number {
    return this.#socket.writableLength;
  }

  /** @returns resolves when the kernel has taken it, or the connection has ended. */
  send(bytes: Buffer | string): Promise<void> {
    if (this.ending === 'reset') return Promise.resolve();
    return new Promise((resolve) => this.#socket.write(bytes, 'latin1', () => resolve()));
  }

  stopReading(): this {
    this.#socket.pause();
    return this;
  }

  startReading(): void {
    this.#socket.resume();
  }

  /** Ends its own side. */
  finish(): void {
    this.#socket.end();
  }

  /** Leaves without a word: a reset, unless there is TLS or it has ended its side already. */
  destroy(): void {
    if (this.#socket instanceof tls.TLSSocket || this.#socket.writableEnded) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  /** The next head of a response, taken. */
  async head(): Promise<string> {
    await this.#until(() => this.received.includes(HEAD_END) || this.ending !== undefined);
    const end = this.received.indexOf(HEAD_END);
    assert.ok(end >= 0, `a response was expected, the server ended the connection (${this.ending})`);
    return this.#take(end + HEAD_END.length).toString('latin1');
  }

  /** The next response with a Content-Length, taken: head and body. */
  async response(): Promise<string> {
    const head = await this.head();
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    await this.#until(() => this.received.length >= length || this.ending !== undefined);
    return head + this.#take(length).toString();
  }

  /** What came until the server ended the connection. */
  async last(): Promise<string> {
    await this.ended();
    return this.#take(this.received.length).toString('latin1');
  }

  /** The next message or control frame. */
  async next(): Promise<Received> {
    await this.#until(() => this.#messages.length > 0 || this.ending !== undefined);
    const message = this.#messages.shift();
    assert.ok(message, `a frame was expected, the server ended the connection (${this.ending})`);
    return message;
  }

  /** The code of the close frame, which must come next; pings are passed over. */
  async closeCode(): Promise<number> {
    for (;;) {
      const { opcode, payload } = await this.next();
      if (opcode === 8) return payload.length >= 2 ? payload.readUInt16BE() : 1005;
      assert.equal(opcode, 9, 'a close frame was expected');
    }
  }

  async ended(): Promise<Ending> {
    await this.#until(() => this.ending !== undefined);
    return this.ending ?? 'reset';
  }

  async #ready(event: string): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.once(event, () => resolve());
      this.#socket.once('error', reject);
    });
    this.port = this.#socket.localPort ?? 0;
    return this;
  }

  #take(count: number): Buffer {
    const taken = this.received.subarray(0, count);
    this.received = this.received.subarray(count);
    return taken;
  }

  #read(chunk: Buffer): void {
    const reader = this.#reader;
    if (reader === undefined) {
      this.received = Buffer.concat([this.received, chunk]);
    } else {
      reader.push(chunk);
      for (let message = reader.pull(); message; message = reader.pull()) this.#messages.push(message);
    }
    this.#wake();
  }

  #end(ending: Ending): void {
    this.ending ??= ending;
    this.#wake();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

export function upgradeRequest({ path = '/', fields = [] }: UpgradeWish = {}): string {
  const hosted = fields.some((field) => field.toLowerCase().startsWith('host:'));
  const lines = [
    `GET ${path} HTTP/1.1`,
    ...(hosted ? [] : ['Host: localhost']),
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...fields,
  ];
  return `${lines.join('\r\n')}${HEAD_END}`;
}
