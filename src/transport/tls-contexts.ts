import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { ClientHello } from './client-hello.ts';
import { ALWAYS, INTERMEDIATE, type TlsPair, type TlsServerOptions } from './tls-options.ts';

/** What one handshake is made with. */
export interface Dress {
  readonly context: SecureContext;
  readonly protocols: TlsServerOptions['ALPNProtocols'];
}

/**
 * The contexts of a listener: the usual one, and one for each other certificate, made when it is first
 * asked for. All have the same ticket keys, so that a session can be resumed with any of them.
 */
export class TlsContexts {
  readonly options: TlsServerOptions;
  readonly #usual: Dress;
  readonly #others = new WeakMap<TlsPair, Dress>();

  constructor({ pairFor, objectionTo, maxHandshakes, ...options }: TlsServerOptions) {
    this.options = {
      ...INTERMEDIATE,
      ...options,
      rejectUnauthorized: options.rejectUnauthorized !== false,
      secureOptions: (options.secureOptions ?? 0) | ALWAYS,
      ...(pairFor && { pairFor }),
      ...(objectionTo && { objectionTo }),
      ...(maxHandshakes !== undefined && { maxHandshakes }),
    };
    this.#usual = this.#dress({});
  }

  for({ serverName, protocols }: ClientHello): Dress {
    const pair = this.options.pairFor?.(serverName, protocols);
    if (pair === undefined) return this.#usual;
    const known = this.#others.get(pair) ?? this.#dress(pair);
    this.#others.set(pair, known);
    return known;
  }

  /** Whether the certificate that this client gets is for the name that it asks for. */
  isFor({ serverName, protocols }: ClientHello): boolean {
    if (serverName === '') return true;
    const pair = this.options.pairFor?.(serverName, protocols) ?? this.options;
    const [first] = [pair.cert].flat();
    return first === undefined || new X509Certificate(first).checkHost(serverName) !== undefined;
  }

  #dress(pair: TlsPair): Dress {
    const { pairFor: _, objectionTo: __, maxHandshakes: ___, ...options } = this.options;
    const { ALPNProtocols: protocols = options.ALPNProtocols, ...own } = pair;
    return { context: createSecureContext({ ...options, ...own }), protocols };
  }
}
