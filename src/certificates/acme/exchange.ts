import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as plainRequest,
} from 'node:http';
import { Agent, request as secureRequest } from 'node:https';
import process from 'node:process';
import { after } from '../../timer.ts';
import { AcmeError } from './acme-error.ts';
import { isLoopback } from './options.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface ExchangeOptions {
  /** The root that vouches for the authority, PEM; default: the public ones. */
  readonly root?: string | undefined;
  /** From the first byte to the last of one request and its answer, in milliseconds. Default 30 s. */
  readonly deadlineMs?: number;
  /** Allows plain HTTP to this machine itself. Default false: an authority elsewhere must not send us there. */
  readonly plainLoopback?: boolean;
  /** Ends what is under way. */
  readonly signal?: AbortSignal;
}

interface Question {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly body?: string;
  /** Largest body of the answer, in bytes. Default 64 KiB. */
  readonly maxBytes?: number;
}

const MAX_BYTES = 65_536;

/** RFC 8555 §6.1: a client names itself. */
const USER_AGENT = `usta (Node.js ${process.version}; ${process.platform})`;

/**
 * HTTP to an authority, who may be hostile or broken: bounded in bytes and in time, verified, no redirects,
 * and over plain HTTP only to this machine.
 *
 * @see RFC 8555 §6.1
 */
export class Exchange {
  readonly #deadlineMs: number;
  readonly #plainLoopback: boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #secure: Agent;
  readonly #plain = new HttpAgent({ keepAlive: true });

  constructor({ root, deadlineMs = 30_000, plainLoopback = false, signal }: ExchangeOptions = {}) {
    this.#plainLoopback = plainLoopback;
    this.#deadlineMs = deadlineMs;
    this.#signal = signal;
    this.#secure = new Agent({
      keepAlive: true,
      minVersion: 'TLSv1.2',
      ...(root === undefined ? {} : { ca: root }),
    });
  }

  /** @throws {AcmeError} when no whole answer came within the limits. @throws the signal's reason when aborted. */
  async ask(url: string, question: Question): Promise<Answer> {
    this.#signal?.throwIfAborted();
    const target = new URL(url);
    if (
      target.protocol !== 'https:' &&
      !(this.#plainLoopback && target.protocol === 'http:' && isLoopback(target))
    ) {
      throw new AcmeError('badAnswer', `${target.href} is not https`);
    }
    try {
      return await this.#transfer(target, question);
    } catch (error) {
      this.#signal?.throwIfAborted();
      throw error instanceof AcmeError ? error : unreachable(target, error as NodeJS.ErrnoException);
    }
  }

  /** Ends the connections that were kept for a next request. */
  close(): void {
    this.#secure.destroy();
    this.#plain.destroy();
  }

  #transfer(url: URL, { method, body = '', maxBytes = MAX_BYTES }: Question): Promise<Answer> {
    const headers = {
      'User-Agent': USER_AGENT,
      'Accept-Language': 'en',
      ...(method === 'POST'
        ? { 'Content-Type': 'application/jose+json', 'Content-Length': Buffer.byteLength(body) }
        : {}),
    };
    const request =
      url.protocol === 'https:'
        ? secureRequest(url, { method, headers, agent: this.#secure })
        : plainRequest(url, { method, headers, agent: this.#plain });
    request.end(body);
    return this.#inTime(request, url, (response) => collect(response, { url, maxBytes }));
  }

  /** The deadline covers the answer's last byte too: whoever drips is late. */
  #inTime<T>(request: ClientRequest, url: URL, read: (response: IncomingMessage) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const give = (error: Error): void => {
        reject(error);
        request.destroy();
      };
      const stop = (): void => give(new Error('stopped'));
      const seconds = this.#deadlineMs / 1000;
      const late = (): void =>
        give(new AcmeError('timedOut', `${url.host} did not answer within ${seconds} s`));
      const callOff = after(this.#deadlineMs, late, true);
      this.#signal?.addEventListener('abort', stop, { once: true });
      request.on('close', () => {
        callOff();
        this.#signal?.removeEventListener('abort', stop);
      });
      request.on('error', reject);
      request.on('response', (response) => read(response).then(resolve, reject));
    });
  }
}

async function collect(
  response: IncomingMessage,
  { url, maxBytes }: { readonly url: URL; readonly maxBytes: number },
): Promise<Answer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes)
      throw new AcmeError('tooLarge', `${url.host} answered with more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

/** Causes that more trust would mend, not another try. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_|ALTNAME/;

function unreachable(url: URL, error: NodeJS.ErrnoException): AcmeError {
  const problem = UNTRUSTED.test(error.code ?? '') ? 'untrusted' : 'unreachable';
  const reason = error.message || error.code || 'no reason given';
  return new AcmeError(problem, `${url.host} cannot be reached: ${reason}`, { cause: error });
}
