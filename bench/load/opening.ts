import { createHash, randomBytes } from 'node:crypto';
import { LoadFailure } from './failure.ts';
import { clientFrame, TEXT } from './frames.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const KEY = randomBytes(16).toString('base64');
const ACCEPT = createHash('sha1')
  .update(KEY + GUID)
  .digest('base64');
const LONGEST_HEAD = 8 * 1024;

/** Socket.IO: `0{…}` from the server, `40` from the client, `40{…}` from the server. */
const SOCKETIO_PATH = '/socket.io/?EIO=4&transport=websocket';
const SOCKETIO_CONNECT = '40';

export interface OpeningOptions {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly socketio: boolean;
}

/** The client's first bytes. */
export function upgradeRequest(options: OpeningOptions): Buffer {
  const path = options.socketio ? SOCKETIO_PATH : options.path;
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${options.host}:${options.port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${KEY}`,
    'Sec-WebSocket-Version: 13',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

/**
 * Reads the server's side of the opening handshake, and of Socket.IO's after it.
 *
 * @see RFC 6455 §4.1 — Client Requirements
 */
export class Opening {
  #bytes: Buffer = Buffer.alloc(0);
  #steps: ((send: (bytes: Buffer) => void) => boolean)[];

  constructor(socketio: boolean) {
    this.#steps = [() => this.#head()];
    if (!socketio) return;
    this.#steps.push((send) => {
      const heard = this.#text('0');
      if (heard) send(clientFrame(TEXT, Buffer.from(SOCKETIO_CONNECT)));
      return heard;
    });
    this.#steps.push(() => this.#text(SOCKETIO_CONNECT));
  }

  /** Bytes that came after the handshake in the same chunk. */
  get rest(): Buffer {
    return this.#bytes;
  }

  /**
   * @returns whether the connection is open now.
   * @throws {LoadFailure} when the server refuses or breaks the handshake.
   */
  push(bytes: Buffer, send: (bytes: Buffer) => void): boolean {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    while (this.#steps[0]?.(send)) this.#steps.shift();
    return this.#steps.length === 0;
  }

  #head(): boolean {
    const end = this.#bytes.indexOf('\r\n\r\n');
    if (end < 0 && this.#bytes.length <= LONGEST_HEAD) return false;
    const head = this.#bytes.toString('latin1', 0, end);
    if (!head.startsWith('HTTP/1.1 101 ') || !head.includes(ACCEPT)) {
      throw new LoadFailure(`the upgrade was refused: ${head.split('\r\n')[0]}`);
    }
    this.#bytes = this.#bytes.subarray(end + 4);
    return true;
  }

  #text(start: string): boolean {
    const end = 2 + (this.#bytes[1] ?? Number.POSITIVE_INFINITY);
    if (this.#bytes.length < end) return false;
    const text = this.#bytes.toString('utf8', 2, end);
    if (this.#bytes[0] !== TEXT || end > 127 || !text.startsWith(start)) {
      throw new LoadFailure(`Socket.IO answered "${text}" instead of "${start}…"`);
    }
    this.#bytes = this.#bytes.subarray(end);
    return true;
  }
}
