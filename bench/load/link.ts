import { connect, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, connect as secureConnect } from 'node:tls';
import { LoadFailure } from './failure.ts';
import { closeFrame, READ_SIZE } from './frames.ts';
import { Opening, type OpeningOptions, upgradeRequest } from './opening.ts';

/** Where a link goes, and what it speaks. */
export interface Target extends OpeningOptions {
  readonly tls: boolean;
  /** False for what is no WebSocket: the link is open as soon as it is connected. */
  readonly upgrade: boolean;
}

/** Who uses a link. */
export interface Speaker {
  opened(link: Link): void;
  /** The first `length` bytes of `bytes` are on loan until the call returns. */
  received(bytes: Buffer, length: number): void;
  /** The link is of no use any more, and nobody closed it here. */
  failed(error: Error): void;
}

/** Every read of every link lands here and is done with before the next one. */
const READ_BUFFER = Buffer.allocUnsafeSlow(READ_SIZE);

/** One client connection. It costs one read call, one comparison and one write call per turn. */
export class Link {
  readonly #target: Target;
  readonly #speaker: Speaker;
  readonly #socket: Socket;
  #opening: Opening | undefined;
  #isOpen = false;
  #isClosing = false;
  /** Settles when the socket is gone, for whatever reason. */
  readonly closed: Promise<void>;

  constructor(target: Target, speaker: Speaker) {
    this.#target = target;
    this.#speaker = speaker;
    if (target.upgrade) this.#opening = new Opening(target.socketio);
    this.#socket = dial(target, (length) => this.#read(length));
    this.#socket.once(target.tls ? 'secureConnect' : 'connect', () => this.#connected());
    this.#socket.once('error', (error) => this.#fail(error));
    this.#socket.once('end', () => this.#fail(new LoadFailure('the server ended the connection')));
    this.closed = new Promise((resolve) => this.#socket.once('close', () => resolve(this.#gone())));
    this.#socket.resume();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Starts the closing handshake; what the server still sends is not looked at. */
  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (this.#isOpen && this.#target.upgrade) this.send(closeFrame());
    else this.drop();
  }

  /** Ends without a word. */
  drop(): void {
    this.#isClosing = true;
    this.#socket.destroy();
  }

  #connected(): void {
    if (this.#opening) this.send(upgradeRequest(this.#target));
    else this.#open();
  }

  #open(): void {
    this.#opening = undefined;
    this.#isOpen = true;
    this.#speaker.opened(this);
  }

  #read(length: number): void {
    try {
      if (this.#isClosing) this.drop();
      else if (this.#opening) this.#readOpening(this.#opening, Buffer.from(READ_BUFFER.subarray(0, length)));
      else this.#speaker.received(READ_BUFFER, length);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #readOpening(opening: Opening, bytes: Buffer): void {
    if (!opening.push(bytes, (reply) => this.send(reply))) return;
    const { rest } = opening;
    this.#open();
    if (rest.length > 0) this.#speaker.received(rest, rest.length);
  }

  #fail(error: Error): void {
    const known = this.#isClosing;
    this.drop();
    if (!known) this.#speaker.failed(error);
  }

  #gone(): void {
    this.#fail(new LoadFailure('the connection is gone'));
    this.#isOpen = false;
  }
}

function dial(target: Target, read: (length: number) => void): Socket {
  const { host, port, tls } = target;
  const callback = (length: number): boolean => {
    read(length);
    return true;
  };
  const shared = { host, port, onread: { buffer: READ_BUFFER, callback } };
  if (!tls) return connect({ ...shared, noDelay: true });
  const secure = { secureContext: secureContext(), servername: 'localhost', rejectUnauthorized: false };
  return secureConnect({ ...shared, ...secure }).setNoDelay(true);
}

let cached: SecureContext | undefined;

/** One cipher and one curve, so that every server does the same cryptography. */
function secureContext(): SecureContext {
  cached ??= createSecureContext({
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ciphers: 'TLS_AES_128_GCM_SHA256',
    ecdhCurve: 'X25519',
  });
  return cached;
}
