import { UsageError } from '../../errors.ts';
import { httpConnect } from '../../protocol/proxy-tunnel/http-connect.ts';
import { Socks5 } from '../../protocol/proxy-tunnel/socks5.ts';
import type { Credentials, TunnelTalk, TunnelTarget } from '../../protocol/proxy-tunnel/tunnel-talk.ts';
import type { Address } from '../../transport/address.ts';
import type { ConnectOptions } from '../../transport/engine.ts';

type Way = (target: TunnelTarget, credentials: Credentials | undefined) => TunnelTalk;

const WAYS: Readonly<Record<string, { readonly port: number; readonly way: Way }>> = {
  http: { port: 80, way: httpConnect },
  socks5: { port: 1080, way: (target, credentials) => new Socks5(target, credentials) },
};

/** A proxy that clients connect through. */
export class ClientProxy {
  /** Without what is secret. */
  readonly name: string;
  readonly #place: Address;
  readonly #way: Way;
  readonly #credentials: Credentials | undefined;

  /** @throws {UsageError} it cannot be read; the message repeats no password. */
  constructor(address: string) {
    const [, scheme = '', rest = ''] = /^([a-z0-9]+):\/\/(.*)$/i.exec(address) ?? [];
    const known = Object.hasOwn(WAYS, scheme) ? WAYS[scheme] : undefined;
    if (known === undefined || !URL.canParse(`ws://${rest}`)) throw unreadable();
    const { hostname, username, password, port } = new URL(`ws://${rest}`);
    const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    this.#place = { kind: 'ip', host, port: port === '' ? portOf(rest, known.port) : Number(port) };
    this.name = `${scheme}://${hostname}:${this.#place.port}`;
    this.#way = known.way;
    this.#credentials = credentialsOf(username, password);
  }

  to(place: Address): Pick<ConnectOptions, 'tunnel'> {
    if (place.kind === 'unix') throw new UsageError('E_PROXY', 'a proxy does not reach a Unix socket');
    if (Buffer.byteLength(place.host) > 255)
      throw new UsageError('E_PROXY', 'the name of the host is too long');
    return { tunnel: { place: this.#place, begin: () => this.#way(place, this.#credentials) } };
  }
}

/** `:80` is left out by whoever reads an address of the web. */
function portOf(rest: string, usual: number): number {
  return /:80\/?$/.test(rest) ? 80 : usual;
}

function credentialsOf(username: string, secret: string): Credentials | undefined {
  if (username === '' && secret === '') return undefined;
  const [user, password] = [decoded(username), decoded(secret)];
  if (Buffer.byteLength(user) <= 255 && Buffer.byteLength(password) <= 255) return { user, password };
  throw new UsageError('E_PROXY', 'user and password of a proxy have at most 255 bytes each');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw unreadable();
  }
}

function unreadable(): UsageError {
  return new UsageError(
    'E_PROXY',
    'a proxy is written http://user:password@host:3128 or socks5://user:password@host:1080',
  );
}
