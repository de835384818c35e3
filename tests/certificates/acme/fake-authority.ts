import { createHash, createHmac, createPublicKey, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAuthority, type KeyPair } from '../../../src/certificates/authority.ts';
import { certificate, type Requested, requestIn } from './certification.ts';

const DAY = 86_400_000;

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: unknown;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  /** What was signed, as JSON; `undefined` for POST-as-GET and unsigned requests. */
  readonly payload: Readonly<Record<string, unknown>> | undefined;
}

interface FakeOrder {
  readonly names: readonly string[];
  readonly problems: Map<string, object>;
  readonly proven: Set<string>;
  request?: Requested;
}

/** What a whole request was signed as. */
interface Head {
  readonly alg: string;
  readonly nonce: string;
  readonly url: string;
  readonly jwk?: object;
  readonly kid?: string;
}

/**
 * An ACME authority in a few lines, on loopback and without TLS: it checks every signature, nonce and URL, believes
 * every proof, and can be told to do anything else instead.
 */
export class FakeAuthority {
  /** Time of its certificates, milliseconds since 1970. */
  now: () => number = () => Date.now();
  lifeDays = 90;
  /** Answers instead, when it returns something; `'handled'` when it has written to the response by itself. */
  instead: (asked: Asked, response: ServerResponse) => Reply | 'handled' | undefined = () => undefined;
  /** What is waited for before an answer. */
  hold: (asked: Asked) => Promise<void> | undefined = () => undefined;
  /** Whether an answer gets lost on its way, after all was done. */
  lose: (asked: Asked) => boolean = () => false;
  /** Domains that need no proof any more. */
  proven: readonly string[] = [];
  /** Why a proof fails; `undefined` when it holds. */
  judge: (domain: string, type: string) => { type: string; detail: string } | undefined = () => undefined;
  /** RFC 9773; without it the directory has no renewalInfo. */
  window: { start: string; end: string; retryAfter?: string } | undefined;
  /** Key identifiers and MAC keys; without any, none is asked for. */
  externalAccounts: Readonly<Record<string, string>> | undefined;
  /** Nonces that are refused though they are good. */
  refusedNonces = 0;
  readonly asked: Asked[] = [];
  readonly issuers: readonly KeyPair[] = ['one', 'two', 'three'].map((name) => createAuthority(name));
  readonly accounts: Map<string, { jwk: object; contact: unknown }> = new Map();
  readonly #nonces = new Set<string>();
  readonly #orders: FakeOrder[] = [];
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get directory(): string {
    return `${this.base}/directory`;
  }

  /** @returns what was asked of that path, in order. */
  requests(path: string): Asked[] {
    return this.asked.filter((one) => one.path.startsWith(path));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { method = '', url: path = '' } = request;
    const payload = method === 'POST' ? payloadIn(text) : undefined;
    const asked = { method, path, payload };
    this.asked.push(asked);
    await this.hold(asked);
    const reply = this.instead(asked, response) ?? this.#checked(asked, text);
    if (reply === 'handled') return;
    if (this.lose(asked)) return void response.destroy();
    const { status = 200, headers = {}, body } = reply;
    const nonce = method === 'POST' || path === '/nonce' ? { 'Replay-Nonce': this.#nonce() } : {};
    response.writeHead(status, { ...nonce, ...headers } as Record<string, string>);
    response.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
  }

  #checked(asked: Asked, text: string): Reply {
    try {
      return this.#answer(asked, text);
    } catch (error) {
      return problem(400, 'malformed', `the fake authority could not read it: ${(error as Error).message}`);
    }
  }

