import { HttpProtocolError, UsageError, WebSocketProtocolError } from '../../errors.ts';
import { isFieldValue, isHost, isTarget, isToken, listHas } from '../http/grammar.ts';
import type { HeaderValue } from '../http/response.ts';
import type { ResponseHead } from '../http/response-head.ts';
import { acceptDeflate, type DeflateAgreement, offerDeflate } from './extensions.ts';
import { acceptKey, headerLines, isKey } from './handshake.ts';

export interface ClientRequestOptions {
  /** `host` or `host:port`, as it goes into Host. */
  readonly host: string;
  /** Path and query, beginning with `/`. */
  readonly path: string;
  /** The base64 form of 16 random bytes. */
  readonly key: string;
  /** Subprotocols in the order of preference. */
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, HeaderValue>>;
  readonly origin?: string | undefined;
  /** Offer permessage-deflate. */
  readonly deflate?: boolean;
}

/** What the two sides agreed on. */
export interface ClientAgreement {
  readonly protocol: string | undefined;
  readonly deflate: DeflateAgreement | undefined;
}

/**
 * The client's opening handshake, complete with its empty line.
 *
 * @throws {UsageError} a part cannot be sent as it was given.
 * @see RFC 6455 §4.1 — Client Requirements
 */
export function clientRequest(options: ClientRequestOptions): string {
  const { host, path, key, protocols = [], headers = {}, origin, deflate = false } = options;
  checkParts(options);
  let head =
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n`;
  if (origin !== undefined) head += `Origin: ${origin}\r\n`;
  if (protocols.length > 0) head += `Sec-WebSocket-Protocol: ${protocols.join(', ')}\r\n`;
  if (deflate) head += `Sec-WebSocket-Extensions: ${offerDeflate()}\r\n`;
  return `${head}${headerLines(headers)}\r\n`;
}

/**
 * Checks the server's answer against what was asked.
 *
 * @param key the key that was sent.
 * @param offered the protocols and extensions that were sent.
 * @throws {HttpProtocolError} the server answered with another status than 101, which the error carries.
 * @throws {WebSocketProtocolError} the 101 is not an answer to our request.
 * @see RFC 6455 §4.1 — the server's response
 */
export function checkResponse(
  head: ResponseHead,
  key: string,
  offered: Pick<ClientRequestOptions, 'protocols' | 'deflate'> = {},
): ClientAgreement {
  const { headers } = head;
  checkSwitch(head);
  if (headers.get('sec-websocket-accept') !== acceptKey(key)) {
    throw failed('Sec-WebSocket-Accept does not answer our key (§4.1 item 4)');
  }
  const extensions = headers.get('sec-websocket-extensions');
  if (extensions !== undefined && !offered.deflate) {
    throw new WebSocketProtocolError(
      1010,
      'the server chose an extension and none was offered (RFC 6455 §4.1 item 5)',
    );
  }
  return { protocol: chosenProtocol(head, offered.protocols ?? []), deflate: acceptDeflate(extensions) };
}

function checkParts({
  host,
  path,
  key,
  protocols = [],
  origin = '',
  headers = {},
}: ClientRequestOptions): void {
  if (!isHost(host)) throw unusable('host', host);
  if (!path.startsWith('/') || !isTarget(path)) throw unusable('path', path);
  if (!isKey(key)) throw unusable('key', key);
  if (!isFieldValue(origin)) throw unusable('origin', origin);
  const distinct = new Set(protocols).size === protocols.length;
  if (!distinct || !protocols.every((protocol) => isToken(protocol))) throw unusable('protocols', protocols);
  const doubled = Object.keys(headers).find((name) => ['host', 'origin'].includes(name.toLowerCase()));
  if (doubled !== undefined) throw unusable(`headers: ${doubled} has an option of its own`, headers[doubled]);
}

function checkSwitch({ status, reason, version, headers }: ResponseHead): void {
  if (status !== 101) {
    throw new HttpProtocolError(
      status,
      `the server answered ${status} ${reason} instead of opening a WebSocket`,
    );
  }
  if (version !== '1.1') throw failed('the answer is not HTTP/1.1 (§4.1)');
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket')
    throw failed('Upgrade is not websocket (§4.1 item 2)');
  if (!listHas(headers.get('connection'), 'upgrade'))
    throw failed('Connection does not name Upgrade (§4.1 item 3)');
}

function chosenProtocol({ headers }: ResponseHead, offered: readonly string[]): string | undefined {
  const chosen = headers.get('sec-websocket-protocol');
  if (chosen === undefined || offered.includes(chosen)) return chosen;
  throw failed('the server chose a subprotocol that was not offered (§4.1 item 6)');
}

function failed(what: string): WebSocketProtocolError {
  return new WebSocketProtocolError(1002, `the WebSocket handshake failed: ${what} of RFC 6455`);
}

function unusable(option: string, value: unknown): UsageError {
  return new UsageError('E_WEBSOCKET_REQUEST', `${option} cannot be sent: ${JSON.stringify(value)}`);
}
