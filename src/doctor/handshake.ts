import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { alertIn, isAlert } from './alerts.ts';
import { within } from './deadline.ts';
import { Line } from './line.ts';
import { sentChain } from './sent-chain.ts';
import { Tap } from './tap.ts';

/** A server that sends more than this before the handshake is done is not listened to, in bytes. */
export const MAX_HANDSHAKE = 65_536;
/** Links of a chain that are looked at. */
const MAX_CHAIN = 20;

/** A TLS handshake that was made, whatever the certificate is worth. */
export interface Secured {
  readonly kind: 'secure';
  readonly line: Line;
  /** `TLSv1.3` */
  readonly version: string;
  readonly cipher: string;
  /** What was agreed on with ALPN; empty when nothing was. */
  readonly application: string;
  /** DER, leaf first. */
  readonly chain: readonly Buffer[];
  /** The chain is what the server sent, in its order; otherwise what a library made of it. */
  readonly exact: boolean;
}

/** One that was not. */
export interface Unsecured {
  readonly kind: 'failed';
  readonly how: 'alert' | 'not-tls' | 'version' | 'too-large' | 'closed' | 'late' | 'broken';
  readonly alert: number | undefined;
  /** The first bytes that came. */
  readonly received: Buffer;
  /** How TCP ended below. */
  readonly ended: 'fin' | 'reset' | undefined;
  readonly error: string;
}

export interface HandshakeOptions {
  readonly host: string;
  readonly milliseconds: number;
  /** `TLSv1.2` limits the client to that version. */
  readonly maxVersion?: 'TLSv1.2';
  /** What is offered with ALPN; `http/1.1` unless given. */
  readonly application?: 'http/1.1' | 'h2';
}

/**
 * One TLS handshake as a browser makes it for a WebSocket: TLS 1.2 and 1.3, server name, ALPN http/1.1.
 * No certificate is refused, and none is trusted: that is judged afterwards.
 */
export async function shakeHands(socket: Socket, options: HandshakeOptions): Promise<Secured | Unsecured> {
  const tap = new Tap(socket, MAX_HANDSHAKE);
  const attempt = begin(tap, options);
  if (!('on' in attempt)) return attempt;
  const outcome = new Promise<string | undefined>((resolve) => {
    attempt.once('secureConnect', () => resolve(undefined));
    attempt.on('error', (error) => resolve(error.message || 'error'));
    attempt.once('end', () => resolve('closed'));
    tap.once('close', () => resolve('closed'));
  });
  const error = await within(options.milliseconds, outcome, 'late');
  if (error === undefined) return secured(attempt, tap);
  const failed = failure(tap, error);
  attempt.destroy();
  tap.destroy();
  return failed;
}

function begin(
  tap: Tap,
  { host, maxVersion, application = 'http/1.1' }: HandshakeOptions,
): TLSSocket | Unsecured {
  const options: ConnectionOptions = {
    socket: tap,
    ALPNProtocols: [application],
    rejectUnauthorized: false,
    ca: [],
    minVersion: 'TLSv1.2',
    maxVersion: maxVersion ?? 'TLSv1.3',
    checkServerIdentity: () => undefined,
    ...(isIP(host) ? {} : { servername: host }),
  };
  try {
    return connect(options);
  } catch (error) {
    tap.destroy();
    return failure(tap, (error as Error).message);
  }
}

function secured(socket: TLSSocket, tap: Tap): Secured {
  tap.stopCounting();
  const sent = socket.getProtocol() === 'TLSv1.2' ? sentChain(tap.received) : [];
  const chain = sent.length > 0 ? sent : builtChain(socket);
  return {
    kind: 'secure',
    line: new Line(socket, tap),
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher()?.standardName ?? '',
    application: socket.alpnProtocol || '',
    chain: chain.slice(0, MAX_CHAIN),
    exact: sent.length > 0,
  };
}

/** With no authority known to the library, it has nothing to add to what was sent. */
function builtChain(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let link: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (link?.raw && chain.length < MAX_CHAIN && !chain.some((one) => one.equals(link?.raw ?? one))) {
    chain.push(link.raw);
    link = link.issuerCertificate;
  }
  return chain;
}

function failure(tap: Tap, error: string): Unsecured {
  const { received, ended } = tap;
  const alert = alertIn(received, error);
  const how = howItFailed(tap, error, alert);
  return { kind: 'failed', how, alert, received, ended, error };
}

function howItFailed(tap: Tap, error: string, alert: number | undefined): Unsecured['how'] {
  const { received, overflowed } = tap;
  if (overflowed || /excessive message size/.test(error)) return 'too-large';
  if (alert !== undefined) return 'alert';
  if (received.length > 0 && received[0] !== 22 && !isAlert(received)) return 'not-tls';
  if (/unsupported protocol/.test(error)) return 'version';
  if (error === 'late') return 'late';
  if (tap.ended !== undefined || error === 'closed') return 'closed';
  return /disconnected before secure|socket hang up|ECONNRESET/.test(error) ? 'closed' : 'broken';
}
