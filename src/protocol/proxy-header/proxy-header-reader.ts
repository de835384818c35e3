import { ProxyHeaderError } from '../../errors.ts';
import type { ProxyHeader } from './proxy-header.ts';
import { readVersion1, SIGNATURE_1 } from './version-1.ts';
import { readVersion2, SIGNATURE_2 } from './version-2.ts';

/** What was found at the beginning of a connection: the header, if any, and the bytes behind it. */
export interface Beginning {
  readonly header: ProxyHeader | undefined;
  readonly rest: Buffer;
}

/**
 * Reads the beginning of one connection: of a listed peer, which has to send a PROXY header of either
 * version, or of any other, which must not.
 *
 * @see PROXY protocol §2 — The PROXY protocol header
 */
export class ProxyHeaderReader {
  readonly #required: boolean;
  #seen: Buffer = Buffer.alloc(0);

  constructor(required: boolean) {
    this.#required = required;
  }

  /**
   * @returns `undefined` when more bytes are needed.
   * @throws {ProxyHeaderError} the header is broken, missing, or not allowed.
   */
  push(bytes: Buffer): Beginning | undefined {
    const seen = this.#seen.length === 0 ? bytes : Buffer.concat([this.#seen, bytes]);
    this.#seen = seen;
    const version1 = resembles(seen, SIGNATURE_1);
    const version2 = resembles(seen, SIGNATURE_2);
    if (version1 === 'no' && version2 === 'no') return this.#none(seen);
    if (version1 === 'perhaps' || version2 === 'perhaps') return undefined;
    if (!this.#required)
      throw new ProxyHeaderError('a PROXY header from a peer that is not in proxyProtocol');
    const header = version1 === 'yes' ? readVersion1(seen) : readVersion2(seen);
    return header && { header, rest: seen.subarray(header.length) };
  }

  #none(seen: Buffer): Beginning {
    if (this.#required) throw new ProxyHeaderError('no PROXY header from a peer that is in proxyProtocol');
    return { header: undefined, rest: seen };
  }
}

/** `perhaps` as long as all that has come agrees. */
function resembles(bytes: Buffer, signature: Buffer): 'yes' | 'no' | 'perhaps' {
  const length = Math.min(bytes.length, signature.length);
  if (bytes.compare(signature, 0, length, 0, length) !== 0) return 'no';
  return length === signature.length ? 'yes' : 'perhaps';
}
