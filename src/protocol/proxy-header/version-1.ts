import { ProxyHeaderError } from '../../errors.ts';
import type { ProxiedEnds, ProxyHeader } from './proxy-header.ts';

/** The longest line, CRLF included. */
const MAX_LINE = 107;

export const SIGNATURE_1: Buffer = Buffer.from('PROXY ');

/**
 * Reads the line that begins with `PROXY `.
 *
 * @returns `undefined` while it is not complete.
 * @throws {ProxyHeaderError} it is too long or not of the one form that is allowed.
 * @see PROXY protocol §2.1
 */
export function readVersion1(bytes: Buffer): ProxyHeader | undefined {
  const end = bytes.subarray(0, MAX_LINE).indexOf('\r\n');
  if (end < 0) {
    if (bytes.length < MAX_LINE) return undefined;
    throw new ProxyHeaderError(`a PROXY line ends within ${MAX_LINE} bytes`);
  }
  const words = bytes.toString('latin1', 0, end).split(' ');
  return { ends: words[1] === 'UNKNOWN' ? undefined : endsOf(words), length: end + 2 };
}

function endsOf([
  ,
  family,
  source = '',
  destination = '',
  from = '',
  to = '',
  ...more
]: string[]): ProxiedEnds {
  const isAddress = family === 'TCP4' ? isIpV4 : family === 'TCP6' ? isIpV6 : () => false;
  if (!isAddress(source) || !isAddress(destination) || !isPort(from) || !isPort(to) || more.length > 0) {
    throw new ProxyHeaderError('the PROXY line cannot be read');
  }
  return {
    source: { host: source, port: Number(from) },
    destination: { host: destination, port: Number(to) },
  };
}

function isPort(text: string): boolean {
  return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

function isIpV4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** Eight groups, one run of which may be `::`; the last two may be an IPv4 address. */
function isIpV6(text: string): boolean {
  const mapped = /^(.*:)([\d.]+)$/.exec(text);
  const hexadecimal = mapped?.[2]?.includes('.') && isIpV4(mapped[2]) ? `${mapped[1]}0:0` : text;
  const halves = hexadecimal.split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (halves.length > 2 || !groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 2 ? groups.length < 8 : groups.length === 8;
}