  #answer({ method, path, payload }: Asked, text: string): Reply {
    if (path === '/directory') return { body: this.#directory() };
    if (path === '/nonce') return {};
    if (path.startsWith('/renewal/')) return this.#renewalInfo();
    if (method !== 'POST') return problem(405, 'malformed', 'POST');
    const fault = this.#fault(text, path);
    if (fault) return fault;
    const [, kind = '', id = '', name = ''] = path.split('/');
    const order = this.#orders[Number(id)];
    if (kind === 'account') return this.#account(path, text, payload ?? {});
    if (kind === 'order' && !id) return this.#newOrder(payload ?? {});
    if (!order) return problem(404, 'malformed', 'no such order');
    if (kind === 'order') return { body: this.#order(Number(id), order) };
    if (kind === 'authorization') return { body: this.#authorization(Number(id), order, name) };
    if (kind === 'challenge') return this.#challenge(order, name);
    if (kind === 'finalize') return this.#finalize(Number(id), order, payload ?? {});
    return this.#certificate(order, Number(name || 0), path);
  }

  #directory(): object {
    const meta = { externalAccountRequired: this.externalAccounts !== undefined };
    const info = this.window ? { renewalInfo: `${this.base}/renewal` } : {};
    return {
      newNonce: `${this.base}/nonce`,
      newAccount: `${this.base}/account`,
      newOrder: `${this.base}/order`,
      meta,
      ...info,
    };
  }

  #renewalInfo(): Reply {
    const { start = '', end = '', retryAfter } = this.window ?? {};
    return {
      body: { suggestedWindow: { start, end } },
      headers: retryAfter ? { 'Retry-After': retryAfter } : {},
    };
  }

  /** RFC 8555 §6.2 to §6.5 */
  #fault(text: string, path: string): Reply | undefined {
    const { protected: head64, payload, signature } = JSON.parse(text) as Record<string, string>;
    const head = decoded(head64 ?? '') as unknown as Head;
    if (!this.#nonces.delete(head.nonce) || this.refusedNonces-- > 0)
      return problem(400, 'badNonce', 'stale');
    if (head.url !== `${this.base}${path}`) return problem(400, 'unauthorized', 'signed for another URL');
    const jwk = head.jwk ?? this.accounts.get(head.kid ?? '')?.jwk;
    if (!jwk || head.alg !== 'ES256') return problem(400, 'accountDoesNotExist', 'no such account');
    const key = {
      key: createPublicKey({ key: jwk as never, format: 'jwk' }),
      dsaEncoding: 'ieee-p1363',
    } as const;
    const good = verify(
      'sha256',
      Buffer.from(`${head64}.${payload}`),
      key,
      Buffer.from(signature ?? '', 'base64url'),
    );
    return good ? undefined : problem(400, 'malformed', 'the signature is wrong');
  }

