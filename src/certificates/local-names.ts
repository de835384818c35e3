import { hostname, networkInterfaces } from 'node:os';
import { UsageError } from '../errors.ts';
import { schema, x509 } from './asn1.ts';

/** Domains a development CA may vouch for: the name itself and everything under it. */
export const LOCAL_DOMAINS: readonly string[] = ['localhost', 'local'];

/** Networks a development CA may vouch for: loopback, link-local and private ones. */
export const LOCAL_NETWORKS: readonly string[] = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];

/**
 * The names and addresses of a development certificate, sorted: `localhost`, this machine in its
 * networks, and those that were asked for.
 *
 * @throws {UsageError} when one of `more` is outside what a development CA may vouch for.
 */
export function localNames(more: readonly string[]): string[] {
  const own = ['localhost', '127.0.0.1', '::1', ...multicastName(), ...networkAddresses()];
  return [...new Set([...own, ...more.map(localName)])].sort();
}

/** @returns the address in the one spelling we compare, or `undefined` when `text` is none. */
export function addressIn(text: string): string | undefined {
  const six = text.includes(':');
  if (!six && !/^\d+(\.\d+){3}$/.test(text)) return undefined;
  const url = six ? `http://[${text}]/` : `http://${text}/`;
  const host = URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : undefined;
  return six || host === text ? host : undefined;
}

function localName(text: string): string {
  const name = addressIn(text) ?? text.toLowerCase();
  if (isLocalAddress(name) || isLocalDomain(name)) return name;
  throw new UsageError(
    'E_CERTIFICATE_NAME',
    `the development CA cannot vouch for "${text}": only for localhost, names that end in .localhost or .local, ` +
      'and addresses of loopback and private networks. A public name needs a certificate of a public CA',
  );
}

function isLocalDomain(name: string): boolean {
  const wellFormed =
    name.length <= 253 &&
    /^(\*\.)?[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/.test(name);
  return wellFormed && LOCAL_DOMAINS.some((domain) => name === domain || name.endsWith(`.${domain}`));
}

function isLocalAddress(name: string): boolean {
  if (addressIn(name) === undefined) return false;
  const address = bytes(name);
  return LOCAL_NETWORKS.some((network) => contains(bytes(network), address));
}

/** @param network address and mask, one after the other, as in a name constraint. */
function contains(network: Uint8Array, address: Uint8Array): boolean {
  const { length } = address;
  return (
    network.length === 2 * length &&
    address.every((byte, at) => (byte & (network[length + at] ?? 0)) === network[at])
  );
}

/** As in a certificate: 4 or 16 bytes, twice that with a mask; after tag and length, a byte each. */
function bytes(address: string): Uint8Array {
  return new Uint8Array(schema.AsnConvert.serialize(new x509.GeneralName({ iPAddress: address }))).subarray(
    2,
  );
}

/** The name under which multicast DNS finds this machine in its networks. */
function multicastName(): string[] {
  const name = `${hostname().split('.')[0]?.toLowerCase()}.local`;
  return isLocalDomain(name) ? [name] : [];
}

/** Without link-local IPv6: such an address means nothing without its interface. */
function networkAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address))
    .flatMap(({ address }) => addressIn(address) ?? [])
    .filter(isLocalAddress);
}
