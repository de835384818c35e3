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
    this.#options = { ...INTERMEDIATE, ...options };
    this.#context = createSecureContext(this.#options);
  }

  admit(wire: NodeWire, socket: Socket): void {
    wire.sink.accepted(wire);
    socket.once('readable', () => {
      const first: Buffer | null = socket.read();
      if (first === null) return;
      socket.unshift(first);
      if (first[0] === HANDSHAKE) this.#negotiate(wire, socket);
      else wire.open({ secure: false, events: true });
    });
  }

  #negotiate(wire: NodeWire, socket: Socket): void {
    const secure = new TLSSocket(socket, { ...this.#options, isServer: true, secureContext: this.#context });
    wire.replaceSocket(secure);
    secure.on('_tlsError', (error: Error) => wire.fail(error));
    secure.once('secure', () => wire.open({ secure: true, events: true }));
  }
}
