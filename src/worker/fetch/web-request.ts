import type { Request } from '../../connection/http/request.ts';
import type { HttpData, TcpConnection } from '../../connection/tcp-connection.ts';
import { HttpProtocolError, RequestAbortedError } from '../../errors.ts';

type Connection = TcpConnection<HttpData>;

/** A body of at most so many bytes is read before the handler is called: that is cheaper than a stream. */
const SMALL_BODY = 65_536;

/** Which bodies are read as the handler asks for them. */
export function isStreamed(request: Request): boolean {
  const length = request.header('content-length');
  return length === undefined || Number(length) > SMALL_BODY;
}

/** A request of the Fetch API that we serve. */
export interface Served extends globalThis.Request {
  /** The client's address, where h3 and others that build on srvx look for it. */
  readonly ip: string;
  /** It is answered, or (`whole` false) nobody wants the rest of the answer. */
  over(whole: boolean): void;
}

/**
 * The request as the Fetch API has it. Its body is read from the connection when it is asked for.
 *
 * @throws {HttpProtocolError} 400 for a Host that is not part of a URL, 501 for a method that Fetch forbids.
 */
export function webRequest(connection: Connection, request: Request): Served {
  const { method } = request;
  if (method.toUpperCase() === 'TRACK')
    throw new HttpProtocolError(501, 'TRACK is not offered here (Fetch §2.2.1)');
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const init = { method, headers: headersOf(request), ...(hasBody ? bodyOf(request) : {}) };
  Class ??= servedClass();
  return new Class(urlOf(connection, request), init, connection, request);
}

/** What the client has asked for, as far as it or a trusted proxy tells. */
function urlOf(connection: Connection, request: Request): string {
  const host = request.askedFor ?? request.header('host') ?? (connection.localAddress || 'localhost');
  const { path, queryString } = request;
  const resource = `${path === '*' ? '/*' : path}${queryString === '' ? '' : `?${queryString}`}`;
  const url = `${connection.secure ? 'https' : 'http'}://${host}${resource}`;
  if (URL.canParse(url)) return url;
  throw new HttpProtocolError(400, 'the Host cannot be part of a URL');
}

function headersOf(request: Request): Headers {
  const headers = new Headers();
  const cookies = request.headers.getAll('cookie');
  for (const [name, value] of request.headers) if (name !== 'cookie') headers.append(name, value);
  // Fetch joins lines by a comma, which parts no cookies (RFC 6265 §5.4).
  if (cookies.length > 0) headers.set('cookie', cookies.join('; '));
  return headers;
}

/** Nothing is read from the peer before somebody reads here, and no more than is read. */
function bodyOf(request: Request): RequestInit {
  if (request.hasBody && request.body.length === 0) return {};
  let pieces: AsyncIterator<Buffer> | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        pieces ??= request[Symbol.asyncIterator]();
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => void (await pieces?.return?.()),
    },
    { highWaterMark: 0 },
  );
  return { body, duplex: 'half' } as RequestInit;
}

type ServedClass = new (url: string, init: RequestInit, connection: Connection, request: Request) => Served;

/** What is served in another way than Node's own class does. */
interface Readable {
  readonly body: ReadableStream | null;
  text(): Promise<string>;
  json(): Promise<unknown>;
  arrayBuffer(): Promise<ArrayBuffer>;
  clone(): globalThis.Request;
}

/** Made at the first request: the Fetch API of Node is loaded when it is first named. */
let Class: ServedClass | undefined;

function servedClass(): ServedClass {
  /**
   * In all a request of Node's own, so that it can be cloned, wrapped and forwarded. What most handlers ask for is
   * taken from where it lies, without a stream in between.
   */
  const NodesOwn = globalThis.Request as unknown as new (url: string, init: RequestInit) => Readable;
  class ServedRequest extends NodesOwn {
    readonly #connection: Connection;
    readonly #request: Request;
    /** Made when it is asked for: most handlers never do, and it costs more than the request. */
    #leaving: AbortController | undefined;
    #isRead = false;
    /** Node's own copies read the body from the stream that lies under both. */
    #isCloned = false;

    constructor(url: string, init: RequestInit, connection: Connection, request: Request) {
      super(url, init);
      this.#connection = connection;
      this.#request = request;
    }

    get ip(): string {
      return this.#connection.remoteIp;
    }

    over(whole: boolean): void {
      if (this.#leaving === undefined) return;
      this.#connection.whenLeaving(undefined);
      if (!whole) this.#leaving.abort(hasLeft());
    }

    get signal(): AbortSignal {
      this.#leaving ??= watch(this.#connection);
      return this.#leaving.signal;
    }

    get bodyUsed(): boolean {
      return this.#isRead || Reflect.get(globalThis.Request.prototype, 'bodyUsed', this);
    }

    override async text(): Promise<string> {
      return this.#take() ? withoutMark(await this.#request.readText()) : super.text();
    }

    override async json(): Promise<unknown> {
      return this.#take() ? JSON.parse(withoutMark(await this.#request.readText())) : super.json();
    }

    override async arrayBuffer(): Promise<ArrayBuffer> {
      return this.#take() ? new Uint8Array(await this.#request.bytes()).buffer : super.arrayBuffer();
    }

    override clone(): globalThis.Request {
      if (this.#isRead) throw new TypeError('the body of this request was read: clone it before');
      this.#isCloned = true;
      return super.clone();
    }

    /** @returns false when it was read, or is being read, in another way. */
    #take(): boolean {
      if (this.#isRead) throw new TypeError('the body of this request was read already');
      if (this.#isCloned || this.body === null || this.bodyUsed || this.body.locked) return false;
      this.#isRead = true;
      return true;
    }
  }
  return ServedRequest as unknown as ServedClass;
}

/** @see Encoding §6 — UTF-8 decode: without a byte order mark */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/**
 * Aborted when the peer leaves. One that has finished sending has nearly always left; if it still reads, it is
 * answered all the same.
 */
function watch(connection: Connection): AbortController {
  const leaving = new AbortController();
  if (connection.isClosed || connection.peerHasEnded) leaving.abort(hasLeft());
  connection.whenLeaving(() => leaving.abort(hasLeft()));
  return leaving;
}

/** As a reason it travels through what the handler awaits, and is known as the peer's doing where it comes out. */
function hasLeft(): Error {
  return new RequestAbortedError('the peer left before its request was answered');
}
