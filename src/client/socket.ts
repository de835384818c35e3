/** What can be sent: text, or bytes. */
export type Data = string | ArrayBuffer | ArrayBufferView;

/** What is received: text, or bytes. */
export type Received = string | ArrayBuffer;

/** What is used of a WebSocket: that of browsers, of Node (22 and later) and of `ws` all have it. */
export interface SocketLike {
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly protocol: string;
  binaryType: string;
  addEventListener(type: string, listener: (event: SocketEvent) => void): void;
  /** Bytes too; only text is written here, for this is what all their declarations agree on. */
  send(data: string): void;
  close(code?: number, reason?: string): void;
  /** `ws` has it: ends without waiting for the peer. */
  terminate?(): void;
}

export interface SocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
  readonly error?: unknown;
  readonly message?: string;
}

export type SocketConstructor = new (url: string, protocols?: string[]) => SocketLike;

/** `readyState` of a socket that can send, and of one that is done. */
export const OPEN = 1;
export const CLOSED = 3;

/** @throws {TypeError} none was given, and the runtime has none. */
export function usableWebSocket(given: SocketConstructor | undefined): SocketConstructor {
  const found = given ?? (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (found) return found;
  throw new TypeError(
    'connect: no WebSocket here (Node before 22): give one, { WebSocket } of the package ws',
  );
}

/**
 * The address as every WebSocket takes it: absolute, `ws:` or `wss:`.
 *
 * @throws {TypeError} it cannot be read.
 */
export function absolute(url: string | URL): string {
  const page = (globalThis as { location?: { href: string } }).location;
  return new URL(url, page?.href).href.replace(/^http/, 'ws');
}
