import { Agent, type IncomingMessage, request as send } from 'node:http';
import { Readable } from 'node:stream';
import { faults } from './faults.ts';
import { MemorySocket } from './memory-socket.ts';
import type { Arrival, Stand } from './stand.ts';

/** What a request has besides its method and target. */
export interface RequestParts {
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
}

/** Statuses whose answers have no body (RFC 9110 §6.4.1). */
const BODILESS = [204, 205, 304];

/** A client for HTTP, in the hands of a test: Node's own; connections are kept alive, a busy one is not waited for. */
export class HttpClient {
  readonly #stand: Stand;
  readonly #agent: MemoryAgent;
  readonly #headers: RequestParts['headers'];
  /** Ids that its connections have at the server. */
  readonly #ids = new Set<number>();

  /** @internal */
  constructor(stand: Stand, arrival: Arrival & Pick<RequestParts, 'headers'>) {
    this.#stand = stand;
    this.#headers = arrival.headers;
    this.#agent = new MemoryAgent(() => this.#dial(arrival));
  }

  /**
   * Asks, and resolves with the answer as `fetch` would, once its head is there; redirects are not followed.
   *
   * @param path with the query.
   * @throws what a callback has thrown for this connection.
   */
  async request(method: string, path: string, { headers = {}, body }: RequestParts = {}): Promise<Response> {
    const merged = { Host: 'localhost', ...this.#headers, ...headers } as Record<string, string | string[]>;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const asking = send({ agent: this.#agent, method, path, headers: merged }, resolve);
      asking.on('error', (error) => reject(this.#fault() ?? error));
      asking.end(body);
    });
    const fault = this.#fault();
    if (fault) throw fault;
    return responseOf(answer);
  }

  /** @throws what a callback has thrown for this connection that no request was told of. */
  async close(): Promise<void> {
    this.#agent.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    const fault = this.#fault();
    if (fault) throw fault;
  }

  #dial(arrival: Arrival): MemorySocket {
    const socket = new MemorySocket((sink) => this.#stand.connect(sink, arrival));
    socket.once('ready', () => this.#noteServer(socket));
    return socket;
  }

  #noteServer({ wire }: MemorySocket): void {
    const server = this.#stand.otherEnd(wire);
    if (server) this.#ids.add(server.id);
  }

  #fault(): Error | undefined {
    return faults.take((id) => this.#ids.has(id));
  }
}

/** Dials in memory, and keeps what it has dialled. */
class MemoryAgent extends Agent {
  readonly #dial: () => MemorySocket;

  constructor(dial: () => MemorySocket) {
    super({ keepAlive: true });
    this.#dial = dial;
  }

  override createConnection(): MemorySocket {
    return this.#dial();
  }

  override keepSocketAlive(): boolean {
    return true;
  }

  override reuseSocket(): void {}
}

function responseOf(answer: IncomingMessage): Response {
  const { statusCode: status = 0, statusMessage: statusText = '', rawHeaders } = answer;
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2)
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  const isBodiless = BODILESS.includes(status);
  if (isBodiless) answer.resume();
  const body = isBodiless ? null : (Readable.toWeb(answer) as ReadableStream);
  return new Response(body, { status, statusText, headers });
}
