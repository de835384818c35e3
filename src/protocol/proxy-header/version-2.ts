import { ProxyHeaderError } from '../../errors.ts';
import type { ProxiedEnds, ProxyHeader } from './proxy-header.ts';

export const SIGNATURE_2: Buffer = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/** Signature, version and command, family, length. */
const HEAD = 16;
/** Addresses and TLVs together, in bytes; real ones stay below 1 KiB. */
const MAX_LENGTH = 4_096 - HEAD;

const LOCAL = 0x20;
const PROXY = 0x21;

/** By family and transport: how many bytes an address has. Datagrams do not come to a stream listener. */
const ADDRESS_SIZES: Readonly<Record<number, number>> = { 17: 4, 33: 16 };
/** Unspecified, and Unix sockets, whose path says nothing on this machine: the connection's own ends count. */
const ADDRESSLESS: readonly number[] = [0x00, 0x31];

/**
 * Reads the binary header; addresses first, then TLVs, which are skipped.
 *
 * @returns `undefined` while it is not complete.
 * @throws {ProxyHeaderError} another version, an unknown command or family, or too long.
 * @see PROXY protocol §2.2
 */
export function readVersion2(bytes: Buffer): ProxyHeader | undefined {
  if (bytes.length < HEAD) return undefined;
  const command = bytes.readUInt8(12);
  const family = bytes.readUInt8(13);
  const size = bytes.readUInt16BE(14);
  if (command !== LOCAL && command !== PROXY)
    throw new ProxyHeaderError('the PROXY header has an unknown version or command');
  if (size > MAX_LENGTH) throw new ProxyHeaderError(`a PROXY header of ${size + HEAD} bytes is too long`);
  if (bytes.length < HEAD + size) return undefined;
  const ends = command === LOCAL ? undefined : endsOf(bytes.subarray(HEAD, HEAD + size), family);
  return { ends, length: HEAD + size };
}

function endsOf(body: Buffer, family: number): ProxiedEnds | undefined {
  if (ADDRESSLESS.includes(family)) return undefined;
  const size = ADDRESS_SIZES[family];
  if (size === undefined || body.length < 2 * size + 4) {
    throw new ProxyHeaderError('the PROXY header has an unknown family, or too few bytes for its addresses');
  }
  return {
    source: { host: textOf(body.subarray(0, size)), port: body.readUInt16BE(2 * size) },
    destination: { host: textOf(body.subarray(size, 2 * size)), port: body.readUInt16BE(2 * size + 2) },
  };
}

function textOf(address: Buffer): string {
  return address.length === 4 ? [...address].join('.') : ipV6Text(address);
}

/**
 * The longest run of zero groups becomes `::`, the first one of several as long.
 *
 * @see RFC 5952 §4 — A Recommendation for IPv6 Text Representation
 */
function ipV6Text(address: Buffer): string {
  if (isMapped(address)) return [...address.subarray(12)].join('.');
  const groups = Array.from({ length: 8 }, (_, index) => address.readUInt16BE(2 * index).toString(16));
  const text = groups.join(':');
  const runs = [...text.matchAll(/\b0(?::0)+\b/g)];
  const longest = runs.reduce<RegExpExecArray | undefined>(
    (best, run) => (best === undefined || run[0].length > best[0].length ? run : best),
    undefined,
  );
  if (longest === undefined) return text;
  const before = text.slice(0, longest.index).replace(/:$/, '');
  const after = text.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}

/** An IPv4 address in an IPv6 coat, `::ffff:a.b.c.d`. */
function isMapped(address: Buffer): boolean {
  return address.readBigUInt64BE(0) === 0n && address.readUInt32BE(8) === 0xffff;
}
