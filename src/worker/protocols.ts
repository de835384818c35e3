import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { frameProtocol } from '../protocol/frame-codec.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { textProtocol } from '../protocol/text-codec.ts';
import type { Protocols } from './registered.ts';
import { SCHEMES } from './schemes.ts';

const protocols = new Map<string, AnyProtocol>([
  ['text', textProtocol],
  ['frame', frameProtocol],
]);

/**
 * Makes a protocol of yours a scheme: `new Worker('moves://0.0.0.0:7000')`. Extend the interface `Protocols` with
 * it, and its types are known.
 *
 * @param name the scheme: a letter, then letters, digits, `+`, `.` or `-`.
 * @throws {UsageError} the name is no scheme, or is taken.
 */
export function registerProtocol<Name extends string>(
  name: Name,
  protocol: Name extends keyof Protocols ? Protocols[Name] : AnyProtocol,
): void {
  if (!/^[a-z][a-z0-9+.-]*$/.test(name))
    throw new UsageError(
      'E_SCHEME',
      `"${name}" cannot be a scheme; use lower-case letters and digits, as in moves`,
    );
  if (Object.hasOwn(SCHEMES, name) || (protocols.has(name) && protocols.get(name) !== protocol))
    throw new UsageError('E_SCHEME', `the scheme ${name}:// is there already; choose another name`);
  protocols.set(name, protocol as AnyProtocol);
}

export function protocolNamed(name: string): AnyProtocol | undefined {
  return protocols.get(name);
}

/** What the word before `://` may be. */
export function allSchemes(): string[] {
  return [...new Set([...Object.keys(SCHEMES), ...protocols.keys()])];
}

/** What is spoken over a plain transport. */
interface Spoken {
  readonly protocol: string;
  /** `undefined` for what is built into the house: `tcp`, `udp`, `http`, `websocket`. */
  readonly own: AnyProtocol | undefined;
}

/**
 * What a worker speaks: as its address says, or, where that names nothing but a transport, as its option `protocol`.
 *
 * @param address what its scheme means. @param told the option.
 * @throws {UsageError} the two do not go together, or there is no such protocol.
 */
export function spoken(
  address: { readonly scheme: string; readonly protocol: string },
  told: unknown,
): Spoken {
  const { scheme, protocol } = address;
  if (told === undefined || told === protocol) return { protocol, own: protocols.get(protocol) };
  if (protocol !== 'tcp' && protocol !== 'udp')
    throw new UsageError(
      'E_PROTOCOL_OPTION',
      `${scheme}:// says what is spoken; the option protocol goes with tcp://, ssl://, unix:// and udp://`,
    );
  if (typeof told !== 'string') return { protocol: ownName(told), own: told as AnyProtocol };
  const streams = protocol === 'tcp' ? ['http', 'websocket'] : [];
  if (streams.includes(told)) return { protocol: told, own: undefined };
  const own = protocols.get(told);
  if (own) return { protocol: told, own };
  const known = [...streams, ...protocols.keys()];
  const meant = nearest(told, known);
  const hint = meant ? `did you mean ${meant}?` : `there are ${known.join(', ')}`;
  throw new UsageError('E_PROTOCOL_OPTION', `${scheme}:// cannot speak "${told}"; ${hint}`);
}

function ownName(told: unknown): string {
  if (typeof told === 'object' && told !== null && typeof (told as AnyProtocol).makeCodec === 'function')
    return (told as AnyProtocol).name ?? 'own';
  throw new UsageError(
    'E_PROTOCOL_OPTION',
    'the option protocol takes what defineProtocol() gives, or a name',
  );
}
