import { randomBytes } from 'node:crypto';
import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { sourceOf } from '../bytes/source.ts';
import type { CodecEvent } from '../protocol/codec.ts';
import { acceptKey } from '../protocol/websocket/handshake.ts';
import {
  type WebSocketCodec,
  type WebSocketMessage,
  webSocketCodecs,
} from '../protocol/websocket/websocket-codec.ts';
import { after } from '../timer.ts';

const DEADLINE_MS = 10_000;

/** Where a visitor goes, and who is expected there. */
export interface Destination {
  /** Name for TLS and Host; no name server is asked. */
  readonly domain: string;
  readonly address: string;
  readonly port: number;
  /** Address of this machine that the visitor comes from. */
  readonly from?: string;
  /** SHA-256 of the one certificate that is accepted, as Node writes it. */
  readonly fingerprint: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Headers = Readonly<Record<string, string>>;

/** A client from outside: asks over https and opens WebSockets over wss, with any header it likes. */
export class Visitor {
  readonly #to: Destination;

  constructor(to: Destination) {
    this.#to = to;
  }

  get(path: string, headers: Headers = {}): Promise<Answer> {
    return answered(this.#ask(path, headers));
  }

  /** The same on a port without TLS. */
  getPlain(port: number, path: string): Promise<Answer> {
    const { domain, address, from } = this.#to;
    const local = from === undefined ? {} : { localAddress: from };
    return answered(
      plainRequest({ host: address, port, path, headers: { Host: domain }, agent: false, ...local }).end(),
    );
  }

  /** @throws the server answered something else than 101, or nothing in time. */
  open(path: string, headers: Headers = {}): Promise<Visit> {
    const key = randomBytes(16).toString('base64');
    const asked = this.#ask(path, {
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Key': key,
      'Sec-WebSocket-Version': '13',
      ...headers,
    });
    return inTime('the upgrade', asked, (resolve, reject) => {
      asked.once('response', (response) => {
        response.resume();
        reject(new Error(`the upgrade was answered ${response.statusCode} ${response.statusMessage}`));
      });
      asked.once('upgrade', (response, socket, head) => {
        if (response.headers['sec-websocket-accept'] === acceptKey(key))
          return resolve(new Visit(socket, head));
        socket.destroy();
        reject(new Error('the 101 does not answer our key'));
      });
    });
  }

  /** The certificate is compared as a whole, which says more than a chain to an authority of our own. */
  #ask(path: string, headers: Headers): ClientRequest {
    const { domain, address, port, from, fingerprint } = this.#to;
    const asked = secureRequest({
      host: address,
      port,
      path,
      servername: domain,
      headers: { Host: port === 443 ? domain : `${domain}:${port}`, ...headers },
      agent: false,
      rejectUnauthorized: false,
      ...(from === undefined ? {} : { localAddress: from }),
    });
    asked.once('socket', (socket) => {
      socket.once('secureConnect', () => {
        const shown = (socket as unknown as WithCertificate).getPeerX509Certificate()?.fingerprint256;
        if (shown !== fingerprint) asked.destroy(new Error('somebody else answers: another certificate'));
      });
    });
    return asked.end();
  }
}

interface WithCertificate {
  getPeerX509Certificate(): { readonly fingerprint256: string } | undefined;
}

const newCodec = webSocketCodecs({ role: 'client', maxMessage: 4 * 1_048_576 });

/** An open WebSocket, seen from the client. */
export class Visit {
  readonly #socket: Duplex;
  readonly #codec: WebSocketCodec = newCodec();
  readonly #messages: WebSocketMessage[] = [];
  readonly #out = new ByteWriter(1024);
  #wake: () => void = () => {};
  /** Why nothing more will come. */
  #end: string | undefined;
  /** Pings of the server so far. */
  pings = 0;
  /** The code of the server's close frame. */
  closeCode: number | undefined;

  constructor(socket: Duplex, head: Buffer) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', ({ message }) => this.#finish(message));
    socket.on('close', () => this.#finish('the connection was cut'));
    socket.on('end', () => this.#finish('the connection was cut'));
    if (head.length > 0) this.#receive(head);
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  send(message: string | Uint8Array): void {
    this.#write((out) => this.#codec.encode(message, out));
  }

  /** Sends a message and waits for one. @throws the connection ended, or nothing came in time. */
  ask(message: string | Uint8Array): Promise<WebSocketMessage> {
    this.send(message);
    return this.next();
  }

  next(): Promise<WebSocketMessage> {
    return this.#wait('a message', () => this.#messages.shift());
  }

  /** @returns the code of the server's close frame, `undefined` when there was none. */
  ended(): Promise<number | undefined> {
    return this.#wait('the end', () => (this.isOpen ? undefined : { code: this.closeCode })).then(
      ({ code }) => code,
    );
  }

  /** Says goodbye and is gone. */
  close(): void {
    if (!this.isOpen) return;
    this.#write((out) => this.#codec.encodeClose(1000, '', out));
    this.#socket.end();
    this.#finish('closed');
  }

  #receive(chunk: Buffer): void {
    try {
      this.#codec.push(sourceOf(chunk), 0, chunk.length);
      for (let event = this.#codec.pull(); event; event = this.#codec.pull()) this.#handle(event);
      this.#codec.retain();
    } catch (error) {
      this.#socket.destroy(error as Error);
    }
    this.#wake();
  }

  #handle(event: CodecEvent<WebSocketMessage>): void {
    if (event.type === 'message') this.#messages.push(event.message);
    if (event.type === 'end') {
      this.closeCode = event.code;
      this.#finish(`the server closed with ${event.code ?? 'no code'}`);
      this.#socket.destroy();
    }
    if (event.type !== 'ping') return;
    this.pings++;
    this.#write((out) => this.#codec.encodePong(event.payload, out));
  }

  #write(encode: (out: ByteWriter) => void): void {
    this.#out.position = 0;
    encode(this.#out);
    this.#socket.write(Buffer.from(this.#out.bytes.subarray(0, this.#out.position)));
  }

  #finish(reason: string): void {
    this.#end ??= reason;
    this.#wake();
  }

  #wait<T>(what: string, ready: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const callOff = after(DEADLINE_MS, () => reject(new Error(`${what} did not come in time`)), true);
      this.#wake = () => {
        const value = ready();
        if (value === undefined && this.#end === undefined) return;
        callOff();
        if (value === undefined) reject(new Error(this.#end));
        else resolve(value);
      };
      this.#wake();
    });
  }
}

function answered(asked: ClientRequest): Promise<Answer> {
  return inTime('an answer', asked, (resolve, reject) => {
    asked.once('response', async (response) => {
      try {
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      } catch (error) {
        reject(error as Error);
      }
    });
  });
}

/** Bounds what a request may take; its errors are the result's. */
function inTime<T>(
  what: string,
  asked: ClientRequest,
  begin: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
): Promise<T> {
  let callOff = (): void => {};
  return new Promise<T>((resolve, reject) => {
    callOff = after(DEADLINE_MS, () => asked.destroy(new Error(`${what} did not come in time`)), true);
    asked.on('error', reject);
    begin(resolve, reject);
  }).finally(() => callOff());
}
