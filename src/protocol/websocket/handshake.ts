import * as crypto from 'node:crypto';
import { UsageError } from '../../errors.ts';
import { isToken, listElements, listHas } from '../http/grammar.ts';
import type { Request } from '../http/request.ts';
import { checkHeader, type HeaderValue } from '../http/response.ts';
import { type Extension, parseExtensions } from './extensions.ts';

/** @see RFC 6455 §1.3 */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const VERSION = '13';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Headers of the 101 that only the handshake itself decides. */
const RESERVED: ReadonlySet<string> = new Set([
  'upgrade',
  'connection',
  'content-length',
  'transfer-encoding',
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
]);

/** A valid request to open a WebSocket. */
export interface Upgrade {
  readonly key: string;
  /** Subprotocols in the client's order of preference. */
  readonly protocols: readonly string[];
  readonly extensions: readonly Extension[];
}

/** The answer to a request that is not one. Told from an `Upgrade` by its `status`. */
export interface Refusal {
  readonly status: number;
  /** One line for the person at the other end. */
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface AcceptOptions {
  /** One of those offered. */
  readonly protocol?: string | undefined;
  /** Elements of Sec-WebSocket-Extensions that were agreed on. */
  readonly extensions?: readonly string[];
  readonly headers?: Readonly<Record<string, HeaderValue>>;
  /** Lines besides, checked, each with its CRLF. */
  readonly fields?: string;
}

/**
 * True when a request asks for a WebSocket, well or badly: its Upgrade names websocket, or it carries a
 * Sec-WebSocket-Key. Such a request gets a 101 or a refusal, never a page: a proxy that dropped the
 * Upgrade header is then told of it instead of being served HTML.
 */
export function wantsUpgrade(request: Request): boolean {
  const { headers } = request;
  return listHas(headers.get('upgrade'), 'websocket') || headers.has('sec-websocket-key');
}

/**
 * Checks a client's opening handshake.
 *
 * @see RFC 6455 §4.2.1 — Reading the Client's Opening Handshake
 */
export function readUpgrade(request: Request): Upgrade | Refusal {
  const refusal = checkRequest(request) ?? checkVersion(request) ?? checkKey(request);
  if (refusal) return refusal;

  const { headers } = request;
  const protocols = readProtocols(headers.get('sec-websocket-protocol'));
  if (!protocols)
    return refuse(400, 'Sec-WebSocket-Protocol is not a list of distinct tokens (RFC 6455 §4.1)');
  const offered = headers.get('sec-websocket-extensions');
  const extensions = offered === undefined ? [] : parseExtensions(offered);
  if (!extensions) return refuse(400, 'Sec-WebSocket-Extensions is malformed (RFC 6455 §9.1)');
  return { key: headers.get('sec-websocket-key') ?? '', protocols, extensions };
}

/**
 * The answer to a client's key.
 *
 * @see RFC 6455 §4.2.2 /key/
 */
export function acceptKey(key: string): string {
  const text = `${key}${GUID}`;
  if (crypto.hash !== undefined) return crypto.hash('sha1', text, 'base64');
  return crypto.createHash('sha1').update(text, 'latin1').digest('base64');
}

/** True for the base64 form of 16 bytes, as an encoder writes it: 22 characters, the last with its low bits clear. */
export function isKey(key: string): boolean {
  if (key.length !== 24 || !key.endsWith('==')) return false;
  for (let index = 0; index < 22; index++) {
    if (!BASE64.includes(key.charAt(index))) return false;
  }
  return 'AQgw'.includes(key.charAt(21));
}

/** The first of the server's own list that was offered: the server's order decides. */
export function chooseProtocol(offered: readonly string[], supported: readonly string[]): string | undefined {
  return supported.find((protocol) => offered.includes(protocol));
}

/**
 * The head of the 101, complete with its empty line.
 *
 * @throws {UsageError} the protocol was not offered, or a header cannot be sent or is the handshake's own.
 * @see RFC 6455 §4.2.2 — Sending the Server's Opening Handshake
 */
export function acceptUpgrade(upgrade: Upgrade, options: AcceptOptions = {}): string {
  const { protocol, extensions = [], headers = {}, fields = '' } = options;
  let head =
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${acceptKey(upgrade.key)}\r\n`;
  if (protocol !== undefined) head += protocolLine(upgrade, protocol);
  if (extensions.length > 0) {
    checkHeader('Sec-WebSocket-Extensions', extensions);
    head += `Sec-WebSocket-Extensions: ${extensions.join(', ')}\r\n`;
  }
  return `${head}${headerLines(headers)}${fields}\r\n`;
}

/**
 * Field lines that a user adds to a handshake.
 *
 * @throws {UsageError} a name or value cannot be sent, or the name belongs to the handshake itself.
 */
export function headerLines(headers: Readonly<Record<string, HeaderValue>>): string {
  let lines = '';
  for (const name of Object.keys(headers)) {
    const value = headers[name] ?? '';
    const values = typeof value === 'string' ? [value] : value;
    checkHeader(name, values);
    if (RESERVED.has(name.toLowerCase())) {
      throw new UsageError('E_HTTP_HEADER', `${name} cannot be set: the WebSocket handshake decides it`);
    }
    for (const one of values) lines += `${name}: ${one}\r\n`;
  }
  return lines;
}

function protocolLine({ protocols }: Upgrade, protocol: string): string {
  if (protocols.includes(protocol)) return `Sec-WebSocket-Protocol: ${protocol}\r\n`;
  throw new UsageError(
    'E_WEBSOCKET_PROTOCOL_NOT_OFFERED',
    `the subprotocol ${JSON.stringify(protocol)} was not offered by the client (RFC 6455 §4.2.2)`,
  );
}

/** §4.2.1 items 1, 3 and 4. Host (item 2) is required by the HTTP parser. */
function checkRequest({ method, version, headers, body }: Request): Refusal | undefined {
  if (method !== 'GET')
    return refuse(405, 'a WebSocket is opened with GET (RFC 6455 §4.2.1)', { Allow: 'GET' });
  if (version !== '1.1') {
    return refuse(400, 'a WebSocket needs HTTP/1.1; in nginx: proxy_http_version 1.1 (RFC 6455 §4.2.1)');
  }
  if (!listHas(headers.get('upgrade'), 'websocket')) {
    return upgradeRequired(
      'this address speaks WebSocket; a proxy in front must pass on Upgrade and Connection',
    );
  }
  if (!listHas(headers.get('connection'), 'upgrade')) {
    return refuse(
      400,
      'Connection does not name Upgrade; a proxy in front must pass it on (RFC 6455 §4.2.1)',
    );
  }
  if (body.length > 0 || headers.has('transfer-encoding')) {
    return refuse(400, 'a WebSocket handshake has no body');
  }
  return undefined;
}

/** §4.2.1 item 6. */
function checkVersion({ headers }: Request): Refusal | undefined {
  if (headers.count('sec-websocket-version') > 1) {
    return refuse(400, 'more than one Sec-WebSocket-Version (RFC 6455 §11.3.5)');
  }
  if (headers.get('sec-websocket-version') === VERSION) return undefined;
  return upgradeRequired('the WebSocket version spoken here is 13 (RFC 6455 §4.2.2)');
}

/** §4.2.1 item 5. */
function checkKey({ headers }: Request): Refusal | undefined {
  if (headers.count('sec-websocket-key') > 1) {
    return refuse(400, 'more than one Sec-WebSocket-Key (RFC 6455 §11.3.1)');
  }
  if (isKey(headers.get('sec-websocket-key') ?? '')) return undefined;
  return refuse(400, 'Sec-WebSocket-Key is not the base64 form of 16 bytes (RFC 6455 §4.2.1)');
}

/** Distinct tokens, none empty (RFC 6455 §4.1 item 10); none at all without the header. */
function readProtocols(value: string | undefined): string[] | undefined {
  if (value === undefined) return [];
  const protocols = listElements(value);
  const distinct = new Set(protocols).size === protocols.length;
  return distinct && protocols.every((protocol) => isToken(protocol)) ? protocols : undefined;
}

/** @see RFC 9110 §15.5.22 — 426 names the protocol to upgrade to */
function upgradeRequired(reason: string): Refusal {
  return refuse(426, reason, { Upgrade: 'websocket', 'Sec-WebSocket-Version': VERSION });
}

function refuse(status: number, reason: string, headers: Readonly<Record<string, string>> = {}): Refusal {
  return { status, reason, headers };
}
