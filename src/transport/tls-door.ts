import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { NodeWire } from './node-wire.ts';
import { INTERMEDIATE, type TlsOptions } from './tls-options.ts';

/** First byte of a TLS record that holds a handshake (RFC 8446 §5.1). */
const HANDSHAKE = 0x16;

/**
 * Looks at the first byte of a connection: a TLS handshake is taken up; anything else is opened as a
 * plain wire, so that whoever speaks HTTP to a TLS port can be told so.
 */
export class TlsDoor {
  readonly #options: TlsOptions;
  readonly #context: SecureContext;

  constructor(options: TlsOptions) {
    this.#options = { ...INTERMEDIATE, ...options, rejectUnauthorized: options.rejectUnauthorized !== false };
    // Sessions of clients with certificates can be resumed only within a named context (RFC 5246 §F.1.4).
    this.#context = createSecureContext({ sessionIdContext: 'usta', ...this.#options });
  }

  admit(wire: NodeWire, socket: Socket): void {
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      if (first[0] === HANDSHAKE) this.#negotiate(wire, socket);
      else wire.open({ secure: false, events: true });
    });
    socket.resume();
  }

  #negotiate(wire: NodeWire, socket: Socket): void {
    const secure = new TLSSocket(socket, { ...this.#options, isServer: true, secureContext: this.#context });
    wire.replaceSocket(secure);
    secure.on('_tlsError', (error: Error) => wire.fail(error));
    secure.once('secure', () => {
      const objection = this.#objection(secure);
      if (objection) wire.fail(objection);
      else wire.openAfterHandshake();
    });
  }

  /** What is wrong with the client's certificate. OpenSSL only takes note of it: refusing is left to us. */
  #objection(secure: TLSSocket): Error | undefined {
    if (!this.#options.requestCert || !this.#options.rejectUnauthorized) return undefined;
    const { _handle: handle } = secure as TLSSocket & { readonly _handle?: Verifier };
    if (!handle?.verifyError)
      return new Error("this version of Node does not tell whether a client's certificate is valid");
    return handle.verifyError() ?? undefined;
  }
}

interface Verifier {
  verifyError?(): Error | null | undefined;
}
