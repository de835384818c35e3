import type { CloseNotes } from '../../connection/close-cause.ts';
import { HttpProtocolError, PeerError } from '../../errors.ts';

/** What is known of an attempt that has failed. */
export interface Attempt {
  /** `wss://domain.com:443`. */
  readonly url: string;
  /** `domain.com`, or the path of a Unix socket. */
  readonly host: string;
  readonly tls: boolean;
  /** `http://proxy.lan:3128`. */
  readonly proxy?: string | undefined;
  /** The wire was open: what has failed is the WebSocket handshake. */
  readonly connected: boolean;
  /** What was awaited too long, and how long, in seconds. */
  readonly late?: { readonly what: string; readonly seconds: number } | undefined;
  readonly error?: Error | undefined;
}

/** Says in one line why a client could not connect, and what to do. */
export function connectFailure(attempt: Attempt): string {
  const by = attempt.proxy === undefined ? '' : ` by the proxy ${attempt.proxy}`;
  return `cannot connect to ${attempt.url}${by}: ${reasonOf(attempt)}`;
}

/** Says in one line what the network has told of what was sent to a `udp://` address. */
export function sendFailure(url: string, host: string, error: Error): string {
  return `what was sent to ${url} did not arrive: ${reasonOf({ url, host, tls: false, connected: true, error })}`;
}

/** A certificate that we do not take is our decision. */
export function blame(error: Error | undefined): Pick<CloseNotes, 'by' | 'how'> {
  if (error instanceof PeerError) return { by: 'peer', how: 'refused' };
  const { code = '' } = (error ?? {}) as NodeJS.ErrnoException;
  const ours = /CERT|SIGNATURE|ISSUER/.test(code) && !code.includes('ALERT');
  return ours ? { by: 'us', how: 'refused' } : { by: 'network', how: 'reset' };
}

function reasonOf(attempt: Attempt): string {
  const { error, late, connected, tls } = attempt;
  if (late) return lateness(attempt, late);
  if (error instanceof HttpProtocolError) return refusal(error, tls || !connected);
  if (error) return known(error, attempt) ?? error.message.split('\n')[0] ?? '';
  if (attempt.proxy !== undefined && !connected) return 'the proxy or the server hung up';
  if (connected) return 'the server hung up instead of answering the WebSocket handshake';
  return tls ? 'the server hung up during the TLS handshake' : 'the server hung up at once';
}

function lateness({ connected }: Attempt, late: { readonly what: string; readonly seconds: number }): string {
  const did = `${late.what} did not come within ${late.seconds} s`;
  if (connected) return `${did}; is it a WebSocket server?`;
  return `${did}; a firewall may drop what is sent there, or the host may be down`;
}

/** The first line of each: what the answer to the handshake was. */
function refusal(error: HttpProtocolError, tls: boolean): string {
  const { status, message } = error;
  if (status === 502 && message.startsWith('the status line'))
    return 'what answers there is no HTTP or WebSocket server';
  if (status === 400 && !tls) return `${message}; if it speaks TLS, use wss://`;
  return message;
}

type Sentence = (attempt: Attempt, error: Error) => string;

const AUTHORITY: Sentence = () =>
  'the authority of its certificate is not trusted here, or it does not send its whole chain; name the authority in ssl.cafile';

/** By Node's codes. */
const SENTENCES: Readonly<Record<string, Sentence>> = {
  ECONNREFUSED: ({ host }) =>
    host.startsWith('/')
      ? 'nobody listens on that socket any more; start the server'
      : 'nobody listens on that port (connection refused); start the server, or look at the port',
  ECONNRESET: ({ tls }) =>
    tls
      ? 'it was reset during the TLS handshake; does the server speak TLS on that port?'
      : 'the connection was reset',
  ENOENT: () => 'there is no such socket; start the server, or look at the path',
  EACCES: () => 'this user may not open that socket',
  ENOTFOUND: (_attempt, error) =>
    `the name ${(error as Error & { hostname?: string }).hostname} is not known; look at its spelling, and at DNS`,
  EAI_AGAIN: (_attempt, error) =>
    `DNS does not answer for ${(error as Error & { hostname?: string }).hostname}; is this machine online?`,
  ETIMEDOUT: () => 'nothing answers there; a firewall may drop what is sent, or the host may be down',
  EHOSTUNREACH: () => 'there is no way to that host',
  ENETUNREACH: () => 'there is no way to that network',
  EMSGSIZE: () => 'it is too large for a datagram on that way; send less at a time',
  EADDRNOTAVAIL: () => 'the address to connect from is not of this machine; look at socket.bindto',
  DEPTH_ZERO_SELF_SIGNED_CERT: () =>
    'its certificate signs itself; name it in ssl.cafile (allow_self_signed: true would take that of anybody)',
  SELF_SIGNED_CERT_IN_CHAIN: AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: AUTHORITY,
  CERT_HAS_EXPIRED: () => 'its certificate has expired, or the clock of this machine is wrong',
  CERT_NOT_YET_VALID: () => 'its certificate is not valid yet, or the clock of this machine is wrong',
  CERT_REVOKED: () => 'its certificate was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: (_attempt, error) =>
    `its certificate is for another name: ${errorReason(error)}; say in ssl.peer_name which is right`,
  ERR_SSL_WRONG_VERSION_NUMBER: () =>
    'what answers on that port does not speak TLS; use ws:// or tcp://, or look at the port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: () => 'what answers on that port does not speak TLS',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: () =>
    'the server wants a certificate of ours; give ssl.local_cert and ssl.local_pk',
};

function known(error: Error, attempt: Attempt): string | undefined {
  const { code = '' } = error as NodeJS.ErrnoException;
  return Object.hasOwn(SENTENCES, code) ? SENTENCES[code]?.(attempt, error) : undefined;
}

function errorReason(error: Error): string {
  return String((error as Error & { reason?: string }).reason ?? 'it does not name this host').replace(
    /\.$/,
    '',
  );
}
