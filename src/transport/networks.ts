import { BlockList, isIP } from 'node:net';
import type { Address } from './address.ts';

/** Short for the networks of one machine and of local ones, as proxies' own options have them. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fe80::/10'],
};

/** A set of peers: networks in CIDR form, single addresses, and `'unix'` for whoever comes by a Unix socket. */
export class Networks {
  readonly #addresses: BlockList = new BlockList();
  readonly #unix: boolean;
  /** Some of it is everybody: a prefix of 0 bits. */
  readonly hasEverybody: boolean;

  /** @throws {RangeError} names the entry that is no network. */
  constructor(entries: readonly string[]) {
    this.#unix = entries.includes('unix');
    this.hasEverybody = entries.some((entry) => entry.endsWith('/0'));
    for (const entry of entries.flatMap((one) => NAMES[one] ?? one)) {
      if (entry !== 'unix') add(this.#addresses, entry);
    }
  }

  has(peer: Address): boolean {
    return peer.kind === 'unix' ? this.#unix : this.hasIp(peer.host);
  }

  /** False for whatever is no IP address. */
  hasIp(host: string): boolean {
    const version = isIP(host);
    return version !== 0 && this.#addresses.check(host, version === 4 ? 'ipv4' : 'ipv6');
  }
}

function add(list: BlockList, entry: string): void {
  const [, host = '', prefix] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(entry) ?? [];
  const version = isIP(host);
  const most = version === 4 ? 32 : 128;
  const bits = prefix === undefined ? most : Number(prefix);
  if (version === 0 || bits > most) {
    throw new RangeError(`"${entry}" is no address or network, such as 127.0.0.1 or 10.0.0.0/8`);
  }
  list.addSubnet(host, bits, version === 4 ? 'ipv4' : 'ipv6');
}
