import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type ClientHello, readClientHello } from './client-hello.ts';
import { Handshakes } from './handshakes.ts';
import type { NodeWire } from './node-wire.ts';
import { TlsContexts } from './tls-contexts.ts';
import { HandshakeError, tlsFailureOf } from './tls-failure.ts';
import type { TlsServerOptions } from './tls-options.ts';

/** First byte of a TLS record that holds a handshake (RFC 8446 §5.1). */
const HANDSHAKE = 0x16;

/**
 * Looks at how a connection begins: a TLS handshake is taken up with the certificate that its ClientHello
 * asks for; anything else is opened as a plain wire, so that whoever speaks HTTP to a TLS port can be told so.
 */
export class TlsDoor {
  #contexts: TlsContexts;
  readonly #handshakes: Handshakes;

  constructor(options: TlsServerOptions) {
    this.#contexts = new TlsContexts(options);
    this.#handshakes = new Handshakes(options.maxHandshakes);
  }

  /** For handshakes from here on; open connections live on with what they have agreed. */
  renew(options: TlsServerOptions): void {
    this.#contexts = new TlsContexts(options);
  }

  admit(wire: NodeWire, socket: Socket): void {
    let seen: Buffer = Buffer.alloc(0);
    const look = (bytes: Buffer): void => {
      seen = seen.length === 0 ? bytes : Buffer.concat([seen, bytes]);
      const hello = seen[0] === HANDSHAKE ? readClientHello(seen) : NO_TLS;
      if (hello === undefined) return;
      socket.off('data', look);
      socket.pause();
      socket.unshift(seen);
      if (hello === NO_TLS) return wire.open({ secure: false, events: true });
      this.#handshakes.begin(wire, () => this.#negotiate(wire, socket, hello));
    };
    socket.on('data', look);
    socket.resume();
  }

  #negotiate(wire: NodeWire, socket: Socket, hello: ClientHello): void {
    if (socket.destroyed) return this.#handshakes.over(wire);
    const contexts = this.#contexts;
    const { context: secureContext, protocols } = contexts.for(hello);
    const { requestCert, rejectUnauthorized } = contexts.options;
    const secure = new TLSSocket(socket, {
      isServer: true,
      secureContext,
      ...(protocols && { ALPNProtocols: protocols }),
      ...(requestCert !== undefined && { requestCert }),
      ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    });
    wire.replaceSocket(secure);
    secure.once('close', () => this.#handshakes.over(wire));
    secure.on('_tlsError', (error: Error) =>
      wire.fail(contexts.isFor(hello) ? error : otherName(error, hello)),
    );
    secure.once('secure', () => {
      this.#handshakes.over(wire);
      const objection = objectionTo(secure, contexts.options);
      if (objection) wire.fail(objection);
      else wire.openAfterHandshake();
    });
  }
}

/** A client that does not accept our certificate, and asked for a name that is not in it. */
function otherName(error: Error, { serverName }: ClientHello): Error {
  if (tlsFailureOf(error) !== 'untrusted') return error;
  return new HandshakeError('name', `the client asked for ${serverName}, which no certificate here is for`);
}

const NO_TLS: ClientHello = { serverName: '', protocols: [] };

/** What is wrong with the client's certificate. OpenSSL only takes note of it: refusing is left to us. */
function objectionTo(
  secure: TLSSocket,
  { requestCert, rejectUnauthorized, objectionTo }: TlsServerOptions,
): Error | undefined {
  if (!requestCert || !rejectUnauthorized) return undefined;
  const { _handle: handle } = secure as TLSSocket & { readonly _handle?: Verifier };
  if (!handle?.verifyError)
    return new HandshakeError(
      'client-certificate',
      "this version of Node does not tell whether a client's certificate is valid",
    );
  const invalid = handle.verifyError();
  if (invalid) return invalid;
  const reason = objectionTo?.(chainOf(secure));
  return reason === undefined ? undefined : new HandshakeError('client-certificate', reason);
}

interface Verifier {
  verifyError?(): Error | null | undefined;
}

/** DER, the client's own first, up to one that signs itself. */
function chainOf(secure: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let certificate = secure.getPeerCertificate(true);
  while (certificate?.raw && !chain.some((one) => one.equals(certificate.raw))) {
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}