  #account(path: string, text: string, payload: Readonly<Record<string, unknown>>): Reply {
    const head = decoded((JSON.parse(text) as Record<string, string>).protected ?? '') as unknown as Head;
    const known = this.accounts.get(`${this.base}${path}`);
    if (known) {
      known.contact = payload.contact;
      return { body: { status: 'valid', contact: known.contact } };
    }
    const url = `${this.base}/account/${createHash('sha1').update(JSON.stringify(head.jwk)).digest('hex')}`;
    const account = this.accounts.get(url);
    if (account) return { headers: { Location: url }, body: { status: 'valid', contact: account.contact } };
    if (payload.onlyReturnExisting) return problem(400, 'accountDoesNotExist', 'no such account');
    if (this.externalAccounts && !this.#isBound(payload.externalAccountBinding, head)) {
      return problem(403, 'unauthorized', 'the external account binding is wrong');
    }
    if (payload.termsOfServiceAgreed !== true) return problem(403, 'userActionRequired', 'agree');
    this.accounts.set(url, { jwk: head.jwk ?? {}, contact: payload.contact });
    return { status: 201, headers: { Location: url }, body: { status: 'valid', contact: payload.contact } };
  }

  /** RFC 8555 §7.3.4 */
  #isBound(binding: unknown, outer: Head): boolean {
    const { protected: head64 = '', payload = '', signature } = (binding ?? {}) as Record<string, string>;
    const { alg, kid, url } = decoded(head64) as unknown as Head;
    const mac = createHmac('sha256', Buffer.from(this.externalAccounts?.[kid ?? ''] ?? '', 'base64url'));
    const same = JSON.stringify(decoded(payload)) === JSON.stringify(outer.jwk);
    return (
      alg === 'HS256' &&
      url === outer.url &&
      same &&
      signature === mac.update(`${head64}.${payload}`).digest('base64url')
    );
  }

  #newOrder({ identifiers }: Readonly<Record<string, unknown>>): Reply {
    const names = (identifiers as { value: string }[]).map(({ value }) => value);
    const order = {
      names,
      problems: new Map<string, object>(),
      proven: new Set(names.filter((name) => this.proven.includes(name))),
    };
    const id = this.#orders.push(order) - 1;
    return { status: 201, headers: { Location: `${this.base}/order/${id}` }, body: this.#order(id, order) };
  }

  #order(id: number, { names, problems, proven, request }: FakeOrder): object {
    const ready = proven.size === names.length ? 'ready' : 'pending';
    return {
      status: problems.size > 0 ? 'invalid' : request ? 'valid' : ready,
      authorizations: names.map((name) => `${this.base}/authorization/${id}/${name}`),
      finalize: `${this.base}/finalize/${id}`,
      ...(request ? { certificate: `${this.base}/certificate/${id}` } : {}),
    };
  }

  #authorization(id: number, { proven, problems }: FakeOrder, name: string): object {
    const error = problems.get(name);
    return {
      identifier: { type: 'dns', value: name },
      status: error ? 'invalid' : proven.has(name) ? 'valid' : 'pending',
      challenges: ['http-01', 'dns-01', 'tls-alpn-01'].map((type) => ({
        type,
        url: `${this.base}/challenge/${id}/${name}~${type}`,
        token: createHash('sha256').update(`${id} ${name} ${type}`).digest('base64url'),
        ...(error ? { error } : {}),
      })),
    };
  }

  #challenge(order: FakeOrder, which: string): Reply {
    const [name = '', type = ''] = which.split('~');
    const fault = this.judge(name, type);
    if (fault) order.problems.set(name, fault);
    else order.proven.add(name);
    return { body: { status: 'processing' } };
  }

  #finalize(id: number, order: FakeOrder, { csr }: Readonly<Record<string, unknown>>): Reply {
    if (order.proven.size < order.names.length || order.request)
      return problem(403, 'orderNotReady', 'not ready');
    const request = requestIn(Buffer.from(String(csr), 'base64url'));
    if ([...request.names].sort().join() !== [...order.names].sort().join())
      return problem(400, 'badCSR', 'other names');
    order.request = request;
    return { body: this.#order(id, order) };
  }

  #certificate({ request }: FakeOrder, number: number, path: string): Reply {
    const issuer = this.issuers[number];
    if (!request || !issuer) return problem(404, 'malformed', 'no such certificate');
    const notBefore = this.now();
    const leaf = certificate({ ...request, issuer, notBefore, notAfter: notBefore + this.lifeDays * DAY });
    const links = [`<${this.directory}>;rel="index"`, `<${this.base}${path}/1>;rel="alternate"`];
    return {
      headers: { Link: number === 0 ? [...links, `<${this.base}${path}/2>; rel="alternate"`] : [] },
      body: leaf + issuer.cert,
    };
  }

  #nonce(): string {
    const nonce = randomBytes(12).toString('base64url');
    this.#nonces.add(nonce);
    return nonce;
  }
}

/** A refusal as RFC 7807 has it. */
export function problem(status: number, word: string, detail: string, headers: Reply['headers'] = {}): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
    body: { type: `urn:ietf:params:acme:error:${word}`, detail, status },
  };
}

function payloadIn(text: string): Readonly<Record<string, unknown>> | undefined {
  const { payload } = JSON.parse(text) as Record<string, string>;
  return payload ? decoded(payload) : undefined;
}

function decoded(base64url: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(base64url, 'base64url').toString() || '{}') as Record<string, unknown>;
}
