import type { LinkEnd } from './close-cause.ts';
import {
  absolute,
  CLOSED,
  type Data,
  OPEN,
  type Received,
  type SocketConstructor,
  type SocketLike,
} from './socket.ts';
import type { World } from './world.ts';

export type Address = string | URL | (() => string | URL | Promise<string | URL>);

export interface Route {
  readonly WebSocket: SocketConstructor;
  readonly protocols: string[];
  /** Seconds. */
  readonly connectTimeout: number;
}

/** None is called before the constructor has returned, and none after `ended`. */
export interface LinkListener {
  opened(): void;
  received(data: Received): void;
  ended(end: LinkEnd): void;
}

/** How long the server may take to answer our close frame, in milliseconds. */
const CLOSE_MS = 5_000;
/** A socket that could not be opened says so at once, in milliseconds. Node 22's only says that there was an error. */
const LAST_WORD_MS = 100;

/** One attempt, and the connection that it becomes. Ends once; what its socket says later is not heard. */
export class Link {
  readonly #world: World;
  readonly #listener: LinkListener;
  #socket: SocketLike | undefined;
  #openedAt: number | undefined;
  #ended = false;
  #closing = false;
  #error: unknown;
  #cancelDeadline: () => void;

  constructor(address: Address, route: Route, world: World, listener: LinkListener) {
    this.#world = world;
    this.#listener = listener;
    const late: LinkEnd = { how: 'timeout', code: 1006, reason: `not open after ${route.connectTimeout} s` };
    this.#cancelDeadline = world.after(route.connectTimeout * 1000, () => this.end(late));
    void this.#connect(address, route);
  }

  /** Whether what is sent now has a chance to arrive. */
  get isOpen(): boolean {
    return this.#openedAt !== undefined && this.#socket?.readyState === OPEN;
  }

  /** Seconds that it has been open; `undefined` when it never was. */
  get age(): number | undefined {
    return this.#openedAt === undefined ? undefined : (this.#world.now() - this.#openedAt) / 1000;
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  get protocol(): string {
    return this.#socket?.protocol ?? '';
  }

  send(data: Data): void {
    this.#socket?.send(data as string);
  }

  /** Ends with `closed`, once the server has answered, had its time, or was not reached yet. */
  close(code: number, reason: string): void {
    const end: LinkEnd = { how: 'closed', code, reason };
    if (!this.isOpen) return this.end(end);
    this.#closing = true;
    this.#cancelDeadline = this.#world.after(CLOSE_MS, () => this.end({ ...end, code: 1006 }));
    this.#socket?.close(code, reason);
  }

  /** Ends now: in order, or, with the code 1006, without a word. */
  end(end: LinkEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelDeadline();
    const socket = this.#socket;
    if (socket && socket.readyState !== CLOSED) {
      if (end.code === 1006 && socket.terminate) socket.terminate();
      else socket.close(1000);
    }
    this.#listener.ended(end);
  }

  async #connect(address: Address, { WebSocket, protocols }: Route): Promise<void> {
    let how: LinkEnd['how'] = 'url';
    try {
      const url = await (typeof address === 'function' ? address() : address);
      if (this.#ended) return;
      how = 'unusable';
      this.#socket = new WebSocket(absolute(url), protocols);
      this.#hear(this.#socket);
    } catch (error) {
      this.end({ how, code: 1006, reason: String(error), error });
    }
  }

  #hear(socket: SocketLike): void {
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => {
      if (this.#ended) return;
      this.#cancelDeadline();
      this.#openedAt = this.#world.now();
      this.#listener.opened();
    });
    socket.addEventListener('message', ({ data }) => {
      if (!this.#ended) this.#listener.received(data as Received);
    });
    socket.addEventListener('error', ({ error, message }) => {
      this.#error = error ?? message;
      if (this.#openedAt !== undefined || this.#ended) return;
      this.#cancelDeadline();
      this.#cancelDeadline = this.#world.after(LAST_WORD_MS, () => this.#closed(1006, ''));
    });
    socket.addEventListener('close', ({ code = 1006, reason = '' }) => this.#closed(code, reason));
  }

  #closed(code: number, reason: string): void {
    const how = this.#closing ? 'closed' : code === 1006 ? 'broken' : 'frame';
    this.end({ how, code, reason, ...(this.#error === undefined ? {} : { error: this.#error }) });
  }
}
