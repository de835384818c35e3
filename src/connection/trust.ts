import { UsageError } from '../errors.ts';
import { type Hop, readForwarded, readForwardedFor } from '../protocol/http/forwarded.ts';
import type { Request } from '../protocol/http/request.ts';
import { publish } from '../telemetry.ts';
import { type Address, isIp, isOfThisMachine, plainIp } from '../transport/address.ts';
import { Networks } from '../transport/networks.ts';

/** The headers in which a proxy may tell where a request comes from. */
export type AddressHeader = 'x-forwarded-for' | 'forwarded' | 'x-real-ip';

const READERS: Readonly<Record<AddressHeader, (value: string) => Hop[] | undefined>> = {
  'x-forwarded-for': readForwardedFor,
  forwarded: readForwarded,
  'x-real-ip': (value) => readForwardedFor(value.includes(',') ? '' : value),
};

/** The proxies whose word is believed, and the one header that holds it. */
export interface TrustOptions {
  /**
   * Who they are: addresses, networks (`10.0.0.0/8`), `'loopback'`, `'private'`, or `'unix'` for whoever
   * comes by a Unix socket.
   */
  readonly from: readonly string[];
  /**
   * The header that they set. Every other is ignored: proxies set one and let the rest through as the
   * client has sent it. Default `'x-forwarded-for'`.
   */
  readonly header?: AddressHeader;
}

/** Where a request really comes from, as the proxies tell. */
export interface Client {
  /** The host is `''` when they do not know it, or what they say cannot be read. */
  readonly address: Address;
  /** Whether the client's own connection is protected by TLS. Only `forwarded` tells. */
  readonly secure?: boolean;
  /** The Host that the client asked for. Only `forwarded` tells. */
  readonly host?: string;
}

/** Believes some peers about where their requests come from. */
export class Trust {
  readonly header: AddressHeader;
  readonly proxies: Networks;

  /** @throws {UsageError} an entry of `from` is no network, or the header is none of the three. */
  constructor({ from, header = 'x-forwarded-for' }: TrustOptions) {
    if (!Object.hasOwn(READERS, header)) {
      const known = Object.keys(READERS).join(', ');
      throw new UsageError('E_TRUST_PROXY', `trustProxy.header: "${header}" is none of ${known}`);
    }
    this.header = header;
    this.proxies = networksOf('trustProxy.from', from);
  }

  /** @returns `undefined` when the peer speaks for itself. */
  clientOf(request: Request, peer: Address): Client | undefined {
    if (!this.proxies.has(peer)) return undefined;
    const value = request.header(this.header);
    if (value === undefined) return undefined;
    const hops = READERS[this.header](value);
    return hops === undefined ? UNKNOWN : this.#farthestKnown(hops);
  }

  /** From the nearest hop on, past those that are proxies of ours: who comes next may have written the rest. */
  #farthestKnown(hops: readonly Hop[]): Client | undefined {
    let client: Client | undefined;
    for (const hop of hops.toReversed()) {
      client = describe(hop);
      if (!this.proxies.has(client.address)) break;
    }
    return client;
  }
}

/** @returns what is done with each request to learn where it comes from. */
export function identification(trust: Trust | undefined): (connection: Identified, request: Request) => void {
  if (trust === undefined) return noticeOfProxy();
  return (connection, request) => {
    const client = trust.clientOf(request, connection.wire.remote);
    connection.client = client;
    if (client?.host !== undefined) request.askedFor = client.host;
  };
}

interface Identified {
  client: Client | undefined;
  readonly wire: { readonly remote: Address };
}

/** Requests that are looked at for the traces of a proxy: the first ones tell. */
const LOOKS = 100;
const TRACES: readonly AddressHeader[] = ['x-real-ip', 'x-forwarded-for', 'forwarded'];

/** Says once that a proxy on this machine tells where requests come from and nobody listens. */
function noticeOfProxy(): (connection: Identified, request: Request) => void {
  let left = LOOKS;
  return ({ wire: { remote } }, request) => {
    if (left === 0) return;
    left--;
    const header = isOfThisMachine(remote)
      ? TRACES.find((name) => request.header(name) !== undefined)
      : undefined;
    if (header === undefined) return;
    left = 0;
    const from = remote.kind === 'ip' ? remote.host : 'unix';
    publish('usta:notice', {
      text: `${header} comes from a proxy on this machine and is ignored: remoteIp is the proxy's address; if it is yours, trustProxy: { from: ['${from}'], header: '${header}' }`,
    });
  };
}

/** @throws {UsageError} names the option and the entry that cannot be read. */
export function networksOf(option: string, entries: readonly string[]): Networks {
  try {
    return new Networks(entries);
  } catch (cause) {
    throw new UsageError('E_NETWORK', `${option}: ${(cause as Error).message}`, { cause });
  }
}

const NOWHERE: Address = { kind: 'ip', host: '', port: 0 };
const UNKNOWN: Client = { address: NOWHERE };

function describe({ host, port, proto, askedFor }: Hop): Client {
  const plain = plainIp(host);
  return {
    address: isIp(plain) ? { kind: 'ip', host: plain, port } : NOWHERE,
    ...(proto === undefined ? {} : { secure: /^(https|wss)$/i.test(proto) }),
    ...(askedFor === undefined ? {} : { host: askedFor }),
  };
}
